/**
 * The turn machine's whole vocabulary: what it is told, and what it asks for. All plain data, so that a call's log can
 * be replayed. `atMs` is handed to `handle` beside the event: milliseconds since the call's start, monotonic.
 */
import type { ExtraFields, FinishReason, Message, ToolCall, Usage } from '../model/contract.ts';
import type {
  HandOffContext,
  TaskEnd,
  ToolEffect,
  ToolFacts,
  ToolFailure,
  ToolOutcome,
  TransferOrder,
} from '../tool/contract.ts';

/** What can be due at a time, and has a timer of its own; in the order in which they are set. */
export const TIMER_NAMES = [
  'facts',
  'interruption',
  'noise',
  'silence',
  'not-understood',
  'late-result',
  'away',
  'digits',
  'longest-call',
  'late-stop',
  'taken-back',
  'on-hold',
] as const;
export type TimerName = (typeof TIMER_NAMES)[number];

/** What the agent's words are. `filler`: model text in a step that also calls tools, once that is known. */
export type SpeechKind =
  'answer' | 'filler' | 'greeting' | 'tool-filler' | 'progress' | 'nudge' | 'recovery' | 'verbatim';

/**
 * What happens to a call. `generation` is that of the step it belongs to: what carries an old one is late and is fenced,
 * except for tool results, which are never lost.
 */
export type TurnEvent =
  /**
   * The line is open. First, once. `facts`: what the model should know of this call, after the system prompt. When they are
   * yet to come, `factsWithinMs`: so long the first request waits for them.
   */
  | { type: 'call-start'; facts?: string; factsWithinMs?: number }
  /** They have come; without `text` there are none. `problem`: why, for observers, when that is nobody's wish. */
  | { type: 'facts'; text?: string; problem?: string }
  /** The caller has finished saying something. `endpointingMs`: from the end of their voice to this decision. */
  | { type: 'caller-turn'; text: string; endpointingMs?: number }
  /** R24: what they have said so far looks finished, though the silence is not over that makes it sure. */
  | { type: 'caller-likely-finished'; text: string }
  /** The caller's voice or, with `words`, what has been understood of it so far. */
  | { type: 'caller-speech'; phase: 'start' | 'words' | 'end'; words?: string }
  /** Whether what the caller says can be understood: the ear's service was lost, or is back. Up unless told. */
  | { type: 'ear-up'; isUp: boolean }
  /**
   * The caller cuts in, beyond doubt: typed, or told by a line that speaks by itself. That one has stopped then, and
   * speaks nothing more of the utterances up to `upTo`, of which `heard` has told how much was.
   */
  | { type: 'interrupt'; upTo?: number }
  | { type: 'text-delta'; generation: number; delta: string }
  /** What this step has said so far was no answer but thoughts, as only what followed has told. */
  | { type: 'text-taken-back'; generation: number }
  | { type: 'tool-call-start'; generation: number }
  | { type: 'tool-call'; generation: number; call: ToolCall }
  | { type: 'tool-call-failed'; generation: number; call: ToolCall; message: string }
  /** What is to be sent back beside the calls of this step, whole; `calls` by their ids, as the model gave them. */
  | {
      type: 'answer-extra';
      generation: number;
      message?: ExtraFields;
      calls?: Readonly<Record<string, ExtraFields>>;
    }
  | { type: 'step-end'; generation: number; finishReason: FinishReason; isTruncated: boolean; facts: StepFacts }
  /** `fits`, of a conversation that was too long: which share of it would have been taken, if that is known. */
  | { type: 'step-failed'; generation: number; code: string; message: string; facts: StepFacts; fits?: number }
  | { type: 'tool-settled'; callId: string; outcome: ToolOutcome; durationMs: number }
  | { type: 'tool-progress'; callId: string; text: string }
  /**
   * R28: a task's handler has read what it begins with. `ask`: what is said first; without it, its model begins. `maxTurns`: of the
   * caller, before it is given up.
   */
  | {
      type: 'task-begin';
      callId: string;
      instructions: string;
      tools: readonly ToolFacts[];
      maxTurns: number;
      ask?: string;
    }
  /** The speaker began to be audible with this utterance. */
  | { type: 'playback-start'; utterance: number }
  /**
   * The caller has heard this many characters of this utterance, to the word. Comes before `playback-idle`; when it
   * `isExact`, it may come later, and may be less than was told before.
   */
  | { type: 'heard'; utterance: number; characters: number; isExact?: true }
  /** Everything said so far has been heard, or was given up, and nothing more is open. */
  | { type: 'playback-idle' }
  /**
   * Something has been said, and for `quietMs` nothing is heard of it: the voice does not come. `playback-start` tells
   * when it does. `canSpeak`: the agent's own phrases are at hand, and can be said meanwhile.
   */
  | { type: 'playback-stalled'; quietMs: number; canSpeak: boolean }
  /** The voice gave this utterance up: what of it is not heard by `playback-idle` never will be. */
  | { type: 'speech-failed'; utterance: number; code: string; message: string; requestId: string | undefined }
  | { type: 'timer'; timer: TimerName }
  | { type: 'digit'; digit: string }
  /** The bridge could not carry out the `transfer` effect: the call goes on. */
  | { type: 'transfer-failed'; message: string }
  /**
   * The embedding program has the agent say something. With `thenHangUp`, a reason, the call ends when it was heard; with
   * `thenTransfer` besides, it goes there instead, and ends with a goodbye if that fails.
   */
  | { type: 'say'; text: string; thenHangUp?: string; thenTransfer?: string }
  /**
   * Something is gone for good without which the call cannot go on: nothing that the caller says will be understood any
   * more. The agent finishes the turn that it is in, says so, and ends the call or hands it over.
   */
  | { type: 'outage'; reason: string }
  | { type: 'hang-up'; reason: string };

