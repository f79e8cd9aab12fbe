import { expect, test } from 'vitest';
import { CallTimers } from '../../src/call/timers.ts';
import { VirtualClock } from '../../src/lib/clock.ts';

function open() {
  const clock = new VirtualClock();
  const rung: [string, number][] = [];
  return { clock, rung, timers: new CallTimers(clock, (timer) => rung.push([timer, clock.nowMs()])) };
}

test('a timer rings once, and one of the same name that is set later takes its place', () => {
  const { clock, rung, timers } = open();
  timers.set('away', 100);
  timers.set('silence', 50);
  timers.set('away', 300);
  clock.advanceTo(1_000);
  expect(rung).toEqual([
    ['silence', 50],
    ['away', 300],
  ]);
});

test('null takes a timer back, and clear takes back all of them', () => {
  const { clock, rung, timers } = open();
  timers.set('away', 100);
  timers.set('away', null);
  timers.set('silence', 100);
  timers.clear();
  expect(clock.pending).toBe(0);
  clock.advanceTo(1_000);
  expect(rung).toEqual([]);
});
