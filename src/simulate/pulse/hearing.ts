/**
 * What the stand-in hears, from the audio alone: tone speech by decoding it, recordings that it knows by finding them
 * again, and that there is sound at all. Pure; time is audio time, in ms since the first sample.
 */
import type { AudioFormat } from '../../audio/contract.ts';
import { SampleReader } from '../../audio/convert.ts';
import { ToneSpeechDecoder, type SpokenWord } from '../../audio/tone-speech.ts';
import { KnownAudioFinder, type KnownAudio } from './known-audio.ts';

export type HeardEvent =
  | ({ type: 'word' } & SpokenWord)
  /** More of the word that is being spoken; `text` is all of it so far. */
  | { type: 'part'; text: string; startMs: number }
  | { type: 'sound'; phase: 'start' | 'end'; atMs: number };

/** Audio is looked at in slices of this length. */
const SLICE_MS = 20;
/** Root mean square, of 32,767: -44 dB of full scale. */
const SOUND_LEVEL = 200;
const SOUND_STARTS_MS = 60;
const SOUND_ENDS_MS = 300;
/** A word ends without a space when nothing follows it for so long. */
const WORD_ENDS_MS = 120;

export class Hearing {
  readonly #reader: SampleReader;
  readonly #decoder: ToneSpeechDecoder;
  readonly #finder: KnownAudioFinder | undefined;
  readonly #slice: Int16Array;
  readonly #soundLevel: number;
  #filled = 0;
  #slices = 0;
  #word: SpokenWord | undefined;
  #isSounding = false;
  #soundMs = 0;
  #lastSoundMs = -Infinity;

  /** `quietLevel`: the root mean square of what is no voice on this line. Default: of a line without noise. */
  constructor(format: AudioFormat, known: readonly KnownAudio[] = [], quietLevel = 0) {
    this.#reader = new SampleReader(format);
    this.#soundLevel = Math.max(SOUND_LEVEL, quietLevel);
    this.#decoder = new ToneSpeechDecoder(format.sampleRateHz, { quietLevel });
    this.#finder = known.length > 0 ? new KnownAudioFinder(format.sampleRateHz, known) : undefined;
    this.#slice = new Int16Array(Math.round((format.sampleRateHz * SLICE_MS) / 1_000));
  }

  /** Audio so far, in whole slices. */
  get heardMs(): number {
    return this.#slices * SLICE_MS;
  }

  /** When the line was last loud; -Infinity when it never was. */
  get lastSoundMs(): number {
    return this.#lastSoundMs;
  }

  /** Whether a word has begun and not ended. */
  get isInWord(): boolean {
    return this.#word !== undefined;
  }

  /** @param tell Called for each event, in order, with how much audio had been heard then. */
  push(audio: Uint8Array, tell: (event: HeardEvent, heardMs: number) => void, tick: (heardMs: number) => void): void {
    const samples = this.#reader.read(audio);
    for (let at = 0; at < samples.length;) {
      const count = Math.min(samples.length - at, this.#slice.length - this.#filled);
      this.#slice.set(samples.subarray(at, at + count), this.#filled);
      this.#filled += count;
      at += count;
      if (this.#filled < this.#slice.length) return;
      this.#filled = 0;
      this.#slices++;
      for (const event of this.#hearSlice()) tell(event, this.heardMs);
      tick(this.heardMs);
    }
  }

  /** What was said up to here, now: a word need not wait for the silence behind it. */
  flush(): HeardEvent[] {
    const events: HeardEvent[] = [];
    for (const { text, startMs, endMs } of this.#decoder.flush()) this.#addCharacter(text, startMs, endMs, events);
    this.#endWord(events);
    for (const word of this.#finder?.flush() ?? []) events.push({ type: 'word', ...word });
    return events;
  }

  #hearSlice(): HeardEvent[] {
    const events: HeardEvent[] = [];
    this.#hearSound(events);
    for (const { text, startMs, endMs } of this.#decoder.push(this.#slice)) {
      this.#addCharacter(text, startMs, endMs, events);
    }
    if (this.#word && this.heardMs - this.#word.endMs >= this.#decoder.patienceMs(WORD_ENDS_MS)) this.#endWord(events);
    if (!this.#finder) return events;
    for (const word of this.#finder.push(this.#slice)) events.push({ type: 'word', ...word });
    return events;
  }

  #hearSound(events: HeardEvent[]): void {
    let sum = 0;
    for (const sample of this.#slice) sum += sample * sample;
    const isLoud = Math.sqrt(sum / this.#slice.length) > this.#soundLevel;
    this.#soundMs = isLoud ? this.#soundMs + SLICE_MS : 0;
    if (isLoud) this.#lastSoundMs = this.heardMs;
    if (!this.#isSounding && this.#soundMs >= SOUND_STARTS_MS) {
      this.#isSounding = true;
      events.push({ type: 'sound', phase: 'start', atMs: this.heardMs - this.#soundMs });
    } else if (this.#isSounding && this.heardMs - this.#lastSoundMs >= SOUND_ENDS_MS) {
      this.#isSounding = false;
      events.push({ type: 'sound', phase: 'end', atMs: this.#lastSoundMs });
    }
  }

  #addCharacter(text: string, startMs: number, endMs: number, events: HeardEvent[]): void {
    if (/^\s$/u.test(text)) return this.#endWord(events);
    if (this.#word && startMs - this.#word.endMs >= WORD_ENDS_MS) this.#endWord(events);
    this.#word ??= { text: '', startMs, endMs };
    this.#word.text += text;
    this.#word.endMs = endMs;
    events.push({ type: 'part', text: this.#word.text, startMs: this.#word.startMs });
  }

  #endWord(events: HeardEvent[]): void {
    if (this.#word) events.push({ type: 'word', ...this.#word });
    this.#word = undefined;
  }
}
