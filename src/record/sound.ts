/**
 * A call as a stereo WAV file, the caller on the left, the agent on the right, written while it happens: whatever ends the
 * process, the file is whole up to about a second before. Silence fills what nobody said; audio that comes late, or that
 * belongs to the near future, lies where it was heard.
 */
import { endianness } from 'node:os';
import type { Clock } from '../lib/clock.ts';
import { messageOf, VoiceError } from '../lib/errors.ts';
import { WavFile } from './wav-file.ts';

export type Side = 'caller' | 'agent';

export interface SoundRecorderOptions {
  /** Folders on the way are made. An older file is replaced, a link is not followed. */
  path: string;
  clock: Clock;
  /** Of both sides; convert before. Default 8,000. */
  sampleRateHz?: number;
  /** Told once, when the file cannot be written; nothing is recorded from then on. `file-unreadable`. */
  onError?: (error: VoiceError) => void;
}

/** How often what is new goes to the file. */
const FLUSH_MS = 700;
/** How far back audio may be placed or erased, and how far ahead of now it may lie, together. */
const WINDOW_MS = 8_000;
/**
 * A frame this near to the end of the one before it belongs right behind it: arrival times jitter, samples do not. It is
 * also how far the recording may be off when nothing but arrival times is known.
 */
const JITTER_MS = 100;
const CHANNELS = 2;
const IS_BIG_ENDIAN = endianness() === 'BE';

export class SoundRecorder {
  readonly path: string;
  readonly sampleRateHz: number;
  /** Frames that lay too far from now to be placed. */
  dropped = 0;
  readonly #clock: Clock;
  readonly #startMs: number;
  readonly #onError: (error: VoiceError) => void;
  /** The last seconds, interleaved; a "moment" is one sample of each side. Moment `m` lies at `m % #capacity`. */
  readonly #window: Int16Array;
  readonly #capacity: number;
  /** The window holds the moments before this one. */
  #end = 0;
  /** Moments that are in the file. */
  #written = 0;
  /** Of those, the first that has changed since. */
  #changedFrom = Infinity;
  readonly #cursors = { caller: 0, agent: 0 };
  #writes: Promise<WavFile | undefined>;
  #cancelFlush: () => void;
  #closing: Promise<void> | undefined;

  /** Begins at once; the time of its first sample is now. */
  constructor(options: SoundRecorderOptions) {
    this.path = options.path;
    this.sampleRateHz = options.sampleRateHz ?? 8_000;
    this.#clock = options.clock;
    this.#startMs = options.clock.nowMs();
    this.#onError = options.onError ?? (() => {});
    this.#capacity = Math.ceil((WINDOW_MS * this.sampleRateHz) / 1_000);
    this.#window = new Int16Array(this.#capacity * CHANNELS);
    this.#writes = this.#openFile();
    this.#cancelFlush = this.#clock.after(FLUSH_MS, () => this.#flushRegularly());
  }

