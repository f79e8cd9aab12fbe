/** Is there room for one more call? Places are reserved when a call is announced, so that none is promised twice. */
import type { Clock } from '../lib/clock.ts';

export type Refusal = 'full' | 'draining';

export interface Place {
  /** The call has begun: the place is its own until `leave`. */
  take(): void;
  /** Safe to call twice. */
  leave(): void;
}

/** How long an announced call may take to arrive, in milliseconds. */
const RESERVED_MS = 30_000;

export class Capacity {
  readonly #maxCalls: number;
  readonly #clock: Clock;
  readonly #places = new Set<Place>();
  #isDraining = false;
  /** Calls that were refused, by reason. */
  readonly refused: Record<Refusal, number> = { full: 0, draining: 0 };

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

  /** A place, or why there is none. */
  reserve(): Place | Refusal {
    const { refusal } = this;
    if (refusal) {
      this.refused[refusal]++;
      return refusal;
    }
    const place: Place = {
      take: () => cancel(),
      leave: () => {
        cancel();
        this.#places.delete(place);
      },
    };
    const cancel = this.#clock.after(RESERVED_MS, () => place.leave());
    this.#places.add(place);
    return place;
  }

  /** From now on every call is refused. */
  drain(): void {
    this.#isDraining = true;
  }
}
