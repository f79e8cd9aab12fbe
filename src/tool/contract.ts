/** What the rest of Parley knows of tools: their facts, and how one call of one of them ends. */
import type { CallerFacts } from '../bridge/contract.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { ExpectedAnswer } from '../listen/contract.ts';
import type { ToolCall } from '../model/contract.ts';

/** `read` may be cancelled and retried; `write` never is; `terminal` ends the call once the words before are heard. */
export type ToolEffect = 'read' | 'write' | 'terminal';

/** What the turn machine needs to know of a tool. Plain data: a recording holds it. */
export interface ToolFacts {
  name: string;
  effect: ToolEffect;
  /** Phrases for when the model says nothing before the call (R16). */
  filler: readonly string[];
  /** Phrases for a long run (R17). */
  progress: readonly string[];
  /** It waits for something that the caller does, such as pressing keys: that silence is theirs, not ours. */
  waitsForCaller?: boolean | undefined;
  /** What the caller is about to say once it runs, and after it. */
  expects?: ExpectedAnswer | undefined;
  /** R28: its run is a conversation, which begins once the words before it have been heard. */
  isTask?: boolean | undefined;
}

/** What a tool asks for once it has run. To end the call is for a `terminal` one. */
export type ToolControl =
  | { type: 'hang-up'; reason: string }
  | ({ type: 'transfer' } & TransferOrder)
  /** The agent is on hold, and waits. */
  | { type: 'hold' }
  | HandOff
  | EndTask;

/** Whom a caller is to be handed over to, and how. Plain data: a recording holds it. */
export interface TransferOrder {
  /** Phone number, SIP address or a name that the bridge knows. */
  to: string;
  /** SIP headers for whoever takes the call, by name. Default: none. */
  headers?: Readonly<Record<string, string>>;
  /** In person: somebody is rung first, and asked. Default: the caller is sent on. */
  warm?: WarmOrder;
}

/** How somebody is asked whether they take a caller. */
export interface WarmOrder {
  /** What they are told of the caller. */
  summary: string;
  /** How long it may ring, in milliseconds. Default 30,000. */
  ringMs?: number;
  /** A WAV file that the caller hears meanwhile: a path, or a `file:` address. Default: silence. */
  waitSound?: string;
}

/**
 * What an agent is shown of the conversation that it takes over: all of it, what the other one has summed up of it (`about`), or
 * nothing.
 */
export type HandOffContext = 'all' | 'summary' | 'none';

/** R27: another agent of the team goes on with the caller. From a tool with any effect. */
export interface HandOff {
  type: 'hand-off';
  /** By the name that the agent's `team` has for it. */
  to: string;
  context: HandOffContext;
  /** What the new agent is told besides. With `summary`, in place of what was said. */
  about?: string;
}

/** R28: a task within a task within a task: nobody would find their way back from more. */
export const MOST_TASKS_DEEP = 3;

/** R28: how a task ends, and with what. */
export interface TaskEnd {
  /**
   * `finished`: with a result. `something-else`: the caller wants something other than it. `refused`: it did not begin.
   * `too-long`: it took too many turns, or more time than a tool may take.
   */
  how: 'finished' | 'given-up' | 'something-else' | 'too-long' | 'refused' | 'call-ended';
  /** Its result, as JSON text. */
  content?: string;
  /** Why there is none, in words. */
  why?: string;
}

/** R28: the conversation that this tool belongs to is over. From a tool with any effect. */
export interface EndTask {
  type: 'end-task';
  end: TaskEnd;
}

/** Why a call of a tool came to nothing. */
export type ToolFailure =
  'unknown-tool' | 'invalid-arguments' | 'invalid-result' | 'tool-error' | 'internal-error' | 'timeout' | 'cancelled';

/** How one call ended. `content` is what the model reads: JSON text, at most 8 kB. */
export type ToolOutcome =
  | {
      ok: true;
      content: string;
      /** Words to speak as they are; the turn then ends without another model request. */
      say?: string;
      /** `say` is the beginning of what the tool had said: nobody listens for longer. */
      isSayCut?: boolean;
      control?: ToolControl;
      /** R15: the effect was not done again; this is the journal's answer. */
      isFromJournal?: boolean;
    }
  | { ok: false; content: string; failure: ToolFailure };

/** What a tool's author has to know, and nobody else is told in these words. */
export interface ToolFault {
  tool: string;
  turn: number;
  /** In a few words: `threw`, `threw, and is tried again`, `threw after its call had ended`. */
  what: string;
  /** What was thrown, read (see `lib/thrown.ts`), or what is wrong with what the tool gave back, in a sentence. */
  error: Error | string;
}

