import { setTimeout as wait } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { VirtualClock } from '../../src/lib/clock.ts';
import { LagGate, LoopLag, WINDOW_MS } from '../../src/worker/loop-lag.ts';

/** Whether it is too late after each window. */
function observe(limitMs: number, p99sMs: number[]): boolean[] {
  const gate = new LagGate(limitMs);
  return p99sMs.map((p99Ms) => {
    gate.observe(p99Ms);
    return gate.isLagging;
  });
}

test('one window above the limit is too late; it takes three well below it in a row to be in time again', () => {
  expect(observe(200, [0, 200, 201, 100, 100, 100, 0])).toEqual([false, false, true, true, true, false, false]);
});

test('about the limit it does not flap', () => {
  expect(new Set(observe(200, [201, 150, 100, 100, 199, 100, 101, 100, 210, 90, 90, 150]))).toEqual(new Set([true]));
});

test('it says whether anything has changed', () => {
  const gate = new LagGate(100);
  expect([0, 500, 500, 0, 0, 0, 0].map((p99Ms) => gate.observe(p99Ms))).toEqual([
    ...[false, true, false],
    ...[false, false, true, false],
  ]);
});

test('an event loop that is blocked again and again is found to be late, by how much, and told', async () => {
  const clock = new VirtualClock();
  const told: [boolean, number][] = [];
  const lag = new LoopLag({ limitMs: 30, clock, changed: (...facts) => told.push(facts) });
  onTestFinished(() => lag.close());
  for (let time = 0; time < 5; time++) {
    await wait(12); // so that the histogram's own timer has its turn
    const untilMs = performance.now() + 60;
    while (performance.now() < untilMs);
  }
  await wait(12);
  expect(lag.isLagging).toBe(false);
  clock.advanceBy(WINDOW_MS);
  expect([lag.isLagging, told.length]).toEqual([true, 1]);
  expect(lag.p99Ms).toBeGreaterThan(40);
  lag.close();
  expect(clock.pending).toBe(0);
});
