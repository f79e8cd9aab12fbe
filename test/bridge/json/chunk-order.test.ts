import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ChunkOrder } from '../../../src/bridge/json/chunk-order.ts';

const audio = (chunk: number) => Uint8Array.of(chunk & 0xff, chunk >> 8);
const numberOf = ([low = 0, high = 0]: Uint8Array) => low | (high << 8);
const told = (chunks: readonly (number | undefined)[]) => {
  const order = new ChunkOrder();
  const ready = chunks.flatMap((chunk) => [...order.push(chunk, audio(chunk ?? 0))]);
  return { ready: ready.map(numberOf), left: order.flush().map(numberOf) };
};

test('in order they are told as they come, from whatever number on', () => {
  expect(told([7, 8, 9])).toEqual({ ready: [7, 8, 9], left: [] });
});

test('what comes early waits for what is missing', () => {
  expect(told([1, 3, 4, 2, 5])).toEqual({ ready: [1, 2, 3, 4, 5], left: [] });
});

test('what is missing is given up when four wait for it (60 ms), and thrown away when it comes after all, or twice', () => {
  expect(told([1, 3, 4, 5])).toEqual({ ready: [1], left: [3, 4, 5] });
  expect(told([1, 3, 4, 5, 6, 2, 6, 7])).toEqual({ ready: [1, 3, 4, 5, 6, 7], left: [] });
});

test('one without a number is told at once', () => {
  expect(told([1, undefined, 2])).toEqual({ ready: [1, 0, 2], left: [] });
});

test('however they are mixed within three of their place, none is lost, doubled or out of order', () => {
  const delays = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(delays, (late) => {
      const mixed = late.map((delay, at) => ({ chunk: at + 1, place: at + delay + at / 1_000 }));
      mixed.sort((one, other) => one.place - other.place);
      const { ready, left } = told([0, ...mixed.map(({ chunk }) => chunk)]);
      expect([...ready, ...left]).toEqual([0, ...late.map((_, at) => at + 1)]);
    }),
  );
});
