import { expect, test } from 'vitest';
import { VirtualClock, type WallClock } from '../../src/lib/clock.ts';
import { Announcements, ID_BYTES } from '../../src/worker/announcements.ts';
import { Arbiter, type Want } from '../../src/worker/arbiter.ts';
import { RESERVED_MS } from '../../src/worker/arbiter.ts';
import { Capacity, limitOf, type Place } from '../../src/worker/capacity.ts';

function open(maxCalls: number) {
  const clock = new VirtualClock();
  const capacity = new Capacity({ limit: { calls: maxCalls, reason: 'full' }, clock });
  return {
    clock,
    capacity,
    announcements: new Announcements({ capacity, clock, arbiter: new Arbiter({ clock }), secrets: ['secret'] }),
  };
}

function placeOf(reserved: Place | string): Place {
  if (typeof reserved === 'string') throw new Error(`Expected a place, got ${reserved}`);
  return reserved;
}

function tokenOf(announced: { token: string } | string): string {
  if (typeof announced === 'string') throw new Error(`Expected a token, got ${announced}`);
  return announced.token;
}

test('a reservation takes the place of a call, and a call keeps it until it leaves', async () => {
  const { capacity } = open(1);
  const place = placeOf(await capacity.reserve());
  expect(await capacity.reserve()).toBe('full');
  expect(place.take()).toBe(true);
  expect(await capacity.reserve()).toBe('full');
  place.leave();
  place.leave();
  expect(capacity.used).toBe(0);
  placeOf(await capacity.reserve());
});

test('a reservation that nobody takes is given back when its time is over', async () => {
  const { capacity, clock } = open(1);
  let expired = 0;
  const place = placeOf(await capacity.reserve(() => expired++));
  clock.advanceBy(RESERVED_MS - 1);
  expect(capacity.refusal).toBe('full');
  clock.advanceBy(1);
  expect([capacity.refusal, expired]).toEqual([undefined, 1]);
  expect(place.take()).toBe(false);
});

test('a place that was taken does not expire', async () => {
  const { capacity, clock } = open(1);
  const place = placeOf(await capacity.reserve(() => expect.unreachable()));
  place.take();
  clock.advanceBy(RESERVED_MS * 10);
  expect(capacity.used).toBe(1);
  expect(clock.pending).toBe(0);
});

test('while it drains every new call is refused, and it is empty when the last place is left', async () => {
  const { capacity } = open(2);
  const [one, other] = [placeOf(await capacity.reserve()), placeOf(await capacity.reserve())];
  capacity.drain();
  expect(await capacity.reserve()).toBe('draining');
  let isEmpty = false;
  const emptied = capacity.emptied().then(() => (isEmpty = true));
  one.leave();
  await Promise.resolve();
  expect(isEmpty).toBe(false);
  other.leave();
  await emptied;
  await capacity.emptied();
});

test('a token is good for one call', async () => {
  const { announcements, capacity } = open(5);
  const token = tokenOf(await announcements.announce('CA1'));
  placeOf(await announcements.claim(token, 'CA1'));
  expect(await announcements.claim(token, 'CA1')).toBe('forbidden');
  expect([capacity.used, announcements.waiting]).toEqual([1, 0]);
});

test('a token is good for no other call than its own, which keeps its place when another has shown it', async () => {
  const { announcements, capacity } = open(1);
  const token = tokenOf(await announcements.announce('CA1'));
  expect(await announcements.claim(token, 'CA2')).toBe('forbidden');
  placeOf(await announcements.claim(token, 'CA1'));
  expect(capacity.used).toBe(1);
});

test('a webhook that names no call announces any', async () => {
  const { announcements } = open(5);
  placeOf(await announcements.claim(tokenOf(await announcements.announce(undefined)), 'CA9'));
});

test('a token that nobody gave out, or that is too old, is good for nothing', async () => {
  const { announcements, clock, capacity } = open(5);
  const token = tokenOf(await announcements.announce('CA1'));
  clock.advanceBy(RESERVED_MS);
  expect(announcements.waiting).toBe(0);
  expect(await announcements.claim(token, 'CA1')).toBe('forbidden');
  expect(await announcements.claim('made-up', 'CA1')).toBe('forbidden');
  expect(capacity.used).toBe(0);
});

test('a call without a token needs room of its own, which the announced ones have already', async () => {
  const { announcements } = open(1);
  const token = tokenOf(await announcements.announce('CA1'));
  expect(await announcements.claim(undefined, 'CA2')).toBe('full');
  expect(await announcements.announce('CA3')).toBe('full');
  placeOf(await announcements.claim(token, 'CA1'));
});

