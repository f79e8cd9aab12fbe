/**
 * The timers that a machine has asked for. Its parts say when they are due; here it is found out which timer must be set
 * for that, so that the machine asks no more often than it must.
 */
import type { TimerName, TurnEffect } from './contract.ts';

/** Timers may ring a little early; what is due this soon is due. */
const SLACK_MS = 1;

export class Timers {
  readonly #push: (effect: TurnEffect) => void;
  /** When each timer that is set will ring. */
  readonly #ringsAtMs = new Map<TimerName, number>();

  constructor(push: (effect: TurnEffect) => void) {
    this.#push = push;
  }

  /**
   * Sees to it that `timer` rings by `dueAtMs`. One that rings before is left as it is, also when nothing is due any more:
   * what is due is found out when it rings.
   */
  arm(timer: TimerName, dueAtMs: number | undefined, atMs: number): void {
    if (dueAtMs === undefined || dueAtMs >= (this.#ringsAtMs.get(timer) ?? Infinity)) return;
    this.#ringsAtMs.set(timer, dueAtMs);
    this.#push({ type: 'set-timer', timer, afterMs: Math.max(0, dueAtMs - atMs) });
  }

  /** It is no longer set. Returns whether what it was set for is due, or it rang too early for that. */
  rang(timer: TimerName, dueAtMs: number | undefined, atMs: number): boolean {
    this.#ringsAtMs.delete(timer);
    return dueAtMs !== undefined && dueAtMs <= atMs + SLACK_MS;
  }

  clear(): void {
    for (const timer of this.#ringsAtMs.keys()) this.#push({ type: 'set-timer', timer, afterMs: null });
    this.#ringsAtMs.clear();
  }
}
