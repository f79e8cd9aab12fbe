/** Every promise of SECURITY.md is kept somewhere, and shown by a test: `test/defences.md` says where, and both are there. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

/** The cells of every row of the tables in a page, under their headings. */
function rowsOf(page: string): string[][] {
  const rows = readFileSync(join(root, page), 'utf8')
    .split('\n')
    .filter((line) => /^\| (?!-)/.test(line));
  const cells = rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  return cells.filter(([first = '']) => !['Attack', 'What'].includes(first));
}

const defences = rowsOf('test/defences.md');
const namesIn = (cell = '') => [...cell.matchAll(/`([\w./-]+)`/g)].map(([, name = '']) => name);

test('every attack of SECURITY.md has its place in test/defences.md, and no other', () => {
  const attacks = rowsOf('SECURITY.md').map(([attack]) => attack);
  expect(attacks.length).toBeGreaterThan(20);
  expect(defences.map(([attack]) => attack)).toEqual(attacks);
});

test('every file that keeps a promise is there', () => {
  for (const [attack, where] of defences) {
    const names = namesIn(where);
    expect([attack, names.length]).not.toEqual([attack, 0]);
    let folder = '';
    for (const name of names) {
      if (name.includes('/')) folder = name.slice(0, name.lastIndexOf('/'));
      const file = name.includes('/') ? name : `${folder}/${name}`; // beside the one before
      expect([file, existsSync(join(root, file))]).toEqual([file, true]);
    }
  }
});

test('every test that shows that a promise is kept is there', () => {
  const isThere = (name: string) =>
    ['.test.ts', '.suite.ts', ''].some((ending) => existsSync(join(root, 'test', name + ending)));
  for (const [attack, , test] of defences) {
    const names = namesIn(test);
    expect([attack, names.length]).not.toEqual([attack, 0]);
    expect([attack, names.filter((name) => !isThere(name))]).toEqual([attack, []]);
  }
});
