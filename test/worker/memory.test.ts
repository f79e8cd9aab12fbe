import { expect, test } from 'vitest';
import { VirtualClock } from '../../src/lib/clock.ts';
import { Arbiter } from '../../src/worker/arbiter.ts';
import { MOST_RESERVED_MS } from '../../src/worker/arbiter.ts';
import type { News } from '../../src/worker/group.ts';
import { Memory } from '../../src/worker/memory.ts';

/** Two processes of a worker: what one is told, the other learns; a third decides. */
function openTwo() {
  const clock = new VirtualClock();
  const { decide } = new Arbiter({ clock });
  const tell = (other: () => Memory) => (news: News) => {
    if (news.type === 'remembered') other().learn(news);
    return Promise.resolve();
  };
  const one: Memory = new Memory({ clock, decide, share: tell(() => other) });
  const other: Memory = new Memory({ clock, decide, share: tell(() => one) });
  return { clock, one, other };
}

test('a credential is good once in all processes, also in one moment, until its time is over', async () => {
  const { clock, one, other } = openTwo();
  const shown = [one, one, other, other].map((memory) => memory.isFirst('nonce', 1_000));
  expect(await Promise.all(shown)).toEqual([true, false, false, false]);
  expect(await other.isFirst('another', 1_000)).toBe(true);
  clock.advanceBy(1_000);
  expect(await other.isFirst('nonce', 1_000)).toBe(true);
});

test('an announced call is remembered by every process for as long as its token is good', async () => {
  const { clock, one, other } = openTwo();
  await one.remember('key', { token: 'token', from: '+15550100' });
  expect([one.recall('key'), other.recall('key')]).toEqual([
    { token: 'token', from: '+15550100' },
    { token: 'token', from: '+15550100' },
  ]);
  expect(other.recall('another')).toBeUndefined();
  clock.advanceBy(MOST_RESERVED_MS);
  expect([one.recall('key'), other.recall('key')]).toEqual([undefined, undefined]);
});

test('it stays small: what is over is let go of, and so is the oldest when too much comes at once', async () => {
  const { one } = openTwo();
  for (let index = 0; index < 100_000; index++) void one.isFirst(`nonce-${index}`, 60_000);
  const asked = [one.isFirst('nonce-100000', 60_000), one.isFirst('nonce-100000', 60_000)];
  expect(await Promise.all([...asked, one.isFirst('nonce-0', 60_000)])).toEqual([true, false, true]);
});
