/**
 * A synthesizer that speaks tones, which a test can decode, with the time of every word, in any format, at any pace. Keeps
 * the whole contract of a synthesizer (`test/contracts/synthesizer.suite.ts`).
 */
import type { AudioFormat } from '../../src/audio/contract.ts';
import { bytesPerSample } from '../../src/audio/contract.ts';
import { SampleWriter } from '../../src/audio/convert.ts';
import { encodeToneSpeech, layOutToneSpeech, wordsOf, type SpokenWord } from '../../src/audio/tone-speech.ts';
import { systemClock, type Clock } from '../../src/lib/clock.ts';
import { ProviderError } from '../../src/lib/errors.ts';
import type {
  RenderedSpeech,
  Synthesis,
  SynthesisLine,
  SynthesisListener,
  Synthesizer,
  SynthesizerFigures,
  VoiceOptions,
} from '../../src/speak/contract.ts';

export interface ScriptedVoiceOptions {
  name?: string;
  clock?: Clock;
  /** Of what it yields; a line of linear audio may ask for another rate. Default linear, 8,000 Hz. */
  format?: AudioFormat;
  /** From a clause to its first audio, in milliseconds. Default 0: another tick. */
  firstByteMs?: number;
  /** How much faster than it plays audio comes. Default: all at once, piece by piece. */
  realTimeFactor?: number;
}

interface Job {
  listener: SynthesisListener;
  /** All clauses that are to be spoken, and how many have been. */
  clauses: string[];
  spoken: number;
  isEnded: boolean;
  /** Audio handed over. */
  ms: number;
  tries: number;
}

const PIECE_MS = 60;
const MOST_TRIES = 2;

export class ScriptedVoice implements Synthesizer {
  readonly name: string;
  readonly format: AudioFormat;
  /** Cuts the next syntheses, each after so much audio. */
  readonly cuts: number[] = [];
  /** Calls the next syntheses complete, each after so much audio. */
  readonly mutes: number[] = [];
  /** Lets nobody in any more. */
  isRefusing = false;
  readonly counts = { sockets: 0, reconnects: 0, resent: 0, retried: 0, truncated: 0, failed: 0, unspoken: 0 };
  readonly options: Required<ScriptedVoiceOptions>;
  readonly #lines = new Set<ScriptedVoiceLine>();
  readonly #phrases = new Map<string, RenderedSpeech>();

  constructor(options: ScriptedVoiceOptions = {}) {
    const format: AudioFormat = { encoding: 'linear16', sampleRateHz: 8_000 };
    this.options = {
      ...{ name: 'scripted-voice', clock: systemClock, format, firstByteMs: 0, realTimeFactor: Infinity },
      ...options,
    };
    this.name = this.options.name;
    this.format = this.options.format;
  }

  open({ wanted }: { callId: string; voice: VoiceOptions; wanted?: AudioFormat }): SynthesisLine {
    const line = new ScriptedVoiceLine(this, this.#formatFor(wanted), () => this.#lines.delete(line));
    this.#lines.add(line);
    return line;
  }

  async render(text: string, voice: VoiceOptions, signal: AbortSignal, wanted?: AudioFormat): Promise<RenderedSpeech> {
    signal.throwIfAborted();
    const format = this.#formatFor(wanted);
    const speech = this.rendered(text, voice, wanted) ?? { format, audio: speak(text, format) };
    this.#phrases.set(this.#key(text, wanted), speech);
    return speech;
  }

  rendered(text: string, _voice: VoiceOptions, wanted?: AudioFormat): RenderedSpeech | undefined {
    return this.#phrases.get(this.#key(text, wanted));
  }

  figures(): SynthesizerFigures {
    return { ...this.counts, sockets: this.#lines.size };
  }

  async close(): Promise<void> {
    for (const line of this.#lines) line.close();
  }

  #formatFor({ sampleRateHz } = this.format): AudioFormat {
    return this.format.encoding === 'linear16' ? { ...this.format, sampleRateHz } : this.format;
  }

  #key(text: string, wanted: AudioFormat | undefined): string {
    return `${this.#formatFor(wanted).sampleRateHz} ${text}`;
  }
}

/** Tones, in any format. */
export function speak(text: string, format: AudioFormat): Uint8Array {
  return new SampleWriter(format).write(encodeToneSpeech(text, format.sampleRateHz)).slice();
}

class ScriptedVoiceLine implements SynthesisLine {
  readonly format: AudioFormat;
  readonly #voice: ScriptedVoice;
  readonly #gone: () => void;
  #jobs: Job[] = [];
  #isClosed = false;
  /** Set while something is being spoken, or is about to be. */
  #stop: (() => void) | undefined;

