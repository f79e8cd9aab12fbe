/**
 * A transcriber that hears what a script says, whatever the audio holds: words lie at places in the caller's audio and are
 * heard when it has come so far. Keeps the whole contract of a transcriber (`test/contracts/transcriber.suite.ts`).
 */
import { bytesPerSample, type AudioFormat } from '../../src/audio/contract.ts';
import { systemClock, type Clock } from '../../src/lib/clock.ts';
import { ProviderError, VoiceError } from '../../src/lib/errors.ts';
import type {
  HeardWord,
  ListenOptions,
  Transcriber,
  TranscriberStats,
  TranscriptionLine,
  TranscriptListener,
} from '../../src/listen/contract.ts';

export interface ScriptedEarOptions {
  name?: string;
  clock?: Clock;
  /** From audio to what is told of it, and from `open` to `connected`. Default 0: another tick. */
  delayMs?: number;
  /** How long `close` waits for the last final when it is mute. Default 3,000. */
  closeTimeoutMs?: number;
}

/** Silence after which a segment is final, and how long a letter takes. */
const FINAL_AFTER_MS = 300;
const LETTER_MS = 60;

export class ScriptedEar implements Transcriber {
  readonly name: string;
  readonly stats: TranscriberStats = { openSockets: 0, reconnects: 0, failures: 0, invalidFrames: 0 };
  readonly lines = new Map<string, ScriptedEarLine>();
  /** Lets nobody in any more. */
  isRefusing = false;
  /** Answers neither `finalize` nor `close`. */
  isMute = false;
  readonly options: Required<ScriptedEarOptions>;
  readonly #scripts = new Map<string, HeardWord[]>();

  constructor(options: ScriptedEarOptions = {}) {
    this.options = { name: 'scripted-ear', clock: systemClock, delayMs: 0, closeTimeoutMs: 3_000, ...options };
    this.name = this.options.name;
  }

  /** The caller of this call says so from `atMs` of their audio on. Returns where in it they have finished. */
  say(callId: string, text: string, atMs: number): number {
    let endMs = atMs;
    for (const word of text.split(/\s+/).filter((part) => part !== '')) {
      const startMs = endMs + LETTER_MS;
      endMs = startMs + word.length * LETTER_MS;
      this.scriptOf(callId).push({ word, startMs, endMs });
    }
    return endMs;
  }

  scriptOf(callId: string): HeardWord[] {
    const script = this.#scripts.get(callId) ?? [];
    this.#scripts.set(callId, script);
    return script;
  }

  open(
    { callId, format, listen }: { callId: string; format: AudioFormat; listen: ListenOptions },
    listener: TranscriptListener,
  ): TranscriptionLine {
    if (listen.language === '') throw new VoiceError('options-invalid', 'Expected `listen.language`, got none');
    const line = new ScriptedEarLine(this, this.scriptOf(callId), format, listener);
    this.lines.set(callId, line);
    return line;
  }

  /** Every connection breaks, and is opened again. */
  lose(): void {
    for (const line of this.lines.values()) line.lose();
  }

  async close(): Promise<void> {
    for (const line of this.lines.values()) line.close();
    await Promise.all([...this.lines.values()].map(({ whenGone }) => whenGone));
  }
}

class ScriptedEarLine implements TranscriptionLine {
  readonly whenGone: Promise<void>;
  readonly #ear: ScriptedEar;
  readonly #script: HeardWord[];
  readonly #bytesPerMs: number;
  readonly #listener: TranscriptListener;
  readonly #timers = new Set<() => void>();
  #state: 'down' | 'up' | 'closing' | 'gone' = 'down';
  #connects = 0;
  #bytes = 0;
  /** Words of the script that have been heard, and those of the segment that is not final yet. */
  #heard = 0;
  #segment: HeardWord[] = [];
  #isFinalOwed = false;
  #resolveGone = () => {};

  constructor(ear: ScriptedEar, script: HeardWord[], format: AudioFormat, listener: TranscriptListener) {
    this.#ear = ear;
    this.#script = script;
    this.#bytesPerMs = (format.sampleRateHz * bytesPerSample(format)) / 1_000;
    this.#listener = listener;
    this.whenGone = new Promise((resolve) => (this.#resolveGone = resolve));
    this.#later(() => this.#connect());
  }

  push(audio: Uint8Array): void {
    if (this.#state === 'closing' || this.#state === 'gone') return;
    this.#bytes += audio.length;
    this.#listen();
  }

  finalize(): void {
    if (this.#state === 'up') this.#answer();
    else if (this.#state === 'down') this.#isFinalOwed = true;
  }

  close(): void {
    if (this.#state === 'closing' || this.#state === 'gone') return;
    if (this.#state === 'down') return this.#leave();
    if (!this.#ear.isMute) this.#answer();
    this.#state = 'closing';
    this.#later(() => this.#leave(), this.#ear.isMute ? this.#ear.options.closeTimeoutMs : undefined);
  }

  lose(): void {
    if (this.#state !== 'up') return;
    this.#state = 'down';
    this.#ear.stats.openSockets--;
    this.#ear.stats.failures++;
    this.#later(() => this.#listener.lost?.());
    this.#later(() => this.#connect());
  }

  #connect(): void {
    if (this.#state !== 'down') return;
    if (this.#ear.isRefusing) {
      const facts = { phase: 'connect', status: 401 } as const;
      this.#leave();
      return this.#listener.failed(new ProviderError(this.#ear.name, 'unauthorized', 'not with this key', facts));
    }
    this.#state = 'up';
    this.#ear.stats.openSockets++;
    if (this.#connects > 0) this.#ear.stats.reconnects++;
    this.#listener.connected?.(this.#connects++);
    this.#listen();
    if (this.#isFinalOwed) this.finalize();
    this.#isFinalOwed = false;
  }

  #listen(): void {
    if (this.#state !== 'up') return;
    const nowMs = this.#bytes / this.#bytesPerMs;
    for (let word = this.#script[this.#heard]; word && word.endMs <= nowMs; word = this.#script[++this.#heard]) {
      if (this.#hasPausedUntil(word.startMs)) this.#finish();
      if (this.#segment.push(word) === 1) this.#later(() => this.#listener.speech('start'));
      const text = this.#text.toLowerCase();
      this.#later(() => this.#listener.transcript(text, false));
    }
    if (this.#hasPausedUntil(Math.min(nowMs, this.#script[this.#heard]?.startMs ?? Infinity))) this.#finish();
  }

  #hasPausedUntil(ms: number): boolean {
    const last = this.#segment.at(-1);
    return last !== undefined && ms - last.endMs >= FINAL_AFTER_MS;
  }

  #finish(): void {
    this.#later(() => this.#listener.speech('end'));
    this.#answer();
  }

  /** A final of what has been heard since the last. */
  #answer(): void {
    if (this.#ear.isMute) return;
    const [text, words] = [this.#text, this.#segment];
    this.#segment = [];
    this.#later(() => this.#listener.transcript(text, true, words));
  }

  get #text(): string {
    return this.#segment.map(({ word }) => word).join(' ');
  }

  #later(run: () => void, delayMs = this.#ear.options.delayMs): void {
    const stop = this.#ear.options.clock.after(delayMs, () => {
      this.#timers.delete(stop);
      run();
    });
    this.#timers.add(stop);
  }

  /** Nothing is told from here on. */
  #leave(): void {
    if (this.#state !== 'down') this.#ear.stats.openSockets--;
    this.#state = 'gone';
    for (const stop of this.#timers) stop();
    this.#timers.clear();
    this.#resolveGone();
  }
}
