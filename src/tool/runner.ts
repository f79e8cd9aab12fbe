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
import type { ToolCall } from '../model/contract.ts';
import { readArguments } from './arguments.ts';
import type { CheckedTool } from './check.ts';
import { createContext, type CallContext } from './context.ts';
import type { ToolOutcome, ToolRunListener, ToolRunner } from './contract.ts';
import { isToolError } from './define.ts';
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
  unknownTool,
} from './result.ts';
import { ToolRun, type HandlerEnd } from './run.ts';

export interface RunnerParts {
  tools: ReadonlyMap<string, CheckedTool>;
  queueOf: (tool: CheckedTool) => PQueue | undefined;
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
  input: { input: unknown; written: unknown };
  turn: number;
  /** Of its effect in the journal; undefined when it may happen any number of times. */
  key: string | undefined;
  run: ToolRun;
  progress: ProgressAllowance;
  first: Waiter | undefined;
  waiters: Set<Waiter>;
}

/** A read that nobody waits for goes on for so long: a model that was asked again has answered by then. */
const REJOIN_MS = 5_000;

export class CallToolRunner implements ToolRunner {
  readonly #parts: RunnerParts;
  readonly #journal: EffectJournal;
  readonly #jobs = new Set<Job>();
  /** Those whose effect can be joined, by their run's number. */
  readonly #jobByRun = new Map<number, Job>();
  /** Reads that were let go, by what they read, and what stops waiting for them to be asked for again. */
  readonly #letGo = new Map<string, { job: Job; stopTimer: () => void }>();
  #listener: ToolRunListener | undefined;
  #running = 0;
  #idle: (() => void)[] = [];

  constructor(parts: RunnerParts) {
    this.#parts = parts;
    this.#listener = parts.listener;
    this.#journal = new EffectJournal(parts.dedupeMs);
  }

  get running(): number {
    return this.#running;
  }

