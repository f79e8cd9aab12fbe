import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { LineFile } from '../../src/record/line-file.ts';
import { VirtualClock } from '../../src/lib/clock.ts';
import { until } from '../helpers/until.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-'));
afterAll(() => rmSync(folder, { recursive: true }));

const fail = (error: Error): never => {
  throw error;
};

test('lines reach the file within a quarter of a second, without an end', async () => {
  const [clock, path] = [new VirtualClock(), join(folder, 'open.jsonl')];
  const file = new LineFile(path, { clock, mode: 0o600, onError: fail });
  file.add('{"n":1}\n');
  clock.advanceBy(100);
  file.add('{"n":2}\n');
  clock.advanceBy(149);
  expect(clock.pending).toBe(1);
  clock.advanceBy(1);
  await until(() => expect(readFileSync(path, 'utf8')).toBe('{"n":1}\n{"n":2}\n'));
  expect(clock.pending).toBe(0);
  await file.end();
});

test('the end brings everything to disk, in order, for its owner alone, and leaves no timer', async () => {
  const [clock, path] = [new VirtualClock(), join(folder, 'ended.jsonl')];
  const file = new LineFile(path, { clock, mode: 0o600, onError: fail });
  for (let n = 0; n < 1_000; n++) file.add(`${n}\n`);
  await file.end();
  expect(readFileSync(path, 'utf8').split('\n').slice(0, -1).map(Number)).toEqual(
    Array.from({ length: 1_000 }, (_, n) => n),
  );
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(clock.pending).toBe(0);
});

test('a file that cannot be written is told of, and its end comes all the same', async () => {
  const errors: Error[] = [];
  const path = join(folder, 'nowhere', 'x.jsonl');
  const file = new LineFile(path, { clock: new VirtualClock(), mode: 0o600, onError: (error) => errors.push(error) });
  file.add('lost\n');
  await file.end();
  await until(() => expect(errors.map(({ message }) => message).join()).toContain('ENOENT'));
  await file.end();
});
