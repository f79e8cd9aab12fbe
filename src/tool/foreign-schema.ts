/**
 * Inputs that somebody else has described, in JSON Schema: as a zod object, which checks what it can, while the model is
 * shown the description as it came. What zod cannot say is let pass here: whoever runs the tool checks it anyway.
 */
import { z } from 'zod';
import { isRecord } from '../lib/json.ts';
import type { ToolInput } from './define.ts';
import { fromJsonSchema } from './from-json-schema.ts';

type Schema = Record<string, unknown>;

/** Of inputs that were made here. */
const schemas = new WeakMap<ToolInput, Schema>();

/** Deeper, and a schema is no description that a model makes anything of. */
const DEEPEST = 32;
/** Of a schema, what holds schemas by names of their own, in lists, and by itself. */
const BY_NAME = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']);
const IN_LISTS = new Set(['anyOf', 'oneOf', 'allOf', 'prefixItems']);
/** What costs tokens in every request and tells the model nothing. */
const NOISE = new Set(['$schema', '$id', '$comment', 'title', 'examples']);

/** `schema`: of an object. Never throws. */
export function inputFrom(schema: Schema): ToolInput {
  const plain = cleaned(schema, 0);
  const input = checkOf(plain) ?? z.looseObject({});
  schemas.set(input, plain);
  return input;
}

/** The description that an input was made of; undefined when it was made of none. */
export const foreignSchemaOf = (input: ToolInput): Schema | undefined => schemas.get(input);

/** Undefined where zod cannot check it, or it is no object that is described. */
function checkOf(schema: Schema): ToolInput | undefined {
  try {
    const made = fromJsonSchema(schema);
    if (!(made instanceof z.ZodObject)) return undefined;
    z.safeParse(made, {}); // the same of its fields
    return made;
  } catch {
    return undefined;
  }
}

function cleaned(schema: Schema, depth: number): Schema {
  if (depth > DEEPEST) return {};
  const kept = Object.entries(schema).filter(([key]) => !NOISE.has(key));
  return Object.fromEntries(kept.map(([key, value]) => [key, inner(key, value, depth + 1)]));
}

function inner(key: string, value: unknown, depth: number): unknown {
  const one = (schema: unknown) => (isRecord(schema) ? cleaned(schema, depth) : schema);
  if (BY_NAME.has(key) && isRecord(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, schema]) => [name, one(schema)]));
  }
  if (IN_LISTS.has(key) && Array.isArray(value)) return value.map(one);
  return key === 'items' || key === 'additionalProperties' || key === 'not' ? one(value) : value;
}
