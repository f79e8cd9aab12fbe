/**
 * How many syntheses run at once in the whole account: one on Standard. Whoever comes when all are taken waits, first
 * in, first out, live speech before phrases that are made ahead; nobody waits longer than they said.
 */
import type { Clock } from '../../lib/clock.ts';

export interface SlotRequest {
  /** Called in this very tick when a slot is free. `release` is called once, later. */
  granted(release: () => void): void;
  /** Called instead when `waitMs` have passed. */
  expired(): void;
  waitMs: number;
  /** Nobody is listening for it yet. */
  isAhead?: boolean;
}

export class Slots {
  readonly #count: number;
  readonly #clock: Clock;
  #taken = 0;
  #waiting: { request: SlotRequest; sinceMs: number; stopTimer: () => void }[] = [];
  /** How long all those that waited have waited, those that gave up too. */
  waitedMs = 0;

  constructor(count: number, clock: Clock) {
    this.#count = count;
    this.#clock = clock;
  }

  get taken(): number {
    return this.#taken;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Returns a function that takes the request back while it waits; afterwards it does nothing. */
  request(request: SlotRequest): () => void {
    if (this.#taken < this.#count) {
      this.#grant(request);
      return () => {};
    }
    const stopTimer = this.#clock.after(request.waitMs, () => {
      this.#remove(request);
      request.expired();
    });
    this.#waiting.push({ request, sinceMs: this.#clock.nowMs(), stopTimer });
    return () => this.#remove(request);
  }

  #remove(request: SlotRequest): void {
    const found = this.#waiting.find((one) => one.request === request);
    if (!found) return;
    this.#waiting = this.#waiting.filter((one) => one !== found);
    this.waitedMs += this.#clock.nowMs() - found.sinceMs;
    found.stopTimer();
  }

  #grant(request: SlotRequest): void {
    this.#taken++;
    let isReleased = false;
    request.granted(() => {
      if (isReleased) return;
      isReleased = true;
      this.#taken--;
      this.#grantNext();
    });
  }

  #grantNext(): void {
    if (this.#taken >= this.#count) return;
    const next = this.#waiting.find(({ request }) => !request.isAhead) ?? this.#waiting[0];
    if (!next) return;
    this.#remove(next.request);
    this.#grant(next.request);
  }
}
