/** Arguments as models write them: `null` for what they leave out. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { readArguments } from '../../src/tool/arguments.ts';

const day = z.string();
const note = z.string().optional();

test.each<[what: string, schema: z.ZodObject, written: Record<string, unknown>, input: unknown]>([
  [
    '{"day":"Friday","note":null} for `note: z.string().optional()`',
    z.object({ day, note }),
    { day: 'Friday', note: null },
    { day: 'Friday' },
  ],
  ['a default', z.object({ seats: z.int().default(2) }), { seats: null }, { seats: 2 }],
  ['several', z.object({ day, note, seats: z.int().optional() }), { day: 'x', note: null, seats: null }, { day: 'x' }],
  [
    'nested',
    z.object({ who: z.object({ name: z.string(), phone: note }) }),
    { who: { name: 'Asha', phone: null } },
    { who: { name: 'Asha' } },
  ],
  ['a whole object', z.object({ who: z.object({ name: z.string() }).optional() }), { who: null }, {}],
  [
    'in objects of a list',
    z.object({ guests: z.array(z.object({ name: z.string(), note })) }),
    {
      guests: [
        { name: 'a', note: null },
        { name: 'b', note: 'c' },
        { name: 'd', note: null },
      ],
    },
    { guests: [{ name: 'a' }, { name: 'b', note: 'c' }, { name: 'd' }] },
  ],
  [
    'in a record of objects',
    z.object({ by: z.record(z.string(), z.object({ note })) }),
    { by: { a: { note: null } } },
    { by: { a: {} } },
  ],
  [
    'where null is meant it stays, beside one that is not meant',
    z.object({ until: z.string().nullable(), note }),
    { until: null, note: null },
    { until: null },
  ],
  ['nullish stays', z.object({ note: z.string().nullish() }), { note: null }, { note: null }],
  [
    'in a union of objects',
    z.object({ to: z.union([z.object({ kind: z.literal('a'), x: note }), z.object({ kind: z.literal('b') })]) }),
    { to: { kind: 'a', x: null } },
    { to: { kind: 'a' } },
  ],
  [
    'in a discriminated union',
    z.object({
      to: z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('a'), x: note }),
        z.object({ kind: z.literal('b') }),
      ]),
    }),
    { to: { kind: 'a', x: null } },
    { to: { kind: 'a' } },
  ],
  ['an optional choice', z.object({ size: z.enum(['s', 'l']).optional() }), { size: null }, {}],
  ['an optional union of values', z.object({ n: z.union([z.string(), z.number()]).optional() }), { n: null }, {}],
  ['of a strict object', z.strictObject({ day, note }), { day: 'x', note: null }, { day: 'x' }],
  [
    'beside a check of the whole',
    z.object({ day, note }).refine(({ day: d }) => d !== ''),
    { day: 'x', note: null },
    { day: 'x' },
  ],
])('null counts as absent where the schema then holds: %s', (_what, schema, written, input) => {
  expect(readArguments(schema, written)).toMatchObject({ success: true, input });
  expect(readArguments(schema, written)).toHaveProperty('input', input);
});

test('what is written counts without what is absent, so that both ways of leaving it out are the same effect', () => {
  const schema = z.object({ day, note });
  expect(readArguments(schema, { day: 'x', note: null })).toHaveProperty('written', { day: 'x' });
});

test.each<[what: string, schema: z.ZodObject, written: Record<string, unknown>, path: PropertyKey[]]>([
  ['what is required', z.object({ day }), { day: null }, ['day']],
  ['an entry of a list', z.object({ days: z.array(z.string()) }), { days: ['a', null] }, ['days', 1]],
  ['something else wrong beside it', z.object({ day, note }), { day: 5, note: null }, ['day']],
  ['a text `null`', z.object({ n: z.int().optional() }), { n: 'null' }, ['n']],
])('%s is refused as it came', (_what, schema, written, path) => {
  const read = readArguments(schema, written);
  expect(read.success).toBe(false);
  expect(read.success ? [] : read.issues.map((issue) => issue.path)).toContainEqual(path);
});
