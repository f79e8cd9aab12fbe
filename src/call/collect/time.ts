/** Times of day as they are said and typed: `half past five in the evening`, `साढ़े पाँच बजे`, `las seis menos cuarto`, `1730`. Pure. */
import { amountAt } from './number-words.ts';
import { NONE, type Reading } from './reading.ts';
import { anyWordOf, folded, keysIn, partsBetweenCorrections, type CollectLanguage } from './words.ts';

/** `17:30`. */
export type TimeOfDay = string;

export interface TimeOptions {
  language: CollectLanguage;
  /** Between these a time is meant that could be in the morning as well as in the evening: `['08:00', '20:00']`. Default: it is asked. */
  open?: readonly [from: TimeOfDay, until: TimeOfDay] | undefined;
}

/** Around noon eleven is before it and one behind it. */
type Half = 'morning' | 'midday' | 'afternoon' | 'night';

const HALVES: readonly (readonly [half: Half, pattern: RegExp])[] = [
  [
    'morning',
    anyWordOf(
      'a m,am,a \\. m \\.?,in the morning,morning,सुबह,सवेरे,तड़के,subah,savere,tadke,de la mañana,por la mañana,de la madrugada,por la madrugada',
    ),
  ],
  ['afternoon', anyWordOf('p m,pm,p \\. m \\.?,afternoon,evening,शाम,shaam,sham,de la tarde,por la tarde')],
  ['midday', anyWordOf('noon,midday,mediodía,दोपहर,dopahar,dopeher,dupahar')],
  ['night', anyWordOf('night,tonight,midnight,medianoche,रात,raat,raath,de la noche,por la noche')],
];
/** These are an hour of their own: "ten past midnight" counts from it. */
const TWELVES = new Set('noon,midday,midnight,medianoche,mediodía,आधी रात,aadhi raat,adhi raat'.split(',').map(folded));
/** The half of the day by itself, where it was asked for: "la mañana" is another thing in "mañana a las diez". */
const ALONE: Readonly<Record<string, Half>> = {
  mañana: 'morning',
  madrugada: 'morning',
  tarde: 'afternoon',
  noche: 'night',
};
/** Minutes to add to an hour that is named behind them, or before. */
const BEFORE_HOUR: readonly (readonly [pattern: RegExp, minutes: number])[] = [
  [anyWordOf('half past,साढ़े,sadhe,saadhe'), 30],
  [anyWordOf('quarter past,quarter after,सवा,sava,sawa'), 15],
  [anyWordOf('quarter to,quarter till,quarter of,cuarto para,पौने,paune,pone'), -15],
];
const BEHIND_HOUR: readonly (readonly [pattern: RegExp, minutes: number])[] = [
  [anyWordOf('y media'), 30],
  [anyWordOf('y cuarto'), 15],
  [anyWordOf('menos cuarto'), -15],
];
/** Whole times in one word. */
const ONE_WORD: readonly (readonly [pattern: RegExp, time: TimeOfDay])[] = [
  [anyWordOf('डेढ़,dedh'), '01:30'],
  [anyWordOf('ढाई,dhai'), '02:30'],
];
const OCLOCK = anyWordOf("o'clock,o clock,बजे,बजकर,baje,bajkar,bajke,en punto,sharp");
const PAST = anyWordOf('past,after');
const AT = new Set(['at', 'around', 'about', 'by', 'las', 'la']);
const HOURS_KNOWN = new Set(['a', 'las', 'la']);

/** The last time of an answer. `before`: a time of which it was asked whether it is in the morning. */
export function readTime(text: string, options: TimeOptions, before?: string): Reading<TimeOfDay> {
  const keys = keysIn(text);
  if (keys !== undefined) return typed(keys.replace(/\D/g, ''), options, before);
  for (const part of partsBetweenCorrections(text, options.language).reverse()) {
    const reading = readPart(part, options, before);
    if (reading.type !== 'none') return reading;
  }
  return NONE;
}

/** `1730`, `900`, `9`; or `1` and `2` for the first and the second half of the day, where that was asked. */
function typed(keys: string, options: TimeOptions, before: string | undefined): Reading<TimeOfDay> {
  if (before !== undefined && (keys === '1' || keys === '2'))
    return settled(before, keys === '1' ? 'morning' : 'afternoon', options);
  if (keys === '' || keys.length > 4) return keys === '' ? NONE : { type: 'wrong', why: 'no-such-time' };
  const [hours, minutes] = keys.length > 2 ? [Number(keys.slice(0, -2)), Number(keys.slice(-2))] : [Number(keys), 0];
  return placed(hours, minutes, keys.length === 4 ? 'known' : undefined, options);
}

