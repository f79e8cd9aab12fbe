/** `wire/stream-reading.md` rule by rule, on answers of our own. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  MAX_EVENT_BYTES,
  StreamReader,
  type StreamEvent,
  type StreamOptions,
} from '../../../src/model/electron/stream.ts';
import { cutAtRandom, expectSame, read, summarise } from '../helpers/electron/read-stream.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures');
const load = (file: string) => readFileSync(join(FIXTURES, file));

const fixtures: [file: string, expected: object][] = [
  [
    'plain-answer.sse',
    {
      text: 'The clinic is in Hill Street.',
      calls: [],
      end: {
        finishReason: 'stop',
        isTruncated: false,
        usage: { promptTokens: 31, completionTokens: 8, cachedTokens: 0 },
      },
    },
  ],
  [
    'filler-and-tool-bare.sse',
    {
      text: 'Just a moment, I look that up.',
      calls: [{ name: 'parcel_status', arguments: { parcel: 'PX-77' } }],
      ids: ['call_b1'],
      order: ['text-delta', 'tool-call-start', 'tool-call', 'end'],
      end: { finishReason: 'tool_calls', usage: { promptTokens: 140, completionTokens: 19, cachedTokens: 64 } },
    },
  ],
  [
    'parallel-interleaved.sse',
    {
      calls: [
        { name: 'ferry_times', arguments: { from: 'Leith', seats: 3 } },
        { name: 'tides', arguments: { port: 'Leith' } },
      ],
      ids: ['call_p2', 'call_p1'],
      order: ['text-delta', 'tool-call-start', 'tool-call', 'tool-call', 'end'],
    },
  ],
  [
    'tool-without-filler.sse',
    { text: '', calls: [{ name: 'opening_hours', arguments: {} }], end: { isTruncated: false } },
  ],
  ['cut-by-length.sse', { text: 'Our rooms begin with', end: { finishReason: 'length', isTruncated: false } }],
  [
    'cut-in-arguments.sse',
    { text: 'Of course, I change it.', calls: [], failed: [], end: { finishReason: 'unknown', isTruncated: true } },
  ],
  [
    'whole-call-in-first-piece.sse',
    { calls: [{ name: 'find_table', arguments: { after: '20:00' } }], ids: ['call_w1'] },
  ],
  ['indic-text.sse', { text: 'नमस्ते, மருத்துவமனை 🏥 খোলা।', end: { finishReason: 'stop' } }],
  [
    'refused.json',
    {
      text: '',
      end: {
        isTruncated: true,
        failure: {
          kind: 'error',
          facts: {
            message: 'Invalid input data',
            code: 'invalid_request_error',
            details: [{ code: 'too_big', message: 'at most 64 tools', path: ['tools'] }],
            requestId: 'fixture-request-6',
          },
        },
      },
    },
  ],
];

test('every fixture is read by a test', () => {
  expect(fixtures.map(([file]) => file).sort()).toEqual(readdirSync(FIXTURES).sort());
});

test.each(fixtures)('%s is read the same wherever its bytes are cut', (file, expected) => {
  const bytes = load(file);
  const whole = summarise(read([bytes]));
  expect(whole).toMatchObject(expected);
  for (let at = 1; at < bytes.length; at++) {
    expectSame(summarise(read([bytes.subarray(0, at), bytes.subarray(at)])), whole, `cut at ${at}`);
  }
  expect(summarise(read(Array.from(bytes, (_byte, i) => bytes.subarray(i, i + 1))))).toEqual(whole);
  for (let seed = 1; seed < 20; seed++)
    expectSame(summarise(read(cutAtRandom(bytes, seed))), whole, `in pieces, ${seed}`);
});

test.each(fixtures)(
  '%s, cut off at any byte, runs no call that was not whole and says nothing that was not said',
  (file) => {
    const bytes = load(file);
    const whole = summarise(read([bytes]));
    for (let at = 0; at < bytes.length; at++) {
      const { text, calls, failed, end } = summarise(read([bytes.subarray(0, at)], {}, 'cut'));
      expect(whole.text.startsWith(text)).toBe(true);
      for (const call of calls) expect(whole.calls).toContainEqual(call);
      if (!end.isTruncated)
        expect({ text, calls, failed }).toEqual({ text: whole.text, calls: whole.calls, failed: [] });
    }
  },
);

test('each event comes with the last byte of its line, whatever is still to come', () => {
  const events: StreamEvent[] = [];
  const reader = new StreamReader((event) => events.push(event));
  const text = load('filler-and-tool-bare.sse').toString();
  const seen: string[] = [];
  for (const character of text) {
    const before = events.length;
    reader.feed(Buffer.from(character));
    if (events.length > before) seen.push(`${JSON.stringify(character)} ${events.at(-1)!.type}`);
  }
  expect(seen).toEqual(
    ['text-delta', 'text-delta', 'tool-call-start', 'tool-call', 'end'].map((type) => `"\\n" ${type}`),
  );
});

/** A stream of these payloads; a string is a line as it is. */
function stream(...payloads: unknown[]): Buffer {
  const lines = payloads.map((payload) =>
    typeof payload === 'string' ? payload : `data: ${JSON.stringify(payload)}\n`,
  );
  return Buffer.from(lines.map((line) => `${line}\n`).join(''));
}
const delta = (content: object, finishReason?: string) => ({
  choices: [{ index: 0, delta: content, finish_reason: finishReason }],
});
const piece = (entry: object) => delta({ tool_calls: [entry] });
const call = (index: number | undefined, id: string | undefined, name: string | undefined, text?: unknown) =>
  piece({ index, id, function: { name, arguments: text } });
