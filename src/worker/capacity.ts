/** Is there room for one more call? Places are reserved when a call is announced, so that none is promised twice. */
import type { Clock } from '../lib/clock.ts';

export type Refusal = 'full' | 'draining';

export interface Place {
  /** The call has begun: the place is its own until `leave`. False when it came too late, and the place is gone. */
  take(): boolean;
  /** Safe to call twice. */
  leave(): void;
}

/** How long an announced call may take to arrive, in milliseconds. */
export const RESERVED_MS = 30_000;

export class Capacity {
  readonly #maxCalls: number;
  readonly #clock: Clock;
  readonly #places = new Set<Place>();
  #isDraining = false;
  #whenEmpty: (() => void)[] = [];

  constructor(maxCalls: number, clock: Clock) {
    this.#maxCalls = maxCalls;
    this.#clock = clock;
  }

  /** Why the next call would be refused; undefined when it would not. */
  get refusal(): Refusal | undefined {
    if (this.#isDraining) return 'draining';
    return this.#places.size >= this.#maxCalls ? 'full' : undefined;
  }

  /** Calls and reservations. */
  get used(): number {
    return this.#places.size;
  }

  /** A place, or why there is none. `expired` is told when nobody came to take it. */
  reserve(expired: () => void = () => {}): Place | Refusal {
    const { refusal } = this;
    if (refusal) return refusal;
    const place: Place = {
      take: () => {
        cancel();
        return this.#places.has(place);
      },
      leave: () => {
        cancel();
        if (this.#places.delete(place) && this.#places.size === 0) this.#tellEmpty();
      },
    };
    const cancel = this.#clock.after(RESERVED_MS, () => {
      place.leave();
      expired();
    });
    this.#places.add(place);
    return place;
  }

  /** From now on every call is refused, but for those that were promised a place. */
  drain(): void {
    this.#isDraining = true;
  }

  /** Resolves when no place is taken or promised. */
  emptied(): Promise<void> {
    return this.#places.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#whenEmpty.push(resolve));
  }

  #tellEmpty(): void {
    for (const tell of this.#whenEmpty.splice(0)) tell();
  }
}
