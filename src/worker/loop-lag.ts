/**
 * How late the event loop is, and whether it is too late for another call. Measured by Node's own histogram of timer
 * delays, which runs without calls too and counts every stall; the frame clock's lateness would need calls to be known.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Clock } from '../lib/clock.ts';

/** Between two samples: 200 of them make a window, so that p99 takes three bad ones, and one pause is forgiven. */
const RESOLUTION_MS = 10;
export const WINDOW_MS = 2_000;
/** So far below the limit, and for so many windows in a row, the lag has to be before calls are taken again. */
const WELL_BELOW = 0.5;
const CALM_WINDOWS = 3;

/** Pure: too late at once, well again only after a while, so that it does not flap about the limit. */
export class LagGate {
  readonly #limitMs: number;
  #calmWindows = 0;
  #isLagging = false;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  get isLagging(): boolean {
    return this.#isLagging;
  }

  /** Returns whether that changed anything. */
  observe(p99Ms: number): boolean {
    const wasLagging = this.#isLagging;
    this.#calmWindows = p99Ms <= this.#limitMs * WELL_BELOW ? this.#calmWindows + 1 : 0;
    if (p99Ms > this.#limitMs) this.#isLagging = true;
    else if (this.#calmWindows >= CALM_WINDOWS) this.#isLagging = false;
    return wasLagging !== this.#isLagging;
  }
}

export interface LoopLagOptions {
  limitMs: number;
  clock: Clock;
  /** Told when it begins to be too late, and when it no longer is. */
  changed?: (isLagging: boolean, p99Ms: number) => void;
}

export class LoopLag {
  readonly #histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  readonly #gate: LagGate;
  readonly #options: LoopLagOptions;
  #stop: () => void;
  #p99Ms = 0;

  constructor(options: LoopLagOptions) {
    this.#options = options;
    this.#gate = new LagGate(options.limitMs);
    this.#histogram.enable();
    this.#stop = options.clock.after(WINDOW_MS, () => this.#measure());
  }

  get isLagging(): boolean {
    return this.#gate.isLagging;
  }

  /** Of the last whole window, in milliseconds. */
  get p99Ms(): number {
    return this.#p99Ms;
  }

  close(): void {
    this.#stop();
    this.#histogram.disable();
  }

  #measure(): void {
    this.#p99Ms = Math.max(0, this.#histogram.percentile(99) / 1e6 - RESOLUTION_MS);
    this.#histogram.reset();
    if (this.#gate.observe(this.#p99Ms)) this.#options.changed?.(this.#gate.isLagging, this.#p99Ms);
    this.#stop = this.#options.clock.after(WINDOW_MS, () => this.#measure());
  }
}
