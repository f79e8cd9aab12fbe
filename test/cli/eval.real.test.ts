/** `parley eval`, as a process: what it prints, what it leaves behind, and how it ends. */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { drawCallFolder } from '../evaluate/call-folder.ts';
import { scenario, writeFiles } from '../evaluate/scripted.ts';
import { parley, temporaryFolder } from './helpers/command.ts';

const GOOD = scenario('good', '    - say: What is free tomorrow?', 'expect: [{ told: ["10:00"] }, noTalkOver]');
const BAD = scenario('bad', '    - say: What is free tomorrow?', 'expect: [{ said: Saturday }]');
const UNCLEAR = scenario('unclear', '    - say: What is free tomorrow?', 'expect: [{ yieldedWithin: 900ms }]');

function files(texts: Record<string, string>): string {
  const folder = temporaryFolder();
  writeFiles(folder, texts);
  return folder;
}

test('all gates hold: exit 0, with a page, JUnit, JSON and the call to look at, for the owner alone', async () => {
  const folder = files({ 'a.yaml': GOOD });
  const { code, stdout, stderr } = await parley(['eval', 'a.yaml', '--out', 'out', '--junit', 'junit.xml'], {
    cwd: folder,
  });
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^1 scenario, 1 call\. Stand-ins answer: no account is needed\.\ndesk · model stand-in, by replies · voice line · hearing: stand-in · seed 1\n/,
  );
  expect(stdout).toMatch(/ ✓ good +1 +1\/1 /);
  expect(stdout).toMatch(/1 call: 1 passed, 0 failed, 0 void · report out\/index\.html · exit 0 · \d+\.\d\d s\n$/);
  for (const name of [
    'out/index.html',
    'out/evaluation.json',
    'out/junit.xml',
    'out/calls/001-001/call.html',
    'out/calls/001-001/call.wav',
    'junit.xml',
  ]) {
    expect(existsSync(join(folder, name)), name).toBe(true);
  }
  expect(statSync(join(folder, 'out/calls/001-001/call.wav')).mode & 0o077).toBe(0);
});

test('a folder of scenarios: one that fails makes it 1, one that is void alone makes it 3', async () => {
  const folder = files({
    'tests/a.yaml': GOOD,
    'tests/b.yaml': BAD,
    'tests/deep/c.yaml': UNCLEAR,
    'tests/notes.md': '',
    'tests/agent.mjs': readFileSync(join(files({}), 'agent.mjs'), 'utf8'),
    'tests/deep/agent.mjs': readFileSync(join(files({}), 'agent.mjs'), 'utf8'),
  });
  const [all, some] = await Promise.all([
    parley(['eval', 'tests', '--out', 'one'], { cwd: folder }),
    parley(['eval', 'tests', '--out', 'two', '--grep', 'UNCLEAR', '--runs', '2', '--json'], { cwd: folder }),
  ]);
  expect(all.code).toBe(1);
  expect(all.stdout).toMatch(
    / ✗ bad .*\n.*gate {2}every run passes, and 1 of 1 did not\n {5}run 1 {2}said {2}expected "Saturday" to be said/,
  );
  expect(all.stdout).toMatch(
    / ~ unclear .*\n.*gate {2}1 of 1 runs are void\n {5}run 1 {2}yieldedWithin \(vacuous\) {2}/,
  );
  expect(some.code).toBe(3);
  const lines = some.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines).toMatchObject([
    { type: 'run', scenario: 'unclear', verdict: 'void' },
    { type: 'run' },
    { type: 'evaluation', exitCode: 3, scenarios: ['unclear'] },
  ]);
});

test('what is no scenario is told with its lines, before anything is played: exit 2', async () => {
  const folder = files({
    'a.yaml': GOOD.replace('say: What', 'sai: What'),
    'b.yaml': GOOD.replace('expect: [', 'expects: ['),
    'c.yaml': GOOD.replace('replies:', 'reply:'),
  });
  const { code, stdout, stderr } = await parley(['eval', '.'], { cwd: folder });
  expect(code).toBe(2);
  expect(stdout).toBe('');
  expect(stderr.split('\n').slice(0, 3)).toEqual([
    expect.stringMatching(/^a\.yaml:14:\d+: `caller\.steps\.0\.sai`: `sai` is not a step: did you mean `say`\?$/),
    expect.stringMatching(/^b\.yaml:15:1: `expects` is not a field of a scenario: did you mean `expect`\?$/),
    expect.stringMatching(/^b\.yaml:1:1: expected something to be checked/),
  ]);
  expect(stderr).toMatch(/^c\.yaml:6:\d+: `model`: expected `brain`, `agent`, /m);
  expect(existsSync(join(folder, 'evaluation'))).toBe(false);
});