export interface ToolRunListener {
  /** Called once, never synchronously within `run` and never after `dispose`. */
  settled(callId: string, outcome: ToolOutcome, durationMs: number): void;
  /** `context.progress(text)`. */
  progress(callId: string, text: string): void;
  /** At once, whoever waits for it, and also after `dispose`. A `ToolError` is an answer, and not told. Default: it is logged alone. */
  failed?(fault: ToolFault): void;
}

/** Runs the tool calls of one phone call. */
export interface ToolRunner {
  /** Starts the handler in this tick when its arguments are valid and its queue has room. Never throws. */
  run(call: ToolCall, turn: number): void;
  /** Aborts a `read`; a `write` goes on and still settles. The outcome of a cancelled read is `cancelled`. */
  cancel(callId: string): void;
  /**
   * The same for a `read` that the model may ask for again at once, since the caller has only spoken in between: its handler
   * goes on for some seconds, and an equal call is told its result instead of starting another one (R15).
   */
  letGo(callId: string): void;
  /** How many calls have not settled. A handler that was timed out or cancelled, and goes on, is not counted. */
  readonly running: number;
  /** Resolves once `running` is 0: after a hang-up, that the writes have ended and been reported. */
  whenIdle(): Promise<void>;
  /** Aborts every read and reports nothing more. A write goes on, and its end is logged. Safe to call twice. */
  dispose(): void;
}

/** What a tool may do with the phone line itself. A missing member: the bridge cannot. */
export interface CallLine {
  /** Presses keys: `0-9 * # w`, where `w` waits for half a second. Rejects when they could not be sent. */
  sendDigits?: ((digits: string) => Promise<void>) | undefined;
  /**
   * The keys that the caller presses from now on, until there are `count` of them, `terminator` is pressed (it is not
   * part of the answer) or `timeoutMs` have passed since the last one. Empty when none was pressed. Rejects with the
   * signal's reason.
   */
  collectDigits?: ((options: CollectDigitsOptions) => Promise<string>) | undefined;
  /** Says what the caller is about to say, so that a pause in it is waited for; until they have said it. Missing on lines of text. */
  expect?: ((answer: ExpectedAnswer) => void) | undefined;
}

/** Which keys of the caller's are waited for, and how long. */
export interface CollectDigitsOptions {
  count?: number | undefined;
  terminator?: string | undefined;
  timeoutMs: number;
  signal: AbortSignal;
}

/** What a runner is told of the call that it works for. */
export interface ToolRunnerOptions {
  /** The phone call's id, not a tool call's. */
  callId: string;
  caller: CallerFacts;
  listener: ToolRunListener;
  /** Kept for the call and handed to every tool; default: a new empty object. */
  state?: Record<string, unknown> | undefined;
  /** Default: a line that can do nothing. */
  line?: CallLine | undefined;
  /** Default: the system's. */
  clock?: Clock | undefined;
  /** The call's own, with its `callId`. Default: the toolbox's with `callId` added. */
  log?: Log | undefined;
  /** How long an ended write answers for its repetition (R15), in milliseconds. Default 30,000. */
  dedupeMs?: number | undefined;
  /** R28: has the conversation of a task, for its handler. Default: there is nobody to have one with. */
  converse?: ConverseFor | undefined;
  /** What a placeholder in a sensitive field stands for. Default: what is written there is meant. */
  reveal?: ((text: string) => string) | undefined;
}

/** `task` and `input` are those of `tool/task.ts`. Resolves with its result; rejects with a `ToolError` that says why there is none. */
export type ConverseFor = (call: { callId: string; name: string }, task: object, input: unknown) => Promise<unknown>;

/** One sensitive field of a tool's input. */
export interface SensitiveField {
  /** Its own name. */
  name: string;
  /** From the input; `[]` is each of a list. */
  path: readonly string[];
  lastShown: number;
  words: boolean;
}

/** The tools of one agent, loaded and checked. One instance serves every call of the process. */
export interface Toolbox {
  readonly facts: readonly ToolFacts[];
  /** JSON text of the request's `tools` array, byte-stable; undefined when there are none. */
  readonly toolsJson: string | undefined;
  /** Tools that hand the caller over, or may, as far as their code shows, by their names. */
  readonly handovers: readonly string[];
  requiresArguments(toolName: string): boolean;
  has(toolName: string): boolean;
  /** Of the tool's input: what nobody but the tool may see. */
  sensitiveFields(toolName: string): readonly SensitiveField[];
  /** R28: the tools of a task's conversation, by the name of the task; undefined for what is none. */
  ofTask(toolName: string): Toolbox | undefined;
  /** Runs the tool calls of one phone call. */
  runner(options: ToolRunnerOptions): ToolRunner;
  /**
   * R27: from now on, `runner` runs these tools. What runs goes on; the call's `state`, its journal (R15) and what it knows of the
   * line stay. `dedupeMs` as of `ToolRunnerOptions`.
   */
  takeOver(runner: ToolRunner, options: { dedupeMs: number }): void;
}
