/** The state of one turn and of the step that it is in: plain records that the machine moves along. */
import type { ToolCall } from '../model/contract.ts';
import type { ToolFacts, ToolOutcome } from '../tool/contract.ts';
import type { TurnEventOf, TurnOutcome } from './contract.ts';
import { SilenceMeter, type Wait } from './silence.ts';

export interface CallState {
  readonly call: ToolCall;
  /** Its id as the model gave it. */
  readonly receivedId: string;
  /** Undefined for a tool that the agent does not have. */
  readonly facts: ToolFacts | undefined;
  readonly turn: number;
  readonly step: number;
  readonly startedAtMs: number;
  /** Waits until the words before it have been heard (R19). */
  isHeld: boolean;
  outcome: ToolOutcome | undefined;
}

export interface StepState {
  readonly number: number;
  /** The model has not ended. */
  isOpen: boolean;
  /** The model has said something in this step. */
  hasText: boolean;
  hasSpoken: boolean;
  sawCall: boolean;
  ignoresCalls: boolean;
  /** R24: before its turn was sure. */
  readonly wasAskedAhead: boolean;
  readonly calls: CallState[];
}

export interface TurnState {
  readonly number: number;
  readonly startedAtMs: number;
  readonly silence: SilenceMeter;
  step: StepState;
  steps: number;
  /** Words of the caller began it, and not something that the agent has to tell. */
  readonly isAsked: boolean;
  /** Its first request waits for the facts of the call. */
  isHeld: boolean;
  /** R9: invalid calls of this turn, by name and arguments. */
  readonly invalid: Set<string>;
  mayCall: boolean;
  firstWordAtMs: number | undefined;
  readonly wait: Wait;
  /** What the caller said meanwhile that asks nothing new, for the next step to know. */
  asides: string[];
  /** Words of the answer were lost while the model was still writing it. */
  hasLost: boolean;
  /** All is said, with this outcome; the turn ends when it has been heard. */
  finishing: TurnOutcome | undefined;
}

/** The call that the turn waits for: the first of this step whose handler runs. */
export function runningCall({ calls }: StepState): CallState | undefined {
  for (const state of calls) if (!state.outcome && !state.isHeld) return state; // looked for in every event
  return undefined;
}

/** The end of a step, as the model tells it. */
export type StepEndEvent = TurnEventOf<'step-end'> | TurnEventOf<'step-failed'>;

/** R7, R8, R10: what a step without calls makes of its turn. `isFailed`: the caller has to say it again. */
export function endOf(
  { number, hasText }: StepState,
  event: StepEndEvent,
  { maxSteps }: { maxSteps: number },
): { outcome: TurnOutcome; isFailed: boolean } {
  const ending = number > 1 && number >= maxSteps ? 'step-limit' : undefined;
  if (event.type === 'step-failed' || event.isTruncated) return { outcome: hasText ? 'cut' : 'failed', isFailed: true };
  if (event.finishReason === 'content_filter') return { outcome: 'failed', isFailed: true };
  if (!hasText) return { outcome: ending ?? 'failed', isFailed: true };
  return { outcome: event.finishReason === 'length' ? 'cut' : (ending ?? 'replied'), isFailed: false };
}

/** R24: nobody tries again what was asked ahead; now that the turn is sure it is asked as any other, if nothing came of it. */
export const isAskedAnew = ({ wasAskedAhead, hasText, calls }: StepState, event: StepEndEvent): boolean =>
  event.type === 'step-failed' && wasAskedAhead && !hasText && calls.length === 0;

/** Of the same request, asked once more. */
export const priorityOf = ({ steps }: TurnState): 'tool-follow-up' | 'answer' =>
  steps > 1 ? 'tool-follow-up' : 'answer';

/** R9: the same invalid call twice ends tool use for the turn. */
export function countInvalid(turn: TurnState, { call, outcome }: CallState): void {
  if (!outcome || outcome.ok) return;
  if (outcome.failure !== 'unknown-tool' && outcome.failure !== 'invalid-arguments') return;
  const key = `${call.name} ${call.arguments}`;
  if (turn.invalid.has(key)) turn.mayCall = false;
  turn.invalid.add(key);
}

export function newStep(number: number, ignoresCalls: boolean, wasAskedAhead = false): StepState {
  return {
    number,
    isOpen: true,
    hasText: false,
    hasSpoken: false,
    sawCall: false,
    ignoresCalls,
    wasAskedAhead,
    calls: [],
  };
}

/** Between steps: nothing of it is open, and nothing was called. */
export const closedStep = (number: number): StepState => ({ ...newStep(number, false), isOpen: false });

export function newTurn(
  number: number,
  isAsked: boolean,
  { atMs, endpointingMs }: { atMs: number; endpointingMs: number },
): TurnState {
  return {
    number,
    startedAtMs: atMs,
    silence: new SilenceMeter(atMs, endpointingMs),
    step: closedStep(0),
    steps: 0,
    isAsked,
    isHeld: false,
    invalid: new Set(),
    mayCall: true,
    firstWordAtMs: undefined,
    wait: { quietSinceMs: atMs, waitingSinceMs: atMs, phrases: 0 },
    asides: [],
    hasLost: false,
    finishing: undefined,
  };
}
