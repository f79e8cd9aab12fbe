/** Days and times as people say them, and how to say them again. Days are `2026-08-21`, times `15:30`. English. */
import { withoutOverlaps, type Found } from './found.ts';
import { ordinalOf, tensOf, unitOf } from './numbers.ts';

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const MONTHS = 'january february march april may june july august september october november december'.split(' ');
const DAY_MS = 86_400_000;

/** `iso` moved by `days`. */
export function addDays(iso: string, days: number): string {
  return new Date(Date.parse(`${iso}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** 0 is Sunday. */
export function weekdayOf(iso: string): number {
  return new Date(`${iso}T00:00:00Z`).getUTCDay();
}

const WEEKDAY = `(${WEEKDAYS.join('|')})`;
const WEEKDAY_SHORT = '(sun|mon|tues?|wed|thur?s?|fri|sat)';
const MONTH =
  '(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)';
const ORDINAL_WORD =
  '(?:twenty[- ]|thirty[- ])?(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)|tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|thirtieth';
const DAY_NUMBER = `(\\d{1,2}(?:st|nd|rd|th)?|${ORDINAL_WORD})`;
const SMALL_NUMBER = '(\\d{1,2}|a|one|two|three|four|five|six|seven|eight|nine|ten)';

type Groups = readonly (string | undefined)[];

/** Each way to name a day, the most telling first. */
const DAY_FORMS: readonly { form: RegExp; read: (groups: Groups, today: string) => string | undefined }[] = [
  { form: /\b(\d{4}-\d{2}-\d{2})\b/g, read: ([, iso]) => realDay(iso) },
  { form: /\bday after tomorrow\b/gi, read: (_, today) => addDays(today, 2) },
  { form: /\btomorrow\b/gi, read: (_, today) => addDays(today, 1) },
  { form: /\b(?:today|tonight|this (?:morning|afternoon|evening))\b/gi, read: (_, today) => today },
  { form: /\byesterday\b/gi, read: (_, today) => addDays(today, -1) },
  {
    form: new RegExp(`\\b(?:in )${SMALL_NUMBER} (day|week)s?\\b`, 'gi'),
    read: ([, count, unit], today) => addDays(today, smallNumber(count) * (unit?.toLowerCase() === 'week' ? 7 : 1)),
  },
  { form: /\bnext week\b(?! (?:on )?(?:sun|mon|tue|wed|thu|fri|sat))/gi, read: (_, today) => addDays(today, 7) },
  {
    form: new RegExp(`\\b(?:the )?${DAY_NUMBER}(?: of)? ${MONTH}\\b(?:,? (\\d{4}))?`, 'gi'),
    read: ([, day, month, year], today) => dayOfMonth(day, month, year, today),
  },
  {
    form: new RegExp(`\\b${MONTH} (?:the )?${DAY_NUMBER}\\b(?:,? (\\d{4}))?`, 'gi'),
    read: ([, month, day, year], today) => dayOfMonth(day, month, year, today),
  },
  {
    form: new RegExp(`\\b(?:(?:this|next|on|coming) )*${WEEKDAY}\\b`, 'gi'),
    read: ([, name], today) => nextWeekday(name, today),
  },
  {
    form: new RegExp(`\\b(?:this|next|on) ${WEEKDAY_SHORT}\\b`, 'gi'),
    read: ([, name], today) => nextWeekday(name, today),
  },
  {
    form: new RegExp(`\\b(?:on )the ${DAY_NUMBER}\\b`, 'gi'),
    read: ([, day], today) => nextDayOfMonth(dayNumber(day), today),
  },
  { form: /\bthe (\d{1,2}(?:st|nd|rd|th))\b/gi, read: ([, day], today) => nextDayOfMonth(dayNumber(day), today) },
];

/** Every day that is named, in the order of the text. */
export function findDates(text: string, today: string): Found<string>[] {
  const found = DAY_FORMS.flatMap(({ form, read }) =>
    [...text.matchAll(form)].flatMap((match) => {
      const value = read(match, today);
      return value === undefined ? [] : [{ value, start: match.index, end: match.index + match[0].length }];
    }),
  );
  return inOrder(withoutOverlaps(found), text);
}

/** `from Friday to Sunday`, said on a Friday, ends on the Sunday behind the Friday to come. */
function inOrder(found: Found<string>[], text: string): Found<string>[] {
  for (const [index, one] of found.entries()) {
    const before = found[index - 1];
    if (!before || one.value >= before.value) continue;
    if (/^ (?:to|till|until|through) (?:the )?$/i.test(text.slice(before.end, one.start)))
      one.value = addDays(one.value, 7);
  }
  return found;
}

function realDay(iso: string | undefined): string | undefined {
  return iso !== undefined && !Number.isNaN(Date.parse(`${iso}T00:00:00Z`)) ? iso : undefined;
}

function smallNumber(word: string | undefined): number {
  if (word === 'a') return 1;
  return unitOf(word?.toLowerCase() ?? '') ?? Number(word);
}

/** `21st`, `21`, `twenty first`. */
function dayNumber(word: string | undefined): number {
  const parts = (word ?? '').toLowerCase().split(/[- ]/);
  return parts.reduce((sum, part) => sum + (tensOf(part) ?? ordinalOf(part) ?? Number(part)), 0);
}

function dayOfMonth(
  day: string | undefined,
  month: string | undefined,
  year: string | undefined,
  today: string,
): string | undefined {
  const number = MONTHS.findIndex((name) => name.startsWith((month ?? '?').toLowerCase().slice(0, 3))) + 1;
  const tail = `-${String(number).padStart(2, '0')}-${String(dayNumber(day)).padStart(2, '0')}`;
  const thisYear = Number(today.slice(0, 4));
  if (year !== undefined) return realDay(`${year}${tail}`);
  const soon = realDay(`${thisYear}${tail}`);
  return soon !== undefined && soon < today ? realDay(`${thisYear + 1}${tail}`) : soon;
}

/** The next one to come; said on a Friday, `Friday` is in a week. */
function nextWeekday(name: string | undefined, today: string): string {
  const wanted = WEEKDAYS.findIndex((weekday) => weekday.startsWith((name ?? '').toLowerCase().slice(0, 3)));
  return addDays(today, ((wanted - weekdayOf(today) + 6) % 7) + 1);
}

function nextDayOfMonth(day: number, today: string): string | undefined {
  for (let ahead = 0; ahead < 62; ahead++) {
    const candidate = addDays(today, ahead);
    if (Number(candidate.slice(8)) === day) return candidate;
  }
  return undefined;
}

const HOUR_WORD = 'one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve';
const MINUTE_WORD = `(?:oh |o' ?)?(?:five)|ten|fifteen|twenty(?:[- ]five)?|thirty(?:[- ]five)?|forty(?:[- ]five)?|fifty(?:[- ]five)?`;
const HALF_OF_DAY = `\\s*(a\\.?m\\b\\.?|p\\.?m\\b\\.?|in the morning|in the afternoon|in the evening|at night)`;

/** Each way to name a time. A bare hour needs something beside it: `at`, `o'clock`, minutes or a half of the day. */
const TIME_FORMS: readonly { form: RegExp; read: (groups: Groups, text: string) => string | undefined }[] = [
  {
    form: new RegExp(`\\b(\\d{1,2}):(\\d{2})(?::\\d{2})?(?:${HALF_OF_DAY})?`, 'gi'),
    read: ([, hour, minute, half], text) => clock(Number(hour), Number(minute), half, text, hour?.length === 2),
  },
  {
    form: new RegExp(`\\b(\\d{1,2}|${HOUR_WORD})(?:[ ](${MINUTE_WORD}))?(?: o['’ ]?clock)?${HALF_OF_DAY}`, 'gi'),
    read: ([, hour, minute, half], text) => clock(hourOf(hour), minuteOf(minute), half, text),
  },
  {
    form: new RegExp(`\\b(half|quarter|five|ten|twenty) (past|to) (\\d{1,2}|${HOUR_WORD})\\b(?:${HALF_OF_DAY})?`, 'gi'),
    read: ([, part, side, hour, half], text) => {
      const minutes = part === 'half' ? 30 : part === 'quarter' ? 15 : minuteOf(part);
      return side?.toLowerCase() === 'to'
        ? clock(hourOf(hour) - 1, 60 - minutes, half, text)
        : clock(hourOf(hour), minutes, half, text);
    },
  },
  {
    form: new RegExp(`\\b(${HOUR_WORD}) (${MINUTE_WORD})\\b`, 'gi'),
    read: ([, hour, minute], text) => clock(hourOf(hour), minuteOf(minute), undefined, text),
  },
  {
    form: new RegExp(`\\b(\\d{1,2}|${HOUR_WORD}) o['’ ]?clock\\b`, 'gi'),
    read: ([, hour], text) => clock(hourOf(hour), 0, undefined, text),
  },
  {
    form: new RegExp(
      `\\b(?:at|around|about|by|until|till|make it) (\\d{1,2}|${HOUR_WORD})\\b(?![:/.]\\d|[ -](?:people|nights?|days?|guests?|adults?|of|hundred|thousand|${HOUR_WORD}|\\d))`,
      'gi',
    ),
    read: ([, hour], text) => clock(hourOf(hour), 0, undefined, text),
  },
  {
    form: new RegExp(
      `^(?:[a-z]+,? )?(\\d{1,2}|${HOUR_WORD}) (?:(?:would|will|should) (?:be|do|work|suit)|works|suits|is (?:fine|good|great|ok))\\b`,
      'gi',
    ),
    read: ([, hour], text) => clock(hourOf(hour), 0, undefined, text),
  },
  { form: /\b(?:noon|midday)\b/gi, read: () => '12:00' },
  { form: /\bmidnight\b/gi, read: () => '00:00' },
];

/** Every time that is named, in the order of the text. */
export function findTimes(text: string): Found<string>[] {
  const found = TIME_FORMS.flatMap(({ form, read }) =>
    [...text.matchAll(form)].flatMap((match) => {
      const value = read(match, text);
      return value === undefined ? [] : [{ value, start: match.index, end: match.index + match[0].length }];
    }),
  );
  return withoutOverlaps(found);
}

/** The same, where a bare `ten` can only be an hour: after a question for a time, or beside a list of times. */
export function findBareTimes(text: string): Found<string>[] {
  const found = findTimes(text);
  if (found.length > 0) return found;
  const plain = text.replace(/^(?:(?:um|uh|well|maybe|say|let's say|ok|okay|yes|no|then|the)[, ]+)+/i, '');
  const bare = findTimes(`at ${plain}`)[0];
  return bare && bare.start === 0 ? [{ ...bare, start: 0, end: text.length }] : [];
}

function hourOf(word: string | undefined): number {
  return unitOf(word?.toLowerCase() ?? '') ?? Number(word);
}

function minuteOf(word: string | undefined): number {
  const parts = (word ?? '').toLowerCase().split(/[- ]/);
  return parts.reduce((sum, part) => sum + (tensOf(part) ?? unitOf(part) ?? 0), 0);
}

/**
 * Which half of the day is meant: as said; else as the rest of the text says; else as an office would take it, 1 to 6
 * in the afternoon. `isExact` times such as `09:30` stay what they are.
 */
function clock(
  hour: number,
  minute: number,
  half: string | undefined,
  text: string,
  isExact = false,
): string | undefined {
  if (hour < 0 || hour > 23 || minute > 59) return undefined;
  const said = half?.toLowerCase();
  const around = isExact ? '' : text.toLowerCase();
  const isMorning = said === undefined ? around.includes('morning') : /^a\.?m|morning/.test(said);
  const isLater = said === undefined ? /afternoon|evening|tonight/.test(around) : !isMorning;
  let shifted = hour;
  if (isLater && !isMorning && hour < 12) shifted = hour + 12;
  else if (isMorning) shifted = hour === 12 ? 0 : hour;
  else if (!isExact && hour >= 1 && hour <= 6) shifted = hour + 12;
  return `${String(shifted).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}

/** `today`, `tomorrow`, or `Friday the 21st of August`. */
export function sayDate(iso: string, today: string): string {
  if (iso === today) return 'today';
  if (iso === addDays(today, 1)) return 'tomorrow';
  const day = Number(iso.slice(8, 10));
  const month = MONTHS[Number(iso.slice(5, 7)) - 1] ?? '';
  return `${capitalize(WEEKDAYS[weekdayOf(iso)] ?? '')} the ${sayOrdinal(day)} of ${capitalize(month)}`;
}

/** `10 o'clock`, `3:30 in the afternoon`. */
export function sayTime(time: string): string {
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  const onClock = hour % 12 === 0 ? 12 : hour % 12;
  const half = hour >= 12 && hour < 18 && onClock !== 12 ? ' in the afternoon' : hour >= 18 ? ' in the evening' : '';
  if (minute === 0) return half === '' ? `${onClock} o'clock` : `${onClock}${half}`;
  return `${onClock}:${String(minute).padStart(2, '0')}${half}`;
}

function sayOrdinal(day: number): string {
  const ending = day % 100 >= 11 && day % 100 <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][day % 10] ?? 'th');
  return `${day}${ending}`;
}

export function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
