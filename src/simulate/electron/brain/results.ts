/** What tools returned, as a source of arguments: which item the caller means, and which of its fields is asked for. */
import { isRecord } from '../../../lib/json.ts';
import { firstThatFits } from './check.ts';
import type { MadeCall } from './conversation.ts';
import { findBareTimes, findDates, findTimes } from './dates.ts';
import { ordinalOf } from './numbers.ts';
import type { Parameter, Tool } from './tool.ts';
import { meaningsIn, nameWords, stem, tokensOf } from './words.ts';

/** Things that one call returned, each with the words that say what kind of thing it is. */
export interface Returned {
  items: Record<string, unknown>[];
  /** Stems of the tool's name and of the keys that lead to the items. */
  words: Set<string>;
  isList: boolean;
}

/** A list somewhere in the result, or the result itself. */
export function readReturned({ name, result }: MadeCall): Returned | undefined {
  const own = nameWords(name).map(stem);
  const found = findList(result, []);
  if (found) return { items: found.items, words: new Set([...own, ...found.keys.map(stem)]), isList: true };
  if (!isRecord(result) || saysFailure(result)) return undefined;
  // `{ order: { id } }` is one thing, called an order.
  const inner = Object.entries(result).filter((entry): entry is [string, Record<string, unknown>] =>
    isRecord(entry[1]),
  );
  const item = Object.assign({}, ...inner.map(([, record]) => record), result) as Record<string, unknown>;
  const words = new Set([...own, ...inner.flatMap(([key]) => nameWords(key).map(stem))]);
  return { items: [item], words, isList: false };
}

/** The first list of records, and the words of the keys on the way. */
function findList(
  value: unknown,
  keys: readonly string[],
): { items: Record<string, unknown>[]; keys: string[] } | undefined {
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => (isRecord(item) ? item : { value: item }));
    return { items, keys: [...keys] };
  }
  if (!isRecord(value)) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    const found = findList(inner, [...keys, ...nameWords(key)]);
    if (found) return found;
  }
  return undefined;
}

/** Whether a result says of itself that it is none. */
export function saysFailure(result: unknown): boolean {
  if (!isRecord(result)) return false;
  if (result['ok'] === false || result['success'] === false) return true;
  const { status } = result;
  if (typeof status === 'string' && /^(?:error|failed|failure|interrupted)$/i.test(status)) return true;
  // A flight may be cancelled; a call that was says so in a note.
  if (typeof status === 'string' && /^(?:cancelled|revoked)$/.test(status) && 'note' in result) return true;
  const { error } = result;
  return (typeof error === 'string' && error !== '') || isRecord(error) || error === true;
}

/** The item that `said` points at: the only one, one by its place in the list, or one by its words. */
export function pickItem(
  { items, isList }: Returned,
  said: string,
  today?: string,
): Record<string, unknown> | undefined {
  if (items.length === 1 || !isList) return items[0];
  const tokens = tokensOf(said);
  if (tokens.some(({ lower }) => lower === 'last' || lower === 'latest')) return items.at(-1);
  for (const [index, { lower }] of tokens.entries()) {
    const place = ordinalOf(lower);
    // `on the first of May` is a day, `the first` and `the first one` are places in the list.
    if (
      place !== undefined &&
      !/^(?:of|january|february|march|april|may|june|july)$/.test(tokens[index + 1]?.lower ?? '')
    )
      return items[place - 1];
  }
  return bestByWords(items, said, today) ?? (ANY.test(said) ? items[0] : undefined);
}

const ANY =
  /\b(?:any|either|whichever|earliest|soonest|first available|next available|book it|take it|that one|doesn't matter|don't mind)\b/i;

/** The one item that shares more with what was said than any other does. */
function bestByWords(
  items: readonly Record<string, unknown>[],
  said: string,
  today = '2000-01-01',
): Record<string, unknown> | undefined {
  const times = new Set(findBareTimes(said).map(({ value }) => value));
  const dates = new Set(findDates(said, today).map(({ value }) => value));
  const meanings = meaningsIn(said);
  const scores = items.map((item) => {
    const texts = Object.values(item).flatMap((value) => (typeof value === 'string' ? [value] : []));
    const words = texts.flatMap((text) => [...meaningsIn(text)]).filter((meaning) => meanings.has(meaning)).length;
    const onTime = texts.some((text) => findTimes(text.replace('T', ' ')).some(({ value }) => times.has(value)));
    const onDay = texts.some((text) => findDates(text.replace('T', ' '), today).some(({ value }) => dates.has(value)));
    return words + (onTime ? 3 : 0) + (onDay ? 2 : 0);
  });
  const best = Math.max(...scores);
  const winners = items.filter((_, index) => scores[index] === best);
  return best > 0 && winners.length === 1 ? winners[0] : undefined;
}

