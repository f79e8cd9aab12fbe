/** Whether a value is what a parameter's JSON Schema asks for, and ways to write the same value until one fits. */
import type { Parameter } from './tool.ts';

/** The first of the renderings that the schema takes. */
export function firstThatFits(parameter: Parameter, renderings: readonly unknown[]): unknown {
  return renderings.find((value) => fits(parameter, value));
}

export function fits({ schema, choices }: Parameter, value: unknown): boolean {
  if (choices.length > 0) return choices.includes(value);
  if (typeof value === 'string') return fitsText(schema, value);
  if (typeof value === 'number') return fitsNumber(schema, value);
  const type = Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value;
  const types = typesOf(schema);
  return value !== undefined && (types.length === 0 || types.includes(type));
}

function fitsText(schema: Record<string, unknown>, text: string): boolean {
  const { minLength, maxLength, pattern } = schema;
  const types = typesOf(schema);
  return (
    (types.length === 0 || types.includes('string')) &&
    !(typeof minLength === 'number' && text.length < minLength) &&
    !(typeof maxLength === 'number' && text.length > maxLength) &&
    !(typeof pattern === 'string' && !matches(pattern, text))
  );
}

function fitsNumber(schema: Record<string, unknown>, value: number): boolean {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  const types = typesOf(schema);
  return (
    (types.length === 0 || types.includes('number') || (types.includes('integer') && Number.isInteger(value))) &&
    !(typeof minimum === 'number' && value < minimum) &&
    !(typeof maximum === 'number' && value > maximum) &&
    !(typeof exclusiveMinimum === 'number' && value <= exclusiveMinimum) &&
    !(typeof exclusiveMaximum === 'number' && value >= exclusiveMaximum) &&
    !(typeof multipleOf === 'number' && value % multipleOf !== 0)
  );
}

function typesOf(schema: Record<string, unknown>): unknown[] {
  const { type } = schema;
  return Array.isArray(type) ? type : type === undefined ? [] : [type];
}

/** A pattern that this machine cannot read forbids nothing. */
function matches(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(text);
  } catch {
    return true;
  }
}
