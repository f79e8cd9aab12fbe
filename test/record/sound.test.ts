import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { SoundRecorder } from '../../src/record/sound.ts';
import { readWav } from '../../src/audio/wav.ts';
import { VirtualClock } from '../../src/lib/clock.ts';
import type { VoiceError } from '../../src/lib/errors.ts';
import { until } from '../helpers/until.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-recording-'));
});
afterAll(() => rm(folder, { recursive: true }));

const frame = (value: number, length = 160) => new Int16Array(length).fill(value);
/** Runs of equal samples, as `value x milliseconds`. */
function runs(samples: Int16Array): string[] {
  const found: string[] = [];
  for (let from = 0, i = 1; i <= samples.length; i++) {
    if (samples[i] === samples[from]) continue;
    found.push(`${samples[from]} x ${(i - from) / 8}`);
    from = i;
  }
  return found;
}

async function record(play: (recorder: SoundRecorder, clock: VirtualClock) => void): Promise<[string[], string[]]> {
  const clock = new VirtualClock();
  clock.advanceTo(5_000);
  const path = join(folder, `${Math.random()}`, 'call.wav');
  const recorder = new SoundRecorder({ path, clock });
  play(recorder, clock);
  await recorder.close();
  const wav = readWav(await readFile(path));
  expect(wav.sampleRateHz).toBe(8_000);
  return [runs(wav.channels[0]!), runs(wav.channels[1]!)];
}

test('the caller is left, the agent right, and silence is as long as it was', async () => {
  const [caller, agent] = await record((recorder, clock) => {
    recorder.write('caller', frame(1), 5_000);
    clock.advanceTo(6_000);
    recorder.write('agent', frame(2), 6_000);
    clock.advanceTo(6_500);
  });
  expect(caller).toEqual(['1 x 20', '0 x 1480']);
  expect(agent).toEqual(['0 x 1000', '2 x 20', '0 x 480']);
});

test('frames that jitter on arrival lie behind each other without a hole', async () => {
  const [caller] = await record((recorder, clock) => {
    for (let i = 0; i < 50; i++) {
      const atMs = 5_000 + i * 20 + [0, 13, 41, 22, 3][i % 5]!;
      if (atMs > clock.nowMs()) clock.advanceTo(atMs);
      recorder.write('caller', frame(3), atMs);
    }
  });
  expect(caller[0]).toBe('3 x 1000');
});

test('a frame that comes late lies at its own time, also when that is in the file already', async () => {
  const [caller] = await record((recorder, clock) => {
    clock.advanceTo(9_000);
    recorder.write('caller', frame(4), 6_000);
    clock.advanceTo(9_500);
  });
  expect(caller).toEqual(['0 x 1000', '4 x 20', '0 x 3480']);
});

test('audio for the near future is placed there, and erased when the line is cleared', async () => {
  const [, agent] = await record((recorder, clock) => {
    recorder.write('agent', frame(5, 8_000), 5_200);
    clock.advanceTo(5_700);
    recorder.erase('agent', 5_700);
    recorder.write('agent', frame(6), 5_900);
    clock.advanceTo(7_000);
  });
  expect(agent).toEqual(['0 x 200', '5 x 500', '0 x 200', '6 x 20', '0 x 1080']);
});

test('a silence longer than the window is written in full', async () => {
  const [caller] = await record((recorder, clock) => {
    recorder.write('caller', frame(1), 5_000);
    clock.advanceBy(60_000);
    recorder.write('caller', frame(2), 65_000);
    clock.advanceBy(20);
  });
  expect(caller).toEqual(['1 x 20', '0 x 59980', '2 x 20']);
});

test('a clock that stood still for long does not lose what came before', async () => {
  const [caller] = await record((recorder, clock) => {
    for (let second = 0; second < 30; second++)
      recorder.write('caller', frame(second + 1, 8_000), 5_000 + second * 1_000);
    clock.advanceBy(30_000);
  });
  expect(caller.slice(0, 5)).toEqual(['1 x 1000', '2 x 1000', '3 x 1000', '4 x 1000', '5 x 1000']);
});

test('a process that is killed leaves a file that is whole up to the last second', async () => {
  const path = join(folder, 'killed.wav');
  const script = `
    import { SoundRecorder } from ${JSON.stringify(new URL('../../src/record/sound.ts', import.meta.url).href)};
    import { VirtualClock } from ${JSON.stringify(new URL('../../src/lib/clock.ts', import.meta.url).href)};
    const clock = new VirtualClock();
    const recorder = new SoundRecorder({ path: process.argv[1], clock });
    for (let atMs = 20; atMs <= 1_800; atMs += 20) {
      clock.advanceTo(atMs);
      recorder.write('caller', new Int16Array(160).fill(9), atMs);
    }
    process.stdout.write(String(clock.nowMs()));
    setInterval(() => {}, 1_000); // it does not end by itself
  `;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script, path], {
    cwd: new URL('../..', import.meta.url),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [text] = (await once(child.stdout, 'data')) as [Buffer];
  const playedMs = Number(text.toString());
  const recorded = async () => readWav(await readFile(path)).channels[0];
  await until(async () => (await recorded())!.length / 8 > playedMs - 1_000);
  child.kill('SIGKILL');
  await once(child, 'close');
  const caller = await recorded();
  expect(caller!.filter((sample) => sample === 9).length / caller!.length).toBeGreaterThan(0.5);
});

test('a place that cannot be written is reported once, by name, and the call goes on', async () => {
  const clock = new VirtualClock();
  const errors: VoiceError[] = [];
  const path = join(new URL('../../package.json', import.meta.url).pathname, 'call.wav');
  const recorder = new SoundRecorder({ path, clock, onError: (error) => errors.push(error) });
  recorder.write('caller', frame(1), 0);
  clock.advanceTo(5_000);
  await recorder.close();
  await recorder.close();
  recorder.write('caller', frame(1), 5_000);
  expect(errors.map(({ code }) => code)).toEqual(['file-unreadable']);
  expect(errors[0]!.message).toContain('call.wav');
  expect(clock.pending).toBe(0);
});