function readPart(tokens: readonly string[], options: TimeOptions, before: string | undefined): Reading<TimeOfDay> {
  const text = tokens.join(' ');
  const half = HALVES.find(([, pattern]) => pattern.test(text))?.[0];
  if (isNoTime(tokens, text, options.language)) return NONE;
  const oneWord = ONE_WORD.find(([pattern]) => pattern.test(text));
  if (oneWord) return settled(oneWord[1], half, options);
  const clock = /(?<!\d)(\d{1,2}) ?[:.] ?(\d{2})(?!\d)/.exec(text);
  if (clock)
    return placed(
      Number(clock[1]),
      Number(clock[2]),
      half ?? (clock[1]?.startsWith('0') ? 'known' : undefined),
      options,
    );
  const said = hoursIn(tokens, text, options.language);
  if (!said) {
    const meant = half ?? tokens.map((token) => ALONE[token]).find((each) => each !== undefined);
    return before !== undefined && meant !== undefined ? settled(before, meant, options) : NONE;
  }
  const isTime =
    said.hasMinutes || half !== undefined || OCLOCK.test(text) || isLed(tokens, options.language) || tokens.length <= 3;
  return isTime ? placed(said.hours, said.minutes, said.isWhole ? 'known' : half, options) : NONE;
}

const OR: Readonly<Record<CollectLanguage, string>> = { en: 'or', hi: 'ya या or', es: 'o' };
const BETWEEN = /\b(?:between|entre|from \S+ (?:to|until|till))\b/;
/** "In two hours", and not "at fourteen hundred hours". */
const FROM_NOW = /(?<![\p{L}\p{M}])(?:from now|(?<!hundred )hours?|(?<!las \S+ )horas?|घंटे|ghante)(?![\p{L}\p{M}])/u;

/** "Five or six", "between three and four", "in two hours": no one time. */
function isNoTime(tokens: readonly string[], text: string, language: CollectLanguage): boolean {
  const or = OR[language].split(' ');
  const isEither = tokens.some(
    (token, at) =>
      or.includes(token) &&
      numbersIn(tokens.slice(0, at), language).length > 0 &&
      numbersIn(tokens.slice(at), language).length > 0,
  );
  return isEither || BETWEEN.test(text) || FROM_NOW.test(text) || /\bhalf an? hour\b/.test(text);
}

/** "At eight", and not "about the time". */
const isLed = (tokens: readonly string[], language: CollectLanguage): boolean =>
  tokens.some((token, at) => AT.has(token) && amountAt(tokens, at + 1, language) !== undefined);

interface Said {
  hours: number;
  minutes: number;
  hasMinutes: boolean;
  /** It is one of 24: "zero nine thirty". */
  isWhole?: true;
}

/** "Ten to six": so many minutes before the hour that is named behind them, or before. */
const BEFORE_LATER: Readonly<Record<CollectLanguage, RegExp>> = {
  en: anyWordOf('to,till'),
  hi: anyWordOf('to'),
  es: anyWordOf('para las?'),
};
const BEFORE_EARLIER = anyWordOf('menos,बजने में,bajne mein,bajne me');

function hoursIn(tokens: readonly string[], text: string, language: CollectLanguage): Said | undefined {
  const [first, second, third] = numbersIn(tokens, language);
  if (first === undefined || /\bhalf (?!past\b)/.test(text)) return undefined; // "half seven" is half past six to some
  const quarter = [...BEFORE_HOUR, ...BEHIND_HOUR].find(([pattern]) => pattern.test(text));
  if (quarter) return shifted(first, quarter[1]);
  if (second === undefined) {
    const isFourDigits = first >= 100 && first < 2_400;
    if (isFourDigits) return { hours: Math.floor(first / 100), minutes: first % 100, hasMinutes: true };
    return { hours: first, minutes: 0, hasMinutes: false };
  }
  if (first === 0 && second < 10) return { hours: second, minutes: third ?? 0, hasMinutes: true, isWhole: true };
  if (BEFORE_LATER[language].test(text) && second <= 12) return shifted(second, -first);
  if (BEFORE_EARLIER.test(text)) return shifted(first, -second);
  if (PAST.test(text) && second <= 23) return { hours: second, minutes: first, hasMinutes: true };
  return { hours: first, minutes: second < 60 ? second : 0, hasMinutes: second < 60 };
}

function shifted(hours: number, minutes: number): Said {
  if (minutes >= 0) return { hours, minutes, hasMinutes: true };
  return { hours: hours === 1 ? 12 : hours - 1, minutes: 60 + minutes, hasMinutes: true };
}

