/** One scenario's numbers, its gate, and the exit code of all. */
import { describe, expect, test } from 'vitest';
import { exitCodeOf, summarize } from '../../src/evaluate/summary.ts';
import type { Gate } from '../../src/evaluate/evaluation.ts';
import { anEvaluation, aRun, aScenario, failed, runs, voided } from './helpers.ts';

const mixed = [...runs(6, aRun), failed(7), failed(8)];

test('void runs are no part of pass^k, of the share, or of what was measured', () => {
  const summary = summarize(aScenario('a', [...mixed, voided(9, { metrics: { ...aRun(9).metrics, talkOvers: 9 } })]));
  expect(summary).toMatchObject({ runs: 9, passed: 6, failed: 2, void: 1, talkOvers: 0, isFlaky: true });
  expect(summary.passK).toEqual([
    { k: 1, chance: 0.75 },
    { k: 4, chance: expect.closeTo(15 / 70, 9) as number },
    { k: 8, chance: 0 },
  ]);
  expect(summary.firstSound).toEqual({ p50: 608, p95: undefined });
  expect(summary.longestDeadAir).toMatchObject({ ms: 400, cause: 'model' });
  expect(summary.yieldP95).toBe(410);
});

test('cells that pass always and cells that fail always are not flaky', () => {
  const one = { cell: { snr: '5' } };
  expect(summarize(aScenario('a', [aRun(1), failed(1, one), aRun(2), failed(2, one)])).isFlaky).toBe(false);
  expect(summarize(aScenario('a', [aRun(1), failed(2)])).isFlaky).toBe(true);
});

describe('a gate', () => {
  const state = (list: Parameters<typeof aScenario>[1], gate: Gate) => summarize(aScenario('a', list, { gate })).gate;

  test('without one, every run passes', () => {
    expect(state(runs(3, aRun), {})).toEqual({ state: 'holds', why: [] });
    expect(state(mixed, {})).toEqual({ state: 'fails', why: ['every run passes, and 2 of 8 did not'] });
  });

  test('of pass^k takes the place of every run', () => {
    expect(state(mixed, { passK: [4, 0.2] }).state).toBe('holds');
    expect(state(mixed, { passK: [4, 0.8] })).toEqual({ state: 'fails', why: ['^4 >= 0.8, and it is 0.21'] });
    expect(state(mixed.slice(0, 3), { passK: [4, 0.8] }).state).toBe('unknown');
  });

  test('of a bound, and one of which too little was measured', () => {
    expect(state(runs(12, aRun), { p95AnswerMs: 1_100, longestDeadAirMs: 500 }).state).toBe('holds');
    expect(state(runs(12, aRun), { p95AnswerMs: 1_000 })).toEqual({
      state: 'fails',
      why: ['p95 of the answer <= 1000 ms, and it is 1011 ms'],
    });
    expect(state(runs(2, aRun), { p95AnswerMs: 1_100 }).state).toBe('unknown');
  });

  test('more than a tenth void: nothing is said', () => {
    expect(state([...runs(9, aRun), voided(10)], {}).state).toBe('holds');
    expect(state([...runs(8, aRun), voided(9)], {})).toEqual({ state: 'unknown', why: ['1 of 9 runs are void'] });
    expect(state([failed(1), voided(2)], {}).state).toBe('fails');
    expect(state([voided(1)], {}).state).toBe('unknown');
  });
});

test('a gate by cost without prices says what is missing', () => {
  const { gate } = summarize(aScenario('a', runs(2, aRun), { gate: { costPerCall: 0.1 } }));
  expect(gate).toEqual({
    state: 'unknown',
    why: ['a call costs <= 0.1, and prices are missing (--prices FILE) to say'],
  });
});

test('exit codes: a failed gate comes before what is void', () => {
  const good = aScenario('a', [aRun(1)]);
  const bad = aScenario('b', [failed(1)]);
  const unclear = aScenario('c', [voided(1)]);
  expect([[good], [good, bad, unclear], [good, unclear], []].map((list) => exitCodeOf(anEvaluation(list)))).toEqual([
    0, 1, 3, 0,
  ]);
});