test.each([
  [['nowhere.yaml'], /cannot read nowhere\.yaml/],
  [['agent.mjs'], /agent\.mjs: expected a default export of a scenario|agent\.mjs: `/],
  [['notes.txt'], /notes\.txt: expected a scenario file/],
  [['a.yaml', '--runs', '0'], /expected --runs to be a whole number, 1 or more, got 0/],
  [['a.yaml', '--grep', 'nobody'], /no scenario has `nobody` in its name: there are good/],
  [['a.yaml', '--out', '.'], /something else is in it/],
  [
    ['a.yaml', '--record-model', 'x', '--replay-model', 'y'],
    /expected --record-model FILE or --replay-model FILE, got both/,
  ],
  [['a.yaml', '--replay-model', 'x.jsonl'], /cannot read x\.jsonl: there is no such file/],
  [
    ['a.yaml', '--expect', 'b.yaml'],
    /expected --expect with recorded calls, and no --agent, got no recorded calls in a\.yaml/,
  ],
  [
    ['a.yaml', '--must-match'],
    /expected --must-match with recorded calls and --agent FILE, got no recorded calls in a/,
  ],
])('wrong usage is exit 2: %j', async (given, message) => {
  const folder = files({ 'a.yaml': GOOD, 'notes.txt': '' });
  const { code, stderr } = await parley(['eval', ...given], { cwd: folder });
  expect(stderr).toMatch(message);
  expect(code).toBe(2);
});

test('two evaluations beside each other: what passes no longer, and why', async () => {
  const folder = files({ 'a.yaml': GOOD });
  await parley(['eval', 'a.yaml', '--out', 'before'], { cwd: folder });
  writeFileSync(
    join(folder, 'a.yaml'),
    GOOD.replace('told: ["10:00"]', 'told: ["11:00"]').replace('takes: 600', 'takes: 2s'),
  );
  await parley(['eval', 'a.yaml', '--out', 'after'], { cwd: folder });
  const [same, worse] = await Promise.all([
    parley(['eval', 'diff', 'before', 'before'], { cwd: folder }),
    parley(['eval', 'diff', 'before', 'after', '--json', '--out', 'diff.html'], { cwd: folder }),
  ]);
  const page = readFileSync(join(folder, 'diff.html'), 'utf8');
  expect(page).toContain(
    '<a href="./before/calls/001-001/call.html">pass</a> → <a href="./after/calls/001-001/call.html">fail</a>',
  );
  expect(page).toMatch(/<td>answer p50<\/td> <td>\d+ ms<\/td><td>\d+ ms<\/td><td>\+\d+ ms<\/td>/);
  expect(page).not.toMatch(/<script|https?:\/\//);
  expect(same).toMatchObject({ code: 0, stdout: 'same   good  1/1 passed, now 1/1\n' });
  expect(worse.code).toBe(1);
  expect(JSON.parse(worse.stdout)).toMatchObject({
    changes: [
      { name: 'good', state: 'worse', appeared: ['told'], runs: [{ where: 'run 1', before: 'pass', after: 'fail' }] },
    ],
  });
});

test('recorded calls are looked at by the same checks, and nothing is played', async () => {
  const folder = files({
    'expect.yaml': 'expect: [{ told: ["10:00"] }, { not: { said: "/sorry/i" } }, { yieldedWithin: 900ms }]\n',
  });
  mkdirSync(join(folder, 'recordings'));
  await drawCallFolder(folder, join(folder, 'recordings/one'));
  const [usual, expected] = await Promise.all([
    parley(['eval', 'recordings', '--out', 'one'], { cwd: folder }),
    parley(['eval', 'recordings', '--expect', 'expect.yaml', '--out', 'two'], { cwd: folder }),
  ]);
  expect(usual.stdout).toMatch(
    /Turn-taking: 0 of 2 turns were taken before the caller had finished; the end of a turn was waited for \d+ ms/,
  );
  expect(usual.code).toBe(0);
  expect(expected.stdout).toContain('Nothing to look at in any of these calls: yieldedWithin.');
  expect(expected.code).toBe(0);

  const made = await parley(
    ['scenario', 'recordings/one', '--agent', './agent.mjs', '--redact', '--out', 'made.yaml'],
    { cwd: folder },
  );
  expect(made).toMatchObject({ code: 0, stderr: expect.stringContaining('wrote made.yaml') as string });
  const played = await parley(['eval', 'made.yaml', '--out', 'three'], { cwd: folder });
  expect(played.stdout).toMatch(/ ✓ recorded-call +1 +1\/1 /);
  const none = await parley(['scenario', 'nowhere'], { cwd: folder });
  expect(none).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('expected the folder of a recorded call') as string,
  });
});