/** Hours and minutes: `five thirty` is two numbers, `thirty five` one. Noon is twelve; the day of a date is none of them. */
function numbersIn(tokens: readonly string[], language: CollectLanguage): number[] {
  const found: number[] = [];
  for (let at = 0; at < tokens.length;) {
    const isArticle =
      language === 'es' && (tokens[at] === 'una' || tokens[at] === 'un') && !HOURS_KNOWN.has(tokens[at - 1] ?? '');
    const twelve = twelveAt(tokens, at);
    const amount = isArticle ? undefined : amountAt(tokens, at, language);
    if (twelve !== undefined) found.push(12);
    else if (amount && !/^(?:st|nd|rd|th)$/.test(tokens[amount.until] ?? '')) found.push(amount.value);
    at = twelve ?? amount?.until ?? at + 1;
  }
  return found;
}

/** Behind a word for twelve, where no hour stands beside it: "the twelve of midnight" is one. */
function twelveAt(tokens: readonly string[], at: number): number | undefined {
  const until = [1, 2].map((count) => at + count).find((end) => TWELVES.has(tokens.slice(at, end).join(' ')));
  const hasHour =
    tokens.some((token) => /^\d+$/.test(token)) ||
    tokens.some((token) => /^(?:twelve|doce|eleven|once|बारह|barah)$/.test(token));
  return hasHour ? undefined : until;
}

function placed(
  hours: number,
  minutes: number,
  half: Half | 'known' | undefined,
  options: TimeOptions,
): Reading<TimeOfDay> {
  if (hours > 24 || minutes > 59 || (hours === 24 && minutes > 0)) return { type: 'wrong', why: 'no-such-time' };
  const time = `${String(hours % 24).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`;
  if (half === 'known' || hours > 12 || hours === 0) return inHours(time, options);
  return settled(time, half, options);
}

/** A time on the face of a clock, and the half of the day: where nobody has said that, the one that is open; else it is asked. */
function settled(face: string, half: Half | undefined, options: TimeOptions): Reading<TimeOfDay> {
  const [hours = 0, minutes = 0] = face.split(':').map(Number);
  const early = timeOf(hours % 12, minutes);
  const late = timeOf((hours % 12) + 12, minutes);
  if (half === 'morning' || (half === 'midday' && (hours === 10 || hours === 11))) return inHours(early, options);
  if (half === 'afternoon' || half === 'midday') return inHours(late, options);
  if (half === 'night') return inHours(hours % 12 < 5 ? early : late, options);
  const fitting = [early, late].filter((time) => isOpen(time, options));
  const [only] = fitting;
  if (options.open && fitting.length === 0) return { type: 'wrong', why: 'out-of-hours' };
  return fitting.length === 1 && only !== undefined ? { type: 'value', value: only } : { type: 'part', part: face };
}

const timeOf = (hours: number, minutes: number): TimeOfDay =>
  `${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`;

const isOpen = (time: TimeOfDay, { open }: TimeOptions): boolean => !open || (time >= open[0] && time <= open[1]);

function inHours(time: TimeOfDay, options: TimeOptions): Reading<TimeOfDay> {
  return isOpen(time, options) ? { type: 'value', value: time } : { type: 'wrong', why: 'out-of-hours' };
}

/** A time that was read back, with what of it was said to be another: its hour, its minutes or its half of the day. Undefined when nothing tells. */
export function amendedTime(known: TimeOfDay, text: string, options: TimeOptions): TimeOfDay | undefined {
  if ((keysIn(text)?.replace(/\D/g, '').length ?? LEAST_KEYS) < LEAST_KEYS) return undefined; // yes or no
  const [hours = 0] = known.split(':').map(Number);
  const tokens = partsBetweenCorrections(text, options.language).at(-1) ?? [];
  const said = tokens.join(' ');
  const quarter = [...BEFORE_HOUR, ...BEHIND_HOUR].find(([pattern]) => pattern.test(said));
  if (quarter && numbersIn(tokens, options.language).length === 0) {
    const minutes = (hours * 60 + quarter[1] + MINUTES_OF_DAY) % MINUTES_OF_DAY;
    return valueOf(inHours(timeOf(Math.floor(minutes / 60), minutes % 60), options));
  }
  const reading = readTime(text, options, known);
  if (reading.type !== 'part') return valueOf(reading);
  return valueOf(settled(reading.part, hours < 12 ? 'morning' : 'afternoon', options));
}

const MINUTES_OF_DAY = 24 * 60;
/** Of a time, where one key is an answer to yes or no. */
const LEAST_KEYS = 3;
const valueOf = (reading: Reading<TimeOfDay>): TimeOfDay | undefined =>
  reading.type === 'value' ? reading.value : undefined;