  constructor(voice: ScriptedVoice, format: AudioFormat, gone: () => void) {
    this.#voice = voice;
    this.format = format;
    this.#gone = gone;
  }

  begin(listener: SynthesisListener): Synthesis {
    const job: Job = { listener, clauses: [], spoken: 0, isEnded: false, ms: 0, tries: 0 };
    this.#jobs.push(job);
    return {
      speak: (clause) => {
        if (!job.isEnded) job.clauses.push(clause);
        this.#pump();
      },
      end: () => {
        job.isEnded = true;
        this.#pump();
      },
      abort: () => this.#remove(job),
    };
  }

  prewarm(): void {}

  close(): void {
    this.#isClosed = true;
    for (const job of this.#jobs.splice(0)) this.#remove(job);
    this.#halt();
    this.#gone();
  }

  #pump(): void {
    const [job] = this.#jobs;
    if (!job || this.#stop || this.#isClosed) return;
    const clause = job.clauses[job.spoken];
    if (clause !== undefined) return this.#later(this.#voice.options.firstByteMs, () => this.#begin(job, clause));
    if (!job.isEnded) return;
    this.#later(0, () => {
      this.#remove(job);
      job.listener.done();
    });
  }

  #begin(job: Job, clause: string): void {
    if (this.#voice.isRefusing) return this.#fail(job, 'unauthorized', 'not with this key');
    job.spoken++;
    const words = wordsOf(layOutToneSpeech(clause).characters);
    this.#hand(job, speak(clause, this.format), { words, baseMs: job.ms });
  }

  /** Piece by piece; a word is told with the audio in which it begins. */
  #hand(job: Job, audio: Uint8Array, timing: { words: SpokenWord[]; baseMs: number }): void {
    const bytesPerMs = (this.format.sampleRateHz * bytesPerSample(this.format)) / 1_000;
    const [cutMs] = this.#voice.cuts;
    if (cutMs !== undefined && job.ms >= cutMs) return this.#cut(job);
    const [muteMs] = this.#voice.mutes;
    if (muteMs !== undefined && job.ms >= muteMs) return this.#mute(job);
    const piece = audio.subarray(0, PIECE_MS * bytesPerMs);
    if (piece.length === 0) return this.#pump();
    job.ms += piece.length / bytesPerMs;
    const { words, baseMs } = timing;
    for (let word = words[0]; word && baseMs + word.startMs < job.ms; word = words[0]) {
      words.shift();
      job.listener.word(word.text, baseMs + word.startMs, baseMs + word.endMs);
    }
    const rest = audio.subarray(piece.length);
    this.#later(PIECE_MS / this.#voice.options.realTimeFactor, () => this.#hand(job, rest, timing));
    job.listener.audio(piece);
  }

  #cut(job: Job): void {
    this.#voice.cuts.shift();
    this.#voice.counts.reconnects++;
    this.#again(job, 'stream-cut', 'cut off by the script');
  }

  #mute(job: Job): void {
    this.#voice.mutes.shift();
    this.#voice.counts.unspoken++;
    this.#again(job, 'provider-failed', 'called complete by the script');
  }

  /** Once more, for what is still to be spoken, if that can be told. */
  #again(job: Job, code: 'stream-cut' | 'provider-failed', message: string): void {
    const rest = job.listener.resume?.() ?? (job.ms === 0 ? { clauses: job.clauses, keptMs: 0 } : undefined);
    if (!rest || ++job.tries >= MOST_TRIES) return this.#fail(job, code, message);
    this.#voice.counts.resent++;
    Object.assign(job, { clauses: [...rest.clauses], spoken: 0, ms: rest.keptMs });
    this.#pump();
  }

  #fail(job: Job, code: 'stream-cut' | 'provider-failed' | 'unauthorized', message: string): void {
    const facts = { phase: job.ms > 0 ? 'mid-stream' : 'before-first-output' } as const;
    this.#voice.counts.failed++;
    if (job.ms > 0) this.#voice.counts.truncated++;
    this.#remove(job);
    job.listener.failed(new ProviderError(this.#voice.name, code, message, facts));
  }

  #remove(job: Job): void {
    if (this.#jobs[0] === job) this.#halt();
    this.#jobs = this.#jobs.filter((other) => other !== job);
    this.#pump();
  }

  #halt(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  #later(ms: number, run: () => void): void {
    this.#stop = this.#voice.options.clock.after(ms, () => {
      this.#stop = undefined;
      run();
    });
  }
}