  /** @param atMs When its first sample is heard, by the recorder's clock. The past and the next seconds are both fine. */
  write(side: Side, samples: Int16Array, atMs: number): void {
    if (this.#closing) return;
    const wanted = this.#momentAt(atMs);
    const cursor = this.#cursors[side];
    const isNext = Math.abs(wanted - cursor) <= (JITTER_MS * this.sampleRateHz) / 1_000;
    const from = Math.max(0, isNext ? cursor : wanted);
    if (!this.#makeRoom(from, from + samples.length)) {
      this.dropped++;
      return;
    }
    let at = (from % this.#capacity) * CHANNELS + (side === 'caller' ? 0 : 1);
    for (let i = 0; i < samples.length; i++) {
      this.#window[at] = samples[i]!;
      at += CHANNELS;
      if (at >= this.#window.length) at -= this.#window.length;
    }
    this.#changedFrom = Math.min(this.#changedFrom, from);
    this.#cursors[side] = from + samples.length;
  }

  /**
   * What was placed from `atMs` on was never heard: the line was cleared. `untilMs`: what lies behind it was. Returns what
   * was there, in case it was heard after all.
   */
  erase(side: Side, atMs: number, untilMs = Infinity): Int16Array {
    if (this.#closing) return new Int16Array(0);
    const channel = side === 'caller' ? 0 : 1;
    const from = Math.max(0, this.#momentAt(atMs), this.#end - this.#capacity);
    const end = Math.min(this.#end, untilMs === Infinity ? Infinity : this.#momentAt(untilMs));
    const erased = new Int16Array(Math.max(0, end - from));
    for (let moment = from; moment < end; moment++) {
      const at = (moment % this.#capacity) * CHANNELS + channel;
      erased[moment - from] = this.#window[at]!;
      this.#window[at] = 0;
    }
    this.#changedFrom = Math.min(this.#changedFrom, from);
    if (untilMs === Infinity) this.#cursors[side] = Math.min(this.#cursors[side], from);
    return erased;
  }

  /** Writes the rest, up to now or to the last audio, and closes the file. Never throws; see `onError`. */
  close(): Promise<void> {
    this.#closing ??= this.#finish();
    return this.#closing;
  }

  async #finish(): Promise<void> {
    this.#cancelFlush();
    this.#flush(Math.max(this.#end, this.#momentAt(this.#clock.nowMs())));
    const file = await this.#writes;
    await file?.close().catch((thrown: unknown) => this.#report(thrown));
  }

  async #openFile(): Promise<WavFile | undefined> {
    try {
      return await WavFile.create(this.path, { sampleRateHz: this.sampleRateHz, channels: CHANNELS });
    } catch (thrown) {
      this.#report(thrown);
      return undefined;
    }
  }

  #report(thrown: unknown): void {
    const message = `Cannot write the recording \`${this.path}\`: ${messageOf(thrown)}`;
    this.#onError(new VoiceError('file-unreadable', message, { cause: thrown }));
  }

  #momentAt(atMs: number): number {
    return Math.round(((atMs - this.#startMs) * this.sampleRateHz) / 1_000);
  }

  /** Moves the window so that it holds these moments; false when they lie outside of what it can hold. */
  #makeRoom(from: number, until: number): boolean {
    if (from < this.#end - this.#capacity) return false;
    const now = this.#momentAt(this.#clock.nowMs());
    if (until > Math.max(now, this.#end) + this.#capacity / 2) return false;
    if (until <= this.#end) return true;
    const oldest = Math.min(this.#written, this.#changedFrom);
    if (until - oldest > this.#capacity) this.#flush(Math.min(this.#end, until));
    for (let moment = Math.max(this.#end, until - this.#capacity); moment < until; moment++) {
      const at = (moment % this.#capacity) * CHANNELS;
      this.#window[at] = 0;
      this.#window[at + 1] = 0;
    }
    this.#end = until;
    return true;
  }

  #flushRegularly(): void {
    this.#flush(this.#momentAt(this.#clock.nowMs()));
    this.#cancelFlush = this.#clock.after(FLUSH_MS, () => this.#flushRegularly());
  }

  /** Hands everything up to `until`, and what changed before, to the file. */
  #flush(until: number): void {
    if (until > this.#end) this.#extendTo(until);
    const from = Math.max(0, Math.min(this.#changedFrom, this.#written), this.#end - this.#capacity);
    const to = Math.max(this.#written, Math.min(until, this.#end));
    this.#changedFrom = Infinity;
    if (to <= from) return;
    const bytes = this.#copy(from, to);
    this.#written = to;
    this.#writes = this.#writes.then((file) => this.#put(file, bytes, from));
  }

  /** Nobody said anything for so long. A silence longer than the window is written in pieces. */
  #extendTo(until: number): void {
    while (this.#end < until) {
      const next = Math.min(until, this.#end + Math.floor(this.#capacity / 2));
      this.#makeRoom(next, next);
      if (next < until) this.#flush(next);
    }
  }

  #copy(from: number, to: number): Buffer {
    const samples = new Int16Array((to - from) * CHANNELS);
    const at = (from % this.#capacity) * CHANNELS;
    const first = this.#window.subarray(at, at + samples.length);
    samples.set(first);
    samples.set(this.#window.subarray(0, samples.length - first.length), first.length);
    const bytes = Buffer.from(samples.buffer);
    return IS_BIG_ENDIAN ? bytes.swap16() : bytes;
  }

  async #put(file: WavFile | undefined, bytes: Buffer, from: number): Promise<WavFile | undefined> {
    try {
      await file?.put(bytes, from);
      return file;
    } catch (thrown) {
      this.#report(thrown);
      return undefined;
    }
  }
}
