/**
 * How long a silence ends the turn, from how sure it is that the caller has finished. Three kinds of silence: where it is as good
 * as sure, the soonest that there is; where it may well be, one that outlasts what most callers pause for; and where it looks
 * open, the longer the surer that is, for those pauses last.
 *
 *   of endpointMs   0 |                 ____________ sure
 *                 1.2 |       _________/
 *                     |      / may well be
 *                   4 | ____/
 *                        open          odds ->
 */

export interface WaitOptions {
  /** What shifts all waits alike: about the wait where it is as likely as not that the caller has finished. Milliseconds. */
  endpointMs: number;
  mostMs: number;
}

// Fitted on turns of our own making, with pauses drawn anew: numbers that do not know one turn from another.
/** Odds from which on nothing is waited for, and those below which all of `LIKELY` is. */
const SURE = { all: 1.5, none: 0.85 };
/** Of `endpointMs`. */
const LIKELY = 1.2;
/** Below these odds a turn looks open, and so much more is waited for by each unit. */
const OPEN = { odds: -0.7, each: 1 };
/** From here on a longer wait keeps nobody from being cut off, and whoever had finished waits for it. */
const LONG = 3.2;
const LONG_SHARE = 0.3;

/** @param odds That the turn is over, as a logarithm. */
export function waitFor(odds: number, { endpointMs, mostMs }: WaitOptions): number {
  const factor = odds >= OPEN.odds ? LIKELY * doubtAt(odds) : LIKELY + (OPEN.odds - odds) * OPEN.each;
  return Math.min(mostMs, endpointMs * Math.min(factor, LONG + (factor - LONG) * LONG_SHARE));
}

/** 1: it may well be; 0: it is as good as sure. */
const doubtAt = (odds: number): number => Math.max(0, Math.min(1, (SURE.all - odds) / (SURE.all - SURE.none)));
