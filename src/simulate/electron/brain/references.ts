/** Amounts and ids: numbers by what stands beside them. */
import { STRENGTH, wholeAnswer, type Candidate, type Listening } from './candidate.ts';
import { findSuggested } from './choices.ts';
import { findDates, findTimes } from './dates.ts';
import { overlaps } from './found.ts';
import { findCodes, findNumbers, findPhones } from './numbers.ts';
import type { Parameter } from './tool.ts';
import { meaningOf, tokensOf } from './words.ts';

/** Numbers that are no part of a day, a time or a telephone number; those beside the parameter's own words first. */
export function findQuantities(parameter: Parameter, text: string, { today, isAnswer }: Listening): Candidate[] {
  const others = [...findDates(text, today), ...findTimes(text), ...findPhones(text)];
  const own = labelsOf(parameter);
  return findNumbers(text)
    .filter((found) => isAnswer || !others.some((other) => overlaps(other, found)))
    .map((found) => {
      const isNamed =
        wordsAround(text, found).some((word) => own.has(meaningOf(word))) ||
        (isMoney(parameter) &&
          /^\s*(?:dollars?|euros?|pounds?|rupees?|bucks|usd|eur|inr|%|percent)/i.test(text.slice(found.end))) ||
        (isMoney(parameter) && /[$€£₹]\s*$/.test(text.slice(0, found.start)));
      return { ...found, strength: isNamed ? STRENGTH.named : STRENGTH.plain };
    });
}

function isMoney({ words }: Parameter): boolean {
  return words.some((word) => /^(?:amount|price|sum|cost|total|budget|value|money)$/.test(word));
}

/** The meanings of a parameter's name, and of what its description says beside it, that a caller might say too. */
function labelsOf({ words }: Parameter): Set<string> {
  return new Set(words.filter((word) => !LABEL_FILLERS.has(word)).map(meaningOf));
}

/** Words of a parameter's name that nobody says beside a value. */
export const LABEL_FILLERS = new Set([
  'id',
  'number',
  'no',
  'code',
  'of',
  'the',
  'ref',
  'reference',
  'count',
  'num',
  'value',
  'name',
]);

/** Two words before and two behind. */
function wordsAround(text: string, { start, end }: { start: number; end: number }): string[] {
  const before = tokensOf(text.slice(0, start)).slice(-2);
  const behind = tokensOf(text.slice(end)).slice(0, 2);
  return [...behind, ...before].map((token) => token.lower);
}

/** Ids: those named (`order 1234`) before mixed ones (`QX41`) before bare digits. Two digits alone are no id. */
export function findReferences(parameter: Parameter, text: string, { isAnswer }: Listening): Candidate[] {
  const own = labelsOf(parameter);
  const hasPattern = parameter.schema['pattern'] !== undefined;
  const codes = findCodes(text).flatMap((found) => {
    const before = tokensOf(text.slice(0, found.start)).slice(-4);
    const isNamed = before.some((token) => own.has(meaningOf(token.lower)));
    const isMixed = /[A-Z]/.test(found.value);
    if (!isNamed && !isMixed && !isAnswer && !hasPattern && found.value.length < 3) return [];
    return [{ ...found, strength: isNamed ? STRENGTH.named : isMixed ? STRENGTH.typed : STRENGTH.plain }];
  });
  return [...codes, ...findSuggested(parameter, text), ...(isAnswer && !hasPattern ? shortAnswer(text) : [])];
}

/** `savings` may be an id; a whole sentence is not. */
function shortAnswer(text: string): Candidate[] {
  return wholeAnswer(text).filter(({ value }) => String(value).split(/\s+/).length <= 3);
}
