/** The agent file: what a business writes. Read once, checked whole, refused with every mistake named. */
import { dirname } from 'node:path';
import { z } from 'zod';
import { needed } from '../lib/assert.ts';
import { messageOf, VoiceError } from '../lib/errors.ts';
import { importModule, modulePath, type ImportModule } from '../lib/import-module.ts';
import { isRecord } from '../lib/json.ts';
import { silentLog, type Log } from '../lib/log.ts';
import type { EarVendor, ListenOptions } from '../listen/contract.ts';
import type { ModelOptions, ModelVendor } from '../model/contract.ts';
import type { Speaker, VoiceOptions, VoiceVendor } from '../speak/contract.ts';
import { shown, toolsInvalid, type LoadedTool, type ToolProblem } from '../tool/check.ts';
import type { Toolbox } from '../tool/contract.ts';
import { inspectTools, type ToolSource } from '../tool/load.ts';
import { ToolList } from '../tool/tool-list.ts';
import { createToolbox } from '../tool/toolbox.ts';
import { Phrases, TurnOptions, type MachineOptions } from '../turn/options.ts';
import { describeIssues, type AgentProblem } from './agent-problems.ts';
import { choose } from './choice.ts';
import type { FactsFunction } from './facts.ts';
import type { EndHook, Hooks, StartHook } from './hooks.ts';
import { OWN_EAR, OWN_MODEL, OWN_VOICE } from './own-vendors.ts';
import { findMember, isTeamMember, placeOf, teamProblems, wholeTeam, withHandOff } from './team.ts';
import {
  DEFAULT_VENDORS,
  vendorsWith,
  type ListenChoice,
  type ModelChoice,
  type VendorNames,
  type Vendors,
  type VoiceChoice,
} from './vendors.ts';

const isFunction = (value: unknown) => typeof value === 'function';
const isToolSource = (value: unknown) => ['string', 'object', 'function'].includes(typeof value) && value !== null;

/** The model chooses by it: what a tool may be called. */
const TEAM_NAME = /^[a-zA-Z0-9_-]{1,64}$/;

/** The fields of an agent that its vendors do not check. Unknown keys are refused: a typing mistake must not become a default. */
const OWN_FIELDS = {
  /** Short name, for logs, metrics and recordings. 1 to 100 characters. */
  name: z.string().min(1).max(100),
  /** What it is for, in a sentence: by this, the other agents of a team know whom to hand a caller to. 1 to 500 characters. Default: nothing. */
  description: z.string().min(1).max(500).optional(),
  /** The system prompt, verbatim and stable: it is the cached prefix of every request. */
  instructions: z.string().min(1),
  /** Spoken at once when the line opens, without a model request. Default: the agent waits for the caller. */
  greeting: z.string().min(1).optional(),
  /**
   * What the model should know of this very call, such as the date or who is calling: a text after the instructions, or a
   * promise of one. When it throws, the call goes on without. Default: nothing.
   */
  facts: z.custom<FactsFunction>(isFunction, 'expected a function of the caller').optional(),
  /**
   * How long the first model request waits for `facts`; what comes later is told with the next one. Milliseconds, 0 to 10,000;
   * default 1,000.
   */
  factsMs: z.int().min(0).max(10_000).default(1_000),
  /**
   * Told of each call once it has begun: its ids, numbers and parameters. Nothing that is heard waits for it. Default: nothing.
   */
  onStart: z.custom<StartHook>(isFunction, 'expected a function of the call').optional(),
  /**
   * Told of each call once it is over, and `onStart` with it: how it ended, what was said and heard, what its tools did.
   * Default: nothing.
   */
  onEnd: z.custom<EndHook>(isFunction, 'expected a function of the call').optional(),
  /**
   * How long `onStart` and `onEnd` are each waited for; then the log says so, and what waits goes on. Milliseconds, 100 to
   * 60,000; default 5,000.
   */
  hooksMs: z.int().min(100).max(60_000).default(5_000),
};
const MORE_FIELDS = {
  /** Folders, files and tools, and names of built-in tools; paths are relative to the agent file. Default: none. */
  tools: z
    .array(z.custom<ToolSource>(isToolSource, 'expected a folder, a file, a tool or the name of a built-in one'))
    .default([]),
  /**
   * Other agents to whom this one can hand the caller, by names of its own for them: agent files, relative to this one, or agents.
   * Default: none.
   */
  team: z
    .record(
      z.string().regex(TEAM_NAME, 'expected under a name of 1 to 64 letters, digits, `_` or `-`'),
      z.custom<TeamMember>(isTeamMember, 'expected an agent file or an agent'),
    )
    .default({}),
  /** Timings and numbers of the conversation. Default: each its own. */
  turn: TurnOptions.prefault({}),
  /** What the agent says when the model does not: each one phrase, or several that take turns. Default: in English. */
  phrases: Phrases.prefault({}),
};
type OwnFields = z.ZodObject<typeof OWN_FIELDS & typeof MORE_FIELDS, z.core.$strict>;

