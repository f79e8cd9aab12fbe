/** When there is room to ask, in virtual time. */
import { expect, test } from 'vitest';
import { VirtualClock } from '../../src/lib/clock.ts';
import { createBudget } from '../../src/model/budget.ts';
import type { Budget, Release } from '../../src/model/contract.ts';
import type { Priority } from '../../src/model/contract.ts';
import type { Plan } from '../../src/model/plan.ts';

function setUp(plan: Plan) {
  const clock = new VirtualClock();
  const budget = createBudget({ plan, clock });
  const order: string[] = [];
  const releases: Release[] = [];
  const controllers: AbortController[] = [];
  function admit(name: string, priority: Priority = 'answer', deadlineMs = 100_000): void {
    const controller = new AbortController();
    controllers.push(controller);
    budget.admit(priority, { deadlineMs, signal: controller.signal }).then(
      (release) => {
        order.push(name);
        releases.push(release);
      },
      (error: { code?: string; message: string }) => order.push(`${name}: ${error.code ?? error.message}`),
    );
  }
  /** Lets promises settle. */
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  async function advance(ms: number): Promise<void> {
    clock.advanceBy(ms);
    await settle();
  }
  return { clock, budget, order, releases, controllers, admit, settle, advance };
}

async function fill(budget: Budget, count: number): Promise<Release[]> {
  const admit = () => budget.admit('answer', { deadlineMs: 0, signal: new AbortController().signal });
  return Promise.all(Array.from({ length: count }, admit));
}

test('Standard lets three at once and ten in any minute', async () => {
  const { budget, order, admit, settle, advance } = setUp('standard');
  for (const release of await fill(budget, 3)) release();
  await advance(30_000);
  for (const release of await fill(budget, 3)) release();
  await advance(100);
  for (const release of await fill(budget, 3)) release();
  await advance(100);
  const last = await fill(budget, 1);
  admit('eleventh');
  await settle();
  expect(budget.counts).toMatchObject({ admitted: 10, queued: 1, inFlight: 1 });
  last[0]!();
  await advance(29_799);
  expect(order).toEqual([]);
  await advance(1_000); // the first three are a minute old, and a little
  expect(order).toEqual(['eleventh']);
});

test('a minute that rolls never holds more than the plan, however requests are spread', async () => {
  const { clock, budget, advance } = setUp({ requestsPerMinute: 10 });
  const sentAtMs: number[] = [];
  for (let i = 0; i < 60; i++) {
    const { signal } = new AbortController();
    void budget.admit('answer', { deadlineMs: 1e9, signal }).then((release) => {
      sentAtMs.push(clock.nowMs());
      release();
    });
    for (let pieces = (i * 7) % 16; pieces > 0; pieces--) await advance(200);
  }
  while (sentAtMs.length < 60) await advance(200);
  for (const [i, atMs] of sentAtMs.entries()) {
    if (i >= 10) expect(atMs - sentAtMs[i - 10]!).toBeGreaterThanOrEqual(60_000);
  }
});

test('the more urgent goes first, then the older', async () => {
  const { budget, order, releases, admit, advance } = setUp({ concurrent: 1 });
  const [release] = await fill(budget, 1);
  admit('summary', 'summary');
  admit('speculation', 'speculation');
  admit('answer 1', 'answer');
  admit('answer 2', 'answer');
  admit('follow-up', 'tool-follow-up');
  release!();
  for (let i = 0; i < 5; i++) {
    await advance(100);
    releases[i]?.();
  }
  expect(order).toEqual(['follow-up', 'answer 1', 'answer 2', 'speculation', 'summary']);
});

test('a newcomer does not overtake who waits with the same urgency', async () => {
  const { budget, order, admit, advance } = setUp({ concurrent: 1 });
  const [release] = await fill(budget, 1);
  admit('first');
  release!();
  await advance(99);
  admit('second');
  await advance(1);
  expect(order).toEqual(['first']);
});

test('what nobody waits for leaves a place and a part of the minute to callers', async () => {
  const { budget, order, releases, admit, settle, advance } = setUp({ concurrent: 3, requestsPerMinute: 10 });
  admit('summary 1', 'summary');
  admit('summary 2', 'summary');
  admit('summary 3', 'summary');
  admit('answer', 'answer');
  await settle();
  expect(order).toEqual(['summary 1', 'summary 2', 'answer']);
  for (const release of releases.splice(0)) release();
  await advance(100);
  for (const release of await fill(budget, 2)) release();
  for (const release of releases.splice(0)) release();
  await advance(100);
  for (const release of await fill(budget, 2)) release();
  await advance(100);
  admit('summary 4', 'summary');
  await settle();
  expect(order.at(-1)).toBe('summary 3'); // 8 of 10 are used
  expect(await fill(budget, 2)).toHaveLength(2);
});

test('a place on a plan of one is for everybody', async () => {
  const { order, admit, settle } = setUp({ concurrent: 1, requestsPerMinute: 1 });
  admit('summary', 'summary');
  await settle();
  expect(order).toEqual(['summary']);
});

test('a wait ends at its deadline, and at once when it is known to be in vain', async () => {
  const { clock, budget, order, admit, advance, settle } = setUp({ concurrent: 1, requestsPerMinute: 2 });
  const [release] = await fill(budget, 1);
  admit('too slow', 'answer', 1_000);
  await advance(999);
  expect(order).toEqual([]);
  await advance(1);
  expect(order).toEqual(['too slow: queue-timeout']);
  release!();
  await advance(100);
  for (const other of await fill(budget, 1)) other();
  admit('in vain', 'answer', 20_000); // the minute is full for 59 s
  await settle();
  expect(order[1]).toBe('in vain: queue-timeout');
  expect(budget.counts).toMatchObject({ timedOut: 2, queued: 0, inFlight: 0 });
  expect(clock.pending).toBe(0);
});

