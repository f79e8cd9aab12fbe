/**
 * What the author of a tool writes: `defineTool`, and what a handler may return or throw besides plain data. Everything
 * is branded with symbols of the global registry, so that a second copy of this package in the process still fits.
 */
import type { z } from 'zod';
import type { CallerFacts } from '../bridge/contract.ts';
import type { Log } from '../lib/log.ts';
import type { ExpectedAnswer } from '../listen/contract.ts';
import { fieldOf, isA, messageOf } from '../lib/thrown.ts';
import type { CallLine, EndTask, HandOff, HandOffContext, TaskEnd, ToolControl, ToolEffect } from './contract.ts';
import { problemOfHeaders } from './sip-headers.ts';
import { problemOfWarm, warmOrder } from './warm-order.ts';

const TOOL = Symbol.for('parley-voice.tool');
const RESULT = Symbol.for('parley-voice.tool-result');
const ERROR = Symbol.for('parley-voice.tool-error');

/** A zod object, of zod 4 or zod/mini. */
export type ToolInput = z.core.$ZodObject;

/** What a handler knows besides its input. */
export interface ToolContext {
  /** `read`: aborted when the caller speaks over it, hangs up, or its time is over. Never aborted for other effects. */
  readonly signal: AbortSignal;
  /** The phone call's id, unlike that of any other, of whatever worker. */
  readonly callId: string;
  /** The carrier's, which may come again, as when a call comes back after it was cut off. Undefined where there is none. */
  readonly carrierCallId: string | undefined;
  /** Counted from 1. */
  readonly turn: number;
  /**
   * For a backend that takes one: the same for a retry of what may already have been done, new for everything else.
   * It begins with `callId`, so that no other call has it.
   */
  readonly idempotencyKey: string;
  readonly caller: CallerFacts;
  /** Adds the call, the turn and the tool to every line. */
  readonly log: Log;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Kept for the call, one object for all its tools. */
  readonly state: Record<string, unknown>;
  /** The phone line, as far as its bridge lets tools touch it. */
  readonly line: CallLine;
  /** Says where the work stands. Shown to observers; nothing once the call of this tool has ended. */
  progress(text: string): void;
}

/** What stands in a tool file. */
export interface ToolOptions<Input extends ToolInput> {
  /** `^[a-zA-Z0-9_-]{1,64}$`, snake_case by custom. */
  name: string;
  /** One sentence, for the model. */
  description: string;
  /** A zod object, sent as JSON Schema. `z.object({})` for a tool without arguments. */
  input: Input;
  /** Default `write`. */
  effect?: ToolEffect | undefined;
  /** A phrase, or several, for when the model says nothing before the call. */
  filler?: string | readonly string[] | undefined;
  /** Phrases for a long run. */
  progress?: string | readonly string[] | undefined;
  /** From the call to its outcome, waiting and retries included, in milliseconds. Default 10,000. */
  timeoutMs?: number | undefined;
  /** How many runs at once in the whole process. Default: unlimited. */
  concurrency?: number | undefined;
  /** How many times a `read` that threw is run again. A `ToolError` is an answer, and is not retried. Default 0. */
  retries?: number | undefined;
  /** A `write` that may be done twice in a row with the same arguments (R15). Default false. */
  repeatable?: boolean | undefined;
  /** Waits for something that the caller does, such as pressing keys: no phrase breaks that silence. Default false. */
  waitsForCaller?: boolean | undefined;
  /**
   * What the caller will say next, from this tool's call on: `'card-number'`, `{ code: 8 }`. A pause in it is waited for, whatever the
   * agent's words look like. A tool that runs may say so later by `context.line.expect`. Default: what the agent asks shows it.
   */
  expects?: ExpectedAnswer | undefined;
  /** Returns anything JSON, or `say`, `handOff`, `hangUp`, `transferTo` or `onHold`. */
  run(input: z.output<Input>, context: ToolContext): unknown;
}

/** What `defineTool` makes: the options as they were written, marked as a tool. They are checked when they are loaded. */
export interface ToolDefinition<Input extends ToolInput = ToolInput> extends ToolOptions<Input> {
  readonly [TOOL]: true;
}

/** Makes a tool. Never throws: what is wrong with it is reported together with everything else when it is loaded. */
export function defineTool<Input extends ToolInput>(options: ToolOptions<Input>): ToolDefinition<Input> {
  return { ...options, [TOOL]: true };
}

export function isToolDefinition(value: unknown): value is ToolDefinition {
  return hasBrand(value, TOOL);
}

/** A result that is more than data. Made by `say`, `hangUp`, `transferTo`, `handOff` and `onHold`. */
export type SpecialResult = { readonly [RESULT]: true } & (
  | { type: 'say'; text: string; result: unknown }
  | Exclude<ToolControl, HandOff | EndTask>
  | (HandOff & { say?: string })
  | EndedTask
);

/** R28: from a tool of a task: it is over, with its result, or without. */
interface EndedTask {
  type: 'end-task';
  how: TaskEnd['how'];
  result?: unknown;
  why?: string;
}

/** R28: ends the conversation that the tool belongs to. For the tools that every task has. */
export function endTask(ended: Omit<EndedTask, 'type'>): SpecialResult {
  return { [RESULT]: true, type: 'end-task', ...ended };
}

/**
 * Speaks `text` as it is and ends the turn without another model request.
 * @param result What the model reads of it in later turns, besides the words.
 */
