/**
 * After how long, and how often, what failed is tried again. Pure: chance is handed in, and nothing here waits. The whole
 * delay, or a part of it, is left to chance, so that those who failed together do not come back together.
 */

/** Doubled from try to try. `tries`: how many there were before this one, from 0. */
export function doubledMs({ firstMs, mostMs = Infinity }: { firstMs: number; mostMs?: number }, tries: number): number {
  return Math.min(mostMs, firstMs * 2 ** tries);
}

/**
 * What a connection's failure says of the next one. `fatal`: trying again cannot help. `retry-twice`: it probably cannot,
 * unless somebody happened to be restarted. `retry-slowly`: there are too many of us.
 */
export type RetryVerdict = 'retry' | 'retry-slowly' | 'retry-twice' | 'fatal';

export interface RetryScheduleOptions {
  /** Before each try after a failure; no more tries than delays. Each is shortened at random, down to nothing. */
  delaysMs: readonly number[];
  /** The first delay after `retry-slowly`, unless the service has named one; doubled from try to try. */
  slowMs: number;
  /** 0 to 1. */
  random: () => number;
}

const MOST_IN_VAIN = 2;

/** The tries of one connection that is opened again whenever it is lost. */
export class RetrySchedule {
  readonly #options: RetryScheduleOptions;
  /** In a row, since the connection was last of use. */
  #failures = 0;
  /** Of the kind `retry-twice`, in a row, since anything was heard. */
  #inVain = 0;

  constructor(options: RetryScheduleOptions) {
    this.#options = options;
  }

  /** Something was heard on the connection. */
  heard(): void {
    this.#inVain = 0;
  }

  /** The connection did what it is for: all tries are there again. An open socket alone does not say so. */
  succeeded(): void {
    this.#failures = 0;
  }

  /** Whether connections have failed as `retry-twice` until there was no use in it. */
  get isInVain(): boolean {
    return this.#inVain > MOST_IN_VAIN;
  }

  /** How long to wait before the next try; undefined: no more tries. `retryAfterMs`: as the service has asked. */
  failed(verdict: RetryVerdict, retryAfterMs?: number): number | undefined {
    const { delaysMs, slowMs, random } = this.#options;
    const failure = this.#failures++;
    if (verdict === 'retry-twice') this.#inVain++;
    const delayMs = delaysMs[failure];
    if (verdict === 'fatal' || this.isInVain || delayMs === undefined) return undefined;
    if (verdict === 'retry-slowly') return retryAfterMs ?? doubledMs({ firstMs: slowMs }, failure) * halfAt(random());
    return delayMs * random();
  }
}

/** For a delay of which only the second half is left to chance. `random`: 0 to 1. */
export function halfAt(random: number): number {
  return 0.5 + random / 2;
}
