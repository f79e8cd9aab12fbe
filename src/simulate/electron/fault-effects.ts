/** What a fault does to a response script. Pure. */
import { envelopeOf, typeOfStatus } from './envelope.ts';
import type { Fault } from './faults.ts';
import { dataLine, type Piece, type ResponseScript } from './script.ts';
import type { ShapeTraits } from './shape.ts';

export interface FaultContext {
  shape: ShapeTraits;
  requestId: string;
  /** The same answer as one JSON body. */
  whole: () => ResponseScript;
}

/** The script with the fault in it. */
export function applyFault(script: ResponseScript, fault: Fault, context: FaultContext): ResponseScript {
  switch (fault.type) {
    case 'status':
      return statusScript(fault, context);
    case 'refuse':
      return { ...script, headersAtMs: undefined, pieces: [], ending: { type: 'reset' } };
    case 'hang': {
      const headersAtMs = fault.at === 'headers' ? undefined : script.headersAtMs;
      return { ...withoutLength(script), headersAtMs, pieces: [], ending: { type: 'hang' } };
    }
    case 'stall': {
      const [before, after] = cutPieces(script, fault);
      if (fault.forMs === undefined) return { ...script, pieces: before, ending: { type: 'hang' } };
      return { ...script, pieces: [...before, ...delayed(after, fault.forMs)] };
    }
    case 'cut':
      return { ...withoutLength(script), pieces: cutPieces(script, fault)[0], ending: { type: fault.how } };
    case 'garbage': {
      const [before, after] = cutPieces(script, fault);
      return { ...withoutLength(script), pieces: [...before, faultPiece(before, `${fault.line}\n\n`), ...after] };
    }
    case 'stream-error': {
      const [before] = cutPieces(script, fault);
      const envelope = envelopeOf({ message: fault.message, type: fault.errorType }, context.requestId);
      const text = `${fault.form === 'event' ? 'event: error\n' : ''}${dataLine(envelope, context.shape)}`;
      return { ...withoutLength(script), pieces: [...before, faultPiece(before, text)] };
    }
    case 'slow-arguments':
      return { ...script, pieces: slowFragments(script.pieces, fault.argumentsMs) };
    case 'slow':
      return { ...script, pieces: slowTokens(script.pieces, fault.firstTokenMs, fault.tokenMs) };
    case 'json-body':
      return jsonScript(fault.body, context);
    case 'endless': {
      const content = script.pieces.filter((piece) => piece.kind === 'role' || piece.kind === 'content');
      const piece = dataLine('{"choices":[{"index":0,"delta":{"content":" and so on"}}]}', context.shape);
      return { ...withoutLength(script), pieces: content, ending: { type: 'endless', piece, everyMs: fault.everyMs } };
    }
    case 'no-done':
      return { ...script, pieces: script.pieces.filter((piece) => piece.kind !== 'done') };
  }
}

function statusScript(fault: Fault & { type: 'status' }, { requestId }: FaultContext): ResponseScript {
  const { status } = fault;
  const message = fault.message ?? STATUS_MESSAGES[status] ?? `Status ${status}`;
  const type = fault.errorType ?? typeOfStatus(status);
  const bodies = {
    json: { contentType: 'application/json', text: envelopeOf({ message, type }, requestId) },
    html: {
      contentType: 'text/html',
      text: `<html><head><title>${status}</title></head><body><h1>${message}</h1></body></html>\n`,
    },
    text: { contentType: 'text/plain', text: message },
    empty: { contentType: 'text/plain', text: '' },
  };
  const { contentType, text } = bodies[fault.body];
  const retryAfter = fault.retryAfter === undefined ? {} : { 'Retry-After': String(fault.retryAfter) };
  return {
    status,
    headers: { 'Content-Type': contentType, ...retryAfter },
    headersAtMs: 0,
    pieces: [{ kind: 'body', atMs: 0, text }],
    ending: { type: 'end' },
  };
}

const STATUS_MESSAGES: Record<number, string> = {
  400: 'Invalid input data',
  401: 'Invalid API key',
  403: 'Your plan does not include this model',
  429: 'Rate limit exceeded',
  500: 'Internal server error',
  502: 'The model upstream is unavailable',
  503: 'The model is overloaded',
};

