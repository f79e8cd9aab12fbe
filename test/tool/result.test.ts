import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hangUp, say, transferTo } from '../../src/tool/define.ts';
import { MOST_CONTENT_BYTES, failed, invalidArguments, readResult, repeated } from '../../src/tool/result.ts';

const read = { name: 'look', effect: 'read' } as const;
const write = { name: 'book', effect: 'write' } as const;
const terminal = { name: 'bye', effect: 'terminal' } as const;

test.each([
  [{ a: [1, null, 'ü'] }, '{"a":[1,null,"ü"]}'],
  ['text', '"text"'],
  [7, '7'],
  [false, 'false'],
  [null, 'null'],
  [[], '[]'],
  [{}, '{}'],
  [Object.create(null), '{}'],
  [new Date(0), '"1970-01-01T00:00:00.000Z"'],
  [undefined, 'null'],
])('%j is handed on as JSON', (value, content) => {
  expect(readResult(read, value)).toEqual({ outcome: { ok: true, content } });
});

test('a write that returns nothing has done its work', () => {
  expect(readResult(write, undefined).outcome).toEqual({ ok: true, content: '{"done":true}' });
});

const circular: Record<string, unknown> = {};
circular.self = circular;
test.each([
  ['a function', () => 1, 'got a function'],
  ['a symbol', Symbol('x'), 'got a symbol'],
  ['a bigint', { n: 1n }, 'cannot be written'],
  ['a circle', circular, 'cannot be written'],
  [
    'a toJSON that throws',
    {
      toJSON() {
        throw new Error('no');
      },
    },
    'cannot be written',
  ],
])('%s is no result, and the log is told why', (_name, value, reason) => {
  const { outcome, invalid } = readResult(read, value);
  expect(outcome).toMatchObject({ ok: false, failure: 'invalid-result' });
  expect(JSON.parse(outcome.content)).toEqual({
    error: 'The tool `look` answered with something that cannot be read.',
  });
  expect(invalid).toContain(reason);
});

test('after a write with an unreadable result, the model is told that it was probably done', () => {
  expect(readResult(write, 1n).outcome.content).toContain('was probably done');
});

test('say is spoken as it is, and the model reads what was said and what came with it', () => {
  expect(readResult(read, say('Your order is on its way.'))).toEqual({
    outcome: { ok: true, content: '{"said":"Your order is on its way."}', say: 'Your order is on its way.' },
  });
  expect(readResult(write, say('Booked.', { id: 7 })).outcome.content).toBe('{"said":"Booked.","result":{"id":7}}');
  expect(readResult(write, say('Booked.', 1n)).outcome).toMatchObject({ ok: false, failure: 'invalid-result' });
});

test('hangUp and transferTo become control, of terminal tools only', () => {
  expect(readResult(terminal, hangUp('done')).outcome).toMatchObject({ control: { type: 'hang-up', reason: 'done' } });
  expect(readResult(terminal, transferTo('sales')).outcome).toMatchObject({
    control: { type: 'transfer', to: 'sales' },
  });
  expect(readResult(write, hangUp())).toMatchObject({
    outcome: { ok: false, failure: 'invalid-result' },
    invalid: "Expected `effect` to be 'terminal' for a tool that returns hangUp(), got 'write'",
  });
});

test('a result of exactly 8 kB passes; one byte more is cut with a note', () => {
  const fits = 'x'.repeat(MOST_CONTENT_BYTES - 2);
  expect(readResult(read, fits).outcome.content).toBe(`"${fits}"`);
  const cut = JSON.parse(readResult(read, `${fits}x`).outcome.content) as Record<string, string>;
  expect(cut).toMatchObject({ truncated: true });
  expect(cut.note).toBe('Too long: 8193 bytes, of which only the beginning is here. Ask for less.');
  expect(`${fits}x`.startsWith(cut.beginning ?? '-')).toBe(true);
});

