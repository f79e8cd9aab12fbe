/** What the model reads of a call's end: always JSON text, at most 8 kB, in words that it can act on. */
import type { z } from 'zod';
import { isRecord } from '../lib/json.ts';
import { limitSpeech } from '../lib/speech-length.ts';
import { isA, messageOf, shortText } from '../lib/thrown.ts';
import type { ToolControl, ToolEffect, ToolFailure, ToolOutcome, TransferOrder, WarmOrder } from './contract.ts';
import { isSpecialResult, type SpecialResult } from './define.ts';
import { NotJson, writeJson } from './json-result.ts';
import { problemOfHeaders } from './sip-headers.ts';
import { problemOfWarm, warmOrder } from './warm-order.ts';

export const MOST_CONTENT_BYTES = 8_192;
/** Characters of a result that are written at all; behind them nobody counts how much more there is. */
const MOST_READ = 32_768;
/** Of a call's end, for people. */
const LONGEST_REASON = 200;
/** Of whom a caller is handed over to. */
const LONGEST_ADDRESS = 1_000;
/** Of what an agent is told with a caller. */
const LONGEST_ABOUT = 2_000;

type Failed = Extract<ToolOutcome, { ok: false }>;

/** What a handler gave back, read. `invalid`: what is wrong with it, for the log. */
export type ReadResult = { outcome: ToolOutcome; invalid?: string };

/** The outcome of a handler that returned `value`, which may be anything. Never throws. */
export function readResult(tool: { name: string; effect: ToolEffect }, value: unknown): ReadResult {
  try {
    return readValue(tool, value);
  } catch (thrown) {
    return invalid(tool, `Expected a result that is JSON, got one that cannot be written: ${messageOf(thrown)}`);
  }
}

function readValue(tool: { name: string; effect: ToolEffect }, value: unknown): ReadResult {
  if (!isSpecialResult(value)) return readData(tool, value);
  const { type } = value;
  if (type === 'say') return readSaid(tool, wordsOf(value.text), value.result);
  if (type === 'hand-off') return { outcome: readHandOff(value) };
  if (type === 'end-task') return readEndTask(tool, value);
  if (tool.effect !== 'terminal') {
    return invalid(
      tool,
      `Expected \`effect\` to be 'terminal' for a tool that returns ${MADE_BY[type]}(), got '${tool.effect}'`,
    );
  }
  return { outcome: { ok: true, content: JSON.stringify({ done: type }), control: readControl(value) } };
}

const MADE_BY = { 'hang-up': 'hangUp', transfer: 'transferTo', hold: 'onHold' } as const;

/** @throws {TypeError} when it was made by hand, and cannot be carried out. */
function readControl(value: Exclude<ToolControl, { type: 'hand-off' | 'end-task' }>): ToolControl {
  switch (value.type) {
    case 'hang-up':
      return { type: 'hang-up', reason: shortText(wordsOf(value.reason), LONGEST_REASON) };
    case 'transfer':
      return { type: 'transfer', ...readTransfer(value) };
    case 'hold':
      return { type: 'hold' };
  }
}

/** @throws {TypeError} when it was made by hand, and cannot be carried out. */
function readTransfer({ to: address, headers, warm }: TransferOrder): TransferOrder {
  const to = wordsOf(address, LONGEST_ADDRESS);
  if (warm !== undefined) return { to, warm: readWarm(warm) };
  if (headers === undefined) return { to };
  const given: unknown = headers;
  const problem = isRecord(given) ? problemOfHeaders(given) : `to be an object, got ${messageOf(given)}`;
  if (problem !== undefined) throw new TypeError(`headers ${problem}`);
  return { to, headers: { ...headers } };
}

function readWarm(given: unknown): WarmOrder {
  const problem = isRecord(given) ? problemOfWarm(given) : `to be an object, got ${messageOf(given)}`;
  if (problem !== undefined) throw new TypeError(`warm ${problem}`);
  return warmOrder(given as WarmOrder);
}

