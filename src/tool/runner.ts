/**
 * The tool calls of one phone call: each is read, started in the tick in which it came, and settled exactly once, with
 * its result, its failure or its time-out, whatever its handler does.
 *
 *   run -> unknown, invalid ------------------------> settled
 *       -> journal: done already -------------------> settled
 *       -> journal: being done -> wait with it -----> settled
 *       -> start the handler -> ended, timed out ---> settled
 */
import type PQueue from 'p-queue';
import type { Clock } from '../lib/clock.ts';
import { isRecord, parseJson } from '../lib/json.ts';
import { readThrown } from '../lib/thrown.ts';
import type { ToolCall } from '../model/contract.ts';
import { readArguments } from './arguments.ts';
import { asTool, type ToolAtWork } from './blame.ts';
import type { CheckedTool } from './check.ts';
import { createContext, type CallContext } from './context.ts';
import type { ToolOutcome, ToolRunListener, ToolRunner } from './contract.ts';
import type { ToolDefinition } from './define.ts';
import { EffectJournal, effectKey, type EffectEnd } from './journal.ts';
import { ProgressAllowance } from './progress.ts';
import {
  cancelled,
  failed,
  internalError,
  invalidArguments,
  readResult,
  repeated,
  timedOut,
  tooLong,
  unknownTool,
} from './result.ts';
import { ToolRun, type HandlerEnd } from './run.ts';
import { mapSensitive } from './sensitive.ts';

export interface RunnerParts {
  tools: ReadonlyMap<string, CheckedTool>;
  queueOf: (tool: CheckedTool) => PQueue | undefined;
  reveal: (text: string) => string;
  call: CallContext;
  listener: ToolRunListener;
  clock: Clock;
  dedupeMs: number;
}

/** A tool call that has not settled. */
interface Waiter {
  callId: string;
  startedAtMs: number;
  stopTimer: () => void;
}

/** A handler that is queued or running, and the calls that wait for it: more than one when writes were joined. */
interface Job {
  tool: CheckedTool;
  /** The tool and its input, as one text. Made before the handler has the input in its hands. */
  what: string;
  atWork: ToolAtWork;
  /** Of its effect in the journal; undefined when it may happen any number of times. */
  key: string | undefined;
  run: ToolRun;
  /** Something of it has failed that nobody waits for. */
  hasStrayed: boolean;
  progress: ProgressAllowance;
  first: Waiter | undefined;
  waiters: Set<Waiter>;
}

/** A read that nobody waits for goes on for so long: a model that was asked again has answered by then. */
const REJOIN_MS = 5_000;
/**
 * A handler of which something has failed that nobody waits for (an error in a timer, a rejection left alone) gets so long
 * to end as if nothing were the matter. Most that are not back by then never will be.
 */
const STRAY_MS = 1_000;
/** Characters of a call's arguments. A model that writes so much has lost its way. */
const LONGEST_ARGUMENTS = 65_536;

export class CallToolRunner implements ToolRunner {
  readonly #parts: RunnerParts;
  #tools: RunnerParts['tools'];
  readonly #journal: EffectJournal;
  readonly #jobs = new Set<Job>();
  /** Those whose effect can be joined, by their run's number. */
  readonly #jobByRun = new Map<number, Job>();
  /** Reads that were let go, by what they read, and what stops waiting for them to be asked for again. */
  readonly #letGo = new Map<string, { job: Job; stopTimer: () => void }>();
  #listener: ToolRunListener | undefined;
  /** Tools that were called, by their names, which those of two agents may have in common. */
  readonly #byName = new Map<string, ToolDefinition[]>();
  #running = 0;
  #idle: (() => void)[] = [];

  constructor(parts: RunnerParts) {
    this.#parts = parts;
    this.#tools = parts.tools;
    this.#listener = parts.listener;
    this.#journal = new EffectJournal(parts.dedupeMs);
  }

  /** R27: what is called from now on is one of these. */
  use(tools: RunnerParts['tools'], { dedupeMs }: { dedupeMs: number }): void {
    this.#tools = tools;
    this.#journal.dedupeMs = dedupeMs;
  }

  get running(): number {
    return this.#running;
  }

