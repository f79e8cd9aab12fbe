/** The page on architecture has a paragraph for each folder of the source, and the arrows that the walls hold. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
const rooms = readdirSync(join(root, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());

test('docs/architecture.md has a paragraph for each folder of src, and for no other', () => {
  const described = [...page.matchAll(/^- \*\*([a-z]+)\*\* \S/gm)].map(([, name]) => name);
  expect(described.toSorted()).toEqual(rooms.map(({ name }) => name).sort());
});

test('docs/architecture.md has every folder in its arrows, but for the stand-ins, which stand apart', () => {
  const [, arrows = ''] = /^```\n(lib .*)\n```/m.exec(page) ?? [];
  const named = arrows.match(/[a-z]+/g) ?? [];
  expect([...named, 'simulate'].sort()).toEqual(rooms.map(({ name }) => name).sort());
});
