/** What a few runs say of many, against every choice of them counted one by one. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isFlaky, LEAST_FOR_P95, p95, passHatK, quantile, wilson } from '../../src/evaluate/statistics.ts';

/** All ways to choose `k` of the outcomes, and in which share of them all passed. */
function byEnumeration(outcomes: readonly boolean[], k: number): number | undefined {
  const choices: boolean[][] = [];
  const choose = (from: number, chosen: boolean[]): void => {
    if (chosen.length === k) return void choices.push(chosen);
    for (let index = from; index < outcomes.length; index++) choose(index + 1, [...chosen, outcomes[index]!]);
  };
  choose(0, []);
  if (choices.length === 0) return undefined;
  return choices.filter((choice) => choice.every(Boolean)).length / choices.length;
}

test('pass^k is the share of all choices of k runs in which every one passed', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 10 }), fc.integer({ min: 1, max: 6 }), (outcomes, k) => {
      const passed = outcomes.filter(Boolean).length;
      const [got, counted] = [passHatK(passed, outcomes.length, k), byEnumeration(outcomes, k)];
      if (counted === undefined) expect(got).toBeUndefined();
      else expect(got).toBeCloseTo(counted, 12);
    }),
    { numRuns: 300 },
  );
});

test('pass^1 is the share that passed, and of fewer runs than k there is nothing to say', () => {
  expect(passHatK(6, 8, 1)).toBe(0.75);
  expect(passHatK(6, 8, 4)).toBeCloseTo(15 / 70, 12);
  expect(passHatK(3, 3, 4)).toBeUndefined();
  expect(passHatK(2, 8, 4)).toBe(0);
});

test("Wilson's interval is that of the textbook, and holds what it is of", () => {
  expect(wilson(0, 0)).toBeUndefined();
  expect(wilson(8, 10)!.from).toBeCloseTo(0.4902, 3);
  expect(wilson(8, 10)!.to).toBeCloseTo(0.9433, 3);
  expect(wilson(0, 10)!.from).toBe(0);
  expect(wilson(10, 10)!.to).toBeCloseTo(1, 12);
  expect(wilson(10, 10)!.from).toBeCloseTo(0.7225, 3);
});

test('a quantile is a value that was measured, by nearest rank; the 95th of a hundred is not told of a few', () => {
  expect(quantile([], 0.5)).toBeUndefined();
  expect(quantile([3, 1, 2], 0.5)).toBe(2);
  expect(quantile([4, 3, 2, 1], 0.5)).toBe(2);
  expect(quantile([1, 2, 3], 0)).toBe(1);
  expect(quantile([1, 2, 3], 1)).toBe(3);
  const values = Array.from({ length: LEAST_FOR_P95 }, (_, index) => index + 1);
  expect(p95(values)).toBe(19);
  expect(p95(values.slice(1))).toBeUndefined();
});

test('what passes always, or never, is not flaky', () => {
  expect([isFlaky(0, 4), isFlaky(4, 4), isFlaky(1, 4)]).toEqual([false, false, true]);
});
