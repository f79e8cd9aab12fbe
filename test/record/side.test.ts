import { expect, test } from 'vitest';
import type { AudioFormat } from '../../src/audio/contract.ts';
import { SampleWriter } from '../../src/audio/convert.ts';
import { RecordedSide } from '../../src/record/side.ts';
import { sine, tonesIn } from '../helpers/sine.ts';

const FORMATS: AudioFormat[] = [
  { encoding: 'mulaw', sampleRateHz: 8_000 },
  { encoding: 'alaw', sampleRateHz: 8_000 },
  { encoding: 'linear16', sampleRateHz: 16_000 },
  { encoding: 'linear16', sampleRateHz: 24_000 },
  { encoding: 'linear16', sampleRateHz: 44_100 },
];
const RATES_HZ = [8_000, 16_000, 24_000];

/** A side that keeps into a tape, from 0 on. */
function setUp(format: AudioFormat, sampleRateHz: number) {
  const tape = new Int16Array(4 * sampleRateHz);
  const side = new RecordedSide({
    format,
    sampleRateHz,
    keep: (samples, atMs) => tape.set(samples, Math.round((atMs * sampleRateHz) / 1_000)),
  });
  /** In pieces of an odd length, each at the end of the one before it. */
  const add = (samples: Int16Array, atMs: number) => {
    const bytes = new SampleWriter(format).write(samples).slice();
    for (let at = 0; at < bytes.length; at += 331) side.add(bytes.subarray(at, at + 331), at === 0 ? atMs : side.endMs);
  };
  return { tape, side, add };
}

test.each(FORMATS)('$encoding at $sampleRateHz Hz: a tone keeps its height, its length and its place', (format) => {
  for (const sampleRateHz of RATES_HZ) {
    const { tape, side, add } = setUp(format, sampleRateHz);
    add(sine(700, 500, format.sampleRateHz), 200);
    expect(side.endMs).toBeCloseTo(700, 0);
    add(sine(900, 300, format.sampleRateHz), 1_500); // behind a hole
    side.close();
    const tones = tonesIn(tape, sampleRateHz);
    expect(tones.length).toBe(2);
    for (const [index, [frequencyHz, startMs, durationMs]] of [
      [700, 200, 500],
      [900, 1_500, 300],
    ].entries()) {
      expect(Math.abs(tones[index]!.frequencyHz - frequencyHz!)).toBeLessThan(1);
      expect(Math.abs(tones[index]!.startMs - startMs!)).toBeLessThan(3);
      expect(Math.abs(tones[index]!.durationMs - durationMs!)).toBeLessThan(4);
    }
  }
});

test('what was cut is not heard, and what comes next does not begin with it', () => {
  const { tape, side, add } = setUp({ encoding: 'linear16', sampleRateHz: 24_000 }, 8_000);
  add(sine(700, 200, 24_000), 0);
  side.cut();
  expect(side.endMs).toBe(-Infinity);
  tape.fill(0);
  add(new Int16Array(2_400), 100);
  side.close();
  expect(tonesIn(tape, 8_000)).toEqual([]);
});

test('nothing is kept once it is closed, and closing twice is safe', () => {
  const { tape, side, add } = setUp({ encoding: 'linear16', sampleRateHz: 16_000 }, 8_000);
  side.close();
  side.close();
  add(sine(700, 200, 16_000), 0);
  expect(tonesIn(tape, 8_000)).toEqual([]);
});