/** The events of one type. */
export type TurnEventOf<Type extends TurnEvent['type']> = Extract<TurnEvent, { type: Type }>;

/** What is known of a step when it is over; it is reported, and calibrates the token estimate. */
export interface StepFacts {
  usage: Usage | undefined;
  requestId: string | undefined;
  firstTokenMs: number | undefined;
  queueMs: number;
  attempts: number;
}

/** What the machine asks for. `generation` fences as above. */
export type TurnEffect =
  | {
      type: 'request-step';
      generation: number;
      turn: number;
      /** Counted from 1 within the turn. */
      step: number;
      /** The whole legal list. Never changed after it was handed out. */
      messages: readonly Message[];
      toolChoice: 'auto' | 'none';
      priority: 'tool-follow-up' | 'answer' | 'speculation';
      /** R24: the caller's turn is not sure. Only while there is room to spare. */
      isAhead?: true;
    }
  | { type: 'abort-step'; generation: number }
  /**
   * Speak `text` behind everything said before it. The same `utterance` goes on; a new number starts a new one.
   * `isAhead`: now, before the rest of what stalls.
   */
  | { type: 'say'; utterance: number; text: string; kind: SpeechKind; turn: number; step: number; isAhead?: true }
  /**
   * R24: these words may be said next, as this utterance. Their first clause is synthesized, and nothing of it sounds before
   * they are said. `isWhole`: as they stand, for no more of them will come.
   */
  | { type: 'prepare'; utterance: number; text: string; isWhole?: true }
  /** They will not. */
  | { type: 'unprepare' }
  /** Nothing more is added to this utterance: synthesize what is left of it now. */
  | { type: 'flush'; utterance: number }
  /** Throw away everything that has not been heard. */
  | { type: 'clear' }
  | { type: 'pause' }
  | { type: 'resume' }
  | { type: 'run-tool'; call: ToolCall; effect: ToolEffect; turn: number; step: number }
  | { type: 'cancel-tool'; callId: string }
  /** Tell me `timer` after `afterMs`; setting it again replaces it; `null` takes it back. */
  | { type: 'set-timer'; timer: TimerName; afterMs: number | null }
  | ({ type: 'transfer' } & TransferOrder)
  /** R27: what is asked, run, said and heard from here on is this agent's. Between two turns, with nothing to be heard. */
  | { type: 'agent-change'; agent: string }
  | { type: 'hang-up'; reason: string }
  /** R28: what is asked for and called from here on is the task's whose call this is. */
  | { type: 'begin-task'; callId: string }
  /** It has ended, or did not begin. Who began it goes on. */
  | { type: 'end-task'; callId: string; end: TaskEnd }
  | { type: 'report'; event: TurnReport };

