/** `line: { url }`: what a scenario may ask for of a worker elsewhere, and what is refused before anybody is called. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { plan } from '../../../src/evaluate/evaluate.ts';
import { planRequests } from '../../../src/evaluate/plan.ts';
import { readScenarios, scenariosOf, ScenarioError } from '../../../src/evaluate/scenario/read.ts';
import type { ScenarioInput } from '../../../src/evaluate/scenario/schema.ts';
import { lineOf } from '../../../src/evaluate/worker-line.ts';
import { createFolder } from '../../helpers/folder.ts';

const { path: folder, remove } = createFolder({});
afterAll(remove);

const URL = 'ws://127.0.0.1:8080/twilio/media';
const NOTHING = { values: {}, labels: {} };

const elsewhere = (rest: string, { step = 'say: Hello', expected = 'noTalkOver', line = `url: '${URL}'` } = {}) =>
  `name: calls
line: { ${line} }
caller: { steps: [{ ${step} }] }
expect: [${expected}]
${rest}`;

function read(text: string) {
  const file = join(folder, 'scenario.yaml');
  writeFileSync(file, text);
  return readScenarios(file, 'file.yaml');
}

async function problems(text: string): Promise<readonly string[]> {
  const error: unknown = await read(text).catch((thrown: unknown) => thrown);
  if (!(error instanceof ScenarioError)) throw new Error(`Expected a ScenarioError, got ${String(error)}`);
  return error.problems;
}

test('a worker elsewhere has an agent of its own: none is named', async () => {
  const [source] = await read(elsewhere(''));
  expect(source!.fill(NOTHING)).toMatchObject({ agent: 'elsewhere', line: { url: URL, voice: 'tones' } });
});

describe('what lies within it is refused where it stands', () => {
  test.each([
    [
      'now: 2026-11-23T09:00:00Z',
      '5:6: `now`: expected none with a worker elsewhere: the worker goes by its own clock',
    ],
    [
      'tools: { find: { returns: 1 } }',
      '5:8: `tools`: expected none with a worker elsewhere: the tools of the worker run',
    ],
    ['writes: refuse', '5:9: `writes`: expected none with a worker elsewhere: what the tools'],
    ['model: agent', '5:8: `model`: expected none'],
    ['model: { replies: [{ say: Hi }] }', '5:8: `model`: expected none'],
    ["people: { '+15551230000': busy }", '5:9: `people`: expected none'],
    ['world: ./world.ts', '5:8: `world`: expected none'],
    ['env: { A: b }', '5:6: `env`: expected none'],
    [
      'faults: { model: [{ type: hang }] }',
      '5:18: `faults.model`: expected none with a worker elsewhere, nothing of which',
    ],
    ['faults: { line: [{ type: close, afterMs: 1s }] }', '5:17: `faults.line`: expected none'],
    ['conditions: { loss: 0.1 }', '5:21: `conditions.loss`: expected none'],
    ['gate: { p95AnswerMs: 900 }', '5:22: `gate.p95AnswerMs`: expected `p95FirstSoundMs`'],
    ['gate: { costPerCall: 1 }', '5:22: `gate.costPerCall`: expected none'],
  ])('%s', async (rest, expected) => {
    const [problem, ...others] = await problems(elsewhere(rest));
    expect(problem).toContain(`file.yaml:${expected}`);
    expect(others).toEqual([]);
  });

  test.each([
    [
      'effectsOnce',
      '4:10: `expect.0`: expected what a caller can tell of a worker elsewhere, got `effectsOnce`: what tools do',
    ],
    ['noTalkOver, { calledTool: find }', '4:22: `expect.1`'],
    ['{ not: { said: error } }', 'got `said`: what was written is not told to the caller: `heard` is'],
    ['{ anyOf: [noTalkOver, trueHistory] }', 'got `trueHistory`'],
    ['{ wer: { most: 0.1, when: real-hearing } }', 'got `wer`'],
    [
      '{ ended: caller-away }',
      'got `ended`: a caller can tell who hung up (caller-hung-up, agent-hung-up), and not why',
    ],
  ])('a check of it: %s', async (expected, problem) => {
    expect(await problems(elsewhere('', { expected }))).toEqual([expect.stringContaining(problem)]);
  });

  test('an instant that a rehearsal would tell, and a caller who thinks', async () => {
    const step = 'cutIn: { at: 50 %, say: Wait }';
    expect(await problems(elsewhere('', { step }))).toEqual([
      expect.stringContaining(
        "3:34: `caller.steps.0.cutIn.at`: expected a word of the agent's, or a time such as 800ms",
      ),
    ]);
    const goal = elsewhere('').replace(/caller: .*/, 'caller: { goal: A refund }');
    expect(await problems(goal)).toEqual([expect.stringContaining('`caller.goal`: expected steps in real time')]);
  });

  test('what goes by words, where those of a voice are not understood', async () => {
    const line = `url: '${URL}', voice: system`;
    const told = (what: object) => problems(elsewhere('', { line, ...what }));
    expect(await told({ step: 'hears: Tuesday' })).toEqual([
      expect.stringContaining('`caller.steps.0.hears`: expected a time'),
    ]);
    expect(await told({ step: 'cutIn: { at: Tuesday, say: Wait }' })).toEqual([
      expect.stringContaining('cutIn.at`: expected a time'),
    ]);
    expect(await told({ expected: '{ heard: ten }' })).toEqual([
      expect.stringContaining('got `heard`: the sound of this call'),
    ]);
    expect(await told({ expected: 'keptTalking' })).toEqual([expect.stringContaining('got `keptTalking`')]);
  });

  test('a silence that is longer than the caller waits', async () => {
    const expected = '{ noDeadAirOver: 2s }';
    const told = await problems(elsewhere('', { expected, line: `url: '${URL}', doneAfterMs: 1500ms` }));
    expect(told).toEqual([
      expect.stringContaining('expected less than `line.doneAfterMs`, 1500 ms: the caller goes on then'),
    ]);
  });

  test.each([
    [
      'url: http://127.0.0.1:8080',
      '2:14: `line.url`: expected the address of a worker',
      'write ws://127.0.0.1:8080/twilio/media',
    ],
    ['url: ws://127.0.0.1:8080, token: x', '2:35: `token` is not a field of `line`', ''],
    ['voice: tones', '`line.url`: expected an address', ''],
  ])('a line that is none: %s', async (line, expected, help) => {
    const [problem] = await problems(elsewhere('', { line }));
    expect(problem).toContain(expected);
    expect(problem).toContain(help);
  });
});

