/** The timers that a machine has asked for, so that it asks no more often than it must. */
import type { TurnEffect } from './contract.ts';

export class Timers {
  readonly #push: (effect: TurnEffect) => void;
  readonly #dueAtMs = new Map<string, number>();

  constructor(push: (effect: TurnEffect) => void) {
    this.#push = push;
  }

  set(timer: string, dueAtMs: number, atMs: number): void {
    if (this.#dueAtMs.get(timer) === dueAtMs) return;
    this.#dueAtMs.set(timer, dueAtMs);
    this.#push({ type: 'set-timer', timer, afterMs: Math.max(0, dueAtMs - atMs) });
  }

  /** One that will ring before is left as it is: what is due is found out when it rings. */
  setNoLater(timer: string, dueAtMs: number, atMs: number): void {
    if ((this.#dueAtMs.get(timer) ?? Infinity) > dueAtMs) this.set(timer, dueAtMs, atMs);
  }

  rang(timer: string): void {
    this.#dueAtMs.delete(timer);
  }

  clear(timer: string): void {
    if (this.#dueAtMs.delete(timer)) this.#push({ type: 'set-timer', timer, afterMs: null });
  }

  clearAll(): void {
    for (const timer of [...this.#dueAtMs.keys()]) this.clear(timer);
  }
}
