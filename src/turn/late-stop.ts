/**
 * A line that hears and speaks by itself says what the caller said or pressed, and that they cut in by it, in any order. A turn
 * that begins while such a line still speaks lets its request wait for a moment: what was heard before it is known then.
 */

/** The two belong to one moment of the line's, and come through one socket. */
const LATE_MS = 150;

export class LateStop {
  #dueAtMs: number | undefined;

  /** A turn begins. `isOverSpeech`: while the line, which nobody can silence, speaks. */
  begin(isOverSpeech: boolean, atMs: number): void {
    this.#dueAtMs = isOverSpeech ? atMs + LATE_MS : undefined;
  }

  get isAwaited(): boolean {
    return this.#dueAtMs !== undefined;
  }

  /** When the line is taken to speak on. */
  get dueAtMs(): number | undefined {
    return this.#dueAtMs;
  }

  /** It has stopped, or speaks on. */
  settle(): void {
    this.#dueAtMs = undefined;
  }
}