const DONE = 'data: [DONE]\n';
const seen = (payloads: unknown[], options?: StreamOptions) => summarise(read([stream(...payloads)], options));

describe('lines and ends', () => {
  test('rule 2: a payload over several data lines is joined at the blank line', () => {
    const { text, end } = seen(['data: {"choices": [{"delta":', 'data: {"content": "Hi"}}]}', '', DONE]);
    expect(text).toBe('Hi');
    expect(end.skippedChunks).toBe(0);
  });

  test('rule 2: CRLF cut between its two bytes is one line end', () => {
    const whole = Buffer.from('data: {"choices": [{"delta":\r\ndata: {"content": "Hi"}}]}\r\n\r\ndata: [DONE]\r\n');
    const pieces = Array.from(whole, (_byte, i) => whole.subarray(i, i + 1));
    expect(summarise(read(pieces))).toMatchObject({ text: 'Hi', end: { isTruncated: false, skippedChunks: 0 } });
  });

  test('rule 3: what follows [DONE] is not read', () => {
    expect(seen([delta({ content: 'Yes' }), DONE, delta({ content: ' and no' })]).text).toBe('Yes');
  });

  test('rule 3: an end without [DONE] is whole with a finish reason and cut off without', () => {
    expect(seen([delta({ content: 'Yes' }, 'stop')]).end.isTruncated).toBe(false);
    expect(seen([delta({ content: 'Yes' })]).end.isTruncated).toBe(true);
    expect(seen([delta({ content: 'Yes' }), DONE]).end).toMatchObject({ isTruncated: false, finishReason: 'unknown' });
  });

  test('rule 1: an event over the limit fails the answer instead of filling the memory', () => {
    const events: StreamEvent[] = [];
    const reader = new StreamReader((event) => events.push(event));
    reader.feed(Buffer.from('data: {"choices":[{"delta":{"content":"'));
    const filling = Buffer.alloc(1024 * 1024, 'a');
    for (let bytes = 0; bytes <= MAX_EVENT_BYTES; bytes += filling.length) reader.feed(filling);
    expect(events).toMatchObject([{ type: 'end', end: { failure: { kind: 'too-large' } } }]);
  });

  test('rule 4: a chunk that cannot be read is passed over, and a call that was open then does not run', () => {
    const { text, calls, failed, end } = seen([
      delta({ content: 'One' }),
      call(0, 'a', 'look', '{"x":'),
      'data: {"choices":[{"delta"\n',
      call(0, undefined, undefined, '1}'),
      call(1, 'b', 'look', '{"x":2}'),
      delta({ content: ' two' }),
      DONE,
    ]);
    expect(text).toBe('One two');
    expect(calls).toEqual([{ name: 'look', arguments: { x: 2 } }]);
    expect(failed).toMatchObject([{ name: 'look', message: expect.stringContaining('lost') as unknown }]);
    expect(end.skippedChunks).toBe(1);
  });

  test.each([
    [
      'an error beside choices',
      [{ ...delta({ content: 'Part' }, 'length'), error: { message: 'Limit', code: 400 } }],
      '400',
    ],
    ['an error event', ['event: error', { error: { message: 'Limit', type: 'server_error' } }], 'server_error'],
    ['an error event without an envelope', ['event: error', { message: 'Limit', code: 'x' }], 'stream_error'],
    ['an error event that is not JSON', ['event: error', 'data: Limit', ''], 'stream_error'],
    ['an error field', ['error: {"code":500,"message":"Limit"}\n'], '500'],
    ['an error field that is not JSON', ['error: Limit\n'], 'stream_error'],
  ])('rule 5: %s fails the answer, and what was said stays', (_name, payloads, code) => {
    const { text, end } = seen([delta({ content: 'Part' }), ...payloads, delta({ content: 'never' }), DONE]);
    expect(text).toMatch(/^Part/);
    expect(text).not.toContain('never');
    expect(end).toMatchObject({ isTruncated: true, failure: { kind: 'error', facts: { message: 'Limit', code } } });
  });

  test('rule 5: an error of `null` is none', () => {
    expect(seen([{ ...delta({ content: 'Fine' }), error: null }, DONE]).end.failure).toBeUndefined();
  });

  test('rule 6: a list that holds an error, and a page, are errors with what they say', () => {
    const list = summarise(read([Buffer.from('\n[{"error":{"message":"Bad key","code":401}}]')]));
    expect(list.end.failure?.facts).toMatchObject({ message: 'Bad key', code: '401' });
    const page = summarise(read([Buffer.from('<html><style>p{}</style><h1>Hello</h1></html>')]));
    expect(page.end.failure).toMatchObject({ kind: 'unreadable', facts: { message: 'Hello' } });
  });

  test('rule 6: a whole answer, spread over lines and cut anywhere, is one delta', () => {
    const bytes = Buffer.from(
      JSON.stringify(
        { choices: [{ message: { content: 'नौ बजे', tool_calls: null }, finish_reason: 'stop' }] },
        null,
        2,
      ),
    );
    for (let at = 1; at < bytes.length; at++) {
      const { text, end } = summarise(read([bytes.subarray(0, at), bytes.subarray(at)]));
      expect({ text, isTruncated: end.isTruncated }).toEqual({ text: 'नौ बजे', isTruncated: false });
    }
  });

  test('rule 8: the choice numbered 0 counts, wherever it stands', () => {
    const choices = [
      { index: 1, delta: { content: 'no' } },
      { index: 0, delta: { content: 'yes' }, message: { content: 'yes, all of it' } },
    ];
    expect(seen([{ choices }, { choices: [] }, { choices: [null] }, { choices: 7 }, DONE]).text).toBe('yes');
  });

  test.each([
    [
      'the last one counts',
      [{ usage: { prompt_tokens: 1 } }, { usage: { prompt_tokens: 7, completion_tokens: 2 } }],
      7,
      2,
      0,
    ],
    ['in a choice', [{ choices: [{ usage: { prompt_tokens: 3, completion_tokens: null } }] }], 3, 0, 0],
    ['in x_groq', [{ x_groq: { usage: { prompt_tokens: 4 } } }, { usage: null }], 4, 0, 0],
    ['with its cache elsewhere', [{ usage: { prompt_tokens: 9, prompt_cache_hit_tokens: 8 } }], 9, 0, 8],
  ])('rule 9: usage, %s', (_name, payloads, promptTokens, completionTokens, cachedTokens) => {
    expect(seen([...payloads, DONE]).end.usage).toEqual({ promptTokens, completionTokens, cachedTokens });
  });

  test('rule 9: no usage is no usage', () => {
    expect(seen([delta({ content: 'Hi' }), DONE]).end.usage).toBeUndefined();
  });

  test('rule 10: only what is meant to be spoken is', () => {
    const parts = [{ type: 'thinking', thinking: 'hm' }, { type: 'text', text: 'One' }, { type: 'image' }, 'x', null];
    const { text } = seen([
      delta({ content: null }),
      delta({ content: '' }),
      delta({ reasoning_content: 'hm' }),
      delta({ reasoning: 'hm', content: parts }),
      delta({ refusal: ' two' }),
      delta({ content: ' three' }, 'stop'),
      DONE,
    ]);
    expect(text).toBe('One two three');
  });

  test('rule 15: the first finish reason counts, and what follows it is read', () => {
    const payloads = [
      call(0, 'a', 'look', '{}'),
      delta({}, 'tool_calls'),
      call(1, 'b', 'see', '{}'),
      delta({}, 'stop'),
      DONE,
    ];
    expect(seen(payloads)).toMatchObject({
      calls: [{ name: 'look' }, { name: 'see' }],
      end: { finishReason: 'tool_calls' },
    });
  });

  test.each([
    ['eos', 'stop'],
    ['function_call', 'tool_calls'],
    ['content_filter', 'content_filter'],
    ['', 'unknown'],
  ])('rule 15: the finish reason `%s` is read as %s', (text, finishReason) => {
    expect(seen([delta({}, text), DONE]).end.finishReason).toBe(finishReason);
  });

  test('rule 15: at the end of the grace open calls are read as they are', () => {
    const events: StreamEvent[] = [];
    const reader = new StreamReader((event) => events.push(event));
    reader.endGrace();
    reader.feed(stream(call(0, 'a', 'look', ''), delta({}, 'tool_calls')));
    expect(reader.isFinishing).toBe(true);
    reader.endGrace();
    reader.feed(stream(delta({ content: 'late' })));
    expect(events.map((event) => event.type)).toEqual(['tool-call-start', 'tool-call', 'end']);
    expect(reader.isFinishing).toBe(false);
  });

  test('rule 19: once closed, nothing is handed on, not even from the same bytes', () => {
    const events: StreamEvent[] = [];
    const reader: StreamReader = new StreamReader((event) => {
      events.push(event);
      reader.close();
    });
    reader.feed(stream(delta({ content: 'One' }), delta({ content: ' two' }), call(0, 'a', 'look', '{}'), DONE));
    reader.end();
    reader.cut();
    expect(events).toEqual([{ type: 'text-delta', delta: 'One' }]);
  });

  test('nothing that a server can send throws', () => {
    const oddities = [
      null,
      1,
      'x',
      [],
      {},
      [[]],
      { choices: [{ delta: [] }] },
      { choices: [{ delta: { tool_calls: [null, 1, {}] } }] },
    ];
    for (const odd of oddities) {
      expect(() =>
        seen([
          odd,
          { choices: [{ index: 0, delta: odd }] },
          delta({ tool_calls: odd }),
          piece({ function: odd }),
          DONE,
        ]),
      ).not.toThrow();
    }
  });
});