  run(call: ToolCall, turn: number): void {
    if (!this.#listener) return;
    const { clock } = this.#parts;
    const tools = this.#tools;
    const startedAtMs = clock.nowMs();
    this.#running++;
    const tool = tools.get(call.name);
    if (!tool) return this.#settleSoon(call.id, startedAtMs, unknownTool(call.name, [...tools.keys()]));
    const { callId, caller } = this.#parts.call;
    const carrierCallId = caller.carrierCallId || undefined;
    const atWork: ToolAtWork = { tool: tool.name, callId, carrierCallId, turn };
    const read = this.#readArguments(tool, call.arguments, atWork);
    if ('outcome' in read) return this.#settleSoon(call.id, startedAtMs, read.outcome);
    const { input, what } = read;
    if (tool.expects !== undefined) this.#parts.call.line.expect?.(tool.expects);

    const again = tool.effect === 'read' ? this.#takeBack(what) : undefined;
    if (again) {
      again.first = this.#wait(again, call.id, startedAtMs);
      return;
    }
    const isEffect = tool.effect === 'write' && !tool.repeatable;
    const key = isEffect ? what : undefined;
    const answer = this.#journal.begin(key, startedAtMs);
    if (answer.type === 'answer') {
      return this.#settleSoon(call.id, startedAtMs, repeated(answer.outcome, { agoMs: answer.agoMs }));
    }
    if (answer.type === 'join') {
      const job = this.#jobByRun.get(answer.run);
      if (job) this.#wait(job, call.id, startedAtMs);
      return;
    }
    const job = this.#createJob({ tool, key, what, atWork, input, call, ...answer });
    job.first = this.#wait(job, call.id, startedAtMs);
    job.run.start();
  }

  cancel(callId: string): void {
    for (const job of this.#jobs) {
      if (job.tool.effect !== 'read') continue;
      for (const waiter of job.waiters) {
        if (waiter.callId !== callId) continue;
        this.#leave(job, waiter);
        this.#settleSoon(callId, waiter.startedAtMs, cancelled(job.tool.name));
        job.run.abort(new Error(`The call of \`${job.tool.name}\` was cancelled`));
      }
    }
  }

  letGo(callId: string): void {
    const job = [...this.#jobs].find(({ waiters }) => [...waiters].some((waiter) => waiter.callId === callId));
    const isAlone = job?.waiters.size === 1 && job.tool.effect === 'read';
    if (!job || !isAlone || job.tool.waitsForCaller || job.run.isQueued) return this.cancel(callId);
    const [waiter] = job.waiters;
    if (!waiter) return;
    this.#leave(job, waiter);
    this.#settleSoon(callId, waiter.startedAtMs, cancelled(job.tool.name));
    const { what } = job;
    this.#takeBack(what)?.run.abort(new Error(`Another call of \`${job.tool.name}\` reads the same`));
    const stopTimer = this.#parts.clock.after(REJOIN_MS, () => this.#abortLetGo(what));
    this.#letGo.set(what, { job, stopTimer });
  }

  /** A read that goes on although nobody waits for it: now somebody does again. */
  #takeBack(key: string): Job | undefined {
    const found = this.#letGo.get(key);
    found?.stopTimer();
    this.#letGo.delete(key);
    return found?.job;
  }

  #abortLetGo(key: string): void {
    const job = this.#takeBack(key);
    job?.run.abort(new Error(`The call of \`${job.tool.name}\` was cancelled`));
  }

