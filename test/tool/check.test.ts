import { expect, test } from 'vitest';
import { z } from 'zod';
import { VoiceError } from '../../src/lib/errors.ts';
import { ToolsInvalid, checkTools, toolsInvalid, type LoadedTool } from '../../src/tool/check.ts';
import { defineTool, type ToolDefinition } from '../../src/tool/define.ts';
import { createToolbox } from '../../src/tool/toolbox.ts';

const good = { name: 'look', description: 'Looks.', input: z.object({}), run: () => 1 };

/** A tool as someone without a type checker may write it. */
const written = (fields: Record<string, unknown>): ToolDefinition => ({ ...defineTool(good), ...fields });

const loaded = (fields: Record<string, unknown>, file?: string): LoadedTool => ({ definition: written(fields), file });

const messages = (...tools: LoadedTool[]) => checkTools(tools).problems.map(({ message }) => message);

test('defaults are filled in', () => {
  expect(checkTools([loaded({ filler: 'One moment.' })])).toMatchObject({
    problems: [],
    tools: [
      {
        name: 'look',
        effect: 'write',
        filler: ['One moment.'],
        progress: [],
        timeoutMs: 10_000,
        retries: 0,
        repeatable: false,
      },
    ],
  });
});

test.each([
  [{ name: 'look up' }, 'Expected `name` to be 1 to 64 letters, digits, `_` or `-`, got `"look up"`'],
  [{ name: 'a'.repeat(65) }, 'Expected `name` to be 1 to 64 letters, digits, `_` or `-`, got `"aaaaa'],
  [{ name: '' }, 'Expected `name` to be 1 to 64 letters, digits, `_` or `-`, got `""`'],
  [{ name: undefined }, 'Expected `name` to be 1 to 64 letters, digits, `_` or `-`, got nothing'],
  [
    { description: undefined },
    'Expected `description` to be a sentence that tells the model what the tool does, got nothing',
  ],
  [
    { description: '  ' },
    'Expected `description` to be a sentence that tells the model what the tool does, got `"  "`',
  ],
  [{ input: undefined }, 'Expected `input` to be a zod 4 object, such as `z.object({})`, got nothing'],
  [{ input: z.string() }, 'Expected `input` to be a zod 4 object, such as `z.object({})`, got `z.string`'],
  [{ input: { type: 'object' } }, 'Expected `input` to be a zod 4 object, such as `z.object({})`, got an object'],
  [{ input: { _def: {} } }, 'Expected `input` to be a zod 4 object, such as `z.object({})`, got a schema of zod 3'],
  [{ input: z.object({ when: z.date() }) }, 'Expected `input.when` to be a type that JSON Schema can say, got `date`'],
  [
    {
      input: z.object({
        a: z
          .string()
          .default('x')
          .refine(async () => true),
      }),
    },
    'Expected `input` to be checked without waiting: move what is asynchronous into `run`, got an asynchronous check',
  ],
  [{ effect: 'delete' }, "Expected `effect` to be 'read', 'write' or 'terminal', got `\"delete\"`"],
  [{ filler: [''] }, 'Expected `filler` to be a phrase or a list of phrases, none of them empty, got a list'],
  [{ progress: 7 }, 'Expected `progress` to be a phrase or a list of phrases, none of them empty, got `7`'],
  [{ timeoutMs: 0 }, 'Expected `timeoutMs` to be a whole number of milliseconds, 1 to 600000, got `0`'],
  [{ timeoutMs: '4s' }, 'Expected `timeoutMs` to be a whole number of milliseconds, 1 to 600000, got `"4s"`'],
  [{ concurrency: 0.5 }, 'Expected `concurrency` to be a whole number, 1 or more, got `0.5`'],
  [{ effect: 'read', retries: -1 }, 'Expected `retries` to be a whole number, 0 to 10, got `-1`'],
  [
    { retries: 2 },
    "Expected `retries` to be 0, or `effect` to be 'read': what changes something is never run again unasked, got `2`",
  ],
  [{ repeatable: 'yes' }, 'Expected `repeatable` to be true or false, got `"yes"`'],
  [{ run: 'now' }, 'Expected `run` to be a function (input, context), got `"now"`'],
  [{ execute: () => 1 }, '`execute` is not a field of a tool: did you mean `run`?'],
  [{ colour: 'red' }, '`colour` is not a field of a tool: those are name, description, input, effect,'],
])('%j is refused, saying what was expected and what was found', (fields, message) => {
  const found = messages(loaded(fields));
  expect(found).toHaveLength(1);
  expect(found[0]).toContain(message);
});

