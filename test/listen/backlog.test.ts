import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Backlog, KEEP_MS, LEAST_PIECE_MS, MOST_PIECE_MS } from '../../src/listen/backlog.ts';

const MULAW = { encoding: 'mulaw', sampleRateHz: 8_000 } as const;
const count = (from: number, length: number) => Uint8Array.from({ length }, (_, i) => (from + i) % 251);
const take = (backlog: Backlog, isFlush = false) => {
  const pieces: number[][] = [];
  backlog.take((piece) => pieces.push([...piece]), isFlush);
  return pieces;
};

test('frames wait until they make a piece; a flush sends what there is', () => {
  const backlog = new Backlog(MULAW);
  for (let i = 0; i < 3; i++) {
    backlog.push(count(i * 160, 160));
    expect(take(backlog)).toEqual([]);
  }
  backlog.push(count(480, 160));
  expect(take(backlog)).toEqual([[...count(0, 640)]]);
  backlog.push(count(640, 8));
  expect(take(backlog)).toEqual([]);
  expect(take(backlog, true)).toEqual([[...count(640, 8)]]);
  expect(backlog).toMatchObject({ endMs: 81, sentMs: 81, coveredMs: 0, lostBytes: 0 });
});

test('after a rewind everything that is not covered is sent again, as much as is kept', () => {
  const backlog = new Backlog(MULAW);
  backlog.push(count(0, 8_000));
  take(backlog, true);
  backlog.coverTo(400);
  backlog.coverTo(100);
  expect(backlog.rewind()).toBe(400);
  expect(take(backlog, true).flat()).toEqual([...count(3_200, 4_800)]);
  backlog.push(count(8_000, 80_000));
  expect(backlog.rewind()).toBe(11_000 - KEEP_MS);
});

test('what could not be sent before it was too old is counted', () => {
  const backlog = new Backlog(MULAW);
  backlog.push(count(0, 100_000));
  expect(backlog.lostBytes).toBe(60_000);
  expect(take(backlog, true).flat()).toEqual([...count(60_000, 40_000)]);
});

test('a sample of two bytes is never torn', () => {
  const backlog = new Backlog({ encoding: 'linear16', sampleRateHz: 8_000 });
  backlog.push(count(0, 1_601));
  expect(take(backlog).map((piece) => piece.length)).toEqual([1_600]);
  backlog.push(count(1_601, 1));
  expect(take(backlog, true)).toEqual([[...count(1_600, 2)]]);
});

test('however it is pushed, taken, covered and rewound, each connection is sent a row without a hole', () => {
  const step = fc.oneof(
    fc.record({ push: fc.nat(3_000) }),
    fc.record({ take: fc.boolean() }),
    fc.record({ cover: fc.nat(8_000) }),
    fc.constant({ rewind: true }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const backlog = new Backlog(MULAW);
      let pushed = 0;
      let next = 0;
      for (const one of steps) {
        if ('push' in one) {
          backlog.push(count(pushed, one.push));
          pushed += one.push;
          next = Math.max(next, pushed - KEEP_MS * 8);
        } else if ('cover' in one) backlog.coverTo(one.cover);
        else if ('rewind' in one) next = backlog.rewind() * 8;
        else {
          for (const piece of take(backlog, one.take)) {
            expect(piece).toEqual([...count(next, piece.length)]);
            expect(piece.length).toBeLessThanOrEqual(MOST_PIECE_MS * 8);
            if (!one.take) expect(piece.length).toBeGreaterThanOrEqual(LEAST_PIECE_MS * 8);
            next += piece.length;
          }
        }
        expect(backlog.coveredMs).toBeLessThanOrEqual(backlog.sentMs);
        expect(backlog.sentMs).toBeLessThanOrEqual(backlog.endMs);
      }
    }),
    { numRuns: 300 },
  );
});