  whenIdle(): Promise<void> {
    return this.#running === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  dispose(): void {
    if (!this.#listener) return;
    for (const job of this.#jobs) for (const waiter of job.waiters) this.cancel(waiter.callId);
    for (const key of [...this.#letGo.keys()]) this.#abortLetGo(key);
    this.#listener = undefined;
  }

  #createJob(facts: {
    tool: CheckedTool;
    key: string | undefined;
    what: string;
    atWork: ToolAtWork;
    input: unknown;
    call: ToolCall;
    run: number;
    effect: number;
  }): Job {
    const { tool, key, what, atWork, input, call, run, effect } = facts;
    const { queueOf, clock } = this.#parts;
    const controller = new AbortController();
    const context = createContext(this.#parts.call, {
      tool: tool.name,
      toolCallId: call.id,
      turn: atWork.turn,
      idempotencyKey: `${this.#parts.call.callId}-${effect}`,
      signal: controller.signal,
      progress: (text) => this.#progress(job, text),
    });
    const toolRun = new ToolRun({
      tool,
      input,
      context,
      controller,
      atWork,
      queue: queueOf(tool),
      clock,
      log: this.#parts.call.log,
      failed: (error) => this.#tellFault(atWork, 'threw, and is tried again', error),
      ended: (end) => {
        this.#jobByRun.delete(run);
        this.#end(job, end);
      },
    });
    const progress = new ProgressAllowance(clock);
    const waiters = new Set<Waiter>();
    const job: Job = { tool, what, atWork, key, run: toolRun, progress, hasStrayed: false, first: undefined, waiters };
    atWork.strayed = () => this.#stray(job);
    this.#jobs.add(job);
    if (key !== undefined) this.#jobByRun.set(run, job);
    return job;
  }

  #readArguments(
    tool: CheckedTool,
    text: string,
    atWork: ToolAtWork,
  ): { input: unknown; what: string } | { outcome: ToolOutcome } {
    if (text.length > LONGEST_ARGUMENTS) return { outcome: tooLong(tool.name, LONGEST_ARGUMENTS) };
    const written = parseJson(text);
    if (!isRecord(written)) return { outcome: invalidArguments(tool.name, text, undefined) };
    try {
      return asTool(atWork, () => {
        const read = readArguments(tool.input, this.#revealed(tool, written));
        if (!read.success) return { outcome: invalidArguments(tool.name, text, read.issues) };
        return { input: read.input, what: effectKey(this.#keyName(tool), read.input, read.written) };
      });
    } catch (error) {
      this.#parts.call.log.error({ tool: tool.name, err: readThrown(error) }, "the check of a tool's input threw");
      this.#tellFault(atWork, 'threw in the check of its input', readThrown(error));
      return {
        outcome: failed('internal-error', `The arguments of \`${tool.name}\` could not be checked. It was not run.`),
      };
    }
  }

  /** What placeholders stand for in fields that are sensitive. */
  #revealed({ sensitive }: CheckedTool, written: Record<string, unknown>): Record<string, unknown> {
    return mapSensitive(written, sensitive, this.#parts.reveal) as Record<string, unknown>;
  }

  /** R15, R27: another agent's tool of the same name, unless it is the same one, does something else. */
  #keyName({ name, definition }: CheckedTool): string {
    const same = this.#byName.get(name) ?? [];
    this.#byName.set(name, same);
    const index = same.indexOf(definition);
    const number = index === -1 ? same.push(definition) : index + 1;
    return number === 1 ? name : `${name}#${number}`;
  }

  #wait(job: Job, callId: string, startedAtMs: number): Waiter {
    const waiter: Waiter = { callId, startedAtMs, stopTimer: () => undefined };
    waiter.stopTimer = this.#parts.clock.after(job.tool.timeoutMs, () => this.#timeOut(job, waiter));
    job.waiters.add(waiter);
    if (job.hasStrayed) this.#waitForStray(job, waiter);
    return waiter;
  }

  /** Something of the handler has failed unheard: it may still end, but nobody waits for that as long as for another. */
  #stray(job: Job): void {
    if (job.hasStrayed || !this.#jobs.has(job)) return;
    job.hasStrayed = true;
    for (const waiter of job.waiters) this.#waitForStray(job, waiter);
  }

  #waitForStray(job: Job, waiter: Waiter): void {
    const stopTimeOut = waiter.stopTimer;
    const stopTimer = this.#parts.clock.after(STRAY_MS, () => this.#giveUp(job, waiter, internalError(job.tool)));
    waiter.stopTimer = () => {
      stopTimeOut();
      stopTimer();
    };
  }

