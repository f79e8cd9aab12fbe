/** Dates as they are said and typed: `tomorrow`, `the fifth of March nineteen ninety`, `अगले सोमवार`, `05031990`. Pure. */
import { dateOf, dayOf, daysAfter, weekdayOf, yearOf, monthOf, type Day } from './calendar.ts';
import { DATE_WORDS, type DateWords } from './date-words.ts';
import { amountAt } from './number-words.ts';
import { NONE, type Reading } from './reading.ts';
import { folded, keysIn, partsBetweenCorrections, tokensIn, type CollectLanguage } from './words.ts';

export interface DateOptions {
  language: CollectLanguage;
  /** The day of the call. */
  today: Day;
  /** Where the date lies that is asked for: a `kal` and a day without its year are taken to be there. */
  when: 'future' | 'past' | 'any';
  /** Whether `5/3` and `0503` are the third of May. */
  isMonthFirst: boolean;
  /** The year of a day that is said without it. Default: the nearest one where it may lie. */
  yearUnsaid?: number | undefined;
}

/** The last date of an answer: what was said before a "no, sorry" was not meant. */
export function readDate(text: string, options: DateOptions): Reading<Day> {
  const keys = keysIn(text);
  if (keys !== undefined) return typed(keys.replace(/\D/g, ''), options);
  const parts = partsBetweenCorrections(text, options.language);
  for (const part of parts.reverse()) {
    const reading = readPart(part, options);
    if (reading.type !== 'none') return reading;
  }
  return NONE;
}

function readPart(said: readonly string[], options: DateOptions): Reading<Day> {
  const tokens = withoutTime(said, options.language);
  return whole(tokens, options) ?? byNumber(tokens, options) ?? NONE;
}

/** The time of day that was said with it is no part of it: "the third at ten", "Friday, 5 pm". */
function withoutTime(tokens: readonly string[], language: CollectLanguage): string[] {
  const left: string[] = [];
  for (let at = 0; at < tokens.length;) {
    const until = endOfTime(tokens, at, language);
    if (until === undefined) left.push(tokens[at] ?? '');
    at = until ?? at + 1;
  }
  return left;
}

const HALVES_OF_DAY = new Set(['am', 'pm', "o'clock", 'बजे', 'baje']);

/** Behind a time that begins at a token; undefined where none does. */
function endOfTime(tokens: readonly string[], at: number, language: CollectLanguage): number | undefined {
  const isLed = tokens[at] === 'at' || (tokens[at] === 'a' && /^las?$/.test(tokens[at + 1] ?? ''));
  const hours = amountAt(tokens, at + (isLed ? (tokens[at] === 'a' ? 2 : 1) : 0), language);
  if (!hours) return undefined;
  const isClock = tokens[hours.until] === ':' && /^\d\d$/.test(tokens[hours.until + 1] ?? '');
  const minutes = isClock ? hours.until + 2 : isLed ? amountAt(tokens, hours.until, language)?.until : undefined;
  const until = minutes ?? hours.until;
  const half = /^(?:a|p)(?: \.)? m(?: \.)?/.exec(tokens.slice(until).join(' '))?.[0].split(' ').length;
  if (half !== undefined) return until + half;
  if (HALVES_OF_DAY.has(tokens[until] ?? '')) return until + 1;
  return isClock || (isLed && !DATE_WORDS[language].months.has(tokens[until] ?? '')) ? until : undefined;
}

/** More than the number of a day. */
function whole(tokens: readonly string[], options: DateOptions): Reading<Day> | undefined {
  return numeric(tokens, options) ?? byMonth(tokens, options) ?? relative(tokens, options);
}

const COUNTS_OF_KEYS = new Set([4, 6, 8]);

/** `05031990`, `050390`, `0503`. */
function typed(keys: string, options: DateOptions): Reading<Day> {
  if (!COUNTS_OF_KEYS.has(keys.length)) return keys.length === 0 ? NONE : { type: 'wrong', why: 'no-such-day' };
  const [first, second, year] = [Number(keys.slice(0, 2)), Number(keys.slice(2, 4)), keys.slice(4)];
  return inOrder(first, second, year === '' ? undefined : yearFrom(Number(year), year.length, options), options);
}

