import { expect, test } from 'vitest';
import { FrameClock } from '../../src/audio/frame-clock.ts';
import { systemClock, VirtualClock, type Clock } from '../../src/lib/clock.ts';

/** A clock whose timers fire late by what `lateMs` says, as those of a busy process do. */
function lateClock(lateMs: () => number): { clock: Clock; world: VirtualClock } {
  const world = new VirtualClock();
  return {
    world,
    clock: { nowMs: () => world.nowMs(), after: (delayMs, run) => world.after(delayMs + lateMs(), run) },
  };
}

test('ticks every 20 ms from the subscription on', () => {
  const clock = new VirtualClock();
  clock.advanceTo(7);
  const beats: number[] = [];
  new FrameClock(clock).subscribe((beatMs) => beats.push(beatMs));
  clock.advanceTo(90);
  expect(beats).toEqual([27, 47, 67, 87]);
});

test('does not drift: lateness of every timer leaves the beats where they belong', () => {
  const { clock, world } = lateClock(() => 7);
  const seen: [beatMs: number, nowMs: number][] = [];
  new FrameClock(clock).subscribe((beatMs) => seen.push([beatMs, world.nowMs()]));
  world.advanceTo(60_000 + 7);
  expect(seen).toHaveLength(3_000);
  expect(seen.at(-1)).toEqual([60_000, 60_007]);
});

test('catches up after a late tick: every beat that is due runs, in order', () => {
  let lateMs = 0;
  const { clock, world } = lateClock(() => lateMs);
  const beats: [number, number][] = [];
  lateMs = 75;
  new FrameClock(clock).subscribe((beatMs) => beats.push([beatMs, world.nowMs()]));
  lateMs = 0;
  world.advanceTo(120);
  expect(beats).toEqual([
    [20, 95],
    [40, 95],
    [60, 95],
    [80, 95],
    [100, 100],
    [120, 120],
  ]);
});

test('a beat that is due runs within a burst of other work when it is asked for, and no beat runs twice', () => {
  const { clock, world } = lateClock(() => 15); // the timer waits for the end of the burst
  const frames = new FrameClock(clock);
  const beats: [number, number][] = [];
  frames.subscribe((beatMs) => {
    beats.push([beatMs, world.nowMs()]);
    frames.runDue(); // from inside: nothing is due
  });
  for (let nowMs = 0; nowMs <= 70; nowMs += 3) {
    world.advanceTo(nowMs);
    frames.runDue();
  }
  expect(beats).toEqual([
    [20, 21],
    [40, 42],
    [60, 60],
  ]);
  expect(world.pending).toBe(1);
});

test('leaves out the beats of a stop longer than a second, and counts them', () => {
  let lateMs = 10_000;
  const { clock, world } = lateClock(() => lateMs);
  const frames = new FrameClock(clock);
  const beats: number[] = [];
  frames.subscribe((beatMs) => beats.push(beatMs));
  lateMs = 0;
  world.advanceTo(10_020);
  expect(beats.length).toBeLessThan(55);
  expect(beats.at(-1)).toBe(10_020);
  expect(frames.lateness.skipped).toBe(450);
});

test('a timer that fires a little early is not waited for twice', () => {
  const { clock, world } = lateClock(() => -0.6);
  const frames = new FrameClock(clock);
  let count = 0;
  frames.subscribe(() => count++);
  world.advanceTo(1_000);
  expect(count).toBe(50);
});

test('starts with the first subscriber and stops with the last', () => {
  const clock = new VirtualClock();
  const frames = new FrameClock(clock);
  expect(clock.pending).toBe(0);
  const first = frames.subscribe(() => {});
  const second = frames.subscribe(() => {});
  expect(clock.pending).toBe(1);
  first();
  first();
  expect(frames.subscribers).toBe(1);
  expect(clock.pending).toBe(1);
  second();
  expect(clock.pending).toBe(0);
  clock.advanceTo(1_000);
  expect(frames.lateness.counts.reduce((sum, count) => sum + count, 0)).toBe(0);
});

test('a tick may end its own subscription, and that of the last one stops the clock', () => {
  const clock = new VirtualClock();
  const frames = new FrameClock(clock);
  const beats: number[] = [];
  const end = frames.subscribe((beatMs) => {
    beats.push(beatMs);
    end();
  });
  clock.advanceTo(100);
  expect(beats).toEqual([20]);
  expect(clock.pending).toBe(0);
});

test('a tick that throws does not stop the others', () => {
  const clock = new VirtualClock();
  const errors: unknown[] = [];
  const frames = new FrameClock(clock, (thrown) => errors.push(thrown));
  let count = 0;
  frames.subscribe(() => {
    throw new Error('broken call');
  });
  frames.subscribe(() => count++);
  clock.advanceTo(40);
  expect(count).toBe(2);
  expect(errors).toEqual([new Error('broken call'), new Error('broken call')]);
});

test('lateness is counted in buckets, of which quantiles can be read', () => {
  const late = [0.5, 3, 3, 12];
  const { clock, world } = lateClock(() => late.shift() ?? 0);
  const frames = new FrameClock(clock);
  frames.subscribe(() => {});
  world.advanceTo(95);
  expect([...frames.lateness.counts].slice(0, 5)).toEqual([1, 0, 2, 0, 1]);
  expect(frames.latenessQuantileMs(0.5)).toBe(5);
  expect(frames.latenessQuantileMs(0.99)).toBe(12);
  expect(frames.lateness.sumMs).toBeCloseTo(18.5);
});

test('on the real clock, half a second has 25 beats', async () => {
  const frames = new FrameClock(systemClock);
  const startMs = performance.now();
  const keepAlive = setInterval(() => {}, 1_000);
  await new Promise<void>((resolve) => {
    let count = 0;
    const end = frames.subscribe(() => {
      if (++count < 25) return;
      end();
      resolve();
    });
  });
  clearInterval(keepAlive);
  expect(performance.now() - startMs).toBeGreaterThan(498);
});
