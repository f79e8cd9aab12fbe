/**
 * What is good once, decided in one place for all processes of a worker: two that were asked in one moment would both say
 * yes. Times are measured here, by a clock that never goes back, from when something was told to when it is used.
 */
import type { Clock } from '../lib/clock.ts';
import { FadingMap } from '../lib/fading-map.ts';
import { RESERVED_MS } from './capacity.ts';

/** What a process has to know before it goes on. */
export type Want =
  /** The token of an announced call, by its number, has not been used, and its time is not over. `claim` uses it. */
  | { type: 'claim' | 'look'; number: string }
  /** Nobody has shown this credential within `forMs`. From now on somebody has. */
  | { type: 'first'; credential: string; forMs: number };

/** Whoever asks may be another process than the one that decides. */
export type Decide = (want: Want) => boolean | Promise<boolean>;

export class Arbiter {
  readonly #clock: Clock;
  readonly #announced = new FadingMap<true>();
  readonly #shown = new FadingMap<true>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A call with this number is to come. */
  expect(number: string): void {
    const nowMs = this.#clock.nowMs();
    this.#announced.set(number, true, { nowMs, untilMs: nowMs + RESERVED_MS });
  }

  readonly decide = (want: Want): boolean => {
    const nowMs = this.#clock.nowMs();
    if (want.type === 'first') {
      if (this.#shown.get(want.credential, nowMs)) return false;
      this.#shown.set(want.credential, true, { nowMs, untilMs: nowMs + want.forMs });
      return true;
    }
    const isGood = this.#announced.get(want.number, nowMs) !== undefined;
    if (want.type === 'claim') this.#announced.delete(want.number);
    return isGood;
  };
}
