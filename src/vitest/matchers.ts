/**
 * Checks as matchers of vitest, for a call, its result or one turn of it. A matcher that had nothing to look at fails, with
 * `not` as without it: it says nothing. So does one on a call whose test had trouble of its own.
 */
import { checks } from '../testing/checks/index.ts';
import type { CallResult, Check, Finding, Turn } from '../testing/result.ts';
import { scopeOf } from '../testing/scope.ts';
import { shown } from '../testing/values.ts';
import { toPassJudge, type JudgeCriterion, type PassJudgeOptions } from './judge-matcher.ts';
import { keepCall, noteCheck } from './kept-calls.ts';
import { lookedAt, sentence, testOf, troubles, type MatcherThis } from './looked.ts';

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
  toHaveComeBack: checks.cameBack,
  toHaveToldPerson: checks.personHeard,
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
} & {
  /** To be awaited: a judge is asked. */
  toPassJudge: (criterion: JudgeCriterion, options?: PassJudgeOptions) => Promise<Result>;
};

type Matcher = (this: MatcherThis, received: unknown, ...args: unknown[]) => { pass: boolean; message: () => string };

/** For `expect.extend`. */
export const matchers = {
  ...(Object.fromEntries(
    Object.entries(CHECK_OF).map(([name, check]) => [name, matcherOf(name, check as Check<unknown[]>)]),
  ) as Record<keyof typeof CHECK_OF, Matcher>),
  toPassJudge,
};

function matcherOf(name: string, check: Check<unknown[]>): Matcher {
  return function (received, ...args) {
    const call = lookedAt(name, received);
    const { isNot = false } = this;
    const test = testOf(this);
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

const wasExpectedNot = (name: string, call: CallResult | Turn, args: readonly unknown[]): Finding => ({
  check: name,
  kind: 'fault',
  what: `expected not to hold: ${name}(${args.map((arg) => shown(arg)).join(', ')})`,
  ...('call' in call && { turn: call.number, atMs: call.fromMs, evidence: call.text }),
});
