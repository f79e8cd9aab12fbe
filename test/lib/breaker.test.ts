/** When a service that has failed is asked again: each state, each way out of it, and random lives. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ask, CLOSED, fail, leave, type Breaker } from '../../src/lib/breaker.ts';

const LIMITS = { mostFailures: 2, openMs: 1_000, mostOpenMs: 4_000, trialMs: 100 };
const failed = (breaker: Breaker, atMs: number, isGrave = false, retryAfterMs?: number) =>
  fail(breaker, { atMs, isGrave, retryAfterMs }, LIMITS);

test('one failure is no reason, two in a row are: it is left alone, and then tried by one', () => {
  const once = failed(CLOSED, 0);
  expect(ask(once, 1, LIMITS)).toEqual({ name: 'closed', failures: 1 });
  const open = failed(once, 10);
  expect(open).toEqual({ name: 'open', untilMs: 1_010, times: 1 });
  expect(ask(open, 1_009, LIMITS)).toBeUndefined();
  const trial = ask(open, 1_010, LIMITS);
  expect(trial).toMatchObject({ name: 'half-open' });
  expect(ask(trial!, 1_050, LIMITS)).toBeUndefined();
});

test('a grave failure is reason enough', () => {
  expect(failed(CLOSED, 5, true)).toEqual({ name: 'open', untilMs: 1_005, times: 1 });
});

test('each trial in vain doubles the time, up to the most', () => {
  let breaker = failed(CLOSED, 0, true);
  const waits: number[] = [];
  for (let atMs = 0, i = 0; i < 4 && breaker.name === 'open'; i++) {
    waits.push(breaker.untilMs - atMs);
    atMs = breaker.untilMs;
    breaker = failed(ask(breaker, atMs, LIMITS)!, atMs);
  }
  expect(waits).toEqual([1_000, 2_000, 4_000, 4_000]);
});

test('the time that a service has named is kept to, within the most', () => {
  expect(failed(CLOSED, 0, true, 300)).toMatchObject({ untilMs: 300 });
  expect(failed(CLOSED, 0, true, 60_000)).toMatchObject({ untilMs: 4_000 });
});

test('who tries it and goes away leaves the trial to the next; who never tells keeps nobody for long', () => {
  const trial = ask(failed(CLOSED, 0, true), 1_000, LIMITS)!;
  expect(ask(leave(trial, 1_010), 1_010, LIMITS)).toMatchObject({ name: 'half-open' });
  expect(ask(trial, 1_100, LIMITS)).toMatchObject({ name: 'half-open', sinceMs: 1_100 });
  expect(leave(CLOSED, 5)).toBe(CLOSED);
});

test('failures of requests that were sent before it opened keep it open no longer', () => {
  const open = failed(CLOSED, 0, true);
  expect(failed(open, 900)).toBe(open);
});

test('whatever happens, it is asked again after the most, and by one at a time while it is tried', () => {
  const step = fc.record({
    type: fc.constantFrom('fail', 'grave', 'leave', 'ask'),
    afterMs: fc.integer({ min: 0, max: 900 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let breaker: Breaker = CLOSED;
      let nowMs = 0;
      for (const { type, afterMs } of steps) {
        nowMs += afterMs;
        if (type === 'ask') breaker = ask(breaker, nowMs, LIMITS) ?? breaker;
        else if (type === 'leave') breaker = leave(breaker, nowMs);
        else breaker = failed(breaker, nowMs, type === 'grave');
        if (breaker.name === 'half-open')
          expect(ask(breaker, breaker.sinceMs + LIMITS.trialMs - 1, LIMITS)).toBeUndefined();
        expect(ask(breaker, nowMs + LIMITS.mostOpenMs, LIMITS)).toBeDefined();
      }
    }),
  );
});
