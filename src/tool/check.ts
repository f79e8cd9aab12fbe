/**
 * Whether tools are what `defineTool` asks for. Every mistake of every tool is found in one go, each as data (for
 * `parley check`), and all of them as one error that reads well in a terminal.
 */
import { z } from 'zod';
import { messageOf, VoiceError } from '../lib/errors.ts';
import type { Place } from '../lib/import-module.ts';
import { isRecord } from '../lib/json.ts';
import { isA } from '../lib/thrown.ts';
import { MOST_TASKS_DEEP, type SensitiveField } from './contract.ts';
import { madeProblems, type ToolEnv } from './made.ts';
import { isToolDefinition, type ToolContext, type ToolDefinition, type ToolInput } from './define.ts';
import { isZodObject, toParameters } from './schema.ts';
import { Expects, EXPECTS_HELP } from './expects.ts';
import { FINISH, taskPartsOf } from './task.ts';

/** A tool, and where it came from. */
export interface LoadedTool {
  definition: ToolDefinition;
  /** As the user wrote it, such as `./tools/lookup-order.ts`; undefined for a tool that was handed over as an object. */
  file: string | undefined;
  /** The same, absolute; undefined where `file` is. */
  path?: string | undefined;
  /** Of a tool that is data: the line in its file in which a field is written, or what should hold it. */
  lineOf?: ((path: readonly PropertyKey[]) => number | undefined) | undefined;
}

/** One mistake. */
export interface ToolProblem {
  file: string | undefined;
  /** Its name, as far as it has one. */
  tool: string | undefined;
  /** Such as `timeoutMs` or `input.when`; undefined when it is about the whole tool or file. */
  field: string | undefined;
  /** In the file, from 1, where it is known. */
  line?: number | undefined;
  /** Where it really lies, when a file does not load: it may be in another one, which `file` imports. */
  place?: Place | undefined;
  /** What was asked for; undefined when `got` says it all. */
  expected: string | undefined;
  /** What was there instead. */
  got: string;
  /** Both in one sentence. */
  message: string;
}

/** A tool with every default filled in. */
export interface CheckedTool extends z.output<typeof ToolFields> {
  definition: ToolDefinition;
  file: string | undefined;
  path: string | undefined;
  /** JSON Schema of the input. */
  parameters: Record<string, unknown>;
  /** Of the input: what nobody but the tool may see. */
  sensitive: readonly SensitiveField[];
  /** R28: of a tool whose run is a conversation. */
  task: CheckedTask | undefined;
}

/** What a task's conversation has. */
export interface CheckedTask {
  tools: CheckedTool[];
}

export const MOST_TOOLS = 64;
const LONGEST_TIMEOUT_MS = 600_000;

const Phrase = z.string().refine((text) => text.trim() !== '');
const OneOrMorePhrases = z
  .union([Phrase.transform((one) => [one]), z.array(Phrase)])
  .optional()
  .transform((phrases) => phrases ?? []);

const ToolFields = z.strictObject({
  name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/),
  description: z.string().refine((text) => text.trim() !== ''),
  input: z.custom<ToolInput>(isZodObject),
  effect: z.enum(['read', 'write', 'terminal']).default('write'),
  filler: OneOrMorePhrases,
  progress: OneOrMorePhrases,
  timeoutMs: z.int().min(1).max(LONGEST_TIMEOUT_MS).default(10_000),
  concurrency: z.int().min(1).optional(),
  retries: z.int().min(0).max(10).default(0),
  repeatable: z.boolean().default(false),
  waitsForCaller: z.boolean().default(false),
  expects: Expects.optional(),
  run: z.custom<(input: unknown, context: ToolContext) => unknown>((value) => typeof value === 'function'),
});

/** In the words of the messages: "Expected `timeoutMs` to be a whole number...". */
const EXPECTED: Record<keyof z.input<typeof ToolFields>, string> = {
  name: '1 to 64 letters, digits, `_` or `-`',
  description: 'a sentence that tells the model what the tool does',
  input: 'a zod 4 object, such as `z.object({})`',
  effect: "'read', 'write' or 'terminal'",
  filler: 'a phrase or a list of phrases, none of them empty',
  progress: 'a phrase or a list of phrases, none of them empty',
  timeoutMs: `a whole number of milliseconds, 1 to ${LONGEST_TIMEOUT_MS}`,
  concurrency: 'a whole number, 1 or more',
  retries: 'a whole number, 0 to 10',
  repeatable: 'true or false',
  waitsForCaller: 'true or false',
  expects: EXPECTS_HELP,
  run: 'a function (input, context)',
};

/** What other libraries call the same things. */
const OTHER_NAMES: Record<string, keyof typeof EXPECTED> = {
  parameters: 'input',
  inputSchema: 'input',
  schema: 'input',
  args: 'input',
  execute: 'run',
  handler: 'run',
  call: 'run',
  timeout: 'timeoutMs',
  maxConcurrency: 'concurrency',
  retry: 'retries',
  kind: 'effect',
  fillers: 'filler',
};

/**
 * Never throws. `tools` holds those without a problem. `env`: what tools need of it has to be there; default: that is not looked
 * for.
 */
