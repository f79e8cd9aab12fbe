/** What was heard by when, from what was sent and which marks came back. At 8 samples a millisecond. */
import { expect, test } from 'vitest';
import { Playout } from '../../src/speak/playout.ts';

const PER_MS = 8;
const samples = (ms: number) => ms * PER_MS;

function setUp({ lineDelayMs = 20, sampleRateHz = 8_000 } = {}): Playout {
  return new Playout({ sampleRateHz, lineDelayMs });
}

test('without marks: what was sent is heard in real time, the line delay later, and no further than it goes', () => {
  const playout = setUp();
  playout.sent(1, 0, samples(300), 1_000);
  expect(playout.endMs).toBe(1_300);
  expect(playout.heard(1, 1_010)).toBe(0);
  expect(playout.heard(1, 1_020)).toBe(0);
  expect(playout.heard(1, 1_120)).toBe(samples(100));
  expect(playout.heard(1, 5_000)).toBe(samples(300));
  expect(playout.heard(2, 5_000)).toBe(0);
});

test('the rate says how long samples sound', () => {
  const playout = setUp({ sampleRateHz: 24_000 });
  playout.sent(1, 0, 24_000, 0);
  expect(playout.endMs).toBe(1_000);
  expect(playout.heard(1, 520)).toBe(12_000);
});

test('pieces that are sent ahead lie behind each other; a line that ran dry begins anew', () => {
  const playout = setUp({ lineDelayMs: 0 });
  playout.sent(1, 0, samples(100), 0);
  playout.sent(1, samples(100), samples(100), 50);
  expect(playout.endMs).toBe(200);
  expect(playout.heard(1, 150)).toBe(samples(150));
  playout.sent(1, samples(200), samples(100), 500);
  expect(playout.heard(1, 400)).toBe(samples(200)); // nothing more was there to hear
  expect(playout.heard(1, 540)).toBe(samples(240));
});

test('tracks follow each other, and silence that was sent takes its time', () => {
  const playout = setUp({ lineDelayMs: 0 });
  playout.sent(1, 0, samples(100), 0);
  playout.sentSilence(samples(40), 0);
  playout.sent(2, 0, samples(100), 0);
  expect(playout.heard(2, 139)).toBe(0);
  expect(playout.heard(2, 190)).toBe(samples(50));
});

test('a mark that comes back proves what was heard, also when the time does not', () => {
  const playout = setUp({ lineDelayMs: 500 });
  playout.sent(1, 0, samples(200), 0);
  const name = playout.mark(1, samples(200));
  expect(playout.isAwaited(1)).toBe(true);
  expect(playout.heard(1, 205)).toBe(0);
  expect(playout.echo(name, 205)).toBe(true);
  expect(playout.heard(1, 205)).toBe(samples(200));
  expect(playout.isAwaited(1)).toBe(false);
});

test('a mark proves those before it; one of others, or of before a cut, proves nothing', () => {
  const playout = setUp();
  playout.sent(1, 0, samples(100), 0);
  const first = playout.mark(1, samples(100));
  playout.sent(2, 0, samples(100), 0);
  const second = playout.mark(2, samples(100));
  expect(playout.echo('somebody else', 200)).toBe(false);
  expect(playout.echo(second, 200)).toBe(true);
  expect(playout.isAwaited(1)).toBe(false);
  expect(playout.heard(1, 200)).toBe(samples(100));
  playout.cut(200);
  expect(playout.echo(first, 210)).toBe(false);
});

test('a peer that is behind is believed to be: a late mark holds what is told back', () => {
  const playout = setUp({ lineDelayMs: 0 });
  playout.sent(1, 0, samples(100), 0);
  const first = playout.mark(1, samples(100));
  playout.echo(first, 120); // the way takes 20 ms
  playout.sent(1, samples(100), samples(500), 120);
  const second = playout.mark(1, samples(600)); // due at 620
  playout.sent(1, samples(600), samples(2_000), 120);
  expect(playout.heard(1, 630)).toBe(samples(600)); // half of the echo is the way
  expect(playout.heard(1, 720)).toBe(samples(690)); // it may jitter by 80 ms
  expect(playout.heard(1, 1_020)).toBe(samples(690)); // overdue: nothing more is believed
  playout.echo(second, 1_020);
  expect(playout.heard(1, 1_120)).toBe(samples(790)); // it goes on as far behind
});

test('a peer that never returns marks is not waited for', () => {
  const playout = setUp();
  for (let round = 0; round < 2; round++) {
    playout.sent(1, samples(100) * round, samples(100), round * 3_000);
    playout.mark(1, samples(100) * (round + 1));
    expect(playout.isAwaited(1)).toBe(true);
    playout.dropLostMarks(round * 3_000 + 1_000);
    expect(playout.isAwaited(1)).toBe(true); // it may still come
    playout.dropLostMarks(round * 3_000 + 1_200);
    expect(playout.isAwaited(1)).toBe(false);
  }
  playout.sent(1, samples(200), samples(100), 9_000);
  playout.mark(1, samples(300));
  expect(playout.isAwaited(1)).toBe(false); // lost twice: whatever it promised
  expect(playout.heard(1, 9_070)).toBe(samples(250));
});

test('a cut: what sounds until a clear arrives is told without the way, and what comes next sounds at once', () => {
  const playout = setUp({ lineDelayMs: 20 });
  playout.sent(1, 0, samples(300), 0);
  expect(playout.cutPosition(1, 150)).toBe(samples(150)); // the way delays audio and clear alike
  expect(playout.heard(1, 150)).toBe(samples(130));
  playout.cut(150);
  expect(playout.endMs).toBe(-Infinity);
  playout.sent(1, samples(150), samples(100), 400);
  expect(playout.endMs).toBe(500);
  expect(playout.heard(1, 410)).toBe(samples(150));
  expect(playout.heard(1, 460)).toBe(samples(190));
});

test('a track that is forgotten is awaited no more', () => {
  const playout = setUp();
  playout.sent(1, 0, samples(100), 0);
  playout.mark(1, samples(100));
  playout.forget(1);
  expect(playout.isAwaited(1)).toBe(false);
  expect(playout.heard(1, 1_000)).toBe(0);
});
