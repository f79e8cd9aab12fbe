/** Reads a body that is given in pieces and says what a caller of the reader would have seen. */
import { expect } from 'vitest';
import {
  StreamReader,
  type StreamEnd,
  type StreamEvent,
  type StreamOptions,
} from '../../../../src/model/electron/stream.ts';

export function read(pieces: readonly Uint8Array[], options: StreamOptions = {}, ending: 'end' | 'cut' = 'end') {
  const events: StreamEvent[] = [];
  const reader = new StreamReader((event) => events.push(event), options);
  for (const piece of pieces) reader.feed(piece);
  if (ending === 'end') reader.end();
  else reader.cut();
  return events;
}

/** What was seen, free of how the text was cut and of ids that were made up. */
export function summarise(events: readonly StreamEvent[]) {
  const text: string[] = [];
  const calls: { name: string; arguments: unknown }[] = [];
  const failed: { name: string; message: string }[] = [];
  const ids: string[] = [];
  let end: StreamEnd | undefined;
  for (const event of events) {
    if (end) throw new Error(`Expected nothing after the end, got ${event.type}`);
    if (event.type === 'text-delta') text.push(event.delta);
    else if (event.type === 'tool-call') {
      const { name, arguments: json } = event.call;
      calls.push({ name, arguments: JSON.parse(json) as unknown });
      ids.push(event.call.id);
    } else if (event.type === 'tool-call-failed') {
      failed.push({ name: event.call.name, message: event.message });
      ids.push(event.call.id);
    } else if (event.type === 'end') end = event.end;
  }
  if (!end) throw new Error('Expected an end, got none');
  const order = events
    .map((event) => event.type)
    .filter((type, i, types) => !(type === 'text-delta' && types[i - 1] === 'text-delta'));
  const seen = new Set(ids);
  const namedIds = ids.map((id, i) => (/^call_[0-9a-f]{32}$/.test(id) ? `made up ${i}` : id));
  return { text: text.join(''), calls, failed, ids: seen.size === ids.length ? namedIds : ids, end, order };
}

type Summary = ReturnType<typeof summarise>;

/** As `expect(actual).toEqual(expected)`, which is too slow for every offset of a file. */
export function expectSame(actual: Summary, expected: Summary, how: string): void {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) expect(actual, how).toEqual(expected);
}

/** `bytes` in pieces of 1 to 40 bytes, the same for the same seed. */
export function cutAtRandom(bytes: Uint8Array, seed: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let state = seed * 2_654_435_761;
  for (let at = 0; at < bytes.length;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const length = 1 + (state % 40);
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return pieces;
}
