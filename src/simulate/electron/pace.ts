/** When each piece of an answer leaves: a profile, and a cursor that walks along it. */
import { z } from 'zod';
import type { Random } from './random.ts';

export const PaceTraits = z.strictObject({
  /** From the request to the response headers, in milliseconds. */
  headersMs: z.number().min(0).default(0),
  /** From the request to the first chunk, in milliseconds. */
  firstTokenMs: z.number().min(0).default(0),
  /** Between two content chunks, in milliseconds. */
  tokenMs: z.number().min(0).default(0),
  /** From the first to the last fragment of a step's tool calls, in milliseconds. */
  argumentsMs: z.number().min(0).default(0),
  /** From the last content or fragment to the finish chunk, in milliseconds. */
  finishMs: z.number().min(0).default(0),
  /** How far every delay may stray, as a part of it: 0.2 is 20 % either way. */
  jitter: z.number().min(0).max(1).default(0),
});
export type PaceTraits = z.output<typeof PaceTraits>;
export type PaceTraitsInput = z.input<typeof PaceTraits>;

/** `wire/electron.md` 9: the first token after 250 ms, then a few milliseconds each, fragments about 30 ms later. */
const DOCUMENTED: PaceTraitsInput = { firstTokenMs: 250, tokenMs: 5, argumentsMs: 30, finishMs: 5, jitter: 0.2 };

export const Pace = z
  .union([z.literal(['instant', 'documented']), PaceTraits.partial()])
  .transform((pace): PaceTraits =>
    PaceTraits.parse(pace === 'instant' ? {} : pace === 'documented' ? DOCUMENTED : pace),
  );
/** `instant` waits nowhere; `documented` is the service's own profile; traits left out are 0. */
export type PaceInput = z.input<typeof Pace>;

/** Hands out instants since the request, each after a jittered delay, never going back. */
export class PaceCursor {
  #atMs = 0;
  readonly #jitter: number;
  readonly #random: Random;

  constructor(jitter: number, random: Random) {
    this.#jitter = jitter;
    this.#random = random;
  }

  get atMs(): number {
    return this.#atMs;
  }

  /** Moves on by about `delayMs`. */
  step(delayMs: number): number {
    if (delayMs > 0) this.#atMs += delayMs * (1 + this.#jitter * (2 * this.#random() - 1));
    return this.#atMs;
  }
}
