/**
 * The stand-in's ear without its socket: what it makes of a caller's audio, and when it says so, is that of the stand-in for
 * Pulse (`simulate/pulse`); how audio is joined before it is sent is that of the client.
 */
import { bytesPerSample, type AudioFormat } from '../../audio/contract.ts';
import type { Clock } from '../../lib/clock.ts';
import { VoiceError } from '../../lib/errors.ts';
import type {
  HeardWord,
  ListenOptions,
  Transcriber,
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

/** How it differs from a service in good health. */
export type EarStandInOptions = Omit<PulseSimulatorInput, 'host' | 'port' | 'keys' | 'maxSockets'>;

export class EarStandIn implements Transcriber {
  readonly name = 'pulse';
  /** Of audio that was heard, in milliseconds. */
  heardMs = 0;
  readonly #options: PulseSimulatorOptions;
  readonly #clock: Clock;
  readonly #lines = new Set<EarLine>();

  /** @throws {VoiceError} `options-invalid` */
  constructor(clock: Clock, options: EarStandInOptions = {}) {
    this.#clock = clock;
    this.#options = readOptions(options);
  }

  open(
    { format, listen }: { format: AudioFormat; listen: ListenOptions },
    listener: TranscriptListener,
  ): TranscriptionLine {
    const line = new EarLine({
      request: requestOf(format, listen),
      options: this.#options,
      clock: this.#clock,
      listener,
      heard: (ms) => (this.heardMs += ms),
      gone: () => this.#lines.delete(line),
    });
    this.#lines.add(line);
    return line;
  }

  close(): Promise<void> {
    for (const line of this.#lines) line.close();
    return Promise.resolve();
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
  clock: Clock;
  listener: TranscriptListener;
  heard: (ms: number) => void;
  gone: () => void;
}

class EarLine implements TranscriptionLine {
  readonly #parts: EarLineParts;
  readonly #hearing: Hearing;
  readonly #recognizer: Recognizer;
  readonly #bytesPerMs: number;
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  #stopPieceWait: (() => void) | undefined;
  /** When the last that waits to be told is due: nothing may overtake it. */
  #lastDueMs = 0;
  readonly #waiting = new Set<() => void>();
  #finals = 0;
  #state: 'open' | 'closing' | 'gone' = 'open';

  constructor(parts: EarLineParts) {
    const { request, options } = parts;
    this.#parts = parts;
    this.#bytesPerMs = (request.format.sampleRateHz * bytesPerSample(request.format)) / 1_000;
    this.#hearing = new Hearing(request.format, options.transcripts);
    this.#recognizer = new Recognizer({
      ...{ endpointing: request.endpointing, eouTimeoutMs: request.eouTimeoutMs },
      ...{ finalizeOnWords: request.finalizeOnWords, maxWords: options.maxWords, format: request.hasFormatting },
      ...{ vadEvents: request.vadEvents && options.vadEvents },
      ...{ shrinkingInterims: options.shrinkingInterims, repeatInterims: options.repeatInterims },
    });
    this.#later(CONNECT_MS + options.connectDelayMs, () => parts.listener.connected?.(0));
  }

  push(audio: Uint8Array): void {
    if (this.#state !== 'open') return;
    this.#pieces.push(audio.slice());
    this.#bytes += audio.length;
    if (this.#bytes >= PIECE_MS * this.#bytesPerMs) this.#hear();
    else this.#stopPieceWait ??= this.#parts.clock.after(PIECE_WAIT_MS, () => this.#hear());
  }

  finalize(): void {
    if (this.#state === 'open') this.#finalize('finalize');
  }

  close(): void {
    if (this.#state !== 'open') return;
    this.#finalize('close');
    this.#state = 'closing';
    this.#afterLast(() => this.#leave());
  }

  #finalize(cause: 'finalize' | 'close'): void {
    this.#hear();
    for (const event of this.#hearing.flush()) this.#say(this.#recognizer.hear(event));
    this.#say(this.#recognizer.finalize(cause));
  }

  #hear(): void {
    this.#stopPieceWait?.();
    this.#stopPieceWait = undefined;
    if (this.#bytes === 0) return;
    const audio = Buffer.concat(this.#pieces.splice(0));
    this.#parts.heard(this.#bytes / this.#bytesPerMs);
    this.#bytes = 0;
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
    const placed = words.map((word): HeardWord => ({
      word: word.text,
      startMs: Math.round(word.startMs),
      endMs: Math.round(word.endMs),
    }));
    const told = text === '' || !hasSpace ? text : `${text} `;
    this.#later(options.finalDelayMs, () => listener.transcript(told, true, placed));
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
    this.#state = 'gone';
    for (const cancel of this.#waiting) cancel();
    this.#parts.gone();
  }
}
