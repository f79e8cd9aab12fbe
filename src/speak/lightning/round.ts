/**
 * One request on a socket, from its first clause to its last audio: what goes out for it, what has come back, and since
 * when nothing has. An utterance may take several (`request.ts`). Pure, as that is.
 */
import { lackOfAudio } from '../lost-words.ts';
import type { LightningVoiceOptions } from './voices.ts';
import { RequestFrames, WholeSamples } from './wire.ts';

export interface RequestTimings {
  /** The service speaks what it has buffered after this. */
  maxBufferFlushMs: number;
  /** How long after its last audio the service waits before it says `complete`, once we have said that no more comes. */
  completeBackoffMs: number;
  /** From a clause that went out to the first audio. */
  firstAudioMs: number;
  /** Between two pieces of audio, once no more text comes. */
  stallMs: number;
  /** How long an utterance waits for a slot, for a connection, and for the account's limit. */
  queueMs: number;
}

export interface RequestOptions {
  voice: LightningVoiceOptions;
  sampleRateHz: number;
  /** As `toId` makes it. */
  sessionId: string;
  wordTimestamps: boolean;
  timings: RequestTimings;
  /** How long a clause should take to say, in milliseconds. */
  expectMs: (clause: string) => number;
  /** 0 to 1, for the jitter of retries. */
  random: () => number;
  /** Somebody else can speak it: what is refused, down or late is told at once. */
  hasNext?: boolean | undefined;
}

/** Whether another utterance is behind this one: it waits, or it is already on the same socket. */
export type Behind = 'nobody' | 'waiting' | 'on-socket';

/** With audio enough for its text and nothing more for so long, the next utterance need not wait for `complete`. */
const PIPELINE_AFTER_MS = 400;
/** The same with no next one: it counts as done. The service's own back-off is 4 s, should it ignore ours. */
const QUIET_MS = 1_000;
const ENOUGH_SHARE = 0.75;
/** So many times as long as expected, and half a minute more: digits and signs may be read out at length. */
const MOST_SHARE = 8;
const ENDLESS_MS = 30_000;

export interface RoundStart {
  requestId: string;
  /** The socket had been used before: the other end may have closed it a moment ago. */
  isOnUsedSocket: boolean;
  /** When the utterance gives up, should the account's limit be met on the socket. */
  giveUpAtMs: number;
  /** Audio of the utterance so far, in milliseconds. */
  baseMs: number;
  /** How many clauses earlier requests have spoken. */
  covered: number;
}

export class Round {
  readonly requestId: string;
  readonly isOnUsedSocket: boolean;
  readonly giveUpAtMs: number;
  readonly #options: RequestOptions;
  readonly #frames: RequestFrames;
  readonly #samples = new WholeSamples();
  readonly #baseMs: number;
  #isClosing = false;
  #bytes = 0;
  /** Spoken time that its text should take. */
  #expectedMs = 0;
  #sentAtMs = 0;
  #audioAtMs = 0;
  /** How many clauses had gone out when the last audio came: those behind may not have been spoken when the end comes. */
  covered: number;

  constructor(options: RequestOptions, { requestId, isOnUsedSocket, giveUpAtMs, baseMs, covered }: RoundStart) {
    const { voice, sampleRateHz, sessionId, wordTimestamps, timings } = options;
    const { maxBufferFlushMs } = timings;
    this.#options = options;
    this.requestId = requestId;
    this.isOnUsedSocket = isOnUsedSocket;
    this.giveUpAtMs = giveUpAtMs;
    this.#baseMs = baseMs;
    this.covered = covered;
    this.#frames = new RequestFrames({ voice, sampleRateHz, sessionId, requestId, maxBufferFlushMs, wordTimestamps });
  }

  get hasHeard(): boolean {
    return this.#bytes > 0;
  }

  get phase(): 'before-first-output' | 'mid-stream' {
    return this.hasHeard ? 'mid-stream' : 'before-first-output';
  }

