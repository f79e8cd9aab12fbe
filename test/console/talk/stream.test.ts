import { expect, test } from 'vitest';
import { Call } from '../../../src/call/call.ts';
import { TalkFeed } from '../../../src/console/talk/feed.ts';
import { streamOf } from '../../../src/console/talk/stream.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { scriptedCall, textMedium } from '../../helpers/scripted.ts';

const AGENT = { name: 'desk', file: 'agent.ts', version: 1, faults: [] };
const TOLD = 12_000;

/** Of a call that has been told of so many times. */
async function feedOfLongCall(): Promise<TalkFeed> {
  const feed = new TalkFeed(AGENT, () => '');
  const { agent, model } = await scriptedCall(() => 'words');
  const call = new Call({ agent, model, medium: textMedium(), callId: 'C1', clock: systemClock });
  feed.follow(call, undefined);
  for (let i = 0; i < TOLD; i++) {
    call.emit('event', { type: 'transcript', callId: 'C1', atMs: i, text: `word ${i}`, isFinal: false });
  }
  return feed;
}

/** What a page is told until it is let go of, or nothing waits for it any more. */
async function numbersOf(feed: TalkFeed, after: number): Promise<number[]> {
  const reader = streamOf(feed, after).getReader();
  const decoder = new TextDecoder();
  const numbers: number[] = [];
  for (;;) {
    const { done, value } = (await Promise.race([reader.read(), nothingWaits()])) ?? { done: true };
    if (done) return numbers;
    const [, number] = /^id: (\d+)$/m.exec(decoder.decode(value)) ?? [];
    if (number !== undefined) numbers.push(Number(number));
  }
}

const nothingWaits = (): Promise<undefined> => new Promise((resolve) => setImmediate(() => resolve(undefined)));

test('a page that has missed more than can wait for it is told all of it, in order, as it comes back for the rest', async () => {
  const feed = await feedOfLongCall();
  const told: number[] = [];
  for (let visits = 0; visits < 3; visits++) told.push(...(await numbersOf(feed, told.at(-1) ?? 0)));
  expect(told).toEqual(Array.from({ length: TOLD + 1 }, (_, index) => index + 1));
});