test('a long list is cut as the text of its JSON', () => {
  const rows = Array.from({ length: 500 }, (_, id) => ({ id, name: `"row" ${id}` }));
  const { content } = readResult(read, rows).outcome;
  const cut = JSON.parse(content) as { beginning: string };
  expect(JSON.stringify(rows).startsWith(cut.beginning)).toBe(true);
  expect(Buffer.byteLength(content)).toBeGreaterThan(MOST_CONTENT_BYTES - 20);
});

test('whatever the text, the content is JSON, at most 8 kB, cut between characters', () => {
  const units = fc.constantFrom('a', 'ü', 'ह', '😀', '"', '\\', '\n', '\u0000', '\ud800', '\udc00');
  const text = fc.array(units, { minLength: 1, maxLength: 12 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 1_500 }), (part, times) => {
      const value = part.repeat(times);
      for (const { content } of [readResult(read, value).outcome, failed('tool-error', value)]) {
        expect(Buffer.byteLength(content)).toBeLessThanOrEqual(MOST_CONTENT_BYTES);
        const parsed = JSON.parse(content) as unknown;
        if (typeof parsed !== 'object' || parsed === null || !('beginning' in parsed)) continue;
        const beginning = String(parsed.beginning);
        expect(value.startsWith(beginning)).toBe(true);
        expect(value.length - beginning.length).toBeGreaterThan(0);
      }
    }),
    { numRuns: 200 },
  );
});

test('invalid arguments are told by their paths, a few at most', () => {
  const issue = (path: PropertyKey[]) => ({ code: 'custom' as const, path, message: 'Wrong', input: 1 });
  const { content } = invalidArguments('book', '{}', [issue(['guests', 2, 'name']), issue([])]);
  expect(JSON.parse(content)).toEqual({
    error:
      'The arguments of `book` are not valid, and it was not run. `guests[2].name`: Wrong; Wrong. ' +
      'Correct them, or ask the caller for what is missing.',
  });
  expect(
    invalidArguments(
      'book',
      '{}',
      Array.from({ length: 50 }, () => issue(['a'])),
    ).content.match(/Wrong/g),
  ).toHaveLength(8);
});

test('R15: the answer from the journal says so, and stays within 8 kB', () => {
  expect(repeated({ ok: true, content: '{"id":1}', say: 'Booked.' }, { agoMs: 12_400 })).toEqual({
    ok: true,
    isFromJournal: true,
    content:
      '{"note":"Already done 12 s ago in this call, with this result: it was not done again.","result":{"id":1}}',
  });
  const { content } = repeated(readResult(write, 'x'.repeat(8_000)).outcome, 'joined');
  expect(JSON.parse(repeated({ ok: true, content: '1' }, 'joined').content)).toMatchObject({ result: 1 });
  expect(Buffer.byteLength(content)).toBeLessThanOrEqual(MOST_CONTENT_BYTES);
  const large = repeated(readResult(write, 'x'.repeat(8_180)).outcome, { agoMs: 0 }).content;
  expect(Buffer.byteLength(large)).toBeLessThanOrEqual(MOST_CONTENT_BYTES);
  expect(JSON.parse(large)).toMatchObject({
    truncated: true,
    beginning: expect.stringContaining('Already done') as string,
  });
});

