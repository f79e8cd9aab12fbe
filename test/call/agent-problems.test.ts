/** Every kind of mistake in words, of schemas made for it: what an agent's own fields say of theirs is in `agent.test.ts`. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { describeIssues } from '../../src/call/agent-problems.ts';

const Schema = z.strictObject({
  name: z.string().min(1).max(20).default('x'),
  code: z.string().min(3).optional(),
  pitch: z.number().min(0.5).max(2).optional(),
  count: z.int().optional(),
  isLoud: z.boolean().optional(),
  either: z.union([z.string(), z.array(z.string())]).optional(),
  colour: z.enum(['red', 'blue']).optional(),
  level: z.union([z.literal(1), z.literal(2)]).optional(),
  words: z.array(z.string()).min(1).max(3).optional(),
  pairs: z.array(z.string()).min(2).optional(),
  odd: z
    .number()
    .refine((value) => value % 2 === 1, 'expected an odd number')
    .optional(),
  told: z
    .string()
    .refine(() => false, 'Expected `told` to be told, got nothing of it')
    .optional(),
  turn: z.strictObject({ endpointMs: z.int().default(500), nudges: z.int().optional() }).prefault({}),
  deep: z.strictObject({ inner: z.strictObject({ value: z.int() }).optional() }).optional(),
  list: z.array(z.strictObject({ id: z.string() })).optional(),
});

function problemsOf(input: object) {
  const { error } = Schema.safeParse(input);
  return error ? describeIssues(error, input, Schema) : [];
}

const messagesOf = (input: object): string[] => problemsOf(input).map(({ message }) => message);

test('what is right has no problems', () => {
  expect(problemsOf({ name: 'me', words: ['one'], turn: { nudges: 2 } })).toEqual([]);
});

test.for<[input: object, message: string]>([
  [{ name: 7 }, 'Expected `name` to be a text, got `7`'],
  [{ name: null }, 'Expected `name` to be a text, got `null`'],
  [{ name: '' }, 'Expected `name` to be a text that is not empty, got `""`'],
  [{ name: 'a'.repeat(21) }, `Expected \`name\` to be a text of 20 letters or less, got \`"${'a'.repeat(21)}"\``],
  [{ code: 'ab' }, 'Expected `code` to be a text of 3 letters or more, got `"ab"`'],
  [{ pitch: 'high' }, 'Expected `pitch` to be a number, got `"high"`'],
  [{ pitch: 0.1 }, 'Expected `pitch` to be 0.5 or more, got `0.1`'],
  [{ pitch: 3 }, 'Expected `pitch` to be 2 or less, got `3`'],
  [{ count: 1.5 }, 'Expected `count` to be a whole number, got `1.5`'],
  [{ isLoud: 'yes' }, 'Expected `isLoud` to be true or false, got `"yes"`'],
  [{ either: 5 }, 'Expected `either` to be a text or a list, got `5`'],
  [{ colour: 'green' }, "Expected `colour` to be 'red' or 'blue', got `\"green\"`"],
  [{ level: 3 }, 'Expected `level` to be 1 or 2, got `3`'],
  [{ words: [] }, 'Expected `words` to be a list that is not empty, got an empty list'],
  [{ words: ['a', 'b', 'c', 'd'] }, 'Expected `words` to be a list of 3 or less, got a list of 4'],
  [{ pairs: ['a'] }, 'Expected `pairs` to be a list of 2 or more, got a list of 1'],
  [{ words: ['a', 5] }, 'Expected `words.1` to be a text, got `5`'],
  [{ odd: 4 }, 'Expected `odd` to be an odd number, got `4`'],
  [{ turn: [] }, 'Expected `turn` to be an object, got an empty list'],
  [{ turn: { endpointMs: 'soon' } }, 'Expected `turn.endpointMs` to be a number, got `"soon"`'],
  [{ deep: { inner: {} } }, 'Expected `deep.inner.value` to be a number, got nothing'],
  [{ list: [{ id: 'a' }, {}] }, 'Expected `list.1.id` to be a text, got nothing'],
])('%j', ([input, message]) => {
  expect(messagesOf(input)).toEqual([message]);
});

test('a schema that says it all itself is not put into other words', () => {
  expect(problemsOf({ told: 'x' })).toEqual([
    { field: 'told', message: 'Expected `told` to be told, got nothing of it' },
  ]);
});

test('each unknown key is a problem of its own, with where it stands', () => {
  expect(
    problemsOf({ nmae: 'x', turn: { nudge: 1 }, qqqq: 1 })
      .map(({ field }) => field)
      .sort(),
  ).toEqual(['nmae', 'qqqq', 'turn.nudge']);
});

const FIELDS = 'name, code, pitch, count, isLoud, either, colour, level, words, pairs, odd, told, turn, deep, list';

test.for<[input: object, message: string]>([
  [{ isLuod: true }, '`isLuod` is not a field of an agent: did you mean `isLoud`?'], // swapped
  [{ pich: 1 }, '`pich` is not a field of an agent: did you mean `pitch`?'], // missing
  [{ isloud: true }, '`isloud` is not a field of an agent: did you mean `isLoud`?'],
  [{ turn: { endpoint_ms: 5 } }, '`turn.endpoint_ms` is not a field of `turn`: did you mean `endpointMs`?'],
  [
    { deep: { inner: { value: 1, vale: 2 } } },
    '`deep.inner.vale` is not a field of `deep.inner`: did you mean `value`?',
  ],
  [{ turn: { hurry: 5 } }, '`turn.hurry` is not a field of `turn`: those are endpointMs, nudges'],
  [{ volume: 5 }, `\`volume\` is not a field of an agent: those are ${FIELDS}`],
  [{ nxyz: 5 }, `\`nxyz\` is not a field of an agent: those are ${FIELDS}`], // a short word with more than one letter wrong
])('an unknown key is told with the one that was meant, else with all: %j', ([input, message]) => {
  expect(messagesOf(input)).toEqual([message]);
});

test.for<[written: string, meant: string]>([
  ['prompt', 'instructions'],
  ['firstMessage', 'greeting'],
  ['tts', 'voice'],
  ['stt', 'listen'],
  ['llm', 'model'],
  ['functions', 'tools'],
])('what other libraries call `%s` is told by our name, at the top only', ([written, meant]) => {
  expect(messagesOf({ [written]: 1 })).toEqual([
    `\`${written}\` is not a field of an agent: did you mean \`${meant}\`?`,
  ]);
  expect(messagesOf({ turn: { [written]: 1 } })).toEqual([
    `\`turn.${written}\` is not a field of \`turn\`: those are endpointMs, nudges`,
  ]);
});

test('all mistakes are told in one go', () => {
  expect(messagesOf({ name: '', pitch: 3, nope: 1, turn: { nudges: 'x' } })).toHaveLength(4);
});
