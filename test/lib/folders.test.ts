/** Folders on the way to a file: made, kept, or refused at once; never tried for ever. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makeFolders } from '../../src/lib/folders.ts';

const root = mkdtempSync(join(tmpdir(), 'parley-folders-'));
afterAll(() => rmSync(root, { recursive: true }));

test('all that are missing are made, with the rights that are wanted; one that is there keeps its own', () => {
  mkdirSync(join(root, 'old'), { mode: 0o755 });
  makeFolders(join(root, 'old/new/deep'), 0o700);
  const modes = ['old', 'old/new', 'old/new/deep'].map((name) => statSync(join(root, name)).mode & 0o777);
  expect(modes.map((mode) => mode.toString(8))).toEqual(['755', '700', '700']);
  makeFolders(join(root, 'old/new/deep'));
  makeFolders('/');
});

test('a file on the way is refused as the system refuses it', () => {
  writeFileSync(join(root, 'file'), '');
  expect(() => makeFolders(join(root, 'file'))).toThrow(expect.objectContaining({ code: 'EEXIST' }));
  expect(() => makeFolders(join(root, 'file/below/it'))).toThrow(expect.objectContaining({ code: 'ENOTDIR' }));
  expect(() => makeFolders('')).toThrow(expect.objectContaining({ code: 'ENOENT' }));
});

test.runIf(existsSync('/proc/self'))('--record /proc/nope: where nothing can be made, it is said at once', () => {
  for (const path of ['/proc/nope', '/proc/nope/deep/er']) {
    expect(() => makeFolders(path)).toThrow('nothing can be made in /proc');
  }
});
