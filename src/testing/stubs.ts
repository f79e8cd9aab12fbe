/**
 * The tools of an agent in a test: each keeps its name, its schema and its effect, so that arguments are checked as ever,
 * and does what its stub says in place of its own `run`. What a test forgot to stub does nothing that cannot be undone.
 */
import { taskPartsOf, withInnerTools, withTaskTools } from '../tool/task.ts';
import type { WallClock } from '../lib/clock.ts';
import { messageOf, VoiceError } from '../lib/errors.ts';
import { isRecord, parseJson } from '../lib/json.ts';
import { builtinTools } from '../tool/builtin/index.ts';
import type { LoadedTool } from '../tool/check.ts';
import type { ToolContext, ToolDefinition } from '../tool/define.ts';
import type { ToolRun } from './result.ts';
import { inScope, isOutside, newScope, watchIo, type CallScope } from './time/globals.ts';

/** What a stub that is a function knows besides its input. */
export interface StubRun {
  /** Which run of this tool it is, from 1. */
  readonly nth: number;
  /** As of `ToolContext`. */
  readonly signal: AbortSignal;
  /** So many milliseconds of the call's time. Rejects with the signal's reason, when it is aborted. */
  readonly wait: (ms: number) => Promise<void>;
}

/**
 * What a tool does in place of its own `run`: returns or throws, after `takes` milliseconds of the call's time (default 0);
 * hangs, as a backend that never answers; `run`: what it does in earnest. Of a list each run takes the next, and the last
 * stays.
 */
export type ToolStub =
  | { returns: unknown; takes?: number | undefined }
  | { throws: string | Error; takes?: number | undefined }
  | { hangs: true }
  | 'run'
  | readonly ToolStub[]
  // a tool's input is what its schema says, which no type of a stub can know
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  | ((input: any, run: StubRun) => unknown);

export interface StubOptions {
  /** By the tools' names. */
  stubs: Readonly<Record<string, ToolStub>>;
  /** What becomes of a `write` without a stub. */
  writes: 'refuse' | 'run';
  clock: WallClock;
  /** Tools that run in earnest do so in the time of this machine. Default false: in the call's. */
  isReal?: boolean;
  /** Of the call. */
  nowMs: () => number;
  /** A `write` was called that has no stub. */
  refused: (error: VoiceError) => void;
  /** A run has come to its end. */
  ended: (run: ToolRun) => void;
}

/** The tools of one call, and what has been run of them. */
export class StubbedTools {
  readonly runs: ToolRun[] = [];
  readonly #options: StubOptions;
  readonly #wrapped = new Map<ToolDefinition, ToolDefinition>();
  /** What of the test's own or of the agent's runs at the moment, and is not Parley's. */
  readonly #atWork = new Set<{ who: string; scope: CallScope }>();

  constructor(options: StubOptions) {
    this.#options = options;
  }