function readHandOff({ to, context, say: words, about }: Extract<SpecialResult, { type: 'hand-off' }>): ToolOutcome {
  const say = words === undefined ? undefined : limitSpeech(wordsOf(words));
  const told = about === undefined ? {} : { about: shortText(wordsOf(about), LONGEST_ABOUT) };
  const control: ToolControl = { type: 'hand-off', to: wordsOf(to, LONGEST_ADDRESS), context, ...told };
  return { ok: true, content: JSON.stringify({ done: control.type }), ...(say !== undefined && { say }), control };
}

/** R28: what it ends with is for who began the task, not for the model that ends it. */
function readEndTask(
  tool: { name: string; effect: ToolEffect },
  { how, result, why }: Extract<SpecialResult, { type: 'end-task' }>,
): ReadResult {
  const data = readData(tool, result ?? {});
  if (!data.outcome.ok) return data;
  const words = why === undefined ? {} : { why: shortText(wordsOf(why), LONGEST_ABOUT) };
  const end = how === 'finished' ? { how, content: data.outcome.content } : { how, ...words };
  return { outcome: { ok: true, content: JSON.stringify({ done: how }), control: { type: 'end-task', end } } };
}

function readSaid(tool: { name: string; effect: ToolEffect }, text: string, result: unknown): ReadResult {
  const say = limitSpeech(text);
  const data = readData(tool, result === undefined ? { said: say } : { said: say, result });
  if (!data.outcome.ok) return data;
  return { outcome: { ...data.outcome, say, ...(say === text ? {} : { isSayCut: true }) } };
}

/** @throws {TypeError} when it is no text, since whoever made the result has made it by hand, or is too long. */
function wordsOf(value: unknown, longest = Infinity): string {
  if (typeof value === 'string' && value.length <= longest) return value;
  throw new TypeError(typeof value === 'string' ? `${value.length} characters` : `a ${typeof value} in place of words`);
}

function readData(tool: { name: string; effect: ToolEffect }, value: unknown): ReadResult {
  if (value === undefined) return { outcome: { ok: true, content: tool.effect === 'read' ? 'null' : '{"done":true}' } };
  try {
    const content = writeJson(value, MOST_READ);
    if (content === undefined) return invalid(tool, `Expected a result that is JSON, got a ${typeof value}`);
    return { outcome: { ok: true, content: limited(content, value) } };
  } catch (thrown) {
    if (!isA(thrown, NotJson)) throw thrown;
    return invalid(tool, thrown.message, thrown.message);
  }
}

/** @param told What of it is said to the model, which every observer reads too. */
function invalid(tool: { name: string; effect: ToolEffect }, reason: string, told?: string): ReadResult {
  const why = told === undefined ? '' : ` ${told}.`;
  const outcome =
    tool.effect === 'read'
      ? failed('invalid-result', `The tool \`${tool.name}\` answered with something that cannot be read.${why}`)
      : failed(
          'invalid-result',
          `The tool \`${tool.name}\` ran, and what it does was probably done, but its answer cannot be read.${why} ` +
            'Do not run it again for the same thing.',
        );
  return { outcome, invalid: reason };
}

/** A failure in one sentence or two. */
export function failed(failure: ToolFailure, long: string): Failed {
  const message = long.slice(0, MOST_READ);
  return { ok: false, content: limited(JSON.stringify({ error: message }), message), failure };
}

export function unknownTool(name: string, known: readonly string[]): Failed {
  const list = known.length === 0 ? 'There are no tools.' : `The tools are: ${known.join(', ')}.`;
  return failed('unknown-tool', `There is no tool \`${name}\`. ${list}`);
}

const MOST_ISSUES = 8;
const EXCERPT_LENGTH = 200;

