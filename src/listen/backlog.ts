/**
 * The last seconds of a caller's audio, as one row of bytes with three marks on it: what finals have covered, what the
 * current connection has been sent, and where the newest ends. Joining frames to pieces, keeping audio while there is no
 * connection and replaying it on the next one are all the same: sending what lies behind a mark. Pure.
 *
 *   coveredMs <= sentMs <= endMs, all in ms since the first byte ever pushed
 */
import { bytesPerSample, type AudioFormat } from '../audio/contract.ts';

/**
 * Pieces are sent as soon as there is so much, and never hold more than `MOST_PIECE_MS`. Of the 60 to 100 ms that may be,
 * four frames of a bridge: a fourth fewer messages than three.
 */
export const LEAST_PIECE_MS = 80;
export const MOST_PIECE_MS = 100;
/** What is older is not replayed; the caller would have to wait for it. */
export const KEEP_MS = 5_000;

/**
 * A final without word times ends so far before what had been sent when it came. One at silence ends at least that long
 * before, by its own time-out, so that no word of it is heard again.
 */
const FINAL_LAG_MS = 300;

/** What is known of a final: where its last word ends, where it was asked for, and whether there is a word in it. */
export interface FinalReach {
  wordsEndMs: number | undefined;
  finalizedMs: number | undefined;
  hasText: boolean;
}

export class Backlog {
  readonly #ring: Uint8Array;
  readonly #bytesPerMs: number;
  readonly #align: number;
  #end = 0;
  #sent = 0;
  #covered = 0;
  /** Bytes that were overwritten before they could be sent. */
  lostBytes = 0;

  constructor(format: AudioFormat) {
    this.#align = bytesPerSample(format);
    this.#bytesPerMs = (format.sampleRateHz * this.#align) / 1_000;
    this.#ring = new Uint8Array(this.#bytesAt(KEEP_MS));
  }

  get endMs(): number {
    return this.#end / this.#bytesPerMs;
  }

  get sentMs(): number {
    return this.#sent / this.#bytesPerMs;
  }

  get coveredMs(): number {
    return this.#covered / this.#bytesPerMs;
  }

  push(audio: Uint8Array): void {
    const size = this.#ring.length;
    const kept = audio.length > size ? audio.subarray(audio.length - size) : audio;
    const at = (this.#end + audio.length - kept.length) % size;
    const untilWrap = Math.min(kept.length, size - at);
    this.#ring.set(kept.subarray(0, untilWrap), at);
    this.#ring.set(kept.subarray(untilWrap), 0);
    this.#end += audio.length;
    const oldest = this.#oldest();
    if (this.#sent < oldest) {
      this.lostBytes += oldest - this.#sent;
      this.#sent = oldest;
    }
    this.#covered = Math.max(this.#covered, oldest);
  }

  /** A final reaches to here: what lies before need not be replayed. */
  coverTo(ms: number): void {
    this.#covered = Math.max(this.#covered, Math.min(this.#sent, this.#bytesAt(ms)));
  }

  /** What this final has covered is not replayed. */
  cover({ wordsEndMs, finalizedMs, hasText }: FinalReach): void {
    if (wordsEndMs !== undefined) this.coverTo(wordsEndMs);
    else if (finalizedMs !== undefined && !hasText) this.coverTo(finalizedMs);
    else this.coverTo(Math.min(finalizedMs ?? Infinity, this.sentMs - FINAL_LAG_MS));
  }

  /** A new connection: everything that no final has covered will be sent again. Returns where that begins. */
  rewind(): number {
    this.#sent = Math.max(this.#covered, this.#oldest());
    return this.sentMs;
  }

  /**
   * Hands whole pieces of what is unsent to `send`, which must not keep them. Less than a piece waits, unless `isFlush`.
   */
  take(send: (piece: Uint8Array) => void, isFlush = false): void {
    const least = isFlush ? this.#align : this.#bytesAt(LEAST_PIECE_MS);
    const most = this.#bytesAt(MOST_PIECE_MS);
    while (this.#end - this.#sent >= least) {
      const whole = this.#end - this.#sent;
      const count = Math.min(whole, most);
      send(this.#read(this.#sent, count - (count % this.#align)));
      this.#sent += count - (count % this.#align);
    }
  }

  #read(from: number, count: number): Uint8Array {
    const at = from % this.#ring.length;
    if (at + count <= this.#ring.length) return this.#ring.subarray(at, at + count);
    const piece = new Uint8Array(count);
    piece.set(this.#ring.subarray(at));
    piece.set(this.#ring.subarray(0, count - (this.#ring.length - at)), this.#ring.length - at);
    return piece;
  }

  #oldest(): number {
    const oldest = Math.max(0, this.#end - this.#ring.length);
    return oldest + ((this.#align - (oldest % this.#align)) % this.#align);
  }

  #bytesAt(ms: number): number {
    return Math.floor((ms * this.#bytesPerMs) / this.#align) * this.#align;
  }
}
