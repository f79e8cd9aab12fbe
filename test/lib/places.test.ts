import { expect, test } from 'vitest';
import { VirtualClock } from '../../src/lib/clock.ts';
import { holdPlace, Places } from '../../src/lib/places.ts';

function setUp(count: number) {
  const clock = new VirtualClock();
  const slots = new Places(count, clock);
  const told: string[] = [];
  const releases = new Map<string, () => void>();
  const ask = (name: string, isAhead = false) =>
    slots.request({
      waitMs: 1_000,
      isAhead,
      granted: (release) => {
        told.push(`granted ${name}`);
        releases.set(name, release);
      },
      expired: () => told.push(`expired ${name}`),
    });
  return { clock, slots, told, ask, release: (name: string) => releases.get(name)!() };
}

test('first in, first out; live speech before phrases that are made ahead', () => {
  const { slots, told, ask, release } = setUp(1);
  ask('a');
  ask('phrase', true);
  ask('b');
  ask('c');
  release('a');
  release('a'); // twice counts once
  expect(slots.taken).toBe(1);
  release('b');
  release('c');
  release('phrase');
  expect(told).toEqual(['granted a', 'granted b', 'granted c', 'granted phrase']);
  expect(slots.taken).toBe(0);
});

test('live calls first: who made something ahead is asked for its place, once, and the live one has it in that tick', () => {
  const { slots, told, ask } = setUp(1);
  const asked: string[] = [];
  const makeAhead = (name: string) => {
    let giveBack = () => {};
    slots.request({
      waitMs: 1_000,
      isAhead: true,
      isWanted: () => {
        asked.push(name);
        giveBack();
      },
      granted: (release) => {
        told.push(`granted ${name}`);
        giveBack = release;
      },
      expired: () => told.push(`expired ${name}`),
    });
  };
  makeAhead('phrase');
  ask('later', true); // what is ahead too has nobody give way
  expect(asked).toEqual([]);
  ask('live');
  ask('second'); // nobody is left to be asked
  expect(asked).toEqual(['phrase']);
  expect(told).toEqual(['granted phrase', 'granted live']);
  expect(slots.counts.queued).toBe(2);
});

test('nobody waits longer than they said, and who gave up is passed over', () => {
  const { clock, slots, told, ask, release } = setUp(1);
  ask('a');
  ask('b');
  clock.advanceTo(500);
  const cancel = ask('c');
  ask('d');
  cancel();
  clock.advanceTo(1_200);
  release('a');
  expect(told).toEqual(['granted a', 'expired b', 'granted d']);
  expect(clock.pending).toBe(0);
  expect(slots.counts.queued).toBe(0);
});

test('a place that is held has one way out, granted or not', () => {
  const { clock, slots, told, ask } = setUp(1);
  const hold = (name: string) =>
    holdPlace(slots, {
      waitMs: 1_000,
      granted: () => told.push(`granted ${name}`),
      expired: () => told.push(`expired ${name}`),
    });
  const leave = hold('a');
  const leaveQueue = hold('b');
  leaveQueue();
  const leaveLater = hold('c');
  leave();
  leave();
  expect(told).toEqual(['granted a', 'granted c']);
  expect(slots.counts).toMatchObject({ inFlight: 1, queued: 0 });
  leaveQueue();
  leaveLater();
  ask('d');
  hold('e');
  clock.advanceBy(1_000);
  expect(told.slice(2)).toEqual(['granted d', 'expired e']);
  expect(clock.pending).toBe(0);
});
