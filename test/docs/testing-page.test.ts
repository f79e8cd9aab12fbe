/** The tests on docs/testing.md are those of examples/tests, which run with ours: a page cannot show one that fails. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readPages, ROOT } from './helpers/pages.ts';

const FOLDER = join(ROOT, 'examples/tests');

test('the tests to copy are those that run in examples/tests, for a project of `parley init`', () => {
  const shown = readPages().find(({ file }) => file === 'docs/testing.md')?.programs ?? [];
  const toCopy = shown.filter((text) => text.startsWith('// test/'));
  const programs = toCopy.map((text) => text.replace(/^\/\/ test\/.*\n/, ''));
  const names = readdirSync(FOLDER).filter((name) => name.endsWith('.ts'));
  const texts = names.map((name) => readFileSync(join(FOLDER, name), 'utf8'));
  const ours = texts.filter((text) => text.includes('../../starter/agent.ts'));
  const own = ours.map((text) => text.replaceAll('../../starter/agent.ts', '../agent.ts'));
  expect(own.length).toBeGreaterThanOrEqual(3);
  expect([...programs].sort()).toEqual([...own].sort());
});
