/** Time as a value that is handed in, so that a test can be the one who moves it. */

/** Monotonic milliseconds and one-shot timers. Everything that waits takes one of these. */
export interface Clock {
  /** Milliseconds since some fixed instant, with fractions; never goes back. */
  nowMs(): number;
  /** Calls `run` once after `delayMs`, unless the returned function is called first. Does not keep the process alive. */
  after(delayMs: number, run: () => void): () => void;
}

/** A clock that also knows the time which machines share, for what one of them signs and another one checks. */
export interface WallClock extends Clock {
  /** Milliseconds since 1970; may be set back. */
  wallMs(): number;
}

/** The time which machines share, by a clock that may not know it: then it is the system's. */
export function wallMsOf(clock: Clock): number {
  return isWallClock(clock) ? clock.wallMs() : Date.now();
}

const isWallClock = (clock: Clock): clock is WallClock => 'wallMs' in clock;

export const systemClock: WallClock = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, Math.max(0, delayMs));
    timer.unref();
    return () => clearTimeout(timer);
  },
};

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Keeps the process alive, which no `after` does, until the returned function is called. */
export function holdProcess(): () => void {
  const timer = setInterval(() => {}, LONGEST_TIMER_MS);
  return () => clearInterval(timer);
}

/** False when `work` takes longer than `ms`; either way nothing waits any more afterwards. Rejects when `work` does. */
export async function isDoneWithin(work: Promise<unknown>, ms: number, clock: Clock): Promise<boolean> {
  const letGoOfProcess = holdProcess();
  let cancel = () => {};
  const late = new Promise<false>((resolve) => (cancel = clock.after(ms, () => resolve(false))));
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    cancel();
    letGoOfProcess();
  }
}

interface VirtualTimer {
  atMs: number;
  order: number;
  run: () => void;
}

/** A clock that stands still until it is moved. Timers run in the order of their time, then of their setting. */
export class VirtualClock implements WallClock {
  #nowMs = 0;
  #count = 0;
  #timers: VirtualTimer[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  /** As if it had begun in 1970. */
  wallMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#count++, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** How many timers are waiting. */
  get pending(): number {
    return this.#timers.length;
  }

  /** When the next timer is due, or `undefined`. */
  get nextAtMs(): number | undefined {
    return this.#next()?.atMs;
  }

  /** Moves to `atMs`, running what is due on the way, each at its own time. */
  advanceTo(atMs: number): void {
    for (let next = this.#next(); next && next.atMs <= atMs; next = this.#next()) {
      const due = next;
      this.#timers = this.#timers.filter((other) => other !== due);
      this.#nowMs = due.atMs;
      due.run();
    }
    this.#nowMs = Math.max(this.#nowMs, atMs);
  }

  advanceBy(ms: number): void {
    this.advanceTo(this.#nowMs + ms);
  }

  #next(): VirtualTimer | undefined {
    return this.#timers.reduce<VirtualTimer | undefined>(
      (best, timer) =>
        !best || timer.atMs < best.atMs || (timer.atMs === best.atMs && timer.order < best.order) ? timer : best,
      undefined,
    );
  }
}
