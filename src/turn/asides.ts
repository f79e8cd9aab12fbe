/**
 * What the caller says beside the turn, which goes on: "mm-hm" (R11), an answer before its question has ended, and "hello?"
 * while the turn waits for its model or a tool. It interrupts nobody, and is not lost where it means something.
 */
import { backchannelsOf, type Backchannels } from './backchannel.ts';
import { EarlyAnswer } from './early-answer.ts';
import type { Speech } from './speech.ts';
import type { Turns } from './turns.ts';
import type { Waiting } from './waiting.ts';

export class Asides {
  readonly #options: { readonly language?: string | undefined };
  readonly #turns: Turns;
  readonly #speech: Speech;
  readonly #waiting: Waiting;
  readonly #early = new EarlyAnswer();

  /** `language`: code of that which is listened for. */
  constructor(
    options: { readonly language?: string | undefined },
    parts: { turns: Turns; speech: Speech; waiting: Waiting },
  ) {
    this.#options = options;
    this.#turns = parts.turns;
    this.#speech = parts.speech;
    this.#waiting = parts.waiting;
  }

  get #backchannels(): Backchannels {
    return backchannelsOf(this.#options.language);
  }

  /** Whether what the caller has said is one: then the agent goes on. */
  hear(text: string, atMs: number): boolean {
    return this.#isListening(text) || this.#isCalling(text, atMs);
  }

  #isListening(text: string): boolean {
    const isAnswering = this.#turns.current !== undefined || this.#speech.isAudible;
    if (!isAnswering || !this.#backchannels.isBackchannel(text)) return false;
    if (this.#backchannels.mayAnswer(text)) this.#early.hold(text, this.#speech);
    return true;
  }

  #isCalling(text: string, atMs: number): boolean {
    const waiting = this.#turns.waiting;
    if (!waiting || !this.#backchannels.isCall(text)) return false;
    this.#turns.hearAside(waiting, text);
    this.#waiting.reassure(waiting, atMs);
    return true;
  }

  /** All has been heard. Returns what the caller has answered to it before that; undefined when a turn still runs. */
  takeAnswer(): string | undefined {
    const turn = this.#turns.current;
    return turn && !turn.finishing ? undefined : this.#early.take(this.#speech);
  }

  /** The same when its question will not be heard to its end. */
  takeEarly(): string | undefined {
    return this.#early.takeAnyway();
  }

  /** The caller has said something else. */
  forget(): void {
    this.#early.forget();
  }
}
