/** `parley eval RECORDINGS --agent FILE`, as a process: what it prints, the page, and how it ends. */
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { drawCallFolder } from '../evaluate/call-folder.ts';
import { startElectronSimulator } from '../../src/simulate/electron/server.ts';
import { AGENT } from '../evaluate/scripted.ts';
import { parley, temporaryFolder } from './helpers/command.ts';

const CUT_IN = '    - say: What is free tomorrow?\n    - cutIn: { at: Tuesday, say: "Ten, please." }';

/** A folder with an agent, one whose prompt is another, and two recorded calls of the first. */
async function recorded(): Promise<string> {
  const folder = temporaryFolder();
  for (const name of ['one', 'two']) await drawCallFolder(folder, join(folder, 'recordings', name), CUT_IN);
  writeFileSync(join(folder, 'changed.mjs'), AGENT.replace('Be brief.', 'Be very brief.'));
  return folder;
}

test('an unchanged agent: each call is the same to its end, exit 0, and the page is for the owner alone', async () => {
  const folder = await recorded();
  const { code, stdout, stderr } = await parley(['eval', 'recordings', '--agent', 'agent.mjs', '--must-match'], {
    cwd: folder,
  });
  expect(stderr).toBe('');
  expect(stdout).toBe(
    '= one  the same to its end\n= two  the same to its end\n' +
      '2 calls: 2 the same, 0 diverged · side by side followed/index.html\n',
  );
  expect(code).toBe(0);
  const page = readFileSync(join(folder, 'followed/index.html'), 'utf8');
  expect(page).toContain('<a href="calls/002-now/call.html">now</a>');
  for (const name of ['index.html', 'calls/001-now/call.html', 'calls/001-recorded/call.wav'])
    expect(statSync(join(folder, 'followed', name)).mode & 0o077).toBe(0);
});

test('a changed prompt: the turn and what differs are told; the exit code is 1 only when it must match', async () => {
  const folder = await recorded();
  const command = ['eval', 'recordings', '--agent', 'changed.mjs', '--out', 'out'];
  const told = await parley(command, { cwd: folder });
  const gated = await parley([...command, '--must-match', '--json'], { cwd: folder });
  expect(told.code).toBe(0);
  expect(told.stdout).toMatch(
    /^≠ one {2}in turn 1, at \d\.\d s: the instructions were "Be brief\.", and are "Be very brief\."\n≠ two .*\n2 calls: 0 the same, 2 diverged/,
  );
  expect(gated.code).toBe(1);
  const lines = gated.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  expect(lines).toMatchObject([
    { type: 'followed', name: 'one', divergence: { turn: 1 }, pages: { now: 'calls/001-now/call.html' } },
    { type: 'followed', name: 'two' },
    { type: 'summary', calls: 2, diverged: 2 },
  ]);
  expect(readFileSync(join(folder, 'out/index.html'), 'utf8')).toContain('the instructions were');
});

test('what cannot be followed is told in a sentence: exit 2', async () => {
  const folder = await recorded();
  const [nowhere, idle, lost, unused] = await Promise.all([
    parley(['eval', 'recordigns', '--agent', 'agent.mjs'], { cwd: folder }),
    parley(['eval', 'recordings', '--must-match'], { cwd: folder }),
    parley(['eval', 'recordings', '--agent', 'nobody.mjs'], { cwd: folder }),
    parley(['eval', 'recordings', '--agent', 'agent.mjs', '--runs', '3'], { cwd: folder }),
  ]);
  expect(nowhere.stderr).toBe('parley: cannot read recordigns: there is no such file or folder\n');
  expect(idle.stderr).toMatch(/expected --must-match with recorded calls and --agent FILE, got no --agent/);
  expect(lost.stderr).toMatch(/nobody\.mjs/);
  expect(unused.stderr).toMatch(/expected --runs with scenarios, got --agent and recorded calls in recordings/);
  rmSync(join(folder, 'recordings/one/machine.jsonl'));
  const bare = await parley(['eval', 'recordings', '--agent', 'agent.mjs'], { cwd: folder });
  expect(bare.stderr).toMatch(/recordings.one: expected machine\.jsonl, which has what the call was made of/);
  expect([nowhere, idle, lost, unused, bare].map(({ code }) => code)).toEqual([2, 2, 2, 2, 2]);
});

