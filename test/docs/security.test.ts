/** SECURITY.md names what keeps each promise, and what shows that it does: both are there. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const named = [...readFileSync(join(root, 'SECURITY.md'), 'utf8').matchAll(/`([\w./-]+)`/g)].map(
  ([, name = '']) => name,
);

test('every file of the sources that SECURITY.md names is there', () => {
  const files = named.filter((name) => name.startsWith('src/'));
  expect(files.length).toBeGreaterThan(10);
  expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
});

test('every test that SECURITY.md names is there', () => {
  const tests = named.filter((name) =>
    /^(bridge|call|contracts|fuzz|lib|page|record|tool|turn|worker)\/[\w./-]+$/.test(name),
  );
  expect(tests.length).toBeGreaterThan(10);
  const isThere = (name: string) =>
    ['test', 'suite'].some((kind) => existsSync(join(root, 'test', `${name}.${kind}.ts`)));
  expect([...new Set(tests)].filter((name) => !isThere(name))).toEqual([]);
});
