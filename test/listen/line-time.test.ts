import { describe, expect, test } from 'vitest';
import { LineTime } from '../../src/listen/line-time.ts';

/** Frames of 20 ms by a script: `[gapMs, frames, everyMs]`, and what the line's time is at the end of each part. */
function run(parts: [gapMs: number, frames: number, everyMs: number, isVoice?: boolean][], startMs = 1_000) {
  const line = new LineTime();
  let [nowMs, heardMs] = [startMs, 0];
  const seen: { beforeMs: number; afterMs: number }[] = [];
  for (const [gapMs, frames, everyMs, isVoice = false] of parts) {
    nowMs += gapMs;
    const beforeMs = line.at(nowMs);
    for (let i = 0; i < frames; i++) {
      line.heard((heardMs += 20), nowMs, isVoice);
      nowMs += everyMs;
    }
    seen.push({ beforeMs, afterMs: line.at(nowMs) });
  }
  return { line, nowMs, heardMs, seen };
}

test('audio that comes in time: the clock is right', () => {
  const { seen, nowMs } = run([[0, 500, 20]]);
  expect(seen[0]!.afterMs).toBe(nowMs);
});

test('before any audio, and on a line that never sends any, the clock is right', () => {
  expect(new LineTime().at(5_000)).toBe(5_000);
});

test('a stall of 2.5 s stands still, and the burst catches up', () => {
  const { seen, nowMs } = run([
    [0, 100, 20, true],
    [2_500, 125, 0, true],
    [20, 50, 20],
  ]);
  expect(seen[1]!.beforeMs - seen[0]!.afterMs).toBeLessThan(120);
  expect(seen[2]!.afterMs).toBe(nowMs);
});

test.each([
  ['in a voice', true, 4_000],
  ['in a silence', false, 3_000],
])('a line that says nothing any more is silent in the end: %s', (_, isVoice, mostMs) => {
  const { line, nowMs } = run([[0, 100, 20, isVoice]]);
  expect(line.at(nowMs + 20_000)).toBe(nowMs + 20_000 - mostMs);
});

test('never goes back, whatever comes', () => {
  let state = 7;
  const random = () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
  const line = new LineTime();
  let [nowMs, heardMs, last] = [0, 0, -Infinity];
  for (let i = 0; i < 20_000; i++) {
    nowMs += random() < 0.02 ? random() * 6_000 : random() < 0.5 ? 0 : random() * 40;
    if (random() < 0.8) line.heard((heardMs += random() < 0.01 ? random() * 4_000 : 20), nowMs, random() < 0.5);
    const lineMs = line.at(nowMs);
    expect(lineMs).toBeGreaterThanOrEqual(last);
    expect(lineMs).toBeLessThanOrEqual(nowMs);
    last = lineMs;
  }
});

describe('a peer that sends nothing while the caller is silent', () => {
  const gaps = (voice: boolean) =>
    run([
      [0, 50, 20, voice],
      [2_900, 50, 20],
      [2_000, 50, 20],
      [5_000, 1, 20],
    ]);

  test('is known after its first gap: from then on its gaps are silences at once', () => {
    const { seen } = gaps(false);
    expect(seen[1]!.beforeMs - seen[0]!.afterMs).toBeLessThan(200);
    expect(seen[2]!.beforeMs - seen[1]!.afterMs).toBeGreaterThan(1_900);
    expect(seen[3]!.beforeMs - seen[2]!.afterMs).toBeGreaterThan(4_900);
  });

  test('what never came does not count as silence when it comes back, and the line goes on from there', () => {
    const { seen } = gaps(true);
    expect(seen[1]!.afterMs - seen[1]!.beforeMs).toBeLessThan(1_200);
  });

  test('a burst tells that it was none', () => {
    const { seen } = run([
      [0, 50, 20],
      [1_000, 50, 20],
      [1_000, 50, 0],
      [20, 50, 20],
      [2_000, 1, 20],
    ]);
    expect(seen[4]!.beforeMs - seen[3]!.afterMs).toBeLessThan(200);
  });
});

test('pieces of 200 ms are no stalls, and a clock that drifts is followed', () => {
  const line = new LineTime();
  for (let i = 1; i <= 3_000; i++) {
    const nowMs = i * 200 * 1.0005;
    line.heard(i * 200, nowMs, false);
    expect(line.at(nowMs + 199)).toBe(nowMs + 199);
  }
});

test('an hour of audio at once is far ahead, and says so', () => {
  const line = new LineTime();
  line.heard(3_600_000, 1_000, false);
  expect(line.aheadMs(1_000)).toBeGreaterThan(3_590_000);
});
