/** How much one run may tell of its progress: what a caller listens to, however often its handler says it. */
import type { Clock } from '../lib/clock.ts';
import { limitSpeech, LONGEST_SPEECH } from '../lib/speech-length.ts';

/** Phrases that may come at once; one more is free each `EVERY_MS`. */
const AT_ONCE = 10;
const EVERY_MS = 1_000;

export class ProgressAllowance {
  readonly #clock: Clock;
  #phrases = AT_ONCE;
  #sinceMs: number;
  /** Characters that may still be said. */
  #room = LONGEST_SPEECH;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#sinceMs = clock.nowMs();
  }

  /** What of `text` is to be said; undefined when nothing of it is. */
  take(text: string): string | undefined {
    const nowMs = this.#clock.nowMs();
    const freed = Math.floor((nowMs - this.#sinceMs) / EVERY_MS);
    this.#phrases = Math.min(AT_ONCE, this.#phrases + freed);
    this.#sinceMs = this.#phrases === AT_ONCE ? nowMs : this.#sinceMs + freed * EVERY_MS;
    const said = limitSpeech(text, this.#room);
    if (this.#phrases === 0 || said.trim() === '') return undefined;
    this.#phrases--;
    this.#room -= said.length;
    return said;
  }
}
