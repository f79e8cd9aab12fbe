/**
 * R11: does the caller's voice over the agent's mean to interrupt? Playback is paused at once for any voice; this decides
 * whether it was an interruption, or a cough or an "mm-hm" after which playback goes on where it stopped.
 *
 *   silent --start--> doubtful --words, or voice long enough--> confirmed
 *                        |
 *                        +--end and nothing said, or too long in doubt--> silent
 */
import { needed } from '../lib/assert.ts';
import { backchannelsOf, type Backchannels } from './backchannel.ts';

export type Verdict = 'confirmed' | 'dismissed' | 'doubtful';

export interface InterruptionOptions {
  interruptWords: number;
  interruptMs: number;
  pauseMs: number;
}

/** Transcripts lag behind the voice: what was said may be known only so long after its end. */
const WORDS_LAG_MS = 350;

/** What the caller's voice comes over. */
export interface SpokenOver {
  /** The turn waits, and the agent says so at most: "hello?" asks it nothing new. */
  isWaiting: boolean;
  /** A caller who was asked whether they are there must say so: sound alone interrupts nothing, and hardly pauses (R18). */
  mustSayWords: boolean;
  /** R25: of the answer nothing was audible yet. It waits for their voice, and any word that adds something counts. */
  isTooEarly: boolean;
}

const NOTHING_SPECIAL: SpokenOver = { isWaiting: false, mustSayWords: false, isTooEarly: false };

/** Sound that must be words, and is none, pauses for no longer. */
const NOISE_PAUSE_MS = 400;

export class Interruption {
  readonly #options: InterruptionOptions;
  readonly #language: () => string | undefined;
  #startedAtMs: number | undefined;
  #endedAtMs: number | undefined;
  #words = '';
  #lookAtMs: number | undefined;

  /** @param language That which is listened for, at this instant. Default `en`. */
  constructor(options: InterruptionOptions, language: () => string | undefined = () => undefined) {
    this.#options = options;
    this.#language = language;
  }

  get #backchannels(): Backchannels {
    return backchannelsOf(this.#language());
  }

  /** The caller's voice began. */
  start(atMs: number): void {
    if (this.#startedAtMs === undefined || this.#endedAtMs !== undefined) this.#words = '';
    this.#startedAtMs = atMs;
    this.#endedAtMs = undefined;
  }

  words(text: string): void {
    this.#words = text;
  }

  end(atMs: number): void {
    this.#endedAtMs = atMs;
  }

  /** What is known at `atMs`. In doubt, it is to be looked at once more when time alone can change that. */
  verdict(atMs: number, over: SpokenOver = NOTHING_SPECIAL): Verdict {
    const verdict = this.#verdict(atMs, over);
    if (verdict === 'doubtful') this.#lookAtMs = this.#nextAtMs(over);
    return verdict;
  }

  /** When it is to be looked at once more, whatever has happened meanwhile: the pause must end. */
  get lookAtMs(): number | undefined {
    return this.#lookAtMs;
  }

  /** The time has come. */
  look(): void {
    this.#lookAtMs = undefined;
  }

  #verdict(atMs: number, over: SpokenOver): Verdict {
    if (this.saysMore(over)) return 'confirmed';
    if (this.#startedAtMs === undefined) return 'dismissed';
    const isListening = this.#isListening(over);
    const mustSayWords = over.mustSayWords && this.#words === '';
    if (this.#endedAtMs === undefined) {
      const isLong = atMs - this.#startedAtMs >= this.#options.interruptMs;
      if (isLong && !isListening && !mustSayWords && !over.isTooEarly) return 'confirmed';
      return atMs - this.#startedAtMs >= this.#pauseMs(over) ? 'dismissed' : 'doubtful';
    }
    return isListening || mustSayWords || atMs - this.#endedAtMs >= WORDS_LAG_MS ? 'dismissed' : 'doubtful';
  }

  /** Whether the words that are known mean something, and not only that somebody listens. */
  saysMore(over: SpokenOver = NOTHING_SPECIAL): boolean {
    const leastWords = over.isTooEarly ? 1 : this.#options.interruptWords;
    return !this.#isListening(over) && this.#backchannels.meaningfulWords(this.#words) >= leastWords;
  }

  #isListening({ isWaiting }: SpokenOver): boolean {
    return this.#backchannels.isBackchannel(this.#words) || (isWaiting && this.#backchannels.isCall(this.#words));
  }

  #pauseMs({ mustSayWords }: SpokenOver): number {
    const { pauseMs } = this.#options;
    return mustSayWords && this.#words === '' ? Math.min(pauseMs, NOISE_PAUSE_MS) : pauseMs;
  }

  #nextAtMs(over: SpokenOver): number {
    if (this.#endedAtMs !== undefined) return this.#endedAtMs + WORDS_LAG_MS;
    const startedAtMs = needed(this.#startedAtMs, 'a voice to be in doubt about');
    const pauseMs = this.#pauseMs(over);
    return (
      startedAtMs +
      (over.isTooEarly || this.#isListening(over) ? pauseMs : Math.min(this.#options.interruptMs, pauseMs))
    );
  }

  forget(): void {
    this.#startedAtMs = this.#endedAtMs = undefined;
    this.#words = '';
  }
}
