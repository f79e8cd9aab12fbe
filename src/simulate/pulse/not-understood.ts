/**
 * Whether somebody speaks whom the stand-in does not understand: there is sound as long as a sentence, and no word of it is
 * one that it knows. Pure; time is audio time, in milliseconds since the first sample.
 */
import type { HeardEvent } from './hearing.ts';

/** Shorter sounds are no sentence: a click, a cough. */
const SENTENCE_MS = 800;
/** Words of a recording that is known by heart may be found so long after its sound. */
const WORDS_LAG_MS = 1_500;
/** A sound that does not end, such as a voice in noise. */
const LONG_MS = 8_000;

export class NotUnderstood {
  #startMs: number | undefined;
  #endMs: number | undefined;

  hear(event: HeardEvent): void {
    if (event.type !== 'sound') {
      this.#startMs = undefined; // a word: it is understood
      return;
    }
    if (event.phase === 'start') {
      this.#startMs = this.#endMs === undefined ? event.atMs : (this.#startMs ?? event.atMs);
      this.#endMs = undefined;
    } else this.#endMs = event.atMs;
  }

  /** Whether it is certain by now. Then it begins anew. */
  isCertain(heardMs: number): boolean {
    if (this.#startMs === undefined) return false;
    const isLong = this.#endMs === undefined && heardMs - this.#startMs >= LONG_MS;
    const isOver = this.#endMs !== undefined && heardMs - this.#endMs >= WORDS_LAG_MS;
    if (!isLong && !isOver) return false;
    const isSentence = isLong || (this.#endMs ?? 0) - this.#startMs >= SENTENCE_MS;
    this.#startMs = this.#endMs = undefined;
    return isSentence;
  }
}
