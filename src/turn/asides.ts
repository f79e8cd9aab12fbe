/**
 * What the caller says beside the turn, which goes on: "mm-hm" (R11), an answer before its question has ended, and "hello?"
 * while the turn waits for its model or a tool. It interrupts nobody, and is not lost where it means something. What a word is
 * beside goes by when its voice began: that it was a whole one is known some time later, when the agent may have ended.
 */
import { backchannelsOf, type Backchannels } from './backchannel.ts';
import { answers, EarlyAnswer } from './early-answer.ts';
import type { Speech } from './speech.ts';
import type { Turns } from './turns.ts';
import type { Waiting } from './waiting.ts';

export class Asides {
  readonly #options: { readonly language?: string | undefined };
  readonly #turns: Turns;
  readonly #speech: Speech;
  readonly #waiting: Waiting;
  readonly #early = new EarlyAnswer();
  /** The caller's last voice, if it began while the agent was answering: how much had been heard, and what has been since. */
  #voice: { heardCharacters: number; said: string } | undefined;

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

  get #isAnswering(): boolean {
    return this.#turns.current !== undefined || this.#speech.isAudible;
  }

  /** The caller's voice begins. */
  voiceStarted(): void {
    const said = this.#speech.tell().heard;
    this.#voice = this.#isAnswering ? { heardCharacters: said.length, said } : undefined;
  }

  /** Whether what the caller has said is one: then the agent goes on. */
  hear(text: string, atMs: number): boolean {
    return this.#isListening(text) || this.#listened(text, atMs) || this.#isCalling(text, atMs);
  }

  #isListening(text: string): boolean {
    if (!this.#isAnswering || !this.#backchannels.isBackchannel(text)) return false;
    if (this.#backchannels.mayAnswer(text)) this.#early.hold(text, this.#speech.tell().heard.length);
    return true;
  }

  #listened(text: string, atMs: number): boolean {
    if (!this.isLate(text)) return false;
    this.#voice = undefined;
    this.#turns.ahead.drop(atMs); // it was asked for more than that
    return true;
  }

  /** Whether it only says that somebody listened: the agent has ended meanwhile, and it answers no question of its. */
  isLate(text: string): boolean {
    const voice = this.#voice;
    if (this.#isAnswering || !voice || !this.#backchannels.isBackchannel(text)) return false;
    return !this.#backchannels.mayAnswer(text) || !answers(voice.said, voice.heardCharacters);
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
    const said = this.#speech.tell().heard;
    if (this.#voice && said.startsWith(this.#voice.said)) this.#voice.said = said; // else it is another turn's
    if (turn && !turn.finishing) return undefined;
    return this.#early.take(said);
  }

  /** The same when its question will not be heard to its end: they have cut in, and what they say next is no listener's. */
  takeEarly(): string | undefined {
    this.#voice = undefined;
    return this.#early.takeAnyway();
  }

  /** The caller has said something else. */
  forget(): void {
    this.#early.forget();
    this.#voice = undefined;
  }
}
