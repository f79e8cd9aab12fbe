/**
 * One side of a line on its way into the recording: each piece is decoded by the format that this side has and brought to
 * the recording's rate.
 */
import type { AudioFormat } from '../audio/contract.ts';
import { SampleReader } from '../audio/convert.ts';
import { createResampler, type Resampler } from '../audio/resample.ts';

export interface RecordedSideOptions {
  /** Of what is added. */
  format: AudioFormat;
  /** Of what is kept. */
  sampleRateHz: number;
  /** Takes what is to be kept, with when its first sample is heard; the samples are good until it returns. */
  keep: (samples: Int16Array, atMs: number) => void;
}

/** A piece that is so far from the end of the one before it does not go on with its sound. */
const HOLE_MS = 100;

export class RecordedSide {
  readonly #options: RecordedSideOptions;
  #stream: { reader: SampleReader; resampler: Resampler } | undefined;
  #endMs = -Infinity;
  /** How much of what was added the resampler has not given back: a few milliseconds, none between equal rates. */
  #heldMs = 0;
  #isClosed = false;

  constructor(options: RecordedSideOptions) {
    this.#options = options;
  }

  /** When the last sample that was added has been heard; -Infinity when there is none, or it was cut. */
  get endMs(): number {
    return this.#endMs;
  }

  /** @param atMs when its first sample is heard */
  add(bytes: Uint8Array, atMs: number): void {
    if (this.#isClosed) return;
    if (Math.abs(atMs - this.#endMs) > HOLE_MS) this.#end();
    const { format, sampleRateHz } = this.#options;
    this.#stream ??= {
      reader: new SampleReader(format),
      resampler: createResampler(format.sampleRateHz, sampleRateHz),
    };
    const samples = this.#stream.reader.read(bytes);
    const lengthMs = (samples.length * 1_000) / format.sampleRateHz;
    this.#keep(this.#stream.resampler.process(samples), atMs - this.#heldMs);
    this.#heldMs += lengthMs;
    this.#endMs = atMs + lengthMs;
  }

  /** What the resampler still holds will not be heard. What is added next begins anew. */
  cut(): void {
    this.#stream?.resampler.free();
    this.#stream = undefined;
    this.#heldMs = 0;
    this.#endMs = -Infinity;
  }

  /** Keeps what the resampler still holds; nothing is added afterwards. Safe to call twice. */
  close(): void {
    this.#end();
    this.#isClosed = true;
  }

  #end(): void {
    if (this.#stream) this.#keep(this.#stream.resampler.flush(), this.#endMs - this.#heldMs);
    this.cut();
  }

  #keep(samples: Int16Array, atMs: number): void {
    if (samples.length > 0) this.#options.keep(samples, atMs);
    this.#heldMs -= (samples.length * 1_000) / this.#options.sampleRateHz;
  }
}
