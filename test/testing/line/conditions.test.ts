/** A bad line: noise at the loudness that was asked for, frames lost in the share that was, and the same each time. */
import { expect, test } from 'vitest';
import { startTestCall, type TestCallOptions } from '../../../src/testing/test-call.ts';
import { RoughLine, type LineConditions } from '../../../src/testing/line/conditions.ts';
import { FRAME_SAMPLES } from '../../../src/testing/line/caller-track.ts';

const VOICE_RMS = 0.17 * 32_767;
const rmsOf = (samples: readonly number[]): number =>
  Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);

function framesOf(conditions: LineConditions, count: number, seed = 1): (Int16Array | undefined)[] {
  const line = new RoughLine(conditions, seed);
  return Array.from({ length: count }, () => line.pass(undefined));
}

test.each(['white', 'street'] as const)('%s noise is as far below the voice as it was asked to be', (kind) => {
  for (const snrDb of [5, 15, 30]) {
    const samples = framesOf({ noise: { snrDb, kind } }, 900).flatMap((frame) => [...frame!]); // whole swells
    const db = 20 * Math.log10(VOICE_RMS / rmsOf(samples));
    expect(Math.abs(db - snrDb)).toBeLessThan(kind === 'white' ? 0.5 : 3); // the swells' loud half weighs more
  }
});

test('frames are lost in the share that was asked for, in stretches of that length', () => {
  const spoken = new Int16Array(FRAME_SAMPLES).fill(1_000);
  for (const [share, burstMs] of [
    [0.02, 20],
    [0.1, 60],
    [0.5, 200],
  ] as const) {
    const line = new RoughLine({ loss: { share, burstMs } }, 3);
    const lost = Array.from({ length: 60_000 }, () => line.pass(spoken) === undefined);
    const count = lost.filter(Boolean).length;
    const bursts = lost.filter((isLost, at) => isLost && !lost[at - 1]).length;
    expect(count / lost.length).toBeCloseTo(share, 1.5);
    if (burstMs > 20) expect((count / bursts) * 20).toBeGreaterThan(0.9 * burstMs);
  }
  expect(framesOf({ loss: { share: 1 }, noise: { snrDb: 20 } }, 50)).toEqual(Array(50).fill(undefined));
});

test('frames come late, and none before the one in front of it', () => {
  const line = new RoughLine({ jitterMs: 80 }, 5);
  const arrivals = Array.from({ length: 500 }, (_, at) => line.arrivalMs(at * 20));
  expect(arrivals.every((atMs, at) => at === 0 || atMs >= arrivals[at - 1]!)).toBe(true);
  const lateMs = arrivals.map((atMs, at) => atMs - at * 20);
  expect(Math.max(...lateMs)).toBeGreaterThan(60);
  expect(Math.max(...lateMs)).toBeLessThanOrEqual(80);
});

test('the same seed gives the same line, and another seed another one', () => {
  const rough: LineConditions = { noise: { snrDb: 10, kind: 'street' }, loss: { share: 0.2 } };
  expect(framesOf(rough, 100)).toEqual(framesOf(rough, 100));
  expect(framesOf(rough, 100, 2)).not.toEqual(framesOf(rough, 100));
});

test.each([
  [{ noise: { snrDb: NaN } }, /`conditions\.noise\.snrDb` to be a number of dB, -20 to 60, got NaN/],
  [{ loss: { share: 1.5 } }, /`conditions\.loss\.share` to be 0 to 1, got 1\.5/],
  [{ loss: { share: 0.1, burstMs: 5 } }, /`conditions\.loss\.burstMs` to be 20 or more, got 5/],
  [{ jitterMs: -1 }, /`conditions\.jitterMs` to be 0 to 2000, got -1/],
])('a line that cannot be is refused: %j', (conditions: LineConditions, message) => {
  expect(() => new RoughLine(conditions, 1)).toThrow(message);
});

// ---- calls over such lines ------------------------------------------------------------------------------------------

const clinic = (options: TestCallOptions) =>
  startTestCall(
    { name: 'clinic', instructions: 'Be brief.', greeting: 'Hello, this is the clinic.' },
    { model: { replies: [{ when: 'open', say: 'We are open from nine to six.' }, { say: 'Of course.' }] }, ...options },
  );

async function holds(options: TestCallOptions) {
  await using call = await clinic(options);
  const turn = await call.say('Are you open today?');
  await call.wait(1_000);
  return {
    said: turn.said,
    heard: turn.heard,
    latencyMs: turn.latencyMs,
    turns: call.turns.length,
    result: await call.hangUp(),
  };
}

test.each<[string, LineConditions]>([
  ['a quiet room', { noise: { snrDb: 30 } }],
  ['an office', { noise: { snrDb: 20 } }],
  ['a street', { noise: { snrDb: 15, kind: 'street' } }],
  ['jitter', { jitterMs: 60 }],
])('the caller is understood and answered in %s, and again to the sample', async (_, conditions) => {
  const [first, again] = [await holds({ conditions }), await holds({ conditions })];
  expect(first).toMatchObject({ said: 'Are you open today?', heard: 'We are open from nine to six.', turns: 2 });
  expect(first.latencyMs).toBeLessThan(2_000);
  expect(again.result.events).toEqual(first.result.events);
  expect(again.result.sound).toEqual(first.result.sound);
});

test('a street that swells makes nobody fall silent, for as long as an agent may speak', async () => {
  const story =
    'We have moved to the other side of the river, behind the old mill, and this is how you get there. '.repeat(10);
  const model = { replies: [{ say: story }] };
  await using call = await clinic({ conditions: { noise: { snrDb: 15, kind: 'street' } }, model });
  const turn = await call.say('Where are you?');
  expect(turn).toMatchObject({ outcome: 'replied', heard: story.trim() });
  expect(call.events.filter(({ type }) => type === 'reply-audio-paused')).toEqual([]);
});

test('a line on which nothing gets through for a while: what was said comes late, and the call goes on', async () => {
  await using call = await clinic({ faults: { line: [{ type: 'stall', afterMs: 4_000, forMs: 1_500 }] } });
  await call.wait(4_100 - call.atMs);
  const turn = await call.say('Are you open today?');
  expect(turn).toMatchObject({ said: 'Are you open today?', heard: 'We are open from nine to six.' });
});

test('a line that is lost ends the call, with why', async () => {
  await using call = await clinic({ faults: { line: [{ type: 'close', afterMs: 4_000 }] } });
  const { reason, atMs } = await call.until('call-end');
  expect({ reason, atMs: Math.round(atMs / 100) }).toEqual({ reason: 'socket-lost', atMs: 40 });
});

test.each<TestCallOptions>([
  { conditions: { jitterMs: 20 } },
  { faults: { hearing: [{ type: 'close', afterMs: 1_000 }] } },
  { faults: { line: [{ type: 'close', afterMs: 1_000 }] } },
])('what needs sound is refused in a chat: %j', async (options) => {
  await expect(clinic({ ...options, line: 'text' })).rejects.toThrow(
    /^Expected no `(conditions|faults\.\w+)` with `line: 'text'`/,
  );
});
