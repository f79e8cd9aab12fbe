/**
 * Puts a caller's audio in order, from a carrier that does not keep it: what comes early waits for what is missing, but for
 * no more than three frames (60 ms), and what comes after it was given up is thrown away, as is what comes twice. Pure.
 */

/** Frames that wait for the one before them. */
const MOST_WAITING = 3;

export class ChunkOrder {
  readonly #waiting = new Map<number, Uint8Array>();
  /** The chunk that is due; undefined before the first. */
  #due: number | undefined;

  /** What can be told now, in order: most often what was pushed, and nothing else. */
  push(chunk: number | undefined, audio: Uint8Array): readonly Uint8Array[] {
    if (chunk === undefined) return [audio];
    this.#due ??= chunk;
    if (chunk === this.#due && this.#waiting.size === 0) {
      this.#due++;
      return [audio];
    }
    if (chunk < this.#due) return [];
    this.#waiting.set(chunk, audio);
    if (this.#waiting.size > MOST_WAITING) this.#due = Math.min(...this.#waiting.keys());
    return this.#take();
  }

  /** The stream is over: whatever still waits, in order. */
  flush(): readonly Uint8Array[] {
    const rest = [...this.#waiting].sort(([one], [other]) => one - other).map(([, audio]) => audio);
    this.#waiting.clear();
    return rest;
  }

  #take(): Uint8Array[] {
    const ready: Uint8Array[] = [];
    for (let due = this.#due ?? 0; ; due++) {
      this.#due = due;
      const audio = this.#waiting.get(due);
      if (!audio) return ready;
      this.#waiting.delete(due);
      ready.push(audio);
    }
  }
}
