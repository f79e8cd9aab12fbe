/** Scenarios of a program: written in TypeScript, played as those of files are. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { defineScenario, evaluate, exitCodeOf } from 'parley-voice/evaluate';
import { afterAll, expect, test } from 'vitest';
import { createFolder } from '../helpers/folder.ts';
import { scenario, writeFiles } from './scripted.ts';

const { path: folder, remove } = createFolder({});
afterAll(remove);
writeFiles(folder, { 'file.yaml': scenario('of-a-file', '    - say: Hello.', 'expect: [{ said: course }]') });

const booking = defineScenario({
  name: 'of-a-program',
  agent: './agent.mjs',
  model: { replies: [{ when: 'free', say: 'I have ten, or half past two.' }, { say: 'Of course.' }] },
  caller: { steps: [{ say: 'What is free tomorrow?' }, { expect: [{ said: /half past/ }] }, { say: 'Thank you.' }] },
  expect: ['noTalkOver', { noDeadAirOver: '2s' }],
  sweep: { runs: [1, 2] },
});

test('a program plays its own scenarios beside those of files, and is told of each call', async () => {
  const told: string[] = [];
  const out = join(folder, 'out');
  const evaluation = await evaluate([booking, join(folder, 'file.yaml')], {
    ...{ folder, seed: 3, out },
    onRun: ({ scenario: name, report }) => told.push(`${name} ${report.verdict}`),
  });
  expect(told.sort()).toEqual(['of-a-file pass', ...Array<string>(3).fill('of-a-program pass')]);
  expect(evaluation).toMatchObject({
    agents: ['desk'],
    seed: 3,
    scenarios: [{ name: 'of-a-program' }, { name: 'of-a-file' }],
  });
  expect(evaluation.scenarios[0]).not.toHaveProperty('file');
  expect(exitCodeOf(evaluation)).toBe(0);
  expect(existsSync(join(out, 'index.html'))).toBe(true);
});

test('what is wrong with a scenario of a program is told with its number, before anything is played', async () => {
  const broken = { ...booking, expects: [] } as typeof booking;
  await expect(evaluate([booking, broken], { folder })).rejects.toThrow(
    'scenario 2: `expects` is not a field of a scenario: did you mean `expect`?',
  );
});
