/**
 * The stand-in's voice without its socket: tones that carry the text, at the pace of the stand-in for Lightning. Text waits
 * for more as long as there, then it is spoken; audio comes faster than it sounds, in pieces.
 */
import type { AudioFormat } from '../../audio/contract.ts';
import { encodeToneSpeech, layOutToneSpeech, wordsOf, type SpokenWord } from '../../audio/tone-speech.ts';
import type { Clock } from '../../lib/clock.ts';
import type {
  RenderedSpeech,
  Synthesis,
  SynthesisLine,
  SynthesisListener,
  Synthesizer,
  VoiceOptions,
} from '../../speak/contract.ts';
import type { LightningSimulatorOptions } from '../../simulate/lightning/options.ts';
import { TIMED_VOICES } from '../../simulate/lightning/request.ts';

/** How it differs from a service in good health. */
export type VoiceStandInOptions = Pick<
  LightningSimulatorOptions,
  'firstByteMs' | 'realTimeFactor' | 'chunkBytes' | 'enoughCharacters'
>;

const DEFAULTS: Required<VoiceStandInOptions> = {
  firstByteMs: 150,
  realTimeFactor: 3.3,
  chunkBytes: [1_364, 2_048, 3_000, 1_024, 776],
  enoughCharacters: 120,
};
/** Text that is not enough waits so long for more, as the client asks. */
const WAIT_FOR_MORE_MS = 250;
/** Rates that it can be asked for. */
const RATES_HZ = [8_000, 16_000, 24_000, 44_100];

interface VoiceParts {
  clock: Clock;
  pace: Required<VoiceStandInOptions>;
  /** Told of each text that is spoken. */
  spoke: (characters: number) => void;
}

export class VoiceStandIn implements Synthesizer {
  readonly name = 'lightning';
  readonly format: AudioFormat = { encoding: 'linear16', sampleRateHz: 24_000 };
  /** That were sent to be spoken. */
  characters = 0;
  readonly #parts: VoiceParts;
  readonly #phrases = new Map<string, RenderedSpeech>();

  constructor(clock: Clock, options: VoiceStandInOptions = {}) {
    const spoke = (characters: number) => void (this.characters += characters);
    this.#parts = { clock, pace: { ...DEFAULTS, ...options }, spoke };
  }

