/**
 * A task: a tool whose run is a conversation of its own with the caller (R28). It has instructions, tools and a history of its
 * own, and ends with a result of its own schema, or with why that could not be had. To who calls it, it is a tool as any other.
 */
import { z } from 'zod';
import { fieldOf } from '../lib/thrown.ts';
import type { ExpectedAnswer } from '../listen/contract.ts';
import type { Message } from '../model/contract.ts';
import { defineTool, endTask, ToolError, type ToolContext, type ToolDefinition, type ToolInput } from './define.ts';
import { Expects, EXPECTS_HELP } from './expects.ts';
import { isZodObject } from './schema.ts';

const TASK = Symbol.for('parley-voice.task');
/** In the context of a handler: where it can have a conversation. */
export const CONVERSE = Symbol.for('parley-voice.converse');

/** A zod object that is the result of a task. */
export type TaskResult = z.core.$ZodObject;

/** What stands in a task. */
export interface TaskOptions<Input extends ToolInput, Result extends TaskResult> {
  /** As a tool's: `^[a-zA-Z0-9_-]{1,64}$`. */
  name: string;
  /** One sentence, for the model that begins it. */
  description: string;
  /** What the model is told that has this conversation; what every task has in common is added to it. */
  instructions: string | ((input: z.output<Input>) => string);
  /** Said at once when it begins, without a model request. Default: the model begins. */
  ask?: string | ((input: z.output<Input>) => string) | undefined;
  /** What the caller will say to that, or to what the model begins with, so that a pause in it is waited for. Default: the words show it. */
  expects?: ExpectedAnswer | undefined;
  /** What it is begun with. Default: nothing. */
  input?: Input | undefined;
  /** What it ends with: its `finish` takes this, and nothing else. */
  result: Result;
  /** Tools for this conversation, tasks among them; they are nested three deep at most. Default: none. */
  tools?: readonly ToolDefinition[] | undefined;
  /** Turns of the caller, after which it is given up. 1 to 100; default 12. */
  maxTurns?: number | undefined;
  /** When the model is to give it up, in a sentence. Default: when the caller cannot or will not tell what is asked for. */
  giveUp?: string | undefined;
  /** A phrase, or several, for when the model says nothing before it begins. */
  filler?: string | readonly string[] | undefined;
}

/** What is done in the model's place where code can do it. */
export type ScriptedAnswer =
  /** `expects`: what the caller will say to it. Default: its words show it. */
  | { type: 'say'; text: string; expects?: ExpectedAnswer | undefined }
  | { type: 'call'; name: string; arguments: unknown }
  /** The model is asked. */
  | { type: 'pass' };

/** Answers what was said so far. Pure: the same messages have the same answer. */
export type TaskScript = (messages: readonly Message[]) => ScriptedAnswer;

/** What a conversation begins with. */
export interface TaskBeginning {
  instructions: string;
  ask: string | undefined;
  /** What the caller will say to what is asked first. Undefined: its words show it. */
  expects: ExpectedAnswer | undefined;
  script: TaskScript | undefined;
}

/** Of which call it is made. */
export interface TaskScene {
  /** Code of the language that is listened for; undefined: English. */
  language: string | undefined;
  /** The instant of the call. */
  now: () => Date;
}

/** What `defineTask` keeps beside the tool. */
export interface TaskParts {
  /** Those of its author. */
  tools: readonly ToolDefinition[];
  /** Those that end it, and what else is ours. */
  own: readonly ToolDefinition[];
  /** Fields that are not what they should be: said when the agent is loaded. */
  wrong: readonly { field: string; expected: string; got: unknown }[];
  maxTurns: number;
  begin(input: unknown, scene: TaskScene): TaskBeginning;
}

/** A tool whose run is a conversation. */
export interface TaskDefinition<Input extends ToolInput = ToolInput> extends ToolDefinition<Input> {
  /** Parley's own. */
  readonly [TASK]: object;
}

/** What carries a conversation out. Resolves with the result; rejects with a `ToolError` that says why there is none. */
export type Converse = (parts: TaskParts, input: unknown) => Promise<unknown>;

export const MOST_TASK_TURNS = 100;
const STANDARD_TURNS = 12;
/** The longest that a tool may take: a conversation is over by then. */
const LONGEST_MS = 600_000;

/** What a task is made of when its conversation is partly had by code. */
export interface ScriptedTaskOptions<Input extends ToolInput> {
  name: string;
  description: string;
  input: Input;
  filler?: string | readonly string[] | undefined;
  parts: TaskParts;
}

/** Makes a task. Never throws: what is wrong with it is reported together with everything else when it is loaded. */
export function defineTask<
  Input extends ToolInput = z.ZodObject<Record<never, never>>,
  Result extends TaskResult = TaskResult,
>(options: TaskOptions<Input, Result>): TaskDefinition<Input> {
  const {
    name,
    description,
    instructions,
    ask,
    result,
    tools = [],
    maxTurns = STANDARD_TURNS,
    giveUp,
    filler,
    expects,
  } = options;
  const input = options.input ?? (z.object({}) as unknown as Input);
  const own = [finishTool(result), giveUpTool(giveUp), somethingElseTool];
  const begin = (given: unknown): TaskBeginning => ({
    instructions: `${textOf(instructions, given as z.output<Input>)}\n\n${EVERY_TASK}`,
    ask: ask === undefined ? undefined : textOf(ask, given as z.output<Input>),
    expects,
    script: undefined,
  });
  return taskOf({
    name,
    description,
    input,
    filler,
    parts: { tools, own, wrong: mistakesIn(options), maxTurns, begin },
  });
}

