/** How loud each side of a call is, a few times a second: what the page draws of its voices. */
import type { Side } from './sound.ts';

/** Loudness of both sides in steps of `stepMs` from the call's start, each from 0 to 1: the highest peak of the step. */
export interface Loudness {
  stepMs: number;
  caller: readonly number[];
  agent: readonly number[];
}

const STEP_MS = 40;
const FULL_SCALE = 32_768;

export class LoudnessMeter implements Loudness {
  readonly stepMs = STEP_MS;
  readonly caller: number[] = [];
  readonly agent: number[] = [];
  readonly #samplesPerStep: number;
  readonly #startMs: number;

  constructor(options: { sampleRateHz: number; startMs: number }) {
    this.#samplesPerStep = (STEP_MS / 1000) * options.sampleRateHz;
    this.#startMs = options.startMs;
  }

  /** @param atMs when the first sample is heard, by the clock of `startMs` */
  add(side: Side, samples: Int16Array, atMs: number): void {
    const offset = Math.max(0, ((atMs - this.#startMs) / STEP_MS) * this.#samplesPerStep);
    for (let from = 0; from < samples.length;) {
      const step = Math.floor((offset + from) / this.#samplesPerStep);
      const until = Math.min(samples.length, Math.max(from + 1, Math.ceil((step + 1) * this.#samplesPerStep - offset)));
      this.#raise(this[side], step, peakOf(samples, from, until) / FULL_SCALE);
      from = until;
    }
  }

  /** What was to be heard from `atMs` on was not: the line was cleared. `untilMs`: what comes behind it was. */
  erase(side: Side, atMs: number, untilMs = Infinity): void {
    const stepAt = (ms: number) => Math.max(0, Math.ceil((ms - this.#startMs) / STEP_MS));
    if (untilMs === Infinity) this[side].length = Math.min(this[side].length, stepAt(atMs));
    else this[side].fill(0, stepAt(atMs), stepAt(untilMs));
  }

  #raise(levels: number[], step: number, level: number): void {
    while (levels.length <= step) levels.push(0);
    levels[step] = Math.max(levels[step] ?? 0, level);
  }
}

function peakOf(samples: Int16Array, from: number, until: number): number {
  let peak = 0;
  for (let index = from; index < until; index++) {
    const level = Math.abs(samples[index] ?? 0);
    if (level > peak) peak = level;
  }
  return peak;
}
