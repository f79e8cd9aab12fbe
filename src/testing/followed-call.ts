/** A call as a test follows it, and what is kept of it: whether its agent is here or elsewhere. */
import type { EventEmitter } from 'eventemitter3';
import type { CallEvent, CallEventMap, CallEventType } from '../call/events.ts';
import type { CallerEnd } from './caller-end.ts';
import type { CallResult, Turn } from './result.ts';

/** A call as a test follows it. */
export interface FollowedCall extends Pick<EventEmitter<CallEventMap>, 'on' | 'off'> {
  readonly id: string;
  /** Milliseconds since its start. */
  readonly atMs: number;
  readonly ended: Promise<unknown>;
  /** What of all that happens it tells. Undefined: everything. */
  readonly tells?: readonly CallEventType[];
  /** Resolves when all that was said has been answered, and nothing more is to come. */
  whenQuiet(): Promise<void>;
}

/** What is kept of it. */
export interface KeptCall {
  readonly events: readonly CallEvent[];
  readonly end: CallResult['end'];
  /** Everything so far; plain data, and not changed by what comes. */
  result(call: FollowedCall, caller: CallerEnd): CallResult;
  /** One turn of it as it stands now. */
  turn(number: number, call: FollowedCall, caller: CallerEnd): Turn | undefined;
}
