/** Values compared as people mean them: 25 is 25.0, and the fields of an object have no order. */
import { isRecord } from '../lib/json.ts';

/** What an argument may be expected to be: itself, or what it must match. */
export type Expected = unknown;

/** One text for all that mean the same: keys sorted, `undefined` left out. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isRecord(value)) return JSON.stringify(value) ?? 'null';
  const fields = Object.keys(value).filter((key) => value[key] !== undefined);
  return `{${fields
    .toSorted()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`)
    .join(',')}}`;
}

/**
 * Whether a value is as expected: every field that is named there, numbers by their value, also where one is written as text;
 * a regular expression matches the text, a function says so itself, `{ match: '...' }` is an expression in a file.
 */
export function fits(actual: unknown, expected: Expected): boolean {
  if (expected instanceof RegExp)
    return new RegExp(expected.source, expected.flags.replace(/[gy]/g, '')).test(textOf(actual));
  if (typeof expected === 'function') return Boolean((expected as (value: unknown) => unknown)(actual));
  if (isPattern(expected)) return new RegExp(expected.match, 'i').test(textOf(actual));
  if (Array.isArray(expected))
    return (
      Array.isArray(actual) &&
      actual.length === expected.length &&
      expected.every((one, index) => fits(actual[index], one))
    );
  if (isRecord(expected))
    return isRecord(actual) && Object.entries(expected).every(([key, one]) => fits(actual[key], one));
  return isSameScalar(actual, expected);
}

const isPattern = (value: unknown): value is { match: string } =>
  isRecord(value) && Object.keys(value).length === 1 && typeof value['match'] === 'string';

const textOf = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));

function isSameScalar(actual: unknown, expected: unknown): boolean {
  if (Object.is(actual, expected)) return true;
  const [one, other] = [numberOf(actual), numberOf(expected)];
  return one !== undefined && one === other;
}

/** Of a number, or of a text that is nothing but one as it is usually written: a leading zero is part of a code. */
function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || !/^-?(0|[1-9]\d*)(\.\d+)?$/.test(value)) return undefined;
  return Number(value);
}

/** How a person would write it into a finding; at most `most` characters. */
export function shown(value: unknown, most = 200): string {
  const text =
    typeof value === 'function'
      ? 'what the function accepts'
      : value instanceof RegExp
        ? String(value)
        : canonical(value);
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

/** Where two values differ: `path: expected X, got Y`, each field that is named in `expected`; lists in any order. */
export function differences(actual: unknown, expected: Expected, path = ''): string[] {
  const where = path === '' ? 'it' : path;
  if (Array.isArray(expected) && Array.isArray(actual)) return listDifferences(actual, expected, where);
  if (isRecord(expected) && isRecord(actual) && !isPattern(expected))
    return Object.entries(expected).flatMap(([key, one]) =>
      differences(actual[key], one, path === '' ? key : `${path}.${key}`),
    );
  return fits(actual, expected) ? [] : [`${where}: expected ${shown(expected)}, got ${shown(actual)}`];
}

/** Each that is expected must be there once, whatever its place, and nothing else. */
function listDifferences(actual: readonly unknown[], expected: readonly unknown[], where: string): string[] {
  const left = [...actual];
  const missing = expected.filter((one) => {
    const index = left.findIndex((value) => differences(value, one).length === 0);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
  return [
    ...missing.map((one) => `${where}: ${shown(one)} is missing`),
    ...left.map((one) => `${where}: ${shown(one)} should not be there`),
  ];
}
