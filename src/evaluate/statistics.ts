/** What a few runs say of many: the chance that several in a row pass, how sure that is, and quantiles. Pure. */

/**
 * The chance that `k` runs all pass, from `passed` of `runs` that did: the share of all choices of `k` of them that hold passed
 * ones alone, C(passed, k) / C(runs, k). Undefined where there are fewer runs than `k`. Runs that are void are no runs here.
 */
export function passHatK(passed: number, runs: number, k: number): number | undefined {
  if (runs < k) return undefined;
  let chance = 1;
  for (let taken = 0; taken < k; taken++) chance *= (passed - taken) / (runs - taken);
  return Math.max(0, chance);
}

/** Of a normal distribution, 95 % lie so many standard deviations around its middle. */
const NINETY_FIVE = 1.959964;

/** Between which shares the true one lies, 19 times of 20. */
export interface Interval {
  from: number;
  to: number;
}

/** Wilson's interval: between these the true share of passed runs lies, 95 times in 100. Undefined of no runs. */
export function wilson(passed: number, runs: number): Interval | undefined {
  if (runs === 0) return undefined;
  const share = passed / runs;
  const square = NINETY_FIVE ** 2;
  const middle = (share + square / (2 * runs)) / (1 + square / runs);
  const spread =
    (NINETY_FIVE / (1 + square / runs)) * Math.sqrt((share * (1 - share)) / runs + square / (4 * runs ** 2));
  return { from: Math.max(0, middle - spread), to: Math.min(1, middle + spread) };
}

/** Some runs pass and some fail: what is looked at once says little. */
export const isFlaky = (passed: number, runs: number): boolean => passed > 0 && passed < runs;

/** The value at `share` of all, from 0 to 1, by nearest rank: one that was really measured. Undefined of no values. */
export function quantile(values: readonly number[], share: number): number | undefined {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

/** Of fewer values their 95th of a hundred is nothing but the largest one. */
export const LEAST_FOR_P95 = 20;

/** Undefined under `LEAST_FOR_P95` values. */
export const p95 = (values: readonly number[]): number | undefined =>
  values.length < LEAST_FOR_P95 ? undefined : quantile(values, 0.95);