/** `5/3/1990`, `1990-03-05`, `5.3.`. */
function numeric(tokens: readonly string[], options: DateOptions): Reading<Day> | undefined {
  const found = /(?<!\d)(\d{1,4})\s?([/.-])\s?(\d{1,2})(?:\s?\2\s?(\d{2,4}))?(?!\d)/.exec(tokens.join(''));
  if (!found) return undefined;
  const [, first = '', , second = '', third] = found;
  if (first.length === 4) return checked(Number(first), Number(second), Number(third ?? 1), options);
  if (first.length > 2) return undefined;
  const year = third === undefined ? undefined : yearFrom(Number(third), third.length, options);
  return inOrder(Number(first), Number(second), year, options);
}

function inOrder(first: number, second: number, year: number | undefined, options: DateOptions): Reading<Day> {
  const isMonthFirst = second > 12 || (options.isMonthFirst && first <= 12);
  return placed(year, isMonthFirst ? first : second, isMonthFirst ? second : first, options);
}

/** A year of two digits is the nearest one where the date may lie. */
function yearFrom(year: number, digits: number, { today, when }: DateOptions): number {
  if (digits > 2) return year;
  const century = Math.floor(yearOf(today) / 100) * 100;
  const isBefore = when === 'past' ? century + year > yearOf(today) : year > 70;
  return century + year - (isBefore ? 100 : 0);
}

/** The fifth of March, with its year or without. */
function byMonth(tokens: readonly string[], options: DateOptions): Reading<Day> | undefined {
  const words = DATE_WORDS[options.language];
  const at = tokens.findIndex((token, i) => words.months.has(token) && isMonth(tokens, i, options.language));
  if (at === -1) return undefined;
  const month = words.months.get(tokens[at] ?? '') ?? 0;
  const before = numbersIn(tokens.slice(0, at), options.language);
  const behind = numbersIn(tokens.slice(at + 1), options.language);
  const yearBefore = isWholeYear(before) ? yearIn(before, options) : undefined;
  const own = yearBefore === undefined ? before.findLast(({ value }) => value >= 1 && value <= 31) : undefined;
  const date = own ?? behind[0];
  if (!date || date.value > 31) return undefined; // "March 1990" has no day
  const rest = own ? behind : behind.slice(1);
  return placed(yearBefore ?? yearIn(rest, options), month, date.value, options);
}

/** `1990`, `nineteen ninety`: no day of a month. */
const isWholeYear = ([first, second]: readonly Found[]): boolean =>
  first !== undefined && (first.value >= 1_900 || (second !== undefined && second.value > 31 && first.value >= 19));

/** "May" is a word of everyday too: a month has a number beside it. */
function isMonth(tokens: readonly string[], at: number, language: CollectLanguage): boolean {
  if (tokens[at] !== 'may' && tokens[at] !== 'march') return true;
  return numbersIn(tokens, language).length > 0;
}

interface Found {
  value: number;
  digits: number;
}

/** Ordinals and amounts, one behind the other: `nineteen ninety` is 19 and 90. */
function numbersIn(tokens: readonly string[], language: CollectLanguage): Found[] {
  const { ordinals } = DATE_WORDS[language];
  const found: Found[] = [];
  for (let at = 0; at < tokens.length;) {
    const token = tokens[at] ?? '';
    const ordinal = ordinals.get(token);
    const amount = ordinal === undefined ? amountAt(tokens, at, language) : undefined;
    if (ordinal !== undefined) {
      found.push({ value: ordinal, digits: String(ordinal).length });
      at++;
    } else if (amount) {
      const isTens = amount.value >= 20 && amount.value < 40 && amount.value % 10 === 0;
      const unit = isTens
        ? ordinals.get(tokens[amount.until] === '-' ? (tokens[amount.until + 1] ?? '') : (tokens[amount.until] ?? ''))
        : undefined;
      const joint = unit !== undefined && unit < 10 ? (tokens[amount.until] === '-' ? 2 : 1) : 0;
      found.push({
        value: amount.value + (joint > 0 ? (unit ?? 0) : 0),
        digits: /^\d+$/.test(token) ? token.length : String(amount.value).length,
      });
      at = amount.until + joint;
    } else at++;
  }
  return found;
}

/** `1990`, `nineteen ninety` (two numbers), `ninety`. */
function yearIn(rest: readonly Found[], options: DateOptions): number | undefined {
  const [first, second] = rest;
  if (!first) return undefined;
  if (first.value >= 1_900 && first.value < 2_200) return first.value;
  if ((first.value === 19 || first.value === 20) && second && second.value < 100)
    return first.value * 100 + second.value;
  return first.digits === 2 && first.value > 9 ? yearFrom(first.value, 2, options) : undefined;
}