/** What stands in an agent file, each field complete. */
export interface AgentOptions extends z.output<OwnFields> {
  model: ModelOptions;
  voice: VoiceOptions;
  listen: ListenOptions;
}

/** What a person writes. */
export interface AgentInput extends z.input<OwnFields> {
  /**
   * Who thinks (`vendor`, default `electron`), and how; or a model of your own. Of a list, the next is asked when one is
   * refused, down or late.
   */
  model?: ModelChoice | readonly ModelChoice[] | undefined;
  /** Who speaks (`vendor`, default `lightning`), and how; or a voice of your own. A list as above. */
  voice?: VoiceChoice | readonly VoiceChoice[] | undefined;
  /** Who hears (`vendor`, default `pulse`), and what is expected; or an ear of your own. A list as above. */
  listen?: ListenChoice | readonly ListenChoice[] | undefined;
}

/** Whom an agent names in its `team`: an agent file, relative to its own, or an agent. */
export type TeamMember = string | URL | AgentInput;

/** An agent, ready for calls: checked, its tools loaded. One instance serves every call of the process. */
export interface Agent {
  name: string;
  /** Whom it can hand the caller to, by its names for them; they may name it, too. */
  team: Readonly<Record<string, Agent>>;
  /** What each call's machine is built from, but for how it hears. */
  machine: Omit<MachineOptions, 'heardBy'>;
  /** Who thinks, speaks and hears, by the names in the list of vendors. */
  vendors: VendorNames;
  /** Of these, those that stand in the agent itself: known beside the listed ones, and beside those of the program. */
  own: Vendors;
  model: ModelOptions;
  voice: VoiceOptions;
  listen: ListenOptions;
  facts: FactsFunction | undefined;
  /** How long the first request waits for them, in milliseconds. */
  factsMs: number;
  hooks: Hooks;
  /** Those of the next call: where tools come from elsewhere, they may be others by then, and `machine.tools` with them. */
  toolbox: Toolbox;
  /**
   * Lets go of what its tools hold, such as the process of an MCP server, which keeps this process alive. Once its calls are
   * over; safe to call twice. A worker closes the agent that it has loaded itself.
   */
  close(): Promise<void>;
}

/** Whatever the agent may say while it waits for its voice has been made before. */
export function canSpeakWhileWaiting(
  { machine: { phrases, tools } }: Agent,
  speaker: Pick<Speaker, 'isAtHand'>,
): boolean {
  const own = tools.flatMap(({ filler, progress }) => [...filler, ...progress]);
  return [...phrases.hold, ...phrases.progress, ...own].every((text) => speaker.isAtHand?.(text) ?? false);
}

/** Gives an agent file its types. What is wrong with it is said when it is loaded. */
export function defineAgent(agent: AgentInput): AgentInput {
  return agent;
}

/** How an agent and its tools are loaded. Everything optional. */
export interface LoadOptions {
  /** What tools see as `context.env`. Default: the process' environment. */
  env?: Record<string, string | undefined> | undefined;
  log?: Log | undefined;
  /** Vendors of the program's own, which the agent may name beside the listed ones. Default: none. */
  vendors?: Partial<Vendors> | undefined;
  /** Whether tools may be loaded without what they need of `env`, as where they are tried. Default false. */
  mayLackEnv?: boolean | undefined;
}

/** What a toolbox is made with. */
type ToolboxFacts = Pick<LoadOptions, 'env' | 'log' | 'mayLackEnv'>;

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
  { file = 'agent', directory = process.cwd(), ...loading }: LoadOptions & { file?: string; directory?: string } = {},
): Promise<Agent> {
  return agentFrom(await inspectAgent(input, directory, loading), { ...loading, file });
}