const FIELDS: readonly string[] =
  'name description input instructions ask expects result tools maxTurns giveUp filler'.split(' ');

/** What is not said by the check of the tool around it. */
function mistakesIn(options: Partial<Record<keyof TaskOptions<ToolInput, TaskResult>, unknown>>): TaskParts['wrong'] {
  const { instructions, ask, result, tools, maxTurns, giveUp, expects } = options;
  const isText = (value: unknown) => typeof value === 'function' || (typeof value === 'string' && value.trim() !== '');
  const isCount = Number.isInteger(maxTurns) && Number(maxTurns) >= 1 && Number(maxTurns) <= MOST_TASK_TURNS;
  const rows: [field: string, isRight: boolean, expected: string, got: unknown][] = [
    [
      'instructions',
      isText(instructions),
      'words for the model, or a function of the input that gives them',
      instructions,
    ],
    ['ask', ask === undefined || isText(ask), 'a sentence, or a function of the input that gives one', ask],
    ['result', isZodObject(result), 'a zod 4 object: what the task ends with', result],
    ['tools', tools === undefined || Array.isArray(tools), 'a list of tools', tools],
    ['maxTurns', maxTurns === undefined || isCount, `a whole number, 1 to ${MOST_TASK_TURNS}`, maxTurns],
    ['expects', Expects.optional().safeParse(expects).success, EXPECTS_HELP, expects],
    ['giveUp', giveUp === undefined || (typeof giveUp === 'string' && giveUp.trim() !== ''), 'a sentence', giveUp],
  ];
  const unknown = Object.entries(options).filter(([field]) => !FIELDS.includes(field));
  return [
    ...rows.flatMap(([field, isRight, expected, got]) => (isRight ? [] : [{ field, expected, got }])),
    ...unknown.map(([field, got]) => ({ field, expected: `a field of a task: those are ${FIELDS.join(', ')}`, got })),
  ];
}

/** The same task with other tools of its author's in place of each. */
export function withTaskTools(task: ToolDefinition, change: (tool: ToolDefinition) => ToolDefinition): ToolDefinition {
  const parts = taskPartsOf(task);
  return parts ? ({ ...task, [TASK]: { ...parts, tools: parts.tools.map(change) } } as ToolDefinition) : task;
}

/** It and, of a task, the tools of its author's by which its conversation goes on, down to the last task in it. */
export function withInnerTools(tool: ToolDefinition): ToolDefinition[] {
  return [tool, ...(taskPartsOf(tool)?.tools ?? []).flatMap(withInnerTools)];
}

/** The tool around a conversation. */
export function taskOf<Input extends ToolInput>(options: ScriptedTaskOptions<Input>): TaskDefinition<Input> {
  const { parts, ...tool } = options;
  const definition = defineTool({
    ...tool,
    effect: 'write',
    timeoutMs: LONGEST_MS,
    waitsForCaller: true,
    run: (input: z.output<Input>, context: ToolContext) => converseOf(context)(parts, input),
  });
  return { ...definition, [TASK]: parts };
}

/** Of a tool that is a task. */
export function taskPartsOf(definition: ToolDefinition): TaskParts | undefined {
  return fieldOf(definition, TASK) as TaskParts | undefined;
}

function converseOf(context: ToolContext): Converse {
  const converse = fieldOf(context, CONVERSE) as Converse | undefined;
  if (!converse) throw new ToolError('A task needs a call to be had in.');
  return converse;
}

const textOf = <Input>(text: string | ((input: Input) => string), input: Input): string =>
  typeof text === 'string' ? text : text(input);

const EVERY_TASK =
  'You are in the middle of a phone call, and here for this alone. Ask for one thing at a time, in one short sentence. ' +
  'Once you have everything, call `finish`; it ends your part, so say nothing with it. ' +
  'When the caller wants something other than this, call `something_else` at once: a colleague goes on with their words.';

/** The tools by which the model of a task ends it. */
export const FINISH = 'finish';
export const GIVE_UP = 'give_up';
export const SOMETHING_ELSE = 'something_else';
export const TASK_ENDS: ReadonlySet<string> = new Set([FINISH, GIVE_UP, SOMETHING_ELSE]);

/** With what a task's model ends it. */
export function finishTool(result: TaskResult): ToolDefinition {
  return defineTool({
    name: FINISH,
    description: 'Ends this task with its result.',
    input: result,
    effect: 'write',
    repeatable: true, // it is the end of one task, and of the same one the next time
    run: (value) => endTask({ how: 'finished', result: value }),
  });
}

const STANDARD_GIVE_UP = 'the caller cannot or will not tell what is asked for';

/** @param when In a sentence. */
export function giveUpTool(when = STANDARD_GIVE_UP): ToolDefinition {
  return defineTool({
    name: GIVE_UP,
    description: `Ends this task without a result, when ${when.replace(/^when /i, '')}`,
    input: z.object({ why: z.string().describe('In a few words.') }),
    effect: 'write',
    repeatable: true,
    run: ({ why }) => endTask({ how: 'given-up', why }),
  });
}

export const somethingElseTool: ToolDefinition = defineTool({
  name: SOMETHING_ELSE,
  description:
    'Ends this task because the caller wants something other than it; what they have said is answered by a colleague.',
  input: z.object({}),
  effect: 'write',
  repeatable: true,
  run: () => endTask({ how: 'something-else' }),
});
