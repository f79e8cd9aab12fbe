/**
 * Fields whose value nobody but the tool that takes it may see: `sensitive(z.string())`. The model is shown a field for a
 * placeholder, and hands on the one that it was given; the value takes its place right before the tool runs. Pure.
 */
import type { z } from 'zod';
import { isRecord } from '../lib/json.ts';
import type { SensitiveField } from './contract.ts';

/** How a sensitive field is treated. All optional. */
export interface SensitiveOptions {
  /** How many of its last characters may be seen and said: 4 of a card's number. 0 to 4; default 0. */
  lastShown?: number | undefined;
  /**
   * Whether all that the caller says while a task collects it is hidden, from the task's own model as well. Default: what is said in
   * numbers or spelled letter by letter.
   */
  words?: boolean | undefined;
}

/** In the metadata of a schema, for whoever marks it by hand: `.meta({ sensitive: true })`. */
const MARK = 'sensitive';
const MOST_SHOWN = 4;
const LIST = '[]';

/** Marks a field: text, or an object or a list of texts. The schema itself stays as it is. */
export function sensitive<Schema extends z.ZodType>(schema: Schema, options: SensitiveOptions = {}): Schema {
  return schema.meta({ ...schema.meta(), [MARK]: { ...options } });
}

/** A JSON Schema as the model may see it, and what is sensitive in it. */
export interface SensitiveReading {
  schema: Record<string, unknown>;
  fields: SensitiveField[];
  /** By a path as people write it: marks that cannot be kept. */
  wrong: { path: string; expected: string; got: string }[];
}

/** Takes the marks out of a JSON Schema; a field that has one is a text for the model, which is told what belongs there. */
export function readSensitive(schema: Record<string, unknown>): SensitiveReading {
  const reading: SensitiveReading = { schema, fields: [], wrong: [] };
  return JSON.stringify(schema).includes(`"${MARK}":`)
    ? { ...reading, schema: read(schema, [], undefined, reading) }
    : reading;
}

type Mark = Pick<SensitiveField, 'lastShown' | 'words'>;
type Schema = Record<string, unknown>;

function read(schema: Schema, path: readonly string[], outer: Mark | undefined, reading: SensitiveReading): Schema {
  const { [MARK]: written, ...rest } = schema;
  const mark = written === undefined || written === false ? outer : markOf(written, path, reading);
  if (isRecord(rest.properties)) {
    const inner = ([name, one]: [string, unknown]) => [name, readInner(one, [...path, name], mark, reading)];
    return { ...rest, properties: Object.fromEntries(Object.entries(rest.properties).map(inner)) };
  }
  if (isRecord(rest.items)) return { ...rest, items: readInner(rest.items, [...path, LIST], mark, reading) };
  if (!mark) return readBranches(rest, path, reading);
  if (['number', 'integer', 'boolean'].includes(String(rest.type))) {
    const expected = 'a text where it is sensitive, such as `sensitive(z.string())`';
    reading.wrong.push({ path: readable(path), expected, got: `\`${String(rest.type)}\`` });
  }
  const name = path.findLast((key) => key !== LIST) ?? 'value';
  reading.fields.push({ name, path, ...mark });
  const { description } = rest;
  const told = typeof description === 'string' ? `${description.replace(/[.\s]*$/, '')}. ` : '';
  return {
    type: 'string',
    description: `${told}A placeholder such as [${name}#1] stands for it: hand on the one you were given.`,
  };
}

/** A field that may be one thing or another, and is sensitive as one of them, is it as all. */
function readBranches(schema: Schema, path: readonly string[], reading: SensitiveReading): Schema {
  for (const key of ['anyOf', 'oneOf', 'allOf']) {
    const branches = schema[key];
    if (!Array.isArray(branches)) continue;
    const marked = branches.find((branch) => isRecord(branch) && branch[MARK] !== undefined) as Schema | undefined;
    if (marked)
      return read(
        { ...marked, ...(schema.description !== undefined && { description: schema.description }) },
        path,
        undefined,
        reading,
      );
    return { ...schema, [key]: branches.map((branch: unknown) => readInner(branch, path, undefined, reading)) };
  }
  return schema;
}

const readInner = (
  schema: unknown,
  path: readonly string[],
  mark: Mark | undefined,
  reading: SensitiveReading,
): unknown => (isRecord(schema) ? read(schema, path, mark, reading) : schema);

function markOf(written: unknown, path: readonly string[], reading: SensitiveReading): Mark {
  const { lastShown = 0, words = false } = isRecord(written) ? written : {};
  const isCount = Number.isInteger(lastShown) && Number(lastShown) >= 0 && Number(lastShown) <= MOST_SHOWN;
  const at = readable(path);
  if (written !== true && !isRecord(written)) {
    reading.wrong.push({ path: at, expected: '`sensitive` to be true or false', got: `\`${String(written)}\`` });
  }
  if (!isCount) {
    const expected = `\`lastShown\` of what is sensitive to be 0 to ${MOST_SHOWN}`;
    reading.wrong.push({ path: at, expected, got: `\`${String(lastShown)}\`` });
  }
  return { lastShown: isCount ? Number(lastShown) : 0, words: words === true };
}

const readable = (path: readonly string[]): string => path.join('.').replaceAll(`.${LIST}`, LIST);

/** A copy of `value` in which the texts of these fields are others. What is none of them stays. */
export function mapSensitive(
  value: unknown,
  fields: readonly SensitiveField[],
  change: (text: string, field: SensitiveField) => string,
): unknown {
  return fields.reduce((whole, field) => mapAt(whole, field.path, (leaf) => changed(leaf, field, change)), value);
}

/** A model may write digits as a number, and a schema may make anything of a text. */
function changed(
  leaf: unknown,
  field: SensitiveField,
  change: (text: string, field: SensitiveField) => string,
): unknown {
  if (leaf === undefined || leaf === null) return leaf;
  return change(typeof leaf === 'string' ? leaf : JSON.stringify(leaf), field);
}

function mapAt(value: unknown, [key, ...rest]: readonly string[], change: (leaf: unknown) => unknown): unknown {
  if (key === undefined) return change(value);
  if (key === LIST) return Array.isArray(value) ? value.map((one: unknown) => mapAt(one, rest, change)) : value;
  if (!isRecord(value) || !Object.hasOwn(value, key)) return value;
  return { ...value, [key]: mapAt(value[key], rest, change) };
}
