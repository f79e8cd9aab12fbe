import { expect, test } from 'vitest';
import { VirtualClock } from '../../src/lib/clock.ts';
import { RESERVED_MS } from '../../src/worker/capacity.ts';
import type { News } from '../../src/worker/group.ts';
import { Memory } from '../../src/worker/memory.ts';

/** Two processes of a worker: what one is told, the other learns. */
function openTwo() {
  const clock = new VirtualClock();
  const tell = (other: () => Memory) => (news: News) => {
    if (news.type !== 'claimed') other().learn(news);
    return Promise.resolve();
  };
  const one: Memory = new Memory({ clock, share: tell(() => other) });
  const other: Memory = new Memory({ clock, share: tell(() => one) });
  return { clock, one, other };
}

test('a credential is good once in all processes, until its time is over', () => {
  const { clock, one, other } = openTwo();
  expect([one.isFirst('nonce', 1_000), one.isFirst('nonce', 1_000), other.isFirst('nonce', 1_000)]).toEqual([
    true,
    false,
    false,
  ]);
  expect(other.isFirst('another', 1_000)).toBe(true);
  clock.advanceBy(1_000);
  expect(other.isFirst('nonce', 1_000)).toBe(true);
});

test('an announced call is remembered by every process for as long as its token is good', async () => {
  const { clock, one, other } = openTwo();
  await one.remember('key', { token: 'token', from: '+15550100' });
  expect([one.recall('key'), other.recall('key')]).toEqual([
    { token: 'token', from: '+15550100' },
    { token: 'token', from: '+15550100' },
  ]);
  expect(other.recall('another')).toBeUndefined();
  clock.advanceBy(RESERVED_MS);
  expect([one.recall('key'), other.recall('key')]).toEqual([undefined, undefined]);
});

test('it stays small: what is over is let go of, and so is the oldest when too much comes at once', () => {
  const { one } = openTwo();
  for (let index = 0; index <= 100_000; index++) one.isFirst(`nonce-${index}`, 60_000);
  expect([one.isFirst('nonce-100000', 60_000), one.isFirst('nonce-0', 60_000)]).toEqual([false, true]);
});