const bytes = Buffer.from('%PDF-1.7 and so on'.repeat(1_000));
class Account {
  readonly #balance = 5;
  get balance() {
    return this.#balance;
  }
}
test.each<[what: string, value: unknown, got: string, instead: string]>([
  ['a tool returns a Buffer', bytes, 'a Buffer', "`buffer.toString('utf8')`".replaceAll('`', '')],
  [
    'a Buffer in a field',
    { name: 'invoice', file: bytes },
    '`file` of the result to be JSON, got a Buffer',
    'toString',
  ],
  ['a Buffer in a list', [1, [bytes]], 'a Buffer', 'toString'],
  ['a typed array', new Float32Array(4_000), 'a Float32Array', 'toString'],
  ['a view', new DataView(new ArrayBuffer(8)), 'a DataView', 'toString'],
  ['an ArrayBuffer', new ArrayBuffer(8), 'an ArrayBuffer', 'toString'],
  ['a SharedArrayBuffer', new SharedArrayBuffer(8), 'a SharedArrayBuffer', 'toString'],
  ['a stream of Node', Readable.from(['a']), 'a Readable', 'stream/consumers'],
  ['a stream of the web', new ReadableStream(), 'a ReadableStream', 'stream/consumers'],
  ['a stream of the web in a field', { body: new Response('x').body }, '`body`', 'stream/consumers'],
  ['a Response', new Response('{}'), 'a Response', 'await it.json()'],
  ['a Request', new Request('http://localhost/'), 'a Request', 'await it.json()'],
  ['a Blob', new Blob(['x']), 'a Blob', 'await it.text()'],
  ['a File', new File(['x'], 'x.txt'), 'a File', 'await it.text()'],
  ['a Map', new Map([['a', 1]]), 'a Map', 'Object.fromEntries(map)'],
  ['a Set', new Set([1]), 'a Set', '[...set]'],
  ['a Set in a field', { tags: new Set(['x']) }, '`tags`', '[...set]'],
  ['an object of a class that would be {}', new Account(), 'an Account', 'toJSON'],
  ['one in a field', { account: new Account() }, '`account`', 'toJSON'],
  ['an Error in a field', { error: new Error('no') }, 'an Error', 'message'],
  ['a promise in a field', { later: Promise.resolve(1) }, 'a Promise', 'await'],
  ['search parameters', new URLSearchParams('a=1'), 'a URLSearchParams', 'Object.fromEntries(it)'],
  ['headers', new Headers({ a: '1' }), 'a Headers', 'Object.fromEntries(it)'],
  [
    'a generator',
    (function* () {
      yield 1;
    })(),
    'Generator',
    '[...it]',
  ],
  ['a regular expression', { pattern: /x/ }, 'a RegExp', 'plain object'],
])('%s: an error names the tool and what to return instead', (_what, value, got, instead) => {
  for (const tool of [read, write]) {
    const { outcome, invalid } = readResult(tool, value);
    expect(outcome).toMatchObject({ ok: false, failure: 'invalid-result' });
    const { error } = JSON.parse(outcome.content) as { error: string };
    expect(error.length).toBeLessThan(500);
    expect(error).toContain(`\`${tool.name}\``);
    for (const text of [error, invalid ?? '']) {
      expect(text).toMatch(new RegExp(got.replace(/[.*+()[\]]/g, '\\$&')));
      expect(text).toContain(instead);
    }
  }
});

test.each<[what: string, value: unknown, content: string]>([
  [
    'an object of a class with fields',
    new (class Point {
      x = 1;
    })(),
    '{"x":1}',
  ],
  [
    'an object of a class with toJSON',
    new (class Money {
      toJSON() {
        return '5 euros';
      }
    })(),
    '"5 euros"',
  ],
  ['a date in a field', { at: new Date(0) }, '{"at":"1970-01-01T00:00:00.000Z"}'],
  ['an address', new URL('http://localhost/'), '"http://localhost/"'],
  ['a boxed number', Object(5), '5'],
  ['an empty object without a prototype in a field', { a: Object.create(null) as unknown }, '{"a":{}}'],
  ['a function in a field, which JSON leaves out', { a: 1, f: () => 1 }, '{"a":1}'],
])('%s is handed on as JSON has it', (_what, value, content) => {
  expect(readResult(read, value)).toEqual({ outcome: { ok: true, content } });
});

test('transfer: SIP headers of a result that was made by hand are looked at as well', () => {
  const terminal = { name: 'pass_on', effect: 'terminal' } as const;
  const made = (headers: unknown) => readResult(terminal, { ...transferTo('sip:a@b.c'), headers });
  expect(made({ 'X-Order': '17' }).outcome).toMatchObject({
    control: { type: 'transfer', to: 'sip:a@b.c', headers: { 'X-Order': '17' } },
  });
  for (const headers of [{ 'X-Order': 'a\nX-B: 1' }, { Via: 'x' }, 'X-Order: 17', null]) {
    expect(made(headers).outcome).toMatchObject({ ok: false, failure: 'invalid-result' });
  }
});
