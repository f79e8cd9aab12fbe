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

export class Interruption {
  readonly #options: InterruptionOptions;
  readonly #backchannels: Backchannels;
  #startedAtMs: number | undefined;
  #endedAtMs: number | undefined;
  #words = '';
  #lookAtMs: number | undefined;

  constructor(options: InterruptionOptions, backchannels = backchannelsOf()) {
    this.#options = options;
    this.#backchannels = backchannels;
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
  verdict(atMs: number): Verdict {
    const verdict = this.#verdict(atMs);
    if (verdict === 'doubtful') this.#lookAtMs = this.#nextAtMs();
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

  #verdict(atMs: number): Verdict {
    const { interruptWords, interruptMs, pauseMs } = this.#options;
    if (this.#backchannels.meaningfulWords(this.#words) >= interruptWords) return 'confirmed';
    if (this.#startedAtMs === undefined) return 'dismissed';
    const isListening = this.#backchannels.isBackchannel(this.#words);
    if (this.#endedAtMs === undefined) {
      if (!isListening && atMs - this.#startedAtMs >= interruptMs) return 'confirmed';
      return atMs - this.#startedAtMs >= pauseMs ? 'dismissed' : 'doubtful';
    }
    return isListening || atMs - this.#endedAtMs >= WORDS_LAG_MS ? 'dismissed' : 'doubtful';
  }

  #nextAtMs(): number {
    if (this.#endedAtMs !== undefined) return this.#endedAtMs + WORDS_LAG_MS;
    const { interruptMs, pauseMs } = this.#options;
    const startedAtMs = needed(this.#startedAtMs, 'a voice to be in doubt about');
    return startedAtMs + (this.#backchannels.isBackchannel(this.#words) ? pauseMs : Math.min(interruptMs, pauseMs));
  }

  forget(): void {
    this.#startedAtMs = this.#endedAtMs = undefined;
    this.#words = '';
  }
}
