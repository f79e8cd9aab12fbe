/**
 * What the caller of a line of text says, one line after the other: a line that comes while a turn runs waits for it, and
 * whoever said it is told what became of it.
 */

import type { Transfers } from './transfers.ts';

/** What became of something the caller said. */
export interface TurnResult {
  turn: number;
  outcome: 'replied' | 'interrupted' | 'step-limit' | 'cut' | 'failed';
  heard: string;
}

type Tell = (result: TurnResult | undefined) => void;

export class TextTurns {
  readonly #begin: (text: string) => void;
  readonly #transfers: Pick<Transfers, 'isSomebodyAsked'>;
  #waiting: { text: string; tell: Tell }[] = [];
  /** Whoever said the line of the turn that runs. */
  #asked: Tell | undefined;
  #whenQuiet: (() => void)[] = [];
  #isTurnRunning = false;
  #isOver = false;

  /**
   * @param begin has the machine begin a turn; `turnStarted` is called before it returns, unless no turn can begin.
   * @param transfers while somebody is asked whether they take the caller, lines wait.
   */
  constructor(begin: (text: string) => void, transfers: Pick<Transfers, 'isSomebodyAsked'>) {
    this.#begin = begin;
    this.#transfers = transfers;
  }

  get isTurnRunning(): boolean {
    return this.#isTurnRunning;
  }

  /** Has it wait for `next`. Resolves when its turn has ended; with `undefined` when the call ended first, or nothing was said. */
  say(text: string): Promise<TurnResult | undefined> {
    return new Promise((resolve) => {
      if (this.#isOver || text.trim() === '') return resolve(undefined);
      this.#waiting.push({ text, tell: resolve });
    });
  }

  /** Begins with the line that has waited longest, if nothing stands against it. */
  next(): void {
    if (this.#isTurnRunning || this.#isOver || this.#transfers.isSomebodyAsked) return;
    const line = this.#waiting.shift();
    if (!line) return this.#tellQuiet();
    this.#asked = line.tell;
    this.#begin(line.text);
    if (this.#asked === line.tell && !this.#isTurnRunning) this.#answer(undefined); // the caller is being handed over
  }

  turnStarted(): void {
    this.#isTurnRunning = true;
  }

  turnEnded({ turn, outcome, heard }: TurnResult): void {
    this.#isTurnRunning = false;
    this.#answer({ turn, outcome, heard });
    this.#tellQuiet();
  }

  /** Resolves when every line has been answered, no turn runs and the caller is with the agent, or the call is over. */
  async quiet(): Promise<void> {
    while (!this.#isOver && (this.#isTurnRunning || this.#waiting.length > 0 || this.#transfers.isSomebodyAsked)) {
      await new Promise<void>((resolve) => this.#whenQuiet.push(resolve));
    }
  }

  /** The call is over: nobody waits for anything any more. */
  close(): void {
    this.#isOver = true;
    this.#answer(undefined);
    for (const { tell } of this.#waiting.splice(0)) tell(undefined);
    this.#tellQuiet();
  }

  #answer(result: TurnResult | undefined): void {
    this.#asked?.(result);
    this.#asked = undefined;
  }

  #tellQuiet(): void {
    for (const resolve of this.#whenQuiet.splice(0)) resolve();
  }
}
