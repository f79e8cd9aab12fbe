/**
 * `await expect(call).toPassJudge({ never: '...' })`: what no code can say, asked of a model (`PARLEY_JUDGE_BASE_URL`; else of a
 * stand-in, which only looks for words that the criterion has in quotes). That the judge cannot tell is a failure with `not` as
 * well: it says nothing. What evaluates is loaded with the first question.
 */
import { systemClock } from '../lib/clock.ts';
import type { JudgeVerdict } from '../evaluate/judge/judge.ts';
import type { Criterion } from '../evaluate/scenario/schema.ts';
import type { CallResult, Finding } from '../testing/result.ts';
import { scopeOf } from '../testing/scope.ts';
import { keepCall, noteCheck } from './kept-calls.ts';
import { lookedAt, sentence, testOf, troubles, type MatcherThis } from './looked.ts';

/** What must have happened in the call, or must not; a text alone is what must. */
export type JudgeCriterion = string | { must: string } | { never: string };

/** How far the judge is believed: one of the two. */
export interface PassJudgeOptions {
  /** What `parley eval judge --out` has written of this very judge: it must agree with people. */
  calibration?: string;
  /** It decides although nobody has compared it with people. Default false. */
  uncalibrated?: boolean;
}

/** For `expect.extend`. Rejects where nobody has said how far the judge is believed. */
export async function toPassJudge(
  this: MatcherThis,
  received: unknown,
  criterion: JudgeCriterion,
  options: PassJudgeOptions = {},
): Promise<{ pass: boolean; message: () => string }> {
  const { call } = scopeOf(lookedAt('toPassJudge', received));
  const test = testOf(this);
  noteCheck(test);
  const asked = typeof criterion === 'string' ? { must: criterion } : criterion;
  const findings = call.troubles.length > 0 ? troubles(call) : findingsOf(asked, await verdictOf(call, asked, options));
  const { isNot = false } = this;
  const saysNothing = findings.some(({ kind }) => kind !== 'fault');
  const pass = saysNothing ? isNot : findings.length === 0;
  if (pass === !isNot) return { pass, message: () => 'toPassJudge: nothing is wrong' };
  const found = isNot && !saysNothing ? [fault(`expected not to hold: ${sentenceOf(asked)}`)] : findings;
  const where = keepCall(test, call, found);
  return { pass, message: () => [...found.map(sentence), ...where].join('\n') };
}

async function verdictOf(
  call: CallResult,
  criterion: Criterion,
  { calibration, uncalibrated = false }: PassJudgeOptions,
): Promise<JudgeVerdict> {
  const [{ openJudge }, { judgeCall }, { trustIn }] = await Promise.all([
    import('../evaluate/thinkers.ts'),
    import('../evaluate/judge/judge.ts'),
    import('../evaluate/judge/trust.ts'),
  ]);
  const judge = openJudge(process.env, systemClock);
  try {
    const { mayGate, note } = trustIn(judge.name, calibration);
    if (!mayGate && !uncalibrated) throw new TypeError(`toPassJudge: ${note} ${HOW}`);
    return await judgeCall(call, criterion, { ask: judge.think, name: judge.name });
  } finally {
    await judge.close();
  }
}

const HOW =
  'Name what `parley eval judge labels.yaml --out judge.json` has written, { calibration: "judge.json" }, or let it decide all the same: { uncalibrated: true }';

const sentenceOf = (criterion: Criterion): string =>
  'must' in criterion ? `must: ${criterion.must}` : `never: ${criterion.never}`;

function findingsOf(criterion: Criterion, { verdict, why, evidence }: JudgeVerdict): Finding[] {
  const [quoted] = evidence;
  const where = quoted && { turn: quoted.turn, evidence: quoted.quote };
  if (verdict === 'void') return [{ check: 'judge', kind: 'vacuous', what: `${sentenceOf(criterion)}: ${why}` }];
  const isMet = (verdict === 'yes') === 'must' in criterion;
  return isMet ? [] : [{ ...fault(`${sentenceOf(criterion)}${why && ` (${why})`}`), ...where }];
}

const fault = (what: string): Finding => ({ check: 'judge', kind: 'fault', what });
