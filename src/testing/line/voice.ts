/**
 * The stand-in's voice without its socket: tones that carry the text, at the pace of the stand-in for Lightning. Text waits
 * for more as long as there, then it is spoken; audio comes faster than it sounds, in pieces.
 */
import type { AudioFormat } from '../../audio/contract.ts';
import { encodeToneSpeech, layOutToneSpeech, wordsOf, type SpokenWord } from '../../audio/tone-speech.ts';
import type { Clock } from '../../lib/clock.ts';
import { ProviderError, type ErrorCode } from '../../lib/errors.ts';
import type {
  RenderedSpeech,
  Resumption,
  Synthesis,
  SynthesisLine,
  SynthesisListener,
  Synthesizer,
  SynthesizerFigures,
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

/** Of all lines together. */
type VoiceCounts = Required<Omit<SynthesizerFigures, 'sockets'>>;

interface VoiceParts {
  clock: Clock;
  pace: Required<VoiceStandInOptions>;
  counts: VoiceCounts;
  /** Told of each text that is spoken. */
  spoke: (characters: number) => void;
  /** What goes wrong with the next synthesis. */
  takeFault: () => VoiceFault | undefined;
  isRefused: () => boolean;
}

export class VoiceStandIn implements Synthesizer {
  readonly name = 'lightning';
  readonly format: AudioFormat = { encoding: 'linear16', sampleRateHz: 24_000 };
  /** That were sent to be spoken. */
  characters = 0;
  readonly #parts: VoiceParts;
  readonly #counts: VoiceCounts = { reconnects: 0, resent: 0, retried: 0, truncated: 0, failed: 0, unspoken: 0 };
  readonly #phrases = new Map<string, RenderedSpeech>();
  readonly #lines = new Set<VoiceLine>();
  readonly #faults: VoiceFault[] = [];
  #isRefusing = false;

  constructor(clock: Clock, options: VoiceStandInOptions = {}) {
    this.#parts = {
      ...{ clock, pace: { ...DEFAULTS, ...options }, counts: this.#counts },
      spoke: (characters) => void (this.characters += characters),
      takeFault: () => this.#faults.shift(),
      isRefused: () => this.#isRefusing,
    };
  }

  open({ voice, wanted }: { voice: VoiceOptions; wanted?: AudioFormat }): SynthesisLine {
    const line = new VoiceLine(this.#parts, voice, formatFor(wanted ?? this.format));
    this.#lines.add(line);
    return line;
  }

  async render(text: string, voice: VoiceOptions, signal: AbortSignal, wanted?: AudioFormat): Promise<RenderedSpeech> {
    signal.throwIfAborted();
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

  figures(): SynthesizerFigures {
    return { sockets: 0, ...this.#counts };
  }

  /** Goes wrong with the next syntheses, one after the other. Phrases that were made ahead are spoken all the same. */
  fail(fault: VoiceFault, times = 1): void {
    for (let at = 0; at < times; at++) this.#faults.push(fault);
  }

  /** From now on nobody is let in, for their key. */
  refuse(): void {
    this.#isRefusing = true;
  }

  close(): Promise<void> {
    for (const line of this.#lines) line.close();
    this.#lines.clear();
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

/** What goes wrong with a synthesis: it is cut off, or called complete, after so much audio of it. */
export interface VoiceFault {
  type: 'cut' | 'mute';
  afterMs: number;
}

/** One utterance. */
interface Job {
  listener: SynthesisListener;
  /** All that it was given, for when it must be said again. */
  clauses: string[];
  buffer: string;
  isEnded: boolean;
  isSpeaking: boolean;
  /** Of audio handed over, that which is kept. */
  sentMs: number;
  /** What of it was handed over by the synthesis that runs. */
  ownMs: number;
  fault: VoiceFault | undefined;
  /** It was begun again, or gone on with, once. */
  isAgain: boolean;
  stopTimer: () => void;
}

class VoiceLine implements SynthesisLine {
  readonly format: AudioFormat;
  readonly #parts: VoiceParts;
  readonly #voice: VoiceOptions;
  #jobs: Job[] = [];
  #chunks = 0;
  #isClosed = false;

  constructor(parts: VoiceParts, voice: VoiceOptions, format: AudioFormat) {
    this.#parts = parts;
    this.#voice = voice;
    this.format = format;
  }

  begin(listener: SynthesisListener): Synthesis {
    const job: Job = {
      ...{ listener, clauses: [], buffer: '', isEnded: false, isSpeaking: false, sentMs: 0, ownMs: 0 },
      ...{ fault: undefined, isAgain: false, stopTimer: () => {} },
    };
    if (!this.#isClosed) this.#jobs.push(job);
    return {
      speak: (clause) => this.#add(job, clause),
      end: () => this.#endOf(job),
      abort: () => this.#leave(job),
    };
  }

  prewarm(): void {}

  close(): void {
    this.#isClosed = true;
    for (const { stopTimer } of this.#jobs.splice(0)) stopTimer();
  }

  #add(job: Job, clause: string): void {
    if (job.isEnded || !this.#jobs.includes(job)) return;
    const isFirst = job.buffer === '';
    job.clauses.push(clause);
    job.buffer += clause;
    if (job.isSpeaking || this.#jobs[0] !== job) return;
    if (job.buffer.length >= this.#parts.pace.enoughCharacters) return this.#look(job);
    if (isFirst) this.#wait(job, WAIT_FOR_MORE_MS, () => this.#look(job));
  }

  #endOf(job: Job): void {
    if (job.isEnded || !this.#jobs.includes(job)) return;
    job.isEnded = true;
    if (job.isSpeaking || this.#jobs[0] !== job) return;
    if (job.buffer.trim() !== '') this.#look(job);
    else this.#wait(job, 0, () => this.#look(job));
  }

  /** Speaks what there is, if it is this one's turn; ends it when nothing is left. */
  #look(job: Job): void {
    if (job.isSpeaking || this.#jobs[0] !== job) return;
    job.stopTimer();
    const text = job.buffer;
    job.buffer = '';
    if (text.trim() !== '') this.#speak(job, text);
    else if (job.isEnded) this.#over(job, () => job.listener.done());
  }

  #over(job: Job, tell: () => void): void {
    job.stopTimer();
    this.#jobs = this.#jobs.filter((other) => other !== job);
    tell();
    this.#next();
  }

  #leave(job: Job): void {
    const wasFirst = this.#jobs[0] === job;
    job.stopTimer();
    this.#jobs = this.#jobs.filter((other) => other !== job);
    if (wasFirst) this.#next();
  }

  #next(): void {
    const [job] = this.#jobs;
    if (!job) return;
    if (job.buffer.trim() !== '' || job.isEnded) this.#wait(job, 0, () => this.#look(job));
  }

  #wait(job: Job, ms: number, run: () => void): void {
    job.stopTimer();
    job.stopTimer = this.#parts.clock.after(ms, run);
  }

  #speak(job: Job, text: string): void {
    const { clock, pace, spoke, isRefused, takeFault } = this.#parts;
    if (isRefused()) return this.#wait(job, 1, () => this.#fail(job, 'unauthorized', 'Invalid API key'));
    const isFirst = job.ownMs === 0;
    if (isFirst) job.fault = takeFault();
    const audio = bytesOf(speak(text, this.#voice, this.format));
    const words = this.#timedWords(text);
    const bytesPerMs = (2 * this.format.sampleRateHz) / 1_000;
    const beganMs = clock.nowMs() + (isFirst ? pace.firstByteMs : pace.firstByteMs / 5);
    const fromMs = job.sentMs;
    const ownMs = job.ownMs;
    let at = 0;
    spoke(text.length);
    job.isSpeaking = true;
    const next = () => {
      if (job.fault && ownMs + at / bytesPerMs >= job.fault.afterMs) return this.#spoil(job, job.fault);
      const size = pace.chunkBytes[this.#chunks++ % pace.chunkBytes.length]! & ~1;
      const chunk = audio.subarray(at, at + size);
      at += chunk.length;
      const untilMs = at / bytesPerMs;
      job.sentMs = fromMs + untilMs;
      job.ownMs = ownMs + untilMs;
      if (chunk.length > 0) job.listener.audio(chunk);
      for (let word = words[0]; word && word.startMs <= untilMs; word = words[0]) {
        words.shift();
        job.listener.word(word.text, fromMs + word.startMs, fromMs + word.endMs);
      }
      if (this.#jobs[0] !== job) return; // aborted by whoever was told
      if (at < audio.length) return goOn(beganMs + untilMs / pace.realTimeFactor);
      job.isSpeaking = false;
      this.#look(job);
    };
    const goOn = (untilMs: number) => this.#wait(job, untilMs - clock.nowMs(), next);
    goOn(beganMs);
  }

  // ---- what goes wrong ----------------------------------------------------------------------------------------------

  /** As the client does: begun again when nothing was heard, gone on with where the listener can say so; once. */
  #spoil(job: Job, { type }: VoiceFault): void {
    const { counts } = this.#parts;
    const hasAudio = job.ownMs > 0;
    job.fault = undefined;
    job.isSpeaking = false;
    if (type === 'mute') counts.unspoken++;
    const rest = job.isAgain ? undefined : this.#restOf(job, hasAudio);
    if (!rest) {
      const code = type === 'cut' ? 'stream-cut' : 'provider-failed';
      return this.#fail(job, code, type === 'cut' ? 'The socket closed' : 'The answer ended without its words');
    }
    if (type === 'cut') counts.resent++;
    job.isAgain = true;
    job.clauses = [...rest.clauses];
    job.buffer = rest.clauses.join('');
    job.sentMs = rest.keptMs;
    job.ownMs = 0;
    this.#look(job);
  }

  #restOf(job: Job, hasAudio: boolean): Resumption | undefined {
    if (job.listener.resume && hasAudio) return job.listener.resume();
    return hasAudio ? undefined : { clauses: [...job.clauses], keptMs: 0 };
  }

  #fail(job: Job, code: ErrorCode, message: string): void {
    const { counts } = this.#parts;
    const isTruncated = job.sentMs > 0;
    counts.failed++;
    if (isTruncated) counts.truncated++;
    const phase = isTruncated ? 'mid-stream' : 'before-first-output';
    this.#over(job, () => job.listener.failed(new ProviderError('lightning', code, message, { phase })));
  }

  /** Some voices tell when each word was spoken, others keep silent about it. */
  #timedWords(text: string): SpokenWord[] {
    const { id, speed = 1 } = this.#voice;
    if (id === undefined || !TIMED_VOICES.has(id)) return [];
    return wordsOf(layOutToneSpeech(text, { speed }).characters);
  }
}
