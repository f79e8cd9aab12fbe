import { expect, test } from 'vitest';
import { z } from 'zod';
import { startTestCall } from '../../../src/testing/test-call.ts';
import { defineTool } from '../../../src/tool/define.ts';
import { toParameters } from '../../../src/tool/schema.ts';
import { sensitive } from '../../../src/tool/sensitive.ts';
import { defineTask } from '../../../src/tool/task.ts';
import { createToolbox } from '../../../src/tool/toolbox.ts';
import { readInput } from '../../../src/tool/http/yaml-input.ts';

test('the model is shown a text in place of a sensitive field, and no mark of it', () => {
  const input = z.object({
    pin: sensitive(
      z
        .string()
        .regex(/^\d{4}$/)
        .describe('Of the account'),
      { lastShown: 2 },
    ).optional(),
    cards: z.array(z.object({ number: z.string().meta({ sensitive: true }), name: z.string() })),
  });
  const { schema, sensitive: read } = toParameters(input);
  expect(JSON.stringify(schema)).not.toMatch(/"sensitive"|pattern|lastShown/);
  expect(schema).toMatchObject({
    properties: {
      pin: { type: 'string', description: expect.stringContaining('Of the account. A placeholder') as string },
    },
  });
  expect(read.wrong).toEqual([]);
  expect(read.fields).toEqual([
    { name: 'pin', path: ['pin'], lastShown: 2, words: false },
    { name: 'number', path: ['cards', '[]', 'number'], lastShown: 0, words: false },
  ]);
});

test('a field of YAML is sensitive too', () => {
  const { input } = readInput({
    pin: { type: 'string', sensitive: true },
    'code?': { type: 'string', sensitive: true },
  });
  expect(input && toParameters(input).sensitive.fields.map(({ name }) => name)).toEqual(['pin', 'code']);
});

test('what is sensitive and no text is told when the tool is loaded', () => {
  const input = z.object({ pin: sensitive(z.number()) });
  const tool = defineTool({ name: 'check', description: 'x', input, run: () => 1 });
  expect(() => createToolbox([tool])).toThrow('Expected `input.pin` to be a text where it is sensitive');
});

test('a task that a model has takes a PIN which it never sees, and the tools that are not marked get placeholders', async () => {
  const given: unknown[] = [];
  const pin = defineTask({
    name: 'take_pin',
    description: 'Takes the PIN.',
    instructions: 'Ask for the PIN.',
    ask: 'What is your PIN?',
    result: z.object({ pin: sensitive(z.string().regex(/^\d{4}$/)) }),
  });
  const run = (input: unknown) => void given.push(input);
  const check = defineTool({ name: 'check', description: 'x', input: z.object({ pin: sensitive(z.string()) }), run });
  const note = defineTool({ name: 'note', description: 'x', input: z.object({ text: z.string() }), run });
  await using call = await startTestCall(
    { name: 'bank', instructions: 'x', tools: [pin, check, note] },
    {
      line: 'text',
      tools: { check: 'run', note: 'run' },
      model: {
        replies: [
          { when: 'begin', call: { name: 'take_pin', arguments: {} } },
          { when: 'my PIN is', call: { name: 'finish', arguments: { pin: '[digits#1 4 digits]' } } },
          { after: 'take_pin', call: { name: 'check', arguments: { pin: '[pin#1]' } } },
          { after: 'check', call: { name: 'note', arguments: { text: 'it was [pin#1]' } } },
          { after: 'note', say: 'Done.' },
        ],
      },
    },
  );
  await call.say('begin');
  await call.say('my PIN is four seven double one');
  expect(given).toEqual([{ pin: '4711' }, { text: 'it was [pin#1]' }]);
  const { events } = call.result();
  expect(JSON.stringify([events, call.requests])).not.toMatch(/4711|seven/);
  expect(events.map(({ type }) => type)).toEqual(expect.arrayContaining(['sensitive-start', 'sensitive-end']));
});

test("what a result's schema makes of a sensitive field, and one of a single sign, has a placeholder too", async () => {
  const ask = defineTask({
    name: 'ask',
    description: 'x',
    instructions: 'x',
    ask: 'Well?',
    result: z.object({
      code: sensitive(z.string().transform((text) => `Q${text}`)),
      parts: sensitive(z.string().transform((text) => ({ first: text[0], rest: text.slice(1) }))),
      one: sensitive(z.string()),
    }),
  });
  await using call = await startTestCall(
    { name: 'bank', instructions: 'x', tools: [ask] },
    {
      line: 'text',
      model: {
        replies: [
          { when: 'begin', call: { name: 'ask', arguments: {} } },
          {
            when: 'they are',
            call: { name: 'finish', arguments: { code: '[digits#1]', parts: '[digits#1]', one: '[digits#2]' } },
          },
          { after: 'ask', say: 'Done.' },
        ],
      },
    },
  );
  await call.say('begin');
  await call.say('they are 86429 or 7');
  const { events } = call.result();
  const result = events.flatMap((event) => (event.type === 'tool-end' && event.name === 'ask' ? [event.result] : []));
  expect(result).toEqual([{ code: '[code#2]', parts: '[parts#2]', one: '[one#1]' }]);
  expect(JSON.stringify(events)).not.toMatch(/86429|6429/);
});