test('past changed words, with --model: who answered which turn is told', async () => {
  const folder = await recorded();
  const command = ['eval', 'recordings/one', '--agent', 'changed.mjs'];
  const [asked, keyless, unasked] = await Promise.all([
    parley([...command, '--model', 'stand-in', '--out', 'a'], { cwd: folder }),
    parley([...command, '--model', 'agent', '--out', 'b'], { cwd: folder }),
    parley(['eval', 'recorded.yaml', '--model', 'stand-in'], { cwd: folder }),
  ]);
  expect(asked.stderr).toBe('');
  expect(asked.stdout).toMatch(
    /\n[≈≠] one {2}in turn 1, .*are "Be very brief\."; .*\n {2}answered: turns? 1.* by the model\n/,
  );
  expect(readFileSync(join(folder, 'a/index.html'), 'utf8')).toContain('by the model');
  expect(asked.stdout).toMatch(/^1 call, 1 with other words in it\. The stand-in answers: no account is needed\.\n/);
  expect(keyless.stderr).toBe(
    'parley: --model agent asks the model of `desk`, and SMALLEST_API_KEY is not set: set it, or PARLEY_MODEL_BASE_URL for ' +
      'another server, or have the stand-in answer by --model stand-in\n',
  );
  expect(unasked.stderr).toMatch(/expected --model with recorded calls and --agent FILE, got no recorded calls/);
  expect([asked, keyless, unasked].map(({ code }) => code)).toEqual([0, 2, 2]);
});

test('what an account is asked is told before it is: how often, and for how many minutes', async () => {
  const folder = await recorded();
  const model = await startElectronSimulator({ replies: [{ say: 'On Tuesday I have ten. Which one suits you?' }] });
  const command = ['eval', 'recordings', '--agent', 'changed.mjs', '--model', 'agent'];
  const env = { SMALLEST_API_KEY: 'sk_test', PARLEY_MODEL_BASE_URL: model.url };
  const [asked, unasked, idle] = await Promise.all([
    parley([...command, '--plan', 'enterprise', '--out', 'a'], { cwd: folder, env }),
    parley(['eval', 'recordings', '--agent', 'agent.mjs', '--model', 'agent', '--out', 'b'], { cwd: folder }),
    parley([...command.slice(0, 4), '--plan', 'standard'], { cwd: folder }),
  ]);
  await model.close();
  expect(asked.stderr).toBe('');
  expect(asked.stdout).toMatch(
    /^2 calls, 2 with other words in them\. It asks the model about \d+ times, 1 min or more at what the account allows; calls do not feel the wait\.\n/,
  );
  const requests = Number(/about (\d+) times/.exec(asked.stdout)?.[1]);
  expect(requests).toBe(8); // two turns with a tool each, in two calls
  expect(unasked.stdout).toMatch(/^= one {2}the same to its end\n/); // nobody is asked, so no key is missing
  expect(idle.stderr).toMatch(/expected --plan with --model agent/);
  expect([asked, unasked, idle].map(({ code }) => code)).toEqual([0, 0, 2]);
});

test('calls of other agents are left out and told; one that was named otherwise then is asked for by that name', async () => {
  const folder = await recorded();
  writeFileSync(join(folder, 'renamed.mjs'), AGENT.replace("name: 'desk'", "name: 'front'"));
  const events = join(folder, 'recordings/two/events.jsonl');
  writeFileSync(events, readFileSync(events, 'utf8').replace('"agent":"desk"', '"agent":"billing"'));
  const command = ['eval', 'recordings', '--must-match', '--agent'];
  const [own, json, none, named] = await Promise.all([
    parley([...command, 'agent.mjs', '--out', 'a'], { cwd: folder }),
    parley([...command, 'agent.mjs', '--out', 'b', '--json'], { cwd: folder }),
    parley([...command, 'renamed.mjs', '--out', 'c'], { cwd: folder }),
    parley([...command, 'renamed.mjs', '--out', 'd', '--recorded-as', 'desk'], { cwd: folder }),
  ]);
  expect(own.stdout).toMatch(/^Left out: 1 call of `billing`\.\n= one {2}the same to its end\n1 call: 1 the same/);
  expect(json.stdout).toMatch(/^\{"type":"left-out","agent":"billing","calls":1\}\n/);
  expect(none.stderr).toBe(
    'parley: expected recorded calls of `front`, got 1 call of `desk`, 1 call of `billing`. ' +
      'If that is what it was named before: --recorded-as desk\n',
  );
  expect(named.stdout).toMatch(/= one {2}the same to its end\n/);
  expect([own, json, none, named].map(({ code }) => code)).toEqual([0, 0, 2, 0]);
});

test('calls that an evaluation has played are recordings, too', async () => {
  const folder = await recorded();
  await parley(['eval', 'recorded.yaml', '--out', 'before'], { cwd: folder });
  const { code, stdout } = await parley(['eval', 'before', '--agent', 'changed.mjs'], { cwd: folder });
  expect(stdout).toMatch(/^≠ 001-001 {2}in turn 1/);
  expect(code).toBe(0);
});
