/**
 * The stand-in's ear without its socket: what it makes of a caller's audio, and when it says so, is that of the stand-in for
 * Pulse (`simulate/pulse`); how audio is joined before it is sent is that of the client.
 */
import { bytesPerSample, type AudioFormat } from '../../audio/contract.ts';
import type { Clock } from '../../lib/clock.ts';
import { ProviderError, VoiceError } from '../../lib/errors.ts';
import type {
  HeardWord,
  ListenOptions,
  Transcriber,
  TranscriberStats,
  TranscriptionLine,
  TranscriptListener,
} from '../../listen/contract.ts';
import { Hearing } from '../../simulate/pulse/hearing.ts';
import { readOptions, type PulseSimulatorInput, type PulseSimulatorOptions } from '../../simulate/pulse/options.ts';
import { readLiveQuery, type LiveRequest } from '../../simulate/pulse/query.ts';
import { Recognizer, type Recognized } from '../../simulate/pulse/recognizer.ts';

/** Audio is sent as soon as there is so much... */
const PIECE_MS = 80;
/** ...and less than that waits no longer. */
const PIECE_WAIT_MS = 100;
/** From the first audio to a line that is up. */
const CONNECT_MS = 1;
/** From a connection that breaks to the next. */
const RECONNECT_MS = 250;
/** Nobody waits longer for the last final. */
const CLOSES_WITHIN_MS = 3_000;
/** Audio that is older is not heard again on the next connection. */
const KEEP_MS = 5_000;

/** How it differs from a service in good health. */
export type EarStandInOptions = Omit<PulseSimulatorInput, 'host' | 'port' | 'keys' | 'maxSockets'>;

/**
 * What goes wrong with the ear when so much of the call has passed: its connection breaks and is opened again (`close`), and
 * nobody lets it in any more (`refuse`), or it says nothing from then on (`mute`).
 */
export interface EarFault {
  type: 'close' | 'refuse' | 'mute';
  afterMs: number;
}

export class EarStandIn implements Transcriber {
  readonly name = 'pulse';
  readonly stats: TranscriberStats = { openSockets: 0, reconnects: 0, failures: 0, invalidFrames: 0 };
  /** Of audio that was heard, in milliseconds. */
  heardMs = 0;
  readonly #options: PulseSimulatorOptions;
  readonly #quietLevel: number;
  readonly #clock: Clock;
  readonly #lines = new Set<EarLine>();
  #isRefusing = false;

  /**
   * @param quietLevel What is no voice on this line, as a root mean square: an ear learns that of any line. Default: no noise.
   * @throws {VoiceError} `options-invalid`
   */
  constructor(clock: Clock, options: EarStandInOptions = {}, quietLevel = 0) {
    this.#clock = clock;
    this.#quietLevel = quietLevel;
    this.#options = readOptions(options);
  }

  open(
    { format, listen }: { format: AudioFormat; listen: ListenOptions },
    listener: TranscriptListener,
  ): TranscriptionLine {
    const line = new EarLine({
      request: requestOf(format, listen),
      options: this.#options,
      quietLevel: this.#quietLevel,
      clock: this.#clock,
      listener,
      stats: this.stats,
      heard: (ms) => (this.heardMs += ms),
      isRefused: () => this.#isRefusing,
      gone: () => this.#lines.delete(line),
    });
    this.#lines.add(line);
    return line;
  }

