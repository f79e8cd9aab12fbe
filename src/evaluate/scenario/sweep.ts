/**
 * Sweeps: one scenario many times over, each time with other values in it. Values are put into the scenario as it was
 * written, before it is read, so that each of them is checked as if a person had written it there.
 */
import { z } from 'zod';
import { isRecord } from '../../lib/json.ts';
import { SCENARIO_FIELDS } from './schema.ts';
import { DurationMs } from './units.ts';

/** What a scenario is swept over: a list, or instants that are known once its answer was heard. */
export type Axis =
  { name: string; values: readonly unknown[] } | { name: string; every: number } | { name: string; each: 'word' };

/** One combination of values. */
export interface Cell {
  values: Record<string, unknown>;
  /** As they are shown. */
  labels: Record<string, string>;
}

/** More is a mistake, or a night's work: `runs` is another way to it. */
export const MOST_CELLS = 2_000;

const Written = z.union(
  [
    z.array(z.unknown()).min(1),
    z.strictObject({ each: z.literal('word') }),
    z.strictObject({ every: DurationMs.refine((ms) => ms >= 20, 'expected 20 ms or more') }),
  ],
  { error: 'expected a list of values, { each: word } or { every: 200ms }' },
);
export const Sweep = z.record(z.string(), Written);

/** In the order in which they stand. */
export function axesOf(sweep: z.output<typeof Sweep>): Axis[] {
  return Object.entries(sweep).map(([name, written]) => {
    if (Array.isArray(written)) return { name, values: written };
    return 'each' in written ? { name, each: written.each } : { name, every: written.every };
  });
}

/** Every combination of lists; without a sweep the one of nothing. */
export function cellsOf(axes: readonly { name: string; values: readonly unknown[] }[]): Cell[] {
  return axes.reduce<Cell[]>(
    (cells, { name, values }) =>
      cells.flatMap((cell) =>
        values.map((value) => ({
          values: { ...cell.values, [name]: value },
          labels: { ...cell.labels, [name]: shownValue(value) },
        })),
      ),
    [{ values: {}, labels: {} }],
  );
}

const LONGEST_LABEL = 60;

/** `0.02`, `3s`, `model hang`: short, and told apart from the others of its axis. */
export function shownValue(value: unknown): string {
  if (typeof value === 'string') return value;
  if (isRecord(value) && Object.keys(value).length === 1 && typeof value['word'] === 'number')
    return `word ${value['word']}`;
  const text =
    isRecord(value) || Array.isArray(value) ? JSON.stringify(value).replace(/["{}[\]]/g, ' ') : String(value);
  const plain = text
    .replace(/\s*([:,])\s*/g, '$1 ')
    .replace(/\s+/g, ' ')
    .trim();
  return plain.length > LONGEST_LABEL ? `${plain.slice(0, LONGEST_LABEL - 1)}…` : plain;
}

// ---- values in their places -----------------------------------------------------------------------------------------

/** What an axis's name stands for: `$name` somewhere, or a field by its path. Undefined when it is neither. */
export function placeOfAxis(name: string, written: Record<string, unknown>): 'variable' | 'path' | undefined {
  if (mentions(written, `$${name}`)) return 'variable';
  const [first = '', ...rest] = name.split('.');
  if (!SCENARIO_FIELDS.includes(first) || first === 'sweep') return undefined;
  const isWithin = rest.length < 2 || rest.slice(0, -1).reduce<unknown>(innerOf, written[first]) !== undefined;
  return isWithin ? 'path' : undefined;
}

/** Of a tool that has no stub there is nothing to be swept. */
const innerOf = (value: unknown, name: string): unknown =>
  isRecord(value) || Array.isArray(value) ? (Reflect.get(value, name) as unknown) : undefined;

function mentions(value: unknown, variable: string): boolean {
  if (typeof value === 'string') return variablesIn(value).includes(variable.slice(1));
  if (Array.isArray(value)) return value.some((one) => mentions(one, variable));
  return isRecord(value) && Object.values(value).some((one) => mentions(one, variable));
}

const VARIABLE = /\$([A-Za-z_]\w*)/g;
const variablesIn = (text: string): string[] => [...text.matchAll(VARIABLE)].map(([, name = '']) => name);

/** A new scenario with the values in their places; `sweep` is not in it. */
export function fillIn(written: Record<string, unknown>, values: Record<string, unknown>): Record<string, unknown> {
  const { sweep: _, ...rest } = written;
  const filled = substitute(rest, values) as Record<string, unknown>;
  return Object.entries(values)
    .filter(([name]) => placeOfAxis(name, rest) === 'path')
    .reduce((scenario, [path, value]) => setIn(scenario, path.split('.'), value), filled);
}

function substitute(value: unknown, values: Record<string, unknown>): unknown {
  if (typeof value === 'string') return substituteText(value, values);
  if (Array.isArray(value)) return value.map((one) => substitute(one, values));
  if (!isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, substitute(one, values)]));
}

/** A text that is nothing but `$name` becomes the value itself. */
function substituteText(text: string, values: Record<string, unknown>): unknown {
  const [whole, name] = /^\$([A-Za-z_]\w*)$/.exec(text) ?? [];
  if (whole !== undefined && name !== undefined && Object.hasOwn(values, name)) return values[name];
  return text.replace(VARIABLE, (match, one: string) => (Object.hasOwn(values, one) ? String(values[one]) : match));
}

/** And no model, no regular expression and nothing else that has a class. */
const isPlain = (value: unknown): value is Record<string, unknown> =>
  isRecord(value) && [Object.prototype, null].includes(Object.getPrototypeOf(value) as null);

function setIn(
  target: Record<string, unknown>,
  [first = '', ...rest]: string[],
  value: unknown,
): Record<string, unknown> {
  const inner = target[first];
  return { ...target, [first]: rest.length === 0 ? value : setIn(isPlain(inner) ? inner : {}, rest, value) };
}

// ---- chance ---------------------------------------------------------------------------------------------------------

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let state = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) state = Math.imul(state ^ text.charCodeAt(at), 0x01000193);
  return state >>> 0;
}

/** The seed of one call: of what it is, and never of when it comes or of what runs beside it. */
export const seedOf = (seed: number, scenario: string, cell: Record<string, string>, run: number): number =>
  hash(JSON.stringify([seed, scenario, Object.entries(cell), run]));
