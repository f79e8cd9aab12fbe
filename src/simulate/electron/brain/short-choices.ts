/**
 * Choices that are said in full though the schema lists them short, and the other way round: `mon` for "monday", or for
 * "tomorrow" when that is one; `veg` for "vegetarian"; `cardiology` for "a cardiologist". Asked when no choice was said as it stands.
 */
import { STRENGTH, type Candidate } from './candidate.ts';
import { findDates, weekdayOf } from './dates.ts';
import { isStopWord, tokensOf } from './words.ts';

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const MONTHS = 'january february march april may june july august september october november december'.split(' ');
/** So many of a list are names of days, and it is one of days. */
const LEAST_OF_CALENDAR = 3;

export function findShortChoices(choices: readonly unknown[], text: string, today: string): Candidate[] {
  const words = choices.filter((choice): choice is string => typeof choice === 'string' && /^\p{L}+\.?$/u.test(choice));
  if (isCalendar(words, WEEKDAYS)) return findWeekdays(words, text, today);
  if (isCalendar(words, MONTHS)) return findMonths(words, text);
  return findAbbreviated(words, text);
}

// ---- the calendar ---------------------------------------------------------------------------------------------------

const fullNameOf = (choice: string, names: readonly string[]): string | undefined =>
  choice.length < 2 ? undefined : names.find((name) => name.startsWith(choice.toLowerCase().replace(/\.$/, '')));

const isCalendar = (choices: readonly string[], names: readonly string[]): boolean =>
  new Set(choices.flatMap((choice) => fullNameOf(choice, names) ?? [])).size >= LEAST_OF_CALENDAR;

function findWeekdays(choices: readonly string[], text: string, today: string): Candidate[] {
  return findDates(text, today).flatMap(({ value, start, end }) => {
    const day = WEEKDAYS[weekdayOf(value)];
    const choice = choices.find((one) => fullNameOf(one, WEEKDAYS) === day);
    return choice === undefined ? [] : [{ value: choice, start, end, strength: STRENGTH.named }];
  });
}

function findMonths(choices: readonly string[], text: string): Candidate[] {
  return tokensOf(text).flatMap(({ lower, start, end }) => {
    const choice = MONTHS.includes(lower) ? choices.find((one) => fullNameOf(one, MONTHS) === lower) : undefined;
    return choice === undefined ? [] : [{ value: choice, start, end, strength: STRENGTH.named }];
  });
}

// ---- other words ----------------------------------------------------------------------------------------------------

/** Shorter beginnings begin too much. */
const SHORTEST = 3;
/** Two words of one stem share so many letters, and so much of the longer one. */
const SHORTEST_STEM = 5;
const SHARED_PART = 0.68;

/** Only where one choice alone may be meant. */
function findAbbreviated(choices: readonly string[], text: string): Candidate[] {
  return tokensOf(text).flatMap(({ lower, start, end }) => {
    if (isStopWord(lower)) return [];
    const meant = choices.filter((choice) => isAbbreviation(lower, choice.toLowerCase()));
    return meant.length === 1 ? [{ value: meant[0], start, end, strength: STRENGTH.typed }] : [];
  });
}

function isAbbreviation(one: string, other: string): boolean {
  const [short, long] = one.length < other.length ? [one, other] : [other, one];
  if (short.length >= SHORTEST && long.startsWith(short)) return true;
  let shared = 0;
  while (shared < short.length && short[shared] === long[shared]) shared++;
  return shared >= SHORTEST_STEM && shared >= SHARED_PART * long.length;
}
