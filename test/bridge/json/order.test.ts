import { expect, test } from 'vitest';
import { EventOrder } from '../../../src/bridge/json/order.ts';
import { Dice } from '../../helpers/dice.ts';

const audio = (chunk: number | undefined, sequence?: number) =>
  ({ type: 'audio', audio: Buffer.from([(chunk ?? 0) % 256]), chunk, sequence }) as const;
const key = (digit: string, sequence?: number) => ({ type: 'digit', digit, sequence }) as const;

function told(order: EventOrder, events: (ReturnType<typeof audio> | ReturnType<typeof key>)[]): string {
  const all = events.flatMap((event) => order.push(event));
  return all.map((event) => (event.type === 'digit' ? event.digit : `a${event.chunk}`)).join(' ');
}

test('what comes in order is told as it comes, the very same event and nothing held', () => {
  const order = new EventOrder();
  for (let chunk = 7; chunk < 100; chunk++) {
    const event = audio(chunk);
    expect(order.push(event)).toEqual([event]);
  }
  expect(order.flush()).toEqual([]);
});

test('a chunk that comes early waits for the one before it; what was told comes no second time', () => {
  const order = new EventOrder();
  expect(told(order, [audio(1), audio(3), audio(2), audio(2), audio(3), audio(4)])).toBe('a1 a2 a3 a4');
});

test('what is missing is waited for three frames, and is nothing when it comes after that', () => {
  const order = new EventOrder();
  expect(told(order, [audio(1), audio(3), audio(4), audio(5)])).toBe('a1');
  expect(told(order, [audio(6), audio(2), audio(7)])).toBe('a3 a4 a5 a6 a7');
});

test('a carrier that counts from the beginning again is heard', () => {
  const order = new EventOrder();
  expect(told(order, [audio(500), audio(1), audio(2)])).toBe('a500 a1 a2');
});

test('frames without a number are told as they come', () => {
  expect(told(new EventOrder(), [audio(undefined), audio(undefined)])).toBe('aundefined aundefined');
});

test('a key that comes before one that was pressed earlier waits for it', () => {
  const order = new EventOrder();
  expect(told(order, [audio(1, 2), key('2', 4), key('1', 3), audio(2, 5)])).toBe('a1 1 2 a2');
});

test('a key waits for what is missing no longer than three frames, and never for ever', () => {
  const order = new EventOrder();
  expect(told(order, [audio(1, 2), key('2', 4), audio(2, 5), audio(3, 6)])).toBe('a1 a2 a3');
  expect(told(order, [audio(4, 7), key('1', 3)])).toBe('a4 2 1');
  const over = new EventOrder();
  told(over, [audio(1, 2), key('9', 8)]);
  expect(over.flush()).toEqual([key('9', 8)]);
});

test('keys without a number are told as they come', () => {
  expect(told(new EventOrder(), [key('2'), key('1')])).toBe('2 1');
});

test('shuffled within three frames, everything is told in order', () => {
  const dice = new Dice(7);
  for (let round = 0; round < 50; round++) {
    const order = new EventOrder();
    const events = Array.from({ length: 60 }, (_, index) => audio(index + 1, index + 1));
    const shuffled = events
      .map((event, index) => ({ event, at: index + (index === 0 ? 0 : dice.next() * 2.9) }))
      .sort((one, other) => one.at - other.at)
      .map(({ event }) => event);
    const all = [...shuffled.flatMap((event) => order.push(event)), ...order.flush()];
    expect(all).toEqual(events);
  }
});