  /** Goes wrong in so many milliseconds from now on. */
  fail({ type, afterMs }: EarFault): void {
    this.#clock.after(afterMs, () => {
      if (type === 'mute') return this.mute();
      if (type === 'refuse') this.refuse();
      this.lose();
    });
  }

  /** Every connection breaks, and is opened again: what no final has covered is heard once more. */
  lose(): void {
    for (const line of this.#lines) line.lose();
  }

  /** From now on nobody is let in, for their key. */
  refuse(): void {
    this.#isRefusing = true;
  }

  /** From now on nothing is told on what is open. */
  mute(): void {
    for (const line of this.#lines) line.mute();
  }

  /** Settles when every line has told its last final, or had no answer. */
  async close(): Promise<void> {
    await Promise.all([...this.#lines].map((line) => line.end()));
  }
}

/** What the client asks for. @throws {VoiceError} `options-invalid`, when it cannot hear this. */
function requestOf({ encoding, sampleRateHz }: AudioFormat, { language }: ListenOptions): LiveRequest {
  const asked = {
    language,
    encoding,
    sample_rate: String(sampleRateHz),
    endpointing: 'true',
    eou_timeout_ms: '300',
    finalize_on_words: 'false',
    vad_events: 'true',
    word_timestamps: 'true',
    format: 'true',
  };
  const read = readLiveQuery(new URLSearchParams(asked), true);
  if (typeof read === 'string') throw new VoiceError('options-invalid', `the ear's stand-in: ${read}`);
  return read;
}

interface EarLineParts {
  request: LiveRequest;
  options: PulseSimulatorOptions;
  quietLevel: number;
  clock: Clock;
  listener: TranscriptListener;
  stats: TranscriberStats;
  heard: (ms: number) => void;
  isRefused: () => boolean;
  gone: () => void;
}

type EarState = 'connecting' | 'open' | 'closing' | 'gone';

class EarLine implements TranscriptionLine {
  readonly #parts: EarLineParts;
  readonly #bytesPerMs: number;
  readonly #whenGone: Promise<void>;
  #hearing: Hearing;
  #recognizer: Recognizer;
  /** Audio that no final has covered, from `#keptFromMs` of the call on, and how much of it was sent. */
  #kept = Buffer.alloc(0);
  #keptFromMs = 0;
  #sentBytes = 0;
  /** Where the connection's first audio lies in the call. */
  #offsetMs = 0;
  #isFinalAsked = false;
  #isMute = false;
  #opened = 0;
  #stopPieceWait: (() => void) | undefined;
  /** When the last that waits to be told is due: nothing may overtake it. */
  #lastDueMs = 0;
  readonly #waiting = new Set<() => void>();
  #finals = 0;
  #state: EarState = 'connecting';
  #settleGone = () => {};

  constructor(parts: EarLineParts) {
    const { request, options } = parts;
    this.#parts = parts;
    this.#bytesPerMs = (request.format.sampleRateHz * bytesPerSample(request.format)) / 1_000;
    this.#whenGone = new Promise((resolve) => (this.#settleGone = resolve));
    this.#hearing = this.#newHearing();
    this.#recognizer = this.#newRecognizer();
    this.#later(CONNECT_MS + options.connectDelayMs, () => this.#connect());
  }

  push(audio: Uint8Array): void {
    if (this.#state === 'closing' || this.#state === 'gone') return;
    this.#kept = Buffer.concat([this.#kept, audio]);
    this.#forgetOld();
    if (this.#state === 'open') this.#send();
  }

  finalize(): void {
    if (this.#state === 'connecting') this.#isFinalAsked = true;
    else if (this.#state === 'open') this.#finalize('finalize');
  }

  close(): void {
    if (this.#state === 'connecting') return this.#leave();
    if (this.#state !== 'open') return;
    this.#finalize('close');
    this.#state = 'closing';
    if (this.#isMute) this.#later(CLOSES_WITHIN_MS, () => this.#leave());
    else this.#afterLast(() => this.#leave());
  }

  /** Closes, and settles when it is gone. */
  end(): Promise<void> {
    this.close();
    return this.#whenGone;
  }

  lose(): void {
    if (this.#state === 'closing') return this.#leave();
    if (this.#state !== 'open') return;
    const { stats, listener } = this.#parts;
    this.#state = 'connecting';
    this.#stopAll();
    stats.openSockets--;
    stats.failures++;
    this.#later(RECONNECT_MS, () => this.#connect());
    listener.lost?.();
  }

  mute(): void {
    this.#isMute = true;
  }

  #connect(): void {
    const { stats, listener, isRefused } = this.#parts;
    if (isRefused()) {
      this.#leave();
      return listener.failed(
        new ProviderError('pulse', 'unauthorized', 'Invalid API key', { phase: 'connect', status: 401 }),
      );
    }
    this.#state = 'open';
    stats.openSockets++;
    this.#offsetMs = this.#keptFromMs;
    this.#sentBytes = 0;
    this.#hearing = this.#newHearing();
    this.#recognizer = this.#newRecognizer();
    listener.connected?.(this.#opened++);
    if (this.#opened > 1) stats.reconnects++;
    if (this.#state !== 'open') return; // whoever was told has closed it
    this.#send();
    if (this.#isFinalAsked) this.#finalize('finalize');
    this.#isFinalAsked = false;
  }

  /** What makes a piece goes at once, less waits a moment for more. */
  #send(): void {
    if (this.#kept.length - this.#sentBytes >= PIECE_MS * this.#bytesPerMs) this.#hear();
    else this.#stopPieceWait ??= this.#parts.clock.after(PIECE_WAIT_MS, () => this.#hear());
  }

  #finalize(cause: 'finalize' | 'close'): void {
    this.#hear();
    for (const event of this.#hearing.flush()) this.#say(this.#recognizer.hear(event));
    this.#say(this.#recognizer.finalize(cause));
  }

  #hear(): void {
    this.#stopPieceWait?.();
    this.#stopPieceWait = undefined;
    const audio = this.#kept.subarray(this.#sentBytes);
    this.#sentBytes = this.#kept.length;
    if (audio.length === 0) return;
    this.#parts.heard(audio.length / this.#bytesPerMs);
    this.#hearing.push(
      audio,
      (event) => this.#say(this.#recognizer.hear(event)),
      (heardMs) => {
        if (!this.#hearing.isInWord) this.#say(this.#recognizer.tick(heardMs, this.#hearing.lastSoundMs));
      },
    );
  }

  #say(recognized: readonly Recognized[]): void {
    const { options, listener } = this.#parts;
    if (this.#isMute) return;
    for (const one of recognized) {
      if (one.type === 'speech') this.#later(0, () => listener.speech(one.phase));
      else if (one.type === 'interim') this.#later(options.interimDelayMs, () => listener.transcript(one.text, false));
      else this.#sayFinal(one);
    }
  }

  #sayFinal({ text, words }: Extract<Recognized, { type: 'final' }>): void {
    const { options, listener } = this.#parts;
    const hasSpace =
      options.trailingSpace === 'always' || (options.trailingSpace === 'alternate' && this.#finals++ % 2 === 0);
    const offsetMs = this.#offsetMs;
    const placed = words.map(({ text: word, startMs, endMs }): HeardWord => {
      return { word, startMs: Math.round(offsetMs + startMs), endMs: Math.round(offsetMs + endMs) };
    });
    const coveredMs = placed.at(-1)?.endMs ?? offsetMs + this.#hearing.heardMs;
    const told = text === '' || !hasSpace ? text : `${text} `;
    this.#later(options.finalDelayMs, () => {
      this.#coverTo(coveredMs);
      listener.transcript(told, true, placed);
    });
  }

  /** What a final has covered is not heard again. */
  #coverTo(ms: number): void {
    const bytes = Math.floor((ms - this.#keptFromMs) * this.#bytesPerMs);
    this.#forget(Math.min(this.#sentBytes, bytes - (bytes % bytesPerSample(this.#parts.request.format))));
  }

  /** What is older is not heard again either: the caller would have to wait for it. */
  #forgetOld(): void {
    this.#forget(Math.min(this.#sentBytes, this.#kept.length - KEEP_MS * this.#bytesPerMs));
  }

  #forget(bytes: number): void {
    if (bytes <= 0) return;
    this.#kept = this.#kept.subarray(bytes);
    this.#sentBytes -= bytes;
    this.#keptFromMs += bytes / this.#bytesPerMs;
  }

  #later(delayMs: number, tell: () => void): void {
    this.#lastDueMs = Math.max(this.#lastDueMs, this.#parts.clock.nowMs() + delayMs);
    this.#afterLast(tell);
  }

  #afterLast(run: () => void): void {
    const { clock } = this.#parts;
    const cancel = clock.after(this.#lastDueMs - clock.nowMs(), () => {
      this.#waiting.delete(cancel);
      run();
    });
    this.#waiting.add(cancel);
  }

  #leave(): void {
    if (this.#state === 'gone') return;
    if (this.#state !== 'connecting') this.#parts.stats.openSockets--;
    this.#state = 'gone';
    this.#stopAll();
    this.#parts.gone();
    this.#settleGone();
  }

  #stopAll(): void {
    for (const cancel of this.#waiting) cancel();
    this.#waiting.clear();
    this.#stopPieceWait?.();
    this.#stopPieceWait = undefined;
  }

  #newHearing(): Hearing {
    const { request, options, quietLevel } = this.#parts;
    return new Hearing(request.format, options.transcripts, quietLevel);
  }

  #newRecognizer(): Recognizer {
    const { request, options } = this.#parts;
    return new Recognizer({
      ...{ endpointing: request.endpointing, eouTimeoutMs: request.eouTimeoutMs },
      ...{ finalizeOnWords: request.finalizeOnWords, maxWords: options.maxWords, format: request.hasFormatting },
      ...{ vadEvents: request.vadEvents && options.vadEvents },
      ...{ shrinkingInterims: options.shrinkingInterims, repeatInterims: options.repeatInterims },
    });
  }
}
