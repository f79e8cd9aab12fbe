/** What matchers have in common: the call that they look at, the test that they stand in, and how a finding is said. */
import { clock } from '../page/units.ts';
import type { CallResult, Finding, Turn } from '../testing/result.ts';

/** Whatever a call can be looked at by: `result()` of a call that goes on is what is known so far. */
export type Looked = CallResult | Turn | { result(): CallResult };

/** What vitest tells a matcher. */
export interface MatcherThis {
  isNot?: boolean;
  currentTestName?: string | undefined;
  testPath?: string | undefined;
}

/** By which it is known where calls are kept. */
export const testOf = ({ currentTestName = 'a test', testPath = '' }: MatcherThis) => ({
  name: currentTestName,
  file: testPath,
});

/** @throws {TypeError} when it is no call: a test that looks at something else checks nothing. */
export function lookedAt(name: string, received: unknown): CallResult | Turn {
  if (typeof received === 'object' && received !== null) {
    if ('result' in received && typeof received.result === 'function')
      return (received as { result(): CallResult }).result();
    if ('call' in received && 'number' in received) return received as Turn;
    if ('events' in received && 'troubles' in received) return received as CallResult;
  }
  const hint = received instanceof Promise ? 'a promise: await it first' : typeof received;
  throw new TypeError(`${name} expects a call, its result or a turn, got ${hint}`);
}

/** A call whose test had trouble of its own says nothing. */
export const troubles = ({ troubles: all }: CallResult): Finding[] =>
  all.map(({ what, atMs }) => ({ check: 'void', kind: 'vacuous', what, ...(atMs !== undefined && { atMs }) }));

const KINDS = { fault: '', vacuous: ' (nothing to look at)', 'not visible': ' (not visible)' } as const;

/** `answerWithin, 0:03.9, turn 1: expected a sound within 900 ms, it took 1,200 ms`, and below it what stood there. */
export function sentence({ check, kind, what, atMs, turn, evidence }: Finding): string {
  const where = [check + KINDS[kind], atMs !== undefined && clock(atMs), turn !== undefined && `turn ${turn}`].filter(
    Boolean,
  );
  return `${where.join(', ')}: ${what}${evidence === undefined ? '' : `\n    ${evidence}`}`;
}
