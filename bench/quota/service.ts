/**
 * A model service that keeps its limits to the letter and without mercy, in virtual time. It counts a minute in both ways
 * that one can be read, rolling and by the clock, and refuses when either is full; it frees a place only a while after
 * the answer has ended; and requests reach it with differing delays.
 */
import type { Clock } from '../../src/lib/clock.ts';

export interface ServiceOptions {
  clock: Clock;
  random: () => number;
  requestsPerMinute: number;
  concurrent: number;
  /** A place is free at most so long after its answer has ended. */
  freedWithinMs: number;
}

export interface ServiceCounts {
  served: number;
  refusedForRate: number;
  refusedForPlaces: number;
}

/** From us to the service and back, each. */
const WAY_MS = { least: 5, most: 60 };
const FIRST_TOKEN_MS = 250;
const ANSWER_MS = { least: 300, most: 900 };
const MINUTE_MS = 60_000;

export type Answer = { isRefused: false; firstTokenAfterMs: number } | { isRefused: true; isConcurrency: boolean };

export class StrictService {
  readonly counts: ServiceCounts = { served: 0, refusedForRate: 0, refusedForPlaces: 0 };
  readonly #options: ServiceOptions;
  #arrivedAtMs: number[] = [];
  #minute = 0;
  #inMinute = 0;
  #inFlight = 0;

  constructor(options: ServiceOptions) {
    this.#options = options;
  }

  /** `answered` when the first token, or the refusal, is back; `ended` when the rest is. */
  ask(answered: (answer: Answer) => void, ended: () => void): void {
    const { clock } = this.#options;
    clock.after(this.#between(WAY_MS), () => {
      const refusal = this.#judge();
      const backMs = this.#between(WAY_MS);
      if (refusal) return void clock.after(backMs, () => answered({ isRefused: true, ...refusal }));
      const answerMs = this.#between(ANSWER_MS);
      clock.after(FIRST_TOKEN_MS + backMs, () => answered({ isRefused: false, firstTokenAfterMs: FIRST_TOKEN_MS }));
      clock.after(FIRST_TOKEN_MS + answerMs + backMs, ended);
      const freeMs = FIRST_TOKEN_MS + answerMs + this.#options.random() * this.#options.freedWithinMs;
      clock.after(freeMs, () => this.#inFlight--);
    });
  }

  #judge(): { isConcurrency: boolean } | undefined {
    const { clock, requestsPerMinute, concurrent } = this.#options;
    const nowMs = clock.nowMs();
    while (this.#arrivedAtMs[0] !== undefined && this.#arrivedAtMs[0] <= nowMs - MINUTE_MS) this.#arrivedAtMs.shift();
    const minute = Math.floor(nowMs / MINUTE_MS);
    if (minute !== this.#minute) this.#inMinute = 0;
    this.#minute = minute;
    if (this.#arrivedAtMs.length >= requestsPerMinute || this.#inMinute >= requestsPerMinute) {
      this.counts.refusedForRate++;
      return { isConcurrency: false };
    }
    if (this.#inFlight >= concurrent) {
      this.counts.refusedForPlaces++;
      return { isConcurrency: true };
    }
    this.#arrivedAtMs.push(nowMs);
    this.#inMinute++;
    this.#inFlight++;
    this.counts.served++;
    return undefined;
  }

  #between({ least, most }: { least: number; most: number }): number {
    return least + this.#options.random() * (most - least);
  }
}
