/** Which timers are set for what is due: no more than must be, and never one too late. */
import { expect, test } from 'vitest';
import { TIMER_NAMES, type TurnEffect } from '../../src/turn/contract.ts';
import { Timers } from '../../src/turn/timers.ts';
import { play } from './helpers/play.ts';

function timers() {
  const set: TurnEffect[] = [];
  return { timers: new Timers((effect) => set.push(effect)), set };
}

test('what is due sooner than its timer rings is set; what is due later, or no more, leaves the timer as it is', () => {
  const { timers: it, set } = timers();
  it.arm('away', 1_000, 0);
  it.arm('away', 1_000, 10);
  it.arm('away', 1_500, 20);
  it.arm('away', undefined, 30);
  expect(set).toEqual([{ type: 'set-timer', timer: 'away', afterMs: 1_000 }]);
  it.arm('away', 600, 400);
  it.arm('silence', 300, 400); // overdue
  expect(set.slice(1)).toEqual([
    { type: 'set-timer', timer: 'away', afterMs: 200 },
    { type: 'set-timer', timer: 'silence', afterMs: 0 },
  ]);
});

test('a timer that rings says whether what it was set for is due, and is set again when it is not', () => {
  const { timers: it, set } = timers();
  it.arm('away', 1_000, 0);
  expect(it.rang('away', 1_500, 1_000)).toBe(false);
  it.arm('away', 1_500, 1_000);
  expect(set.at(-1)).toEqual({ type: 'set-timer', timer: 'away', afterMs: 500 });
  expect(it.rang('away', 1_500, 1_499.3)).toBe(true); // timers ring a little early at times
  expect(it.rang('away', undefined, 1_500)).toBe(false);
});

test('clearing takes back those that are set, once', () => {
  const { timers: it, set } = timers();
  it.arm('away', 1_000, 0);
  it.arm('digits', 2_000, 0);
  expect(it.rang('digits', 2_000, 2_000)).toBe(true);
  set.length = 0;
  it.clear();
  it.clear();
  expect(set).toEqual([{ type: 'set-timer', timer: 'away', afterMs: null }]);
});

test('words that stream in set no timer while the caller hears the agent', () => {
  const played = play(
    `
        0  caller-turn     "tell me"
      100  text-delta      "aaaa "
      300  playback-start  1
    `,
    { heardBy: 'reported' },
  );
  const before = played.all('set-timer').length;
  for (let count = 0; count < 60; count++) played.go('+10 text-delta "bbbb "');
  expect(played.all('set-timer')).toHaveLength(before);
});

test('a timer of any name may ring at any time: what is not due does nothing', () => {
  for (const [at, rest] of [
    ['0', ''],
    ['50', '40 caller-speech start'],
    ['150', '40 caller-turn "where is it?" \n 100 text-delta "On its way."'],
    ['150', '40 caller-turn "where is it?" \n 100 tool-call lookup_order {} \n 110 step-end tool_calls'],
    ['150', '40 digit 1'],
  ] as const) {
    const played = play(`0 wait \n ${rest}`, { heardBy: 'reported' });
    const before = played.effects.filter(({ type }) => type !== 'set-timer').length;
    played.go(TIMER_NAMES.map((name) => `${at} timer ${name}`).join('\n'));
    expect(played.effects.filter(({ type }) => type !== 'set-timer')).toHaveLength(before);
  }
});