test('a token is good for nothing once anything of it was changed', async () => {
  const { announcements } = open(100);
  const token = tokenOf(await announcements.announce('CA1'));
  const bytes = Buffer.from(token, 'base64url');
  for (let at = 0; at < bytes.length; at++) {
    const forged = Buffer.from(bytes);
    forged[at]! ^= 1;
    expect(await announcements.claim(forged.toString('base64url'), 'CA1')).toBe('forbidden');
  }
  expect(await announcements.claim(token.slice(0, -2), 'CA1')).toBe('forbidden');
  expect(await announcements.claim('', 'CA1')).toBe('forbidden');
  placeOf(await announcements.claim(token, 'CA1'));
});

/** Two processes of a worker, and who decides for both. `claimed`: the numbers of the calls that have come. */
function openTwo(maxCalls: number) {
  const clock = new VirtualClock();
  const workerId = Buffer.alloc(ID_BYTES, 7);
  const claimed: string[] = [];
  const all = new Arbiter({ clock });
  const arbiter = {
    expect: (number: string, forMs: number) => all.expect(number, forMs),
    decide: async (want: Want) => {
      const isGranted = all.decide(want);
      if (isGranted && want.type === 'claim') claimed.push(want.number);
      return Promise.resolve(isGranted);
    },
  };
  const process = () => {
    const capacity = new Capacity({ limit: { calls: maxCalls, reason: 'full' }, clock });
    return { capacity, announcements: new Announcements({ capacity, clock, arbiter, secrets: ['one'], workerId }) };
  };
  return { clock, one: process(), other: process(), claimed };
}

test('a call that was announced to one process gets in at another that is full, and is counted once in all', async () => {
  const { one, other, claimed } = openTwo(1);
  const token = tokenOf(await one.announcements.announce('CA1'));
  placeOf(await other.capacity.reserve()).take();
  expect(await other.announcements.claim(undefined, 'CA2')).toBe('full');
  expect(placeOf(await other.announcements.claim(token, 'CA1')).take()).toBe(true);
  expect([one.capacity.used, other.capacity.used]).toEqual([1, 2]);
  one.announcements.release(claimed[0] ?? '');
  expect([one.capacity.used, other.capacity.used]).toEqual([0, 2]);
  expect(one.announcements.waiting).toBe(0);
});

test('a token that was shown to one process is good for nothing at the other', async () => {
  const { one, other, claimed } = openTwo(5);
  const token = tokenOf(await one.announcements.announce('CA1'));
  placeOf(await other.announcements.claim(token, 'CA1'));
  expect(await other.announcements.claim(token, 'CA1')).toBe('forbidden');
  one.announcements.release(claimed[0] ?? '');
  expect(await one.announcements.claim(token, 'CA1')).toBe('forbidden');
  expect(one.capacity.used).toBe(0);
});

test('a token that was shown to the process which gave it out is good for nothing at another', async () => {
  const { one, other } = openTwo(5);
  const token = tokenOf(await one.announcements.announce('CA1'));
  placeOf(await one.announcements.claim(token, 'CA1'));
  expect(await other.announcements.claim(token, 'CA1')).toBe('forbidden');
  expect([one.capacity.used, other.capacity.used]).toEqual([1, 0]);
});

test('a token that is too old is too old for every process', async () => {
  const { clock, one, other } = openTwo(5);
  const token = tokenOf(await one.announcements.announce('CA1'));
  clock.advanceBy(RESERVED_MS);
  expect(await other.announcements.claim(token, 'CA1')).toBe('forbidden');
});

test('a worker behind the same address believes the token, and has to have room of its own', async () => {
  const clock = new VirtualClock();
  const worker = (...secrets: string[]) => {
    const capacity = new Capacity({ limit: { calls: 2, reason: 'full' }, clock });
    return {
      capacity,
      announcements: new Announcements({ capacity, clock, arbiter: new Arbiter({ clock }), secrets }),
    };
  };
  const [here, there, elsewhere] = [worker('old'), worker('new', 'old'), worker('another')];
  const announce = async (callId: string) => tokenOf(await worker('old').announcements.announce(callId));
  const [first, second, third] = [await announce('CA1'), await announce('CA2'), await announce('CA3')];
  expect(await elsewhere.announcements.claim(first, 'CA1')).toBe('forbidden');
  placeOf(await there.announcements.claim(first, 'CA1'));
  placeOf(await there.announcements.claim(second, 'CA2'));
  expect(await there.announcements.claim(third, 'CA3')).toBe('full');
  here.capacity.drain();
  expect(await here.announcements.claim(third, 'CA3')).toBe('draining');
});

test('one token that is shown in one moment by several sockets of several processes is good once', async () => {
  const { one, other } = openTwo(5);
  const token = tokenOf(await one.announcements.announce('CA1'));
  const processes = [other, one, other, one];
  const claimed = await Promise.all(processes.map(({ announcements }) => announcements.claim(token, 'CA1')));
  expect(claimed.filter((place) => typeof place === 'object')).toHaveLength(1);
  expect(claimed.filter((place) => place === 'forbidden')).toHaveLength(3);
});

