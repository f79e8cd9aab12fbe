/**
 * How many at once: syntheses, sockets. Whoever comes when all places are taken waits, first in, first out, live calls
 * before what is made ahead; nobody waits longer than they said. With a `SharedLimit` the places are those of all workers.
 */
import type { Clock } from './clock.ts';
import type { Grant, SharedLimit } from './shared-limit.ts';

/** Somebody who wants a place, and how they are told. Exactly one of the two is called, unless it is taken back. */
export interface PlaceRequest {
  /** Called when a place is free: in this very tick, unless other workers have to be asked. `release` is called once, later. */
  granted(release: () => void): void;
  /** Called instead when `waitMs` have passed. */
  expired(): void;
  waitMs: number;
  /** Nobody is listening for it yet. */
  isAhead?: boolean;
  /** Of one that has its place and is ahead: a live one waits. Whoever is told may give the place back, and ask again later. */
  isWanted?: () => void;
}

/** What metrics show. */
export interface PlacesCounts {
  /** Places in this process, at this moment. */
  limit: number;
  inFlight: number;
  queued: number;
  /** How long all those that waited have waited, those that gave up too. */
  waitedMs: number;
  /** Gave up waiting. */
  timedOut: number;
  /** How often the service said that there were too many. */
  rateLimited: number;
}

interface Waiter {
  request: PlaceRequest;
  sinceMs: number;
  stopTimer: () => void;
}

/** So many places, and the line before them. */
export class Places {
  readonly #count: number;
  readonly #clock: Clock;
  readonly #shared: SharedLimit | undefined;
  #taken = 0;
  #waiting: Waiter[] = [];
  #waitedMs = 0;
  #timedOut = 0;
  #rateLimited = 0;
  #listeners: (() => void)[] = [];
  /** Who has a place, and would give it back to a live call: each is asked once. */
  readonly #yielding = new Set<() => void>();

  constructor(count: number, clock: Clock, shared?: SharedLimit) {
    this.#count = count;
    this.#clock = clock;
    this.#shared = shared;
    shared?.listen(() => this.#changed());
  }

  get taken(): number {
    return this.#taken;
  }

  /** What this process may have at once: all, or its part while the other workers cannot be asked. */
  get limit(): number {
    return this.#shared && !this.#shared.isShared ? Math.max(1, this.share) : this.#count;
  }

  /** What this process may keep although it does not use it: its part, which may be none. */
  get share(): number {
    return Math.floor(this.#count / (this.#shared?.workers ?? 1));
  }

  get counts(): PlacesCounts {
    return {
      limit: this.limit,
      inFlight: this.#taken,
      queued: this.#waiting.length,
      waitedMs: this.#waitedMs,
      timedOut: this.#timedOut,
      rateLimited: this.#rateLimited,
    };
  }

  /** Returns a function that takes the request back while it waits; afterwards it does nothing. */
  request(request: PlaceRequest): () => void {
    if (this.#waiting.length === 0 || !this.#shared?.isShared) {
      const release = this.takeNow();
      if (release) {
        this.#grant(request, release);
        return () => {};
      }
    }
    const waiter: Waiter = { request, sinceMs: this.#clock.nowMs(), stopTimer: () => {} };
    waiter.stopTimer = this.#clock.after(request.waitMs, () => {
      this.#remove(waiter);
      this.#timedOut++;
      request.expired();
    });
    this.#waiting.push(waiter);
    this.#grantNext();
    if (!request.isAhead && this.#waiting.includes(waiter)) this.#askForOne();
    return () => this.#remove(waiter);
  }

  /** A place if there is one at hand. If not, and others have to be asked, they are, for `count`: see `listen`. */
  takeNow({ count = 1, isAhead = false, waitedMs = 0 } = {}): (() => void) | undefined {
    if (this.#taken >= this.limit) return undefined;
    if (!this.#shared) return this.#take(undefined);
    const grant = this.#shared.isShared ? this.#shared.take({ count, isAhead, waitedMs }) : this.#shared.takeOwn();
    return grant === undefined ? undefined : this.#take(grant);
  }

  /** Calls `changed` when there may be room for `takeNow`, after those that wait have been served. */
  listen(changed: () => void): void {
    this.#listeners.push(changed);
  }

  /** The service has said that there are too many, whatever we counted. */
  refused(): void {
    this.#rateLimited++;
    this.#shared?.lower({ isConcurrency: true });
  }

  #take(grant: Grant | undefined): () => void {
    this.#taken++;
    let isReleased = false;
    return () => {
      if (isReleased) return;
      isReleased = true;
      this.#taken--;
      if (grant !== undefined) this.#shared?.release(grant);
      this.#changed();
    };
  }

  #changed(): void {
    this.#grantNext();
    for (const changed of this.#listeners) changed();
  }

  #grantNext(): void {
    for (let next = this.#next(); next; next = this.#next()) {
      const { isAhead = false } = next.request;
      const count = this.#waiting.filter(({ request }) => (request.isAhead ?? false) === isAhead).length;
      const release = this.takeNow({ count, isAhead, waitedMs: this.#clock.nowMs() - next.sinceMs });
      if (!release) return;
      this.#remove(next);
      this.#grant(next.request, release);
    }
  }

  #grant(request: PlaceRequest, release: () => void): void {
    const { isWanted } = request;
    if (!isWanted) return request.granted(release);
    this.#yielding.add(isWanted);
    request.granted(() => {
      this.#yielding.delete(isWanted);
      release();
    });
  }

  /** A live call waits: the last that was made ahead has lost the least. */
  #askForOne(): void {
    const last = [...this.#yielding].at(-1);
    if (!last) return;
    this.#yielding.delete(last);
    last();
  }

  #next(): Waiter | undefined {
    return this.#waiting.find(({ request }) => !request.isAhead) ?? this.#waiting[0];
  }

  #remove(waiter: Waiter): void {
    if (!this.#waiting.includes(waiter)) return;
    this.#waiting = this.#waiting.filter((other) => other !== waiter);
    this.#waitedMs += this.#clock.nowMs() - waiter.sinceMs;
    waiter.stopTimer();
  }
}

/**
 * A place with one way out: the returned function takes the request back while it waits, and gives the place back once it
 * was granted; afterwards it does nothing.
 */
export function holdPlace(places: Places, request: Omit<PlaceRequest, 'granted'> & { granted(): void }): () => void {
  let release = () => {};
  const cancel = places.request({
    ...request,
    granted: (granted) => {
      release = granted;
      request.granted();
    },
  });
  return () => {
    cancel();
    release();
  };
}
