/** No call takes the model's whole plan: what one may have of it, and that the others do not notice. */
import { expect, test } from 'vitest';
import { VirtualClock } from '../../src/lib/clock.ts';
import { createBudget } from '../../src/model/budget.ts';
import { CallShares, mostForCall } from '../../src/model/call-shares.ts';
import { OwnPart } from '../../src/worker/quota/own-part.ts';

test.each([
  ['Standard, which carries one call', 10, 1, 10],
  ['two calls: a few are left', 20, 1, 13],
  ['Enterprise: a quarter', 200, 1, 50],
  ['no limits: one each second', Infinity, 1, 60],
  ['a plan of two workers that do not know of each other', 200, 2, 25],
  ['a plan of less than one', 1, 4, 1],
])('%s', (_name, requestsPerMinute, workers, most) => {
  expect(mostForCall({ requestsPerMinute, concurrent: 3 }, workers)).toBe(most);
});

test('a rolling minute; what never left is given back; what is old is forgotten', () => {
  const shares = new CallShares();
  for (const atMs of [0, 10, 20]) shares.take('a', atMs);
  expect(shares.waitMs('a', 3, 30)).toBe(60_220);
  expect(shares.waitMs('b', 3, 30)).toBe(0);
  expect(shares.waitMs(undefined, 3, 30)).toBe(0);
  shares.giveBack('a', 20);
  expect(shares.waitMs('a', 3, 30)).toBe(0);
  shares.take('b', 200_000);
  expect(shares.waitMs('a', 1, 200_000)).toBe(0);
  expect([shares.isNews('a', 200_000), shares.isNews('a', 200_010), shares.isNews('a', 300_000)]).toEqual([
    true,
    false,
    true,
  ]);
});

test.each([20, 200, undefined])(
  'one relay line with 630 prompts in 8 s, a plan of %s a minute: the others go on without a wait',
  async (requestsPerMinute) => {
    const clock = new VirtualClock();
    const told: string[] = [];
    const budget = createBudget({
      plan: { requestsPerMinute, concurrent: 20 },
      clock,
      onOverShare: (callId) => told.push(callId),
    });
    const others = requestsPerMinute === 20 ? ['b'] : Array.from({ length: 10 }, (_, index) => `other ${index}`);
    let admitted = 0;
    let refused = 0;
    let last = new AbortController();
    for (let prompt = 0; prompt < 630; prompt++) {
      last.abort(); // each prompt takes the place of the one before
      const { signal } = (last = new AbortController());
      void budget.admit('answer', { deadlineMs: 20_000, signal, callId: 'flood' }).then(
        (release) => {
          admitted++;
          signal.addEventListener('abort', () => release());
        },
        () => refused++,
      );
      if (prompt % 105 === 0)
        for (const callId of others) {
          const release = budget.admitNow('answer', callId);
          expect(release, `${callId} at ${clock.nowMs()} ms`).toBeDefined();
          clock.after(50, () => release?.());
        }
      clock.advanceBy(8_000 / 630);
      await Promise.resolve();
    }
    await new Promise((resolve) => setImmediate(resolve));
    expect(admitted).toBe(mostForCall({ requestsPerMinute: requestsPerMinute ?? Infinity, concurrent: 20 }));
    expect(admitted + refused).toBe(630);
    expect(budget.counts.overShare).toBe(630 - admitted);
    expect(told).toEqual(['flood']); // once
  },
);

test('a call that has had its part waits behind the others, and goes on when it may', async () => {
  const clock = new VirtualClock();
  const budget = createBudget({ plan: { requestsPerMinute: 20, concurrent: 3 }, clock });
  const { signal } = new AbortController();
  for (let count = 0; count < 13; count++) {
    budget.admitNow('answer', 'a')!();
    clock.advanceBy(4_600);
  }
  let isAdmitted = false;
  void budget.admit('tool-follow-up', { deadlineMs: 20_000, signal, callId: 'a' }).then(() => (isAdmitted = true));
  expect(budget.admitNow('answer', 'b')).toBeDefined(); // whoever is less urgent, and has a part left
  clock.advanceBy(400);
  await Promise.resolve();
  expect(isAdmitted).toBe(false);
  clock.advanceBy(250);
  await new Promise((resolve) => setImmediate(resolve));
  expect(isAdmitted).toBe(true);
  await expect(budget.admit('answer', { deadlineMs: 100, signal, callId: 'a' })).rejects.toThrow(
    'model requests of one call within a minute',
  );
  expect(clock.pending).toBe(0);
});

test('what is refused is told with the part that the call really has, of two workers that do not know of each other too', async () => {
  const clock = new VirtualClock();
  const budget = createBudget({ plan: { requestsPerMinute: 200, concurrent: 20 }, shared: new OwnPart(2), clock });
  const { signal } = new AbortController();
  for (let count = 0; count < 25; count++) {
    budget.admitNow('answer', 'a')!();
    clock.advanceBy(500);
  }
  await expect(budget.admit('answer', { deadlineMs: 100, signal, callId: 'a' })).rejects.toThrow(
    'at most 25 model requests',
  );
});

test('where there are no other calls, one has the whole plan', () => {
  const budget = createBudget({ plan: 'none', clock: new VirtualClock(), hasOtherCalls: false });
  for (let request = 0; request < 200; request++) expect(budget.admitNow('answer', 'alone')).toBeDefined();
});
