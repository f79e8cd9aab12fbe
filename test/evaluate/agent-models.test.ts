/** A real model in virtual calls: its latency counts, nobody waits for playback, and its answers can be kept and had again. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished, test, vi } from 'vitest';
import { AgentModels, type AgentModelsOptions } from '../../src/evaluate/agent-models.ts';
import { evaluate } from '../../src/evaluate/evaluate.ts';
import type { RunReport } from '../../src/evaluate/evaluation.ts';
import { systemClock } from '../../src/lib/clock.ts';
import type { ElectronOptionsInput } from '../../src/simulate/electron/options.ts';
import { startElectronSimulator, type ElectronSimulator } from '../../src/simulate/electron/server.ts';
import { createFolder } from '../helpers/folder.ts';
import { planned, scenario, writeFiles, AGENT } from './scripted.ts';

const { path: folder, remove } = createFolder({});
afterAll(remove);

const CALL = { name: 'find_times', arguments: { date: '2026-11-24' } };
const FIRST_TOKEN_MS = 300;
const REPLIES: ElectronOptionsInput = {
  pace: { firstTokenMs: FIRST_TOKEN_MS, tokenMs: 5 },
  replies: [
    { when: 'free', say: 'Let me check.', call: CALL },
    { after: 'find', say: 'On Tuesday I have ten, and half past two, and nothing else for you at all.' },
    { say: 'Of course.' },
  ],
};

async function server(options: ElectronOptionsInput = REPLIES): Promise<ElectronSimulator> {
  const started = await startElectronSimulator(options);
  onTestFinished(() => started.close());
  return started;
}

const STEPS = '    - say: What is free tomorrow?\n    - say: Thank you.';

/** Answered by a server at this address. */
const text = (baseUrl: string, { steps = STEPS, rest = 'runs: 2' } = {}) =>
  scenario('real', steps, `${rest}\nexpect: [{ calledTool: find_times }, { told: ["10:00"] }]`).replace(
    /model:\n {2}replies:[^]*?caller:/,
    `model: { baseUrl: "${baseUrl}", model: electron, apiKeyEnv: SOME_KEY }\ncaller:`,
  );

async function played(scenarioText: string, options: Partial<AgentModelsOptions> = {}): Promise<RunReport[]> {
  const models = new AgentModels({ env: { SOME_KEY: 'sk_some' }, clock: systemClock, ...options });
  const scenarios = await evaluate(await planned(folder, { 'one.yaml': scenarioText }), { models });
  await models.close();
  return scenarios.flatMap(({ runs }) => runs);
}

const passed = (runs: readonly RunReport[]) =>
  runs.map(({ verdict, troubles, findings }) => ({ verdict, troubles, findings }));
const PASS = { verdict: 'pass', troubles: [], findings: [] };

test('a real model answers at its own pace in a call that takes no time besides, and its answers come again without it', async () => {
  const asking = await server();
  const { url } = asking;
  const record = join(folder, 'answers.jsonl');
  const startMs = performance.now();
  const runs = await played(text(url), { record });
  const tookMs = performance.now() - startMs;
  expect(passed(runs)).toEqual([PASS, PASS]);
  for (const { metrics } of runs)
    for (const ms of metrics.firstSoundMs) expect(ms).toBeGreaterThan(FIRST_TOKEN_MS + 300);
  expect(tookMs).toBeLessThan(runs[0]!.metrics.durationMs); // two calls in less than one of them lasts
  expect(asking.requests()[0]).toMatchObject({ body: { model: 'electron' } });

  const asked = asking.requests().length;
  const again = await played(text(url), { replay: record, env: {} });
  expect(passed(again)).toEqual([PASS, PASS]);
  expect(asking.requests()).toHaveLength(asked); // and no key is needed
  const third = await played(text(url), { replay: record });
  expect(third).toEqual(again); // to the byte
  for (const { metrics } of again)
    for (const ms of metrics.firstSoundMs) expect(ms).toBeGreaterThan(FIRST_TOKEN_MS + 300); // as late as it came
});

test('a caller who cuts in: what had been answered until then comes again, and is cut in on again', async () => {
  const { url } = await server({ ...REPLIES, pace: { firstTokenMs: 100, tokenMs: 60 } });
  const record = join(folder, 'cut.jsonl');
  const steps = `    - say: What is free tomorrow?\n    - cutIn: { at: half, say: "Ten, please." }\n    - expect: [{ yieldedWithin: 900ms }, trueHistory]`;
  const cuts = text(url, { steps, rest: 'runs: 1' });
  expect(passed(await played(cuts, { record }))).toEqual([PASS]);
  expect(passed(await played(cuts, { replay: record }))).toEqual([PASS]);
});

