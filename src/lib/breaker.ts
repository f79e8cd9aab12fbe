/**
 * Whether a service that has failed is asked again: a circuit breaker as a value. Pure: time comes as an argument, nothing
 * here waits, and so a call in virtual time has it as well as one in real time; libraries for this (cockatiel, opossum) set
 * timers of their own and read the system's clock.
 *
 *   closed -> open -> half-open -> closed     (asked once more when its time is over, and well)
 *                ^        |
 *                +--------+                   (and not: for twice as long)
 */
import { doubledMs } from './retry.ts';

/** Where a breaker stands. */
export type Breaker =
  /** Asked as ever. `failures`: in a row. */
  | { readonly name: 'closed'; readonly failures: number }
  /** Not asked until then. `times`: how often in a row it was found to be down. */
  | { readonly name: 'open'; readonly untilMs: number; readonly times: number }
  /** One is asking it, to see whether it is well. */
  | { readonly name: 'half-open'; readonly sinceMs: number; readonly times: number };

/** How patient a breaker is. */
export interface BreakerLimits {
  /** So many failures in a row are one too many. */
  mostFailures: number;
  /** How long it is left alone first, in milliseconds; doubled each time that it was asked in vain. */
  openMs: number;
  /** But no longer than this, in milliseconds. */
  mostOpenMs: number;
  /** How long the one who tries it may take to tell, in milliseconds; then another one may. */
  trialMs: number;
}

/** What one failure says of the next request. */
export interface BreakerFailure {
  atMs: number;
  /** The next one would fail too, or would cost a caller as much as this one has: none is sent. */
  isGrave: boolean;
  /** How long the service asked to be left alone, in milliseconds. Default: as the limits have it. */
  retryAfterMs?: number | undefined;
}

export const CLOSED: Breaker = { name: 'closed', failures: 0 };

/** Where it stands once it is asked, or `undefined` when it is not to be asked now. */
export function ask(breaker: Breaker, atMs: number, { trialMs }: BreakerLimits): Breaker | undefined {
  switch (breaker.name) {
    case 'closed':
      return breaker;
    case 'open':
      return atMs < breaker.untilMs ? undefined : { name: 'half-open', sinceMs: atMs, times: breaker.times };
    case 'half-open':
      return atMs < breaker.sinceMs + trialMs ? undefined : { ...breaker, sinceMs: atMs };
  }
}

/** Where it stands after a failure. One of a request that was sent before it opened keeps it open no longer. */
export function fail(breaker: Breaker, failure: BreakerFailure, limits: BreakerLimits): Breaker {
  const { isGrave } = failure;
  if (breaker.name === 'open') return breaker;
  if (breaker.name === 'half-open') return opened(breaker.times, failure, limits);
  const failures = breaker.failures + 1;
  return isGrave || failures >= limits.mostFailures ? opened(0, failure, limits) : { name: 'closed', failures };
}

/** Where it stands when whoever was trying it went away before there was anything to tell: the next one may. */
export function leave(breaker: Breaker, atMs: number): Breaker {
  return breaker.name === 'half-open' ? { name: 'open', untilMs: atMs, times: breaker.times } : breaker;
}

function opened(times: number, { atMs, retryAfterMs }: BreakerFailure, { openMs, mostOpenMs }: BreakerLimits): Breaker {
  const forMs = retryAfterMs ?? doubledMs({ firstMs: openMs, mostMs: mostOpenMs }, times);
  return { name: 'open', untilMs: atMs + Math.min(forMs, mostOpenMs), times: times + 1 };
}
