/** How checks say what they have found. */
import type { Finding } from './result.ts';

type Where = Partial<Pick<Finding, 'atMs' | 'turn' | 'evidence'>>;

export const fault = (check: string, what: string, where: Where = {}): Finding => ({
  check,
  kind: 'fault',
  what,
  ...where,
});

/** There was nothing to look at: `what` says what would have been. */
export const vacuous = (check: string, what: string): Finding[] => [{ check, kind: 'vacuous', what }];

/** What the check looks at cannot be known of this call. */
export const notVisible = (check: string, what: string): Finding[] => [{ check, kind: 'not visible', what }];

/** `1,234 ms`: whole, as nobody hears less. */
export const ms = (value: number): string => `${Math.round(value).toLocaleString('en-US')} ms`;

export const times = (count: number): string => (count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`);

/** Where in the call, for the middle of a sentence: `in turn 2`, or nothing. */
export const ofTurn = (turn: number | undefined): string =>
  turn === undefined ? '' : turn === 0 ? ' in the greeting' : ` in turn ${turn}`;