function jsonScript(body: 'completion' | 'error' | 'empty', { whole, requestId }: FaultContext): ResponseScript {
  const script = whole();
  if (body === 'completion') return script;
  const text = body === 'empty' ? '' : envelopeOf({ message: 'The model failed', type: 'api_error' }, requestId);
  return { ...withoutLength(script), pieces: script.pieces.map((piece) => ({ ...piece, text })) };
}

type Place = { afterChunks?: number | undefined; afterBytes?: number | undefined; inArguments?: boolean | undefined };

/** Everything before the place, and everything after it. Without a place: after the first chunk with something in it. */
function cutPieces({ pieces }: ResponseScript, place: Place): [before: Piece[], after: Piece[]] {
  if (place.afterBytes !== undefined) return cutBytes(pieces, place.afterBytes);
  const [first] = pieces;
  if (first?.kind === 'body') return cutBytes(pieces, Math.floor(Buffer.byteLength(first.text) / 2));
  if (place.inArguments) {
    const fragments = pieces.flatMap((piece, index) => (piece.kind === 'fragment' ? [index] : []));
    const middle = fragments[Math.floor(fragments.length / 2)];
    const piece = middle === undefined ? undefined : pieces[middle];
    if (piece && middle !== undefined) {
      const bytesBefore = pieces.slice(0, middle).reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
      const inside = fragments.length > 2 ? 0 : piece.text.lastIndexOf('\\"'); // one whole fragment: cut within it
      return cutBytes(pieces, bytesBefore + Math.max(0, inside));
    }
  }
  const chunks = place.afterChunks ?? 1;
  let [at, seen] = [0, 0];
  while (at < pieces.length && seen < chunks) {
    const kind = pieces[at++]?.kind;
    if (kind === 'content' || kind === 'fragment' || kind === 'body') seen++;
  }
  if (chunks === 0) while (pieces[at]?.kind === 'role') at++;
  return [pieces.slice(0, at), pieces.slice(at)];
}

function cutBytes(pieces: readonly Piece[], bytes: number): [before: Piece[], after: Piece[]] {
  const before: Piece[] = [];
  for (const [index, piece] of pieces.entries()) {
    const data = Buffer.from(piece.text, piece.encoding);
    if (bytes >= data.length) {
      before.push(piece);
      bytes -= data.length;
      continue;
    }
    // Latin 1 keeps each byte, also those of half a character.
    const cut = (from: number, to?: number): Piece => {
      return { ...piece, text: data.subarray(from, to).toString('latin1'), encoding: 'latin1' };
    };
    return [bytes > 0 ? [...before, cut(0, bytes)] : before, [cut(bytes), ...pieces.slice(index + 1)]];
  }
  return [before, []];
}

function faultPiece(before: readonly Piece[], text: string): Piece {
  return { kind: 'fault', atMs: before.at(-1)?.atMs ?? 0, text };
}

function delayed(pieces: readonly Piece[], byMs: number): Piece[] {
  return pieces.map((piece) => ({ ...piece, atMs: piece.atMs + byMs }));
}

/** Spreads the fragments over `argumentsMs` and moves what follows them. */
function slowFragments(pieces: readonly Piece[], argumentsMs: number): Piece[] {
  const fragments = pieces.filter((piece) => piece.kind === 'fragment').length;
  const gapMs = argumentsMs / Math.max(1, fragments - 1);
  let [lateMs, seen] = [0, 0];
  return pieces.map((piece) => {
    if (piece.kind === 'fragment' && seen++ > 0) lateMs += gapMs;
    return { ...piece, atMs: piece.atMs + lateMs };
  });
}

function slowTokens(pieces: readonly Piece[], firstTokenMs: number, tokenMs: number): Piece[] {
  let lateMs = firstTokenMs;
  return pieces.map((piece, index) => {
    if (index > 0 && piece.kind === 'content') lateMs += tokenMs;
    return { ...piece, atMs: piece.atMs + lateMs };
  });
}

/** A body that will not be what its length said must not say it. */
function withoutLength(script: ResponseScript): ResponseScript {
  return {
    ...script,
    headers: Object.fromEntries(Object.entries(script.headers).filter(([name]) => name !== 'Content-Length')),
  };
}
