/** Recordings of the calls of this worker, for its page: those files alone, and the sound in pieces, so that it can be sought in. */
import { open, readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { RecordingFiles } from '../../record/recording.ts';

/** The latest; older ones lie where they lie. */
const MOST_KEPT = 100;
const TYPES: Readonly<Record<string, string>> = {
  'call.wav': 'audio/wav',
  'call.html': 'text/html; charset=utf-8',
  'events.jsonl': 'application/x-ndjson',
};
/** The page has a policy of its own; whoever shows it in a frame is not let. */
const HEADERS = { 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' };

export class Recordings {
  readonly #files = new Map<string, RecordingFiles>();

  keep(callId: string, files: RecordingFiles): void {
    this.#files.set(callId, files);
    const [oldest] = this.#files.keys();
    if (oldest !== undefined && this.#files.size > MOST_KEPT) this.#files.delete(oldest);
  }

  /** `range`: as its header has it. */
  async answer(callId: string, name: string, range: string | undefined): Promise<Response> {
    const path = this.#pathOf(callId, name);
    const type = TYPES[name];
    const size = path === undefined ? undefined : await sizeOf(path);
    if (path === undefined || type === undefined || size === undefined)
      return new Response('not found', { status: 404 });
    const headers = { ...HEADERS, 'content-type': type, 'accept-ranges': 'bytes' };
    const piece = pieceOf(range, size);
    if (!piece) return new Response(await readFile(path), { headers });
    if (piece.to < piece.from) {
      return new Response(undefined, { status: 416, headers: { ...headers, 'content-range': `bytes */${size}` } });
    }
    const { from, to } = piece;
    const part = { ...headers, 'content-range': `bytes ${from}-${to}/${size}` };
    return new Response(await readPiece(path, from, to), { status: 206, headers: part });
  }

  #pathOf(callId: string, name: string): string | undefined {
    const files = this.#files.get(callId);
    return files && [files.audio, files.page, files.events].find((path) => path && basename(path) === name);
  }
}

/** `bytes=100-`, `bytes=100-199`, `bytes=-100`; anything else asks for the whole. */
function pieceOf(range: string | undefined, size: number): { from: number; to: number } | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(range ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  if (first === '') return { from: Math.max(0, size - Number(last)), to: size - 1 };
  return { from: Number(first), to: Math.min(size - 1, last === '' ? size - 1 : Number(last)) };
}

async function sizeOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ size }) => size,
    () => undefined,
  );
}

async function readPiece(path: string, from: number, to: number): Promise<Uint8Array<ArrayBuffer>> {
  const file = await open(path);
  try {
    const piece = new Uint8Array(to - from + 1);
    const { bytesRead } = await file.read(piece, 0, piece.length, from);
    return piece.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