/** R24: what became of an answer that was asked ahead. */
export type AheadOutcome = 'kept' | 'dropped' | 'failed';

/** What ended the time that the agent was on hold: who spoke, that it was long enough, or that it or the call went on. */
export type HoldEnd = 'person' | 'menu' | 'too-long' | 'agent' | 'call-ended';

/** How a turn ended. */
export type TurnOutcome = 'replied' | 'interrupted' | 'step-limit' | 'cut' | 'failed';

/** Where the silent time of a turn went, in milliseconds (R17). */
export interface SilenceByCause {
  endpointingMs: number;
  queueMs: number;
  modelMs: number;
  toolMs: number;
  speechMs: number;
}

/** What observers are told, in the words of design section 6. `callId` and `atMs` are added by the call. */
export type TurnReport =
  | { type: 'turn-start'; turn: number; text: string }
  /** `ahead` (R24): the turn is not sure, and may never begin: `ahead-end` tells. */
  | { type: 'step-start'; turn: number; step: number; messages: number; attempt: number; ahead?: true }
  /**
   * R24: what became of a step that was asked ahead, which has no end of its own unless it was `kept`. `aheadMs`: since it was
   * asked. `code`: why it `failed`. `usage`: what it took although it was not kept, if that is known.
   */
  | {
      type: 'ahead-end';
      turn: number;
      step: number;
      outcome: AheadOutcome;
      aheadMs: number;
      code?: string;
      usage?: Usage;
    }
  | {
      type: 'step-end';
      turn: number;
      step: number;
      finishReason: FinishReason | 'failed';
      /** What the text of this step turned out to be. */
      textKind: 'answer' | 'filler';
      usage: Usage | undefined;
      requestId: string | undefined;
      firstTokenMs: number | undefined;
      queueMs: number;
      attempts: number;
    }
  | { type: 'tool-start'; turn: number; step: number; id: string; name: string; arguments: string; effect: ToolEffect }
  | { type: 'tool-progress'; turn: number; id: string; name: string; text: string }
  | {
      type: 'tool-end';
      turn: number;
      step: number;
      id: string;
      name: string;
      ok: boolean;
      /** JSON text that the model reads, when `ok`. */
      result?: string;
      /** JSON text that the model reads, when not `ok`. */
      error?: string;
      /** What kind of failure it was, when not `ok`. */
      failure?: ToolFailure;
      durationMs: number;
      /** R14: it came after its turn was over. */
      isLate?: boolean;
    }
  /**
   * What the model has written in this step was not meant for the caller, as it turns out: of the text that was told of the
   * step they have heard `heard`, and will never hear `unheard`. What comes behind it is told as ever.
   */
  | { type: 'text-taken-back'; turn: number; step: number; heard: string; unheard: string }
  | { type: 'interruption'; turn: number; heard: string; unheard: string }
  /** R28: the conversation of a task begins, whose call has this id. */
  | { type: 'task-start'; turn: number; id: string; name: string }
  /** R28: it is over. `turn`: in which it ended. `why`: in words, of one that has no result. */
  | { type: 'task-end'; turn: number; id: string; name: string; how: TaskEnd['how']; why?: string }
  /**
   * R25: the caller went on before any of the answer was audible. Before the turn's end. `text`: what they had said by then,
   * which is asked with the words that follow.
   */
  | { type: 'turn-taken-back'; turn: number; text: string }
  | {
      type: 'turn-end';
      turn: number;
      outcome: TurnOutcome;
      heard: string;
      latency: { firstWordMs: number | undefined; totalMs: number; silence: SilenceByCause };
    }
  /** R27: after `turn`, the agent `to` has the caller, in place of `from`. `context`: what it is shown of what was said before. */
  | { type: 'agent-change'; turn: number; from: string; to: string; context: HandOffContext }
  | { type: 'digit'; digit: string }
  /** The agent is on hold, and says and asks nothing, since this turn... */
  | { type: 'hold-start'; turn: number }
  /** ...and is not any more, after `heldMs`. */
  | { type: 'hold-end'; turn: number; heldMs: number; why: HoldEnd }
  | { type: 'compaction'; turn: number; droppedMessages: number; keptMessages: number }
  | { type: 'error'; turn: number; step?: number; code: string; message: string; requestId: string | undefined }
  | { type: 'call-end'; reason: string };
