/**
 * A line whose peer hears and speaks by itself, in virtual time: the stand-in's voice, and a caller who does what a test
 * says, in any order with what the peer tells of it. What the caller has really heard is known.
 */
import type { CallerFacts, TextLine, TextLineEvent } from '../../../src/bridge/contract.ts';
import type { VirtualClock } from '../../../src/lib/clock.ts';
import { Talk, type TalkOptions } from '../../../src/simulate/twilio/talk.ts';

export interface TalkingLineOptions extends TalkOptions {
  /** It tells what it has spoken, and when it begins and ends. Default false. */
  progress?: boolean;
}

/** What the peer says of a stop: the very words; nothing at all; or something else. */
export type Report = 'exact' | 'silent' | { text: string };

/** How often it looks what has been spoken. */
export const BEAT_MS = 10;

export class TalkingLine implements TextLine {
  readonly kind = 'text';
  readonly name = 'talking-line';
  readonly capabilities = { dtmfOut: 'inband', transfer: 'inband' } as const;
  readonly caller: CallerFacts = { carrierCallId: 'CA1', from: undefined, to: undefined, parameters: {} };
  readonly #clock: VirtualClock;
  readonly #talk: Talk;
  #listener: (event: TextLineEvent) => void = () => {};
  /** All that the caller has heard. */
  heard = '';
  /** What was sent, piece by piece; the end of a talk is `|`. */
  sent = '';
  /** Talks that are not spoken to their end; the last may be open. */
  #talks: string[] = [];
  #isOpen = false;
  #isBegun = false;
  #sentAtMs = 0;

  constructor(clock: VirtualClock, { progress = false, ...options }: TalkingLineOptions = {}) {
    this.#clock = clock;
    this.#talk = new Talk(
      {
        speaking: (isSpeaking) => progress && this.tell({ type: 'speaking', who: 'agent', isSpeaking }),
        word: ({ text }) => {
          this.heard += text;
          this.#consume(text.length);
          if (progress) this.tell({ type: 'spoken', text });
        },
      },
      options,
    );
    this.#beat();
  }

  listen(listener: (event: TextLineEvent) => void): void {
    this.#listener = listener;
  }

  tell(event: TextLineEvent): void {
    this.#listener(event);
  }

  sendText(text: string, isLast: boolean): void {
    this.sent += isLast ? `${text}|` : text;
    if (this.#isOpen) this.#talks[this.#talks.length - 1] += text;
    else this.#talks.push(text);
    this.#isOpen = !isLast;
    this.#sentAtMs = this.#clock.nowMs();
    this.#talk.push({ token: text, last: isLast }, this.#clock.nowMs());
  }

  clear(): void {}

  async sendDigits(): Promise<void> {}

  async transfer(): Promise<void> {}

  async hangUp(): Promise<void> {
    this.tell({ type: 'closed', reason: 'hung-up' });
  }

  get isSpeaking(): boolean {
    return this.#talk.isSpeaking;
  }

  get isIdle(): boolean {
    return this.#talk.isIdle;
  }

  /** Says of its last stop what it has said. */
  sayAgain = (): void => {};

  /** A word was heard of what is spoken: "nothing was heard" may be of any talk, where the line does not tell its progress. */
  get isBegun(): boolean {
    return this.#isBegun;
  }

  /** A talk is being written: what of it comes while the peer tells that it has stopped is spoken, and nobody knows. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** A talk is being written while an older one is spoken: which words of it come after a stop, nobody can tell. */
  get isBehind(): boolean {
    return this.#talks.length > 1 && (this.#isOpen || this.#clock.nowMs() - this.#sentAtMs < 1_000);
  }

  #consume(length: number): void {
    let left = length;
    while (this.#talks[0] !== undefined && left > 0) {
      const taken = Math.min(left, this.#talks[0].length);
      this.#talks[0] = this.#talks[0].slice(taken);
      this.#isBegun = true;
      left -= taken;
      if (this.#talks[0] === '' && (this.#talks.length > 1 || !this.#isOpen)) {
        this.#talks.shift();
        this.#isBegun = false;
      } else break;
    }
  }

  /** The caller cuts in: the peer stops now, and says so after `lateMs`. */
  stop(report: Report = 'exact', lateMs = 0): void {
    const { heard: exact } = this.#talk.interrupt(this.#clock.nowMs());
    this.#talks = [];
    this.#isOpen = this.#isBegun = false;
    const heard = report === 'exact' ? exact : report === 'silent' ? undefined : report.text;
    const say = (): void => this.tell({ type: 'interrupt', heard });
    this.sayAgain = say;
    if (lateMs === 0) say();
    else this.#clock.after(lateMs, say);
  }

  prompt(text: string, isFinal = true): void {
    this.tell({ type: 'prompt', text, isFinal });
  }

  press(digit: string): void {
    this.tell({ type: 'digit', digit });
  }

  #beat(): void {
    this.#clock.after(BEAT_MS, () => {
      this.#talk.advanceTo(this.#clock.nowMs());
      this.#beat();
    });
  }
}
