/**
 * One text, asked for once: its sound is handed on as it comes, and how it ended is told. Deadlines are as for any voice:
 * a first sound in time, then no long hole; an answer that calls itself whole without its words' sound is none.
 */
import type { Clock } from '../../lib/clock.ts';
import { ProviderError, VoiceError, type ErrorCode, type ProviderFacts } from '../../lib/errors.ts';
import { isPassing } from '../../lib/provider-errors.ts';
import type { ProviderAnswer, ProviderServer } from '../../lib/provider-server.ts';
import { lackOfAudio } from '../lost-words.ts';
import type { SpeechVoice } from './options.ts';
import { isText, SPEECH_PATH, SpeechReader, speechBody } from './wire.ts';

export const PROVIDER = 'openai-speech';

export interface Deadlines {
  /** From a request to its first sound; longer for a text that takes longer to say. */
  firstAudioMs: number;
  /** Between two pieces of sound. */
  stallMs: number;
}

/** Whom to ask, and how. */
export interface Asking {
  server: ProviderServer;
  voice: SpeechVoice;
  model: string;
  /** Of the sound that is handed on. */
  rateHz: number;
  clock: Clock;
  deadlines: Deadlines;
  /** How long a text should take to say, in milliseconds. */
  expectMs: (text: string) => number;
}

/** How it ended. */
export type Ending =
  | { type: 'whole' }
  /** Not served for now: the same may be a little later. */
  | { type: 'busy'; error: ProviderError }
  /** It broke off, or fell silent. */
  | { type: 'cut'; error: ProviderError }
  /** It says that it is whole, and its words' sound is missing. */
  | { type: 'unspoken'; error: ProviderError }
  /** No other try would make it right. */
  | { type: 'refused'; error: ProviderError };

/** So many times as long as expected, and half a minute more: digits and signs may be read out at length. */
const MOST_SHARE = 8;
const ENDLESS_MS = 30_000;

/** `audio`: told of whole samples, never none. @throws the signal's reason, when that is aborted */
export async function speakOnce(
  asking: Asking,
  text: string,
  { signal, audio }: { signal: AbortSignal; audio: (samples: Uint8Array) => void },
): Promise<Ending> {
  const one = new OneAnswer(asking, text, audio);
  const stop = () => one.stop();
  signal.throwIfAborted();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const ending = await one.run();
    signal.throwIfAborted();
    return ending;
  } finally {
    signal.removeEventListener('abort', stop);
    one.free();
  }
}

class OneAnswer {
  readonly #asking: Asking;
  readonly #text: string;
  readonly #audio: (samples: Uint8Array) => void;
  readonly #stopping = new AbortController();
  #reader: SpeechReader | undefined;
  #requestId: string | undefined;
  #bytes = 0;
  /** Why it was not waited for any longer. */
  #overdue: ProviderError | undefined;
  #cancelTimer = () => {};

  constructor(asking: Asking, text: string, audio: (samples: Uint8Array) => void) {
    this.#asking = asking;
    this.#text = text;
    this.#audio = audio;
  }

  async run(): Promise<Ending> {
    const { firstAudioMs } = this.#asking.deadlines;
    const forMs = Math.max(firstAudioMs, this.#asking.expectMs(this.#text)); // whoever is slower than speech is of no use
    this.#wait(forMs, 'first-token-timeout', `no audio within ${Math.round(forMs / 100) / 10} s`);
    try {
      const answer = await this.#ask();
      if (isText(answer.contentType)) return { type: 'refused', error: await this.#textInstead(answer) };
      return await this.#read(answer);
    } catch (thrown) {
      return this.#failure(thrown);
    } finally {
      this.#cancelTimer();
    }
  }

  /** Nothing more is wanted of it. */
  stop(): void {
    this.#cancelTimer();
    this.#stopping.abort();
  }

  free(): void {
    this.#cancelTimer();
    this.#reader?.free();
  }

  #ask(): Promise<ProviderAnswer> {
    const { server, voice, model } = this.#asking;
    return server.ask({
      method: 'POST',
      path: SPEECH_PATH,
      headers: { 'content-type': 'application/json' },
      body: speechBody(this.#text, voice, model),
      signal: this.#stopping.signal,
    });
  }

  async #read({ body, contentType, requestId }: ProviderAnswer): Promise<Ending> {
    const { voice, rateHz, deadlines } = this.#asking;
    this.#requestId = requestId;
    this.#reader = new SpeechReader({ contentType, pcmRateHz: voice.sampleRateHz, rateHz });
    for await (const bytes of body as AsyncIterable<Uint8Array>) {
      if (this.#handOn(this.#reader.push(bytes)) === 0) continue;
      if (this.#isEndless) return this.#refused('sends far more audio than its words take');
      const forMs = deadlines.stallMs;
      this.#wait(forMs, 'idle-timeout', `no more audio and no end for ${forMs / 1_000} s`);
    }
    this.#handOn(this.#reader.end());
    const lack = lackOfAudio(this.#text, this.#audioMs, this.#asking.expectMs);
    if (lack === undefined) return { type: 'whole' };
    return { type: 'unspoken', error: this.#error('provider-failed', lack) };
  }

  #handOn(samples: Uint8Array): number {
    if (samples.length === 0 || this.#stopping.signal.aborted) return 0;
    this.#bytes += samples.length;
    this.#audio(samples.slice()); // the reader's is good until its next call
    return samples.length;
  }

  async #textInstead({ headers, body }: ProviderAnswer): Promise<ProviderError> {
    const said = await this.#asking.server.refusal(200, headers, body);
    return this.#error('provider-failed', `answered a text in place of sound: ${said.message}`);
  }

  #failure(thrown: unknown): Ending {
    if (this.#overdue) return { type: 'cut', error: this.#overdue };
    if (thrown instanceof ProviderError) return { type: isPassing(thrown) ? 'busy' : 'refused', error: thrown };
    if (thrown instanceof VoiceError) return this.#refused(thrown.message);
    return {
      type: 'cut',
      error: this.#error('stream-cut', 'the connection was lost before the audio was complete', thrown),
    };
  }

  #refused(message: string): Ending {
    return { type: 'refused', error: this.#error('provider-failed', message) };
  }

  /** In place of what was waited for before. */
  #wait(ms: number, code: ErrorCode, message: string): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#asking.clock.after(ms, () => {
      this.#overdue = this.#error(code, message);
      this.stop();
    });
  }

  #error(code: ErrorCode, message: string, cause?: unknown): ProviderError {
    const phase = this.#bytes > 0 ? 'mid-stream' : 'before-first-output';
    const facts: ProviderFacts = { phase, requestId: this.#requestId, cause };
    return new ProviderError(PROVIDER, code, message, facts);
  }

  get #isEndless(): boolean {
    return this.#audioMs > this.#asking.expectMs(this.#text) * MOST_SHARE + ENDLESS_MS;
  }

  get #audioMs(): number {
    return (this.#bytes * 1_000) / (2 * this.#asking.rateHz);
  }
}
