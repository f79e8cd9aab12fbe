/** Where recordings lie: inside of their folder, each in its own, for their owner alone. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { VirtualClock } from '../../src/lib/clock.ts';
import { makeCallFolder, prepareFolder } from '../../src/record/folder.ts';
import { CallRecording } from '../../src/record/recording.ts';
import { LineFile } from '../../src/record/line-file.ts';
import { WavFile } from '../../src/record/wav-file.ts';

const root = mkdtempSync(join(tmpdir(), 'parley-folder-'));
afterAll(() => rmSync(root, { recursive: true }));

let folders = 0;
const fresh = (): string => join(root, `calls-${++folders}`);
const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

test.each(['..', '.', '../x', '/etc/x', '...', '..\\x', '', '\0', 'a/b', '\n', '~', '%2e%2e', 'ä', 'CA1'])(
  'CallSid %j as the id of a call: its folder lies in that of the recordings, and is one folder',
  (callId) => {
    const directory = fresh();
    const made = makeCallFolder(directory, callId);
    expect(dirname(made)).toBe(directory);
    expect(readdirSync(directory)).toHaveLength(1);
    expect(statSync(made).isDirectory()).toBe(true);
  },
);

test('an id that is longer than a name of a file may be has a folder all the same', () => {
  expect(existsSync(makeCallFolder(fresh(), 'x'.repeat(5_000)))).toBe(true);
});

test('two recordings with one id: both are kept', async () => {
  const [directory, clock] = [fresh(), new VirtualClock()];
  const [first, second] = [1, 2].map((number) => {
    const recording = new CallRecording({ directory, callId: 'CA1', clock, format: undefined });
    recording.machineLine(`${number}\n`);
    return recording;
  });
  clock.advanceBy(1_000);
  await expect
    .poll(() => [first, second].map((one) => readFileSync(one!.files.machine, 'utf8')))
    .toEqual(['1\n', '2\n']);
});

test('folders that are made on the way are 0700, that of all recordings too; one that is there keeps its rights', async () => {
  const directory = join(fresh(), 'deep');
  await prepareFolder(directory);
  expect([directory, dirname(directory)].map(modeOf)).toEqual(['700', '700']);
  expect(modeOf(makeCallFolder(directory, 'a'))).toBe('700');
  const [own, other] = [fresh(), fresh()];
  expect([makeCallFolder(own, 'a'), own].map(modeOf)).toEqual(['700', '700']);
  mkdirSync(other, { mode: 0o755 });
  await prepareFolder(other);
  expect(modeOf(other)).toBe('755');
});

test('a link in the place of a call is not followed', () => {
  const [directory, elsewhere] = [fresh(), fresh()];
  mkdirSync(directory);
  mkdirSync(elsewhere);
  symlinkSync(elsewhere, join(directory, 'CA1'));
  symlinkSync(join(elsewhere, 'nothing'), join(directory, 'CA2'));
  expect(makeCallFolder(directory, 'CA1')).toBe(join(directory, 'CA1-2'));
  expect(makeCallFolder(directory, 'CA2')).toBe(join(directory, 'CA2-2'));
  expect(readdirSync(elsewhere)).toEqual([]);
});

test('a link in the place of a file is not followed: nothing is written through it', async () => {
  const directory = fresh();
  mkdirSync(directory);
  const victim = join(directory, 'victim');
  writeFileSync(victim, 'precious');
  for (const name of ['call.wav', 'events.jsonl']) symlinkSync(victim, join(directory, name));
  const format = { sampleRateHz: 8_000, channels: 2 };
  await expect(WavFile.create(join(directory, 'call.wav'), format)).rejects.toThrow('ELOOP');
  const errors: Error[] = [];
  const onError = (error: Error) => void errors.push(error);
  const lines = new LineFile(join(directory, 'events.jsonl'), { clock: new VirtualClock(), mode: 0o600, onError });
  lines.add('x\n');
  await lines.end();
  await expect.poll(() => errors.map(String).join()).toContain('EEXIST');
  expect(readFileSync(victim, 'utf8')).toBe('precious');
});

test('a file in the place of the folder is named', async () => {
  const directory = fresh();
  writeFileSync(directory, '');
  expect(() => makeCallFolder(directory, 'CA1')).toThrow(`cannot record into ${directory}: it is not a folder`);
  await expect(prepareFolder(directory)).rejects.toThrow('it is not a folder');
});
