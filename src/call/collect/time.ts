/** Times of day as they are said and typed: `half past five in the evening`, `साढ़े पाँच बजे`, `las seis menos cuarto`, `1730`. Pure. */
import { amountAt } from './number-words.ts';
import { NONE, type Reading } from './reading.ts';
import { folded, keysIn, partsBetweenCorrections, type CollectLanguage } from './words.ts';

/** `17:30`. */
export type TimeOfDay = string;

export interface TimeOptions {
  language: CollectLanguage;
  /** Between these a time is meant that could be in the morning as well as in the evening: `['08:00', '20:00']`. Default: it is asked. */
  open?: readonly [from: TimeOfDay, until: TimeOfDay] | undefined;
}

type Half = 'morning' | 'afternoon' | 'night';

const words = (list: string): RegExp =>
  new RegExp(`(?<![\\p{L}\\p{M}])(?:${folded(list).split(',').join('|')})(?![\\p{L}\\p{M}])`, 'u');

const HALVES: readonly (readonly [half: Half, pattern: RegExp])[] = [
  [
    'morning',
    words('a m,am,a \\. m \\.?,in the morning,morning,सुबह,सवेरे,subah,savere,de la mañana,por la mañana,de la madrugada'),
  ],
  [
    'afternoon',
    words('p m,pm,p \\. m \\.?,afternoon,evening,दोपहर,शाम,dopahar,dopeher,shaam,sham,de la tarde,por la tarde'),
  ],
  ['night', words('night,tonight,रात,raat,de la noche,por la noche')],
];
const NOON = words('noon,midday,mediodía');
const MIDNIGHT = words('midnight,medianoche');
/** Minutes to add to an hour that is named behind them, or before. */
const BEFORE_HOUR: readonly (readonly [pattern: RegExp, minutes: number])[] = [
  [words('half past,साढ़े,sadhe,saadhe'), 30],
  [words('quarter past,quarter after,सवा,sava,sawa'), 15],
  [words('quarter to,quarter till,quarter of,पौने,paune,pone'), -15],
];
const BEHIND_HOUR: readonly (readonly [pattern: RegExp, minutes: number])[] = [
  [words('y media'), 30],
  [words('y cuarto'), 15],
  [words('menos cuarto'), -15],
];
/** Whole times in one word. */
const ONE_WORD: readonly (readonly [pattern: RegExp, time: TimeOfDay])[] = [
  [words('डेढ़,dedh'), '01:30'],
  [words('ढाई,dhai'), '02:30'],
];
const OCLOCK = words("o'clock,o clock,बजे,बजकर,baje,bajkar,bajke,en punto,sharp");
const TO = words('to,till,menos');
const PAST = words('past,after');
const AT = words('at,around,about,by,las,la');
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
  if (NOON.test(text)) return inHours('12:00', options);
  if (MIDNIGHT.test(text)) return inHours('00:00', options);
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
  if (!said) return before !== undefined && half !== undefined ? settled(before, half, options) : NONE;
  const isTime = said.hasMinutes || half !== undefined || OCLOCK.test(text) || AT.test(text) || tokens.length <= 3;
  return isTime ? placed(said.hours, said.minutes, half, options) : NONE;
}

interface Said {
  hours: number;
  minutes: number;
  hasMinutes: boolean;
}

function hoursIn(tokens: readonly string[], text: string, language: CollectLanguage): Said | undefined {
  const numbers = numbersIn(tokens, language);
  const [first, second] = numbers;
  const quarter = [...BEFORE_HOUR, ...BEHIND_HOUR].find(([pattern]) => pattern.test(text));
  if (!first) return undefined;
  if (quarter) return shifted(first.value, quarter[1]);
  if (second && first.value <= 59 && TO.test(text) && second.value <= 12 && language === 'en')
    return shifted(second.value, -first.value);
  if (second && TO.test(text) && language === 'es') return shifted(first.value, -second.value);
  if (second && PAST.test(text) && second.value <= 23)
    return { hours: second.value, minutes: first.value, hasMinutes: true };
  if (second && second.value < 60) return { hours: first.value, minutes: second.value, hasMinutes: true };
  if (first.value >= 100 && first.value < 2_400)
    return { hours: Math.floor(first.value / 100), minutes: first.value % 100, hasMinutes: true };
  return { hours: first.value, minutes: 0, hasMinutes: false };
}

function shifted(hours: number, minutes: number): Said {
  if (minutes >= 0) return { hours, minutes, hasMinutes: true };
  return { hours: hours === 1 ? 12 : hours - 1, minutes: 60 + minutes, hasMinutes: true };
}

/** Hours and minutes: `five thirty` is two numbers, `thirty five` one. "Oh five" is five minutes. */
function numbersIn(tokens: readonly string[], language: CollectLanguage): { value: number }[] {
  const found: { value: number }[] = [];
  for (let at = 0; at < tokens.length;) {
    const isArticle =
      language === 'es' && (tokens[at] === 'una' || tokens[at] === 'un') && !HOURS_KNOWN.has(tokens[at - 1] ?? '');
    const amount = isArticle ? undefined : amountAt(tokens, at, language);
    // "las seis y diez": the `y` joins no tens
    if (amount) found.push({ value: amount.value });
    at = amount?.until ?? at + 1;
  }
  return found;
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
  if (half === 'morning') return inHours(early, options);
  if (half === 'afternoon') return inHours(late, options);
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
