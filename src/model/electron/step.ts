/** One step: wait for room, ask, ask again while nothing has been handed on and it is worth it, and say how it ended. */
import type { Dispatcher } from 'undici';
import type { Clock } from '../../lib/clock.ts';
import { messageOf, ProviderError, VoiceError } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import type { Budget, ModelEvent, ModelStep, Release, StepEnd, StepRequest, Usage } from '../contract.ts';
import { Attempt, type AttemptResult } from './attempt.ts';
import type { Deadlines } from './deadlines.ts';
import { retryDelayMs, silenceFailure } from './failure.ts';
import { learn, mannersOf, rememberManners, type Manners } from './manners.ts';
import { fitsOf } from './overflow.ts';
import { buildBody, extraFieldsOf, type Body, type BodySettings } from './request.ts';
import { CONCURRENCY_LIMIT_MESSAGE } from './wire.ts';

/** What is asked ahead waits no longer for room: by then it is sure whether it is to be asked, with another priority. */
const SPECULATION_MS = 150;

/** What the steps of one client share. */
export interface StepContext {
  dispatcher: Dispatcher;
  /** Its origin: with the path, what its manners are remembered by. */
  origin: string;
  path: string;
  headers: Readonly<Record<string, string>>;
  apiKey: string | undefined;
  budget: Budget;
  clock: Clock;
  deadlines: Deadlines;
  log: Log;
  random: () => number;
  /** Of calls that came without one. Default: of random digits. */
  newId: (() => string) | undefined;
  /** Read anew for each step. */
  bodySettings: () => Omit<BodySettings, 'manners'>;
  /** What the service counted, beside what we had estimated. */
  counted: (body: Body, usage: Usage) => void;
  /** Nothing more is heard of the step. */
  over: (step: ElectronStep) => void;
}

export class ElectronStep implements ModelStep {
  readonly #context: StepContext;
  readonly #request: StepRequest;
  readonly #listener: (event: ModelEvent) => void;
  readonly #startedAtMs: number;
  /** Only while it waits for room. */
  #leaveQueue: AbortController | undefined;
  #body: Body | undefined;
  #manners: Manners;
  #attempt: Attempt | undefined;
  #release: Release | undefined;
  #cancelWait: (() => void) | undefined;
  #attempts = 0;
  #queueMs = 0;
  #isOver = false;

  constructor(context: StepContext, request: StepRequest, listener: (event: ModelEvent) => void) {
    this.#context = context;
    this.#request = request;
    this.#listener = listener;
    this.#startedAtMs = context.clock.nowMs();
    this.#manners = mannersOf(this.#server, this.#model);
    this.#build();
  }

