/** Parley's own reader against everything that the simulator can send: two readings of one page, checked on each other. */
import { expect, test } from 'vitest';
import { StreamReader, type StreamEvent } from '../../../src/model/electron/stream.ts';
import { ShapeTraits, type ShapeInput } from '../../../src/simulate/electron/shape.ts';
import { raw, simulator, askStream } from '../helpers/electron.ts';

const REPLY = {
  say: 'Let me look into both, नमस्ते.',
  call: [
    { name: 'weather', arguments: { city: 'Pune', note: 'a "quoted" \\ line\n' } },
    { name: 'current_time', arguments: {} },
  ],
};
/** Only the last is a matter of taste: without an end there is no telling a whole answer from a cut one. */
const UNENDED = { finish: 'never', done: false };

const VARIANTS = Object.entries(ShapeTraits.shape).flatMap(([trait, schema]) => {
  const values: unknown[] = 'options' in schema ? schema.options : schema.def.type === 'boolean' ? [true, false] : [7];
  return values.map((value) => ({ [trait]: value }));
});
const SHAPES: ShapeInput[] = [
  'full',
  'minimal',
  { base: 'minimal', calls: 'interleaved', lineEnd: 'crlf', finish: 'last-chunk' },
  ...VARIANTS,
];

function readBytes(bytes: Uint8Array, cutAt?: number): StreamEvent[] {
  const events: StreamEvent[] = [];
  const reader = new StreamReader((event) => events.push(event));
  reader.feed(bytes.subarray(0, cutAt));
  if (cutAt !== undefined) reader.feed(bytes.subarray(cutAt));
  reader.end();
  return events;
}

test.each(SHAPES.map((shape) => [JSON.stringify(shape), shape] as const))('%s is read whole', async (_, shape) => {
  const sim = await simulator({ shape, replies: [REPLY] });
  const events = readBytes((await raw(sim, askStream('Hi')).answer).bytes);
  expect(events.flatMap((event) => (event.type === 'text-delta' ? event.delta : [])).join('')).toBe(REPLY.say);
  const calls = events.flatMap((event) => (event.type === 'tool-call' ? event.call : []));
  const read = Object.fromEntries(calls.map(({ name, arguments: given }) => [name, JSON.parse(given) as unknown]));
  expect(read).toEqual(Object.fromEntries(REPLY.call.map(({ name, arguments: given }) => [name, given])));
  expect(new Set(calls.map(({ id }) => id)).size).toBe(2);
  expect(events.at(-1)).toMatchObject({
    type: 'end',
    end: { isTruncated: false, failure: undefined, skippedChunks: 0 },
  });
});

test('an answer without any end is taken for cut', async () => {
  const sim = await simulator({ shape: UNENDED as ShapeInput, replies: [REPLY] });
  expect(readBytes((await raw(sim, askStream('Hi')).answer).bytes).at(-1)).toMatchObject({
    end: { isTruncated: true },
  });
});

test('cut at any byte, the two halves are read as the whole', async () => {
  const sim = await simulator({ shape: 'minimal', replies: [REPLY] });
  const { bytes } = await raw(sim, askStream('Hi')).answer;
  const whole = readBytes(bytes);
  for (let at = 1; at < bytes.length; at++) expect(readBytes(bytes, at)).toEqual(whole);
});

test('without a stream the same answer is one body', async () => {
  const sim = await simulator({ replies: [REPLY] });
  const events = readBytes((await raw(sim, askStream('Hi', { stream: false })).answer).bytes);
  expect(events.filter(({ type }) => type === 'tool-call')).toHaveLength(2);
  expect(events.at(-1)).toMatchObject({ end: { finishReason: 'tool_calls', isTruncated: false } });
});
