/**
 * The input of a tool as whoever writes no code writes it, made the zod object that every tool has. Each field has the name of
 * its type, a list of words to choose from, or a JSON Schema; a name that ends in `?` may be left out. A whole JSON Schema of
 * `type: object` will do as well.
 */
import { z } from 'zod';
import { messageOf } from '../../lib/errors.ts';
import { isRecord } from '../../lib/json.ts';
import { shown } from '../check.ts';
import type { ToolInput } from '../define.ts';
import { fromJsonSchema } from '../from-json-schema.ts';
import type { MadeProblem } from '../made.ts';

/** Words for the types of a field. */
const TYPES: Readonly<Record<string, Record<string, unknown>>> = {
  string: { type: 'string', minLength: 1 },
  number: { type: 'number' },
  integer: { type: 'integer' },
  boolean: { type: 'boolean' },
  date: { type: 'string', format: 'date' },
  'date-time': { type: 'string', format: 'date-time' },
  email: { type: 'string', format: 'email' },
};
const KINDS = 'object array null '.concat('string number integer boolean').split(' ');
const EXPECTED = `a type (${Object.keys(TYPES).join(', ')}), a list of words to choose from, or a JSON Schema with its \`type\``;

/** `problems` are told under `input`. Undefined when there is any. */
export function readInput(written: unknown): { input?: ToolInput; problems: MadeProblem[] } {
  if (written === undefined) return { input: z.object({}), problems: [] };
  if (!isRecord(written)) {
    const got = shown(written);
    return { problems: [{ path: ['input'], expected: 'names of fields, each with its type, or a JSON Schema', got }] };
  }
  return written['type'] === 'object' && isRecord(written['properties'])
    ? readWhole(written, written['properties'])
    : readFields(written);
}

function readFields(fields: Record<string, unknown>): { input?: ToolInput; problems: MadeProblem[] } {
  const shape: Record<string, z.ZodType> = {};
  const problems: MadeProblem[] = [];
  for (const [written, value] of Object.entries(fields)) {
    const name = written.replace(/\?$/, '');
    const read = readField(schemaOf(value), ['input', written], value);
    if ('problem' in read) problems.push(read.problem);
    else define(shape, name, name === written ? read.schema : read.schema.optional());
  }
  return problems.length > 0 ? { problems } : { input: z.object(shape), problems };
}

function readWhole(
  whole: Record<string, unknown>,
  properties: Record<string, unknown>,
): { input?: ToolInput; problems: MadeProblem[] } {
  const required = Array.isArray(whole['required']) ? (whole['required'] as unknown[]) : [];
  const { $defs, definitions } = whole;
  const shape: Record<string, z.ZodType> = {};
  const problems: MadeProblem[] = [];
  for (const [name, value] of Object.entries(properties)) {
    const schema = isRecord(value)
      ? { ...value, ...($defs !== undefined && { $defs }), ...(definitions !== undefined && { definitions }) }
      : undefined;
    const read = readField(schema, ['input', 'properties', name], value);
    if ('problem' in read) problems.push(read.problem);
    else define(shape, name, required.includes(name) ? read.schema : read.schema.optional());
  }
  return problems.length > 0 ? { problems } : { input: z.object(shape), problems };
}

function schemaOf(value: unknown): Record<string, unknown> | undefined {
  if (typeof value === 'string') return Object.hasOwn(TYPES, value) ? TYPES[value] : undefined;
  if (Array.isArray(value)) return value.length > 0 ? { enum: value } : undefined;
  return isRecord(value) ? value : undefined;
}

function readField(
  schema: Record<string, unknown> | undefined,
  path: readonly PropertyKey[],
  written: unknown,
): { schema: z.ZodType } | { problem: MadeProblem } {
  const isTyped =
    schema &&
    (isKnown(schema['type']) || ['enum', 'const', 'anyOf', 'oneOf', 'allOf', '$ref'].some((word) => word in schema));
  if (!isTyped)
    return { problem: { path, expected: EXPECTED, got: shown(isRecord(written) ? written['type'] : written) } };
  try {
    const { sensitive: isSensitive, ...rest } = schema;
    const made = fromJsonSchema(rest);
    return {
      schema: isSensitive === undefined || isSensitive === false ? made : made.meta({ sensitive: isSensitive }),
    };
  } catch (error) {
    return {
      problem: { path, expected: 'a JSON Schema that can be checked', got: `one that cannot: ${messageOf(error)}` },
    };
  }
}

const isKnown = (type: unknown): boolean =>
  Array.isArray(type) ? type.every(isKnown) : typeof type === 'string' && KINDS.includes(type);

/** Also a field named `__proto__` is one of its own. */
function define(shape: Record<string, z.ZodType>, name: string, value: z.ZodType): void {
  Object.defineProperty(shape, name, { value, enumerable: true, configurable: true, writable: true });
}