  get #server(): string {
    return this.#context.origin + this.#context.path;
  }

  get #model(): string {
    return this.#request.options.model ?? this.#context.bodySettings().defaultModel;
  }

  /** And asks, in this tick if there is room. */
  #build(): void {
    try {
      const { defaultModel, contextTokens, tokenRatio } = this.#context.bodySettings();
      this.#body = buildBody(this.#request, { defaultModel, contextTokens, tokenRatio, manners: this.#manners });
    } catch (thrown) {
      process.nextTick(() => this.#fail(asProviderError(thrown)));
      return;
    }
    this.#enqueue();
  }

  abort(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#leaveQueue?.abort();
    this.#cancelWait?.();
    const wasSent = this.#attempt?.wasSent ?? false;
    this.#attempt?.abort();
    this.#release?.({ wasSent });
    this.#context.over(this);
    this.#log('aborted', {});
  }

  /** As `abort`, for when the client is closed: the listener is told. */
  close(): void {
    if (this.#isOver) return;
    this.#attempt?.abort();
    this.#leaveQueue?.abort();
    this.#cancelWait?.();
    this.#release?.({ wasSent: this.#attempt?.wasSent ?? false });
    this.#fail(silenceFailure('closed', 'The client was closed', { phase: this.#attempt?.phase ?? 'connect' }));
  }

  get #agedMs(): number {
    return this.#context.clock.nowMs() - this.#startedAtMs;
  }

  /** What is left until waiting, retrying and, when a deadline was given, answering must be over. */
  get #leftMs(): number {
    const limitMs = this.#request.deadlineMs ?? this.#context.deadlines.stepMs;
    return limitMs - this.#agedMs;
  }

  #enqueue(): void {
    this.#admit().then(
      (release) => (this.#isOver ? release({ wasSent: false }) : this.#send(release)),
      (thrown) => {
        this.#queueMs = this.#agedMs; // all of it was a wait for room
        this.#fail(asProviderError(thrown));
      },
    );
  }

  #admit(): Promise<Release> {
    const { budget } = this.#context;
    const { priority, context } = this.#request;
    const callId = typeof context?.['callId'] === 'string' ? context['callId'] : undefined;
    const release = budget.admitNow(priority, callId);
    if (release) return Promise.resolve(release);
    this.#leaveQueue = new AbortController();
    const mostMs = priority === 'speculation' ? SPECULATION_MS : (this.#waitMs ?? Infinity);
    const deadlineMs = Math.min(mostMs, this.#leftMs);
    return budget.admit(priority, { deadlineMs, signal: this.#leaveQueue.signal, callId });
  }

  /** What is left of the time after which somebody else is asked; undefined where nobody else is. */
  get #waitMs(): number | undefined {
    const { waitMs } = this.#request;
    return waitMs === undefined ? undefined : Math.max(0, waitMs - this.#agedMs);
  }

  #send(release: Release): void {
    const { dispatcher, path, headers, apiKey, clock, deadlines, newId } = this.#context;
    this.#release = release;
    this.#attempts++;
    this.#queueMs = this.#agedMs;
    const stepMs = this.#request.deadlineMs === undefined ? deadlines.stepMs : Math.min(deadlines.stepMs, this.#leftMs);
    const { connectMs, firstTokenMs, idleMs } = deadlines;
    const { requiresArguments, isTool } = this.#request;
    this.#attempt = new Attempt(
      {
        dispatcher,
        request: { method: 'POST', path, headers, body: this.#body?.json ?? '', headersTimeout: 0, bodyTimeout: 0 },
        clock,
        deadlines: { connectMs, firstTokenMs, idleMs, stepMs },
        reader: { requiresArguments, isTool, isIdTaken: (id) => this.#isIdTaken(id), newId, secret: apiKey },
      },
      { event: (event) => this.#hand(event), ended: (result) => this.#onEnded(result) },
    );
  }

  /** Ids that a model made up poorly come again in its next step; the history must still tell them apart. */
  #isIdTaken(id: string): boolean {
    return this.#request.messages.some((message) => message.role === 'tool' && message.tool_call_id === id);
  }

  #hand(event: ModelEvent): void {
    if (!this.#isOver) this.#listener(event);
  }

  #onEnded(result: AttemptResult): void {
    if (this.#isOver) return;
    const { error } = result;
    const isRefused = error?.code === 'rate-limited';
    if (isRefused) {
      const isConcurrency = error.message.includes(CONCURRENCY_LIMIT_MESSAGE);
      this.#context.budget.lower({ retryAfterMs: error.retryAfterMs, isConcurrency });
    }
    this.#release?.({ wasSent: result.wasSent && !isRefused });
    this.#release = undefined;
    if (!error) return this.#end(result);
    if (this.#mendManners(error, result)) return this.#build();
    const delayMs = this.#retryDelayMs(error);
    if (delayMs === undefined || delayMs >= this.#leftMs) return this.#fail(error, result);
    this.#log('retrying', { ...errorFields(error), delayMs: Math.round(delayMs) });
    this.#cancelWait = this.#context.clock.after(delayMs, () => this.#enqueue());
  }

  #retryDelayMs(error: ProviderError): number | undefined {
    const isRefused = error.code === 'rate-limited';
    if (isRefused && this.#request.priority === 'speculation') return undefined;
    const delayMs = retryDelayMs(error, this.#attempts, this.#context.random());
    const waitMs = this.#waitMs;
    if (waitMs === undefined || delayMs === undefined) return delayMs;
    return isRefused && delayMs <= waitMs ? delayMs : undefined; // somebody else is asked at once
  }

  /** Whether the server wants the same in another form, which is not what was asked with. It is asked so from now on. */
  #mendManners(error: ProviderError, { refusal }: AttemptResult): boolean {
    if (error.phase === 'mid-stream' || refusal === undefined || error.code === 'context-overflow') return false;
    if (this.#leftMs <= 0) return false;
    const { status } = error;
    const facts = { status, words: refusal, fields: extraFieldsOf(this.#request.messages) };
    if (!learn(this.#manners, facts)) return false;
    const known = mannersOf(this.#server, this.#model); // another call may have found it out meanwhile
    this.#manners = learn(known, facts) ?? known;
    rememberManners(this.#server, this.#model, this.#manners);
    this.#log('retrying', { ...errorFields(error), delayMs: 0, manners: this.#manners });
    return true;
  }

  #end(result: AttemptResult): void {
    const end = this.#stepEnd(result);
    if (this.#body && end.usage) this.#context.counted(this.#body, end.usage);
    const { skippedChunks = 0, oddPieces = 0 } = result.end ?? {};
    if (skippedChunks + oddPieces === 0) this.#log('ended', end);
    else this.#log('garbled', { ...end, skippedChunks, oddPieces });
    this.#over({ type: 'step-end', end });
  }

  #fail(error: ProviderError, result?: AttemptResult): void {
    if (this.#isOver) return;
    const end = this.#stepEnd(result);
    this.#log('failed', { ...end, ...errorFields(error) });
    const fits = error.code === 'context-overflow' ? fitsOf(result?.refusal || error.message) : undefined;
    this.#over({ type: 'step-failed', error, end, ...(fits !== undefined && { fits }) });
  }

  #over(event: ModelEvent): void {
    this.#isOver = true;
    this.#context.over(this);
    this.#listener(event);
  }

  #stepEnd(result: AttemptResult | undefined): StepEnd {
    return {
      finishReason: result?.end?.finishReason ?? 'unknown',
      isTruncated: result?.end?.isTruncated ?? false,
      usage: result?.end?.usage,
      requestId: result?.requestId,
      firstTokenMs: result?.firstTokenMs,
      queueMs: this.#queueMs,
      attempts: this.#attempts,
    };
  }

  #log(outcome: 'ended' | 'garbled' | 'failed' | 'retrying' | 'aborted', fields: object): void {
    const { log } = this.#context;
    const level = outcome === 'ended' || outcome === 'aborted' ? 'debug' : 'warn';
    if (!log.isLevelEnabled(level)) return;
    const durationMs = Math.round(this.#agedMs);
    log[level]({ ...this.#request.context, ...fields, attempts: this.#attempts, durationMs }, `model step ${outcome}`);
  }
}

function errorFields(err: ProviderError) {
  const { code, status, providerCode, requestId, retryAfterMs } = err;
  return { code, status, providerCode, requestId, retryAfterMs, err };
}

function asProviderError(thrown: unknown): ProviderError {
  if (thrown instanceof ProviderError) return thrown;
  const code = thrown instanceof VoiceError ? thrown.code : 'internal';
  return silenceFailure(code, messageOf(thrown), { phase: 'connect', cause: thrown });
}
