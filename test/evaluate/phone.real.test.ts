/**
 * A scenario by phone.
 *
 * Real time: that is what its line is, to a worker over sockets.
 */
import { afterAll, expect, test } from 'vitest';
import { evaluate, evaluationOf, type PlannedScenario } from '../../src/evaluate/evaluate.ts';
import type { ScenarioReport } from '../../src/evaluate/evaluation.ts';
import { planRequests } from '../../src/evaluate/plan.ts';
import { createFolder } from '../helpers/folder.ts';
import { planned, scenario } from './scripted.ts';

const { path: folder, remove } = createFolder({});
afterAll(remove);

test('the same scenario passes by voice and by phone, and its plan says which call takes as long as it lasts', async ({
  skip,
}) => {
  const steps = `    - say: What is free tomorrow?
    - cutIn: { at: Tuesday, say: "Ten, please." }
    - expect: [{ yieldedWithin: 900ms }, trueHistory, { calledTool: { name: book, times: 1 } }]
    - hangUp`;
  const written = scenario('books', steps, 'expect: [effectsOnce]\nline: $line\nsweep: { line: [voice, phone] }');
  const calls = await planned(folder, { 'books.yaml': written.replace(/now: .*\n/, '') });
  const isReal = { agent: true, caller: false, judge: false };
  expect(planRequests(calls, { isReal, planOf: () => 'none' })).toMatchObject({ calls: 2, callsByPhone: 1 });
  const reports = await played(calls);
  if (isTooSlow(reports)) skip('this machine was too slow for a call in real time, each time');
  expect(reports[0]?.runs).toMatchObject([
    { cell: { line: 'voice' }, verdict: 'pass', findings: [], troubles: [] },
    { cell: { line: 'phone' }, verdict: 'pass', findings: [], troubles: [] },
  ]);
  const [voice, phone] = reports[0]!.runs.map(({ metrics }) => metrics);
  expect(Math.abs(phone!.firstSoundMs[0]! - voice!.firstSoundMs[0]!)).toBeLessThan(300);
  const told = evaluationOf(reports, calls, { model: 'stand-in', seed: 1, notes: [] });
  expect(told).toMatchObject({ line: 'voice and phone', hearing: 'stand-in' });
});

/** A call of which this machine was too slow is void, and played again. */
async function played(calls: PlannedScenario[]): Promise<ScenarioReport[]> {
  for (let tries = 1; ; tries++) {
    const reports = await evaluate(calls);
    if (!isTooSlow(reports) || tries === 3) return reports;
  }
}

const isTooSlow = (reports: readonly ScenarioReport[]): boolean =>
  reports.some(({ runs }) => runs.some(({ troubles }) => troubles.some((what) => what.includes('was too slow'))));