/**
 * What the newest call knows of this parameter: a field of the item that is meant, or what it was itself given under
 * the same name. `fromArguments` is for values that stay true from one tool to the next.
 */
export function valueFromCalls(
  parameter: Parameter,
  calls: readonly MadeCall[],
  { said, fromArguments }: { said: string; fromArguments: boolean },
): unknown {
  for (const call of calls.toReversed()) {
    if (saysFailure(call.result)) continue;
    const returned = readReturned(call);
    const item = returned && pickItem(returned, said);
    const key = returned && item && keyFor(parameter, item, returned.words);
    const candidates = [key && item[key], fromArguments ? call.arguments[parameter.name] : undefined];
    for (const value of candidates) {
      if (value === undefined || value === null) continue;
      const fitting = firstThatFits(parameter, typeof value === 'number' ? [value, String(value)] : [value]);
      if (fitting !== undefined) return fitting;
    }
  }
  return undefined;
}

/** `slotId` is `slotId`, or the `id` of something called a slot; so is a `slot` that asks for an id. */
export function keyFor(
  parameter: Parameter,
  item: Record<string, unknown>,
  context: ReadonlySet<string>,
): string | undefined {
  const wanted = parameter.words.map(stem);
  const plurals = new Set([...context].flatMap((word) => [word, stem(word)]));
  return Object.keys(item).find((key) => {
    const have = nameWords(key).map(stem);
    if (have.length === 0) return false;
    // An entry of a plain list is what the list is called: one of `free_times` is a time.
    if (key === 'value' && Object.keys(item).length === 1) return wanted.some((word) => plurals.has(word));
    const isExact =
      have.every((word) => wanted.includes(word)) &&
      wanted.every((word) => have.includes(word) || plurals.has(word) || COMMON.has(word));
    const isItsId =
      parameter.kind === 'code' && have.length === 1 && have[0] === 'id' && wanted.every((word) => plurals.has(word));
    return isExact || isItsId;
  });
}

const COMMON = new Set(['id', 'number', 'code', 'time', 'date', 'name', 'ref', 'reference'].map(stem));

/** A tool that does something with one of these: it needs an id that they carry, or a time that they are. */
export function consumerOf(returned: Returned, tools: readonly Tool[], except: string): Tool | undefined {
  const item = returned.items[0];
  if (!item) return undefined;
  return consumerOfIds(returned, item, tools, except) ?? consumerOfTimes(returned, item, tools);
}

/** `10:00` and its like, for a tool about the same thing that wants a time. */
function consumerOfTimes(
  { words }: Returned,
  { value }: Record<string, unknown>,
  tools: readonly Tool[],
): Tool | undefined {
  if (typeof value !== 'string' || !/^(?:\d{4}-\d{2}-\d{2}T)?\d{2}:\d{2}/.test(value)) return undefined;
  return tools.find(
    (tool) =>
      tool.isWrite &&
      tool.words.slice(1).some((word) => words.has(stem(word))) &&
      tool.parameters.some(({ isRequired, kind }) => isRequired && (kind === 'time' || kind === 'moment')),
  );
}

function consumerOfIds(
  returned: Returned,
  item: Record<string, unknown>,
  tools: readonly Tool[],
  except: string,
): Tool | undefined {
  return tools.find(
    (tool) =>
      tool.isWrite &&
      tool.name !== except &&
      tool.parameters.some(
        (parameter) =>
          parameter.isRequired && parameter.kind === 'code' && keyFor(parameter, item, returned.words) !== undefined,
      ),
  );
}

/** Whether the caller points at one of several things in the list, by its place or by its words. */
export function pointsAtItem(returned: Returned, said: string): boolean {
  return returned.isList && returned.items.length > 1 && pickItem(returned, said) !== undefined;
}
