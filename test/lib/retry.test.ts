import { expect, test } from 'vitest';
import { doubledMs, RetrySchedule } from '../../src/lib/retry.ts';

const DELAYS_MS = [0, 300, 600];
const schedule = (random = 1) => new RetrySchedule({ delaysMs: DELAYS_MS, slowMs: 1_000, random: () => random });

test('a delay is doubled from try to try, up to its most', () => {
  expect([0, 1, 2, 3].map((tries) => doubledMs({ firstMs: 100, mostMs: 500 }, tries))).toEqual([100, 200, 400, 500]);
});

test('no more tries than delays, each shortened at random', () => {
  const retries = schedule(0.5);
  expect([1, 2, 3, 4].map(() => retries.failed('retry'))).toEqual([0, 150, 300, undefined]);
});

test('only what a good connection brings gives the tries back, not that something was heard', () => {
  const retries = schedule();
  retries.failed('retry');
  retries.failed('retry');
  retries.heard();
  expect(retries.failed('retry')).toBe(600);
  retries.succeeded();
  expect(retries.failed('retry')).toBe(0);
});

test('too many of us: a second, doubled, half of it left to chance, or as the service asks', () => {
  expect(
    [1, 2, 3].map(
      (
        (retries) => () =>
          retries.failed('retry-slowly')
      )(schedule(0)),
    ),
  ).toEqual([500, 1_000, 2_000]);
  expect(schedule().failed('retry-slowly', 7_000)).toBe(7_000);
});

test('nothing mends what is fatal', () => {
  expect(schedule().failed('fatal')).toBeUndefined();
});

test('what is probably in vain is tried twice more, unless something was heard in between', () => {
  const retries = new RetrySchedule({ delaysMs: [1, 1, 1, 1, 1, 1], slowMs: 1, random: () => 1 });
  expect([1, 2].map(() => retries.failed('retry-twice'))).toEqual([1, 1]);
  retries.heard();
  expect([1, 2].map(() => retries.failed('retry-twice'))).toEqual([1, 1]);
  expect(retries.isInVain).toBe(false);
  expect(retries.failed('retry-twice')).toBeUndefined();
  expect(retries.isInVain).toBe(true);
});
