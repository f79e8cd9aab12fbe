/** The agent file: what a business writes. Read once, checked whole, refused with every mistake named. */
import { dirname } from 'node:path';
import { z } from 'zod';
import { messageOf, VoiceError } from '../lib/errors.ts';
import { importModule, modulePath } from '../lib/import-module.ts';
import { isRecord } from '../lib/json.ts';
import type { Log } from '../lib/log.ts';
import { isLiveLanguage, LIVE_LANGUAGES } from '../listen/pulse/languages.ts';
import type { ModelOptions as ModelSettings } from '../model/contract.ts';
import { ModelOptions } from '../model/electron/request.ts';
import { checkVoice } from '../speak/lightning/voices.ts';
import { shown, toolsInvalid, type LoadedTool, type ToolProblem } from '../tool/check.ts';
import type { Toolbox } from '../tool/contract.ts';
import { inspectTools, type ToolSource } from '../tool/load.ts';
import { createToolbox } from '../tool/toolbox.ts';
import { Phrases, TurnOptions, type MachineOptions } from '../turn/options.ts';
import { describeIssues, type AgentProblem } from './agent-problems.ts';
import type { FactsFunction } from './facts.ts';

const isFunction = (value: unknown) => typeof value === 'function';
const isToolSource = (value: unknown) => ['string', 'object', 'function'].includes(typeof value) && value !== null;

/** A check of zod's from one that throws a sentence. */
function checkBy<Value>(check: (value: Value) => unknown) {
  return (value: Value, context: z.RefinementCtx): void => {
    try {
      check(value);
    } catch (error) {
      context.addIssue({ code: 'custom', message: messageOf(error) });
    }
  };
}

function checkListenLanguage(language: string): void {
  if (isLiveLanguage(language)) return;
  const expected = `one that Pulse hears live (${LIVE_LANGUAGES.join(' ')})`;
  throw new VoiceError('options-invalid', `Expected \`listen.language\` to be ${expected}, got \`${language}\``);
}

/** What may stand in an agent file. Unknown keys are refused: a typing mistake must not become a default. */
export const AgentOptions = z.strictObject({
  /** Short name, for logs, metrics and recordings. */
  name: z.string().min(1).max(100),
  /** The system prompt, verbatim and stable: it is the cached prefix of every request. */
  instructions: z.string().min(1),
  /** Spoken at once when the line opens, without a model request. */
  greeting: z.string().min(1).optional(),
  /**
   * What the model should know of this very call, such as the date or who is calling: a text after the instructions, or a
   * promise of one. When it throws, the call goes on without.
   */
  facts: z.custom<FactsFunction>(isFunction, 'expected a function of the caller').optional(),
  /** How long the first model request waits for `facts`, in milliseconds. What comes later is told with the next one. */
  factsMs: z.int().min(0).max(10_000).default(1_000),
  model: ModelOptions.default({}),
  voice: z
    .strictObject({
      /** Catalogue or clone id. */
      id: z.string().min(1).default('magnus'),
      model: z.string().min(1).default('lightning_v3.1'),
      language: z.string().min(2).default('en'),
      speed: z.number().min(0.5).max(2).default(1),
      /** Ids of pronunciation dictionaries, as `parley voices` lists them. For the agent's own phrases. */
      pronunciations: z.array(z.string().min(1)).default([]),
      /** Ask for them in live speech too; the service's documents differ on whether it takes them there. */
      livePronunciations: z.boolean().default(false),
    })
    .superRefine(checkBy(checkVoice))
    .prefault({}),
  listen: z
    .strictObject({
      language: z.string().superRefine(checkBy(checkListenLanguage)).default('en'),
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
  machine: Omit<MachineOptions, 'heardBy'>;
  model: ModelSettings;
  voice: AgentOptions['voice'];
  listen: AgentOptions['listen'];
  facts: FactsFunction | undefined;
  /** How long the first request waits for them, in milliseconds. */
  factsMs: number;
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
 * @param file A path, relative to the working directory, or a `file:` address, such as `new URL('./agent.ts', import.meta.url)`.
 * @throws {VoiceError} `file-unreadable`, `options-invalid` or `tool-invalid`, with every mistake in the message.
 */
export async function loadAgent(file: string | URL, options: LoadOptions = {}): Promise<Agent> {
  const path = modulePath(file);
  const shownAs = typeof file === 'string' && !file.startsWith('file:') ? file : path;
  const { default: input } = await importModule(path, shownAs);
  return createAgent(input as AgentInput, { ...options, file: shownAs, directory: dirname(path) });
}

/** The same for an agent that is at hand as a value. `directory`: what its paths are relative to. */
export async function createAgent(
  input: AgentInput,
  { file = 'agent', directory = process.cwd(), env, log }: LoadOptions & { file?: string; directory?: string } = {},
): Promise<Agent> {
  const { options, tools, problems, toolProblems } = await inspectAgent(input, directory);
  const aboutTools = toolProblems.length > 0 ? toolsInvalid(toolProblems) : undefined;
  if (!options) {
    const lines = problems.map(({ message }) => `  - ${message}`);
    const parts = [`${file} is not a valid agent:`, ...lines, ...(aboutTools ? [aboutTools.message] : [])];
    throw new VoiceError('options-invalid', parts.join('\n'));
  }
  if (aboutTools) throw aboutTools;
  const { name, instructions, greeting, facts, factsMs, model, voice, listen, turn, phrases } = options;
  const toolbox = createToolbox(tools, { env, log });
  const machine = { instructions, greeting, tools: toolbox.facts, turn, phrases };
  return { name, machine, model, voice, listen, facts, factsMs, toolbox };
}

export interface InspectedAgent {
  /** Undefined when a field is wrong. */
  options: AgentOptions | undefined;
  /** Those of its tools that load. */
  tools: LoadedTool[];
  /** Every mistake in the agent's own fields. */
  problems: AgentProblem[];
  /** Every mistake in its tools. */
  toolProblems: ToolProblem[];
}

/** Looks at an agent and its tools whole, and finds every mistake. Never throws. `directory`: what its paths are relative to. */
export async function inspectAgent(input: unknown, directory: string): Promise<InspectedAgent> {
  const { options, problems } = readFields(input);
  const sources = options?.tools ?? usableTools(input);
  const { tools, problems: toolProblems } = await inspectTools(sources, { from: directory });
  return { options, tools, problems, toolProblems };
}

function readFields(input: unknown): { options: AgentOptions | undefined; problems: AgentProblem[] } {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    const got = input === undefined ? 'no default export' : shown(input);
    const message = `Expected \`export default defineAgent({...})\`, got ${got}`;
    return { options: undefined, problems: [{ field: '', message }] };
  }
  const { success, data, error } = AgentOptions.safeParse(input);
  return success
    ? { options: data, problems: [] }
    : { options: undefined, problems: describeIssues(error, input, AgentOptions) };
}

/** Of an agent that has other mistakes, so that those of its tools are found in the same go. */
function usableTools(input: unknown): ToolSource[] {
  const sources: unknown = isRecord(input) ? input['tools'] : undefined;
  return Array.isArray(sources) ? sources.filter((source): source is ToolSource => isToolSource(source)) : [];
}
