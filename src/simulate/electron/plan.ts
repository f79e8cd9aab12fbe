/** The plan of an account: how many requests in any minute, how many at once, and the 429 for one too many. */
import { typeOfStatus, type Refusal } from './envelope.ts';
import type { PlanLimits } from './limits.ts';

const MINUTE_MS = 60_000;

export type RetryAfterStyle = 'none' | 'seconds' | 'date';

/** Counts one account. Time comes in as an argument, so that a test may move it. */
export class PlanMeter {
  #startedAtMs: number[] = [];
  #inFlight = 0;

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Takes a place for a request, or says why there is none. Only what is admitted counts. */
  admit(limits: PlanLimits | undefined, atMs: number): { type: 'admitted' } | PlanRefusal {
    this.#startedAtMs = this.#startedAtMs.filter((startedAtMs) => atMs - startedAtMs < MINUTE_MS);
    if (limits && this.#inFlight >= limits.concurrent) return { type: 'concurrency', limit: limits.concurrent };
    if (limits && this.#startedAtMs.length >= limits.requestsPerMinute) {
      const blocking = this.#startedAtMs[this.#startedAtMs.length - limits.requestsPerMinute] ?? atMs;
      return { type: 'rate', limit: limits.requestsPerMinute, waitMs: blocking + MINUTE_MS - atMs };
    }
    if (limits) this.#startedAtMs.push(atMs);
    this.#inFlight++;
    return { type: 'admitted' };
  }

  /** Gives the place back: at the end of the body, or some time after the client has gone. */
  release(): void {
    this.#inFlight--;
  }
}

export type PlanRefusal =
  | { type: 'concurrency'; limit: number }
  /** `waitMs`: until the oldest request of the minute is a minute old. */
  | { type: 'rate'; limit: number; waitMs: number };

/** How long to wait is a guess for concurrency: nobody knows when a stream will end. */
const CONCURRENCY_WAIT_MS = 1_000;

export function refusalOf(refusal: PlanRefusal, style: RetryAfterStyle, nowEpochMs: number): Refusal {
  const waitMs = refusal.type === 'rate' ? refusal.waitMs : CONCURRENCY_WAIT_MS;
  const seconds = Math.max(1, Math.ceil(waitMs / 1_000));
  const message =
    refusal.type === 'rate'
      ? `Rate limit exceeded: ${refusal.limit} requests per minute`
      : `Concurrency limit reached: ${refusal.limit} concurrent requests`;
  const retryAfter = style === 'date' ? new Date(nowEpochMs + seconds * 1_000).toUTCString() : String(seconds);
  return {
    status: 429,
    type: typeOfStatus(429),
    message,
    ...(style !== 'none' && { headers: { 'Retry-After': retryAfter } }),
  };
}