  run(call: ToolCall, turn: number): void {
    if (!this.#listener) return;
    const { tools, clock } = this.#parts;
    const startedAtMs = clock.nowMs();
    this.#running++;
    const tool = tools.get(call.name);
    if (!tool) return this.#settleSoon(call.id, startedAtMs, unknownTool(call.name, [...tools.keys()]));
    const read = this.#readArguments(tool, call.arguments);
    if ('outcome' in read) return this.#settleSoon(call.id, startedAtMs, read.outcome);

    const again = tool.effect === 'read' ? this.#takeBack(effectKey(tool.name, read.input, read.written)) : undefined;
    if (again) {
      again.first = this.#wait(again, call.id, startedAtMs);
      return;
    }
    const isEffect = tool.effect === 'write' && !tool.repeatable;
    const key = isEffect ? effectKey(tool.name, read.input, read.written) : undefined;
    const answer = this.#journal.begin(key, startedAtMs);
    if (answer.type === 'answer') {
      return this.#settleSoon(call.id, startedAtMs, repeated(answer.outcome, { agoMs: answer.agoMs }));
    }
    if (answer.type === 'join') {
      const job = this.#jobByRun.get(answer.run);
      if (job) this.#wait(job, call.id, startedAtMs);
      return;
    }
    const job = this.#createJob({ tool, key, turn, input: read, call, ...answer });
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
    const key = effectKey(job.tool.name, job.input.input, job.input.written);
    this.#takeBack(key)?.run.abort(new Error(`Another call of \`${job.tool.name}\` reads the same`));
    const stopTimer = this.#parts.clock.after(REJOIN_MS, () => this.#abortLetGo(key));
    this.#letGo.set(key, { job, stopTimer });
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
    turn: number;
    input: Job['input'];
    call: ToolCall;
    run: number;
    effect: number;
  }): Job {
    const { tool, key, turn, input, call, run, effect } = facts;
    const { queueOf, clock } = this.#parts;
    const controller = new AbortController();
    const context = createContext(this.#parts.call, {
      tool: tool.name,
      toolCallId: call.id,
      turn,
      idempotencyKey: `${this.#parts.call.callId}-${effect}`,
      signal: controller.signal,
      progress: (text) => this.#progress(job, text),
    });
    const toolRun = new ToolRun({
      tool,
      input: input.input,
      context,
      controller,
      queue: queueOf(tool),
      clock,
      log: this.#parts.call.log,
      ended: (end) => {
        this.#jobByRun.delete(run);
        this.#end(job, end);
      },
    });
    const progress = new ProgressAllowance(clock);
    const job: Job = { tool, input, turn, key, run: toolRun, progress, first: undefined, waiters: new Set() };
    this.#jobs.add(job);
    if (key !== undefined) this.#jobByRun.set(run, job);
    return job;
  }

  #readArguments(tool: CheckedTool, text: string): { input: unknown; written: unknown } | { outcome: ToolOutcome } {
    const written = parseJson(text);
    if (!isRecord(written)) return { outcome: invalidArguments(tool.name, text, undefined) };
    try {
      const read = readArguments(tool.input, written);
      return read.success ? read : { outcome: invalidArguments(tool.name, text, read.issues) };
    } catch (error) {
      this.#parts.call.log.error({ tool: tool.name, err: error }, "the check of a tool's input threw");
      return {
        outcome: failed('internal-error', `The arguments of \`${tool.name}\` could not be checked. It was not run.`),
      };
    }
  }

  #wait(job: Job, callId: string, startedAtMs: number): Waiter {
    const waiter: Waiter = { callId, startedAtMs, stopTimer: () => undefined };
    waiter.stopTimer = this.#parts.clock.after(job.tool.timeoutMs, () => this.#timeOut(job, waiter));
    job.waiters.add(waiter);
    return waiter;
  }

  /** The handler has ended: everyone who still waits is told; what nobody waits for is journaled and logged. */
  #end(job: Job, end: HandlerEnd): void {
    const { tool, turn, waiters } = job;
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
    } else if (end.type === 'threw' && !isToolError(end.error)) {
      log.error({ tool: tool.name, turn, err: end.error }, 'a tool failed');
    }
    const { outcome, effect } = this.#readEnd(tool, end);
    this.#journal.end(job.key, effect, this.#parts.clock.nowMs());
    for (const waiter of waiters) {
      this.#leave(job, waiter);
      this.#settle(waiter.callId, waiter.startedAtMs, waiter === job.first ? outcome : repeated(outcome, 'joined'));
    }
  }

  #readEnd(tool: CheckedTool, end: HandlerEnd): { outcome: ToolOutcome; effect: EffectEnd } {
    if (end.type === 'returned') {
      const { outcome, invalid } = readResult(tool, end.value);
      if (invalid !== undefined) {
        this.#parts.call.log.error({ tool: tool.name, reason: invalid }, 'a tool returned what cannot be sent');
      }
      return { outcome, effect: { type: 'done', outcome } };
    }
    if (!isToolError(end.error)) return { outcome: internalError(tool), effect: { type: 'unknown' } };
    const message = end.error.message || `The tool \`${tool.name}\` refused.`;
    return { outcome: failed('tool-error', message), effect: { type: 'not-done' } };
  }

  #timeOut(job: Job, waiter: Waiter): void {
    const { tool, run } = job;
    const outcome = timedOut(tool, run.isQueued ? 'queued' : 'running');
    this.#leave(job, waiter);
    if (job.waiters.size === 0) this.#abandon(job);
    const waitedMs = tool.timeoutMs;
    this.#parts.call.log.warn({ tool: tool.name, waitedMs, failure: 'timeout' }, 'a tool did not end in time');
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

  #tell(report: (listener: ToolRunListener) => void): void {
    if (!this.#listener) return;
    try {
      report(this.#listener);
    } catch (error) {
      this.#parts.call.log.error({ err: error }, 'a listener to tools threw');
    }
  }
}
