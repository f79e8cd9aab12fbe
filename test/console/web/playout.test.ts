/** What renders the sound of a page: rates, counts to the sample, fades, and what is heard behind a device that is late. */
import { expect, test } from 'vitest';
import { Heard } from '../../../src/console/web/heard.ts';
import { Capture } from '../../../src/console/web/worklet/capture.ts';
import { Playout } from '../../../src/console/web/worklet/playout.ts';
import { sine } from '../../helpers/sine.ts';

const QUANTUM = 128;

function open(fromHz: number, toHz: number, { startMs = 0, played = 0 } = {}) {
  const playout = new Playout({ fromHz, toHz, startMs, played });
  const heard: number[] = [];
  const render = (quanta: number) => {
    const out = new Float32Array(QUANTUM);
    for (let i = 0; i < quanta; i++) {
      playout.render(out);
      heard.push(...out);
    }
  };
  return { playout, heard, render };
}

const pcm = (samples: readonly number[]) => Int16Array.from(samples, (sample) => Math.round(sample * 32_767));
const loudest = (samples: readonly number[]) => samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);

test.each([
  [16_000, 48_000],
  [16_000, 44_100],
  [24_000, 48_000],
  [48_000, 44_100],
  [24_000, 16_000],
  [16_000, 16_000],
])(
  'a tone of %i Hz a second is the same tone at %i, as loud and as long, and counted to its last sample',
  (from, to) => {
    const { playout, heard, render } = open(from, to);
    const tone = sine(1_000, 500, from);
    playout.push(tone);
    render(Math.ceil((to * 0.6) / QUANTUM));
    expect(playout.played).toBe(tone.length);
    const samples = pcm(heard);
    const middle = samples.subarray(to * 0.1, to * 0.4);
    const loudIn = tone.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    expect(Math.abs(loudest([...middle]) / loudIn - 1)).toBeLessThan(0.03);
    expect(crossings(middle)).toBeCloseTo(600, -1); // of 1,000 Hz in 300 ms
    const last = heard.findLastIndex((sample) => Math.abs(sample) > 1e-4);
    expect(Math.abs(last / to - 0.5)).toBeLessThan(0.003);
  },
);

test('what the slower rate cannot hold is not folded into what it can', () => {
  const messages: Int16Array[] = [];
  const capture = new Capture({ fromHz: 48_000, toHz: 16_000 }, (message) => messages.push(new Int16Array(message)));
  const tone = Float32Array.from(sine(11_000, 500, 48_000), (sample) => sample / 32_768);
  for (let at = 0; at < tone.length; at += QUANTUM) capture.push(tone.subarray(at, at + QUANTUM));
  const all = messages.slice(2, -2).flatMap((message) => [...message]);
  expect(loudest(all) / (loudest([...tone]) * 32_768)).toBeLessThan(0.05);
});

test.each([44_100, 48_000, 16_000])('the microphone at %i Hz makes messages of 20 ms, fifty a second', (fromHz) => {
  const messages: Int16Array[] = [];
  const capture = new Capture({ fromHz, toHz: 16_000 }, (message) => messages.push(new Int16Array(message)));
  const tone = Float32Array.from(sine(440, 2_000, fromHz), (sample) => sample / 32_768);
  for (let at = 0; at < tone.length; at += QUANTUM) capture.push(tone.subarray(at, at + QUANTUM));
  expect(messages.every(({ length }) => length === 320)).toBe(true);
  expect(messages.length).toBeGreaterThanOrEqual(99);
  const all = Int16Array.from(messages.flatMap((message) => [...message]));
  expect(crossings(all.subarray(320, 16_320))).toBeCloseTo(880, -1);
  expect(capture.level).toBeGreaterThan(0.01);
});

test('muted, it sends silence, and goes on sending', () => {
  const messages: Int16Array[] = [];
  const capture = new Capture({ fromHz: 16_000, toHz: 16_000 }, (message) => messages.push(new Int16Array(message)));
  capture.isMuted = true;
  capture.push(new Float32Array(1_000).fill(0.5));
  expect(messages.length).toBeGreaterThan(0);
  expect(loudest(messages.flatMap((message) => [...message]))).toBe(0);
});

