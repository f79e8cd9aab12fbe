/**
 * How far a judge can be believed: asked the same three times, then against what people said of the same calls, beside what
 * somebody would score who always says the same. Pure.
 */
import { wilson, type Interval } from '../statistics.ts';
import type { JudgeVerdict } from './judge.ts';

/** Under this a judge's findings are shown, and decide nothing. */
export const LEAST_AGREEMENT = 0.9;

/** One call and criterion: what people said, and what the judge said each time. */
export interface LabelledVerdict {
  call: string;
  criterion: string;
  /** Whether it happened, as people have it. */
  label: 'yes' | 'no';
  verdicts: JudgeVerdict['verdict'][];
}

export interface Calibration {
  labelled: number;
  /** Of those that were asked several times, how many got the same answer each time. */
  selfConsistency: number | undefined;
  /** Void answers among all, and no part of what follows. */
  void: number;
  agreement: number | undefined;
  interval: Interval | undefined;
  /** Of what did happen, how much the judge saw; of what did not, how much it let pass. Undefined where there is none. */
  truePositives: number | undefined;
  trueNegatives: number | undefined;
  /** Cohen's: agreement beyond chance; undefined where chance alone would agree always. */
  kappa: number | undefined;
  /** How much of all did happen, as people have it... */
  baseRate: number | undefined;
  /** ...and so what is scored by always giving the more frequent answer. */
  constantGuess: number | undefined;
  /** It may decide: it agrees often enough, and more often than a constant guess. */
  mayGate: boolean;
  disagreements: LabelledVerdict[];
}

export function calibrate(all: readonly LabelledVerdict[], leastAgreement = LEAST_AGREEMENT): Calibration {
  const told = all.filter(({ verdicts }) => verdicts[0] !== undefined && verdicts[0] !== 'void');
  const many = (label: 'yes' | 'no', said?: 'yes' | 'no') =>
    told.filter((one) => one.label === label && (said === undefined || one.verdicts[0] === said)).length;
  const yes = many('yes');
  const right = many('yes', 'yes') + many('no', 'no');
  const said = many('yes', 'yes') + many('no', 'yes');
  const share = (part: number, whole: number) => (whole === 0 ? undefined : part / whole);
  const agreement = share(right, told.length);
  const baseRate = share(yes, told.length);
  const constantGuess = baseRate === undefined ? undefined : Math.max(baseRate, 1 - baseRate);
  const repeated = all.filter(({ verdicts }) => verdicts.length > 1);
  return {
    labelled: all.length,
    selfConsistency: share(repeated.filter(({ verdicts }) => new Set(verdicts).size === 1).length, repeated.length),
    void: all.length - told.length,
    agreement,
    interval: wilson(right, told.length),
    truePositives: share(many('yes', 'yes'), yes),
    trueNegatives: share(many('no', 'no'), told.length - yes),
    kappa: kappaOf({ right, yes, said, all: told.length }),
    baseRate,
    constantGuess,
    mayGate:
      agreement !== undefined && agreement >= leastAgreement && agreement > (constantGuess ?? 1) && hasBoth(told),
    disagreements: told.filter(({ label, verdicts }) => verdicts[0] !== label),
  };
}

/** Labels of one kind alone say nothing of the other. */
const hasBoth = (told: readonly LabelledVerdict[]): boolean => new Set(told.map(({ label }) => label)).size === 2;

function kappaOf({
  right,
  yes,
  said,
  all,
}: {
  right: number;
  yes: number;
  said: number;
  all: number;
}): number | undefined {
  if (all === 0) return undefined;
  const byChance = (yes * said + (all - yes) * (all - said)) / all ** 2;
  return byChance === 1 ? undefined : (right / all - byChance) / (1 - byChance);
}

/**
 * What the true share is where a judge of this kind saw the share `seen`: (p + TNR - 1) / (TPR + TNR - 1), between 0 and 1.
 * Undefined where the judge tells nothing apart.
 */
export function correctedRate(seen: number, { truePositives, trueNegatives }: Calibration): number | undefined {
  if (truePositives === undefined || trueNegatives === undefined) return undefined;
  const apart = truePositives + trueNegatives - 1;
  return apart <= 0 ? undefined : Math.min(1, Math.max(0, (seen + trueNegatives - 1) / apart));
}
