/** The caller's sound on its way in: the device's samples, at the worker's rate, in messages of 20 ms. Pure. */
import { Resampler } from './resampler.ts';

const MESSAGE_MS = 20;
const KEEP = 16_384;

export class Capture {
  readonly #resampler: Resampler;
  readonly #tell: (message: ArrayBuffer) => void;
  readonly #messageSamples: number;
  #samples = new Float32Array(KEEP);
  #length = 0;
  #place = 0;
  #message: Int16Array<ArrayBuffer>;
  #filled = 0;
  /** Silence is sent in place of what comes. */
  isMuted = false;
  /** How loud the last message was, from 0 to 1. */
  level = 0;

  /** `tell` is handed each message, to keep. */
  constructor({ fromHz, toHz }: { fromHz: number; toHz: number }, tell: (message: ArrayBuffer) => void) {
    this.#resampler = new Resampler(fromHz, toHz);
    this.#tell = tell;
    this.#messageSamples = (toHz * MESSAGE_MS) / 1_000;
    this.#message = new Int16Array(this.#messageSamples);
  }

  push(samples: Float32Array): void {
    if (this.#length + samples.length > KEEP) this.#compact();
    this.#samples.set(samples, this.#length);
    this.#length += samples.length;
    const { step, reach } = this.#resampler;
    for (; this.#place + reach < this.#length; this.#place += step) {
      this.#add(this.#resampler.at(this.#samples, this.#length, this.#place));
    }
  }

  #add(sample: number): void {
    this.#message[this.#filled++] = this.isMuted ? 0 : Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_768)));
    if (this.#filled < this.#messageSamples) return;
    this.level = loudness(this.#message);
    this.#tell(this.#message.buffer);
    this.#message = new Int16Array(this.#messageSamples);
    this.#filled = 0;
  }

  #compact(): void {
    const over = Math.max(0, Math.floor(this.#place) - this.#resampler.reach - 1);
    this.#samples.copyWithin(0, over, this.#length);
    this.#length -= over;
    this.#place -= over;
  }
}

/** From 0 to 1, of the samples' power. */
export function loudness(samples: Int16Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return Math.sqrt(sum / Math.max(1, samples.length)) / 32_768;
}
