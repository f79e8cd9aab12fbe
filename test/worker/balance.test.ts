import { expect, test } from 'vitest';
import { choose, pauseBefore, stateOf, waitingAt, type Member } from '../../src/worker/balance.ts';
import { countProcesses, processSettingsOf, shareOf, wholeLimitOf, type WorkerLoad } from '../../src/worker/group.ts';
import { readSettings } from '../../src/worker/settings.ts';

function member(load: Partial<WorkerLoad> = {}, own: Partial<Member> = {}): Member {
  const empty = { calls: 0, places: 0, waiting: 0, visitors: 0, refusal: undefined };
  return { limit: 100, load: { ...empty, ...load }, underWay: 0, owed: 0, isSilent: false, lastTurn: 0, ...own };
}

const MANY = { calls: 1_000, reason: 'quota' } as const;

test('a connection goes to the process with the fewest calls, those on their way counted', () => {
  const members = [member({ places: 3 }), member({ places: 1, visitors: 1 }), member({ places: 1 }, { underWay: 2 })];
  expect(choose(members)).toBe(members[1]);
});

test('of unequal shares none is overrun while another has room', () => {
  const members = [member({}, { limit: 3 }), member({}, { limit: 2 })];
  for (let turn = 1; turn <= 5; turn++) {
    const chosen = choose(members)!;
    chosen.underWay++;
    chosen.lastTurn = turn;
  }
  expect(members.map(({ underWay }) => underWay)).toEqual([3, 2]);
});

test('among equals it goes in turn', () => {
  const members = [member({}, { lastTurn: 2 }), member({}, { lastTurn: 1 }), member({}, { lastTurn: 3 })];
  expect(choose(members)).toBe(members[1]);
});

test('a burst is spread evenly before any process has told of its load', () => {
  const members = [member(), member({ places: 4 }), member()];
  for (let turn = 1; turn <= 11; turn++) {
    const chosen = choose(members)!;
    chosen.underWay++;
    chosen.lastTurn = turn;
  }
  expect(members.map(({ load, underWay }) => load.places + underWay)).toEqual([5, 5, 5]);
});

test('a process that is full or late gets nothing while another takes calls', () => {
  for (const refusal of ['full', 'quota', 'lagging', 'draining'] as const) {
    const members = [member({ refusal }), member({ places: 50 })];
    expect(choose(members)).toBe(members[1]);
  }
});

test('a process that says nothing gets nothing while another takes calls, and is not ready', () => {
  const members = [member({}, { isSilent: true }), member({ places: 50 })];
  expect(choose(members)).toBe(members[1]);
  expect(stateOf(members.slice(0, 1), MANY).refusal).toBe('lagging');
});

test('when none takes calls it goes to one that waits for a call, else to any, which says no', () => {
  const full = member({ places: 1, refusal: 'full' });
  const awaited = member({ places: 9, waiting: 2, refusal: 'full' });
  expect(choose([full, awaited])).toBe(awaited);
  expect(choose([member({ places: 2, refusal: 'full' }), full])).toBe(full);
  expect(choose([])).toBeUndefined();
});

test('a burst of calls with a promise is spread over the processes that wait for them', () => {
  const members = [member({ waiting: 3, refusal: 'full' }), member({ waiting: 2, refusal: 'full' })];
  for (let turn = 1; turn <= 5; turn++) {
    const chosen = choose(members)!;
    chosen.underWay++;
    chosen.lastTurn = turn;
  }
  expect(members.map(({ underWay }) => underWay)).toEqual([3, 2]);
});

test('together they are ready when one is, and their calls add up', () => {
  const full = member({ calls: 2, waiting: 1, refusal: 'full' });
  const late = member({ calls: 3, waiting: 2, refusal: 'lagging' });
  const leaving = member({ refusal: 'draining' });
  expect(stateOf([full, late, member({ calls: 1 })], MANY)).toEqual({ calls: 6, processes: 3, refusal: undefined });
  expect(stateOf([late, leaving, full], MANY).refusal).toBe('full');
  expect(stateOf([leaving, late], MANY).refusal).toBe('lagging');
  expect(stateOf([leaving], MANY).refusal).toBe('draining');
  expect(waitingAt([full, late, leaving])).toBe(3);
});

test('together they are full when they have as many calls as they may, though one has fewer than its share', () => {
  const over = member({ places: 3, waiting: 1, refusal: 'full' }, { limit: 2 });
  const under = member({ places: 2 }, { limit: 3 });
  expect(stateOf([over, under], { calls: 5, reason: 'quota' }).refusal).toBe('full');
  expect(choose([over, under], 5)).toBe(over); // where a call is waited for
  expect(stateOf([over, under], { calls: 6, reason: 'quota' }).refusal).toBeUndefined();
  expect(choose([over, under], 6)).toBe(under);
});

test('who dies at once again is replaced later and later, who had lived for a while soon', () => {
  const pauses: number[] = [];
  for (let death = 0, lastPauseMs = 0; death < 9; death++)
    pauses.push((lastPauseMs = pauseBefore({ livedMs: 10, lastPauseMs })));
  expect(pauses).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  expect(pauseBefore({ livedMs: 60_000, lastPauseMs: 30_000 })).toBe(250);
});

test('shares add up to the whole, and differ by one at most', () => {
  for (const [whole, count] of [
    [10, 3],
    [2, 2],
    [100, 7],
  ] as const) {
    const shares = Array.from({ length: count }, (_, index) => shareOf(whole, index, count));
    expect(shares.reduce((sum, share) => sum + share)).toBe(whole);
    expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
  }
});

test('there are no more processes than calls, and together they ask no more of the account than it allows', () => {
  const settingsOf = (env: Record<string, string>) => readSettings({ PARLEY_AGENT: 'a.ts', ...env });
  const auto = settingsOf({ PARLEY_PROCESSES: 'auto', PARLEY_PLAN: 'enterprise' });
  expect(wholeLimitOf(auto)).toEqual({ calls: 28, reason: 'quota' });
  expect(countProcesses(auto, wholeLimitOf(auto), 8)).toBe(8);
  expect(countProcesses(auto, { calls: 3, reason: 'full' }, 8)).toBe(3);
  expect(countProcesses(settingsOf({ PARLEY_PROCESSES: '5' }), { calls: 100, reason: 'full' }, 8)).toBe(5);
  expect(wholeLimitOf(settingsOf({ PARLEY_PLAN: 'enterprise', PARLEY_WORKERS_EXPECTED: '2' })).calls).toBe(14);
  expect(processSettingsOf(auto, 8).workersExpected).toBe(8);
  expect(processSettingsOf(settingsOf({ PARLEY_WORKERS_EXPECTED: '3' }), 2).workersExpected).toBe(6);
  expect(processSettingsOf(settingsOf({ PARLEY_REDIS_URL: 'redis://127.0.0.1:1' }), 2).workersExpected).toBe(4);
});
