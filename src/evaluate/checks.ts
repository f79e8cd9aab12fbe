/** Checks as scenarios name them: each with what it is told, over a call or over the turns that a step looks at. */
import { checks } from '../testing/checks/index.ts';
import type { Prices } from '../testing/metrics/cost.ts';
import type { CallResult, Finding, Turn } from '../testing/result.ts';
import type { CheckArgument, CheckName } from './scenario/check-arguments.ts';
import { checkLabel, type CheckUse, type NamedCheck } from './scenario/check-use.ts';

/** What some checks need beside what they are told. */
export interface CheckContext {
  /** What "tomorrow" means. */
  now?: string | undefined;
  prices?: Prices | undefined;
  /** The stand-in's ear mishears: then there is something to measure on it. */
  mishears?: boolean | undefined;
}

type Looked = CallResult | Turn;
type Runner<Name extends CheckName> = (
  looked: Looked,
  argument: CheckArgument<Name>,
  context: CheckContext,
) => Finding[];

/** Of several patterns each must be found. */
const each =
  <One>(look: (looked: Looked, one: One) => Finding[]) =>
  (looked: Looked, list: readonly One[]): Finding[] =>
    list.flatMap((one) => look(looked, one));

const RUNNERS: { [Name in CheckName]: Runner<Name> } = {
  calledTool: (looked, { name, ...rest }) => {
    const {
      args,
      times,
      before,
    }: { args?: Record<string, unknown> | undefined; times?: number | undefined; before?: string | undefined } = rest;
    return checks.calledTool(looked, name, args, {
      ...(times !== undefined && { times }),
      ...(before !== undefined && { before }),
    });
  },
  noOtherTool: (looked, names) => checks.noOtherTool(looked, names ?? []),
  toolOrder: checks.toolOrder,
  effectsOnce: (looked) => checks.effectsOnce(looked),
  world: (looked, expected) => checks.world(looked, expected),
  said: each(checks.said),
  heard: each(checks.heard),
  told: (looked, values, { now }) => checks.told(looked, values, now === undefined ? {} : { now }),
  filler: checks.filler,
  noRepeats: (looked) => checks.noRepeats(looked),
  speakable: (looked) => checks.speakable(looked),
  brief: checks.brief,
  unusedReply: (looked) => checks.unusedReply(looked),
  answerWithin: (looked, most) => checks.answerWithin(looked, most),
  noDeadAirOver: checks.noDeadAirOver,
  noGapOver: checks.noGapOver,
  noTalkOver: (looked) => checks.noTalkOver(looked),
  yieldedWithin: checks.yieldedWithin,
  falseStops: checks.falseStops,
  keptTalking: (looked) => checks.keptTalking(looked),
  trueHistory: (looked) => checks.trueHistory(looked),
  goodbyeHeard: (looked) => checks.goodbyeHeard(looked),
  ended: checks.ended,
  transferredTo: checks.transferredTo,
  cameBack: (looked, { from, why }: { from: string; why?: string | RegExp | undefined }) =>
    checks.cameBack(looked, from, why),
  personHeard: each(checks.personHeard),
  digits: checks.digits,
  wer: (looked, { most, when }, { mishears = false }) =>
    when === 'real-hearing' && wholeOf(looked).hearing !== 'real'
      ? []
      : checks.wer(looked, most, { standIn: mishears }),
  cost: (looked, { most }, { prices }) =>
    prices
      ? checks.cost(looked, most, prices)
      : [{ check: 'cost', kind: 'vacuous', what: 'there are no prices: name their file by --prices' }],
  keepsTheRules: (looked, rules) => checks.keepsTheRules(looked, rules),
};

const wholeOf = (looked: Looked): CallResult => ('call' in looked ? looked.call : looked);

/** What a check finds in a call, or in one turn. */
export function runCheck(use: CheckUse, looked: Looked, context: CheckContext): Finding[] {
  if ('not' in use) return turnedAround(use, runCheck(use.not, looked, context));
  if ('anyOf' in use) return anyOf(use.anyOf.map((one) => runCheck(one, looked, context)));
  return runNamed(use, looked, context);
}

const runNamed = <Name extends CheckName>(
  { name, argument }: { name: Name; argument: CheckArgument<Name> },
  looked: Looked,
  context: CheckContext,
): Finding[] => RUNNERS[name](looked, argument, context);

const faultsIn = (findings: readonly Finding[]): Finding[] => findings.filter(({ kind }) => kind === 'fault');

/** What had nothing to look at has nothing to look at the other way round. */
function turnedAround(use: { not: CheckUse }, findings: Finding[]): Finding[] {
  if (findings.length > 0) return faultsIn(findings).length > 0 ? [] : findings;
  const label = checkLabel(use);
  return [
    {
      check: label,
      kind: 'fault',
      what: `expected this not to hold, and it does: ${checkLabel(use.not)}${toldOf(use.not)}`,
    },
  ];
}

const toldOf = (use: CheckUse): string =>
  'argument' in use && use.argument !== undefined ? ` ${[use.argument].flat().map(shownArgument).join(', ')}` : '';

const shownArgument = (value: unknown): string => (value instanceof RegExp ? String(value) : JSON.stringify(value));

function anyOf(all: Finding[][]): Finding[] {
  if (all.some((findings) => findings.length === 0)) return [];
  const faults = all.flatMap(faultsIn);
  return faults.length > 0 ? faults : all.flat();
}

// ---- over several turns ---------------------------------------------------------------------------------------------

/** What must have happened once, in whichever turn; all others must hold in each. */
const SOMEWHERE = new Set<CheckName>([
  'calledTool',
  'toolOrder',
  'said',
  'heard',
  'told',
  'filler',
  'digits',
  'transferredTo',
  'cameBack',
  'personHeard',
  'answerWithin',
]);

const isSomewhere = (use: NamedCheck): boolean =>
  SOMEWHERE.has(use.name) && !(use.name === 'calledTool' && 'times' in use.argument && use.argument.times === 0);

/**
 * A step of `expect` looks at the turn before it and, where the caller cut in, at the one that was cut as well: words and
 * tools may be in either of them, and what must not be is looked for in both.
 */
export function runOverTurns(use: CheckUse, turns: readonly Turn[], context: CheckContext): Finding[] {
  if ('not' in use) return turnedAround(use, runOverTurns(use.not, turns, context));
  if ('anyOf' in use) return anyOf(use.anyOf.map((one) => runOverTurns(one, turns, context)));
  const all = turns.map((turn) => runNamed(use, turn, context));
  if (all.length === 0) return [{ check: use.name, kind: 'vacuous', what: 'there is no turn before it to look at' }];
  if (isSomewhere(use)) return all.some((findings) => findings.length === 0) ? [] : (all.at(-1) ?? []);
  const faults = all.flatMap(faultsIn);
  if (faults.length > 0) return faults;
  return all.some((findings) => findings.length === 0) ? [] : (all.at(-1) ?? []);
}
