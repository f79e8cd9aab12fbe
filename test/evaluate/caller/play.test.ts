/** Simulated callers on whole calls in virtual time, with the stand-in and with minds that break their rules. */
import { afterAll, expect, test } from 'vitest';
import type { CallerMind } from '../../../src/evaluate/caller/mind.ts';
import { evaluate } from '../../../src/evaluate/evaluate.ts';
import type { RunReport } from '../../../src/evaluate/evaluation.ts';
import { createFolder } from '../../helpers/folder.ts';
import { planned, scenario } from '../scripted.ts';

const { path: folder, remove } = createFolder({});
afterAll(remove);

const goal = (caller: string, rest = '') =>
  scenario('goal', '', `runs: 1\nexpect: [{ calledTool: find_times }]\n${rest}`).replace(
    /caller:\n {2}steps:\n\n/,
    `caller: { goal: "What is free tomorrow?", knows: { time: ten }, ${caller} }\n`,
  );

async function played(text: string, mind?: CallerMind): Promise<RunReport[]> {
  const scenarios = await evaluate(await planned(folder, { 'one.yaml': text }), { mind });
  return scenarios.flatMap(({ runs }) => runs);
}

/** Says these in turn. */
const saying =
  (...moves: object[]): CallerMind =>
  () =>
    Promise.resolve(JSON.stringify(moves.length > 1 ? moves.shift() : moves[0]));

test('the stand-in opens with its goal, takes what it is offered, and leaves when it has what it wants', async () => {
  const [report] = await played(
    goal('endsWhen: "booked for Tuesday"', 'judge: [{ must: \'The agent says "Tuesday".\' }]'),
  );
  expect(report).toMatchObject({ verdict: 'pass', troubles: [], ended: 'caller-hung-up' });
  expect(report!.metrics.turns).toBeGreaterThan(1);
});

test('the timing of cut-ins and of "mm-hm" comes again with the seed', async () => {
  const text = goal('cutsIn: often, backchannels: often, endsWhen: "booked for Tuesday"').replace('runs: 1', 'runs: 4');
  const [first, again] = [await played(text), await played(text)];
  expect(first).toEqual(again);
  expect(first.some(({ metrics }) => metrics.yieldMs.length > 0)).toBe(true);
});

test.each([
  ['invents a passenger', saying({ say: 'What is free for me and Robert?' }), /"Robert", which nobody had told them/],
  [
    'repeats its opening',
    saying({ say: 'What is free on that day?' }, { say: 'Ten, please.' }, { say: 'What is free on that day?' }),
    /began anew/,
  ],
  ['speaks as the agent', saying({ say: 'How can I help you?' }), /as the agent would/],
  ['gives no move', () => Promise.resolve('I would like to book.'), /gave no move, asked twice/],
])('a caller who %s makes the call void', async (_what, mind, why) => {
  const [report] = await played(goal(''), mind);
  expect(report!.verdict).toBe('void');
  expect(report!.troubles[0]).toMatch(why);
});

test('a caller does not leave while a tool works for them', async () => {
  let asked = 0;
  const mind: CallerMind = () =>
    Promise.resolve(JSON.stringify(asked++ === 0 ? { say: 'What is free?' } : { hangUp: 'bored' }));
  const [report] = await played(goal(''), mind);
  expect(report).toMatchObject({ verdict: 'pass', ended: 'caller-hung-up' });
});

test('a caller whose turns are up hangs up, and the checks say what that means', async () => {
  const [report] = await played(goal('maxTurns: 1'), saying({ say: 'What is free?' }, { say: 'Of course.' }));
  expect(report).toMatchObject({ verdict: 'pass', metrics: { turns: 1 } });
});
