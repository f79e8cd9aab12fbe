import { describe, expect, test } from 'vitest';
import { createResampler } from '../../src/audio/resample.ts';

const RATES = [8_000, 16_000, 24_000, 44_100];
const pairs = RATES.flatMap((fromHz) => RATES.filter((toHz) => toHz !== fromHz).map((toHz) => [fromHz, toHz] as const));

const tone = (hz: number, rateHz: number, seconds: number) =>
  Int16Array.from({ length: rateHz * seconds }, (_, i) =>
    Math.round(12_000 * Math.sin((2 * Math.PI * hz * i) / rateHz)),
  );

function resample(samples: Int16Array, fromHz: number, toHz: number, size = samples.length): Int16Array {
  const resampler = createResampler(fromHz, toHz);
  const out: number[] = [];
  for (let at = 0; at < samples.length; at += size) out.push(...resampler.process(samples.subarray(at, at + size)));
  out.push(...resampler.flush());
  resampler.free();
  return Int16Array.from(out);
}

/** How far `samples` are from `expected`, in dB below it, ends aside. */
function errorDb(samples: Int16Array, expected: Int16Array, margin: number): number {
  let error = 0;
  let signal = 0;
  for (let i = margin; i < expected.length - margin; i++) {
    error += (samples[i]! - expected[i]!) ** 2;
    signal += expected[i]! ** 2;
  }
  return 10 * Math.log10(error / signal);
}

describe.each(pairs)('from %i to %i Hz', (fromHz, toHz) => {
  test('a tone stays the same tone, at the same place in time', () => {
    const got = resample(tone(1_000, fromHz, 1), fromHz, toHz);
    expect(errorDb(got, tone(1_000, toHz, 1), toHz / 50)).toBeLessThan(-60);
  });

  test('20 ms frames, odd pieces and one piece give the same samples, as long as the input', () => {
    const samples = tone(440, fromHz, 0.5);
    const whole = resample(samples, fromHz, toHz);
    expect(whole.length).toBe(toHz / 2);
    expect(resample(samples, fromHz, toHz, fromHz / 50)).toEqual(whole);
    expect(resample(samples, fromHz, toHz, 37)).toEqual(whole);
  });
});

test('what the lower rate cannot hold is taken out, not folded back', () => {
  const folded = resample(tone(5_500, 24_000, 1), 24_000, 8_000).subarray(400, -400);
  const loudest = folded.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  expect(20 * Math.log10(loudest / 12_000)).toBeLessThan(-60);
});

test('equal rates hand the samples on as they are', () => {
  const resampler = createResampler(8_000, 8_000);
  const samples = tone(300, 8_000, 0.02);
  expect(resampler.process(samples)).toBe(samples);
  expect(resampler.flush()).toHaveLength(0);
});

test('two streams do not disturb each other', () => {
  const samples = tone(700, 8_000, 0.2);
  const alone = resample(samples, 8_000, 16_000, 160);
  const one = createResampler(8_000, 16_000);
  const other = createResampler(44_100, 8_000);
  const out: number[] = [];
  for (let at = 0; at < samples.length; at += 160) {
    out.push(...one.process(samples.subarray(at, at + 160)));
    other.process(tone(3_000, 44_100, 0.02));
  }
  out.push(...one.flush());
  expect(Int16Array.from(out)).toEqual(alone);
});

test('many streams made and freed take no more memory than one', () => {
  const before = process.memoryUsage().external;
  for (let i = 0; i < 3_000; i++) {
    const resampler = createResampler(24_000, 8_000);
    resampler.process(new Int16Array(480));
    resampler.free();
    resampler.free();
  }
  expect(process.memoryUsage().external - before).toBeLessThan(20_000_000);
});

test('a rate that is none is refused with what was expected', () => {
  expect(() => createResampler(0, 8_000)).toThrow('Expected a sampling rate from 4,000 to 96,000 Hz, got `0`');
});
