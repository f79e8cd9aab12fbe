/**
 * A limit of the account that several workers share. Whoever holds its part of it here decides whose turn is next; this
 * says whether the account has room. It never makes anybody wait for an answer that does not come: then it is not shared
 * for the time being, and each worker goes by its own part.
 */

/** One place, and where there is a rate one request of the minute. Given back once. */
export type Grant = string;

export interface Want {
  /** How many wait here and would go now. */
  count: number;
  /** Nobody is waiting for them yet: they leave the `kept` part to callers, of whatever worker. */
  isAhead: boolean;
  /** How long the first of them has waited, in milliseconds: workers take turns by it. */
  waitedMs: number;
}

/** What the service has said with a 429. */
export interface Refusal {
  retryAfterMs?: number | undefined;
  isConcurrency: boolean;
}

export interface SharedLimit {
  /** False: the others cannot be asked now. */
  readonly isShared: boolean;
  /** How many share it: those last seen, or expected; 1 or more. */
  readonly workers: number;
  /**
   * A place that is at hand, or undefined: then as many as are wanted are being asked for, and listeners are told of the
   * answer, whatever it is. What nobody takes while they are told goes back. Only while it is shared.
   */
  take(want: Want): Grant | undefined;
  /** How long there will be no room, as was last heard; 0 when that is not known. */
  waitMs(isAhead: boolean): number;
  /** Tells of a request that goes out on this worker's own part, so that the others know of it later. */
  takeOwn(): Grant;
  /** `wasSent` false: its part of the minute is free again. Default true. */
  release(grant: Grant, options?: { wasSent?: boolean }): void;
  /** A 429, which holds for every worker. */
  lower(refusal: Refusal): void;
  /** When the others' requests of the last minute went out, by this worker's clock, as was last heard. */
  othersSentAtMs(): readonly number[];
  /** `changed`: there may be room, or it has become shared or ceased to be. */
  listen(changed: () => void): void;
}
