/** What was said and what of it was heard, as far as a machine was told: what the history should hold. */
import type { TurnEffect, TurnEvent } from '../../../turn/contract.ts';
import type { MachineOptions } from '../../../turn/options.ts';

/** Text without white space: how pieces are joined is the machine's business, their letters are not. */
export function letters(text: string): string {
  return text.replace(/\s+/g, '');
}

interface Utterance {
  number: number;
  text: string;
  /** Characters that the caller has heard, as far as was told. */
  heard: number;
  /** The voice gave it up: what is not heard by the next silence never will be. */
  isFailed: boolean;
  /** A phrase that was heard before the rest of what stalled: where the history has it is the machine's business. */
  isAhead: boolean;
}

/** What was said and what of it was heard, as far as a machine was told. */
export class SpeechLedger {
  readonly #isReported: boolean;
  /** In the order in which they were begun; all of them still on their way, or heard in full. */
  #utterances: Utterance[] = [];
  /** What is settled: heard in full or cut. */
  readonly #settled: { number: number; text: string }[] = [];
  /** Its letters. */
  #settledLetters = '';
  /** Letters of each phrase that was said ahead, as far as it was heard. */
  readonly #ahead: string[] = [];
  #unheard: string | undefined = '';
  #expected: string | undefined = '';
  /** The line has just said that less was heard; that it stopped there follows, and until then the words may still stand. */
  #untilStopped: string | undefined;

  constructor(heardBy: MachineOptions['heardBy']) {
    this.#isReported = heardBy !== 'emitted';
  }

  tell(event: TurnEvent): unknown {
    if (event.type !== 'heard') this.#untilStopped = undefined;
    if (event.type === 'heard') {
      const utterance = this.#utterances.find(({ number }) => number === event.utterance);
      if (!utterance) return event.isExact && this.#amend(event.utterance, event.characters);
      utterance.heard = event.isExact ? event.characters : Math.max(utterance.heard, event.characters);
      this.#unheard = undefined;
    } else if (event.type === 'interrupt') {
      if (event.upTo !== undefined) this.#cut(event.upTo);
    } else if (event.type === 'speech-failed') {
      const utterance = this.#utterances.find(({ number }) => number === event.utterance);
      if (utterance) utterance.isFailed = true;
    } else if (event.type === 'playback-idle') {
      for (const utterance of this.#utterances) if (!utterance.isFailed) utterance.heard = utterance.text.length;
      this.#cut();
    } else if (event.type === 'hang-up') this.#cut();
    return undefined;
  }

  /** The line says that less of it was heard than it was taken to be. */
  #amend(number: number, characters: number): void {
    const settled = this.#settled.find((one) => one.number === number);
    if (!settled) return;
    this.#untilStopped = this.expected;
    settled.text = settled.text.slice(0, characters);
    this.#settledLetters = letters(this.#settled.map(({ text }) => text).join(''));
    this.#expected = undefined;
  }

  /** Words that were said, and sent, may now turn out not to have been heard. */
  get hasFailed(): boolean {
    return this.#utterances.some(({ isFailed }) => isFailed);
  }

  carryOut(effect: TurnEffect): void {
    if (effect.type === 'clear') this.#cut();
    if (effect.type !== 'say') return;
    this.#expected = this.#unheard = undefined;
    const known = this.#utterances.find(({ number }) => number === effect.utterance);
    if (known) known.text += effect.text;
    else {
      this.#settleHeard();
      this.#utterances.push({
        number: effect.utterance,
        text: effect.text,
        heard: 0,
        isFailed: false,
        isAhead: effect.isAhead ?? false,
      });
    }
  }

  /** The letters that the history should hold now: what was said, less what was cleared before it was heard. */
  get expected(): string {
    this.#expected ??= this.#settledLetters + this.#lettersOf(({ isAhead }) => !isAhead).join('');
    return this.#expected;
  }

  /** What it may hold at this instant. */
  get allowed(): string[] {
    return this.#untilStopped === undefined ? [this.expected] : [this.expected, this.#untilStopped];
  }

  /** The letters of phrases that it should hold as well, wherever they were heard. */
  get expectedAhead(): string[] {
    return [...this.#ahead, ...this.#lettersOf(({ isAhead }) => isAhead)];
  }

  #lettersOf(isMeant: (utterance: Utterance) => boolean): string[] {
    return this.#utterances.filter(isMeant).map(({ text }) => letters(text));
  }

  /** The utterances that the history should hold now, with the white space between their words. */
  get texts(): string[] {
    return [...this.#settled, ...this.#utterances].map(({ text }) => text);
  }

  /** Everything said so far has been heard, or cleared. */
  get isHeard(): boolean {
    return this.unheard === '';
  }

  /** Letters that are on their way to the caller. */
  get unheard(): string {
    this.#unheard ??= this.#isReported
      ? letters(this.#utterances.map(({ text, heard }) => text.slice(heard)).join(''))
      : '';
    return this.#unheard;
  }

  #settleHeard(): void {
    for (let first = this.#utterances[0]; first; first = this.#utterances[0]) {
      if (this.#isReported && letters(first.text.slice(first.heard)) !== '') return;
      this.#settle(first, first.text);
      this.#utterances.shift();
    }
  }

  #cut(upTo = Infinity): void {
    for (const utterance of this.#utterances) {
      if (utterance.number > upTo) continue;
      this.#settle(utterance, this.#isReported ? utterance.text.slice(0, utterance.heard) : utterance.text);
    }
    this.#utterances = this.#utterances.filter(({ number }) => number > upTo);
    this.#unheard = this.#expected = undefined;
  }

  #settle({ number, isAhead }: Utterance, text: string): void {
    if (isAhead) {
      this.#ahead.push(letters(text));
      return;
    }
    this.#settledLetters += letters(text);
    this.#settled.push({ number, text });
  }
}
