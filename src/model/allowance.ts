/**
 * May one more request go out now, and if not, when? The decision behind the budget: pure, with time as an argument.
 *
 * A request takes one of the requests of a rolling minute and one of the places at once. A bucket that refills would let
 * nearly twice the plan through in the minute after a pause, which the service punishes, so the last sends are
 * remembered by their time.
 */
import type { AllowanceLimits, Priority } from './contract.ts';

/** A minute and a little: requests reach the service with differing delays, so its minute and ours are not quite the same. */
export const WINDOW_MS = 60_250;
/**
 * The service frees a place when it has noticed that the answer was taken whole, or that we hung up. Until then the next
 * request would be one too many; only one that takes the last place has to wait for it.
 */
export const PLACE_MARGIN_MS = 100;
/** How long a 429 is remembered. One for being too many at once clears sooner: it may only be a slot freed late. */
export const RATE_LOWERED_MS = 60_000;
export const CONCURRENCY_LOWERED_MS = 5_000;
/** Beside what the service let through in the last minute, one may try whether there is room again. */
export const PROBES = 1;
/** The part of the minute, and the place, that requests nobody is waiting for leave free for callers. */
export const RATE_KEPT_FOR_CALLERS = 0.2;
export const PLACES_KEPT_FOR_CALLERS = 1;
/**
 * An answer is asked ahead only with room to spare, for half of what is asked ahead is asked for nothing: it leaves half of
 * the minute and ten requests, and half of the places. A plan of ten requests a minute gives none away.
 */
const RATE_KEPT_FROM_AHEAD = 0.5;
const REQUESTS_KEPT_FROM_AHEAD = 10;
const PLACES_KEPT_FROM_AHEAD = 0.5;

/** How many requests of a minute may have gone out for another to be sent ahead; Infinity: any number. */
export function roomToAskAhead({ requestsPerMinute, concurrent }: AllowanceLimits): number {
  if (concurrent === 1) return 0;
  return Math.max(0, Math.floor(requestsPerMinute * (1 - RATE_KEPT_FROM_AHEAD)) - REQUESTS_KEPT_FROM_AHEAD);
}

export class Allowance {
  readonly #limits: AllowanceLimits;
  #sentAtMs: number[] = [];
  #inFlight = 0;
  /** When the last places became free here. */
  #freedAtMs: number[] = [];
  /** Set while this worker goes by its own part: since when, of how many, and what the others had sent before. */
  #part: { sinceMs: number; workers: number; othersSentAtMs: readonly number[] } | undefined;
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
    return this.#placeWaitMs(Math.max(1, this.#concurrent(nowMs) - this.#placesKept(priority)), nowMs);
  }

  #placesKept(priority: Priority): number {
    const { concurrent } = this.#limits;
    if (isForCaller(priority) || concurrent === 1 || concurrent === Infinity) return 0;
    return priority === 'speculation' ? Math.ceil(concurrent * PLACES_KEPT_FROM_AHEAD) : PLACES_KEPT_FOR_CALLERS;
  }

  /** What is allowed at this moment, all reasons to lower it counted. */
  limitsAt(nowMs: number): AllowanceLimits {
    return { requestsPerMinute: this.#rate(nowMs), concurrent: this.#concurrent(nowMs) };
  }

  /**
   * From now on the limits are those of `workers` who cannot ask each other, and each goes by its part of what is left of
   * them: what went out before counts against all.
   */
  divide(workers: number, othersSentAtMs: readonly number[], nowMs: number): void {
    this.#part = { sinceMs: this.#part?.sinceMs ?? nowMs, workers, othersSentAtMs };
  }

  /** The whole again. */
  unite(): void {
    this.#part = undefined;
  }

  /** Nothing is to go out before then. */
  pause(untilMs: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, untilMs);
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
  release(takenAtMs: number, wasSent: boolean, nowMs: number): void {
    this.#inFlight--;
    if (wasSent) {
      if (this.#limits.concurrent !== Infinity) this.#freedAtMs.push(nowMs);
      return;
    }
    const index = this.#sentAtMs.lastIndexOf(takenAtMs);
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
    this.pause(nowMs + retryAfterMs);
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
    const kept = isForCaller(priority) ? 0 : RATE_KEPT_FOR_CALLERS;
    const partWaitMs = this.#partWaitMs(kept, nowMs);
    if (partWaitMs > 0) return partWaitMs;
    const most =
      priority === 'speculation' ? this.#mostAhead(nowMs) : Math.max(1, Math.floor(this.#rate(nowMs) * (1 - kept)));
    if (most === 0) return WINDOW_MS;
    const blocking = this.#sentAtMs.at(-most);
    if (blocking === undefined) return 0;
    const windowWaitMs = blocking + WINDOW_MS - nowMs;
    return isLowered ? Math.min(windowWaitMs, this.#rateLoweredUntilMs - nowMs) : windowWaitMs;
  }

  /** Nothing while the service has said that it is too much. */
  #mostAhead(nowMs: number): number {
    return nowMs < this.#rateLoweredUntilMs ? 0 : roomToAskAhead(this.#limits);
  }

  /** While each goes by its part: the time until more may be left of it. */
  #partWaitMs(kept: number, nowMs: number): number {
    if (!this.#part) return 0;
    const { sinceMs, workers, othersSentAtMs } = this.#part;
    const others = othersSentAtMs.filter((atMs) => atMs > nowMs - WINDOW_MS);
    const own = this.#sentAtMs.filter((atMs) => atMs > sinceMs).length;
    const before = others.length + this.#sentAtMs.length - own;
    const part = Math.floor((this.#limits.requestsPerMinute * (1 - kept) - before) / workers);
    if (own < (before === 0 ? Math.max(1, part) : part)) return 0;
    const oldest = Math.min(this.#sentAtMs[0] ?? Infinity, ...others);
    return oldest + WINDOW_MS - nowMs;
  }

  #placeWaitMs(concurrent: number, nowMs: number): number {
    if (concurrent === Infinity) return 0;
    if (this.#inFlight >= concurrent) return Infinity;
    while (this.#freedAtMs[0] !== undefined && this.#freedAtMs[0] <= nowMs - PLACE_MARGIN_MS) this.#freedAtMs.shift();
    const blocking = this.#freedAtMs.at(-(concurrent - this.#inFlight));
    return blocking === undefined ? 0 : blocking + PLACE_MARGIN_MS - nowMs;
  }

  #rate(nowMs: number): number {
    const { requestsPerMinute } = this.#limits;
    return nowMs < this.#rateLoweredUntilMs ? Math.min(requestsPerMinute, this.#lowerRate) : requestsPerMinute;
  }

  #concurrent(nowMs: number): number {
    const whole = this.#limits.concurrent;
    const part = this.#part ? Math.max(1, Math.floor(whole / this.#part.workers)) : whole;
    return nowMs < this.#concurrentLoweredUntilMs ? Math.min(this.#lowerConcurrent, part) : part;
  }

  #forgetOld(nowMs: number): void {
    const oldest = nowMs - WINDOW_MS;
    while (this.#sentAtMs[0] !== undefined && this.#sentAtMs[0] <= oldest) this.#sentAtMs.shift();
  }
}

export function isForCaller(priority: Priority): boolean {
  return priority === 'tool-follow-up' || priority === 'answer';
}
