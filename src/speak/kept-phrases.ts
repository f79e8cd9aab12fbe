/**
 * Whole texts that a synthesizer has spoken, kept for the process: greetings and phrases. They are made while nobody waits
 * for them, so each gives its place back to a live call that wants it, and is made again when there is room.
 */
import type { Clock } from '../lib/clock.ts';
import { ProviderError, VoiceError } from '../lib/errors.ts';
import type { Places } from '../lib/places.ts';
import type { RenderedSpeech } from './contract.ts';

export interface KeptPhrasesOptions {
  /** As errors name whoever speaks. */
  provider: string;
  /** Of syntheses; live calls have the same. */
  places: Places;
  clock: Clock;
  /** Of audio. What was used longest ago goes first. */
  mostBytes: number;
}

interface Phrase {
  done: RenderedSpeech | undefined;
  promise: Promise<RenderedSpeech>;
}

/** A phrase that has given way so often is finished, for what is begun and thrown away is paid for. */
const MOST_GIVEN_WAY = 5;
const GIVEN_WAY_MS = 1_000;
/** Phrases are made ahead, so they may wait long for a synthesis that is free. */
const RENDER_WAIT_MS = 60_000;

export class KeptPhrases {
  readonly #options: KeptPhrasesOptions;
  readonly #closing = new AbortController();
  /** By what makes them the same, oldest use first. */
  readonly #phrases = new Map<string, Phrase>();

  constructor(options: KeptPhrasesOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#phrases.size;
  }

  /** What `make` makes, once for each `key`: voice, format and text. Rejects as it does, and is then forgotten. */
  render(
    key: string,
    signal: AbortSignal,
    make: (signal: AbortSignal) => Promise<RenderedSpeech>,
  ): Promise<RenderedSpeech> {
    const known = this.#phrases.get(key);
    if (known) return known.promise;
    const promise = this.#givingWay(AbortSignal.any([signal, this.#closing.signal]), make);
    const phrase: Phrase = { done: undefined, promise };
    this.#phrases.set(key, phrase);
    promise.then(
      (speech) => {
        phrase.done = speech;
        this.#forgetOld();
      },
      () => this.#phrases.delete(key),
    );
    return promise;
  }

  /** If it has been made. */
  rendered(key: string): RenderedSpeech | undefined {
    const phrase = this.#phrases.get(key);
    if (!phrase?.done) return undefined;
    this.#phrases.delete(key); // to the end: used last
    this.#phrases.set(key, phrase);
    return phrase.done;
  }

  /** What is being made is given up. */
  close(): void {
    this.#closing.abort(new VoiceError('closed', 'the synthesizer is closed'));
  }

  /** Makes what nobody waits for yet: a live call that wants its place has it, and it is made again when there is room. */
  async #givingWay<Made>(signal: AbortSignal, make: (signal: AbortSignal) => Promise<Made>): Promise<Made> {
    for (let times = 0; ; times++) {
      const wanted = new AbortController();
      const giveWay = times < MOST_GIVEN_WAY ? () => wanted.abort() : undefined;
      const release = await this.#place(signal, giveWay);
      try {
        return await make(AbortSignal.any([signal, wanted.signal]));
      } catch (error) {
        if (signal.aborted || !wanted.signal.aborted) throw error;
      } finally {
        release();
      }
      await this.#rest(signal);
    }
  }

  /** Until the live utterance is likely to be through. */
  #rest(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const over = () => {
        stop();
        signal.removeEventListener('abort', over);
        resolve();
      };
      const stop = this.#options.clock.after(GIVEN_WAY_MS, over);
      signal.addEventListener('abort', over, { once: true });
    });
  }

  #place(signal: AbortSignal, isWanted: (() => void) | undefined): Promise<() => void> {
    const { provider, places } = this.#options;
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const aborted = () => {
        cancel();
        reject(signal.reason as Error);
      };
      const cancel = places.request({
        waitMs: RENDER_WAIT_MS,
        isAhead: true,
        ...(isWanted && { isWanted }),
        granted: (release) => {
          signal.removeEventListener('abort', aborted);
          resolve(release);
        },
        expired: () => {
          signal.removeEventListener('abort', aborted);
          reject(
            new ProviderError(provider, 'queue-timeout', 'no synthesis was free', { phase: 'before-first-output' }),
          );
        },
      });
      signal.addEventListener('abort', aborted, { once: true });
    });
  }

  #forgetOld(): void {
    let bytes = 0;
    for (const { done } of this.#phrases.values()) bytes += done?.audio.length ?? 0;
    for (const [key, { done }] of this.#phrases) {
      if (bytes <= this.#options.mostBytes) return;
      if (!done) continue;
      this.#phrases.delete(key);
      bytes -= done.audio.length;
    }
  }
}
