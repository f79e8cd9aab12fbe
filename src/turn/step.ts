/** The state of one turn and of the step that it is in: plain records that the machine moves along. */
import type { ToolCall } from '../model/contract.ts';
import type { ToolFacts, ToolOutcome } from '../tool/contract.ts';
import type { TurnOutcome } from './contract.ts';
import type { AssistantEntry, Span } from './history.ts';
import { SilenceMeter } from './silence.ts';

export interface CallState {
  readonly call: ToolCall;
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
  entry: AssistantEntry | undefined;
  /** What is being said, until it is flushed. */
  span: Span | undefined;
  /** The model has said something in this step. */
  hasText: boolean;
  hasSpoken: boolean;
  sawCall: boolean;
  ignoresCalls: boolean;
  readonly calls: CallState[];
}

export interface TurnState {
  readonly number: number;
  readonly startedAtMs: number;
  readonly silence: SilenceMeter;
  /** Everything said in this turn. */
  readonly spans: Span[];
  step: StepState;
  steps: number;
  /** R9: invalid calls of this turn, by name and arguments. */
  readonly invalid: Set<string>;
  mayCall: boolean;
  firstWordAtMs: number | undefined;
  waitingSinceMs: number;
  quietSinceMs: number;
  phrases: number;
  /** Words of the answer were lost while the model was still writing it. */
  hasLost: boolean;
  /** All is said, with this outcome; the turn ends when it has been heard. */
  finishing: TurnOutcome | undefined;
}

export function newStep(number: number, ignoresCalls: boolean): StepState {
  return {
    number,
    isOpen: true,
    entry: undefined,
    span: undefined,
    hasText: false,
    hasSpoken: false,
    sawCall: false,
    ignoresCalls,
    calls: [],
  };
}

export function newTurn(number: number, atMs: number, endpointingMs: number): TurnState {
  return {
    number,
    startedAtMs: atMs,
    silence: new SilenceMeter(atMs, endpointingMs),
    spans: [],
    step: newStep(0, false),
    steps: 0,
    invalid: new Set(),
    mayCall: true,
    firstWordAtMs: undefined,
    waitingSinceMs: atMs,
    quietSinceMs: atMs,
    phrases: 0,
    hasLost: false,
    finishing: undefined,
  };
}
