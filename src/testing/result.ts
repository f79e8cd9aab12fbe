/**
 * What is known of a call when it is over, or so far: plain data, filled by a call of a test, by a scenario's run or from
 * a recording, and looked at by the checks. Nothing in it is a judgement. Times are milliseconds since the call's start,
 * as in its events, at the caller's ear; those of a voice in virtual time are exact to the sample, and so no whole numbers.
 */
import type { CallEvent } from '../call/events.ts';
import type { PersonGone } from '../call/warm-transfer.ts';
import type { Message } from '../model/contract.ts';
import type { ToolEffect, ToolFailure } from '../tool/contract.ts';
import type { SilenceByCause, SpeechKind, TurnOutcome } from '../turn/contract.ts';

/** From the first sample of something to behind its last. */
export interface SoundStretch {
  fromMs: number;
  toMs: number;
}

/** What the caller did, as the script has it and not as it was understood. */
export type CallerStretch = SoundStretch &
  (
    | {
        kind: 'utterance';
        /** What was said, whole. */
        text: string;
        /** Silences in the middle of it: the caller has not finished. In order; none: left out. */
        pauses?: SoundStretch[];
        /** The caller wants the agent to stop: its first sound came while the agent spoke, or was about to. */
        cutsIn?: boolean;
        /** Of a call that is only heard: when the caller took the agent to have finished with it. */
        doneMs?: number;
      }
    /** `mm-hm` and the like, which asks nobody to stop, and what is no voice at all: a cough, a slammed door. */
    | { kind: 'backchannel' | 'noise'; what: string }
    /** Each key as it was pressed; `toMs` is the end of the last. */
    | { kind: 'keys'; keys: string }
  );

/** A word of the agent's, as the caller heard it. */
export interface HeardWord extends SoundStretch {
  text: string;
  /** Of which turn it was; 0 is the greeting. Undefined where that cannot be told. */
  turn?: number;
  /** What it was part of. `filler` also where it was told as `answer` and turned out to be one. */
  kind?: SpeechKind;
}

/** Both voices as the caller's end had them, from the call's start, without a gap. Not JSON: leave it out of what is written as such. */
export interface CallSound {
  sampleRateHz: number;
  caller: Int16Array;
  agent: Int16Array;
}

/** One request, as the model got it. */
export interface SentRequest {
  atMs: number;
  turn: number;
  /** Counted from 1 within its turn. The same one again: it was asked once more after a failure. */
  step: number;
  messages: readonly Message[];
  toolChoice: 'auto' | 'none';
}

/** One call of a tool by the model, and what it was told. */
export interface ToolUse {
  turn: number;
  step: number;
  /** The model's. */
  id: string;
  name: string;
  arguments: Record<string, unknown>;
  effect: ToolEffect;
  fromMs: number;
  /** Undefined while it runs. */
  toMs?: number;
  /** Undefined while it runs. */
  ok?: boolean;
  result?: unknown;
  /** The sentence that the model reads, when not `ok`. */
  error?: string;
  failure?: ToolFailure;
  /** It ended after its turn was over. */
  isLate?: boolean;
  /** It waits for something that the caller does, such as pressing keys: silence meanwhile is theirs. */
  waitsForCaller?: boolean;
  /** A stub answered in place of the tool's own `run`. Undefined where nobody can tell. */
  isStubbed?: boolean;
}

/**
 * One run of a tool's handler. There may be several for one call, as `retries` makes them, or none, where two equal calls
 * became one; and one may go on after its call was cancelled or timed out.
 */
export interface ToolRun {
  name: string;
  arguments: Record<string, unknown>;
  effect: ToolEffect;
  fromMs: number;
  /** When it came to its end, whoever still waited for it. Undefined: it never did. */
  toMs?: number;
  /** It returned, and did not throw: what it does has been done. */
  isDone: boolean;
  /** When it was told to stop. */
  abortedAtMs?: number;
  idempotencyKey?: string;
  isStubbed: boolean;
}

/** Somebody whom the agent has rung on a second line, to hand its caller over to them in person. */
export interface RungPerson {
  to: string;
  /** Of the second call; `personCallId` of the events. */
  callId: string;
  /** What the model wrote for them. */
  summary: string;
  /** What they have heard, as far as there is sound; on a line of text, the summary. Empty: they have not answered. */
  heard: string;
  fromMs: number;
  /** Who has answered; undefined: nobody. */
  answeredBy?: 'person' | 'machine';
  /** What has come of it; `completed`: they have hung up. Undefined while it goes on. */
  outcome?: 'accepted' | 'declined' | PersonGone;
  /** When that was known. */
  toMs?: number;
}

/** The world as it stood: what `world()` returned, as JSON. */
export interface WorldLook {
  atMs: number;
  /** `before` the call, `after` a run of a tool, and at the `end`. */
  when: 'before' | 'after' | 'end';
  /** After which tool. */
  tool?: string;
  effect?: ToolEffect;
  state: unknown;
}