test('a worker that is chosen for all of them is refused what one of them asks for, and dialled as that says', async () => {
  const [voice] = await read(`agent: a.ts\n${elsewhere('now: 2026-11-23T09:00:00Z').replace(/line: .*\n/, '')}`);
  expect(voice!.fill(NOTHING)).toMatchObject({ line: 'voice', agent: 'a.ts' });
  expect(() => voice!.fill(NOTHING, { url: URL })).toThrow(
    'file.yaml:5:6: `now`: expected none with a worker elsewhere',
  );
  const [own] = await read(elsewhere('', { line: `url: '${URL}', tokenEnv: OURS` }));
  const there = 'wss://staging.example.com/twilio/media';
  expect(own!.fill(NOTHING, { url: there }).line).toMatchObject({ url: there, tokenEnv: 'OURS' });
});

describe('how it is dialled', () => {
  const scenario = (given: Partial<ScenarioInput>) =>
    scenariosOf(
      [{ name: 'calls', caller: { steps: [{ say: 'Hello' }] }, expect: ['noTalkOver'], ...given }],
      folder,
    )[0]!.fill(NOTHING);

  test('what opens its door is in the environment, and who names a variable must have set it', () => {
    const signed = scenario({ line: { url: URL } });
    expect(lineOf(signed, { PARLEY_TWILIO_AUTH_TOKEN: 'new, old' })).toMatchObject({ url: URL, authToken: 'new' });
    const named = scenario({ line: { url: URL, authTokenEnv: 'KEY', tokenEnv: 'OURS' } });
    expect(lineOf(named, { KEY: 'k', OURS: 'o' })).toMatchObject({ authToken: 'k', token: 'o' });
    expect(() => lineOf(named, { KEY: 'k' })).toThrow(
      'expected the variable OURS to be set, which `line.tokenEnv` of the scenario calls names',
    );
  });

  test('the caller waits for as long as the checks look for silence', () => {
    expect(lineOf(scenario({ line: { url: URL } }), {})).toMatchObject({ doneAfterMs: 2_500 });
    const long = scenario({ line: { url: URL }, expect: [{ noDeadAirOver: '4s' }] });
    expect(lineOf(long, {})).toMatchObject({ doneAfterMs: 4_500 });
  });
});

test('the plan says which worker is called, how often and for how long, and nothing of what opens its door', async () => {
  const text = elsewhere('runs: 3', { step: 'wait: 54s', line: `url: '${URL}?token=hidden'` });
  const planned = await plan(await read(text));
  const { workers } = planRequests(planned, {
    isReal: { agent: true, caller: false, judge: false },
    planOf: () => 'none',
  });
  expect(workers).toEqual([{ url: URL, calls: 3, lineMs: 3 * 60_000 }]);
});
