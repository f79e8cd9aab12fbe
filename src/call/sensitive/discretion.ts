/**
 * Before the door of a call's machine: as long as a task takes something sensitive, what the caller says and types goes in as
 * placeholders, and what tools are given and give back has none of it at any time. So whatever the machine, a log, an event, a page,
 * a trace or a model is told, it cannot hold what it was never given; a call that is replayed has the same placeholders.
 */
import type { Clock } from '../../lib/clock.ts';
import { parseJson, isRecord } from '../../lib/json.ts';
import type { Message, ToolCall } from '../../model/contract.ts';
import type { SensitiveField, ToolFault, ToolOutcome } from '../../tool/contract.ts';
import { mapSensitive } from '../../tool/sensitive.ts';
import { FINISH } from '../../tool/task.ts';
import type { TurnEvent } from '../../turn/contract.ts';
import { CONCEALED_KEY, Keypad } from '../../turn/keypad.ts';
import { digitsIn } from '../collect/digits.ts';
import { collectLanguageOf, keysIn, tokensIn, type CollectLanguage } from '../collect/words.ts';
import { quietError } from './quiet-log.ts';
import { spokenPieces } from './spoken.ts';
import { Vault } from './vault.ts';

export interface DiscretionOptions {
  clock: Clock;
  /** What is listened for at the moment, and how long a pause ends a row of keys. */
  manner: () => { language: string | undefined; digitsMs: number };
  /** Of a tool of whoever has the caller: what is sensitive in its input. */
  fieldsOf: (tool: string) => readonly SensitiveField[];
  feed: (event: TurnEvent) => void;
  /** What is heard from here on is sensitive, or is not any more. */
  tell: (event: { type: 'sensitive-start' | 'sensitive-end' }) => void;
}

export class Discretion {
  readonly vault = new Vault();
  readonly #options: DiscretionOptions;
  /** Tasks that take something sensitive, and whether all that is said is. */
  readonly #tasks = new Map<string, { words: boolean }>();
  #keypad: Keypad | undefined;
  #cancelRow = () => {};

  constructor(options: DiscretionOptions) {
    this.#options = options;
  }

  /** What is heard now, of the caller and of the agent, is kept by nobody. */
  get isActive(): boolean {
    return this.#tasks.size > 0;
  }

  /** A task is about to have the caller: from its call on, for they may speak before it asks. */
  begin(callId: string, fields: readonly SensitiveField[]): void {
    if (fields.length === 0) return;
    const isFirst = !this.isActive;
    this.#tasks.set(callId, { words: fields.some(({ words }) => words) });
    if (isFirst) this.#options.tell({ type: 'sensitive-start' });
  }

