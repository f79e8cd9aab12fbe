/** Keys that a tool waits for, in virtual time: how a number ends, and to whom a key belongs. */
import { expect, test } from 'vitest';
import { DigitCollector } from '../../src/call/digits.ts';
import { VirtualClock } from '../../src/lib/clock.ts';
import type { CollectDigitsOptions } from '../../src/tool/contract.ts';

const TIMEOUT_MS = 5_000;

/** `collect` begins to wait, and tells what became of it: what was entered, or why it was given up. */
function keypad() {
  const clock = new VirtualClock();
  const collector = new DigitCollector(clock);
  const collect = (options: Partial<CollectDigitsOptions> = {}) => {
    const told: { entered?: string; reason?: unknown } = {};
    const { signal } = new AbortController();
    collector.collect({ count: undefined, terminator: undefined, timeoutMs: TIMEOUT_MS, signal, ...options }).then(
      (entered) => (told.entered = entered),
      (reason: unknown) => (told.reason = reason),
    );
    return told;
  };
  const press = (keys: string) => Array.from(keys, (key) => collector.take(key));
  return { clock, collector, collect, press };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('a key that nobody waits for is nobody’s', () => {
  const { press, clock } = keypad();
  expect(press('1#')).toEqual([false, false]);
  expect(clock.pending).toBe(0);
});

test('as many as were asked for end it at once; the next key is the caller’s again', async () => {
  const { collect, press, clock } = keypad();
  const told = collect({ count: 4 });
  expect(press('47115')).toEqual([true, true, true, true, false]);
  await settled();
  expect(told).toEqual({ entered: '4711' });
  expect(clock.pending).toBe(0);
});

test.each([
  ['12#', '12'],
  ['#', ''],
  ['1*2#', '1*2'],
])('the key that ends it is taken and is no part of it: %s', async (keys, entered) => {
  const { collect, press } = keypad();
  const told = collect({ terminator: '#', count: 10 });
  expect(press(keys)).not.toContain(false);
  expect(press('9')).toEqual([false]);
  await settled();
  expect(told).toEqual({ entered });
});

test('without a key that ends it, # is a key like any other', async () => {
  const { collect, press } = keypad();
  const told = collect({ count: 2 });
  press('1#');
  await settled();
  expect(told).toEqual({ entered: '1#' });
});

test('the time to press begins anew with every key; when it is over, what came so far is the number', async () => {
  const { collect, press, clock } = keypad();
  const told = collect({ count: 4 });
  clock.advanceBy(TIMEOUT_MS - 1);
  press('1');
  clock.advanceBy(TIMEOUT_MS - 1);
  press('2');
  clock.advanceBy(TIMEOUT_MS - 1);
  await settled();
  expect(told).toEqual({});
  clock.advanceBy(1);
  await settled();
  expect(told).toEqual({ entered: '12' });
  expect(press('3')).toEqual([false]);
});

test('a caller who presses nothing has entered nothing', async () => {
  const { collect, clock } = keypad();
  const told = collect({ terminator: '#' });
  clock.advanceBy(TIMEOUT_MS);
  await settled();
  expect(told).toEqual({ entered: '' });
});

test('a second tool takes over, and the first gets what came so far', async () => {
  const { collect, press, clock } = keypad();
  const first = collect({ count: 4 });
  press('12');
  const second = collect({ count: 2 });
  press('34');
  await settled();
  expect([first, second]).toEqual([{ entered: '12' }, { entered: '34' }]);
  expect(clock.pending).toBe(0);
});

test('a tool that is cancelled gets the reason, and lets go of the keys, the timer and its signal', async () => {
  const { collect, press, clock } = keypad();
  const controller = new AbortController();
  const told = collect({ count: 4, signal: controller.signal });
  press('12');
  controller.abort(new Error('cut in'));
  await settled();
  expect(told).toEqual({ reason: new Error('cut in') });
  expect(press('3')).toEqual([false]);
  expect(clock.pending).toBe(0);
});

test('a tool that is cancelled before it waits never waits, and the one before it has ended', async () => {
  const { collect, press, clock } = keypad();
  const first = collect({ count: 4 });
  const second = collect({ signal: AbortSignal.abort('gone') });
  await settled();
  expect([first, second]).toEqual([{ entered: '' }, { reason: 'gone' }]);
  expect(press('1')).toEqual([false]);
  expect(clock.pending).toBe(0);
});

test('an abort after the number was entered changes nothing of the next tool’s', async () => {
  const { collect, press } = keypad();
  const controller = new AbortController();
  const first = collect({ count: 1, signal: controller.signal });
  press('1');
  const second = collect({ count: 1 });
  controller.abort();
  press('2');
  await settled();
  expect([first, second]).toEqual([{ entered: '1' }, { entered: '2' }]);
});
