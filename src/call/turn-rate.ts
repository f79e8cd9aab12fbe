/**
 * How many turns the peer of a text line may begin: far more than any caller speaks, far fewer than a flood, of which each
 * would cut off the one before. Pure; time is an argument.
 */

/** A caller says a sentence or two in a second at most. */
const TURNS_PER_SECOND = 2;
/** What a network that stood still hands over at once. */
const TURNS_AT_ONCE = 20;

/** What is told of a flood. */
export const TOO_MANY_TURNS = `the line tells of more than any caller says: ${TURNS_AT_ONCE} prompts at once, then ${TURNS_PER_SECOND} a second, are answered; others are left out`;

export class TurnRate {
  #left = TURNS_AT_ONCE;
  #atMs = -Infinity;
  #isFlood = false;

  /**
   * A turn would begin. `passes`: it may; `first`: it is the first of a flood that may not; `over`: the next of it.
   * @param nowMs any clock that only goes forward.
   */
  take(nowMs: number): 'passes' | 'first' | 'over' {
    const seconds = (nowMs - this.#atMs) / 1_000;
    this.#atMs = nowMs;
    this.#left = Math.min(TURNS_AT_ONCE, this.#left + seconds * TURNS_PER_SECOND);
    if (this.#left < 1) {
      const isFirst = !this.#isFlood;
      this.#isFlood = true;
      return isFirst ? 'first' : 'over';
    }
    if (this.#left >= TURNS_AT_ONCE / 2) this.#isFlood = false;
    this.#left--;
    return 'passes';
  }
}