  /** It is over. Keys whose row is not ended were typed for it, and are forgotten. */
  end(callId: string): void {
    if (!this.#tasks.delete(callId) || this.isActive) return;
    this.#cancelRow();
    this.#keypad = undefined;
    this.#options.tell({ type: 'sensitive-end' });
  }

  // ---- what the machine is told -------------------------------------------------------------------------------------

  /** Puts into `inbox` what the machine is told in place of an event. */
  conceal(event: TurnEvent, inbox: TurnEvent[]): void {
    if (event.type === 'digit' && this.isActive) this.#concealKey(event.digit, inbox);
    else inbox.push(this.#concealed(event));
  }

  #concealed(event: TurnEvent): TurnEvent {
    switch (event.type) {
      case 'caller-turn':
      case 'caller-likely-finished':
        return { ...event, text: this.words(event.text) };
      case 'caller-speech':
        return event.words === undefined ? event : { ...event, words: this.words(event.words) };
      case 'tool-call':
      case 'tool-call-failed':
        return { ...event, call: this.#concealCall(event.call) };
      case 'tool-settled':
        return { ...event, outcome: this.#concealOutcome(event.outcome) };
      case 'tool-progress':
        return { ...event, text: this.vault.hide(event.text, true) };
      case 'transfer-failed':
        return { ...event, message: this.vault.hide(event.message, true) };
      default:
        return event;
    }
  }

  /** What may be told of the caller's words. */
  words(text: string): string {
    if (!this.isActive) return text;
    const language = this.#language;
    const pieces = spokenPieces(text, language);
    return pieces.map((piece) => (piece.isSecret ? this.#token(piece.text, language) : piece.text)).join('');
  }

  #token(said: string, language: CollectLanguage | undefined): string {
    const keys = keysIn(said);
    if (keys !== undefined) return `(keypad) ${this.#put('keys', keys, keys)}`;
    const digits = language === undefined ? '' : digitsIn(tokensIn(said), language);
    const isAll = [...this.#tasks.values()].some(({ words }) => words);
    return isAll || digits === '' ? this.#put('said', said, said.trim()) : this.#put('digits', said, digits);
  }

  #put(label: string, said: string, value: string): string {
    const shown = label === 'said' ? '' : `${value.length} digit${value.length === 1 ? '' : 's'}`;
    return this.vault.put({ label, said, value, shown, isField: false });
  }

  /** Undefined: none whose numbers are known as words, or all that is said is sensitive. */
  get #language(): CollectLanguage | undefined {
    if ([...this.#tasks.values()].some(({ words }) => words)) return undefined;
    const { language: code = 'en' } = this.#options.manner();
    return KNOWN.test(code) ? collectLanguageOf(code) : undefined;
  }

  /** The row is made here: the machine has a sign for each key, and a placeholder for the row. */
  #concealKey(key: string, inbox: TurnEvent[]): void {
    const { clock, manner, feed } = this.#options;
    inbox.push({ type: 'digit', digit: CONCEALED_KEY });
    const { digitsMs } = manner();
    const keypad = (this.#keypad ??= new Keypad({ digitsMs }));
    const row = keypad.press(key, clock.nowMs());
    this.#cancelRow();
    if (row !== undefined) return this.conceal({ type: 'caller-turn', text: `(keypad) ${row}` }, inbox);
    this.#cancelRow = clock.after(digitsMs, () => feed({ type: 'caller-turn', text: `(keypad) ${keypad.takeRow()}` }));
  }

  // ---- tools --------------------------------------------------------------------------------------------------------

  /** What a tool takes for what stands in a sensitive field. */
  reveal = (text: string): string => this.vault.value(text);

  /** For the reader of a task: the list of messages as it was said. */
  revealed = (messages: readonly Message[]): readonly Message[] =>
    this.vault.isEmpty ? messages : messages.map((message) => this.#revealedMessage(message));

  #revealedMessage(message: Message): Message {
    if (message.role === 'user') return { ...message, content: this.vault.said(message.content) };
    if (message.role !== 'assistant' || !message.tool_calls) return message;
    const calls = message.tool_calls.map((call) => {
      const { name, arguments: written } = call.function;
      return {
        ...call,
        function: { name, arguments: written.replace(/"(?:[^"\\]|\\.)*"/g, (text) => this.#saidIn(text)) },
      };
    });
    return { ...message, tool_calls: calls };
  }

  #saidIn(json: string): string {
    const text = parseJson(json);
    return typeof text === 'string' ? JSON.stringify(this.vault.said(text)) : json;
  }

  /** Whoever has written it, a program or a model: a sensitive field has a placeholder. */
  #concealCall(call: ToolCall): ToolCall {
    const fields = this.#options.fieldsOf(call.name);
    if (fields.length === 0) return call;
    const written = parseJson(call.arguments);
    if (!isRecord(written)) return { ...call, arguments: this.vault.hide(call.arguments, true) };
    const hidden = mapSensitive(written, fields, (text, field) => this.#fieldToken(text, field));
    return { ...call, arguments: JSON.stringify(hidden) };
  }

  #fieldToken(text: string, { name, lastShown }: SensitiveField): string {
    const known = this.vault.fieldToken(text);
    if (known !== undefined || text === '') return known ?? text;
    const value = this.vault.value(text);
    // of a short one the last four would be all, or most
    const shown = lastShown > 0 && value.length >= 2 * lastShown ? `ending in ${value.slice(-lastShown)}` : '';
    return this.vault.put({ label: name, said: value, value, shown, isField: true });
  }

  #concealOutcome(outcome: ToolOutcome): ToolOutcome {
    if (this.vault.isEmpty) return outcome;
    const content = this.#hideJson(outcome.content, !outcome.ok);
    if (!outcome.ok) return { ...outcome, content };
    const { say, control } = outcome;
    return {
      ...outcome,
      content,
      ...(say !== undefined && { say: this.vault.hide(say, true) }),
      ...(control && { control: this.#concealControl(control) }),
    };
  }

  /** R28: the result of a task has placeholders by its fields, whatever their schema has made of what was said. */
  #concealControl(control: NonNullable<Extract<ToolOutcome, { ok: true }>['control']>) {
    if (control.type !== 'end-task' || control.end.content === undefined) return control;
    const result = mapSensitive(parseJson(control.end.content), this.#options.fieldsOf(FINISH), (text, field) =>
      this.#fieldToken(text, field),
    );
    return { ...control, end: { ...control.end, content: this.#hideJson(JSON.stringify(result), false) } };
  }

  #hideJson(text: string, isTrouble: boolean): string {
    const value = parseJson(text);
    if (value === undefined) return this.vault.hide(text, true);
    const hidden = JSON.stringify(this.vault.hideIn(value, isTrouble));
    return hidden === JSON.stringify(value) ? text : hidden;
  }

  /** What went wrong with a tool, as its author may be told. */
  fault(fault: ToolFault): ToolFault {
    if (this.vault.isEmpty) return fault;
    const { error } = fault;
    return {
      ...fault,
      error: typeof error === 'string' ? this.vault.hide(error, true) : quietError(error, this.vault),
    };
  }
}

/** Codes of the languages whose numbers are known as words. */
const KNOWN = /^(en|es|hi|hinglish)(-|$)/i;
