/** What the rest of Parley knows of a language model: what is asked, and what streams back. */
import type { ProviderError } from '../lib/errors.ts';
import type { Refusal } from '../lib/shared-limit.ts';
import type { Successor, VendorHealth } from '../lib/succession.ts';
import type { Vendor, VendorKit, VendorSettings } from '../lib/vendor.ts';

/**
 * Fields of an answer that are not of the protocol, such as `extra_content` with its signature: kept as they came, for the
 * server may refuse the next request without them. JSON values; the model's own client decides which of them go back.
 */
export type ExtraFields = Readonly<Record<string, unknown>>;

/**
 * One message, in the very shape that goes over the wire, so that what was sent once is sent again byte for byte. Only
 * `extra` is no field of its own there: what is in it stands beside the others, as it came.
 */
export type Message =
  | { role: 'system'; content: string }
  | { role: 'user'; content: string }
  | { role: 'assistant'; content: string | null; tool_calls?: MessageToolCall[]; extra?: ExtraFields }
  | { role: 'tool'; tool_call_id: string; content: string };

/** A tool call as a message holds it. */
export interface MessageToolCall {
  id: string;
  type: 'function';
  /** `arguments` is always the text of a JSON object. */
  function: { name: string; arguments: string };
  extra?: ExtraFields;
}

/** A tool call whose arguments are complete. */
export interface ToolCall {
  /** Unique within the step; made up when the model gave none. */
  id: string;
  name: string;
  /** JSON object, as received when it came as one; `{}` when it came empty. */
  arguments: string;
  /** What else its pieces held, and is to be sent back with it; absent when there is nothing. */
  extra?: ExtraFields;
}

/** Tokens, as the service counted them. */
export interface Usage {
  promptTokens: number;
  completionTokens: number;
  /** The part of `promptTokens` that came from the prefix cache; 0 when not reported. */
  cachedTokens: number;
}

/** Why the model stopped, as it said itself. */
export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'unknown';

/**
 * What streams back from one step, each in the tick in which its last byte arrived. After `step-end` or `step-failed`
 * nothing follows; exactly one of the two comes, unless the step is aborted: then nothing at all.
 */
export type ModelEvent =
  | { type: 'text-delta'; delta: string }
  /** The first fragment of any tool call of this step: its spoken text is whole (R2). At most once a step. */
  | { type: 'tool-call-start' }
  /** R3: this call is complete; run it now. */
  | { type: 'tool-call'; call: ToolCall }
  /** This call must not run. `arguments` is `{}` when what came was not a JSON object; `message` is for the model. */
  | { type: 'tool-call-failed'; call: ToolCall; message: string }
  /**
   * Only of a step with calls, behind one of them: what is to be sent back beside them. Whole each time, so that the last
   * one counts. `calls`: of those that were handed on before all of it had come, by their ids.
   */
  | { type: 'answer-extra'; message?: ExtraFields; calls?: Readonly<Record<string, ExtraFields>> }
  | { type: 'step-end'; end: StepEnd }
  /** Nothing, or nothing more, will come. Text and calls that were handed on before stay good. */
  /** `fits`, of a conversation that was too long: which share of it the server would have taken, when it says so; under 1. */
  | { type: 'step-failed'; error: ProviderError; end: StepEnd; fits?: number };

/** How a step ended, and what it took. */
export interface StepEnd {
  finishReason: FinishReason;
  /** The stream ended before the answer did (R10). */
  isTruncated: boolean;
  usage: Usage | undefined;
  requestId: string | undefined;
  /** From the request on the wire to the first token; undefined when none came. */
  firstTokenMs: number | undefined;
  /** Time in the budget's queue and in retries before the request that counted. */
  queueMs: number;
  /** How many times the request was sent, from 1. */
  attempts: number;
}

/** More urgent first. */
export type Priority = 'tool-follow-up' | 'answer' | 'speculation' | 'summary';

/** What is asked in one step. */
export interface StepRequest {
  messages: readonly Message[];
  /** JSON text of the `tools` array, serialised once at load, or undefined when the agent has none. */
  toolsJson: string | undefined;
  /** Which of them requires arguments, so that a placeholder `{}` is not run (stream-reading 13). */
  requiresArguments?: (toolName: string) => boolean;
  /** Whether a name is a known tool (stream-reading 12). */
  isTool?: (toolName: string) => boolean;
  toolChoice?: 'auto' | 'none' | 'required' | { name: string };
  options: ModelOptions;
  priority: Priority;
  /** The request, its queueing and its retries end by then, measured from now. */
  deadlineMs?: number;
  /**
   * Somebody else can be asked: room, or the end of a 429, is waited for no longer than this, in milliseconds from now, and
   * nothing else is asked for again. Default: as long as `deadlineMs` has it, with retries.
   */
  waitMs?: number;
  /** Of a list of models: told each time that one is asked. Default: nobody is told. */
  asks?: (who: Successor) => void;
  /** What a log line about this step carries: `callId`, by which a call has its part of the plan as well, `turn`, `step`. */
  context?: Readonly<Record<string, unknown>>;
}

