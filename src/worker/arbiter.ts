/**
 * What is good once, decided in one place for all processes of a worker: two that were asked in one moment would both say
 * yes. Times are measured here, by a clock that never goes back, from when something was told to when it is used.
 */
import type { Clock } from '../lib/clock.ts';
import { FadingMap } from '../lib/fading-map.ts';

/** How long an announced call may take to arrive, in milliseconds, where its door does not say... */
export const RESERVED_MS = 30_000;
/** ...and the longest that a door may ask for. */
export const MOST_RESERVED_MS = 60_000;
/** For so long a call that we place may ring before it comes, in milliseconds. */
export const MOST_RING_MS = 120_000;

/** What a process has to know before it goes on. */
export type Want =
  /** There is room for one more call. */
  | { type: 'place' }
  /** The token of an announced call, by its number, has not been used, and its time is not over. `claim` uses it. */
  | { type: 'claim' | 'look'; number: string }
  /** Nobody has shown this credential within `forMs`. From now on somebody has. */
  | { type: 'first'; credential: string; forMs: number };

/** Whoever asks may be another process than the one that decides. */
export type Decide = (want: Want) => boolean | Promise<boolean>;

export interface ArbiterOptions {
  clock: Clock;
  /** There is a place more than are taken, in all processes. Default: there is. */
  hasRoom?: (() => boolean) | undefined;
}

export class Arbiter {
  readonly #clock: Clock;
  readonly #hasRoom: () => boolean;
  readonly #announced = new FadingMap<number>();
  readonly #shown = new FadingMap<true>();

  constructor({ clock, hasRoom = () => true }: ArbiterOptions) {
    this.#clock = clock;
    this.#hasRoom = hasRoom;
  }

  /** A call with this number is to come, within `forMs`; `keeper`: whoever keeps its place. */
  expect(number: string, forMs: number, keeper = 0): void {
    const nowMs = this.#clock.nowMs();
    this.#announced.set(number, keeper, { nowMs, untilMs: nowMs + Math.min(forMs, MOST_RESERVED_MS + MOST_RING_MS) });
  }

  /** Who keeps the place of the call with this number; undefined when nobody expects it. */
  keeperOf(number: string): number | undefined {
    return this.#announced.get(number, this.#clock.nowMs());
  }

  readonly decide = (want: Want): boolean => {
    if (want.type === 'place') return this.#hasRoom();
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