test('what did not come from defineTool is refused', () => {
  const definition = good as unknown;
  expect(messages({ definition: definition as ToolDefinition, file: 'x.ts' })).toEqual([
    'Expected defineTool({...}), got an object',
  ]);
});

test('two tools of one name are refused, with both places', () => {
  const { problems } = checkTools([loaded({}, './tools/a.ts'), loaded({}, './tools/b.ts'), loaded({})]);
  expect(problems).toMatchObject([
    { file: './tools/b.ts', tool: 'look', field: 'name', got: 'a second `look`: the first is in ./tools/a.ts' },
    { file: undefined, tool: 'look', field: 'name' },
  ]);
});

test('64 tools are allowed, 65 are not', () => {
  const many = (count: number) => Array.from({ length: count }, (_, i) => loaded({ name: `tool_${i}` }));
  expect(messages(...many(64))).toEqual([]);
  expect(messages(...many(65))).toEqual(['Expected at most 64 tools, got `65`']);
});

test('every mistake of every tool is in one error that reads well in a terminal', () => {
  const { problems } = checkTools([
    loaded({ name: 'book table', timeoutMs: 0, description: '' }, './tools/book.ts'),
    loaded({ input: z.object({ when: z.date() }) }, './tools/look.ts'),
    loaded({ name: 'fine' }),
    loaded({ name: 'cancel', run: undefined }),
  ]);
  const error = toolsInvalid(problems);
  expect(error).toBeInstanceOf(VoiceError);
  expect(error).toMatchObject({ code: 'tool-invalid', problems });
  expect(error.message).toBe(
    [
      'The tools have 5 mistakes:',
      '  ./tools/book.ts, tool `book table`',
      '    - Expected `name` to be 1 to 64 letters, digits, `_` or `-`, got `"book table"`',
      '    - Expected `description` to be a sentence that tells the model what the tool does, got `""`',
      '    - Expected `timeoutMs` to be a whole number of milliseconds, 1 to 600000, got `0`',
      '  ./tools/look.ts, tool `look`',
      '    - Expected `input.when` to be a type that JSON Schema can say, got `date`',
      '  tool `cancel`',
      '    - Expected `run` to be a function (input, context), got nothing',
    ].join('\n'),
  );
});

test('a toolbox is not made of broken tools', () => {
  expect(() => createToolbox([written({ name: '' }), written({ effect: 'x' })])).toThrow(ToolsInvalid);
});

test('a toolbox knows its tools, and tells the model of them in the order given', () => {
  const toolbox = createToolbox([
    written({
      name: 'look',
      effect: 'read',
      filler: ['One moment.', 'Let me see.'],
      input: z.object({ id: z.string() }),
    }),
    loaded({ name: 'book', progress: 'Still booking.' }, './tools/book.ts'),
  ]);
  expect(toolbox.facts).toEqual([
    { name: 'look', effect: 'read', filler: ['One moment.', 'Let me see.'], progress: [] },
    { name: 'book', effect: 'write', filler: [], progress: ['Still booking.'] },
  ]);
  expect([toolbox.has('look'), toolbox.has('lookup')]).toEqual([true, false]);
  expect(['look', 'book', 'lookup'].map((name) => toolbox.requiresArguments(name))).toEqual([true, false, false]);
  expect(JSON.parse(toolbox.toolsJson ?? '')).toMatchObject([
    { type: 'function', function: { name: 'look', description: 'Looks.', parameters: { required: ['id'] } } },
    { type: 'function', function: { name: 'book', parameters: { type: 'object', properties: {} } } },
  ]);
  expect(createToolbox([]).toolsJson).toBeUndefined();
});
