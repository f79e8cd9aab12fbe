/**
 * Checks as matchers of vitest, for a call, its result or one turn of it. A matcher that had nothing to look at fails, with
 * `not` as without it: it says nothing. So does one on a call whose test had trouble of its own.
 */
import { checks } from '../checks/index.ts';
import type { CallResult, Check, Finding, Turn } from '../result.ts';
import { scopeOf } from '../scope.ts';
import { shown } from '../values.ts';
import { clock } from '../../page/units.ts';
import { keepCall, noteCheck } from './kept-calls.ts';

/** Whatever a call can be looked at by: `result()` of a call that goes on is what is known so far. */
export type Looked = CallResult | Turn | { result(): CallResult };

/** The matchers, each by the check that it stands for. */
export const CHECK_OF = {
  toHaveCalledTool: checks.calledTool,
  toHaveCalledNoOtherTool: checks.noOtherTool,
  toHaveCalledInOrder: checks.toolOrder,
  toHaveRunEffectsOnce: checks.effectsOnce,
  toHaveWorld: checks.world,
  toHaveSaid: checks.said,
  toHaveBeenHeard: checks.heard,
  toHaveTold: checks.told,
  toHaveFiller: checks.filler,
  toHaveNoRepeats: checks.noRepeats,
  toBeSpeakable: checks.speakable,
  toBeBrief: checks.brief,
  toHaveUsedEveryReply: checks.unusedReply,
  toAnswerWithin: checks.answerWithin,
  toHaveNoDeadAirOver: checks.noDeadAirOver,
  toHaveNoGapOver: checks.noGapOver,
  toHaveNoTalkOver: checks.noTalkOver,
  toHaveYieldedWithin: checks.yieldedWithin,
  toHaveNoFalseStops: checks.falseStops,
  toHaveKeptTalking: checks.keptTalking,
  toHaveTrueHistory: checks.trueHistory,
  toHaveHeardGoodbye: checks.goodbyeHeard,
  toHaveEnded: checks.ended,
  toHaveTransferredTo: checks.transferredTo,
  toHaveGotDigits: checks.digits,
  toHaveWordErrorsUnder: checks.wer,
  toCostAtMost: checks.cost,
  toKeepTheRules: checks.keepsTheRules,
  toHaveLatencyNotAbove: checks.latencyNotAbove,
} as const;

type ArgumentsOf<One> = One extends Check<infer Args> ? Args : never;

/** What `expect(call)` and `expect(turn)` have besides; the arguments are those of the checks. */
export type CallMatchers<Result = void> = {
  [Name in keyof typeof CHECK_OF]: (...args: ArgumentsOf<(typeof CHECK_OF)[Name]>) => Result;
};

interface MatcherThis {
  isNot?: boolean;
  currentTestName?: string | undefined;
  testPath?: string | undefined;
}

type Matcher = (this: MatcherThis, received: unknown, ...args: unknown[]) => { pass: boolean; message: () => string };

/** For `expect.extend`. */
export const matchers = Object.fromEntries(
  Object.entries(CHECK_OF).map(([name, check]) => [name, matcherOf(name, check as Check<unknown[]>)]),
) as Record<keyof typeof CHECK_OF, Matcher>;

function matcherOf(name: string, check: Check<unknown[]>): Matcher {
  return function (received, ...args) {
    const call = lookedAt(name, received);
    const { isNot = false, currentTestName = 'a test', testPath = '' } = this;
    const test = { name: currentTestName, file: testPath };
    noteCheck(test);
    const whole = scopeOf(call).call;
    const findings = whole.troubles.length > 0 ? troubles(whole) : check(call, ...args);
    const saysNothing = findings.some(({ kind }) => kind !== 'fault');
    const pass = saysNothing ? isNot : findings.length === 0;
    if (pass === !isNot) return { pass, message: () => `${name}: nothing is wrong` };
    const found = isNot && !saysNothing ? [wasExpectedNot(name, call, args)] : findings;
    const where = keepCall(test, whole, found);
    return { pass, message: () => [...found.map(sentence), ...where].join('\n') };
  };
}

/** @throws {TypeError} when it is no call: a test that looks at something else checks nothing. */
function lookedAt(name: string, received: unknown): CallResult | Turn {
  if (typeof received === 'object' && received !== null) {
    if ('result' in received && typeof received.result === 'function')
      return (received as { result(): CallResult }).result();
    if ('call' in received && 'number' in received) return received as Turn;
    if ('events' in received && 'troubles' in received) return received as CallResult;
  }
  const hint = received instanceof Promise ? 'a promise: await it first' : typeof received;
  throw new TypeError(`${name} expects a call, its result or a turn, got ${hint}`);
}

const troubles = ({ troubles: all }: CallResult): Finding[] =>
  all.map(({ what, atMs }) => ({ check: 'void', kind: 'vacuous', what, ...(atMs !== undefined && { atMs }) }));

const wasExpectedNot = (name: string, call: CallResult | Turn, args: readonly unknown[]): Finding => ({
  check: name,
  kind: 'fault',
  what: `expected not to hold: ${name}(${args.map((arg) => shown(arg)).join(', ')})`,
  ...('call' in call && { turn: call.number, atMs: call.fromMs, evidence: call.text }),
});

const KINDS = { fault: '', vacuous: ' (nothing to look at)', 'not visible': ' (not visible)' } as const;

/** `answerWithin, 0:03.9, turn 1: expected a sound within 900 ms, it took 1,200 ms`, and below it what stood there. */
function sentence({ check, kind, what, atMs, turn, evidence }: Finding): string {
  const where = [check + KINDS[kind], atMs !== undefined && clock(atMs), turn !== undefined && `turn ${turn}`].filter(
    Boolean,
  );
  return `${where.join(', ')}: ${what}${evidence === undefined ? '' : `\n    ${evidence}`}`;
}
