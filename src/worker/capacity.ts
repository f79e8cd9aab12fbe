/**
 * Is there room for one more call? Places are reserved when a call is announced, so that none is promised twice. What
 * limits is the number of calls that was configured or that the model's quota carries, and an event loop that is late.
 */
import type { Clock } from '../lib/clock.ts';
import { RESERVED_MS, type Decide } from './arbiter.ts';

/** `full`: as many calls as were configured; `quota`: as many as the model's plan carries. */
export type Refusal = 'full' | 'quota' | 'lagging' | 'draining';

export interface Place {
  /** The call has begun: the place is its own until `leave`. False when it came too late, and the place is gone. */
  take(): boolean;
  /** Safe to call twice. */
  leave(): void;
}

/** Calls at once, and why no more. */
export interface CallLimit {
  calls: number;
  reason: 'full' | 'quota';
}

export interface CapacityOptions {
  limit: CallLimit;
  clock: Clock;
  /** The event loop is too late for another call. Default: never. */
  isLagging?: () => boolean;
  /** The processes of the worker have as many calls together as they may, as was last heard. Default: never. */
  isWholeFull?: () => boolean;
  /** Whether they may have one more, which is decided in one place. Default: they may. */
  decide?: Decide;
  /** Told when a place is taken or left, and when it begins to drain. */
  changed?: () => void;
}

/** The lesser of the two. */
export function limitOf({ maxCalls, planCalls }: { maxCalls: number; planCalls: number }): CallLimit {
  return planCalls < maxCalls ? { calls: planCalls, reason: 'quota' } : { calls: maxCalls, reason: 'full' };
}

export class Capacity {
  readonly limit: CallLimit;
  readonly #clock: Clock;
  readonly #isLagging: () => boolean;
  readonly #isWholeFull: () => boolean;
  readonly #decide: Decide;
  readonly #changed: () => void;
  readonly #places = new Set<Place>();
  #isDraining = false;
  #whenEmpty: (() => void)[] = [];

  constructor(options: CapacityOptions) {
    const { limit, clock, isLagging = () => false, isWholeFull = () => false, changed = () => {} } = options;
    this.#decide = options.decide ?? (() => true);
    this.limit = limit;
    this.#clock = clock;
    this.#isLagging = isLagging;
    this.#isWholeFull = isWholeFull;
    this.#changed = changed;
  }

  /** Why the next call would be refused; undefined when it would not. */
  get refusal(): Refusal | undefined {
    return this.ownRefusal ?? (this.#isWholeFull() ? this.limit.reason : undefined);
  }

  /** The same, but for what the other processes have. */
  get ownRefusal(): Refusal | undefined {
    if (this.#isDraining) return 'draining';
    if (this.#places.size >= this.limit.calls) return this.limit.reason;
    return this.#isLagging() ? 'lagging' : undefined;
  }

  /** Calls and reservations. */
  get used(): number {
    return this.#places.size;
  }

  /** A place, or why there is none, in any process. `expired` is told when nobody came to take it within `forMs`. */
  async reserve(expired: () => void = () => {}, forMs = RESERVED_MS): Promise<Place | Refusal> {
    if (this.ownRefusal) return this.ownRefusal;
    if (!(await this.#decide({ type: 'place' }))) return this.limit.reason;
    return this.ownRefusal ?? this.reservePromised(expired, forMs);
  }

  /** A place for a call to which one has been promised already, so that there is always room. */
  reservePromised(expired: () => void = () => {}, forMs = RESERVED_MS): Place {
    const place: Place = {
      take: () => {
        cancel();
        return this.#places.has(place);
      },
      leave: () => {
        cancel();
        if (!this.#places.delete(place)) return;
        this.#changed();
        if (this.#places.size === 0) this.#tellEmpty();
      },
    };
    const cancel = this.#clock.after(forMs, () => {
      place.leave();
      expired();
    });
    this.#places.add(place);
    this.#changed();
    return place;
  }

  /** From now on every call is refused, but for those that were promised a place. */
  drain(): void {
    this.#isDraining = true;
    this.#changed();
  }

  /** Resolves when no place is taken or promised. */
  emptied(): Promise<void> {
    return this.#places.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#whenEmpty.push(resolve));
  }

  #tellEmpty(): void {
    for (const tell of this.#whenEmpty.splice(0)) tell();
  }
}
