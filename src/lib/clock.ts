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
  /** Undefined once it was taken back. */
  run: (() => void) | undefined;
}

/**
 * A clock that stands still until it is moved. Timers run in the order of their time, then of their setting. `epochMs`: what
 * time it is for the world when it begins, in milliseconds since 1970; default 0.
 */
export class VirtualClock implements WallClock {
  readonly #epochMs: number;
  #nowMs = 0;
  #count = 0;
  #pending = 0;
  /** A heap: each is due no later than the two behind it, at twice its place. What was taken back stays until it is due. */
  readonly #heap: VirtualTimer[] = [];

  constructor({ epochMs = 0 }: { epochMs?: number } = {}) {
    this.#epochMs = epochMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  /** As if it had begun at `epochMs`. */
  wallMs(): number {
    return this.#epochMs + this.#nowMs;
  }

  after(delayMs: number, run: () => void): () => void {
    const timer: VirtualTimer = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#count++, run };
    this.#pending++;
    this.#add(timer);
    return () => {
      if (timer.run) this.#pending--;
      timer.run = undefined;
    };
  }

  /** How many timers are waiting. */
  get pending(): number {
    return this.#pending;
  }

  /** When the next timer is due, or `undefined`. */
  get nextAtMs(): number | undefined {
    return this.#first()?.atMs;
  }

  /** Moves to the next timer, and runs that one alone. False when there is none. */
  runNext(): boolean {
    const due = this.#first();
    if (!due) return false;
    this.#takeFirst();
    this.#pending--;
    this.#nowMs = due.atMs;
    const { run } = due;
    due.run = undefined; // whoever takes it back from now on is late
    run?.();
    return true;
  }

  /** Moves to `atMs`, running what is due on the way, each at its own time. */
  advanceTo(atMs: number): void {
    for (let next = this.#first(); next && next.atMs <= atMs; next = this.#first()) this.runNext();
    this.#nowMs = Math.max(this.#nowMs, atMs);
  }

  advanceBy(ms: number): void {
    this.advanceTo(this.#nowMs + ms);
  }

  #first(): VirtualTimer | undefined {
    while (this.#heap.length > 0 && !this.#heap[0]!.run) this.#takeFirst();
    return this.#heap[0];
  }

  #add(timer: VirtualTimer): void {
    const heap = this.#heap;
    let at = heap.push(timer) - 1;
    for (let above = (at - 1) >> 1; at > 0 && isBefore(timer, heap[above]!); above = (at - 1) >> 1) {
      heap[at] = heap[above]!;
      at = above;
    }
    heap[at] = timer;
  }

  #takeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let at = 0;
    for (let below = 1; below < heap.length; below = 2 * at + 1) {
      if (below + 1 < heap.length && isBefore(heap[below + 1]!, heap[below]!)) below++;
      if (!isBefore(heap[below]!, last)) break;
      heap[at] = heap[below]!;
      at = below;
    }
    heap[at] = last;
  }
}

const isBefore = (one: VirtualTimer, other: VirtualTimer): boolean =>
  one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
