/** How late a service's words are, which shows in how long it takes to answer `finalize`. Pure. */

/** A service that is not late answers `finalize` within this. */
const USUAL_ANSWER_MS = 60;
/** How much of its lateness outlasts an answer that came sooner. */
const KEPT = 0.7;
/** As long as it has answered nothing it may be so late. */
const UNTIL_KNOWN_MS = 300;

export class Lateness {
  readonly #mostMs: number;
  #knownMs: number | undefined;
  #guessedMs = UNTIL_KNOWN_MS;

  /** @param mostMs Nobody is taken to be later. */
  constructor(mostMs: number) {
    this.#mostMs = mostMs;
  }

  answeredAfter(answerMs: number): void {
    const lateMs = Math.max(0, answerMs - USUAL_ANSWER_MS);
    const after = (beforeMs: number) => Math.min(this.#mostMs, Math.max(lateMs, beforeMs * KEPT));
    this.#knownMs = after(this.#knownMs ?? 0);
    this.#guessedMs = after(this.#guessedMs);
  }

  /** So much later than is usual; undefined before its first answer. */
  get knownMs(): number | undefined {
    return this.#knownMs;
  }

  /** The same, where it is better to take it for too late than for too soon. */
  get atMostMs(): number {
    return this.#guessedMs;
  }
}
