/** What is measured in a turn: the same few clock readings for everyone, at the places where a program is called back. */
import { setTimeout as wait } from 'node:timers/promises';
import { monotonicMs } from '../frame/monotonic.ts';
import { ANSWER_CHUNKS, FILLER_CHUNKS, TOOL_RESULT, type ToolInput } from './script.ts';

/** In milliseconds; one of each a turn, but for `chunk`, which is one of each chunk. */
export interface Samples {
  /** From the server's write of a turn's first words to the callback. */
  firstChunk: number[];
  /** The same for every chunk of content. */
  chunk: number[];
  /** From the caller's words to the whole request at the server. */
  textToRequest: number[];
  /** From the server's write of the last argument to the handler. */
  argumentToHandler: number[];
  /** From the handler's return to the whole next request at the server. */
  resultToRequest: number[];
  /** From the server's write of the last argument to the callback with the first words of the answer. */
  argumentToAnswer: number[];
  /** All that the client added on the way to the answer's first word: the four delays on that way together. */
  added: number[];
}

export const noSamples = (): Samples => ({
  firstChunk: [],
  chunk: [],
  textToRequest: [],
  argumentToHandler: [],
  resultToRequest: [],
  argumentToAnswer: [],
  added: [],
});

export class TurnProbe {
  readonly #samples: Samples;
  readonly #toolMs: number;
  readonly #beganAtMs = monotonicMs();
  #chunks = 0;
  #argumentAtMs = 0;
  #resultAtMs = 0;
  #added = 0;

  constructor(samples: Samples, toolMs: number) {
    this.#samples = samples;
    this.#toolMs = toolMs;
  }

  /** Words for the caller. */
  chunk(delta: string): void {
    const atMs = monotonicMs();
    const latencyMs = atMs - Number.parseFloat(delta);
    this.#samples.chunk.push(latencyMs);
    if (this.#chunks === 0) this.#firstWords(delta, latencyMs);
    else if (this.#chunks === FILLER_CHUNKS) this.#firstAnswer(delta, atMs, latencyMs);
    this.#chunks++;
  }

  async tool({ sentAtMs }: ToolInput): Promise<typeof TOOL_RESULT> {
    const delayMs = monotonicMs() - sentAtMs;
    this.#argumentAtMs = sentAtMs;
    this.#samples.argumentToHandler.push(delayMs);
    this.#added += delayMs;
    if (this.#toolMs > 0) await wait(this.#toolMs);
    this.#resultAtMs = monotonicMs();
    return TOOL_RESULT;
  }

  /** @throws when anything of the script was lost: a client that drops words is not measured. */
  end(): void {
    const expected = FILLER_CHUNKS + ANSWER_CHUNKS;
    if (this.#chunks !== expected || this.#resultAtMs === 0) {
      throw new Error(`Expected ${expected} chunks and a tool run, got ${this.#chunks} chunks`);
    }
    this.#samples.added.push(this.#added);
  }

  #firstWords(delta: string, latencyMs: number): void {
    const delayMs = requestTime(delta) - this.#beganAtMs;
    this.#samples.firstChunk.push(latencyMs);
    this.#samples.textToRequest.push(delayMs);
    this.#added += delayMs;
  }

  #firstAnswer(delta: string, atMs: number, latencyMs: number): void {
    const delayMs = requestTime(delta) - this.#resultAtMs;
    this.#samples.resultToRequest.push(delayMs);
    this.#samples.argumentToAnswer.push(atMs - this.#argumentAtMs);
    this.#added += delayMs + latencyMs;
  }
}

/** The second number of a chunk. */
function requestTime(delta: string): number {
  return Number.parseFloat(delta.slice(delta.indexOf(' ') + 1));
}