  open({ voice, wanted }: { voice: VoiceOptions; wanted?: AudioFormat }): SynthesisLine {
    return new VoiceLine(this.#parts, voice, formatFor(wanted ?? this.format));
  }

  render(text: string, voice: VoiceOptions, _signal: AbortSignal, wanted?: AudioFormat): Promise<RenderedSpeech> {
    const format = formatFor(wanted ?? this.format);
    const key = keyOf(text, voice, format);
    const known = this.#phrases.get(key) ?? { format, audio: bytesOf(speak(text, voice, format)) };
    if (!this.#phrases.has(key)) this.#parts.spoke(text.length);
    this.#phrases.set(key, known);
    return Promise.resolve(known);
  }

  rendered(text: string, voice: VoiceOptions, wanted: AudioFormat): RenderedSpeech | undefined {
    return this.#phrases.get(keyOf(text, voice, formatFor(wanted)));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Samples at the nearest rate that is no lower than what is wanted. */
function formatFor({ sampleRateHz }: AudioFormat): AudioFormat {
  return { encoding: 'linear16', sampleRateHz: RATES_HZ.find((rateHz) => rateHz >= sampleRateHz) ?? RATES_HZ.at(-1)! };
}

const keyOf = (text: string, { speed = 1 }: VoiceOptions, { sampleRateHz }: AudioFormat): string =>
  `${sampleRateHz} ${speed} ${text}`;
const speak = (text: string, { speed = 1 }: VoiceOptions, { sampleRateHz }: AudioFormat): Int16Array =>
  encodeToneSpeech(text, sampleRateHz, { speed });
const bytesOf = (samples: Int16Array): Uint8Array =>
  new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);

/** One utterance. */
interface Job {
  listener: SynthesisListener;
  buffer: string;
  isEnded: boolean;
  isSpeaking: boolean;
  /** Of audio handed over. */
  sentMs: number;
  stopTimer: () => void;
}

class VoiceLine implements SynthesisLine {
  readonly format: AudioFormat;
  readonly #parts: VoiceParts;
  readonly #voice: VoiceOptions;
  #jobs: Job[] = [];
  #chunks = 0;

  constructor(parts: VoiceParts, voice: VoiceOptions, format: AudioFormat) {
    this.#parts = parts;
    this.#voice = voice;
    this.format = format;
  }

  begin(listener: SynthesisListener): Synthesis {
    const job: Job = { listener, buffer: '', isEnded: false, isSpeaking: false, sentMs: 0, stopTimer: () => {} };
    this.#jobs.push(job);
    return {
      speak: (clause) => this.#add(job, clause),
      end: () => {
        job.isEnded = true;
        this.#look(job);
      },
      abort: () => this.#leave(job),
    };
  }

  prewarm(): void {}

  close(): void {
    for (const { stopTimer } of this.#jobs.splice(0)) stopTimer();
  }

  #add(job: Job, clause: string): void {
    const isFirst = job.buffer === '';
    job.buffer += clause;
    if (job.isSpeaking || this.#jobs[0] !== job) return;
    if (job.buffer.length >= this.#parts.pace.enoughCharacters) return this.#look(job);
    if (isFirst) job.stopTimer = this.#parts.clock.after(WAIT_FOR_MORE_MS, () => this.#look(job));
  }

  /** Speaks what there is, if it is this one's turn; ends it when nothing is left. */
  #look(job: Job): void {
    if (job.isSpeaking || this.#jobs[0] !== job) return;
    job.stopTimer();
    const text = job.buffer;
    job.buffer = '';
    if (text.trim() !== '') this.#speak(job, text);
    else if (job.isEnded) this.#end(job);
  }

  #end(job: Job): void {
    this.#leave(job);
    job.listener.done();
  }

  #leave(job: Job): void {
    job.stopTimer();
    const wasFirst = this.#jobs[0] === job;
    this.#jobs = this.#jobs.filter((other) => other !== job);
    const [next] = this.#jobs;
    if (wasFirst && next) this.#look(next);
  }

  #speak(job: Job, text: string): void {
    const { clock, pace, spoke } = this.#parts;
    const audio = bytesOf(speak(text, this.#voice, this.format));
    const words = this.#timedWords(text);
    const bytesPerMs = (2 * this.format.sampleRateHz) / 1_000;
    const beganMs = clock.nowMs() + (job.sentMs === 0 ? pace.firstByteMs : pace.firstByteMs / 5);
    const fromMs = job.sentMs;
    let at = 0;
    spoke(text.length);
    job.isSpeaking = true;
    const next = () => {
      const size = pace.chunkBytes[this.#chunks++ % pace.chunkBytes.length]! & ~1;
      const chunk = audio.subarray(at, at + size);
      at += chunk.length;
      const untilMs = at / bytesPerMs;
      job.stopTimer = () => {};
      if (chunk.length > 0) job.listener.audio(chunk);
      for (let word = words[0]; word && word.startMs <= untilMs; word = words[0]) {
        words.shift();
        job.listener.word(word.text, fromMs + word.startMs, fromMs + word.endMs);
      }
      if (this.#jobs[0] !== job) return; // aborted by whoever was told
      if (at < audio.length) return wait(beganMs + untilMs / pace.realTimeFactor);
      job.sentMs = fromMs + untilMs;
      job.isSpeaking = false;
      this.#look(job);
    };
    const wait = (untilMs: number) => void (job.stopTimer = clock.after(untilMs - clock.nowMs(), next));
    wait(beganMs);
  }

  /** Some voices tell when each word was spoken, others keep silent about it. */
  #timedWords(text: string): SpokenWord[] {
    const { id, speed = 1 } = this.#voice;
    if (id === undefined || !TIMED_VOICES.has(id)) return [];
    return wordsOf(layOutToneSpeech(text, { speed }).characters);
  }
}
