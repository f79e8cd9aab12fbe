import { expect, test } from 'vitest';
import { callIdMaker, checkCallId, LONGEST_ID } from '../../src/lib/call-id.ts';
import { VirtualClock, wallMsOf } from '../../src/lib/clock.ts';

const UUID7 = /^call-[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test('ids are UUIDs of version 7, and sort in the order in which they were made, also within a millisecond', () => {
  const clock = new VirtualClock();
  const next = callIdMaker({ wallMs: () => clock.wallMs() });
  const made = Array.from({ length: 20_000 }, (_, index) => {
    if (index % 9_000 === 0) clock.advanceBy(1); // more than the count within a millisecond can take
    return next();
  });
  expect(made.filter((id) => !UUID7.test(id))).toEqual([]);
  expect(made.toSorted()).toEqual(made);
  expect(new Set(made).size).toBe(made.length);
});

test('two workers never make the same id, though their clocks stand at the same instant', () => {
  const [one, other] = [callIdMaker({ wallMs: () => 1_000 }), callIdMaker({ wallMs: () => 1_000 })];
  const made = Array.from({ length: 1_000 }, () => [one(), other()]).flat();
  expect(new Set(made).size).toBe(made.length);
});

test('a clock that is set back makes no id that sorts before an older one', () => {
  let wallMs = 1_764_000_000_000;
  const next = callIdMaker({ wallMs: () => wallMs });
  const before = next();
  wallMs -= 3_600_000;
  expect(next() > before).toBe(true);
});

test('with the clock and the randomness of a test an id is always the same', () => {
  const next = callIdMaker({ wallMs: () => 0x0193_1234_5678, random: (bytes) => new Uint8Array(bytes).fill(0xff) });
  expect(next()).toBe('call-01931234-5678-7000-bfff-ffffffffffff');
  expect(next()).toBe('call-01931234-5678-7001-bfff-ffffffffffff');
});

test('a clock without wall time makes ids by the time of the system', () => {
  expect(wallMsOf(new VirtualClock())).toBe(0);
  expect(wallMsOf({ nowMs: () => 0, after: () => () => {} })).toBeGreaterThan(1_700_000_000_000);
});

test('an id of a program has 1 to 128 characters', () => {
  expect(checkCallId('a'.repeat(LONGEST_ID))).toHaveLength(128);
  for (const id of ['', 'a'.repeat(LONGEST_ID + 1)]) {
    expect(() => checkCallId(id)).toThrow(`Expected \`callId\` to be 1 to 128 characters, got ${id.length}`);
  }
});