  /** The handler has ended: everyone who still waits is told; what nobody waits for is journaled and logged. */
  #end(job: Job, end: HandlerEnd): void {
    const { tool, waiters } = job;
    const { turn } = job.atWork;
    const { log } = this.#parts.call;
    this.#jobs.delete(job);
    for (const [of, letGo] of this.#letGo) if (letGo.job === job) this.#takeBack(of);
    if (waiters.size === 0 || !this.#listener) {
      const facts = {
        tool: tool.name,
        turn,
        ok: end.type === 'returned',
        ...(end.type === 'threw' && { err: end.error }),
      };
      log.info(facts, 'a tool ended after its call had settled');
      if (end.type === 'threw') this.#tellFault(job.atWork, 'threw after its call had ended', end.error);
    } else if (end.type === 'threw' && !end.isRefusal) {
      log.error({ tool: tool.name, turn, err: end.error }, 'a tool failed');
      this.#tellFault(job.atWork, 'threw', end.error);
    }
    const { outcome, effect } = this.#readEnd(job, end);
    this.#journal.end(job.key, effect, this.#parts.clock.nowMs());
    for (const waiter of waiters) {
      this.#leave(job, waiter);
      this.#settle(waiter.callId, waiter.startedAtMs, waiter === job.first ? outcome : repeated(outcome, 'joined'));
    }
  }

  #readEnd({ tool, atWork }: Job, end: HandlerEnd): { outcome: ToolOutcome; effect: EffectEnd } {
    if (end.type === 'returned') {
      const { outcome, invalid } = asTool(atWork, () => readResult(tool, end.value));
      if (invalid !== undefined) {
        this.#parts.call.log.error({ tool: tool.name, reason: invalid }, 'a tool returned what cannot be sent');
        this.#tellFault(atWork, 'returned what cannot be sent', invalid);
      }
      return { outcome, effect: { type: 'done', outcome } };
    }
    if (!end.isRefusal) {
      const { told, isUndone = false } = end.telling ?? {};
      const outcome = told === undefined ? internalError(tool) : failed('internal-error', told);
      return { outcome, effect: { type: isUndone ? 'not-done' : 'unknown' } };
    }
    const message = end.error.message || `The tool \`${tool.name}\` refused.`;
    return { outcome: failed('tool-error', message), effect: { type: 'not-done' } };
  }

  #timeOut(job: Job, waiter: Waiter): void {
    const { tool, run } = job;
    const waitedMs = tool.timeoutMs;
    this.#parts.call.log.warn({ tool: tool.name, waitedMs, failure: 'timeout' }, 'a tool did not end in time');
    this.#giveUp(job, waiter, timedOut(tool, run.isQueued ? 'queued' : 'running'));
  }

  /** This one waits no longer. */
  #giveUp(job: Job, waiter: Waiter, outcome: ToolOutcome): void {
    this.#leave(job, waiter);
    if (job.waiters.size === 0) this.#abandon(job);
    this.#settle(waiter.callId, waiter.startedAtMs, outcome);
  }

  /** Nobody waits any longer. A read is aborted; a write that has begun goes on, and can still be joined. */
  #abandon(job: Job): void {
    const { tool, run, key } = job;
    if (run.isQueued) {
      this.#jobs.delete(job);
      this.#journal.end(key, { type: 'not-done' }, this.#parts.clock.nowMs());
      run.abandon();
    } else if (tool.effect === 'read') run.abort(new Error(`\`${tool.name}\` did not answer in ${tool.timeoutMs} ms`));
    else run.abandon();
  }

  #leave(job: Job, waiter: Waiter): void {
    waiter.stopTimer();
    job.waiters.delete(waiter);
  }

  #progress(job: Job, text: string): void {
    const said = job.waiters.size > 0 ? job.progress.take(text) : undefined;
    if (said === undefined) return;
    for (const { callId } of job.waiters) this.#tell((listener) => listener.progress(callId, said));
  }

  #settleSoon(callId: string, startedAtMs: number, outcome: ToolOutcome): void {
    queueMicrotask(() => this.#settle(callId, startedAtMs, outcome));
  }

  #settle(callId: string, startedAtMs: number, outcome: ToolOutcome): void {
    const durationMs = this.#parts.clock.nowMs() - startedAtMs;
    this.#running--;
    this.#tell((listener) => listener.settled(callId, outcome, durationMs));
    if (this.#running > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #tellFault({ tool, turn }: ToolAtWork, what: string, error: Error | string): void {
    this.#tell((listener) => listener.failed?.({ tool, turn, what, error }), this.#parts.listener);
  }

  #tell(report: (listener: ToolRunListener) => void, listener = this.#listener): void {
    if (!listener) return;
    try {
      report(listener);
    } catch (error) {
      this.#parts.call.log.error({ err: readThrown(error) }, 'a listener to tools threw');
    }
  }
}
