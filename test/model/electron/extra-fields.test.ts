/** Fields of an answer that the protocol does not know, however their pieces come. */
import { readFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ExtraFields } from '../../../src/model/contract.ts';
import { ExtraFieldsReader, LONGEST_EXTRA } from '../../../src/model/electron/extra-fields.ts';
import type { StreamEvent } from '../../../src/model/electron/stream.ts';
import { read } from '../helpers/electron/read-stream.ts';

const SIGNED = { extra_content: { google: { thought_signature: 'c2ln…' } } };
const delta = (value: object, finish: string | null = null) =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: value, finish_reason: finish }] })}\n\n`;
const DONE = `${delta({}, 'tool_calls')}data: [DONE]\n\n`;
const call = (entry: object) => delta({ tool_calls: [{ index: 0, ...entry }] });
const named = (args: string, extra: object = {}) =>
  call({ id: 'c1', type: 'function', function: { name: 'look', arguments: args }, ...extra });
const more = (args: string, extra: object = {}) => call({ function: { arguments: args }, ...extra });

/** What would stand in the history: the last word on the message and on each call. */
function keptOf(events: readonly StreamEvent[]): { message?: ExtraFields; calls: Record<string, unknown> } {
  const kept: { message?: ExtraFields; calls: Record<string, unknown> } = { calls: {} };
  for (const event of events) {
    if (event.type === 'tool-call' && event.call.extra) kept.calls[event.call.id] = event.call.extra;
    if (event.type !== 'answer-extra') continue;
    if (event.message) kept.message = event.message;
    Object.assign(kept.calls, event.calls);
  }
  return kept;
}

const rows: [what: string, body: string, kept: object][] = [
  [
    '"extra_content":{"google":{"thought_signature":"c2ln…"}} on the first piece',
    named('', SIGNED) + more('{"a":1}'),
    { calls: { c1: SIGNED } },
  ],
  ['the same on the only piece', named('{"a":1}', SIGNED), { calls: { c1: SIGNED } }],
  ['the same on the last piece', named('{"a":') + more('1}', SIGNED), { calls: { c1: SIGNED } }],
  [
    'the same behind the last piece, when the tool runs already',
    named('{"a":1}') + call(SIGNED),
    { calls: { c1: SIGNED } },
  ],
  ['the same on every piece', named('{"a":', SIGNED) + more('1}', SIGNED), { calls: { c1: SIGNED } }],
  [
    'its parts on different pieces',
    named('{"a":', SIGNED) + more('1}', { extra_content: { google: { thought: true } } }),
    { calls: { c1: { extra_content: { google: { thought_signature: 'c2ln…', thought: true } } } } },
  ],
  [
    'a later word on the same part',
    named('{"a":', { extra_content: { google: { thought_signature: 'old' } } }) + more('1}', SIGNED),
    { calls: { c1: SIGNED } },
  ],
  ['nothing of it but null and ""', named('{}', { extra_content: null, note: '' }), { calls: {} }],
  [
    'a field of `function`',
    call({ id: 'c1', function: { name: 'look', arguments: '{}', thought_signature: 'x' } }),
    { calls: { c1: { function: { thought_signature: 'x' } } } },
  ],
  [
    'two calls, of which only the first is signed',
    delta({
      tool_calls: [
        { index: 0, id: 'c1', function: { name: 'look', arguments: '{}' }, ...SIGNED },
        { index: 1, id: 'c2', function: { name: 'look', arguments: '{"b":2}' } },
      ],
    }),
    { calls: { c1: SIGNED } },
  ],
  [
    'thoughts before the call',
    delta({ reasoning_content: 'I should ' }) + delta({ reasoning_content: 'look.' }) + named('{}'),
    { message: { reasoning_content: 'I should look.' }, calls: {} },
  ],
  [
    'thoughts behind the call',
    named('{}') + delta({ reasoning_details: [{ type: 'reasoning.encrypted', data: 'AAA', id: 'c1' }] }),
    { message: { reasoning_details: [{ type: 'reasoning.encrypted', data: 'AAA', id: 'c1' }] }, calls: {} },
  ],
  [
    'thoughts word by word, then their signature, under one index',
    delta({ reasoning_details: [{ type: 'reasoning.text', text: 'I ', format: 'f', index: 0 }] }) +
      delta({ reasoning_details: [{ type: 'reasoning.text', text: 'look', format: 'f', index: 0 }] }) +
      delta({ reasoning_details: [{ type: 'reasoning.text', signature: 'sig', format: 'f', index: 0 }] }) +
      named('{}'),
    {
      message: {
        reasoning_details: [{ type: 'reasoning.text', text: 'I look', format: 'f', index: 0, signature: 'sig' }],
      },
      calls: {},
    },
  ],
  [
    'two thoughts, each with its signature, without an index',
    ['one', 'two']
      .map(
        (text) =>
          delta({ thinking_blocks: [{ type: 'thinking', thinking: text, signature: '' }] }) +
          delta({ thinking_blocks: [{ type: 'thinking', thinking: '', signature: `of ${text}` }] }),
      )
      .join('') + named('{}'),
    {
      message: {
        thinking_blocks: [
          { type: 'thinking', thinking: 'one', signature: 'of one' },
          { type: 'thinking', thinking: 'two', signature: 'of two' },
        ],
      },
      calls: {},
    },
  ],
  [
    'an unknown field of the message, which nobody is known to want',
    delta({ annotations: [1] }) + named('{}'),
    { calls: {} },
  ],
];

describe.each(rows)('%s', (_what, body, kept) => {
  test('is kept whole', () => {
    expect(keptOf(read([Buffer.from(body + DONE)]))).toEqual(kept);
  });

  test('is kept whole wherever the stream is cut in two, and byte by byte', () => {
    const bytes = Buffer.from(body + DONE);
    for (let at = 1; at < bytes.length; at++)
      expect(keptOf(read([bytes.subarray(0, at), bytes.subarray(at)]))).toEqual(kept);
    expect(keptOf(read(Array.from(bytes, (_, at) => bytes.subarray(at, at + 1))))).toEqual(kept);
  });

  test('never stands beside a call that has not come whole, wherever the stream breaks off', () => {
    const bytes = Buffer.from(body);
    for (let at = 1; at < bytes.length; at++) {
      const events = read([bytes.subarray(0, at)], {}, 'cut');
      const ids = events.flatMap((event) => (event.type === 'tool-call' ? [event.call.id] : []));
      const { message, calls } = keptOf(events);
      expect(Object.keys(calls).every((id) => ids.includes(id))).toBe(true);
      if (ids.length === 0) expect(message).toBeUndefined();
    }
  });
});

test('an answer without calls keeps nothing', () => {
  const body = delta({ reasoning_content: 'hm' }) + delta({ content: 'Hello.' }) + delta({}, 'stop');
  expect(read([Buffer.from(body)]).map(({ type }) => type)).toEqual(['text-delta', 'end']);
});

test('a whole answer in one document keeps what stands in its message and its calls', () => {
  const message = {
    role: 'assistant',
    content: null,
    reasoning_content: 'I look.',
    tool_calls: [{ id: 'c1', type: 'function', function: { name: 'look', arguments: '{}' }, ...SIGNED }],
  };
  const body = JSON.stringify({
    object: 'chat.completion',
    choices: [{ index: 0, message, finish_reason: 'tool_calls' }],
  });
  expect(keptOf(read([Buffer.from(body)]))).toEqual({
    message: { reasoning_content: 'I look.' },
    calls: { c1: SIGNED },
  });
});

test('what is too long is left out whole, in one piece or in many, and the rest is kept', () => {
  const long = 'x'.repeat(LONGEST_EXTRA + 1);
  const reader = new ExtraFieldsReader();
  reader.add('reasoning_content', long);
  for (const letter of ['a', 'b']) reader.add('reasoning', letter);
  for (let length = 0; length <= LONGEST_EXTRA; length += 1_000) reader.add('reasoning_text', 'y'.repeat(1_000));
  reader.add('extra_content', { google: long });
  reader.add('reasoning_content', 'more');
  expect(reader.take()).toEqual({ reasoning: 'ab' });
});

test('a field named `__proto__` changes nothing but itself', () => {
  const body = `data: {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"c1","__proto__":{"polluted":1},"function":{"name":"look","arguments":"{}"},"x":{"__proto__":{"polluted":1},"y":1}}]}}]}\n\n${DONE}`;
  expect(keptOf(read([Buffer.from(body)]))).toEqual({ calls: { c1: { x: { y: 1 } } } });
  expect('polluted' in {}).toBe(false);
});

const STREAMS = join(import.meta.dirname, '../../../../shared/streams');
test.skipIf(!existsSync(STREAMS)).each([
  [
    'gemini-parallel-two-in-first-chunk.sse',
    { calls: { 'call-paris': { extra_content: { google: { thought_signature: '<Signature A>' } } } } },
  ],
  [
    'stop-with-encrypted-reasoning-tool.sse',
    { message: { reasoning_details: [{ type: 'reasoning.encrypted', data: 'encrypted_thoughtsig_data' }] } },
  ],
])('recorded: %s', (file, kept) => {
  expect(keptOf(read([readFileSync(join(STREAMS, file))]))).toMatchObject(kept);
});

test.skipIf(!existsSync(STREAMS))('recorded: thoughts of 14 pieces and a signature are one thought', () => {
  const { message } = keptOf(read([readFileSync(join(STREAMS, 'openrouter-reasoning-details-tool.sse'))]));
  expect(message?.['reasoning_details']).toMatchObject([
    {
      type: 'reasoning.text',
      text: expect.stringMatching(/^The user is asking[^]*this parameter\.$/) as string,
      signature: expect.stringMatching(/^Evs/) as string,
    },
  ]);
});
