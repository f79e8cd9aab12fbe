/** zod to the JSON Schema that the model sees: input side, draft 7, made once when a tool is loaded. */
import { z } from 'zod';
import { isRecord } from '../lib/json.ts';
import { messageOf } from '../lib/errors.ts';
import type { ToolInput } from './define.ts';
import { foreignSchemaOf } from './foreign-schema.ts';
import { readSensitive, type SensitiveReading } from './sensitive.ts';

/** A place in the input that JSON Schema has no word for. */
export interface SchemaProblem {
  /** Such as `when` or `guests[].born`; empty for the input itself. */
  path: string;
  /** zod's name of the type, such as `date`; or what zod said. */
  got: string;
}

export interface ToolParameters {
  /** A JSON Schema of type `object`, its properties in the author's order. */
  schema: Record<string, unknown>;
  problems: SchemaProblem[];
  sensitive: Pick<SensitiveReading, 'fields' | 'wrong'>;
}

const NOTHING_SENSITIVE = { fields: [], wrong: [] };

/** Whatever copy of zod 4 has made it. */
export function isZodObject(value: unknown): value is ToolInput {
  if (!isRecord(value) || !isRecord(value._zod) || !isRecord(value._zod.def)) return false;
  return value._zod.def.type === 'object';
}

/** zod writes patterns of up to 400 characters beside a `format` that says the same: tokens in every request. */
const LONG_PATTERN_LENGTH = 64;
/** What zod has a schema for, but no JSON text can hold, or no validation can be done at once. */
const NOT_JSON = new Set(['promise', 'file']);
const ISO_FORMATS = new Set(['date-time', 'date', 'time', 'duration']);

/** Never throws: what cannot be said is in `problems`. */
export function toParameters(input: ToolInput): ToolParameters {
  const problems: SchemaProblem[] = [];
  const foreign = foreignSchemaOf(input);
  if (foreign) return { schema: asObject(foreign), problems, sensitive: NOTHING_SENSITIVE };
  try {
    const { $schema: _, ...schema } = z.toJSONSchema(input, {
      io: 'input',
      target: 'draft-7',
      unrepresentable: ({ zodSchema, path }) => {
        problems.push({ path: readablePath(path), got: zodSchema._zod.def.type });
        return 'any';
      },
      override: ({ zodSchema, jsonSchema, path }) => {
        const { type } = zodSchema._zod.def;
        if (NOT_JSON.has(type)) problems.push({ path: readablePath(path), got: type });
        dropNoise(jsonSchema);
      },
    });
    const { schema: shown, ...sensitive } = readSensitive(schema);
    return { schema: asObject(shown), problems, sensitive };
  } catch (thrown) {
    return { schema: {}, problems: [{ path: '', got: messageOf(thrown) }], sensitive: NOTHING_SENSITIVE };
  }
}

const asObject = (schema: Record<string, unknown>): Record<string, unknown> => ({
  ...schema,
  type: 'object',
  properties: schema['properties'] ?? {},
});

/** Whether `{}` can not be a whole set of arguments. */
export function requiresArguments(schema: Record<string, unknown>): boolean {
  return Array.isArray(schema.required) && schema.required.length > 0;
}

/** The request's `tools` array. Keys in a fixed order, tools in the order given: equal tools are equal bytes. */
export function toToolsJson(
  tools: readonly { name: string; description: string; parameters: Record<string, unknown> }[],
): string | undefined {
  if (tools.length === 0) return undefined;
  return JSON.stringify(
    tools.map(({ name, description, parameters }) => ({
      type: 'function',
      function: { name, description, parameters },
    })),
  );
}

/** Takes out what costs tokens in every request and tells the model nothing. */
function dropNoise(schema: unknown): void {
  if (!isRecord(schema)) return;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (typeof schema.pattern !== 'string' || typeof schema.format !== 'string') return;
  if (ISO_FORMATS.has(schema.format) || schema.pattern.length > LONG_PATTERN_LENGTH) delete schema.pattern;
}

/** `['properties', 'guests', 'items', 'properties', 'born']` as a person would write it: `guests[].born`. */
function readablePath(path: readonly (string | number)[]): string {
  let readable = '';
  for (let i = 0; i < path.length; i++) {
    const word = path[i];
    if (word === 'properties') readable += `${readable && '.'}${path[++i] ?? ''}`;
    else if (word === 'items') readable += typeof path[i + 1] === 'number' ? `[${path[++i] ?? ''}]` : '[]';
    else if (word === 'additionalProperties') readable += '[]';
    else if (word === 'anyOf' || word === 'oneOf' || word === 'allOf') i++;
  }
  return readable;
}
