/** What a caller hears while somebody is rung for them: a WAV file, over and over, as it sounds. */
import { pathToFileURL } from 'node:url';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { decodeMulaw } from '../../src/audio/g711.ts';
import { FrameClock } from '../../src/audio/frame-clock.ts';
import { writeWav } from '../../src/audio/wav.ts';
import { playWaitSound } from '../../src/call/wait-sound.ts';
import { VirtualClock } from '../../src/lib/clock.ts';
import { silentLog } from '../../src/lib/log.ts';
import { createFolder } from '../helpers/folder.ts';
import { until } from '../helpers/until.ts';

const FORMAT = { encoding: 'mulaw', sampleRateHz: 8_000 } as const;
const FEED = { pacing: 'peer', leastBytes: 0, mostBytes: 8_000, multipleOfBytes: 1, tail: 'as-is' } as const;

async function play(file: string, pacing: 'peer' | 'us' = 'peer') {
  const clock = new VirtualClock();
  const frameClock = new FrameClock(clock);
  const sent: Uint8Array[] = [];
  const warnings: string[] = [];
  const log = { ...silentLog, warn: (_facts: object, message: string) => void warnings.push(message) };
  let cleared = 0;
  const stop = playWaitSound({
    ...{ file, frameClock, log: log as typeof silentLog },
    line: { sendAudio: (audio) => void sent.push(audio), clear: () => void cleared++ },
    capabilities: { outFormat: FORMAT, feed: { ...FEED, pacing }, clear: true },
  });
  return { clock, frameClock, sent, warnings, stop, cleared: () => cleared };
}

/** Half a second of two voices at 16 kHz, of which one says nothing. */
async function wavFile(): Promise<string> {
  const { path, remove } = createFolder({});
  onTestFinished(remove);
  const file = join(path, 'wait.wav');
  const tone = Int16Array.from({ length: 8_000 }, (_, n) =>
    Math.round(8_000 * Math.sin((2 * Math.PI * 440 * n) / 16_000)),
  );
  await writeFile(file, writeWav({ sampleRateHz: 16_000, channels: [tone, new Int16Array(8_000)] }));
  return file;
}

test('transfer: who waits hears the file, mixed down and in the format of the line, again and again, until somebody stops it', async () => {
  const file = await wavFile();
  const { clock, frameClock, sent, stop, cleared } = await play(pathToFileURL(file).href);
  await until('the file to be read', () => frameClock.subscribers === 1);
  clock.advanceBy(2_000);
  const seconds = sent.reduce((sum, { length }) => sum + length, 0) / 8_000;
  expect(seconds).toBeGreaterThan(1.9);
  expect(seconds).toBeLessThan(2.2); // no more than sounds
  const samples = decodeMulaw(Buffer.concat(sent));
  const loudest = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  expect(loudest).toBeGreaterThan(3_000);
  expect(loudest).toBeLessThan(4_800); // half of the one voice
  stop();
  stop();
  const before = sent.length;
  clock.advanceBy(1_000);
  expect(sent).toHaveLength(before);
  expect(cleared()).toBe(1);
});

test('transfer: a file that is none is silence, and a line in the log; a line that is on our beat is left alone', async () => {
  const none = await play('/nowhere/wait.wav');
  await until('it to be said', () => none.warnings.length === 1);
  expect(none.sent).toEqual([]);
  const paced = await play(await wavFile(), 'us');
  expect(paced.frameClock.subscribers).toBe(0);
});