/**
 * What was looked at, made ready for calls, and its team with it. What its tools hold is let go of when it is not valid.
 * @throws {VoiceError} `options-invalid` or `tool-invalid`, with every mistake in the message.
 */
export function agentFrom(
  inspected: InspectedAgent,
  { file = 'agent', ...facts }: ToolboxFacts & { file?: string },
): Agent {
  const all = wholeTeam(inspected);
  try {
    const errors = all.flatMap((one) => mistakesIn(one, placeOf(one, all, file)) ?? []);
    const [first] = errors;
    if (first && errors.length === 1) throw first;
    if (first) throw new VoiceError(first.code, errors.map(({ message }) => message).join('\n'));
    const made = new Map(all.map((one) => [one, readyAlone(one, facts)]));
    for (const [{ team }, agent] of made) {
      for (const [name, one] of Object.entries(team)) agent.team[name] = needed(made.get(one), 'a team to be whole');
    }
    const agent = needed(made.get(inspected), 'an agent to be of its team');
    const closes = [...made.values()].map((one) => one.close.bind(one));
    agent.close = async () => void (await Promise.all(closes.map((close) => close())));
    return agent;
  } catch (error) {
    for (const { list } of all) void list.close();
    throw error;
  }
}

/** An agent whose team is still to be filled: its members may name it in turn. */
type Unteamed = Agent & { team: Record<string, Agent> };

function mistakesIn({ options, problems, toolProblems }: InspectedAgent, file: string): VoiceError | undefined {
  const aboutTools = toolProblems.length > 0 ? toolsInvalid(toolProblems) : undefined;
  if (options && problems.length === 0) return aboutTools;
  const lines = problems.map(({ message }) => `  - ${message}`);
  const parts = [`${file} is not a valid agent:`, ...lines, ...(aboutTools ? [aboutTools.message] : [])];
  return new VoiceError('options-invalid', parts.join('\n'));
}

function readyAlone(inspected: InspectedAgent, { env, log, mayLackEnv }: ToolboxFacts): Unteamed {
  const { vendors, own, team, list } = inspected;
  const options = needed(inspected.options, 'an agent without a mistake');
  const { name, instructions, greeting, facts, factsMs, model, voice, listen, turn, phrases } = options;
  const toolboxOf = () => createToolbox(withHandOff(list.tools, team), { env, log, mayLackEnv });
  const toolbox = toolboxOf();
  const machine = { instructions, greeting, tools: toolbox.facts, turn, phrases, language: listen.language };
  const hooks = { onStart: options.onStart, onEnd: options.onEnd, ms: options.hooksMs };
  const agent = { name, machine, vendors, own, hooks, model, voice, listen, facts, factsMs, toolbox };
  return withTools(agent, { list, toolboxOf, log });
}

/** Those from elsewhere that have become others are the next call's; a list that is not valid leaves the last that was. */
function withTools(
  made: Omit<Agent, 'close' | 'team'>,
  { list, toolboxOf, log = silentLog }: { list: ToolList; toolboxOf: () => Toolbox; log: Log | undefined },
): Unteamed {
  const stop = list.onChange(() => {
    try {
      const toolbox = toolboxOf();
      Object.assign(agent, { toolbox, machine: { ...agent.machine, tools: toolbox.facts } });
      log.info({ agent: agent.name, tools: toolbox.facts.length }, 'the tools are others for the next call');
    } catch (error) {
      log.error({ agent: agent.name }, `the tools stay as they were: ${messageOf(error)}`);
    }
  });
  const close = () => {
    stop();
    return list.close();
  };
  const agent: Unteamed = { ...made, close, team: {} }; // no copy of it: it is this one whose tools become others
  return agent;
}

export interface InspectedAgent {
  /** Undefined when a field is wrong. */
  options: AgentOptions | undefined;
  /** Those that it names, whether or not they are known. */
  vendors: VendorNames;
  /** Those that stand in it. */
  own: Vendors;
  /** Those of its tools that load. */
  tools: LoadedTool[];
  /** Every mistake in the agent's own fields. */
  problems: AgentProblem[];
  /** Every mistake in its tools. */
  toolProblems: ToolProblem[];
  /** Folders of tools that it names; absolute. */
  toolFolders: string[];
  /** Its tools as they are at any moment. Closed with the agent that is made of it, or by whoever makes none. */
  list: ToolList;
  /** Its own file, absolute; undefined where it was at hand as a value. */
  file: string | undefined;
  /** Whom it can hand the caller to, by its names for them. Each agent is looked at once, however often it is named. */
  team: Record<string, InspectedAgent>;
}

