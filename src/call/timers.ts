/** The machine's timers, on a clock: one of each name at a time. */
import type { Clock } from '../lib/clock.ts';
import type { TimerName } from '../turn/contract.ts';

export class CallTimers {
  readonly #clock: Clock;
  readonly #ring: (timer: TimerName) => void;
  readonly #cancels = new Map<TimerName, () => void>();

  constructor(clock: Clock, ring: (timer: TimerName) => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** In place of the one that runs under this name; null only takes that back. */
  set(timer: TimerName, afterMs: number | null): void {
    this.#cancels.get(timer)?.();
    this.#cancels.delete(timer);
    if (afterMs === null) return;
    const cancel = this.#clock.after(afterMs, () => {
      this.#cancels.delete(timer);
      this.#ring(timer);
    });
    this.#cancels.set(timer, cancel);
  }

  clear(): void {
    for (const cancel of this.#cancels.values()) cancel();
    this.#cancels.clear();
  }
}
