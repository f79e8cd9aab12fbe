/**
 * When the samples of the agent's voice were to be heard that a line was given, for a line that counts what it has played:
 * so its answer to a clear says until when the agent was really heard. Pure; samples and times are those of the line.
 */

interface Piece {
  /** Of all samples that were ever sent, the first of these. */
  from: number;
  length: number;
  /** When the first is heard. */
  atMs: number;
}

/** A line has never more than some seconds of sound, and answers a clear within one. */
const KEPT_MS = 10_000;

export class SentAudio {
  readonly #samplesPerMs: number;
  #pieces: Piece[] = [];
  #sent = 0;
  /** Cleared before they were played: they are in no count. */
  #thrownAway = 0;
  /** Not answered, the oldest first. */
  #clears: { sent: number; atMs: number }[] = [];

  constructor(sampleRateHz: number) {
    this.#samplesPerMs = sampleRateHz / 1_000;
  }

  add(samples: number, atMs: number): void {
    this.#pieces.push({ from: this.#sent, length: samples, atMs });
    this.#sent += samples;
    while (this.#pieces[0] && this.#pieces[0].atMs < atMs - KEPT_MS) this.#pieces.shift();
  }

  /** The line is told to throw away what it has not played. */
  clear(atMs: number): void {
    this.#clears.push({ sent: this.#sent, atMs });
  }

  /**
   * It has done so, having played so many samples since the call began. Returns when it was told to, and until when the agent
   * was heard of what was sent before; undefined when nobody asked, or it is too long ago.
   */
  cleared(played: number): { toldAtMs: number; heardToMs: number } | undefined {
    const clear = this.#clears.shift();
    if (!clear) return undefined;
    const end = Math.min(clear.sent, played + this.#thrownAway);
    this.#thrownAway += clear.sent - end;
    const piece = this.#pieces.find(({ from, length }) => end > from && end <= from + length);
    if (!piece) return undefined;
    return { toldAtMs: clear.atMs, heardToMs: piece.atMs + (end - piece.from) / this.#samplesPerMs };
  }
}
