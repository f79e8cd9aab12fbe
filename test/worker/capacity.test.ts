import { expect, test } from 'vitest';
import { VirtualClock } from '../../src/lib/clock.ts';
import { Announcements } from '../../src/worker/announcements.ts';
import { Capacity, RESERVED_MS, type Place } from '../../src/worker/capacity.ts';

function open(maxCalls: number) {
  const clock = new VirtualClock();
  const capacity = new Capacity(maxCalls, clock);
  return { clock, capacity, announcements: new Announcements(capacity) };
}

function placeOf(reserved: Place | string): Place {
  if (typeof reserved === 'string') throw new Error(`Expected a place, got ${reserved}`);
  return reserved;
}

function tokenOf(announced: { token: string } | string): string {
  if (typeof announced === 'string') throw new Error(`Expected a token, got ${announced}`);
  return announced.token;
}

test('a reservation takes the place of a call, and a call keeps it until it leaves', () => {
  const { capacity } = open(1);
  const place = placeOf(capacity.reserve());
  expect(capacity.reserve()).toBe('full');
  expect(place.take()).toBe(true);
  expect(capacity.reserve()).toBe('full');
  place.leave();
  place.leave();
  expect(capacity.used).toBe(0);
  placeOf(capacity.reserve());
});

test('a reservation that nobody takes is given back when its time is over', () => {
  const { capacity, clock } = open(1);
  let expired = 0;
  const place = placeOf(capacity.reserve(() => expired++));
  clock.advanceBy(RESERVED_MS - 1);
  expect(capacity.refusal).toBe('full');
  clock.advanceBy(1);
  expect([capacity.refusal, expired]).toEqual([undefined, 1]);
  expect(place.take()).toBe(false);
});

test('a place that was taken does not expire', () => {
  const { capacity, clock } = open(1);
  const place = placeOf(capacity.reserve(() => expect.unreachable()));
  place.take();
  clock.advanceBy(RESERVED_MS * 10);
  expect(capacity.used).toBe(1);
  expect(clock.pending).toBe(0);
});

test('while it drains every new call is refused, and it is empty when the last place is left', async () => {
  const { capacity } = open(2);
  const [one, other] = [placeOf(capacity.reserve()), placeOf(capacity.reserve())];
  capacity.drain();
  expect(capacity.reserve()).toBe('draining');
  let isEmpty = false;
  const emptied = capacity.emptied().then(() => (isEmpty = true));
  one.leave();
  await Promise.resolve();
  expect(isEmpty).toBe(false);
  other.leave();
  await emptied;
  await capacity.emptied();
});

test('a token is good for one call', () => {
  const { announcements, capacity } = open(5);
  const token = tokenOf(announcements.announce('CA1'));
  placeOf(announcements.claim(token, 'CA1'));
  expect(announcements.claim(token, 'CA1')).toBe('forbidden');
  expect([capacity.used, announcements.waiting]).toEqual([1, 0]);
});

test('a token is good for no other call than its own, and not for that one either when another has shown it', () => {
  const { announcements, capacity } = open(5);
  const token = tokenOf(announcements.announce('CA1'));
  expect(announcements.claim(token, 'CA2')).toBe('forbidden');
  expect(announcements.claim(token, 'CA1')).toBe('forbidden');
  expect(capacity.used).toBe(0);
});

test('a webhook that names no call announces any', () => {
  const { announcements } = open(5);
  placeOf(announcements.claim(tokenOf(announcements.announce(undefined)), 'CA9'));
});

test('a token that nobody gave out, or that is too old, is good for nothing', () => {
  const { announcements, clock, capacity } = open(5);
  const token = tokenOf(announcements.announce('CA1'));
  clock.advanceBy(RESERVED_MS);
  expect(announcements.waiting).toBe(0);
  expect(announcements.claim(token, 'CA1')).toBe('forbidden');
  expect(announcements.claim('made-up', 'CA1')).toBe('forbidden');
  expect(capacity.used).toBe(0);
});

test('a call without a token needs room of its own, which the announced ones have already', () => {
  const { announcements } = open(1);
  const token = tokenOf(announcements.announce('CA1'));
  expect(announcements.claim(undefined, 'CA2')).toBe('full');
  expect(announcements.announce('CA3')).toBe('full');
  placeOf(announcements.claim(token, 'CA1'));
});

test('no two tokens are alike', () => {
  const { announcements } = open(1_000);
  const tokens = Array.from({ length: 1_000 }, (_, index) => tokenOf(announcements.announce(`CA${index}`)));
  expect(new Set(tokens).size).toBe(1_000);
  expect(tokens.every((token) => token.length >= 24)).toBe(true);
});
