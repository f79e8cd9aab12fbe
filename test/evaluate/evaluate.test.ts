/** Scenarios played in virtual time: what passes, fails and is void, in any order, and after a stop. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { evaluate, evaluationOf, type DoneRun } from '../../src/evaluate/evaluate.ts';
import type { RunReport } from '../../src/evaluate/evaluation.ts';
import { ResultFolder } from '../../src/evaluate/keep.ts';
import { planRequests } from '../../src/evaluate/plan.ts';
import { createFolder } from '../helpers/folder.ts';
import { planned, scenario } from './scripted.ts';

const { path: folder, remove } = createFolder({});
afterAll(remove);

const BOOKS = scenario(
  'books',
  `    - say: What is free tomorrow?
    - expect: [{ filler: check }, { calledTool: { name: find_times, args: { date: "2026-11-24" } } }, { answerWithin: 1200ms }]
    - say: Ten, please.
    - expect: [{ calledTool: { name: book, times: 1 } }, { said: booked }, { not: { said: "/sorry/i" } }]`,
  'expect: [effectsOnce, noTalkOver, { noDeadAirOver: 1500ms }, { told: ["10:00"] }, { noOtherTool: [book] }]',
);
const CUTS_IN = scenario(
  'cuts-in',
  `    - say: What is free tomorrow?
    - cutIn: { at: half, say: "Ten, please." }
    - expect: [{ yieldedWithin: 900ms }, trueHistory, { calledTool: { name: book, times: 1 } }, { calledTool: find_times }]`,
  'expect: [effectsOnce]',
);

async function reports(files: Record<string, string>): Promise<RunReport[]> {
  const scenarios = await evaluate(await planned(folder, files));
  return scenarios.flatMap(({ runs }) => runs);
}

const reportOf = async (text: string) => (await reports({ 'one.yaml': text }))[0]!;

test('a scripted call that goes well passes, and says what looked at it and what was measured', async () => {
  const [books, cutsIn] = await reports({ 'a.yaml': `${BOOKS}---\n${CUTS_IN}` });
  expect(books).toMatchObject({ verdict: 'pass', troubles: [], findings: [], agent: 'desk', ended: 'caller-hung-up' });
  expect(books!.checks).toEqual([
    'filler',
    'calledTool',
    'answerWithin',
    'said',
    'not said',
    'effectsOnce',
    'noTalkOver',
    'noDeadAirOver',
    'told',
    'noOtherTool',
  ]);
  expect(books!.metrics).toMatchObject({ turns: 2, requests: 4, talkOvers: 0, cutOffs: 0 });
  expect(books!.metrics.firstSoundMs).toHaveLength(2);
  expect(cutsIn).toMatchObject({ verdict: 'pass', findings: [] });
  expect(cutsIn!.metrics.yieldMs).toHaveLength(1);
});

test('what the agent does wrong fails, with what, when and where', async () => {
  const report = await reportOf(
    scenario(
      'wrong',
      '    - say: What is free tomorrow?\n    - expect: [{ calledTool: { name: find_times, args: { date: "2026-11-25" } } }, { not: { said: Tuesday } }]',
      'expect: [{ calledTool: find_times }]',
    ),
  );
  expect(report.verdict).toBe('fail');
  expect(report.findings).toMatchObject([
    { check: 'calledTool', kind: 'fault', turn: 1 },
    { check: 'not said', kind: 'fault', what: 'expected this not to hold, and it does: said "Tuesday"' },
  ]);
});

test("a word that the script waits for and the agent never says is the agent's fault, and not nobody's", async () => {
  const report = await reportOf(
    scenario(
      'silent',
      '    - say: What is free tomorrow?\n    - cutIn: { at: Saturday, say: "Wait." }',
      'expect: [trueHistory]',
    ),
  );
  expect(report.verdict).toBe('fail');
  expect(report.findings[0]).toMatchObject({
    check: 'script',
    what: expect.stringContaining('Expected to hear "Saturday"') as string,
  });
});

test.each([
  [
    'a check with nothing to look at',
    scenario('v', '    - say: What is free tomorrow?', 'expect: [{ yieldedWithin: 900ms }]'),
    [],
    'vacuous',
  ],
  [
    'a stub of a tool that is not there',
    scenario('v', '    - say: hi', 'expect: [effectsOnce]').replace('tools: {', 'tools: { lookup: { returns: 1 }, '),
    ['Expected `tools` to stub tools of the agent, got `lookup`: the agent has `find_times`, `book`'],
    undefined,
  ],
  [
    'a write that nobody stubbed',
    scenario('v', '    - say: Ten, please.', 'expect: [effectsOnce]').replace(/, book: \{.*\} \}/, ' }'),
    [expect.stringContaining('The tool `book` writes and has no stub')],
    undefined,
  ],
  [
    'replies that are not there',
    scenario('v', '    - say: hi', 'expect: [effectsOnce]').replace(
      / {2}replies:[^]*?caller:/,
      '  replies: ./none.json\ncaller:',
    ),
    [expect.stringContaining('cannot read the replies')],
    undefined,
  ],
  [
    'an agent that is not there',
    scenario('v', '    - say: hi', 'expect: [effectsOnce]').replace('./agent.mjs', './nobody.ts'),
    [expect.stringContaining('There is no such file')],
    undefined,
  ],
])('%s is void, and says nothing of the agent', async (_what, text, troubles, kind) => {
  const report = await reportOf(text);
  expect(report.verdict).toBe('void');
  for (const trouble of troubles)
    expect(report.troubles).toContainEqual(typeof trouble === 'string' ? expect.stringContaining(trouble) : trouble);
  if (kind) expect(report.findings).toMatchObject([{ kind }]);
});

test("the world is looked at as the scenario's file makes it: fresh for each call, its tools in place of the agent's", async () => {
  const world = `export function create() {
    const booked = [];
    return { tools: { book: ({ time }) => { booked.push(time); return { booked: true }; } }, state: () => ({ booked }) };
  }`;
  const text = scenario(
    'world',
    '    - say: Ten, please.',
    'runs: 2\nworld: ./world.mjs\nexpect: [{ world: { booked: ["10:00"] } }]',
  ).replace(/, book: \{.*\} \}/, ' }');
  const list = await planned(folder, { 'world.mjs': world, 'one.yaml': text }).catch(() => undefined);
  expect(list).toBeUndefined(); // a module of another name is no scenario
  const { plan } = await import('../../src/evaluate/evaluate.ts');
  const { findScenarios } = await import('../../src/evaluate/find.ts');
  const [played] = await evaluate(await plan(await findScenarios([join(folder, 'one.yaml')])));
  expect(played!.runs.map(({ verdict }) => verdict)).toEqual(['pass', 'pass']);
});

test('a sweep over the words of an answer cuts in at each, and in the middle of it by share', async () => {
  const swept = scenario(
    'sweep',
    '    - say: What is free tomorrow?\n    - cutIn: { at: $word, say: "Ten, please." }',
    'sweep: { tools.find_times.takes: [0, 2s], word: { each: word } }\nexpect: [trueHistory]',
  );
  const [list] = await planned(folder, { 'one.yaml': swept });
  const heard = 'Let me check that. On Tuesday I have ten, or half past two. Which one suits you?'.split(' ');
  expect(list!.runs).toHaveLength(2 * (heard.length - 1));
  expect(list!.axes[1]!.values[5]).toBe('6 Tuesday');
  const share = await reportOf(
    scenario(
      'share',
      '    - say: What is free tomorrow?\n    - cutIn: { at: "50 %", say: "Ten, please." }',
      'expect: [trueHistory, { yieldedWithin: 900ms }]',
    ),
  );
  expect(share).toMatchObject({ verdict: 'pass', findings: [] });
});

const FILES = { 'a.yaml': `${BOOKS.replace('name: books', 'name: books\nruns: 3')}---\n${CUTS_IN}` };
const FACTS = { model: 'stand-in', seed: 1, notes: [] };

test('the same scenarios give the same evaluation and the same sound, to the byte, whatever runs beside what', async () => {
  const written = await Promise.all(
    [1, 4].map(async (parallel) => {
      const out = new ResultFolder(join(folder, `out-${parallel}`), false);
      const list = await planned(folder, FILES);
      const scenarios = await evaluate(list, { parallel, done: out.keep });
      out.finish(evaluationOf(scenarios, list, FACTS));
      return ['evaluation.json', 'index.html', 'junit.xml', 'calls/001-002/call.wav', 'calls/002-001/call.html'].map(
        (name) => readFileSync(join(out.folder, name)),
      );
    }),
  );
  expect(written[0]!.map((bytes, index) => bytes.equals(written[1]![index]!))).toEqual([true, true, true, true, true]);
});

test('an evaluation that was stopped goes on: no call is lost, none is held twice, and one that was changed is', async () => {
  const out = join(folder, 'stopped');
  const held: string[] = [];
  const stop = new AbortController();
  const keep =
    (into: ResultFolder, stopAfter = Infinity) =>
    async (run: DoneRun) => {
      held.push(`${run.planned.scenario.name} ${run.planned.run}`);
      if (held.length >= stopAfter) stop.abort();
      return into.keep(run);
    };
  const list = await planned(folder, FILES);
  const first = new ResultFolder(out, false);
  const begun = await evaluate(list, { parallel: 1, done: keep(first, 2), signal: stop.signal });
  expect(begun.flatMap(({ runs }) => runs)).toHaveLength(2);
  writeFileSync(join(out, 'runs.jsonl'), `${readFileSync(join(out, 'runs.jsonl'), 'utf8')}{"key":"half`); // killed while it wrote

  const second = new ResultFolder(out, true);
  expect(second.knownRuns).toBe(2);
  const whole = await evaluate(list, { parallel: 1, done: keep(second), known: second.known });
  expect(held.sort()).toEqual(['books 1', 'books 2', 'books 3', 'cuts-in 1']);
  expect(whole.flatMap(({ runs }) => runs).map(({ verdict }) => verdict)).toEqual(['pass', 'pass', 'pass', 'pass']);

  const changed = await planned(folder, { 'a.yaml': FILES['a.yaml'].replace('said: booked', 'said: reserved') });
  const third = new ResultFolder(out, true);
  await evaluate(changed, { done: keep(third), known: third.known });
  expect(held).toHaveLength(4 + 3);
});

test('nothing is written where something else lies', () => {
  writeFileSync(join(folder, 'mine.txt'), '');
  expect(() => new ResultFolder(folder, false)).toThrow(/something else is in it/);
});

test('a plan tells how often whoever plays callers and whoever judges would be asked', async () => {
  const goal = `name: a-goal
agent: desk.ts
caller: { goal: "Book ten.", maxTurns: 11 }
judge: [{ must: "Ten is booked." }, { never: "It is sorry." }]
`;
  const list = await planned(folder, { 'a.yaml': `${FILES['a.yaml']}---\n${goal}` });
  // a caller with a goal is played four times, and takes about half of its turns
  const real = `---\n${scenario('real', '    - say: What is free tomorrow?\n    - say: Thank you.', 'expect: [{ calledTool: find_times }]').replace(/model:\n {2}replies:[^]*?caller:/, 'model: agent\ncaller:')}`;
  const all = await planned(folder, { 'b.yaml': `${FILES['a.yaml']}---\n${goal}${real}` });
  const planOf = () => 'standard' as const;
  expect(planRequests(list, { isReal: { agent: true, caller: true, judge: true }, planOf })).toEqual({
    ...{ calls: 4 + 4, callsByPhone: 0, workers: [], agentRequests: 0, minutes: 0 },
    callerRequests: 4 * (6 + 1),
    judgeRequests: 4 * 2,
  });
  expect(planRequests(list, { isReal: { agent: true, caller: false, judge: false }, planOf })).toEqual({
    ...{
      calls: 4 + 4,
      callsByPhone: 0,
      workers: [],
      agentRequests: 0,
      minutes: 0,
      callerRequests: 0,
      judgeRequests: 0,
    },
  });
  // four times two turns, of which one has a tool: at ten a minute that is two minutes
  expect(planRequests(all, { isReal: { agent: true, caller: false, judge: false }, planOf })).toMatchObject({
    calls: 4 + 4 + 4,
    agentRequests: 4 * 3,
    minutes: 2,
  });
});

test('an ear that mishears is thrown by the seed, and what is misheard is measured', async () => {
  const text = scenario(
    'mishears',
    '    - say: What is free tomorrow? I would like to come in the morning if there is anything at all.',
    'runs: 4\nconditions: { mishears: { words: 0.3 } }\nexpect: [{ wer: { most: 0.01 } }]',
  );
  const [first, again] = [await reports({ 'one.yaml': text }), await reports({ 'one.yaml': text })];
  expect(first).toEqual(again);
  const wrong = first.flatMap(({ findings }) => findings.map(({ evidence }) => evidence));
  expect(new Set(wrong).size).toBeGreaterThan(1);
  expect(first.every(({ verdict }) => verdict !== 'void')).toBe(true);
});

test('a gate over more calls than there are is refused before any is held, unless somebody wants fewer now', async () => {
  const gated = (runs: string) =>
    scenario('gated', '    - say: What is free tomorrow?', `expect: [noTalkOver]\n${runs}\ngate: { passK: [4, 0.8] }`);
  await expect(planned(folder, { 'gated.yaml': gated('runs: 3') })).rejects.toThrow(
    /gated\.yaml:1: `gated`: expected 4 calls or more for `gate\.passK`, got 3: `runs` says how many$/,
  );
  const swept = await planned(folder, { 'gated.yaml': gated('runs: 2\nsweep: { tools.find_times.takes: [0, 1s] }') });
  const quick = await planned(folder, { 'gated.yaml': gated('runs: 3') }, { runs: 1 });
  expect([swept, quick].map(([one]) => one!.runs.length)).toEqual([4, 1]);
});

test('a check of a tool that the agent does not have makes the call void, turned around as well', async () => {
  const text = (check: string) => scenario('misspelled', '    - say: What is free tomorrow?', `expect: [${check}]`);
  for (const check of [
    '{ calledTool: find_time }',
    '{ not: { calledTool: find_time } }',
    '{ noOtherTool: [find_time] }',
  ])
    expect(await reportOf(text(check))).toMatchObject({
      verdict: 'void',
      findings: [{ kind: 'vacuous', what: 'the agent has no tool `find_time`: did you mean `find_times`?' }],
    });
});
