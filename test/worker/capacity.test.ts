import { expect, test } from 'vitest';
import { VirtualClock } from '../../src/lib/clock.ts';
import { Announcements, ID_BYTES } from '../../src/worker/announcements.ts';
import { Capacity, limitOf, RESERVED_MS, type Place } from '../../src/worker/capacity.ts';

function open(maxCalls: number) {
  const clock = new VirtualClock();
  const capacity = new Capacity({ limit: { calls: maxCalls, reason: 'full' }, clock });
  return { clock, capacity, announcements: new Announcements({ capacity, clock, secrets: ['secret'] }) };
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

test('a token is good for no other call than its own, which keeps its place when another has shown it', () => {
  const { announcements, capacity } = open(1);
  const token = tokenOf(announcements.announce('CA1'));
  expect(announcements.claim(token, 'CA2')).toBe('forbidden');
  placeOf(announcements.claim(token, 'CA1'));
  expect(capacity.used).toBe(1);
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

test('a token is good for nothing once anything of it was changed', () => {
  const { announcements } = open(100);
  const token = tokenOf(announcements.announce('CA1'));
  const bytes = Buffer.from(token, 'base64url');
  for (let at = 0; at < bytes.length; at++) {
    const forged = Buffer.from(bytes);
    forged[at]! ^= 1;
    expect(announcements.claim(forged.toString('base64url'), 'CA1')).toBe('forbidden');
  }
  expect(announcements.claim(token.slice(0, -2), 'CA1')).toBe('forbidden');
  expect(announcements.claim('', 'CA1')).toBe('forbidden');
  placeOf(announcements.claim(token, 'CA1'));
});

/** Two processes of a worker: what one claims, the other is told. */
function openTwo(maxCalls: number) {
  const clock = new VirtualClock();
  const workerId = Buffer.alloc(ID_BYTES, 7);
  const process = (tell: (number: string) => void) => {
    const capacity = new Capacity({ limit: { calls: maxCalls, reason: 'full' }, clock });
    const announcements = new Announcements({ capacity, clock, secrets: ['one'], workerId, claimed: tell });
    return { capacity, announcements };
  };
  const told: string[] = [];
  const one = process((number) => other.announcements.release(number));
  const other = process((number) => told.push(number));
  return { clock, one, other, told };
}

test('a call that was announced to one process gets in at another that is full, and is counted once in all', () => {
  const { one, other, told } = openTwo(1);
  const token = tokenOf(one.announcements.announce('CA1'));
  placeOf(other.capacity.reserve()).take();
  expect(other.announcements.claim(undefined, 'CA2')).toBe('full');
  expect(placeOf(other.announcements.claim(token, 'CA1')).take()).toBe(true);
  expect([one.capacity.used, other.capacity.used]).toEqual([1, 2]);
  one.announcements.release(told[0] ?? '');
  expect([one.capacity.used, other.capacity.used]).toEqual([0, 2]);
  expect(one.announcements.waiting).toBe(0);
});

test('a token that was shown to one process is good for nothing at the other', () => {
  const { one, other, told } = openTwo(5);
  const token = tokenOf(one.announcements.announce('CA1'));
  placeOf(other.announcements.claim(token, 'CA1'));
  expect(other.announcements.claim(token, 'CA1')).toBe('forbidden');
  one.announcements.release(told[0] ?? '');
  expect(one.announcements.claim(token, 'CA1')).toBe('forbidden');
  expect(one.capacity.used).toBe(0);
});

test('a token that was shown to the process which gave it out is good for nothing at another', () => {
  const { one, other } = openTwo(5);
  const token = tokenOf(one.announcements.announce('CA1'));
  placeOf(one.announcements.claim(token, 'CA1'));
  expect(other.announcements.claim(token, 'CA1')).toBe('forbidden');
  expect([one.capacity.used, other.capacity.used]).toEqual([1, 0]);
});

test('a token that is too old is too old for every process', () => {
  const { clock, one, other } = openTwo(5);
  const token = tokenOf(one.announcements.announce('CA1'));
  clock.advanceBy(RESERVED_MS);
  expect(other.announcements.claim(token, 'CA1')).toBe('forbidden');
});

test('a worker behind the same address believes the token, and has to have room of its own', () => {
  const clock = new VirtualClock();
  const worker = (...secrets: string[]) => {
    const capacity = new Capacity({ limit: { calls: 2, reason: 'full' }, clock });
    return { capacity, announcements: new Announcements({ capacity, clock, secrets }) };
  };
  const [here, there, elsewhere] = [worker('old'), worker('new', 'old'), worker('another')];
  const [first, second, third] = ['CA1', 'CA2', 'CA3'].map((callId) =>
    tokenOf(worker('old').announcements.announce(callId)),
  );
  expect(elsewhere.announcements.claim(first, 'CA1')).toBe('forbidden');
  placeOf(there.announcements.claim(first, 'CA1'));
  placeOf(there.announcements.claim(second, 'CA2'));
  expect(there.announcements.claim(third, 'CA3')).toBe('full');
  here.capacity.drain();
  expect(here.announcements.claim(third, 'CA3')).toBe('draining');
});

test('what is used up is forgotten when its token is too old anyway', () => {
  const { announcements, clock, capacity } = open(5);
  for (let round = 0; round < 100; round++) {
    placeOf(announcements.claim(tokenOf(announcements.announce('CA1')), 'CA1')).leave();
    clock.advanceBy(RESERVED_MS / 2);
  }
  expect(announcements.remembered).toBeLessThan(5);
  expect(capacity.used).toBe(0);
});

test('the lesser of what is configured and what the quota carries is the limit, and gives the reason', () => {
  expect(limitOf({ maxCalls: 100, planCalls: 28 })).toEqual({ calls: 28, reason: 'quota' });
  expect(limitOf({ maxCalls: 28, planCalls: 28 })).toEqual({ calls: 28, reason: 'full' });
  expect(limitOf({ maxCalls: 5, planCalls: Infinity })).toEqual({ calls: 5, reason: 'full' });
});

test('an event loop that is late refuses calls, but not those with a promise', () => {
  const clock = new VirtualClock();
  let isLagging = false;
  const capacity = new Capacity({ limit: { calls: 2, reason: 'quota' }, clock, isLagging: () => isLagging });
  const announcements = new Announcements({ capacity, clock, secrets: ['secret'] });
  const token = tokenOf(announcements.announce('CA1'));
  isLagging = true;
  expect(capacity.reserve()).toBe('lagging');
  placeOf(announcements.claim(token, 'CA1'));
  isLagging = false;
  placeOf(capacity.reserve());
  expect(capacity.reserve()).toBe('quota');
});

test('no two tokens are alike', () => {
  const { announcements } = open(1_000);
  const tokens = Array.from({ length: 1_000 }, (_, index) => tokenOf(announcements.announce(`CA${index}`)));
  expect(new Set(tokens).size).toBe(1_000);
  expect(tokens.every((token) => token.length >= 24)).toBe(true);
});
