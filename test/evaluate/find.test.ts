/** Which files of a folder are scenarios. */
import { relative } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findScenarios } from '../../src/evaluate/find.ts';
import { createFolder } from '../helpers/folder.ts';

const SCENARIO = 'name: hours\nagent: ./agent.ts\ncaller:\n  steps: [say: Which hours?]\nexpect: [keepsTheRules]\n';

test('a folder of tools beside an agent has YAML of its own, which is no scenario', async () => {
  const { path, remove } = createFolder({
    'scenarios/hours.yaml': SCENARIO,
    'tools/find-bill.yaml': 'url: https://example.com\n',
  });
  onTestFinished(remove);
  const found = await findScenarios([path]);
  expect(found.map(({ file }) => relative(path, file))).toEqual(['scenarios/hours.yaml']);
});
