/** A synthesizer in a clock's time that speaks tones: one synthesis after the other, faster than real time. */
import { bytesPerSample, type AudioFormat } from '../../src/audio/contract.ts';
import { SampleWriter } from '../../src/audio/convert.ts';
import { encodeToneSpeech, layOutToneSpeech, wordsOf } from '../../src/audio/tone-speech.ts';
import type { Clock } from '../../src/lib/clock.ts';
import { ProviderError } from '../../src/lib/errors.ts';
import type {
  RenderedSpeech,
  Resumption,
  Synthesis,
  SynthesisLine,
  SynthesisListener,
  Synthesizer,
  VoiceOptions,
} from '../../src/speak/contract.ts';

export interface ToneSynthesizerOptions {
  clock: Clock;
  firstByteMs?: number;
  realTimeFactor?: number;
  wordTimestamps?: boolean;
  /** Of lines that want no other. Default: 16-bit samples at 8,000 Hz. */
  format?: AudioFormat;
  /** Speaks in whatever format a line wants. Default: in its own. */
  obeys?: boolean;
  /** How a text sounds. Default: tones that carry it. */
  sound?: (text: string, sampleRateHz: number) => Int16Array;
  /** Fails each synthesis after so much audio, so many times. */
  failures?: { afterMs: number; times: number; mayResume: boolean };
}

interface Job {
  listener: SynthesisListener;
  format: AudioFormat;
  text: string;
  isEnded: boolean;
  spokenMs: number;
}

const CHUNK_MS = 90;

export class ToneSynthesizer implements Synthesizer {
  readonly name = 'tones';
  readonly format: AudioFormat;
  /** By text, encoding and rate. */
  readonly phrases = new Map<string, RenderedSpeech>();
  /** What was asked for, clause by clause. */
  readonly clauses: string[] = [];
  /** Where it was told to go on after a failure. */
  readonly resumptions: Resumption[] = [];
  aborted = 0;
  readonly #options: ToneSynthesizerOptions;
  #jobs: Job[] = [];
  #stop: (() => void) | undefined;
  #chunks: (() => void)[] = [];

  constructor(options: ToneSynthesizerOptions) {
    this.#options = options;
    this.format = options.format ?? { encoding: 'linear16', sampleRateHz: 8_000 };
  }

  /** One call at a time: lines share the queue. */
  open({ wanted }: { wanted?: AudioFormat } = {}): SynthesisLine {
    const format = this.#formatFor(wanted);
    return { format, begin: (listener) => this.#begin(listener, format), prewarm() {}, close: () => this.#stop?.() };
  }

  async render(text: string, _voice?: VoiceOptions, _signal?: AbortSignal, wanted?: AudioFormat) {
    const format = this.#formatFor(wanted);
    const speech = { format, audio: this.#audioOf(text, format) };
    this.phrases.set(keyOf(text, format), speech);
    return speech;
  }

  rendered(text: string, _voice: VoiceOptions, wanted: AudioFormat): RenderedSpeech | undefined {
    return this.phrases.get(keyOf(text, this.#formatFor(wanted)));
  }

  #audioOf(text: string, format: AudioFormat): Uint8Array {
    const { sound = encodeToneSpeech } = this.#options;
    return new SampleWriter(format).write(sound(text, format.sampleRateHz));
  }

  #formatFor(wanted: AudioFormat | undefined): AudioFormat {
    return (this.#options.obeys ? wanted : undefined) ?? this.format;
  }

  async close(): Promise<void> {}

  #begin(listener: SynthesisListener, format: AudioFormat): Synthesis {
    const job: Job = { listener, format, text: '', isEnded: false, spokenMs: 0 };
    this.#jobs.push(job);
    return {
      speak: (clause) => {
        this.clauses.push(clause);
        job.text += clause;
        this.#pump();
      },
      end: () => {
        job.isEnded = true;
        this.#pump();
      },
      abort: () => {
        this.aborted++;
        if (this.#jobs[0] === job) this.#stopAll();
        this.#jobs = this.#jobs.filter((other) => other !== job);
        this.#pump();
      },
    };
  }

  #pump(): void {
    const [job] = this.#jobs;
    if (!job || this.#stop) return;
    if (job.text !== '') return this.#speak(job);
    if (!job.isEnded) return;
    this.#jobs.shift();
    job.listener.done();
    this.#pump();
  }

  #speak(job: Job): void {
    const { clock, firstByteMs = 150, realTimeFactor = 3.3, wordTimestamps, failures } = this.#options;
    const { text, format } = job;
    job.text = '';
    const audio = this.#audioOf(text, format);
    const bytesPerMs = (bytesPerSample(format) * format.sampleRateHz) / 1_000;
    const step = Math.floor((CHUNK_MS * format.sampleRateHz) / 1_000) * bytesPerSample(format);
    if (wordTimestamps) {
      const base = job.spokenMs;
      for (const word of wordsOf(layOutToneSpeech(text).characters))
        job.listener.word(word.text, base + word.startMs, base + word.endMs);
    }
    let at = 0;
    const next = () => {
      if (failures && failures.times > 0 && job.spokenMs >= failures.afterMs) return this.#fail(job);
      const chunk = audio.subarray(at, at + step);
      at += chunk.length;
      job.spokenMs += chunk.length / bytesPerMs;
      job.listener.audio(chunk);
      if (this.#jobs[0] !== job) return;
      this.#stop = undefined;
      if (at >= audio.length) return this.#pump();
      this.#stop = clock.after(CHUNK_MS / realTimeFactor, next);
    };
    this.#stop = clock.after(job.spokenMs === 0 ? firstByteMs : 20, next);
  }

  #fail(job: Job): void {
    const { failures } = this.#options;
    this.#stop = undefined;
    failures!.times--;
    this.#jobs.shift();
    const rest = failures!.mayResume ? job.listener.resume?.() : undefined;
    if (rest) {
      this.resumptions.push(rest);
      this.#jobs.unshift({ ...job, text: rest.clauses.join(''), spokenMs: rest.keptMs });
      return this.#pump();
    }
    job.listener.failed(new ProviderError('tones', 'stream-cut', 'cut for a test', { phase: 'mid-stream' }));
    this.#pump();
  }

  #stopAll(): void {
    this.#stop?.();
    this.#stop = undefined;
    for (const stop of this.#chunks) stop();
  }
}

const keyOf = (text: string, { encoding, sampleRateHz }: AudioFormat) => `${encoding} ${sampleRateHz} ${text}`;
