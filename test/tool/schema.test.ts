import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { requiresArguments, toParameters, toToolsJson } from '../../src/tool/schema.ts';

test('the schema is that of the input side, draft 7, an object, without $schema', () => {
  const { schema, problems } = toParameters(
    z.object({
      order: z
        .string()
        .regex(/^\d{6}$/)
        .describe('Digits only.'),
      size: z.enum(['small', 'large']).default('small'),
      guests: z.int().min(1).max(8),
      note: z.string().nullable().optional(),
      length: z.string().transform((text) => text.length),
      pair: z.tuple([z.string(), z.number()]),
    }),
  );
  expect(problems).toEqual([]);
  expect(schema).toEqual({
    type: 'object',
    properties: {
      order: { type: 'string', pattern: '^\\d{6}$', description: 'Digits only.' },
      size: { type: 'string', enum: ['small', 'large'], default: 'small' },
      guests: { type: 'integer', minimum: 1, maximum: 8 },
      note: { type: ['string', 'null'] },
      length: { type: 'string' },
      pair: {
        type: 'array',
        items: [{ type: 'string' }, { type: 'number' }],
        additionalItems: false,
        minItems: 2,
        maxItems: 2,
      },
    },
    required: ['order', 'guests', 'length', 'pair'],
  });
});

test('an empty object is an object with no properties', () => {
  expect(toParameters(z.object({})).schema).toEqual({ type: 'object', properties: {} });
});

test("long patterns beside a format that says the same are left out; the author's own are kept", () => {
  const { schema } = toParameters(
    z.object({
      at: z.iso.datetime(),
      on: z.iso.date(),
      time: z.iso.time(),
      mail: z.email(),
      id: z.uuid(),
      phone: z.e164(),
      whole: z.int(),
    }),
  );
  expect(schema.properties).toEqual({
    at: { type: 'string', format: 'date-time' },
    on: { type: 'string', format: 'date' },
    time: { type: 'string', pattern: '^(?:[01]\\d|2[0-3]):[0-5]\\d(?::[0-5]\\d(?:\\.\\d+)?)?$' }, // it has no format
    mail: { type: 'string', format: 'email' },
    id: { type: 'string', format: 'uuid' },
    phone: { type: 'string', format: 'e164', pattern: '^\\+[1-9]\\d{6,14}$' },
    whole: { type: 'integer' },
  });
});

describe('a type that JSON Schema cannot say is refused with its path', () => {
  test.each([
    ['a date', z.object({ when: z.date() }), 'when', 'date'],
    ['an optional date', z.object({ when: z.date().optional() }), 'when', 'date'],
    ['a coerced date', z.object({ when: z.coerce.date() }), 'when', 'date'],
    ['a date in a list', z.object({ guests: z.array(z.object({ born: z.date() })) }), 'guests[].born', 'date'],
    ['a date in a record', z.object({ by: z.record(z.string(), z.date()) }), 'by[]', 'date'],
    ['a date in a tuple', z.object({ two: z.tuple([z.string(), z.date()]) }), 'two[1]', 'date'],
    ['a date in a union', z.object({ x: z.union([z.string(), z.date()]) }), 'x', 'date'],
    ['a bigint', z.object({ n: z.bigint() }), 'n', 'bigint'],
    ['a map', z.object({ m: z.map(z.string(), z.string()) }), 'm', 'map'],
    ['a set', z.object({ s: z.set(z.string()) }), 's', 'set'],
    ['undefined', z.object({ u: z.undefined() }), 'u', 'undefined'],
    ['a class', z.object({ url: z.instanceof(URL) }), 'url', 'custom'],
    ['a promise', z.object({ p: z.promise(z.string()) }), 'p', 'promise'],
    ['a file', z.object({ f: z.file() }), 'f', 'file'],
    ['a date behind a lazy', z.object({ l: z.lazy(() => z.date()) }), 'l', 'date'],
  ])('%s', (_name, input, path, got) => {
    expect(toParameters(input).problems).toEqual([{ path, got }]);
  });
});

test('all of them are found at once', () => {
  const { problems } = toParameters(z.object({ a: z.date(), b: z.string(), c: z.object({ d: z.bigint() }) }));
  expect(problems.map(({ path }) => path)).toEqual(['a', 'c.d']);
});

test('a schema that refers to itself is written with references', () => {
  const Tree = z.object({
    name: z.string(),
    get children() {
      return z.array(Tree);
    },
  });
  expect(toParameters(Tree).schema).toMatchObject({
    type: 'object',
    properties: { children: { type: 'array', items: { $ref: '#' } } },
  });
});

test('arguments are required when a property is that has no default', () => {
  expect(requiresArguments(toParameters(z.object({ a: z.string() })).schema)).toBe(true);
  expect(requiresArguments(toParameters(z.object({ a: z.string().default('x') })).schema)).toBe(false);
  expect(requiresArguments(toParameters(z.object({ a: z.string().optional() })).schema)).toBe(false);
  expect(requiresArguments(toParameters(z.object({})).schema)).toBe(false);
});

test('the tools array is the same bytes each time, and nothing at all without tools', () => {
  const make = () =>
    toToolsJson([
      { name: 'b', description: 'B.', parameters: toParameters(z.object({ z: z.string(), a: z.int() })).schema },
    ]);
  expect(make()).toBe(
    '[{"type":"function","function":{"name":"b","description":"B.","parameters":{"type":"object",' +
      '"properties":{"z":{"type":"string"},"a":{"type":"integer"}},"required":["z","a"]}}}]',
  );
  expect(make()).toBe(make());
  expect(toToolsJson([])).toBeUndefined();
});
