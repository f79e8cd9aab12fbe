/** A caller who types, and reads what the agent writes. */
import type { Call } from '../call/call.ts';
import type { CallEvent } from '../call/events.ts';
import type { Clock } from '../lib/clock.ts';
import { VoiceError } from '../lib/errors.ts';
import type { CallerEnd, HeardFacts, TurnBegin } from './caller-end.ts';
import { HeardWatch } from './heard-watch.ts';
import { lengthOfKeysMs, pressKeys } from './keys.ts';
import type { ComingWord } from './line/agent-words.ts';
import type { CallerStretch } from './result.ts';
import { withKinds } from './words.ts';

export class TextEnd implements CallerEnd {
  readonly stretches: CallerStretch[] = [];
  readonly #clock: Clock;
  readonly #heard: HeardWatch;
  /** What was shown, word by word. */
  readonly #words: ComingWord[] = [];
  /** How many there were when each turn began: by their time alone the turns of an instant cannot be told apart. */
  readonly #wordsBefore = new Map<number, number>();
  /** Of which the last was a part. */
  #utterance = '';

  #answered: Call | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    const nowMs = () => this.#answered?.atMs ?? 0;
    this.#heard = new HeardWatch({ clock, nowMs, words: () => this.#words, knowsBeyond: () => false });
  }

  /** The call has begun. */
  answeredBy(call: Call): void {
    this.#answered = call;
  }

  say(text: string): { untilMs: number; turn: Promise<number> } {
    const { atMs } = this.#call;
    if (text.trim() === '') throw new VoiceError('options-invalid', `Expected words to say, got \`${text}\``);
    this.stretches.push({ kind: 'utterance', text, fromMs: atMs, toMs: atMs });
    const turn = this.#call.say(text).then((result) => {
      if (result) return result.turn;
      throw new VoiceError('closed', `Expected the agent to answer "${text}", but the call ended`);
    });
    return { untilMs: atMs, turn };
  }

  make(): Promise<void> {
    throw new VoiceError('options-invalid', "Expected a line with sound for `make`, got `line: 'text'`");
  }

  press(keys: string): Promise<void> {
    const { atMs } = this.#call;
    const pressed = pressKeys(keys, this.#clock, (key) => this.#call.digit(key));
    this.stretches.push({ kind: 'keys', keys, fromMs: atMs, toMs: atMs + lengthOfKeysMs(keys) });
    return pressed;
  }

  hears(what: string | RegExp): Promise<number> {
    return this.#heard.until(what);
  }

  hangUp(): void {
    this.#call.hangUp();
  }

  hear(event: CallEvent): void {
    if (event.type === 'turn-start') this.#wordsBefore.set(event.turn, this.#words.length);
    if (event.type === 'text-delta') this.#show(event);
    if (event.type === 'turn-end') this.#endWord();
    if (event.type === 'call-end') this.#heard.end(event.reason);
    this.#heard.changed();
  }

  facts(events: readonly CallEvent[], since?: TurnBegin): HeardFacts {
    const shown = this.#words.slice(since && this.#wordsBefore.get(since.turn));
    const words = shown.map(({ text, startMs, endMs }) => ({ text, fromMs: startMs, toMs: endMs }));
    return { line: 'text', hearing: 'none', heard: withKinds(words, events) };
  }

  get #call(): Call {
    if (!this.#answered) throw new VoiceError('internal', 'The call has not begun');
    return this.#answered;
  }

  #show({ turn, step, kind, delta, atMs }: Extract<CallEvent, { type: 'text-delta' }>): void {
    const utterance = `${turn} ${step} ${kind}`;
    if (utterance !== this.#utterance) this.#endWord();
    this.#utterance = utterance;
    for (const part of delta.split(/(?<=\s)|(?=\s)/u)) {
      if (part.trim() === '') this.#endWord();
      else this.#add(part, atMs);
    }
  }

  #add(text: string, atMs: number): void {
    const last = this.#words.at(-1);
    if (!last?.isOpen) this.#words.push({ text, startMs: atMs, endMs: atMs, spokenMs: atMs, isOpen: true });
    else Object.assign(last, { text: last.text + text, endMs: atMs, spokenMs: atMs });
  }

  #endWord(): void {
    const last = this.#words.at(-1);
    if (last) last.isOpen = false;
  }
}