test('a clear fades within a quantum, answers with what was played, and what comes behind it is counted on from there', () => {
  const { playout, heard, render } = open(16_000, 48_000);
  playout.push(sine(440, 1_000, 16_000));
  render(75); // 200 ms
  const out = new Float32Array(QUANTUM);
  const played = playout.clear(out);
  expect(played).toBe(Math.floor((76 * QUANTUM) / 3));
  expect(Math.abs(out.at(-1)!)).toBeLessThan(0.01);
  expect(jump([...heard.slice(-1), ...out])).toBeLessThan(0.1);
  heard.length = 0;
  render(10);
  expect(loudest(heard)).toBe(0);
  playout.push(new Int16Array(160).fill(1_000));
  render(10);
  expect(playout.played).toBe(played + 160);
});

test('an underrun fades out and in again, is no end, and loses nothing of the count', () => {
  const { playout, heard, render } = open(16_000, 48_000);
  const tone = sine(440, 400, 16_000);
  playout.push(tone.subarray(0, 3_000));
  render(100);
  expect([playout.isPlaying, playout.played]).toEqual([false, 3_000]);
  playout.push(tone.subarray(3_000));
  render(150);
  expect(playout.played).toBe(tone.length);
  expect(jump(heard)).toBeLessThan(0.1);
});

test('sound that begins waits for as much as is wanted, or for that time', () => {
  const { playout, render } = open(16_000, 48_000, { startMs: 60 });
  playout.push(new Int16Array(160).fill(1_000)); // 10 ms
  render(10); // 27 ms
  expect(playout.isPlaying).toBe(false);
  playout.push(new Int16Array(960).fill(1_000)); // 60 ms more
  render(1);
  expect(playout.isPlaying).toBe(true);
  const short = open(16_000, 48_000, { startMs: 60 });
  short.playout.push(new Int16Array(160).fill(1_000));
  short.render(40);
  expect(short.playout.played).toBe(160);
});

test('a page that was loaded again counts on from where it was', () => {
  const { playout, render } = open(16_000, 48_000, { played: 5_000 });
  playout.push(new Int16Array(320));
  render(20);
  expect(playout.played).toBe(5_320);
});

test('what has been played is let go of, and the count goes on', () => {
  const { playout, render } = open(16_000, 48_000);
  for (let second = 0; second < 12; second++) {
    playout.push(new Int16Array(16_000).fill(100));
    render(375);
  }
  render(1);
  expect(playout.played).toBe(12 * 16_000);
});

test('heard is what has left, less what is in the device: by the frame that sounds now, to the sample', () => {
  const heard = new Heard();
  for (let frame = 0; frame <= 48_000; frame += 1_920) heard.left(frame / 3, frame);
  expect(heard.at(24_000)).toBe(8_000);
  expect(heard.at(24_960)).toBe(8_320); // between two reports
  expect(heard.at(20_000)).toBe(8_320); // never fewer
  heard.left(16_000, 96_000); // silence since
  expect(heard.at(72_000)).toBe(16_000);
  expect(heard.at(1_000_000)).toBe(16_000);
});

test('what was cleared is not heard any more, and what had left will be', () => {
  const heard = new Heard();
  heard.left(1_000, 3_000);
  heard.cleared(1_200, 3_600);
  expect(heard.at(3_000)).toBe(1_200);
});

function crossings(samples: Int16Array): number {
  let count = 0;
  for (let i = 1; i < samples.length; i++) if (samples[i - 1]! < 0 !== samples[i]! < 0) count++;
  return count;
}

function jump(samples: readonly number[]): number {
  return samples.reduce((most, sample, i) => (i === 0 ? 0 : Math.max(most, Math.abs(sample - samples[i - 1]!))), 0);
}