/** What went wrong with the test and not with the agent: with one of these a call is void, whatever else is found. */
export interface HarnessTrouble {
  what: string;
  atMs?: number;
}

/** Which parts of the service the call took beside the model's tokens, which are in its `call-end`. */
export interface SpeechUsage {
  /** Sent to the synthesizer. */
  characters: number;
  /** Of audio sent to the transcriber. */
  seconds: number;
}

/** A call, whole or so far. What is undefined cannot be known of it; what is empty did not happen. */
export interface CallResult {
  callId: string;
  agent: string;
  /** How the caller was on the line. `url`: a worker elsewhere. */
  line: 'voice' | 'text' | 'phone' | 'url' | 'recording';
  /**
   * `outside`: only what the caller does and hears is known. `events` are those that they can tell (`text-delta` and what is
   * within the agent are none of them), and of tools and requests nothing is known, though the lists are empty.
   */
  visible: 'inside' | 'outside';
  /** Who understood the caller: the stand-in's ear is perfect. */
  hearing: 'stand-in' | 'real' | 'none';
  events: CallEvent[];
  requests: SentRequest[];
  caller: CallerStretch[];
  /**
   * The agent's sound at the caller's end, over -42 dB of full scale; gaps from 20 ms on are told apart. Undefined on a line
   * of text.
   */
  agentSound?: SoundStretch[];
  /** Undefined where the sound cannot be understood. On a line of text: what was shown, and when. */
  heard?: HeardWord[];
  sound?: CallSound;
  tools: ToolUse[];
  /** Undefined where nobody stood before the handlers, as in a recording. */
  runs?: ToolRun[];
  /** Of all tools that the agent, its team and their tasks have. Undefined where nobody can tell, as in a recording. */
  toolNames?: readonly string[];
  /** Whom the agent has rung for its caller. Undefined where nobody is played, as in a recording. */
  people?: RungPerson[];
  /** Undefined where no world was given. */
  world?: WorldLook[];
  /**
   * Undefined while it goes on. `reason` as in `call-end`. `isCutOff`: sound of the agent's had come by then that the caller
   * never heard; undefined where that is told otherwise.
   */
  end?: { atMs: number; reason: string; isCutOff?: boolean };
  /** Of `machine.jsonl`: what the turn machine was told and answered, as JSON lines. */
  machine?: string;
  /** The scripted replies that nobody asked for, in words. Undefined: the model followed no script. */
  unusedReplies?: string[];
  speech?: SpeechUsage;
  troubles: HarnessTrouble[];
}

/** How a cut-in went. */
export interface TurnInterruption {
  atMs: number;
  /** From the first sound of the cut-in to the end of the agent's last sound; undefined without sound. */
  yieldMs?: number;
  /** Words of this turn that the caller heard... */
  heardWords: number;
  /** ...and that the next request told the model of. */
  toldWords: number;
}

/** One turn of the caller's and all that came of it: a view of `call`, made by `turnsOf`. */
export interface Turn {
  /** From 1; 0 is the greeting, which nobody asked for. */
  number: number;
  /** Who had the caller in it: where there is a team, another one from one turn to the next. */
  agent: string;
  /** What the caller said, as it was understood. */
  said: string;
  /** What the agent wrote to be spoken in this turn, whole. */
  text: string;
  /** What of it the caller heard. */
  heard: string;
  /** The part of `text` that was no answer yet: the model's words before a tool, and the tool's own. */
  filler: string;
  tools: ToolUse[];
  /** Undefined while it goes on. */
  outcome?: TurnOutcome;
  /** From the end of the caller's voice to the agent's first sound: undefined when there was none, or it spoke already. */
  latencyMs?: number;
  /** The same to the first sound of an answer: not of a filler, a phrase that bridges, or progress. */
  answerMs?: number;
  /** Silence while the agent owed the caller something, together. */
  deadAirMs: number;
  /** The same by what was waited for. Undefined while the turn goes on. */
  silence?: SilenceByCause;
  interruption?: TurnInterruption;
  /** From the end of the caller's voice (their last sound before it) ... */
  fromMs: number;
  /** ... until the next turn begins, or the call ends. */
  toMs: number;
  /** The call that it is a part of. Not enumerable: a turn is printed and compared without it. */
  readonly call: CallResult;
}

/**
 * `fault`: the agent did what it must not. `vacuous`: the check had nothing to look at, so that it says nothing.
 * `not visible`: what it looks at cannot be known of this call. None of them is a pass.
 */
export type FindingKind = 'fault' | 'vacuous' | 'not visible';

/** What a check has found. */
export interface Finding {
  /** The check's name, such as `answerWithin`. */
  check: string;
  kind: FindingKind;
  /** One sentence: what was expected, and what came. */
  what: string;
  /** Where in the call; undefined where it is no one instant. */
  atMs?: number;
  turn?: number;
  /** What was said, sent or measured there, word for word. */
  evidence?: string;
}

/** A pure function of a call or of one turn of it. `[]` is good. */
export type Check<Args extends unknown[] = []> = (call: CallResult | Turn, ...args: Args) => Finding[];
