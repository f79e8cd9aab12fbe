/** What a tool returned, in words for the ear: from the shape of the JSON alone, whatever the tool. */
import { isRecord } from '../../../lib/json.ts';
import type { MadeCall } from './conversation.ts';
import { capitalize, sayDate, sayTime } from './dates.ts';
import { saysFailure } from './results.ts';
import { nameWords, sayName, stem, thingWords } from './words.ts';

/** More than this nobody keeps in mind. */
const MOST_ITEMS = 3;
const MOST_FIELDS = 4;
const MOST_LETTERS = 200;

/** Sentences for one answer; never empty. */
export function tell({ name, result }: MadeCall, today: string): string {
  if (saysFailure(result)) return tellFailure(result);
  if (typeof result === 'string') return sentence(result || 'That is done');
  if (Array.isArray(result)) return tellList(result, thingOf(name), today);
  if (isRecord(result)) return tellRecord(result, name, today);
  return result === null || result === true ? 'That is done.' : sentence(`The answer is ${sayValue(result, today)}`);
}

/** An apology, with the reason when it is fit to be spoken. */
function tellFailure(result: unknown): string {
  const record = isRecord(result) ? result : {};
  const inner = isRecord(record['error']) ? record['error'] : record;
  const reason = [inner['message'], record['error'], record['reason'], record['note']].find(
    (value): value is string => typeof value === 'string' && /\s/.test(value) && !/[{}[\]<>]/.test(value),
  );
  if (reason === undefined) return "I'm sorry, that did not work just now.";
  return `I'm sorry, that did not work: ${sentence(lowerFirst(reason.slice(0, MOST_LETTERS)))}`;
}

function tellRecord(record: Record<string, unknown>, toolName: string, today: string): string {
  for (const key of ['message', 'say', 'summary', 'answer', 'text', 'speech']) {
    const words = record[key];
    if (typeof words === 'string' && words !== '') return sentence(words);
  }
  if (record['found'] === false) return `I'm sorry, I could not find ${withArticle(thingOf(toolName))}.`;
  if (isRecord(record['result']) && typeof record['note'] === 'string') {
    const told = tellRecord(record['result'], toolName, today);
    return /already done/i.test(record['note']) ? `That was already done. ${told}` : told;
  }
  const note = typeof record['note'] === 'string' ? sentence(record['note']) : '';
  const lists = Object.entries(record).filter((entry): entry is [string, unknown[]] => Array.isArray(entry[1]));
  const told = lists
    .filter(([, items]) => items.length > 0 || note === '')
    .map(([key, items]) => tellList(items, sayName(key), today));
  const rest = tellFields(
    Object.fromEntries(Object.entries(record).filter(([key, value]) => key !== 'note' && !Array.isArray(value))),
    today,
  );
  const sentences = [told.length > 0 || note !== '' ? '' : rest, ...told, note].filter((text) => text !== '');
  return sentences.length > 0 ? sentences.join(' ') : 'That is done.';
}

/** `The status is shipped and the eta is tomorrow.` Fields that only say that all went well are left out. */
function tellFields(record: Record<string, unknown>, today: string): string {
  const flat = Object.entries(record).flatMap(([key, value]): [string, unknown][] =>
    isRecord(value) ? Object.entries(value).map(([inner, field]) => [inner, field]) : [[key, value]],
  );
  const currency = typeof record['currency'] === 'string' ? ` ${record['currency']}` : '';
  const telling = flat
    .filter(([key, value]) => !isTechnical(key, value) && !(currency !== '' && key === 'currency'))
    .map(([key, value]): [string, unknown] => [
      key,
      typeof value === 'number' && isMoneyKey(key) ? `${value}${currency}` : value,
    ]);
  const parts = telling.slice(0, MOST_FIELDS).map(([key, value]) => sayField(key, value, today));
  if (parts.length === 0) return flat.length > 0 ? 'That is done.' : '';
  return sentence(capitalize(joined(parts)));
}

function isTechnical(key: string, value: unknown): boolean {
  if (value === null || value === undefined || value === '') return true;
  if (isRecord(value) || Array.isArray(value)) return true;
  if (value === true && /ed$/.test(key)) return true; // `booked: true` is what was asked for
  return /^(?:ok|success|found|done)$/i.test(key) || /^(?:_|idempotency)|(?:^|[a-z_])id$/.test(key) || /Id$/.test(key);
}