/** @param issues What the schema says; undefined when `written` is not even a JSON object. */
export function invalidArguments(
  name: string,
  written: string,
  issues: readonly z.core.$ZodIssue[] | undefined,
): Failed {
  if (!issues) {
    const excerpt = written.length > EXCERPT_LENGTH ? `${written.slice(0, EXCERPT_LENGTH)}…` : written;
    return failed(
      'invalid-arguments',
      `Expected the arguments of \`${name}\` to be a JSON object, got \`${excerpt}\`. It was not run.`,
    );
  }
  const list = issues.slice(0, MOST_ISSUES).map(({ path, message }) => {
    const at = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
    return at === '' ? message : `\`${at.replace(/^\./, '')}\`: ${message}`;
  });
  return failed(
    'invalid-arguments',
    `The arguments of \`${name}\` are not valid, and it was not run. ${list.join('; ')}. ` +
      'Correct them, or ask the caller for what is missing.',
  );
}

/** @param most Characters. */
export function tooLong(name: string, most: number): Failed {
  const message = `The arguments of \`${name}\` are longer than ${most} characters, and it was not run. Say it shorter.`;
  return failed('invalid-arguments', message);
}

export function internalError(tool: { name: string; effect: ToolEffect }): Failed {
  const advice =
    tool.effect === 'read'
      ? 'Try once more or tell the caller that it does not work at the moment.'
      : 'It is not certain whether it was done: tell the caller so.';
  return failed('internal-error', `The tool \`${tool.name}\` failed. ${advice}`);
}

/** @param phase `queued`: its turn never came. `running`: nobody knows how it will end. */
export function timedOut(
  tool: { name: string; effect: ToolEffect; timeoutMs: number },
  phase: 'queued' | 'running',
): Failed {
  const within = `within ${tool.timeoutMs / 1_000} s`;
  if (phase === 'queued') {
    return failed('timeout', `The tool \`${tool.name}\` was too busy to start ${within}. Nothing was done.`);
  }
  if (tool.effect === 'read') {
    return failed('timeout', `The tool \`${tool.name}\` did not answer ${within}. Nothing was changed.`);
  }
  return failed(
    'timeout',
    `The tool \`${tool.name}\` did not answer ${within} and is still running: it may yet be done. ` +
      'Tell the caller that it is not confirmed. Calling it again with the same arguments waits for the same run.',
  );
}

export function cancelled(name: string): Failed {
  return failed(
    'cancelled',
    `\`${name}\` was stopped before it ended, and nothing was changed. Call it again if its answer is still needed.`,
  );
}

/** R15: the answer to a call whose effect was just done, by another. */
export function repeated(outcome: ToolOutcome, done: { agoMs: number } | 'joined'): ToolOutcome {
  if (!outcome.ok) return outcome;
  const note =
    done === 'joined'
      ? 'Already being done when this was called: it was done once, not twice.'
      : `Already done ${Math.round(done.agoMs / 1_000)} s ago in this call, with this result: it was not done again.`;
  const content = `{"note":${JSON.stringify(note)},"result":${outcome.content}}`;
  const handOff = outcome.control?.type === 'hand-off' ? { control: outcome.control } : {}; // which can be done again
  return { ok: true, content: limited(content, content), ...handOff, isFromJournal: true };
}

/** `content` itself or, when it is too long, its beginning as a JSON string with a note. Cut between characters. */
function limited(content: string, value: unknown): string {
  if (content.length * 3 <= MOST_CONTENT_BYTES) return content; // no character takes more than 3 bytes a unit
  const bytes = Buffer.byteLength(content);
  if (bytes <= MOST_CONTENT_BYTES) return content;
  const length = content.length > MOST_READ ? `more than ${MOST_READ}` : String(bytes);
  const note = `Too long: ${length} bytes, of which only the beginning is here. Ask for less.`;
  const [head, tail] = [`{"truncated":true,"note":${JSON.stringify(note)},"beginning":"`, '"}'];
  const room = MOST_CONTENT_BYTES - head.length - tail.length;
  return `${head}${beginning(typeof value === 'string' ? value : content, room)}${tail}`;
}

/** As much of `text` as fits into `bytes` once it is written as the inside of a JSON string. */
function beginning(text: string, bytes: number): string {
  let written = '';
  for (const character of text) {
    const piece = JSON.stringify(character).slice(1, -1);
    bytes -= Buffer.byteLength(piece);
    if (bytes < 0) break;
    written += piece;
  }
  return written;
}