  /** The frame that says this clause. */
  piece(clause: string, atMs: number): string {
    this.#expectedMs += this.#options.expectMs(clause);
    this.#sentAtMs = atMs;
    return this.#frames.piece(clause);
  }

  /** The frame that says that no more comes. */
  closing(atMs: number): string {
    this.#isClosing = true;
    this.#sentAtMs = atMs;
    return this.#frames.closing(this.#options.timings.completeBackoffMs);
  }

  /** Audio in pieces of any length. Returns the whole samples, which may be none. */
  hear(audio: Uint8Array, atMs: number): Uint8Array {
    const whole = this.#samples.push(audio);
    if (whole.length > 0) this.#audioAtMs = atMs; // a piece without sound is no sign that there will be any
    this.#bytes += whole.length;
    return whole;
  }

  /** It goes on and on: no reading of its text takes so long. */
  get isEndless(): boolean {
    return this.#audioMs > this.#expectedMs * MOST_SHARE + ENDLESS_MS;
  }

  /** What is wrong with an end at which it should have spoken `text`, if its audio cannot be all of that. */
  lackOf(text: string): string | undefined {
    return lackOfAudio(text, this.#audioMs, this.#options.expectMs);
  }

  /** From a time in this request's audio to that in the utterance's. */
  placed(ms: number): number {
    return this.#baseMs + ms;
  }

  /** How long neither side has sent anything of it. */
  silentMs(atMs: number): number {
    return atMs - Math.max(this.#sentAtMs, this.#audioAtMs);
  }

  /** Whether the next utterance may go out behind it on the same socket. */
  mayBeFollowed(atMs: number): boolean {
    return this.#isQuiet(PIPELINE_AFTER_MS, atMs);
  }

  /** Whether it counts as done although the service has not said so. */
  isDone(behind: Behind, atMs: number): boolean {
    return this.#isQuiet(behind === 'on-socket' ? this.#options.timings.stallMs : QUIET_MS, atMs);
  }

  /** When something must be done about it if nothing more comes; Infinity when it may take its time. */
  dueAtMs(behind: Behind, atMs: number): number {
    const { firstAudioMs, stallMs } = this.#options.timings;
    const lastMs = atMs - this.silentMs(atMs);
    if (!this.hasHeard) return lastMs + firstAudioMs;
    if (!this.#isClosing) return Infinity;
    if (!this.#hasEnough || behind === 'on-socket') return lastMs + stallMs;
    const pipelineMs = lastMs + PIPELINE_AFTER_MS;
    return behind === 'waiting' && pipelineMs > atMs ? pipelineMs : lastMs + QUIET_MS;
  }

  /** What is wrong when nothing has come for too long, if it has. */
  overdue(atMs: number): { code: 'first-token-timeout' | 'idle-timeout'; message: string } | undefined {
    const { firstAudioMs, stallMs } = this.#options.timings;
    const silentMs = this.silentMs(atMs) + 1; // timers may be a little early
    if (!this.hasHeard) {
      const message = `no audio within ${firstAudioMs / 1_000} s`;
      return silentMs >= firstAudioMs ? { code: 'first-token-timeout', message } : undefined;
    }
    const message = `no more audio and no end for ${stallMs / 1_000} s`;
    return this.#isClosing && silentMs >= stallMs ? { code: 'idle-timeout', message } : undefined;
  }

  /** Whether it has all been spoken, as far as can be told without `complete`. */
  #isQuiet(forMs: number, atMs: number): boolean {
    return this.#isClosing && this.hasHeard && this.#hasEnough && this.silentMs(atMs) >= forMs - 1;
  }

  get #hasEnough(): boolean {
    return this.#audioMs >= this.#expectedMs * ENOUGH_SHARE;
  }

  get #audioMs(): number {
    return (this.#bytes * 1_000) / (2 * this.#options.sampleRateHz);
  }
}