test('a request that was never recorded makes the call void, and what is other in it is told', async () => {
  const { url } = await server();
  const record = join(folder, 'other.jsonl');
  await played(text(url, { rest: 'runs: 1' }), { record });
  const replayed = async (scenarioText: string) => (await played(scenarioText, { replay: record }))[0]!;

  const words = await replayed(text(url, { steps: STEPS.replace('Thank you', 'Many thanks') }));
  expect(words.verdict).toBe('void');
  expect(words.troubles).toEqual([
    expect.stringMatching(
      /^no recorded answer to step [12] of turn 2: message 6 \(user\) was "thank you\.?", and is "Many thanks\."\. Record it anew \(--record-model\)$/i,
    ),
  ]);
  const results = await replayed(text(url).replace('free: ["10:00"]', 'free: ["11:00"]'));
  expect(results.troubles[0]).toMatch(
    /^no recorded answer to step 2 of turn 1: message \d+ \(tool\) was ".*10:00.*", and is ".*11:00/,
  );
  const model = await replayed(text(url).replace('electron', 'another-model'));
  expect(model.troubles[0]).toContain('the model\'s `model` was "electron", and is "another-model"');

  writeFiles(folder, {
    'other.mjs': AGENT.replace('Be brief.', 'Be long.'),
    'tools.mjs': AGENT.replace('Books a time.', 'Books any time.'),
  });
  const instructions = await replayed(text(url).replace('./agent.mjs', './other.mjs'));
  expect(instructions.troubles[0]).toContain('the instructions were "Be brief.", and are "Be long."');
  const tools = await replayed(text(url).replace('./agent.mjs', './tools.mjs'));
  expect(tools.troubles[0]).toContain('the tools are others: `book`');
});

test('calls that are recorded anew take the place of theirs, and others stay', async () => {
  const { url } = await server();
  const record = join(folder, 'both.jsonl');
  const one = text(url, { rest: 'runs: 1' });
  const other = one.replace('name: real', 'name: other');
  await played(one, { record });
  const first = readFileSync(record, 'utf8');
  await played(other, { record });
  const answers = readFileSync(record, 'utf8')
    .split('\n')
    .filter((line) => line.includes('"type":"answer"'))
    .map((line) => (JSON.parse(line) as { scenario: string }).scenario);
  expect([...new Set(answers)]).toEqual(['other', 'real']);
  expect(passed(await played(`${one}---\n${other}`, { replay: record }))).toEqual([PASS, PASS]);
  expect(first.split('\n')[0]).toBe('{"type":"cassette","version":1}');
});

test('what an account allows is waited for, and no call feels it', async () => {
  const asking = await server();
  const { url } = asking;
  const models = { plan: 'standard' } as const; // ten a minute, three at once: with three calls side by side somebody waits
  const runs = await played(text(url, { steps: '    - say: What is free tomorrow?', rest: 'runs: 4' }), models);
  expect(passed(runs)).toEqual([PASS, PASS, PASS, PASS]);
  const slowest = Math.max(...runs.flatMap(({ metrics }) => metrics.firstSoundMs));
  expect(slowest).toBeLessThan(FIRST_TOKEN_MS + 1_000);
  expect(asking.requests().length).toBeLessThanOrEqual(10);
});

test("a server that refuses is void, and no fault of the agent's", async () => {
  const { url } = await server({ ...REPLIES, keys: ['sk_other'] });
  const [run] = await played(text(url));
  expect(run).toMatchObject({
    verdict: 'void',
    troubles: expect.arrayContaining([expect.stringMatching(/^the model's server: electron: /) as string]) as string[],
  });
});

test('a key that is not there, and a cassette that is none, are told before anything is played', async () => {
  const [one] = await planned(folder, { 'one.yaml': text('https://models.example.com/v1') });
  const models = new AgentModels({ env: {}, clock: systemClock });
  await expect(models.check(one!.scenario, folder)).rejects.toThrow(
    'expected SOME_KEY to hold the key of https://models.example.com/v1, got nothing',
  );
  vi.stubEnv('SMALLEST_API_KEY', undefined);
  onTestFinished(() => void vi.unstubAllEnvs());
  const own = text('').replace(/^model: .*$/m, 'model: agent');
  const [agents] = await planned(folder, { 'own.yaml': own });
  await expect(models.check(agents!.scenario, folder)).rejects.toThrow(
    '`real` has `model: agent`, and SMALLEST_API_KEY is not set: set it, or PARLEY_MODEL_BASE_URL for another server',
  );
  const replay = join(folder, 'broken.jsonl');
  expect(() => new AgentModels({ env: {}, clock: systemClock, replay })).toThrow(
    /cannot read .*broken\.jsonl: there is no such file/,
  );
  writeFileSync(replay, '{"type":"cassette","version":1}\n{"type":"answer"}\n');
  expect(() => new AgentModels({ env: {}, clock: systemClock, replay })).toThrow(
    /broken\.jsonl:2: expected an answer or a part of one/,
  );
  writeFileSync(replay, 'name: something\n');
  expect(() => new AgentModels({ env: {}, clock: systemClock, replay })).toThrow(
    /broken\.jsonl:1: expected a file that --record-model has written/,
  );
  expect(existsSync(join(folder, 'nothing.jsonl'))).toBe(false);
});
