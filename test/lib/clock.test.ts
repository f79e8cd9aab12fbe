/** The clock that is moved by hand: its order, against one that looks through all its timers each time. */
import { expect, test } from 'vitest';
import { VirtualClock } from '../../src/lib/clock.ts';
import { Dice } from '../helpers/dice.ts';

test('timers run in the order of their time, then of their setting, whatever is set and taken back meanwhile', () => {
  const dice = new Dice(3);
  const clock = new VirtualClock();
  const ran: number[] = [];
  const waiting = new Map<number, { atMs: number; stop: () => void }>();
  const due = () => [...waiting].sort(([a, one], [b, other]) => one.atMs - other.atMs || a - b)[0]?.[0];
  let count = 0;
  const set = () => {
    const id = count++;
    const delayMs = Math.floor(dice.next() * 20);
    const run = () => {
      expect(due()).toBe(id);
      waiting.delete(id);
      ran.push(id);
      for (let more = 0; more < 2 && count < 900; more++) set();
      if (dice.next() < 0.3) takeBack();
    };
    waiting.set(id, { atMs: clock.nowMs() + delayMs, stop: clock.after(delayMs, run) });
  };
  const takeBack = () => {
    const [id, timer] = [...waiting][Math.floor(dice.next() * waiting.size)] ?? [];
    timer?.stop();
    timer?.stop();
    if (id !== undefined) waiting.delete(id);
  };
  for (let i = 0; i < 50; i++) set();
  while (clock.pending > 0) {
    expect(clock.pending).toBe(waiting.size);
    expect(clock.nextAtMs).toBe(waiting.get(due()!)?.atMs);
    clock.runNext();
  }
  expect(ran.length).toBeGreaterThan(500);
  expect(clock.runNext()).toBe(false);
});

test('it stops where it is told, and what is set from inside for then is run', () => {
  const clock = new VirtualClock({ epochMs: 1_000 });
  const ran: string[] = [];
  clock.after(10, () => {
    ran.push('ten');
    clock.after(0, () => ran.push('at once'));
    clock.after(1, () => ran.push('later'));
  });
  clock.advanceTo(10);
  expect([ran, clock.nowMs(), clock.wallMs()]).toEqual([['ten', 'at once'], 10, 1_010]);
  clock.advanceBy(5);
  expect([ran.at(-1), clock.nowMs()]).toEqual(['later', 15]);
});
