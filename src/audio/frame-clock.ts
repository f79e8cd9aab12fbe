/**
 * One beat of 20 ms for every call of the process. Beats are counted from the first one, so that no lateness adds up, and
 * a late timer runs every beat that is due: 300 calls cost one timer.
 */
import type { Clock } from '../lib/clock.ts';
import { FRAME_MS } from './contract.ts';

/** `beatMs` is when the beat was due by the clock, not when it ran. */
export type Tick = (beatMs: number) => void;

/** Beats by how late they ran; what metrics show. */
export interface Lateness {
  /** Upper edges of the buckets, in milliseconds; the last one is infinite. */
  readonly edgesMs: readonly number[];
  /** Beats in each bucket, not cumulative. */
  readonly counts: Float64Array;
  sumMs: number;
  mostMs: number;
  /** Beats that were left out, because the process stood still for longer than it makes sense to catch up. */
  skipped: number;
}

export const LATENESS_EDGES_MS: readonly number[] = [1, 2, 5, 10, 15, 20, 30, 50, 100, 250, 1_000, Infinity];
/** After a longer stop (a suspended machine) the beats in between are left out. */
const CATCH_UP_MS = 1_000;
/** Timers of whole milliseconds may fire that much early; waiting once more would make the beat late. */
const EARLY_MS = 1;

export class FrameClock {
  readonly lateness: Lateness = {
    edgesMs: LATENESS_EDGES_MS,
    counts: new Float64Array(LATENESS_EDGES_MS.length),
    sumMs: 0,
    mostMs: 0,
    skipped: 0,
  };
  readonly #clock: Clock;
  readonly #onError: (thrown: unknown) => void;
  readonly #ticks = new Set<Tick>();
  #stop: (() => void) | undefined;
  #isRunning = false;
  #originMs = 0;
  #beat = 0;

  /**
   * @param onError Told what a tick threw; the other ticks run all the same. Default: thrown again in a later tick, where
   * it ends the process like any uncaught error.
   */
  constructor(clock: Clock, onError?: (thrown: unknown) => void) {
    this.#clock = clock;
    this.#onError = onError ?? throwLater;
  }

  /** How late the next beat is by now; 0 when nobody is on the beat. More than a moment: the clock stands still. */
  get behindMs(): number {
    return this.#stop ? Math.max(0, this.#clock.nowMs() - this.#dueMs()) : 0;
  }

  /** How many calls are on the beat. */
  get subscribers(): number {
    return this.#ticks.size;
  }

  /**
   * Runs `tick` every 20 ms from the next beat on, until the returned function is called, which may be from inside of a
   * tick. The clock starts with the first subscriber and stops with the last.
   */
  subscribe(tick: Tick): () => void {
    const own: Tick = (beatMs) => tick(beatMs); // so that the same function may be subscribed twice
    this.#ticks.add(own);
    if (!this.#stop) this.#start();
    return () => {
      this.#ticks.delete(own);
      if (this.#ticks.size > 0) return;
      this.#stop?.();
      this.#stop = undefined;
    };
  }

  /**
   * Runs the beat that is due, if there is one. For whoever handles one piece after the other of what came in a burst: a
   * timer waits until all of it has been handled, which with hundreds of calls takes longer than a beat.
   */
  runDue(): void {
    if (!this.#stop || this.#isRunning || this.#clock.nowMs() < this.#dueMs()) return;
    this.#stop();
    this.#run();
  }

  /** Beats' lateness below which `share` (0 to 1) of them lie, as the upper edge of a bucket; 0 without beats. */
  latenessQuantileMs(share: number): number {
    const { counts, edgesMs, mostMs } = this.lateness;
    const total = counts.reduce((sum, count) => sum + count, 0);
    let sum = 0;
    for (let i = 0; i < counts.length; i++) {
      sum += counts[i]!;
      if (total > 0 && sum >= total * share) return Math.min(edgesMs[i]!, mostMs);
    }
    return 0;
  }

  #start(): void {
    this.#originMs = this.#clock.nowMs();
    this.#beat = 1;
    this.#arm();
  }

  #arm(): void {
    const dueMs = this.#originMs + this.#beat * FRAME_MS;
    this.#stop = this.#clock.after(Math.max(0, dueMs - this.#clock.nowMs()), () => this.#run());
  }

  #run(): void {
    this.#isRunning = true;
    this.#skipOldBeats();
    // what falls due meanwhile waits for the next timer: on a machine that is too slow, sockets would never get a turn
    const untilMs = this.#clock.nowMs() + EARLY_MS;
    for (let dueMs = this.#dueMs(); this.#stop && dueMs <= untilMs; dueMs = this.#dueMs()) {
      this.#beat++;
      this.#count(Math.max(0, this.#clock.nowMs() - dueMs));
      for (const tick of this.#ticks) this.#runTick(tick, dueMs);
    }
    this.#isRunning = false;
    if (this.#stop) this.#arm();
  }

  #dueMs(): number {
    return this.#originMs + this.#beat * FRAME_MS;
  }

  #skipOldBeats(): void {
    const behind = Math.floor((this.#clock.nowMs() - this.#dueMs() - CATCH_UP_MS) / FRAME_MS);
    if (behind <= 0) return;
    this.#beat += behind;
    this.lateness.skipped += behind;
  }

  #runTick(tick: Tick, dueMs: number): void {
    try {
      tick(dueMs);
    } catch (thrown) {
      this.#onError(thrown);
    }
  }

  #count(lateMs: number): void {
    const { lateness } = this;
    let bucket = 0;
    while (lateMs > LATENESS_EDGES_MS[bucket]!) bucket++;
    lateness.counts[bucket]!++;
    lateness.sumMs += lateMs;
    lateness.mostMs = Math.max(lateness.mostMs, lateMs);
  }
}

function throwLater(thrown: unknown): void {
  queueMicrotask(() => {
    throw thrown;
  });
}
