/**
 * What a request carries. Of a webhook it is under 4 kB and comes in a piece or two; it is read as the server hands it out,
 * for a stranger may send each byte as a chunk of its own, and whatever wraps a stream pays for each.
 */
import type { IncomingMessage } from 'node:http';

const MOST_BYTES = 64 * 1024;
/** The network's own, of the longest that may be, are under 50. */
const MOST_PIECES = 1_000;

/** All of it, or why there is none. It is read once; `taken`: by somebody else, who has not kept it as `rawBody`. */
export function readBody(incoming: IncomingMessage): Promise<Uint8Array | 'too-large' | 'broken-off' | 'taken'> {
  if (incoming.readableDidRead) return Promise.resolve(keptBody(incoming));
  if (Number(incoming.headers['content-length'] ?? 0) > MOST_BYTES) return Promise.resolve('too-large');
  const pieces: Buffer[] = [];
  let bytes = 0;
  return new Promise((resolve) => {
    const settle = (result: Uint8Array | 'too-large' | 'broken-off') => {
      incoming.off('data', take);
      resolve(result);
    };
    const take = (piece: Buffer) => {
      bytes += piece.length;
      pieces.push(piece);
      if (bytes > MOST_BYTES || pieces.length > MOST_PIECES) settle('too-large');
    };
    incoming.on('data', take);
    incoming.once('end', () => settle(Buffer.concat(pieces)));
    incoming.once('error', () => settle('broken-off'));
    incoming.once('close', () => settle('broken-off')); // whatever comes first counts
    if (incoming.destroyed && !incoming.complete) settle('broken-off');
  });
}

/** As what parses bodies may keep it, such as Express' `verify`, and as functions of clouds hand it on. */
function keptBody(incoming: IncomingMessage): Uint8Array | 'too-large' | 'taken' {
  const kept: unknown = Reflect.get(incoming, 'rawBody');
  const body = typeof kept === 'string' ? Buffer.from(kept) : kept;
  if (!(body instanceof Uint8Array)) return 'taken';
  return body.length > MOST_BYTES ? 'too-large' : body;
}