  /**
   * All tools that there are in the call; those inside of tasks are among them.
   * @throws {VoiceError} `options-invalid`, when a stub is for none of them.
   */
  know(tools: readonly LoadedTool[]): void {
    const all = tools.flatMap(({ definition }) => withInnerTools(definition));
    const names = [...new Set(all.map(({ name }) => name))];
    for (const name of Object.keys(this.#options.stubs)) if (!names.includes(name)) throw unknownTool(name, names);
  }

  /** The same tools, as this test has them: each of them once, whichever agents and tasks have it. */
  wrap(tools: readonly LoadedTool[]): LoadedTool[] {
    return tools.map((tool) => ({ ...tool, definition: this.#wrappedOf(tool.definition) }));
  }

  /** Who waits for what really happens outside. */
  get holders(): string[] {
    return [...this.#atWork].filter(({ scope }) => isOutside(scope)).map(({ who }) => who);
  }

  /** Runs what is none of ours in the call's time, which waits while that works outside. `who`: in a sentence. */
  inCallTime<T>(who: string, run: (scope: CallScope) => T): T {
    const scope = newScope(this.#options.clock);
    const atWork = { who, scope };
    const stopWatch = watchIo();
    this.#atWork.add(atWork);
    const done = () => {
      stopWatch();
      this.#atWork.delete(atWork);
    };
    let result: T;
    try {
      result = inScope(scope, () => run(scope));
    } catch (thrown) {
      done();
      throw thrown;
    }
    if (result instanceof Promise) return result.finally(done) as T;
    done();
    return result;
  }

  /** Whether a stub answers in this one's place. */
  isStubbed(name: string): boolean {
    return Object.hasOwn(this.#options.stubs, name) && this.#options.stubs[name] !== 'run';
  }

  /** Runs that have not come to their end. */
  get running(): ToolRun[] {
    return this.runs.filter(({ toMs }) => toMs === undefined);
  }

  #wrappedOf(definition: ToolDefinition): ToolDefinition {
    const wrapped = this.#wrapped.get(definition) ?? this.#wrapOne(definition);
    this.#wrapped.set(definition, wrapped);
    return wrapped;
  }

  #wrapOne(definition: ToolDefinition): ToolDefinition {
    const { name } = definition;
    if (taskPartsOf(definition) && !this.isStubbed(name))
      return withTaskTools(definition, (one) => this.#wrappedOf(one));
    const stub = Object.hasOwn(this.#options.stubs, name) ? this.#options.stubs[name] : undefined;
    let nth = 0;
    return {
      ...definition,
      run: (input: unknown, context: ToolContext) => {
        const now = pick(stub, nth++);
        return this.#watch(definition, { input, context, isStubbed: now !== undefined && now !== 'run' }, () =>
          now === undefined || now === 'run'
            ? this.#runItself(definition, { input, context, isMeant: now === 'run' })
            : this.#runStub(definition, now, { input, context, nth }),
        );
      },
    };
  }

  async #watch(
    { name, effect = 'write' }: ToolDefinition,
    { input, context, isStubbed }: { input: unknown; context: ToolContext; isStubbed: boolean },
    work: () => unknown,
  ): Promise<unknown> {
    const { nowMs, ended } = this.#options;
    const { idempotencyKey, signal } = context;
    const run: ToolRun = {
      name,
      arguments: asRecord(input),
      effect,
      fromMs: nowMs(),
      isDone: false,
      idempotencyKey,
      isStubbed,
    };
    this.runs.push(run);
    signal.addEventListener('abort', () => (run.abortedAtMs = nowMs()), { once: true });
    try {
      const value = await work();
      run.isDone = true;
      return value;
    } finally {
      run.toMs = nowMs();
      ended(run);
    }
  }

  #runItself(
    definition: ToolDefinition,
    { input, context, isMeant }: { input: unknown; context: ToolContext; isMeant: boolean },
  ): unknown {
    const { name, effect = 'write' } = definition;
    if (isBuiltin(definition)) return definition.run(input as never, context); // it waits for the caller, by the call's clock
    if (effect === 'write' && !isMeant && this.#options.writes === 'refuse') {
      const error = unstubbedWrite(name);
      this.#options.refused(error);
      throw error;
    }
    if (this.#options.isReal) return definition.run(input as never, context);
    return this.inCallTime(toolNamed(name), async (scope) => definition.run(input as never, withLine(context, scope)));
  }

  async #runStub(
    { name }: ToolDefinition,
    stub: Exclude<SimpleStub, 'run'>,
    { input, context, nth }: { input: unknown; context: ToolContext; nth: number },
  ): Promise<unknown> {
    const { signal } = context;
    const wait = (ms: number) => this.#wait(ms, signal);
    if (typeof stub === 'function') {
      const run = (scope: CallScope): unknown => stub(input, { nth, signal, wait: (ms) => asleep(scope, wait(ms)) });
      if (this.#options.isReal) return run(newScope(this.#options.clock));
      return this.inCallTime(toolNamed(name), async (scope) => run(scope));
    }
    if ('hangs' in stub) return new Promise(() => {});
    if (stub.takes !== undefined) await wait(stub.takes);
    if ('returns' in stub) return stub.returns;
    throw stub.throws instanceof Error ? stub.throws : new Error(stub.throws);
  }

  #wait(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = () => {
        stop();
        reject(signal.reason instanceof Error ? signal.reason : new Error(messageOf(signal.reason)));
      };
      const stop = this.#options.clock.after(ms, () => {
        signal.removeEventListener('abort', fail);
        resolve();
      });
      if (signal.aborted) fail();
      else signal.addEventListener('abort', fail, { once: true });
    });
  }
}

type SimpleStub = Exclude<ToolStub, readonly ToolStub[]>;

/** Undefined: it has none. */
function pick(stub: ToolStub | undefined, nth: number): SimpleStub | undefined {
  if (!isList(stub)) return stub;
  return pick(stub[Math.min(nth, stub.length - 1)], 0);
}

const isList = (stub: ToolStub | undefined): stub is readonly ToolStub[] => Array.isArray(stub);

const isBuiltin = ({ name, description }: ToolDefinition): boolean => builtinTools[name]?.description === description;

function unknownTool(name: string, names: readonly string[]): VoiceError {
  const has =
    names.length === 0 ? 'the agent has no tools' : `the agent has ${names.map((one) => `\`${one}\``).join(', ')}`;
  return new VoiceError('options-invalid', `Expected \`tools\` to stub tools of the agent, got \`${name}\`: ${has}`);
}

function unstubbedWrite(name: string): VoiceError {
  const message =
    `The tool \`${name}\` writes and has no stub, so that this test would have done it in earnest. ` +
    `Give it one, \`tools: { ${name}: { returns: ... } }\`, or have all of them run: \`writes: 'run'\``;
  return new VoiceError('options-invalid', message);
}

const toolNamed = (name: string): string => `the tool \`${name}\``;

/** What this waits for comes in the call's time. */
function asleep<T>(scope: CallScope, work: Promise<T>): Promise<T> {
  scope.sleeping++;
  return work.finally(() => scope.sleeping--);
}

/** Who waits for the caller's keys waits in the call's time. */
function withLine(context: ToolContext, scope: CallScope): ToolContext {
  const { collectDigits, sendDigits, expect } = context.line;
  const line = {
    ...(collectDigits && {
      collectDigits: (...asked: Parameters<typeof collectDigits>) => asleep(scope, collectDigits(...asked)),
    }),
    ...(sendDigits && { sendDigits: (digits: string) => asleep(scope, sendDigits(digits)) }),
    expect,
  };
  const same = Object.getOwnPropertyDescriptors(context);
  return Object.defineProperties({}, { ...same, line: { value: line, enumerable: true } }) as ToolContext;
}

/** As the test may look at it later, whatever the tool has made of it. */
function asRecord(input: unknown): Record<string, unknown> {
  const copy = parseJson(JSON.stringify(input) ?? '');
  return isRecord(copy) ? copy : {};
}