export function checkTools(
  loaded: readonly LoadedTool[],
  env?: ToolEnv,
): { tools: CheckedTool[]; problems: ToolProblem[] } {
  const tools: CheckedTool[] = [];
  const problems: ToolProblem[] = [];
  for (const one of loaded) {
    const { tool, problems: own } = checkTool(one, env);
    problems.push(...own.map((problem) => withLine(problem, one)));
    if (tool) tools.push(tool);
  }
  return { tools, problems: [...problems, ...findDuplicates(loaded), ...findTooMany(loaded)] };
}

/** One error with every problem in its message, a paragraph for each file or tool. */
export function toolsInvalid(problems: readonly ToolProblem[]): VoiceError {
  const places = new Map<string, ToolProblem[]>();
  for (const problem of problems) {
    const place = [problem.file, problem.tool && `tool \`${problem.tool}\``].filter(Boolean).join(', ') || 'tools';
    places.set(place, [...(places.get(place) ?? []), problem]);
  }
  const paragraphs = [...places].map(([place, own]) =>
    [`  ${place}`, ...own.map(({ message }) => `    - ${message.replaceAll('\n', '\n      ')}`)].join('\n'),
  );
  const count = problems.length === 1 ? 'a mistake' : `${problems.length} mistakes`;
  return new ToolsInvalid(`The tools have ${count}:\n${paragraphs.join('\n')}`, problems);
}

/** `problems`: each of the mistakes that the message lists. */
export class ToolsInvalid extends VoiceError {
  override readonly name = 'ToolsInvalid';
  readonly problems: readonly ToolProblem[];
  constructor(message: string, problems: readonly ToolProblem[]) {
    super('tool-invalid', message);
    this.problems = problems;
  }
}

/** "Expected `retries` to be a whole number, 0 to 10, got `-1`". */
export function problemOf(facts: Omit<ToolProblem, 'message'>): ToolProblem {
  const { field, expected, got } = facts;
  const subject = field === undefined ? '' : ` \`${field}\` to be`;
  return { ...facts, message: expected === undefined ? got : `Expected${subject} ${expected}, got ${got}` };
}

function checkTool(
  { definition, file, path }: LoadedTool,
  env: ToolEnv | undefined,
): { tool?: CheckedTool; problems: ToolProblem[] } {
  const tool = nameOf(definition);
  const at = { file, tool };
  if (!isToolDefinition(definition)) {
    return {
      problems: [problemOf({ ...at, field: undefined, expected: 'defineTool({...})', got: shown(definition) })],
    };
  }
  const { success, data, error } = ToolFields.safeParse({ ...definition });
  const problems = success ? [] : fieldProblems(error, definition, at);
  for (const { path, expected, got } of madeProblems(definition, env)) {
    const field = path.length === 0 ? undefined : path.map(String).join('.');
    problems.push(problemOf({ ...at, field, expected, got }));
  }
  if (success && data.effect !== 'read' && data.retries > 0) {
    const expected = "0, or `effect` to be 'read': what changes something is never run again unasked";
    problems.push(problemOf({ ...at, field: 'retries', expected, got: shown(data.retries) }));
  }
  if (!isZodObject(definition.input)) return { problems };
  const { schema: parameters, problems: unsayable, sensitive } = toParameters(definition.input);
  for (const { path, expected, got } of sensitive.wrong) {
    problems.push(problemOf({ ...at, field: path ? `input.${path}` : 'input', expected, got }));
  }
  for (const { path, got } of unsayable) {
    const field = path ? `input.${path}` : 'input';
    problems.push(problemOf({ ...at, field, expected: 'a type that JSON Schema can say', got: `\`${got}\`` }));
  }
  if (isAsynchronous(definition.input)) {
    const expected = 'checked without waiting: move what is asynchronous into `run`';
    problems.push(problemOf({ ...at, field: 'input', expected, got: 'an asynchronous check' }));
  }
  const { task, problems: ofTask } = checkTask({ definition, file, path });
  problems.push(...ofTask);
  return success && problems.length === 0
    ? { tool: { ...data, definition, file, path, parameters, sensitive: sensitive.fields, task }, problems }
    : { problems };
}

/** As an error of a file is told, where the tool knows its lines. */
function withLine(problem: ToolProblem, { lineOf }: LoadedTool): ToolProblem {
  const line = lineOf?.(problem.field?.split('.') ?? []);
  return line === undefined ? problem : { ...problem, line, message: `Line ${line}: ${problem.message}` };
}

