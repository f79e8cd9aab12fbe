import { expect, test } from 'vitest';
import { MessageRate, MESSAGES_PER_SECOND } from '../../src/bridge/message-rate.ts';

const FRAME_BYTES = 330;

/** Seconds until the line is ended, `undefined` when it never is in ten minutes. */
function endsAfter(timesRealTime: number, bytes = FRAME_BYTES): number | undefined {
  const rate = new MessageRate();
  const everyMs = 20 / timesRealTime;
  for (let atMs = 0; atMs < 600_000; atMs += everyMs) if (!rate.take(bytes, atMs)) return atMs / 1000;
  return undefined;
}

test('a line in real time, or twice as fast, goes on for ever', () => {
  expect(endsAfter(1)).toBeUndefined();
  expect(endsAfter(2)).toBeUndefined();
});

test('ten times real time ends within a quarter of a minute, a hundred times at once', () => {
  expect(endsAfter(10)).toBeLessThan(15);
  expect(endsAfter(100)).toBeLessThan(1);
});

test('a minute that the network has held back may come at once, and again a minute later', () => {
  const rate = new MessageRate();
  for (const atMs of [60_000, 120_000, 180_000]) {
    for (let i = 0; i < 3_000; i++) expect(rate.take(FRAME_BYTES, atMs)).toBe(true);
  }
});

test('large messages are few: their bytes count too', () => {
  const rate = new MessageRate();
  expect([1, 2, 3].map(() => rate.take(1_000_000, 0))).toEqual([true, true, false]);
  expect(endsAfter(1, 8_000)).toBeLessThan(20);
});

test('a clock that stands still gives nothing back', () => {
  const rate = new MessageRate();
  const taken = Array.from({ length: MESSAGES_PER_SECOND * 20 }, () => rate.take(1, 5)).filter(Boolean).length;
  expect(taken).toBe(MESSAGES_PER_SECOND * 15);
});

test('a line of finer sound may have more bytes for each message; those of a stream are counted apart from its frames', () => {
  const fine = new MessageRate(200, 400_000);
  for (let second = 0; second < 60; second++) {
    expect(fine.take(300_000, second * 1_000, 0)).toBe(true);
    for (let frame = 0; frame < 50; frame++) expect(fine.take(0, second * 1_000)).toBe(true);
  }
  expect(fine.take(400_000 * 15, 60_000, 0)).toBe(true);
  expect(fine.take(300_000, 60_000, 0)).toBe(false);
});
