/**
 * A language model that streams what a script says, step by step: words, tool calls, faults. Keeps the whole contract of a
 * language model (`test/contracts/model.suite.ts`).
 */
import { systemClock, type Clock } from '../../src/lib/clock.ts';
import { ProviderError, type ErrorCode, type ProviderPhase } from '../../src/lib/errors.ts';
import { isRecord, parseJson } from '../../src/lib/json.ts';
import type {
  FinishReason,
  LanguageModel,
  ModelEvent,
  ModelStep,
  StepEnd,
  StepRequest,
} from '../../src/model/contract.ts';

export interface ScriptedReply {
  /** Streams word by word. */
  say?: string;
  /** Behind the words. `arguments` is text, as a model may send it. */
  calls?: readonly { name: string; arguments: string }[];
  finishReason?: FinishReason;
  /**
   * `busy`: refused for a moment, and asked again by itself. `unauthorized`: refused for good. `hang`: nothing comes.
   * `cut`: the stream ends after the words; `cut-in-arguments`: in the middle of the first call.
   */
  fault?: 'busy' | 'unauthorized' | 'hang' | 'cut' | 'cut-in-arguments' | undefined;
}

export interface ScriptedModelOptions {
  name?: string;
  clock?: Clock;
  /** Before the first event, and between one and the next, in milliseconds. Default 0: another tick each. */
  paceMs?: number;
}

/** @param reply What comes of a request; `number`: which one of this model, from 1. */
export type Script = (request: StepRequest, number: number) => ScriptedReply;

export class ScriptedModel implements LanguageModel {
  readonly name: string;
  /** What was asked, in order. */
  readonly requests: StepRequest[] = [];
  readonly script: Script;
  readonly options: Required<ScriptedModelOptions>;
  readonly steps = new Set<ScriptedStep>();
  isClosed = false;

  constructor(script: Script, options: ScriptedModelOptions = {}) {
    this.script = script;
    this.options = { name: 'scripted-model', clock: systemClock, paceMs: 0, ...options };
    this.name = this.options.name;
  }

  async prewarm(): Promise<void> {}

  startStep(request: StepRequest, listener: (event: ModelEvent) => void): ModelStep {
    this.requests.push(request);
    return new ScriptedStep(this, request, listener);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    for (const step of this.steps) step.fail('closed', 'The model was closed');
  }
}

class ScriptedStep implements ModelStep {
  readonly #model: ScriptedModel;
  readonly #listener: (event: ModelEvent) => void;
  readonly #startedAtMs: number;
  readonly #stops = new Set<() => void>();
  #attempts = 0;
  #firstTokenMs: number | undefined;
  #isOver = false;

  constructor(model: ScriptedModel, request: StepRequest, listener: (event: ModelEvent) => void) {
    this.#model = model;
    this.#listener = listener;
    this.#startedAtMs = model.options.clock.nowMs();
    model.steps.add(this);
    this.#start(request);
  }

  abort(): void {
    this.#leave();
  }

  fail(code: ErrorCode, message: string, status?: number): void {
    if (this.#isOver) return;
    const phase: ProviderPhase = this.#firstTokenMs === undefined ? 'before-first-output' : 'mid-stream';
    const error = new ProviderError(this.#model.name, code, message, { phase, status });
    this.#leave();
    this.#listener({ type: 'step-failed', error, end: this.#end('unknown', code === 'stream-cut') });
  }

  #start(request: StepRequest): void {
    const { isClosed, script, requests } = this.#model;
    const { messages, deadlineMs } = request;
    const failLater = (code: ErrorCode, message: string) => this.#after(0, () => this.fail(code, message));
    if (isClosed) return failLater('closed', 'The model is closed');
    if (messages.length === 0) return failLater('request-invalid', 'Expected 1 message or more, got 0');
    if (deadlineMs !== undefined)
      this.#after(deadlineMs, () => this.fail('step-timeout', `No answer within ${deadlineMs} ms`));
    this.#answer(script(request, requests.length));
  }

  #answer({ fault, ...reply }: ScriptedReply): void {
    const { paceMs } = this.#model.options;
    if (fault === 'unauthorized') return this.#after(paceMs, () => this.fail('unauthorized', 'not with this key', 401));
    this.#attempts++;
    if (fault === 'busy') return this.#after(paceMs, () => this.#answer(reply));
    if (fault === 'hang') return;
    this.#stream(eventsOf(reply, fault), fault, reply.finishReason ?? (reply.calls?.length ? 'tool_calls' : 'stop'));
  }

  #stream([event, ...rest]: ModelEvent[], fault: ScriptedReply['fault'], reason: FinishReason): void {
    this.#after(this.#model.options.paceMs, () => {
      if (!event && fault) return this.fail('stream-cut', 'The answer ended before it was complete');
      if (!event) {
        this.#leave();
        return this.#listener({ type: 'step-end', end: this.#end(reason, false) });
      }
      this.#firstTokenMs ??= this.#model.options.clock.nowMs() - this.#startedAtMs;
      this.#stream(rest, fault, reason);
      this.#listener(event);
    });
  }

  #end(finishReason: FinishReason, isTruncated: boolean): StepEnd {
    const usage = { promptTokens: 100, completionTokens: 10, cachedTokens: 60 };
    return {
      finishReason,
      isTruncated,
      usage: finishReason === 'unknown' ? undefined : usage,
      requestId: `scripted-${this.#model.requests.length}`,
      firstTokenMs: this.#firstTokenMs,
      queueMs: 0,
      attempts: this.#attempts,
    };
  }

  #after(ms: number, run: () => void): void {
    const stop = this.#model.options.clock.after(ms, () => {
      this.#stops.delete(stop);
      run();
    });
    this.#stops.add(stop);
  }

  /** Nothing is told from here on but the ending, if there is one. */
  #leave(): void {
    this.#isOver = true;
    this.#model.steps.delete(this);
    for (const stop of this.#stops) stop();
    this.#stops.clear();
  }
}

let count = 0;

function eventsOf({ say = '', calls = [] }: ScriptedReply, fault: ScriptedReply['fault']): ModelEvent[] {
  const words = say.match(/\S+\s*/g) ?? [];
  const events: ModelEvent[] = words.map((delta) => ({ type: 'text-delta', delta }));
  if (fault === 'cut' || calls.length === 0) return events;
  events.push({ type: 'tool-call-start' });
  if (fault !== 'cut-in-arguments') events.push(...calls.map(callEvent));
  return events;
}

function callEvent(call: { name: string; arguments: string }): ModelEvent {
  const text = call.arguments.trim() === '' ? '{}' : call.arguments;
  const id = `call_${++count}`;
  if (isRecord(parseJson(text))) return { type: 'tool-call', call: { id, name: call.name, arguments: text } };
  const message = 'Expected the arguments to be a JSON object';
  return { type: 'tool-call-failed', call: { id, name: call.name, arguments: '{}' }, message };
}
