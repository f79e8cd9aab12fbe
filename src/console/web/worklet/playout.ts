/**
 * The agent's sound on its way out: what came from the worker, played behind one another at the device's own rate, with a
 * count of every sample that was. Faded where it breaks off and where it begins. Pure; time is counted in frames.
 */
import { Resampler } from './resampler.ts';

/** Over which sound fades where it breaks off or begins, in frames of the device. */
const FADE = 128;
/** What has been played is let go of in pieces of so many samples. */
const COMPACT = 16_384;

export interface PlayoutOptions {
  /** Of what comes, and of the device. */
  fromHz: number;
  toHz: number;
  /** So much is gathered before sound begins that had stopped, in milliseconds; or it is begun with after that time. */
  startMs: number;
  /** Samples that were played before this. */
  played: number;
}

export class Playout {
  /** Samples that were played since the call began; cleared ones are not among them. */
  played: number;
  readonly #resampler: Resampler;
  readonly #fromHz: number;
  readonly #toHz: number;
  readonly #startSamples: number;
  #samples = new Float32Array(COMPACT * 4);
  #length = 0;
  /** Where in them it is read on. */
  #place = 0;
  /** What `played` was when `#place` was 0. */
  #base: number;
  #isPlaying = false;
  /** Frames since sound came that has not begun. */
  #waited = 0;
  /** Frames that are still to be faded in. */
  #fadeIn = 0;

  constructor({ fromHz, toHz, startMs, played }: PlayoutOptions) {
    this.played = this.#base = played;
    this.#resampler = new Resampler(fromHz, toHz);
    this.#fromHz = fromHz;
    this.#toHz = toHz;
    this.#startSamples = (fromHz * startMs) / 1_000;
  }

  /** Something is sounding. */
  get isPlaying(): boolean {
    return this.#isPlaying;
  }

  push(samples: Int16Array): void {
    this.#makeRoom(samples.length);
    for (let i = 0; i < samples.length; i++) this.#samples[this.#length + i] = samples[i]! / 32_768;
    this.#length += samples.length;
  }

  /** Fills `out`, of which the last is the next to be heard. */
  render(out: Float32Array): void {
    out.fill(0);
    if (!this.#mayPlay(out.length)) return;
    const { step } = this.#resampler;
    const count = Math.min(out.length, Math.ceil((this.#length - this.#place) / step));
    this.#read(out, count);
    if (count === out.length && this.#place < this.#length) return;
    fadeOut(out, count);
    this.#stop();
  }

  /** Throws away what has not been played; what `out` will hold fades. Returns the count, which is final. */
  clear(out: Float32Array): number {
    out.fill(0);
    if (this.#isPlaying) {
      const count = Math.min(out.length, Math.ceil((this.#length - this.#place) / this.#resampler.step));
      this.#read(out, count);
      fadeOut(out, count);
    }
    this.#base = this.played;
    this.#length = 0;
    this.#place = 0;
    this.#stop();
    return this.played;
  }

  #mayPlay(frames: number): boolean {
    const left = this.#length - this.#place;
    if (left <= 0) return false;
    if (this.#isPlaying) return true;
    this.#waited += frames;
    if (left < this.#startSamples && (this.#waited * this.#fromHz) / this.#toHz < this.#startSamples) return false;
    this.#isPlaying = true;
    this.#fadeIn = FADE;
    return true;
  }

  #read(out: Float32Array, count: number): void {
    const resampler = this.#resampler;
    for (let i = 0; i < count; i++) {
      const sample = resampler.at(this.#samples, this.#length, this.#place);
      out[i] = this.#fadeIn > 0 ? sample * (1 - this.#fadeIn-- / FADE) : sample;
      this.#place += resampler.step;
    }
    this.#place = Math.min(this.#place, this.#length);
    this.played = this.#base + Math.floor(this.#place + 1e-6);
  }

  #stop(): void {
    this.#isPlaying = false;
    this.#waited = 0;
  }

  /** What lies before the reach of the resampler is over. */
  #makeRoom(count: number): void {
    const over = Math.floor(this.#place) - this.#resampler.reach - 1;
    if (over >= COMPACT) {
      this.#samples.copyWithin(0, over, this.#length);
      this.#length -= over;
      this.#place -= over;
      this.#base += over;
    }
    if (this.#length + count <= this.#samples.length) return;
    const larger = new Float32Array(2 * (this.#length + count));
    larger.set(this.#samples.subarray(0, this.#length));
    this.#samples = larger;
  }
}

function fadeOut(out: Float32Array, count: number): void {
  const length = Math.min(FADE, count);
  for (let i = 0; i < length; i++) out[count - length + i]! *= 1 - (i + 1) / length;
}