/**
 * What a person may set in the agent's `model` field, as the vendor's schema has read it. What is left out is left to the
 * service.
 */
export interface ModelOptions {
  /** Default: the vendor's own. */
  model?: string | undefined;
  temperature?: number | undefined;
  topP?: number | undefined;
  maxTokens?: number | undefined;
  stop?: string | string[] | undefined;
  seed?: number | undefined;
  presencePenalty?: number | undefined;
  frequencyPenalty?: number | undefined;
  logitBias?: Record<string, number> | undefined;
  responseFormat?: 'text' | 'json_object' | undefined;
  user?: string | undefined;
  /**
   * `merged`: one system message at the front, then the caller and the agent in turn, for servers whose template takes
   * nothing else. Default: as they are, until a server refuses that; then it is remembered for the process.
   */
  messages?: 'merged' | undefined;
  /** Only sent on: nothing here reads what comes back. */
  logprobs?: boolean | undefined;
  topLogprobs?: number | undefined;
}

/** One request that was asked for. */
export interface ModelStep {
  /** Lets go of the socket, the queue place and every timer in this tick; no event comes after it. */
  abort(): void;
}

/** One instance serves every call in the process. */
export interface LanguageModel {
  /** As logs and metrics show it. */
  readonly name: string;
  /** Opens a connection, so that the first step of a call does not wait for one. Never throws. */
  prewarm(): Promise<void>;
  /** Asks. Never throws: what is wrong comes as `step-failed`, in a later tick. */
  startStep(request: StepRequest, listener: (event: ModelEvent) => void): ModelStep;
  /** Of a list of models: how each of them is, for metrics. Default: it is one. */
  health?(): readonly VendorHealth[];
  close(): Promise<void>;
}

/** How the list of vendors knows a model. It is made at once, for a library's caller does not wait for it either. */
export interface ModelVendor extends Vendor<ModelOptions, LanguageModel, ModelKit> {
  /** Which model these options and settings ask, and where, in a few words, for `parley check`. No key is in it. */
  asks?(options: ModelOptions, settings: VendorSettings): string;
}

/** What a model is made of. */
export interface ModelKit extends VendorKit {
  /**
   * The room to ask, of a resource by the name that the vendor gave it.
   * @throws {VoiceError} `options-invalid`, when it named no such resource.
   */
  budget: (resource: string) => Budget;
}

// ---- room to ask ----------------------------------------------------------------------------------------------------

/** How much may be asked; Infinity: no limit. */
export interface AllowanceLimits {
  requestsPerMinute: number;
  concurrent: number;
}

/**
 * Gives the place back; once, later calls do nothing. `wasSent` false: the service never saw the request, or refused to
 * count it, so that its part of the minute is free again. Default true.
 */
export type Release = (options?: { wasSent?: boolean }) => void;

/** How long somebody waits for room. */
export interface AdmitOptions {
  /** How long it is worth waiting. */
  deadlineMs: number;
  /** Whose request it is: no call may have the whole plan. Default: nobody's, and so of no part. */
  callId?: string | undefined;
  signal: AbortSignal;
}

/** Since the start, but for `queued` and `inFlight`, which are as of now. */
export interface BudgetCounts {
  admitted: number;
  /** Of these, how many had to wait, and for how long together; the way to the other workers and back is no wait. */
  waited: number;
  waitedMs: number;
  /** Gave up because there was no room in time. */
  timedOut: number;
  /** Had to wait, or were refused, because their call had asked for its part of the plan within the last minute. */
  overShare: number;
  /** Left the queue before they were admitted. */
  cancelled: number;
  /** 429s that the service sent. */
  rateLimited: number;
  /** Waiting now. */
  queued: number;
  /** Admitted and not yet released. */
  inFlight: number;
}

/** When there is room to ask: one for each account. */
export interface Budget {
  /**
   * Resolves when the request may go out. Rejects with a `VoiceError` `queue-timeout` when that will not be in time, as
   * soon as that is known, and with the signal's reason when it is aborted.
   */
  admit(priority: Priority, options: AdmitOptions): Promise<Release>;
  /** The same when there is room at this instant, which there nearly always is; `undefined` when there is not. */
  admitNow(priority: Priority, callId?: string): Release | undefined;
  /** The service has answered 429. Call it before the request is released. */
  lower(refusal: Refusal): void;
  readonly counts: BudgetCounts;
  /** What is allowed at this moment: the plan, or what a 429 or the lack of the other workers' word leaves of it. */
  readonly limits: AllowanceLimits;
}