test('who is cancelled gives the place back, in the queue and before the request was sent', async () => {
  const { clock, budget, order, controllers, admit, settle } = setUp({ concurrent: 1, requestsPerMinute: 2 });
  const [release] = await fill(budget, 1);
  admit('gone');
  admit('next');
  controllers[0]!.abort(new Error('hung up'));
  await settle();
  expect(order).toEqual(['gone: hung up']);
  expect(budget.counts).toMatchObject({ cancelled: 1, queued: 1 });
  release!({ wasSent: false });
  release!({ wasSent: false }); // once is enough
  await settle();
  expect(order[1]).toBe('next');
  expect(budget.counts.inFlight).toBe(1);
  expect(clock.pending).toBe(0);
  const { signal } = controllers[0]!;
  await expect(budget.admit('answer', { deadlineMs: 10, signal })).rejects.toThrow('hung up');
});

test('Retry-After holds everybody, with or without a plan', async () => {
  for (const plan of ['none', 'enterprise'] as const) {
    const { budget, order, admit, advance } = setUp(plan);
    const [release] = await fill(budget, 1);
    budget.lower({ retryAfterMs: 3_000, isConcurrency: false });
    release!({ wasSent: false });
    admit('patient');
    admit('hurried', 'tool-follow-up', 2_000);
    await advance(2_999);
    expect(order).toEqual(['hurried: queue-timeout']);
    await advance(1);
    expect(order[1]).toBe('patient');
    expect(budget.counts.rateLimited).toBe(1);
  }
});

test('after a 429 what the service let through is the limit for a minute, and one more to try', async () => {
  const { budget, order, releases, admit, settle, advance } = setUp({ requestsPerMinute: 100 });
  const all = await fill(budget, 5);
  budget.lower({ isConcurrency: false }); // the fifth was refused
  all.pop()!({ wasSent: false });
  for (const release of all) release();
  admit('probe');
  admit('too many');
  await settle();
  expect(order).toEqual(['probe']);
  releases[0]!();
  await advance(61_000);
  for (let i = 0; i < 10; i++) admit(`later ${i}`);
  await settle();
  expect(order).toHaveLength(12);
});

test('a 429 for too many at once takes places away for a few seconds', async () => {
  const { budget, order, releases, admit, settle, advance } = setUp({ concurrent: 3 });
  const [first, second, refused] = await fill(budget, 3);
  budget.lower({ isConcurrency: true });
  refused!({ wasSent: false });
  admit('waits');
  await settle();
  expect(order).toEqual([]);
  first!();
  await advance(100);
  expect(order).toEqual(['waits']);
  admit('waits longer');
  await advance(4_899);
  expect(order).toEqual(['waits']);
  await advance(1);
  expect(order).toEqual(['waits', 'waits longer']);
  second!();
  for (const release of releases) release();
  expect(budget.counts).toMatchObject({ inFlight: 0, waited: 2 });
});

test('waits are counted, in number and in time', async () => {
  const { budget, admit, advance } = setUp({ concurrent: 1 });
  const [release] = await fill(budget, 1);
  admit('waits');
  await advance(250);
  release!();
  await advance(100); // the service may not have noticed yet
  expect(budget.counts).toEqual({
    admitted: 2,
    waited: 1,
    waitedMs: 350,
    timedOut: 0,
    overShare: 0,
    cancelled: 0,
    rateLimited: 0,
    queued: 0,
    inFlight: 1,
  });
});

test('a plan with numbers below one is refused', () => {
  expect(() => createBudget({ plan: { concurrent: 0 } })).toThrow('Expected `concurrent` to be 1 or more, got `0`');
  expect(() => createBudget({ plan: { requestsPerMinute: NaN } })).toThrow('Expected `requestsPerMinute`');
});

test('R24: a plan of ten requests a minute gives none away, nor one that has been used to half', () => {
  expect(setUp('standard').budget.admitNow('speculation')).toBeUndefined();
  expect(setUp({ requestsPerMinute: 20 }).budget.admitNow('speculation')).toBeUndefined();
  expect(setUp('none').budget.admitNow('speculation')).toBeDefined();
  const { budget } = setUp({ requestsPerMinute: 40 });
  for (let count = 0; count < 10; count++) budget.admitNow('answer')?.();
  expect(budget.admitNow('speculation')).toBeUndefined();
  expect(budget.admitNow('answer')).toBeDefined();
});

test('R24: half of the places are left to callers, and a 429 ends it for a while', () => {
  const { budget } = setUp('enterprise');
  const taken = Array.from({ length: 10 }, () => budget.admitNow('speculation'));
  expect(taken.every((release) => release !== undefined)).toBe(true);
  expect(budget.admitNow('speculation')).toBeUndefined();
  for (let count = 0; count < 10; count++) expect(budget.admitNow('answer')).toBeDefined();
  const other = setUp('enterprise').budget;
  other.admitNow('answer');
  other.lower({ isConcurrency: false });
  expect(other.admitNow('speculation')).toBeUndefined();
});

test('R24: where there is no room it is known at once, and nobody counts it as a wait in vain', async () => {
  const { budget, order, admit, settle } = setUp('standard');
  admit('ahead', 'speculation', 150);
  await settle();
  expect(order).toEqual(['ahead: queue-timeout']);
  expect(budget.counts).toMatchObject({ timedOut: 0, queued: 0, overShare: 0 });
});
