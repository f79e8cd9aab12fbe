import { expect, test } from 'vitest';
import { WaitingRoom, type Visit } from '../../src/worker/waiting-room.ts';

/** Names each visitor, and says who was sent away. */
function open(most: number, mostOfOne?: number) {
  const room = new WaitingRoom(most, mostOfOne);
  const sentAway: string[] = [];
  const enter = (name: string, visit: Partial<Visit> = {}) =>
    room.enter({ address: name.charAt(0), sendAway: () => sentAway.push(name), ...visit });
  return { room, sentAway, enter };
}

test('there is room for so many, and whoever leaves, even twice, makes room for one', () => {
  const { room, enter } = open(2);
  const leave = enter('a1');
  expect([enter('a2'), enter('a3')].map((left) => left !== undefined)).toEqual([true, false]);
  leave?.();
  leave?.();
  expect(room.size).toBe(1);
  expect(enter('a4')).toBeDefined();
  expect(enter('a5')).toBeUndefined();
});

test('nobody is kept out by an address that has more of the room than they have: its oldest has to go', () => {
  const { sentAway, enter } = open(4);
  for (const name of ['a1', 'a2', 'a3', 'a4']) enter(name);
  expect(enter('b1')).toBeDefined();
  expect(enter('b2')).toBeDefined();
  expect(enter('b3')).toBeUndefined(); // they have half each
  expect(enter('a5')).toBeUndefined();
  expect(sentAway).toEqual(['a1', 'a2']);
});

test('who was sent away has left, whether it says so or not', () => {
  const { room, enter } = open(2);
  const leave = enter('a1');
  enter('a2');
  enter('b1');
  leave?.();
  expect(room.size).toBe(2);
});

test('who has shown who it is gets in as long as there is anybody to send away, and is never sent away itself', () => {
  const { sentAway, enter } = open(2);
  enter('a1');
  enter('b1');
  expect(enter('a2', { isKnown: true, isPressing: true })).toBeDefined();
  expect(enter('a3', { isKnown: true, isPressing: true })).toBeDefined();
  expect(enter('a4', { isKnown: true, isPressing: true })).toBeUndefined();
  expect(sentAway).toEqual(['a1', 'b1']);
});

test('who is pressing always gets in; one address has no more than its part', () => {
  const { room, sentAway, enter } = open(4, 2);
  for (const name of ['a1', 'a2', 'a3', 'b1', 'b2', 'b3', 'c1']) {
    expect(enter(name, { isPressing: true })).toBeDefined();
  }
  expect(sentAway).toEqual(['a1', 'b1', 'a2']);
  expect(room.size).toBe(4);
});
