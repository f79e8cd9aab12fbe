/** The tools of one agent, checked and ready: what the model is told of them, and a runner for each phone call. */
import PQueue from 'p-queue';
import type { CallerFacts } from '../bridge/contract.ts';
import { assert } from '../lib/assert.ts';
import { systemClock } from '../lib/clock.ts';
import { silentLog, type Log } from '../lib/log.ts';
import { knowToolFile } from './blame.ts';
import { checkTools, toolsInvalid, type CheckedTool, type LoadedTool } from './check.ts';
import type { SensitiveField, ToolFacts, ToolRunner, ToolRunnerOptions, Toolbox } from './contract.ts';
import { isToolDefinition, type ToolDefinition } from './define.ts';
import { CallToolRunner } from './runner.ts';
import { requiresArguments, toToolsJson } from './schema.ts';

export interface ToolboxOptions {
  /** `context.env`. Default: `process.env`. */
  env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Default: silent. */
  log?: Log | undefined;
  /** Whether tools may be made without what they need of `env`, as where they are tried. Default false. */
  mayLackEnv?: boolean | undefined;
}

const DEDUPE_MS = 30_000;

/**
 * @param tools What `defineTool` or `loadTools` gave. At most 64.
 * @throws {ToolsInvalid} `tool-invalid`, with every mistake of every tool.
 */
export function createToolbox(
  tools: readonly (ToolDefinition | LoadedTool)[],
  { env = process.env, log = silentLog, mayLackEnv = false }: ToolboxOptions = {},
): Toolbox {
  const { tools: checked, problems } = checkTools(tools.map(asLoaded), mayLackEnv ? undefined : env);
  if (problems.length > 0) throw toolsInvalid(problems);
  return new CheckedToolbox(checked, env, log);
}

/** What a toolbox was made of; nothing of one that `createToolbox` did not make. */
export function toolsIn(toolbox: Toolbox): readonly LoadedTool[] {
  return toolbox instanceof CheckedToolbox ? toolbox.loaded : [];
}

function asLoaded(tool: ToolDefinition | LoadedTool): LoadedTool {
  return !isToolDefinition(tool) && 'definition' in tool ? tool : { definition: tool, file: undefined };
}

class CheckedToolbox implements Toolbox {
  readonly facts: readonly ToolFacts[];
  readonly toolsJson: string | undefined;
  readonly handovers: readonly string[];
  readonly loaded: readonly LoadedTool[];
  readonly #tools: ReadonlyMap<string, CheckedTool>;
  readonly #tasks: ReadonlyMap<string, Toolbox>;
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #log: Log;

  constructor(tools: readonly CheckedTool[], env: Readonly<Record<string, string | undefined>>, log: Log) {
    this.facts = tools.map(({ name, effect, filler, progress, waitsForCaller, task }) => ({
      name,
      effect,
      filler,
      progress,
      ...(waitsForCaller ? { waitsForCaller } : {}),
      ...(task ? { isTask: true } : {}),
    }));
    this.#tasks = new Map(
      tools.flatMap(({ name, task }) => (task ? [[name, new CheckedToolbox(task.tools, env, log)]] : [])),
    );
    this.toolsJson = toToolsJson(tools);
    this.handovers = tools.filter(mayHandOver).map(({ name }) => name);
    this.loaded = tools.map(({ definition, file, path }) => ({ definition, file, path }));
    this.#tools = new Map(tools.map((tool) => [tool.name, tool]));
    for (const { name, path } of tools) if (path !== undefined) knowToolFile(path, name);
    this.#env = env;
    this.#log = log;
  }

  has(toolName: string): boolean {
    return this.#tools.has(toolName);
  }

  ofTask(toolName: string): Toolbox | undefined {
    return this.#tasks.get(toolName);
  }

  sensitiveFields(toolName: string): readonly SensitiveField[] {
    return this.#tools.get(toolName)?.sensitive ?? [];
  }

  requiresArguments(toolName: string): boolean {
    const tool = this.#tools.get(toolName);
    return tool !== undefined && requiresArguments(tool.parameters);
  }

  runner(options: ToolRunnerOptions): ToolRunner {
    const {
      callId,
      caller,
      listener,
      state = Object.create(null) as Record<string, unknown>,
      line = {},
      clock = systemClock,
      dedupeMs = DEDUPE_MS,
      converse,
      reveal = (text: string) => text,
    } = options;
    const log = options.log ?? this.#log.child({ callId, carrierCallId: caller.carrierCallId || undefined });
    return new CallToolRunner({
      tools: this.#tools,
      queueOf,
      reveal,
      call: { callId, caller: frozen(caller), env: this.#env, state, line, log, converse },
      listener,
      clock,
      dedupeMs,
    });
  }

  takeOver(runner: ToolRunner, { dedupeMs }: { dedupeMs: number }): void {
    assert(runner instanceof CallToolRunner, 'a runner to be one that a toolbox has made');
    runner.use(this.#tools, { dedupeMs });
  }
}

/** Only a terminal tool can put them through to a person; its code tells, unless it only hangs up there, or does it by another's code. */
function mayHandOver({ effect, run }: CheckedTool): boolean {
  if (effect !== 'terminal') return false;
  const code = Function.prototype.toString.call(run);
  return code.includes('transferTo') || !/hangUp|handOff|onHold/.test(code);
}

/** One queue a tool for the whole process, however many toolboxes hold it. */
const queues = new WeakMap<ToolDefinition, PQueue>();

function queueOf({ definition, concurrency }: CheckedTool): PQueue | undefined {
  if (concurrency === undefined) return undefined;
  const queue = queues.get(definition) ?? new PQueue({ concurrency });
  queues.set(definition, queue);
  return queue;
}

/** Tools of one call see the same, whatever one of them does to it; the line goes by its own. */
function frozen(caller: CallerFacts): CallerFacts {
  return Object.freeze({ ...caller, parameters: Object.freeze({ ...caller.parameters }) });
}
