/** A synthesizer in a clock's time that speaks tones: one synthesis after the other, faster than real time. */
import type { AudioFormat } from '../../../src/audio/contract.ts';
import { encodeToneSpeech, layOutToneSpeech, wordsOf } from '../../../src/audio/tone-speech.ts';
import type { Clock } from '../../../src/lib/clock.ts';
import { ProviderError } from '../../../src/lib/errors.ts';
import type {
  Resumption,
  Synthesis,
  SynthesisLine,
  SynthesisListener,
  Synthesizer,
  VoiceOptions,
} from '../../../src/speak/contract.ts';

export interface ToneSynthesizerOptions {
  clock: Clock;
  firstByteMs?: number;
  realTimeFactor?: number;
  wordTimestamps?: boolean;
  sampleRateHz?: number;
  /** Names the voice's pace: instances of one name learn together. */
  name?: string;
  /** Fails each synthesis after so much audio, so many times. */
  failures?: { afterMs: number; times: number; mayResume: boolean };
}

interface Job {
  listener: SynthesisListener;
  text: string;
  isEnded: boolean;
  spokenMs: number;
}

const CHUNK_MS = 90;

export class ToneSynthesizer implements Synthesizer {
  readonly name: string;
  readonly format: AudioFormat;
  readonly phrases = new Map<string, Uint8Array>();
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
    this.name = options.name ?? 'tones';
    this.format = { encoding: 'linear16', sampleRateHz: options.sampleRateHz ?? 8_000 };
  }

  open(): SynthesisLine {
    return { begin: (listener) => this.#begin(listener), prewarm: () => {}, close: () => this.#stop?.() };
  }

  async render(text: string): Promise<Uint8Array> {
    const pcm = this.#pcm(text);
    this.phrases.set(text, pcm);
    return pcm;
  }

  rendered(text: string, _voice: VoiceOptions): Uint8Array | undefined {
    return this.phrases.get(text);
  }

  async close(): Promise<void> {}

  #begin(listener: SynthesisListener): Synthesis {
    const job: Job = { listener, text: '', isEnded: false, spokenMs: 0 };
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
    const { text } = job;
    job.text = '';
    const pcm = this.#pcm(text);
    const step = (CHUNK_MS * this.format.sampleRateHz) / 500;
    if (wordTimestamps) {
      const base = job.spokenMs;
      for (const word of wordsOf(layOutToneSpeech(text).characters))
        job.listener.word(word.text, base + word.startMs, base + word.endMs);
    }
    let at = 0;
    const next = () => {
      if (failures && failures.times > 0 && job.spokenMs >= failures.afterMs) return this.#fail(job);
      const chunk = pcm.subarray(at, at + step);
      at += chunk.length;
      job.spokenMs += (chunk.length * 500) / this.format.sampleRateHz;
      job.listener.audio(chunk);
      if (this.#jobs[0] !== job) return;
      this.#stop = undefined;
      if (at >= pcm.length) return this.#pump();
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

  #pcm(text: string): Uint8Array {
    const samples = encodeToneSpeech(text, this.format.sampleRateHz);
    return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  }
}
