/**
 * How long this caller pauses in the middle of what they say, as far as it has been heard: a small term of the wait. Pure.
 */

/** A shorter hole is none. */
const LEAST_MS = 200;
/** What callers pause for, at the median; and by how much one pause moves what is known of one caller. */
const USUAL_MS = 380;
const PRIOR_PAUSES = 6;
/** No caller is waited for much longer, or shorter, than another. */
const MOST_FACTOR = 1.25;
const LEAST_FACTOR = 0.9;

export class CallerPauses {
  #logSum = 0;
  #count = 0;

  /** The caller has gone on after a silence in the middle of a turn. */
  heard(pauseMs: number): void {
    if (pauseMs < LEAST_MS) return;
    this.#logSum += Math.log(pauseMs / USUAL_MS);
    this.#count++;
  }

  /** By which waits are multiplied: 1 before anything is known. */
  get factor(): number {
    const mean = this.#logSum / (this.#count + PRIOR_PAUSES);
    return Math.max(LEAST_FACTOR, Math.min(MOST_FACTOR, Math.exp(mean / 2)));
  }
}
