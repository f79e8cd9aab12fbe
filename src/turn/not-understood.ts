/**
 * R17 for a caller who has finished speaking and is not understood, because the ear's service was lost; or who cut in, as a
 * line says that hears by itself, and whose words do not come. No turn begins, so nothing else breaks the silence. When is a
 * phrase due, and which?
 *
 *   voice ends --silenceMs--> hold --progressMs--> progress ... service is back --RECALL_MS, still no words--> recovery
 *   cuts in --CUT_IN_MS without a sign of them--> recovery
 */
import type { SilenceOptions } from './silence.ts';

/** The audio is heard again from the start, faster than it was said; words that have not come by then are lost. */
const RECALL_MS = 2_500;
/** A loss so long after a voice has nothing to do with it: it was a noise, and nobody waits. */
const RELATED_MS = 3_000;
/** Words come when their sentence has ended; who begins one takes about so long. */
const CUT_IN_MS = 4_000;

export type NotUnderstoodPhrase = 'hold' | 'progress' | 'recovery';

interface Due {
  what: NotUnderstoodPhrase;
  atMs: number;
}

export class NotUnderstood {
  readonly #options: SilenceOptions;
  #isUp = true;
  /** When the service was last lost, and when it was last back. */
  #lostAtMs = -Infinity;
  #upAtMs = -Infinity;
  #voiceFromMs = -Infinity;
  /** When the voice ended whose words have not come; undefined when there is none. */
  #sinceMs: number | undefined;
  #isTroubled = false;
  #hasCutIn = false;
  #phrases = 0;

  constructor(options: SilenceOptions) {
    this.#options = options;
  }

  /** The service was lost, or is back. */
  ear(isUp: boolean, atMs: number): void {
    if (isUp) this.#upAtMs = atMs;
    else {
      this.#lostAtMs = atMs;
      if (this.#sinceMs !== undefined && atMs - this.#sinceMs <= RELATED_MS) this.#isTroubled = true;
    }
    this.#isUp = isUp;
  }

  voiceStarted(atMs: number): void {
    this.#letGo();
    this.#voiceFromMs = atMs;
  }

  voiceEnded(atMs: number): void {
    this.#sinceMs = atMs;
    this.#isTroubled = !this.#isUp || this.#lostAtMs >= this.#voiceFromMs;
  }

  /** The words came, or there is nothing any more to wait for. */
  understood(): void {
    this.#hasCutIn = false;
    this.#letGo();
  }

  #letGo(): void {
    this.#sinceMs = undefined;
    this.#phrases = 0;
  }

  cutIn(): void {
    this.#hasCutIn = true;
  }

  spoke(): void {
    this.#phrases++;
  }

  /** Undefined while nobody waits. `quietSinceMs`: when the agent last fell silent, or the caller gave a sign. */
  next(quietSinceMs: number): Due | undefined {
    if (this.#hasCutIn) return { what: 'recovery', atMs: quietSinceMs + CUT_IN_MS };
    if (this.#sinceMs === undefined || !this.#isTroubled) return undefined;
    const { silenceMs, progressMs } = this.#options;
    const phrase: Due =
      this.#phrases === 0
        ? { what: 'hold', atMs: Math.max(this.#sinceMs, quietSinceMs) + silenceMs }
        : { what: 'progress', atMs: quietSinceMs + progressMs };
    if (!this.#isUp) return phrase;
    const recoveryAtMs = Math.max(this.#upAtMs, this.#sinceMs) + RECALL_MS;
    return recoveryAtMs <= phrase.atMs ? { what: 'recovery', atMs: recoveryAtMs } : phrase;
  }
}