interface InspectOptions extends LoadOptions {
  /** By what the files of its tools are imported. Default: each is run once in this process. */
  load?: ImportModule | undefined;
}

/**
 * Looks at an agent, its tools and its team whole, and finds every mistake. Never throws. `directory`: what its paths are
 * relative to.
 */
export async function inspectAgent(
  input: unknown,
  directory: string,
  options: InspectOptions = {},
): Promise<InspectedAgent> {
  const known = new Map<unknown, InspectedAgent>();
  const first = await inspectOne({ input, directory, file: undefined }, { ...options, known });
  const all = wholeTeam(first);
  for (const one of all) one.problems.push(...teamProblems(one, all));
  return first;
}

async function inspectOne(
  { input, directory, file }: { input: unknown; directory: string; file: string | undefined },
  options: InspectOptions & { known: Map<unknown, InspectedAgent> },
): Promise<InspectedAgent> {
  const { known, vendors, load, ...loading } = options;
  const before = isRecord(input) ? known.get(input) : undefined;
  if (before) return before;
  const fields = readFields(input, vendorsWith(vendors));
  const nothing = { tools: [], toolProblems: [], toolFolders: [], list: new ToolList() };
  const inspected: InspectedAgent = { ...fields, ...nothing, file, team: {} };
  known.set(input, inspected); // before its team is looked at, which may name it
  const sources = fields.options?.tools ?? usableTools(input);
  const {
    tools,
    problems: toolProblems,
    folders: toolFolders,
    list,
  } = await inspectTools(sources, { from: directory, load, ...loading });
  Object.assign(inspected, { tools, toolProblems, toolFolders, list });
  for (const [name, member] of Object.entries(fields.options?.team ?? {})) {
    const found = await findMember({ member, directory, load });
    if ('problem' in found)
      inspected.problems.push({ field: `team.${name}`, message: `\`team.${name}\`: ${found.problem}` });
    else inspected.team[name] = await inspectOne(found, options);
  }
  return inspected;
}

type ReadFields = Pick<InspectedAgent, 'options' | 'vendors' | 'own' | 'problems'>;

const NOBODYS: Vendors = { models: {}, voices: {}, ears: {} };

function readFields(input: unknown, known: Vendors): ReadFields {
  if (!isRecord(input)) {
    const got = input === undefined ? 'no default export' : shown(input);
    const message = `Expected \`export default defineAgent({...})\`, got ${got}`;
    return { options: undefined, vendors: DEFAULT_VENDORS, own: NOBODYS, problems: [{ field: '', message }] };
  }
  const { model: thinker, voice: speaker, ear } = DEFAULT_VENDORS;
  const models = { field: 'model', standard: thinker, known: known.models, kind: OWN_MODEL };
  const voices = { field: 'voice', standard: speaker, known: known.voices, kind: OWN_VOICE };
  const ears = { field: 'listen', standard: ear, known: known.ears, kind: OWN_EAR };
  const model = choose<ModelOptions, ModelVendor>(input['model'], models);
  const voice = choose<VoiceOptions, VoiceVendor>(input['voice'], voices);
  const listen = choose<ListenOptions, EarVendor>(input['listen'], ears);
  const schema = z.strictObject({
    ...OWN_FIELDS,
    model: model.schema,
    voice: voice.schema,
    listen: listen.schema,
    ...MORE_FIELDS,
  });
  const given = { ...input, model: model.given, voice: voice.given, listen: listen.given };
  const { success, data, error } = schema.safeParse(given);
  const vendors = { model: model.name, voice: voice.name, ear: listen.name };
  const own = { models: model.own, voices: voice.own, ears: listen.own };
  const problems = [model, voice, listen].flatMap((chosen) => chosen.problems);
  if (success && problems.length === 0) return { options: data, vendors, own, problems };
  return {
    options: undefined,
    ...{ vendors, own },
    problems: [...problems, ...(error ? describeIssues(error, given, schema) : [])],
  };
}

/** Of an agent that has other mistakes, so that those of its tools are found in the same go. */
function usableTools(input: unknown): ToolSource[] {
  const sources: unknown = isRecord(input) ? input['tools'] : undefined;
  return Array.isArray(sources) ? sources.filter((source): source is ToolSource => isToolSource(source)) : [];
}
