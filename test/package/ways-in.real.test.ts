/**
 * The package as programs of other kinds take it in: with their own settings of the compiler, and by `require`.
 *
 * Real time: compilers, and programs in processes of their own.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { buildCommand } from '../cli/helpers/build.ts';
import { buildTypes } from '../docs/helpers/built-types.ts';

const DIST = resolve(buildCommand(), '../..'); // here, where no test is being timed
const ENTRIES = ['index', 'services', 'testing/index', 'evaluate/index'];

test('types: a program that has no types of ws compiles with skipLibCheck: false', { timeout: 120_000 }, () => {
  const missing = ['@types/ws'];
  expect(buildTypes({ entries: ENTRIES, missing }).problems()).toEqual([]);
  const problems = buildTypes({ entries: ['call/call'], missing: ['eventemitter3'] }).problems();
  expect(problems[0]).toContain("Cannot find module 'eventemitter3'"); // so that the check above is one
});

test.each(ENTRIES)('require() loads %s: nothing in it waits at the top level', async (entry) => {
  const file = join(DIST, `${entry}.js`);
  const program = `const all = require(${JSON.stringify(file)}); console.log(Object.keys(all).length > 3);`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=commonjs', '-e', program]);
  expect(stdout.trim()).toBe('true');
});

test('no WebAssembly is started by an import', async () => {
  const file = join(DIST, 'testing/index.js');
  const program = `
    const own = WebAssembly.Module;
    let started = 0;
    WebAssembly.Module = class extends own { constructor(...given) { super(...given); started++; } };
    await import(${JSON.stringify(file)});
    console.log(started);`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]);
  expect(stdout.trim()).toBe('0');
  expect(readFileSync(file, 'utf8')).not.toMatch(/^await /m);
});
