/** The caller's end of a call in a test, whatever the line is. Times are milliseconds since the call's start. */
import type { CallEvent } from '../call/events.ts';
import type { CallResult, CallerStretch } from './result.ts';

/** How something is said. */
export interface SayOptions {
  /** What is understood in its place: the caller mumbles, or the line is bad. Default: what was said. */
  mumbled?: string | undefined;
  /** How long the caller is silent where `...` stands in the text, in milliseconds. Default 600. */
  pauseMs?: number | undefined;
}

/** A sound that is no word: what is told to a listener, a cough, or samples of 16 bits at 8 kHz. */
export type CallerSound = 'mm-hm' | 'cough' | Int16Array;

/** What of a call's result only its line knows. */
export type HeardFacts = Pick<CallResult, 'line' | 'hearing' | 'agentSound' | 'heard' | 'sound' | 'speech'>;

/** Where a turn began. */
export interface TurnBegin {
  turn: number;
  atMs: number;
}

export interface CallerEnd {
  /** What the caller has done so far, or is about to. */
  readonly stretches: readonly CallerStretch[];
  /** Resolves with the turn in which it was answered, once that is over. `untilMs`: of its last sound. */
  say(text: string, how: SayOptions): { untilMs: number; turn: Promise<number> };
  /** Done when it has sounded. @throws {VoiceError} `options-invalid`, when the line has no sound. */
  make(sound: CallerSound): Promise<void>;
  /** Done when the last has been pressed. */
  press(keys: string): Promise<void>;
  /** Resolves at the very instant at which the last of these words has been heard, with that. */
  hears(what: string | RegExp): Promise<number>;
  hangUp(): void;
  /** Every event of the call, as it happens. */
  hear(event: CallEvent): void;
  /** What was heard so far, or since a turn began. `events`: of the call, from then on. */
  facts(events: readonly CallEvent[], since?: TurnBegin): HeardFacts;
}