test('the same of a token of another worker', async () => {
  const { one, other, clock } = openTwo(5);
  const capacity = new Capacity({ limit: { calls: 1, reason: 'full' }, clock });
  const stranger = new Announcements({ capacity, clock, arbiter: new Arbiter({ clock }), secrets: ['one'] });
  const token = tokenOf(await stranger.announce('CA1'));
  const processes = [other, one, other, one];
  const claimed = await Promise.all(processes.map(({ announcements }) => announcements.claim(token, 'CA1')));
  expect(claimed.filter((place) => typeof place === 'object')).toHaveLength(1);
});

test.each([
  ['back', -3_600_000],
  ['forward', 3_600_000],
])(
  'the wall clock is set %s by an hour: a token is good for half a minute from then, by a clock that only goes on',
  async (_, byMs) => {
    const virtual = new VirtualClock();
    let setByMs = 0;
    const clock: WallClock = {
      nowMs: () => virtual.nowMs(),
      after: (delayMs, run) => virtual.after(delayMs, run),
      wallMs: () => 1e12 + virtual.nowMs() + setByMs,
    };
    const capacity = new Capacity({ limit: { calls: 5, reason: 'full' }, clock });
    const announcements = new Announcements({ capacity, clock, arbiter: new Arbiter({ clock }), secrets: ['secret'] });
    const [first, second] = [
      tokenOf(await announcements.announce('CA1')),
      tokenOf(await announcements.announce('CA2')),
    ];
    setByMs = byMs;
    virtual.advanceBy(RESERVED_MS - 1);
    placeOf(await announcements.claim(first, 'CA1'));
    expect(await announcements.claim(first, 'CA1')).toBe('forbidden');
    virtual.advanceBy(1);
    expect(await announcements.claim(second, 'CA2')).toBe('forbidden');
    placeOf(await announcements.claim(tokenOf(await announcements.announce('CA3')), 'CA3'));
  },
);

test('the wall clocks of two machines may be half a minute apart', async () => {
  const clock = new VirtualClock();
  const worker = (aheadMs: number) => {
    const own: WallClock = { nowMs: () => 0, after: () => () => {}, wallMs: () => 1e12 + aheadMs };
    const capacity = new Capacity({ limit: { calls: 9, reason: 'full' }, clock });
    return new Announcements({ capacity, clock: own, arbiter: new Arbiter({ clock }), secrets: ['secret'] });
  };
  const token = tokenOf(await worker(0).announce('CA1'));
  for (const aheadMs of [-29_000, 0, 29_000, 59_000]) placeOf(await worker(aheadMs).claim(token, 'CA1'));
  for (const aheadMs of [-31_000, 61_000, 3_600_000]) {
    expect(await worker(aheadMs).claim(token, 'CA1')).toBe('forbidden');
  }
});

test('the last place is given once, however many ask for it in one moment', async () => {
  const { capacity } = open(3);
  const reserved = await Promise.all(Array.from({ length: 9 }, () => capacity.reserve()));
  expect(reserved.filter((one) => typeof one === 'object')).toHaveLength(3);
  expect(reserved.filter((one) => one === 'full')).toHaveLength(6);
});

test('the lesser of what is configured and what the quota carries is the limit, and gives the reason', () => {
  expect(limitOf({ maxCalls: 100, planCalls: 28 })).toEqual({ calls: 28, reason: 'quota' });
  expect(limitOf({ maxCalls: 28, planCalls: 28 })).toEqual({ calls: 28, reason: 'full' });
  expect(limitOf({ maxCalls: 5, planCalls: Infinity })).toEqual({ calls: 5, reason: 'full' });
});

test('an event loop that is late refuses calls, but not those with a promise', async () => {
  const clock = new VirtualClock();
  let isLagging = false;
  const capacity = new Capacity({ limit: { calls: 2, reason: 'quota' }, clock, isLagging: () => isLagging });
  const announcements = new Announcements({ capacity, clock, arbiter: new Arbiter({ clock }), secrets: ['secret'] });
  const token = tokenOf(await announcements.announce('CA1'));
  isLagging = true;
  expect(await capacity.reserve()).toBe('lagging');
  placeOf(await announcements.claim(token, 'CA1'));
  isLagging = false;
  placeOf(await capacity.reserve());
  expect(await capacity.reserve()).toBe('quota');
});

test('no two tokens are alike', async () => {
  const { announcements } = open(1_000);
  const announced = Array.from({ length: 1_000 }, (_, index) => announcements.announce(`CA${index}`));
  const tokens = (await Promise.all(announced)).map(tokenOf);
  expect(new Set(tokens).size).toBe(1_000);
  expect(tokens.every((token) => token.length >= 24)).toBe(true);
});