function isMoneyKey(key: string): boolean {
  return /balance|amount|price|total|cost|fee|due|sum/i.test(key);
}

function sayField(key: string, value: unknown, today: string): string {
  const name = sayName(key);
  // `opens: 09:00` is a sentence of its own.
  if (/^[a-z]+s$/.test(key) && typeof value === 'string' && /^\d{2}:\d{2}|^\d{4}-\d{2}/.test(value)) {
    return `it ${name} ${/^\d{2}:/.test(value) ? 'at ' : ''}${sayValue(value, today)}`;
  }
  if (typeof value === 'boolean') return value ? `${name}: yes` : `${name}: no`;
  const isPlural = nameWords(key).at(-1)?.endsWith('s') && typeof value !== 'string' && stem(key) !== key.toLowerCase();
  return `the ${name} ${isPlural ? 'are' : 'is'} ${sayValue(value, today)}`;
}

function tellList(items: readonly unknown[], thing: string, today: string): string {
  const plural = thing.endsWith('s') ? thing : `${thing}s`;
  if (items.length === 0) return `I found no ${plural}.`;
  const named = items
    .slice(0, MOST_ITEMS)
    .map((item) => (isRecord(item) ? sayItem(item, today) : sayValue(item, today)));
  const more = items.length > MOST_ITEMS ? `; and ${items.length - MOST_ITEMS} more` : '';
  const count = items.length === 1 ? `one ${singular(plural)}` : `${items.length} ${plural}`;
  return sentence(`I found ${count}: ${named.join('; ')}${more}`);
}

/** `dishes`, `boxes` and `classes` are a dish, a box and a class; `categories` a category. */
const singular = (plural: string): string =>
  /ies$/.test(plural) ? plural.replace(/ies$/, 'y') : plural.replace(/(?<=sh|ch|x|ss)es$|s$/, '');

/** The values of an item without its id; the id when there is nothing else. */
function sayItem(item: Record<string, unknown>, today: string): string {
  const fields = Object.entries(item).filter(([key, value]) => !isTechnical(key, value));
  const shown = fields.length > 0 ? fields : Object.entries(item);
  return shown
    .slice(0, MOST_FIELDS)
    .map(([key, value]) =>
      typeof value === 'boolean' || typeof value === 'number'
        ? `${sayName(key)} ${sayValue(value, today)}`
        : sayValue(value, today),
    )
    .join(', ');
}

/** Days and times as people say them; ids letter by letter is the synthesizer's business. */
export function sayValue(value: unknown, today: string): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value !== 'string') return isRecord(value) ? sayItem(value, today) : String(value);
  const moment = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?$/.exec(value);
  if (moment?.[1] && moment[2]) return `${sayDate(moment[1], today)} at ${sayTime(moment[2])}`;
  if (/^\d{4}-\d{2}-\d{2}$/.test(value)) return sayDate(value, today);
  if (/^\d{2}:\d{2}(?::\d{2})?$/.test(value)) return sayTime(value);
  return value.replaceAll('_', ' ').slice(0, MOST_LETTERS);
}

/** What a tool is about: `find_free_slots` is about free slots, `menu_lookup` about the menu; of others the first word is a verb. */
function thingOf(toolName: string): string {
  const [words, thing] = [nameWords(toolName), thingWords(toolName)];
  return (thing.length < words.length ? thing : words.slice(words.length > 1 ? 1 : 0)).join(' ');
}

function withArticle(thing: string): string {
  if (/s$/.test(thing) && !/(?:ss|tus)$/.test(thing)) return `any ${thing}`; // an address, a status
  return `${/^[aeiou]/.test(thing) ? 'an' : 'a'} ${thing}`;
}

function joined(parts: readonly string[]): string {
  const last = parts.at(-1) ?? '';
  return parts.length > 1 ? `${parts.slice(0, -1).join(', ')} and ${last}` : last;
}

function lowerFirst(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}

export function sentence(text: string): string {
  const trimmed = text.trim();
  return /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}