/** R28: a task has tools of its own, and those are checked as all are; what else is wrong with it is said in words. */
function checkTask({ definition, file, path }: LoadedTool): { task?: CheckedTask; problems: ToolProblem[] } {
  const parts = taskPartsOf(definition);
  if (!parts) return { problems: [] };
  const at = { file, tool: nameOf(definition) };
  const wrong = parts.wrong.map(({ field, expected, got }) => problemOf({ ...at, field, expected, got: shown(got) }));
  if (wrong.some(({ field }) => field === 'tools' || field === 'result')) return { problems: wrong };
  if (at.tool !== undefined && isWithin(parts.tools, at.tool))
    wrong.push(problemOf({ ...at, field: 'tools', expected: WITHIN_ITSELF, got: `\`${at.tool}\`` }));
  const chain = deepestOf(definition);
  if (chain.length > MOST_TASKS_DEEP)
    wrong.push(problemOf({ ...at, field: 'tools', expected: THREE_DEEP, got: `\`${chain.join('\` > \`')}\`` }));
  const all = [...parts.tools, ...parts.own];
  const { tools, problems } = checkTools(all.map((tool) => ({ definition: tool, file, path })));
  return { task: { tools }, problems: [...wrong, ...problems.map((problem) => ofResult(problem, at))] };
}

/** R15: a second call with the same arguments waits for the first, which would be waiting for it. */
const WITHIN_ITSELF = 'tools of other names than the task has itself, for which such a tool would wait';
const isWithin = (tools: readonly ToolDefinition[], name: string): boolean =>
  tools.some((tool) => nameOf(tool) === name || isWithin(taskPartsOf(tool)?.tools ?? [], name));

const THREE_DEEP = `tasks that stand in each other ${MOST_TASKS_DEEP} deep at most`;
/** The longest way down from a task, by names; none below one that is within itself, which is told by itself. */
function deepestOf(task: ToolDefinition, above: readonly ToolDefinition[] = []): string[] {
  const parts = taskPartsOf(task);
  if (!parts || above.includes(task)) return [];
  const below = parts.tools.map((tool) => deepestOf(tool, [...above, task]));
  return [nameOf(task) ?? '', ...below.reduce((one, other) => (other.length > one.length ? other : one), [])];
}

/** What the tool takes that ends a task is the task's `result`: its author has written no other. */
function ofResult(problem: ToolProblem, at: { file: string | undefined; tool: string | undefined }): ToolProblem {
  const { tool, field, expected, got } = problem;
  if (tool !== FINISH || !field?.startsWith('input')) return problem;
  return problemOf({ ...at, field: field.replace('input', 'result'), expected, got });
}

function fieldProblems(
  error: z.ZodError,
  definition: ToolDefinition,
  at: { file: string | undefined; tool: string | undefined },
): ToolProblem[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownField(key, at));
    const field = String(issue.path[0]);
    const value: unknown = Reflect.get(definition, field);
    const expected = Object.hasOwn(EXPECTED, field) ? EXPECTED[field as keyof typeof EXPECTED] : issue.message;
    return problemOf({ ...at, field, expected, got: field === 'input' ? shownInput(value) : shown(value) });
  });
}

function unknownField(key: string, at: { file: string | undefined; tool: string | undefined }): ToolProblem {
  const meant = Object.hasOwn(OTHER_NAMES, key) ? OTHER_NAMES[key] : undefined;
  const got = meant
    ? `\`${key}\` is not a field of a tool: did you mean \`${meant}\`?`
    : `\`${key}\` is not a field of a tool: those are ${Object.keys(EXPECTED).join(', ')}`;
  return problemOf({ ...at, field: key, expected: undefined, got });
}

function findDuplicates(loaded: readonly LoadedTool[]): ToolProblem[] {
  const firsts = new Map<string, LoadedTool>();
  return loaded.flatMap((one) => {
    const tool = nameOf(one.definition);
    if (tool === undefined) return [];
    const first = firsts.get(tool);
    if (!first) {
      firsts.set(tool, one);
      return [];
    }
    const got = `a second \`${tool}\`: the first is ${first.file ? `in ${first.file}` : 'a tool handed over as an object'}`;
    return problemOf({ file: one.file, tool, field: 'name', expected: 'used once', got });
  });
}

function findTooMany(loaded: readonly LoadedTool[]): ToolProblem[] {
  if (loaded.length <= MOST_TOOLS) return [];
  const expected = `at most ${MOST_TOOLS} tools`;
  return [problemOf({ file: undefined, tool: undefined, field: undefined, expected, got: `\`${loaded.length}\`` })];
}

/**
 * Runs the check once on `{}`. That finds what waits on its way, and has zod compile its parser now instead of during
 * the first call.
 */
function isAsynchronous(input: ToolInput): boolean {
  try {
    z.safeParse(input, {});
    return false;
  } catch (thrown) {
    return isA(thrown, z.core.$ZodAsyncError);
  }
}

function nameOf(definition: unknown): string | undefined {
  return isRecord(definition) && typeof definition.name === 'string' && definition.name !== ''
    ? definition.name
    : undefined;
}

function shownInput(value: unknown): string {
  if (isRecord(value) && isRecord(value._zod) && isRecord(value._zod.def))
    return `\`z.${String(value._zod.def.type)}\``;
  if (isRecord(value) && '_def' in value) return 'a schema of zod 3';
  return shown(value);
}

const SHOWN_LENGTH = 60;

/** What someone wrote, short. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  const text = typeof value === 'string' ? JSON.stringify(value.slice(0, SHOWN_LENGTH)) : messageOf(value);
  return `\`${text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text}\``;
}