/** Tomorrow, on Friday, in two weeks, a week from Friday. */
function relative(tokens: readonly string[], options: DateOptions): Reading<Day> | undefined {
  const { language, today, when } = options;
  const words = DATE_WORDS[language];
  const text = folded(tokens.join(' '));
  if (text.includes('after next') || isExcluded(tokens, text, words)) return NONE;
  const named = namedDay(tokens, text, options);
  const count = countIn(tokens, language);
  if (count) {
    const isBack = words.ago.test(text) || (when === 'past' && named === undefined);
    const isFromNamed = words.from.has(tokens[count.until] ?? '') && !tokens.includes('in');
    if (named !== undefined && !isFromNamed) return NONE; // "in two weeks on Monday" may be either
    return within(daysAfter(named ?? today, isBack ? -count.days : count.days), options);
  }
  if (named === undefined) return tokens.some((token) => words.units.get(token) === 7) ? NONE : undefined; // "next week" is no day
  const numbered = byNumber(tokens, options);
  if (numbered?.type !== 'value') return within(named, options);
  return weekdayOf(numbered.value) === weekdayOf(named) ? numbered : NONE; // "Thursday the third"
}

const EXCLUDING = new Set(['not', 'but', 'except', 'excepto', 'salvo', 'menos']);

/** "Not Monday", "any day but Monday": the one day that is named is not the one that is meant. */
function isExcluded(tokens: readonly string[], text: string, { weekdays, fromToday }: DateWords): boolean {
  const at = tokens.findIndex((token) => EXCLUDING.has(token));
  const near = fromToday.filter(({ pattern }) => pattern.test(text)).length > 0 ? 1 : 0;
  const named = tokens.filter((token) => weekdays.has(token)).length + near;
  return at !== -1 && named === 1 && !tokens.slice(0, at).some((token) => weekdays.has(token));
}

/** Tomorrow, or a day of the week. */
function namedDay(tokens: readonly string[], text: string, options: DateOptions): Day | undefined {
  const { language, today, when } = options;
  const words = DATE_WORDS[language];
  const near = words.fromToday.find(({ pattern }) => pattern.test(text));
  const nearDay = near && daysAfter(today, near.isEither && when === 'past' ? -near.days : near.days);
  const weekday = tokens.map((token) => words.weekdays.get(token)).find((found) => found !== undefined);
  if (weekday === undefined || (nearDay !== undefined && weekdayOf(nearDay) === weekday)) return nearDay;
  return dayOfWeek(weekday, text, words, options);
}

const ONE = new Set(['a', 'an', 'one', 'un', 'una', 'ek', 'एक']);

/** "Three days", "a week", in days; and where that ends. */
function countIn(tokens: readonly string[], language: CollectLanguage): { days: number; until: number } | undefined {
  const { units } = DATE_WORDS[language];
  for (const [at, token] of tokens.entries()) {
    const unit = units.get(token);
    if (unit === undefined) continue;
    const amount = tokens.map((_, from) => amountAt(tokens, from, language)).find((each) => each?.until === at);
    const count = amount?.value ?? (ONE.has(tokens[at - 1] ?? '') ? 1 : undefined);
    if (count !== undefined) return { days: unit * count, until: at + 1 };
  }
  return undefined;
}

/** Friday is the next one; "last Friday" the one before today; "next Friday", said from Monday to Thursday, that of the next week. */
function dayOfWeek(weekday: number, text: string, words: DateWords, { today, when, language }: DateOptions): Day {
  const from = weekdayOf(today);
  const ahead = (weekday - from + 7) % 7 || 7;
  if (words.last.test(text) || (when === 'past' && !words.next.test(text)))
    return daysAfter(today, ahead - 7 === 0 ? -7 : ahead - 7);
  const isOfNextWeek = language === 'en' && words.next.test(text) && from !== 0 && weekday > from;
  return daysAfter(today, ahead + (isOfNextWeek ? 7 : 0));
}

const OF_MONTH = /(?<![\p{L}\p{M}])(the|st|nd|rd|th|तारीख|tarikh|tareekh|dia|el)(?![\p{L}\p{M}])/u;

/** "The first available" is no day. */
const FIRST_OF_OTHERS = /\bfirst (?:available|free|possible|one|thing|appointment|slot|of all)\b/;

/** How many months from this one it may lie: "of next month" is the next alone. */
function monthsMeant(text: string, language: CollectLanguage): { from: number; until: number } {
  const { month, next, last } = DATE_WORDS[language];
  const isOther = month.test(text) && (next.test(text) || last.test(text));
  return isOther ? { from: 1, until: 1 } : { from: 0, until: 12 };
}

