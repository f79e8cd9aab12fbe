/**
 * How long a silence ends the turn, from how sure it is that the caller has finished. Long pauses are the rarer the longer they
 * are, by a power of their length; so the wait that costs least falls with the odds by a power as well.
 *
 *   wait = endpointMs x (1.4 x e^(-odds / 2.5) - 0.2), never over `mostMs`; what is over 3.6 x endpointMs counts for 0.4 of it
 */

export interface WaitOptions {
  /** What shifts all waits alike: about the wait where it is as likely as not that the caller has finished. Milliseconds. */
  endpointMs: number;
  mostMs: number;
}

// Fitted on turns of our own making and on the shared ones: numbers that do not know one turn from another.
const FACTOR = 1.4;
const STEEPNESS = 2.5;
const OFFSET = 0.2;
/** From here on a longer wait keeps nobody from being cut off, and whoever had finished waits for it. */
const LONG = 3.6;
const LONG_SHARE = 0.4;

/** @param odds That the turn is over, as a logarithm. */
export function waitFor(odds: number, { endpointMs, mostMs }: WaitOptions): number {
  const factor = FACTOR * Math.exp(-odds / STEEPNESS) - OFFSET;
  const waitMs = endpointMs * Math.min(factor, LONG + (factor - LONG) * LONG_SHARE);
  return Math.max(0, Math.min(mostMs, waitMs));
}
