/** What code reads of an answer: a value, a part of one, why it is none, or nothing at all. */

/** Why something that looks like what was asked for is none. */
export type Wrong =
  | 'too-long'
  | 'no-such-number'
  | 'no-such-day'
  | 'must-be-later'
  | 'must-be-earlier'
  | 'no-such-time'
  | 'out-of-hours'
  | 'no-such-card'
  | 'card-expired'
  | 'no-such-code';

export type Reading<Value, Part = string> =
  | { type: 'value'; value: Value }
  /** Some of it: what follows is read with it. */
  | { type: 'part'; part: Part }
  | { type: 'wrong'; why: Wrong }
  /** Nothing in the words tells: who can do more with them is asked. */
  | { type: 'none' };

export const NONE: { type: 'none' } = { type: 'none' };
