/**
 * The caller's mouth in virtual time: each piece of sound begins at its very sample, and the line takes it as frames of
 * 20 ms, as a carrier does. Pure; 8 kHz; times in milliseconds since the line was opened.
 */
import { FRAME_MS } from '../../audio/contract.ts';

const SAMPLES_PER_MS = 8;
export const FRAME_SAMPLES = FRAME_MS * SAMPLES_PER_MS;

interface Piece {
  from: number;
  samples: Int16Array;
}

export class CallerTrack {
  #pieces: Piece[] = [];
  #endsAt = 0;

  /** Behind what is being said, or at once. Tells when it begins and ends. */
  add(samples: Int16Array, nowMs: number): { fromMs: number; toMs: number } {
    const from = Math.max(this.#endsAt, Math.ceil(nowMs * SAMPLES_PER_MS));
    this.#endsAt = from + samples.length;
    if (samples.length > 0) this.#pieces.push({ from, samples });
    return { fromMs: from / SAMPLES_PER_MS, toMs: this.#endsAt / SAMPLES_PER_MS };
  }

  /** The frame that ends at this instant, a whole number of frames; undefined: all of it is silence. */
  frameUntil(atMs: number): Int16Array | undefined {
    const until = Math.round(atMs * SAMPLES_PER_MS);
    const from = until - FRAME_SAMPLES;
    this.#pieces = this.#pieces.filter((piece) => piece.from + piece.samples.length > from);
    const sounding = this.#pieces.filter((piece) => piece.from < until);
    if (sounding.length === 0) return undefined;
    const frame = new Int16Array(FRAME_SAMPLES);
    for (const piece of sounding) {
      const part = piece.samples.subarray(Math.max(0, from - piece.from), until - piece.from);
      frame.set(part, Math.max(0, piece.from - from));
    }
    return frame;
  }
}
