/** The agent file: what a business writes. Read once, checked whole, refused with every mistake named. */
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import type { CallerFacts } from '../bridge/contract.ts';
import { VoiceError } from '../lib/errors.ts';
import { importModule } from '../lib/import-module.ts';
import type { Log } from '../lib/log.ts';
import type { ModelOptions as ModelSettings } from '../model/contract.ts';
import { ModelOptions } from '../model/electron/request.ts';
import type { Toolbox } from '../tool/contract.ts';
import { loadTools, type ToolSource } from '../tool/load.ts';
import { createToolbox } from '../tool/toolbox.ts';
import { Phrases, TurnOptions, type MachineOptions } from '../turn/options.ts';

const isFunction = (value: unknown) => typeof value === 'function';
const isToolSource = (value: unknown) => ['string', 'object', 'function'].includes(typeof value) && value !== null;

/** What may stand in an agent file. Unknown keys are refused: a typing mistake must not become a default. */
export const AgentOptions = z.strictObject({
  /** Short name, for logs, metrics and recordings. */
  name: z.string().min(1).max(100),
  /** The system prompt, verbatim and stable: it is the cached prefix of every request. */
  instructions: z.string().min(1),
  /** Spoken at once when the line opens, without a model request. */
  greeting: z.string().min(1).optional(),
  /** What the model should know of this very call, such as the date or who is calling: a text after the instructions. */
  facts: z.custom<(caller: CallerFacts) => string>(isFunction, 'expected a function of the caller').optional(),
  model: ModelOptions.default({}),
  voice: z
    .strictObject({
      /** Catalogue or clone id. */
      id: z.string().min(1).default('magnus'),
      model: z.string().min(1).default('lightning_v3.1'),
      language: z.string().min(2).default('en'),
      speed: z.number().min(0.5).max(2).default(1),
    })
    .prefault({}),
  listen: z
    .strictObject({
      language: z.string().min(2).default('en'),
      /** `word` or `word:boost`, at most 100. */
      keywords: z.array(z.string().min(1)).max(100).default([]),
    })
    .prefault({}),
  /** Folders, files and tools, and names of built-in tools; paths are relative to the agent file. */
  tools: z
    .array(z.custom<ToolSource>(isToolSource, 'expected a folder, a file, a tool or the name of a built-in one'))
    .default([]),
  turn: TurnOptions.prefault({}),
  phrases: Phrases.prefault({}),
});
export type AgentOptions = z.output<typeof AgentOptions>;
export type AgentInput = z.input<typeof AgentOptions>;

/** An agent, ready for calls: checked, its tools loaded. One instance serves every call of the process. */
export interface Agent {
  name: string;
  /** What each call's machine is built from, but for how it hears. */
  machine: Omit<MachineOptions, 'hearing'>;
  model: ModelSettings;
  voice: AgentOptions['voice'];
  listen: AgentOptions['listen'];
  facts: ((caller: CallerFacts) => string) | undefined;
  toolbox: Toolbox;
}

/** Gives an agent file its types. What is wrong with it is said when it is loaded. */
export function defineAgent(agent: AgentInput): AgentInput {
  return agent;
}

export interface LoadOptions {
  /** What tools see as `context.env`. Default: the process' environment. */
  env?: Record<string, string | undefined> | undefined;
  log?: Log | undefined;
}

/**
 * Loads an agent file (`.ts`, `.mts`, `.js`, `.mjs`) and its tools.
 * @throws {VoiceError} `file-unreadable`, `options-invalid` or `tool-invalid`, with every mistake in the message.
 */
export async function loadAgent(file: string, options: LoadOptions = {}): Promise<Agent> {
  const path = resolve(file);
  const { default: input } = await importModule(path, file);
  return createAgent(input as AgentInput, { ...options, file, directory: dirname(path) });
}

/** The same for an agent that is at hand as a value. `directory`: what its paths are relative to. */
export async function createAgent(
  input: AgentInput,
  { file = 'agent', directory = process.cwd(), env, log }: LoadOptions & { file?: string; directory?: string } = {},
): Promise<Agent> {
  const { options, problems } = readAgent(input);
  if (!options) {
    const lines = problems.map(({ message }) => `  - ${message}`).join('\n');
    throw new VoiceError('options-invalid', `${file} is not a valid agent:\n${lines}`);
  }
  const { name, instructions, greeting, facts, model, voice, listen, tools, turn, phrases } = options;
  const toolbox = createToolbox(await loadTools(tools, { from: directory }), { env, log });
  const machine = { instructions, greeting, tools: toolbox.facts, turn, phrases };
  return { name, machine, model, voice, listen, facts, toolbox };
}

/** One mistake in an agent file. */
export interface AgentProblem {
  /** Such as `turn.endpointMs`; empty for the whole agent. */
  field: string;
  /** The field, what was expected, and what is there. */
  message: string;
}

/** Every mistake in the agent's own fields; its tools are not looked at. Never throws. */
export function readAgent(input: unknown): { options?: AgentOptions; problems: AgentProblem[] } {
  if (typeof input !== 'object' || input === null) {
    const got = input === undefined ? 'no default export' : `a ${typeof input}`;
    return { problems: [{ field: '', message: `Expected \`export default defineAgent({...})\`, got ${got}` }] };
  }
  const { success, data, error } = AgentOptions.safeParse(input);
  return success ? { options: data, problems: [] } : { problems: error.issues.map((issue) => describe(issue, input)) };
}

function describe(issue: z.core.$ZodIssue, input: object): AgentProblem {
  const field = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(issue.path);
    const keys = issue.keys.map((key) => `\`${[...issue.path.map(String), key].join('.')}\``).join(', ');
    return { field, message: `Unknown ${keys}${known ? `; known are ${known}` : ''}` };
  }
  const found = issue.path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    input,
  );
  const reason = issue.message.replace(/^Invalid input: /, '').replace(/, received \w+$/, '');
  return { field, message: `\`${field}\`: ${reason}, got ${show(found)}` };
}

function knownKeys(path: PropertyKey[]): string {
  if (path.length === 0) return Object.keys(AgentOptions.shape).join(', ');
  const inner: Record<string, { shape: object }> = { turn: TurnOptions, phrases: Phrases, model: ModelOptions };
  const schema = path.length === 1 ? inner[String(path[0])] : undefined;
  return schema ? Object.keys(schema.shape).join(', ') : '';
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = typeof value === 'function' ? 'a function' : (JSON.stringify(value) ?? typeof value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : `\`${text}\``;
}