describe('tool calls', () => {
  const options: StreamOptions = {
    isTool: (name) => ['look', 'see', 'look_up', 'book', 'book_table'].includes(name),
    requiresArguments: (name) => name !== 'look',
  };
  type Case = [name: string, payloads: unknown[], calls: [name: string, arguments: object][], failed?: string[]];
  const cases: Case[] = [
    [
      '11: index from 1, with a gap',
      [call(1, 'a', 'see', '{"x":1}'), call(5, 'b', 'see', '{"x":2}')],
      [
        ['see', { x: 1 }],
        ['see', { x: 2 }],
      ],
    ],
    [
      '11: the same index twice in one chunk',
      [
        delta({
          tool_calls: [
            { index: 0, id: 'a', function: { name: 'see', arguments: '{"x"' } },
            { index: 0, function: { arguments: ':1}' } },
          ],
        }),
      ],
      [['see', { x: 1 }]],
    ],
    [
      '11: every piece with a new id',
      [call(0, 'a', 'see', ''), call(0, 'b', undefined, '{"x":'), call(0, 'c', '', '1}')],
      [['see', { x: 1 }]],
    ],
    [
      '11: calls that share the index 0',
      [call(0, 'a', 'see', '{"x":1}'), call(0, 'b', 'see', '{"x":2}')],
      [
        ['see', { x: 1 }],
        ['see', { x: 2 }],
      ],
    ],
    [
      '11: calls that share the index 0, without ids',
      [call(0, '', 'see', '{"x":1}'), call(0, '', 'see', '{"x":2}')],
      [
        ['see', { x: 1 }],
        ['see', { x: 2 }],
      ],
    ],
    [
      '11: calls that share the index 0, in pieces',
      [
        call(0, 'a', 'see', ''),
        call(0, undefined, undefined, '{"x":1}'),
        call(0, 'b', 'look', ''),
        call(0, undefined, undefined, '{"y":2}'),
      ],
      [
        ['see', { x: 1 }],
        ['look', { y: 2 }],
      ],
    ],
    [
      '11: no index at all',
      [call(undefined, 'a', 'see', '{"x":1}'), call(undefined, 'b', 'see', '{"x":2}')],
      [
        ['see', { x: 1 }],
        ['see', { x: 2 }],
      ],
    ],
    [
      '11: no index, interleaved by id',
      [
        call(undefined, 'a', 'see', ''),
        call(undefined, 'b', 'look', ''),
        call(undefined, 'a', undefined, '{"x":1}'),
        call(undefined, 'b', undefined, '{"y":2}'),
      ],
      [
        ['see', { x: 1 }],
        ['look', { y: 2 }],
      ],
    ],
    [
      '11: a whole call after one that stayed open',
      [call(0, 'a', 'see', '{"x":'), call(0, 'b', 'see', '{"x":2}')],
      [['see', { x: 2 }]],
      ['see'],
    ],
    [
      '11: name and id with every piece, one of which opens a nested object',
      [call(0, 'a', 'see', '{"x":'), call(0, 'a', 'see', '{"y":'), call(0, 'a', 'see', '1}}')],
      [['see', { x: { y: 1 } }]],
    ],
    [
      '11: a whole call sent twice',
      [call(0, 'a', 'see', '{"x":1}'), call(0, 'a', 'see', '{"x":1}'), call(0, '', 'see', '{"x":1}')],
      [['see', { x: 1 }]],
    ],
    [
      '11: an equal call under another id is another call',
      [call(0, 'a', 'look', '{}'), call(0, 'b', 'look', '{}')],
      [
        ['look', {}],
        ['look', {}],
      ],
    ],
    [
      '12: a duplicate id',
      [call(0, 'a', 'see', '{"x":1}'), call(1, 'a', 'see', '{"x":2}')],
      [
        ['see', { x: 1 }],
        ['see', { x: 2 }],
      ],
    ],
    ['12: a name that repeats', [call(0, 'a', 'see', '{"x":'), call(0, 'a', 'see', '1}')], [['see', { x: 1 }]]],
    [
      '12: a name that comes late',
      [call(0, 'a', undefined, '{"x":'), call(0, 'a', undefined, '1}'), call(0, 'a', 'see', undefined)],
      [['see', { x: 1 }]],
    ],
    [
      '12: two names that come late',
      [
        call(0, 'a', undefined, ''),
        call(0, 'a', 'see', '{"x":1}'),
        call(1, 'b', undefined, ''),
        call(1, 'b', 'look', '{"y":2}'),
      ],
      [
        ['see', { x: 1 }],
        ['look', { y: 2 }],
      ],
    ],
    [
      '12: a name in two pieces',
      [call(0, 'a', 'book', ''), call(0, 'a', '_table', ''), call(0, undefined, undefined, '{"x":1}')],
      [['book_table', { x: 1 }]],
    ],
    [
      '12: a name that was only begun, then came whole',
      [call(0, 'a', 'look_', ''), call(0, 'a', 'look_up', '{"x":1}')],
      [['look_up', { x: 1 }]],
    ],
    [
      '12: two tools without arguments under one index',
      [call(0, '', 'look', ''), call(0, '', 'see', '{"x":1}')],
      [
        ['see', { x: 1 }],
        ['look', {}],
      ],
    ],
    [
      '12: a name that no server would accept again',
      [call(0, 'a', 'functions.see it', '{"x":1}')],
      [['functions_see_it', { x: 1 }]],
    ],
    ['13: arguments as an object', [call(0, 'a', 'see', { x: 1 })], [['see', { x: 1 }]]],
    [
      '13: a placeholder before the arguments',
      [call(0, 'a', 'see', '{}'), call(0, undefined, undefined, '{"x"'), call(0, undefined, undefined, ':1}')],
      [['see', { x: 1 }]],
    ],
    ['13: a placeholder and the arguments in one piece', [call(0, 'a', 'see', '{}{"x":1}')], [['see', { x: 1 }]]],
    [
      '13: a placeholder, then all of it again',
      [call(0, 'a', 'see', '{}'), call(0, 'a', 'see', '{"x":1}')],
      [['see', { x: 1 }]],
    ],
    ['13: nothing but a placeholder', [call(0, 'a', 'see', '{}')], [['see', {}]]],
    [
      '13: blanks, a repeat in pieces and nonsense after the end',
      [
        call(0, 'a', 'see', '{"x":1}'),
        call(0, undefined, undefined, ' \n'),
        call(0, undefined, undefined, '{"x"'),
        call(0, undefined, undefined, ':1}'),
        call(0, undefined, undefined, '}}'),
      ],
      [['see', { x: 1 }]],
    ],
    [
      '13: braces and quotes inside texts',
      [call(0, 'a', 'see', '{"x":"}\\"'), call(0, undefined, undefined, '{\\\\"}')],
      [['see', { x: '}"{\\' }]],
    ],
    [
      '13: arguments encoded twice',
      [call(0, 'a', 'see', '"{\\"x\\":'), call(0, undefined, undefined, '1}"')],
      [['see', { x: 1 }]],
    ],
    ['13: null', [call(0, 'a', 'look', 'null')], [['look', {}]]],
    ['13: an array', [call(0, 'a', 'see', '[1]')], [], ['see']],
    ['13: a number', [call(0, 'a', 'see', 7)], [], ['see']],
    [
      '13: an object that is not JSON',
      [call(0, 'a', 'see', '{x:1}'), call(1, 'b', 'look', '{}')],
      [['look', {}]],
      ['see'],
    ],
    [
      '14: no arguments',
      [call(0, 'a', 'look', ''), call(1, 'b', 'look', null), call(2, 'c', 'look')],
      [
        ['look', {}],
        ['look', {}],
        ['look', {}],
      ],
    ],
    ['14: arguments that never ended', [call(0, 'a', 'see', '{"x":1')], [], ['see']],
    ['14: arguments of nobody', [call(0, 'a', undefined, '{"x":1}')], []],
  ];
  test.each(cases)('rule %s', (_name, payloads, calls, failed = []) => {
    const bytes = stream(...payloads, delta({}, 'tool_calls'), DONE);
    const whole = summarise(read([bytes], options));
    expect(whole.calls.map(({ name, arguments: value }) => [name, value])).toEqual(calls);
    expect(whole.failed.map(({ name }) => name)).toEqual(failed);
    expect(new Set(whole.ids).size).toBe(whole.ids.length);
    expect(whole.order.filter((type) => type === 'tool-call-start')).toHaveLength(1);
    for (let seed = 1; seed < 5; seed++)
      expectSame(summarise(read(cutAtRandom(bytes, seed), options)), whole, `in pieces, ${seed}`);
  });

  test('rule 13: a call is handed on with its last brace, as it was received, while others are still open', () => {
    const events = read([stream(call(0, 'a', 'see', ' {"x" : 1} '), call(1, 'b', 'see', '{"x":'))], options, 'cut');
    expect(events).toMatchObject([
      { type: 'tool-call-start' },
      { type: 'tool-call', call: { id: 'a', name: 'see', arguments: ' {"x" : 1}' } },
      { type: 'end', end: { isTruncated: true } },
    ]);
  });

  test('rule 14: what is open when the stream is cut off or fails is dropped', () => {
    const open = [call(0, 'a', 'look', ''), call(1, 'b', 'see', '{}')];
    for (const events of [
      read([stream(...open)], options, 'cut'),
      read([stream(...open)], options, 'end'),
      read([stream(...open, { error: { message: 'No' } })], options),
    ]) {
      expect(events.map((event) => event.type)).toEqual(['tool-call-start', 'end']);
    }
  });
});
