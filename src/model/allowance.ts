/**
 * May one more request go out now, and if not, when? The decision behind the budget: pure, with time as an argument.
 *
 * A request takes one of the requests of a rolling minute and one of the places at once. A bucket that refills would let
 * nearly twice the plan through in the minute after a pause, which the service punishes, so the last sends are
 * remembered by their time.
 */
import type { Priority } from './contract.ts';

export interface AllowanceLimits {
  /** Infinity: no limit. */
  requestsPerMinute: number;
  concurrent: number;
}

const WINDOW_MS = 60_000;
/** Requests reach the service with differing delays, so its minute and ours are not quite the same. */
const WINDOW_MARGIN_MS = 250;
/** How long a 429 is remembered. One for being too many at once clears sooner: it may only be a slot freed late. */
const RATE_LOWERED_MS = 60_000;
const CONCURRENCY_LOWERED_MS = 5_000;
/** Beside what the service let through in the last minute, one may try whether there is room again. */
const PROBES = 1;
/** The part of the minute, and the place, that requests nobody is waiting for leave free for callers. */
const RATE_KEPT_FOR_CALLERS = 0.2;
const PLACES_KEPT_FOR_CALLERS = 1;

export class Allowance {
  readonly #limits: AllowanceLimits;
  #sentAtMs: number[] = [];
  #inFlight = 0;
  #pausedUntilMs = 0;
  #lowerRate = Infinity;
  #rateLoweredUntilMs = 0;
  #lowerConcurrent = Infinity;
  #concurrentLoweredUntilMs = 0;

  constructor(limits: AllowanceLimits) {
    this.#limits = limits;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** 0: now. Infinity: when another request has ended. Else the time until it may be asked again. */
  waitMs(priority: Priority, nowMs: number): number {
    if (nowMs < this.#pausedUntilMs) return this.#pausedUntilMs - nowMs;
    const rateWaitMs = this.#rateWaitMs(priority, nowMs);
    if (rateWaitMs > 0) return rateWaitMs;
    const kept = isForCaller(priority) || this.#limits.concurrent === 1 ? 0 : PLACES_KEPT_FOR_CALLERS;
    return this.#inFlight < Math.max(1, this.#concurrent(nowMs) - kept) ? 0 : Infinity;
  }

  /** When places that a 429 took away come back by themselves; Infinity when none were taken. */
  placesBackMs(nowMs: number): number {
    return nowMs < this.#concurrentLoweredUntilMs ? this.#concurrentLoweredUntilMs - nowMs : Infinity;
  }

  /** A request goes out. */
  take(nowMs: number): void {
    this.#inFlight++;
    if (this.#limits.requestsPerMinute === Infinity) return;
    this.#forgetOld(nowMs);
    this.#sentAtMs.push(nowMs);
  }

  /** It has ended. `wasSent` false: the service never saw it, so its place in the minute, taken then, is free again. */
  release(takenAtMs: number, wasSent: boolean): void {
    this.#inFlight--;
    const index = wasSent ? -1 : this.#sentAtMs.lastIndexOf(takenAtMs);
    if (index !== -1) this.#sentAtMs.splice(index, 1);
  }

  /**
   * The service has said 429, which counts for more than any plan: what it let through is the limit for a while. The
   * refused request is still in flight.
   */
  lower(
    { retryAfterMs = 0, isConcurrency }: { retryAfterMs?: number | undefined; isConcurrency: boolean },
    nowMs: number,
  ): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, nowMs + retryAfterMs);
    if (isConcurrency) {
      this.#lowerConcurrent = Math.max(1, this.#inFlight - 1);
      this.#concurrentLoweredUntilMs = nowMs + CONCURRENCY_LOWERED_MS;
    } else {
      this.#forgetOld(nowMs);
      this.#lowerRate = Math.max(1, this.#sentAtMs.length - 1) + PROBES;
      this.#rateLoweredUntilMs = nowMs + RATE_LOWERED_MS;
    }
  }

  #rateWaitMs(priority: Priority, nowMs: number): number {
    const { requestsPerMinute } = this.#limits;
    if (requestsPerMinute === Infinity) return 0;
    this.#forgetOld(nowMs);
    const isLowered = nowMs < this.#rateLoweredUntilMs;
    const rate = isLowered ? Math.min(requestsPerMinute, this.#lowerRate) : requestsPerMinute;
    const kept = isForCaller(priority) ? 0 : RATE_KEPT_FOR_CALLERS;
    const blocking = this.#sentAtMs.at(-Math.max(1, Math.floor(rate * (1 - kept))));
    if (blocking === undefined) return 0;
    const windowWaitMs = blocking + WINDOW_MS + WINDOW_MARGIN_MS - nowMs;
    return isLowered ? Math.min(windowWaitMs, this.#rateLoweredUntilMs - nowMs) : windowWaitMs;
  }

  #concurrent(nowMs: number): number {
    const isLowered = nowMs < this.#concurrentLoweredUntilMs;
    return isLowered ? Math.min(this.#lowerConcurrent, this.#limits.concurrent) : this.#limits.concurrent;
  }

  #forgetOld(nowMs: number): void {
    const oldest = nowMs - WINDOW_MS - WINDOW_MARGIN_MS;
    while (this.#sentAtMs[0] !== undefined && this.#sentAtMs[0] <= oldest) this.#sentAtMs.shift();
  }
}

function isForCaller(priority: Priority): boolean {
  return priority === 'tool-follow-up' || priority === 'answer';
}
