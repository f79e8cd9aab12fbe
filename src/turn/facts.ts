/**
 * What is to be known of a call, which may be yet to come: so long its first request waits, and no longer. The greeting does
 * not wait, and what comes later still is told. What is wrong with it is told once.
 */
import type { TurnEventOf } from './contract.ts';
import type { History } from './history.ts';

export class Facts {
  readonly #history: History;
  /** They are not waited for any more. `problem`: why they were waited for in vain. */
  readonly #settled: (problem: string | undefined) => void;
  #withinMs = 0;
  #dueAtMs: number | undefined;

  constructor(history: History, settled: (problem: string | undefined) => void) {
    this.#history = history;
    this.#settled = settled;
  }

  /** The call begins: with them, without any, or they will come. */
  begin({ facts, factsWithinMs }: TurnEventOf<'call-start'>, atMs: number): void {
    if (facts) this.#history.addFacts(facts);
    if (factsWithinMs === undefined) return;
    this.#withinMs = factsWithinMs;
    this.#dueAtMs = atMs + factsWithinMs;
  }

  /** No request goes out before they have come. */
  get areAwaited(): boolean {
    return this.#dueAtMs !== undefined;
  }

  /** When that has lasted long enough. */
  get dueAtMs(): number | undefined {
    return this.#dueAtMs;
  }

  /** They have come: before the first request, or behind the words of one that could not wait for them. */
  take({ text, problem }: TurnEventOf<'facts'>): void {
    if (text) this.#history.addFacts(text);
    if (this.areAwaited) this.#settle(problem);
  }

  giveUp(): void {
    this.#settle(`the agent's \`facts\` did not come within ${this.#withinMs} ms: the model is asked without them`);
  }

  #settle(problem: string | undefined): void {
    this.#dueAtMs = undefined;
    this.#settled(problem);
  }
}