/** "The fifth": of this month or the next. */
function byNumber(tokens: readonly string[], options: DateOptions): Reading<Day> | undefined {
  const { language, today, when } = options;
  const [found, ...others] = numbersIn(tokens, language);
  const isDate = OF_MONTH.test(tokens.join(' ')) || tokens.some((token) => DATE_WORDS[language].ordinals.has(token));
  if (!found || others.length > 0 || !isDate || found.value < 1 || found.value > 31) return undefined;
  if (FIRST_OF_OTHERS.test(tokens.join(' '))) return undefined;
  const step = when === 'past' ? -1 : 1;
  const { from, until } = monthsMeant(tokens.join(' '), language);
  for (let months = from; months <= until; months++) {
    const month = new Date(Date.UTC(yearOf(today), monthOf(today) - 1 + step * months, 1));
    const day = dayOf(month.getUTCFullYear(), month.getUTCMonth() + 1, found.value);
    if (day !== undefined && isWithin(day, options) === undefined) return { type: 'value', value: day };
  }
  return undefined;
}

/** A day whose year nobody said is the nearest one where it may lie. */
function placed(year: number | undefined, month: number, date: number, options: DateOptions): Reading<Day> {
  const known = year ?? options.yearUnsaid;
  if (known !== undefined) return checked(known, month, date, options);
  const now = yearOf(options.today);
  const years =
    options.when === 'past' ? [now, now - 1, now - 2, now - 3, now - 4] : [now, now + 1, now + 2, now + 3, now + 4];
  const days = years.flatMap((each) => dayOf(each, month, date) ?? []);
  const day = days.find((each) => isWithin(each, options) === undefined);
  return day === undefined ? { type: 'wrong', why: 'no-such-day' } : { type: 'value', value: day };
}

function checked(year: number, month: number, date: number, options: DateOptions): Reading<Day> {
  const day = dayOf(year, month, date);
  return day === undefined ? { type: 'wrong', why: 'no-such-day' } : within(day, options);
}

function within(day: Day, options: DateOptions): Reading<Day> {
  const why = isWithin(day, options);
  return why === undefined ? { type: 'value', value: day } : { type: 'wrong', why };
}

/** Why it does not lie where it should; undefined when it does. */
function isWithin(day: Day, { today, when }: DateOptions): 'must-be-later' | 'must-be-earlier' | undefined {
  if (when === 'future' && day < today) return 'must-be-later';
  return when === 'past' && day > today ? 'must-be-earlier' : undefined;
}

/** A date that was read back, with what of it was said to be another: its day, its month or its year. Undefined when nothing tells. */
export function amendedDate(known: Day, text: string, options: DateOptions): Day | undefined {
  if (keysIn(text) !== undefined) return valueOf(readDate(text, options));
  const { language } = options;
  const words = DATE_WORDS[language];
  const tokens = withoutTime(partsBetweenCorrections(text, language).at(-1) ?? tokensIn(text), language);
  const sameYear = valueOf(byMonth(tokens, { ...options, yearUnsaid: yearOf(known) }) ?? NONE);
  if (sameYear !== undefined) return sameYear;
  const moved = movedDay(known, tokens, options);
  if (moved !== undefined) return valueOf(within(moved, options));
  const other = whole(tokens, options);
  if (other?.type === 'value') return other.value;
  const month = tokens.map((token) => words.months.get(token)).find((found) => found !== undefined);
  if (month !== undefined) return valueOf(checked(yearOf(known), month, dateOf(known), options));
  const numbers = numbersIn(tokens, language);
  const year = yearIn(numbers, options);
  const isYear = year !== undefined && ((numbers[0]?.value ?? 0) > 31 || numbers.length === 2);
  if (isYear) return valueOf(checked(year, monthOf(known), dateOf(known), options));
  const [date, ...others] = numbers;
  return date && others.length === 0 ? valueOf(checked(yearOf(known), monthOf(known), date.value, options)) : undefined;
}

/** "A day later": than what was read back. */
function movedDay(known: Day, tokens: readonly string[], { language }: DateOptions): Day | undefined {
  const count = countIn(tokens, language);
  const isLater = tokens.some((token) => token === 'later' || token === 'despues');
  const isEarlier = tokens.some((token) => token === 'earlier' || token === 'antes');
  return count && isLater !== isEarlier ? daysAfter(known, isLater ? count.days : -count.days) : undefined;
}

const valueOf = (reading: Reading<Day>): Day | undefined => (reading.type === 'value' ? reading.value : undefined);