export function say(text: string, result?: unknown): SpecialResult {
  if (typeof text !== 'string' || text.trim() === '') {
    throw new TypeError(`Expected \`text\` of say() to be words, got \`${messageOf(text)}\``);
  }
  return { [RESULT]: true, type: 'say', text, result };
}

/** From a `terminal` tool: ends the call. `reason` is for people, in at most 200 characters. */
export function hangUp(reason = 'agent-hung-up'): SpecialResult {
  return { [RESULT]: true, type: 'hang-up', reason };
}

/** How a caller is handed over. */
export interface TransferToOptions {
  /**
   * SIP headers for whoever takes the call, where `to` is a SIP address and the line passes them on: `X-...` and
   * `User-to-User`, at most 16 of them, 1,024 characters of printable ASCII in all. A line that passes none on refuses the
   * transfer. Default: none.
   */
  headers?: Readonly<Record<string, string>> | undefined;
  /** In person: somebody is rung first, and asked. Without `headers`. Default: the caller is sent on. */
  warm?: WarmOptions | undefined;
}

/** How somebody is asked whether they take a caller, who waits meanwhile. */
export interface WarmOptions {
  /** What they are told of the caller, in at most 1,000 characters: who it is, and what about. */
  summary: string;
  /** How long it may ring, in milliseconds. 5,000 to 120,000; default 30,000. */
  ringMs?: number | undefined;
  /** A WAV file that the caller hears meanwhile, over and over: a path, or a `file:` address. Default: silence. */
  waitSound?: string | URL | undefined;
}

/** Behind a line break a header of its own would begin, for some who take it. */
export const isDestination = (to: unknown): to is string =>
  typeof to === 'string' && to.trim() !== '' && !/\p{Cc}/u.test(to);

/**
 * From a `terminal` tool: hands the caller over. `to`: phone number, SIP address or a name that the bridge knows.
 * @throws {TypeError} when it is none, or `headers` or `warm` make no sense.
 */
export function transferTo(to: string, { headers = {}, warm }: TransferToOptions = {}): SpecialResult {
  if (!isDestination(to)) {
    throw new TypeError(
      `Expected \`to\` of transferTo() to be a number, an address or a name, got \`${messageOf(to)}\``,
    );
  }
  const problem = problemOfHeaders(headers);
  if (problem !== undefined) throw new TypeError(`Expected \`headers\` of transferTo() ${problem}`);
  const hasHeaders = Object.keys(headers).length > 0;
  if (warm === undefined)
    return { [RESULT]: true, type: 'transfer', to, ...(hasHeaders && { headers: { ...headers } }) };
  const wrong = hasHeaders ? 'to be alone, got `headers` beside it' : problemOfWarm(warm);
  if (wrong !== undefined) throw new TypeError(`Expected \`warm\` of transferTo() ${wrong}`);
  return { [RESULT]: true, type: 'transfer', to, warm: warmOrder(warm) };
}

/**
 * From a `terminal` tool: the agent is on hold itself. Once its words have been heard it says nothing and asks its model nothing
 * until a person speaks, a menu wants a key, or `turn.mostHoldMs` are over; the call goes on.
 */
export function onHold(): SpecialResult {
  return { [RESULT]: true, type: 'hold' };
}

/** How the caller is handed to another agent. Everything optional. */
export interface HandOffOptions {
  /**
   * What the new agent is shown of what was said and done before: `all`, nothing (`none`), or a `summary`, which is `about`; without
   * that it is all. Default `all`.
   */
  context?: HandOffContext | undefined;
  /** Words that this agent says first; it is carried out once they have been heard. Default: none. */
  say?: string | undefined;
  /** What the new agent should know besides: what the caller wants, in a sentence. Default: nothing. */
  about?: string | undefined;
}

const CONTEXTS: readonly HandOffContext[] = ['all', 'summary', 'none'];

/**
 * From a tool of any effect: another agent of the team goes on with the caller, once the words before have been heard; not when
 * the caller speaks over them (R27).
 * @param to The name that the agent's `team` has for it.
 * @throws {TypeError} When `to` is no name, `context` none of these, or `say` or `about` no words.
 */
export function handOff(to: string, { context = 'all', say: words, about }: HandOffOptions = {}): SpecialResult {
  if (typeof to !== 'string' || to.trim() === '') {
    throw new TypeError(`Expected \`to\` of handOff() to be a name in the agent's team, got \`${messageOf(to)}\``);
  }
  if (!CONTEXTS.includes(context)) {
    const names = CONTEXTS.map((name) => `'${name}'`).join(' or ');
    throw new TypeError(`Expected \`context\` of handOff() to be ${names}, got \`${messageOf(context)}\``);
  }
  for (const [field, text] of Object.entries({ say: words, about })) {
    if (text === undefined || (typeof text === 'string' && text.trim() !== '')) continue;
    throw new TypeError(`Expected \`${field}\` of handOff() to be words, got \`${messageOf(text)}\``);
  }
  const told = { ...(words !== undefined && { say: words }), ...(about !== undefined && { about }) };
  return { [RESULT]: true, type: 'hand-off', to, context, ...told };
}

export function isSpecialResult(value: unknown): value is SpecialResult {
  return hasBrand(value, RESULT);
}

/** A failure that the model should know: `message` goes to it as it is. Says that nothing was done. */
export class ToolError extends Error {
  override readonly name = 'ToolError';
  readonly [ERROR] = true;
}

export function isToolError(value: unknown): value is ToolError {
  return isA(value, Error) && fieldOf(value, ERROR) === true;
}

function hasBrand(value: unknown, brand: symbol): boolean {
  return typeof value === 'object' && fieldOf(value, brand) === true;
}
