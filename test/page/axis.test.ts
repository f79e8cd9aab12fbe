import { expect, test } from 'vitest';
import { Axis } from '../../src/page/axis.ts';

const LONG_TALK = { fromMs: 2_000, toMs: 22_000 };

test('without talk the axis is straight: equal times have equal widths', () => {
  const axis = new Axis({ fromMs: 1_000, toMs: 5_000 });
  const width = axis.share(2_000) - axis.share(1_000);
  expect(axis.share(5_000) - axis.share(4_000)).toBeCloseTo(width, 9);
  expect(axis.shortened).toEqual([]);
});

test('a long stretch of talk is drawn shorter than it was, and says so', () => {
  const axis = new Axis({ fromMs: 0, toMs: 24_000 }, [LONG_TALK]);
  const talk = axis.share(22_000) - axis.share(2_000);
  const second = axis.share(1_000) - axis.share(0);
  expect(talk).toBeLessThan(3 * second);
  expect(axis.shortened).toMatchObject([{ fromMs: 2_000, toMs: 22_000 }]);
});

test('longer talk is never drawn shorter than shorter talk', () => {
  const widths = [500, 1_000, 5_000, 60_000].map((talkMs) => {
    const axis = new Axis({ fromMs: 0, toMs: talkMs + 1_000 }, [{ fromMs: 0, toMs: talkMs }]);
    const second = axis.share(talkMs + 1_000) - axis.share(talkMs);
    return (axis.share(talkMs) - axis.share(0)) / second;
  });
  expect(widths).toEqual([...widths].sort((one, other) => one - other));
});

test('time never runs backwards, and what lies outside is at the edge', () => {
  const axis = new Axis({ fromMs: 1_000, toMs: 24_000 }, [LONG_TALK, { fromMs: 21_000, toMs: 30_000 }]);
  const shares = Array.from({ length: 260 }, (_, index) => axis.share(index * 100));
  expect(shares).toEqual([...shares].sort((one, other) => one - other));
  expect(axis.share(-5)).toBe(axis.share(1_000));
  expect(axis.share(99_000)).toBeCloseTo(axis.share(24_000), 9);
});

test('ticks count from zero, keep apart, and are left out where time is not to scale', () => {
  const axis = new Axis({ fromMs: 0, toMs: 24_000 }, [LONG_TALK]);
  const ticks = axis.ticks(1_000, String);
  expect(ticks.map(({ label }) => label)).toContain('0');
  expect(ticks.every(({ label }) => Number(label) <= 1_000 || Number(label) >= 21_000)).toBe(true);
  const gaps = ticks.slice(1).map(({ share }, index) => share - (ticks[index]?.share ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThan(0.04);
});

test('the knots tell a script what the axis does', () => {
  const axis = new Axis({ fromMs: 0, toMs: 24_000 }, [LONG_TALK]);
  const knots = axis.knots.split(' ').map((knot) => knot.split(':').map(Number));
  expect(knots.map(([, ms]) => ms)).toEqual([0, 2_000, 22_000, 24_000]);
  for (const [share = NaN, ms = NaN] of knots) expect(axis.share(ms)).toBeCloseTo(share, 4);
});

test('a call that ended as it began has an axis all the same', () => {
  expect(new Axis({ fromMs: 5, toMs: 5 }).share(5)).toBeGreaterThanOrEqual(0);
});
