/** What is wrong with a task is said when it is loaded, by its own fields. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { checkTools } from '../../src/tool/check.ts';
import type { ToolDefinition } from '../../src/tool/define.ts';
import { defineTask, type TaskOptions } from '../../src/tool/task.ts';

const ORDER = {
  name: 'take_order',
  description: 'Takes an order.',
  instructions: 'Ask what they want.',
  result: z.object({ dish: z.string() }),
};

function problemsOf(changes: Partial<Record<keyof TaskOptions<z.ZodObject, z.ZodObject>, unknown>>): string[] {
  const task = defineTask({ ...ORDER, ...changes } as typeof ORDER);
  const { problems } = checkTools([{ definition: task, file: undefined }]);
  return problems.map(({ tool, message }) => `${tool}: ${message}`);
}

test('a task that is right has no mistakes, and neither have the tools that end it', () => {
  expect(problemsOf({})).toEqual([]);
});

test.each([
  [{ instructions: ' ' }, 'Expected `instructions` to be words for the model, or a function of the input that gives them, got `" "`'], // prettier-ignore
  [{ ask: 7 }, 'Expected `ask` to be a sentence, or a function of the input that gives one, got `7`'],
  [{ maxTurns: 0 }, 'Expected `maxTurns` to be a whole number, 1 to 100, got `0`'],
  [{ giveUp: '' }, 'Expected `giveUp` to be a sentence, got `""`'],
  [{ tools: 'none' }, 'Expected `tools` to be a list of tools, got `"none"`'],
  [{ result: 'a dish' }, 'Expected `result` to be a zod 4 object: what the task ends with, got `"a dish"`'],
  [
    { result: z.object({ when: z.date() }) },
    'Expected `result.when` to be a type that JSON Schema can say, got `date`',
  ],
])('%o is told by its field', (changes, message) => {
  expect(problemsOf(changes)).toEqual([`take_order: ${message}`]);
});

test('a field that a task does not have is told', () => {
  expect(problemsOf({ maxturns: 2 } as object)).toEqual([
    'take_order: Expected `maxturns` to be a field of a task: those are name, description, input, instructions, ask, expects, result, tools, maxTurns, giveUp, filler, got `2`',
  ]);
});

test('a result that is no object is told once, by the task that has it', () => {
  const [problem, ...others] = problemsOf({ result: z.string() });
  expect(problem).toMatch(/^take_order: Expected `result` to be a zod 4 object/);
  expect(others).toEqual([]);
});

test('a mistake in a tool of its own is told by that tool', () => {
  const [problem] = problemsOf({ tools: [{ ...defineTask(ORDER), name: 'take order' }] });
  expect(problem).toMatch(/^take order: Expected `name` to be 1 to 64 letters/);
});

test('a task has none of its own name in its conversation, however deep: it would wait for itself (R15)', () => {
  const message =
    'Expected `tools` to be tools of other names than the task has itself, for which such a tool would wait, got `take_order`';
  const again = defineTask(ORDER);
  const between = defineTask({ ...ORDER, name: 'ask_table', tools: [again] });
  for (const tools of [[again], [between]]) expect(problemsOf({ tools })).toEqual([`take_order: ${message}`]);
});

test('tasks stand in each other three deep at most, which is said when they are loaded', () => {
  const within = (name: string, ...tools: ToolDefinition[]) => defineTask({ ...ORDER, name, tools });
  expect(problemsOf({ tools: [within('b', within('c'))] })).toEqual([]);
  const message =
    'Expected `tools` to be tasks that stand in each other 3 deep at most, got `take_order` > `b` > `c` > `d`';
  expect(problemsOf({ tools: [within('x'), within('b', within('c', within('d')))] })).toEqual([
    `take_order: ${message}`,
  ]);
});
