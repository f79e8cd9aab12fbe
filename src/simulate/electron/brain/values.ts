/**
 * What in a caller's words may be the value of a parameter: every candidate with its place and how telling it is. Who
 * gets what is decided in `fill.ts`, over all parameters at once.
 */
import { STRENGTH, bareAnswer, wholeAnswer, withStrength, type Candidate, type Listening } from './candidate.ts';
import { firstThatFits } from './check.ts';
import { findBoolean, findChoice, findSuggested } from './choices.ts';
import { findBareTimes, findDates, findTimes } from './dates.ts';
import type { Found } from './found.ts';
import { findFreeText, findLabelled } from './free-words.ts';
import { findNames, findPlaces } from './names.ts';
import { findPhones } from './numbers.ts';
import { findQuantities, findReferences } from './references.ts';
import type { Parameter } from './tool.ts';

/** Everything in `text` that could be the parameter's value. Only values that its schema takes. */
export function findCandidates(parameter: Parameter, text: string, listening: Listening): Candidate[] {
  return FINDERS[parameter.kind](parameter, text, listening).flatMap((candidate) => {
    const value = firstThatFits(parameter, renderings(parameter, candidate, text));
    return value === undefined ? [] : [{ ...candidate, value }];
  });
}

type Finder = (parameter: Parameter, text: string, listening: Listening) => Candidate[];

const FINDERS: Record<Parameter['kind'], Finder> = {
  choice: findChoice,
  boolean: findBoolean,
  number: findQuantities,
  list: findList,
  object: () => [], // its properties are filled one by one
  date: (_, text, { today }) => withStrength(findDates(text, today), STRENGTH.typed),
  time: findTimeOfDay,
  moment: findMoment,
  phone: (_, text) => withStrength(findPhones(text), STRENGTH.typed),
  email: (_, text) => withStrength(findEmails(text), STRENGTH.named),
  code: findReferences,
  person: (parameter, text, { isAnswer }) => findNames(parameter, text, isAnswer),
  place: (parameter, text, { isAnswer }) => [
    ...findSuggested(parameter, text),
    ...findPlaces(parameter, text, isAnswer),
  ],
  text: findFreeText,
  phrase: (parameter, text, { isAnswer }) => [
    ...findSuggested(parameter, text),
    ...findLabelled(parameter, text),
    ...(isAnswer ? wholeAnswer(text) : []),
  ],
};

/** The same value in the ways in which a schema may want it. */
function renderings(
  { kind, description, schema }: Parameter,
  { value, start, end }: Candidate,
  text: string,
): unknown[] {
  if (typeof value !== 'string')
    return typeof value === 'number' && !isNumeric(schema) ? [value, String(value)] : [value];
  const said = text.slice(start, end);
  switch (kind) {
    case 'date':
      return WANTS_WORDS.test(description) ? [said, value] : [value, said];
    case 'time':
      return WANTS_WORDS.test(description) ? [said, value] : [value, `${value}:00`, `${value}:00Z`, said];
    case 'moment':
      return schema['format'] === 'date-time'
        ? [`${value}:00Z`, `${value}:00`, value]
        : [value, `${value}:00`, `${value}:00Z`];
    case 'phone':
      return [value, value.replace('+', ''), `+${value}`];
    case 'code':
      return [value, value.replaceAll('-', ''), value.toLowerCase(), value.replace(/\D/g, ''), said];
    default:
      return [value];
  }
}

/** A description that asks for the caller's own words. */
const WANTS_WORDS = /\b(?:as (?:said|spoken|the caller)|in (?:words|natural language)|free[- ]form|natural language)/i;

function isNumeric(schema: Record<string, unknown>): boolean {
  return JSON.stringify(schema['type'] ?? '').match(/number|integer/) !== null;
}

/** A time; a bare hour counts when the agent had asked for it. */
function findTimeOfDay(_: Parameter, text: string, { isAnswer }: Listening): Candidate[] {
  return withStrength(isAnswer ? findBareTimes(text) : findTimes(text), STRENGTH.typed);
}

/** A day and a time, wherever in the text each is; the later word wins, for people correct themselves. */
function findMoment(parameter: Parameter, text: string, { today, isAnswer }: Listening): Candidate[] {
  const day = findDates(text, today).at(-1);
  const time = findTimeOfDay(parameter, text, { today, isAnswer: isAnswer && day === undefined }).at(-1);
  if (!day || !time) return [];
  const [start, end] = [Math.min(day.start, time.start), Math.max(day.end, time.end)];
  return [{ value: `${day.value}T${String(time.value)}`, start, end, strength: STRENGTH.typed }];
}

function findEmails(text: string): Found<string>[] {
  const written = [...text.matchAll(/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g)].map((match) => ({
    value: match[0].toLowerCase(),
    start: match.index,
    end: match.index + match[0].length,
  }));
  if (written.length > 0) return written;
  const spoken = /\b([\w-]+(?:(?: dot | underscore |\.)[\w-]+)*) at ([\w-]+(?:(?: dot |\.)[a-z]+)+)\b/i.exec(text);
  if (!spoken) return [];
  const join = (part = ''): string => part.toLowerCase().replaceAll(' dot ', '.').replaceAll(' underscore ', '_');
  return [
    { value: `${join(spoken[1])}@${join(spoken[2])}`, start: spoken.index, end: spoken.index + spoken[0].length },
  ];
}

/** Several of the same: `ham, cheese and olives`. */
function findList({ items }: Parameter, text: string, listening: Listening): Candidate[] {
  if (!items) return [];
  const found = findCandidates(items, text, { ...listening, isAnswer: false });
  const values = [...new Set(found.toSorted((a, b) => a.start - b.start).map(({ value }) => value))];
  if (values.length > 0)
    return [{ value: values, start: 0, end: 0, strength: Math.max(...found.map(({ strength }) => strength)) }];
  if (!listening.isAnswer) return [];
  const parts = bareAnswer(text)
    .split(/,\s*(?:and\s+)?|\s+and\s+/)
    .filter((part) => part !== '');
  return parts.length > 0 ? [{ value: parts, start: 0, end: text.length, strength: STRENGTH.guess }] : [];
}
