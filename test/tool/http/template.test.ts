import { expect, test } from 'vitest';
import { fillBody, fillHeader, fillQuery, fillSegment } from '../../../src/tool/http/places.ts';
import { parseTemplate, tell, type Values } from '../../../src/tool/http/template.ts';
import { fillUrl, parseUrl } from '../../../src/tool/http/url.ts';

const values = (input: unknown, env: Record<string, string> = {}): Values => ({
  input,
  env,
  facts: { from: '+15550100', to: '+15550199', callId: 'call-7', parameters: { tenant: 'a&b' } },
});
const HOSTILE = [
  '../../admin',
  '..\\admin',
  '%2e%2e',
  '%2F..',
  '?x=1',
  '#top',
  '&admin=true',
  ';a=b',
  'a\r\nX-Evil: 1',
  '\u0000',
  '"',
  "'",
  '{$TOKEN}',
  '{other}',
  '@evil.example.com',
  '//evil.example.com/',
  'नमस्ते',
  '🏥',
  '\ud800',
  '\u2028',
  ' ',
];

test('a template has fields, secrets, facts of the call, and braces written twice', () => {
  const pieces = parseTemplate('a {b.c} {$D} {base64 $E:$F} {@from} {@parameters.tenant} {{g}}');
  expect(tell(pieces)).toBe('a {b.c} {$D} {base64 $E:$F} {@from} {@parameters.tenant} {g}');
  expect(pieces.map(({ type }) => type).filter((type) => type !== 'text')).toEqual([
    ...['field', 'secret', 'secret', 'fact', 'parameter'],
  ]);
});

test.each([
  ['{', '`{` at character 1 is not closed'],
  ['a}', '`}` at character 2 closes nothing'],
  ['{}', '`{}` at character 1 is not a field'],
  ['{a b}', '`{a b}` at character 1 is not a field'],
  ['{a.}', '`{a.}`'],
  ['{@nobody}', '`{@nobody}`'],
  ['{$1}', '`{$1}`'],
])('%s is no template', (text, message) => {
  expect(() => parseTemplate(text)).toThrow(message);
});

test.each(HOSTILE)('a value stays one segment of the path: %j', (hostile) => {
  const plan = parseUrl('https://api.example.com/v1/orders/{id}/lines?q={id}');
  const url = fillUrl(plan, values({ id: hostile }));
  const [, version, orders, id = '', lines, ...more] = url.pathname.split('/');
  expect([url.origin, version, orders, lines, more]).toEqual(['https://api.example.com', 'v1', 'orders', 'lines', []]);
  const wellFormed = hostile === '\ud800' ? '\ufffd' : hostile;
  expect(decodeURIComponent(id)).toBe(wellFormed);
  expect([...url.searchParams]).toEqual([['q', wellFormed]]);
  expect(url.hash + url.username).toBe('');
});

test.each(['.', '..'])('a value that is no segment of its own is refused: %j', (value) => {
  expect(() => fillSegment(parseTemplate('{id}'), values({ id: value }))).toThrow('`id` is not a value that can be');
});

test.each([
  ['{id}', /^`id` is empty\. Nothing was done\.$/],
  ['{@from}', /^The caller's number is not known\. Nothing was done\.$/],
  ['{@to}', /^The number that was called is not known\./],
  ['{@parameters.tenant}', /^This call has no parameter `tenant`\./],
  ['{@from}{id}', /^The caller's number is not known; `id` is empty\./],
])('a segment of %s of which nothing is known says so', (template, told) => {
  const unknown = { ...values({}), facts: { from: '', to: '', callId: 'call-1', parameters: {} } };
  expect(() => fillSegment(parseTemplate(template), unknown)).toThrow(told);
});

test('two values that make dots together are refused, too', () => {
  expect(() => fillSegment(parseTemplate('{a}{b}'), values({ a: '.', b: '.' }))).toThrow('`a`, `b`');
});

test.each(HOSTILE)('a value stays in its header: %j', (hostile) => {
  const header = fillHeader(parseTemplate('id={id}; v=1'), values({ id: hostile })) ?? '';
  expect(header).toMatch(/^id=[\w .~:@/+=%-]*; v=1$/);
  expect(decodeURIComponent(header.slice(3, -5))).toBe(hostile === '\ud800' ? '\ufffd' : hostile);
});

test('a very long value is refused, in words', () => {
  const long = values({ id: 'a'.repeat(2_001) });
  expect(() => fillSegment(parseTemplate('{id}'), long)).toThrow('`id` is longer than 2000 characters');
  expect(() => fillHeader(parseTemplate('{id}'), long)).toThrow('longer');
  expect(() => fillQuery('q', parseTemplate('{id}'), long)).toThrow('longer');
});

test('what is not known is left out of a query, a header and a body; a list is sent once for each', () => {
  const known = values({ tags: ['a', 'b&c'], none: null });
  expect(fillQuery('q', parseTemplate('{none}'), known)).toEqual([]);
  expect(fillQuery('tag', parseTemplate('{tags}'), known)).toEqual(['tag=a', 'tag=b%26c']);
  expect(fillHeader(parseTemplate('x {none}'), known)).toBeUndefined();
  const field = (template: string) => ({ type: 'text', pieces: parseTemplate(template) }) as const;
  const body = {
    type: 'object',
    fields: [
      ['a', field('{unsaid}')],
      ['b', field('{none}')],
    ],
  } as const;
  expect(JSON.stringify(fillBody(body, known))).toBe('{"b":null}');
});

test('in JSON a place alone is its value with its type, and no key of it reaches a prototype', () => {
  const input = JSON.parse('{"n": 3, "who": {"__proto__": {"polluted": 1}}, "name": "\\"}"}') as unknown;
  const field = (template: string) => ({ type: 'text', pieces: parseTemplate(template) }) as const;
  const body = {
    type: 'object',
    fields: [
      ['n', field('{n}')],
      ['who', field('{who}')],
      ['__proto__', field('x {name}')],
    ],
  } as const;
  expect(JSON.stringify(fillBody(body, values(input)))).toBe(
    '{"n":3,"who":{"__proto__":{"polluted":1}},"__proto__":"x \\"}"}',
  );
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});

test('names that all objects have are no fields of an input', () => {
  expect(fillHeader(parseTemplate('{constructor.name}{__proto__}{toString}'), values({}))).toBeUndefined();
});

test('an address may begin with a variable that has a path of its own', () => {
  const plan = parseUrl('{$BASE}/orders/{id}?limit=5');
  const url = fillUrl(plan, values({ id: 7 }, { BASE: 'https://api.example.com/v2/' }));
  expect(url.href).toBe('https://api.example.com/v2/orders/7?limit=5');
});

test.each([
  ['https://{host}/', '`{host}` would choose the server'],
  ['https://api.{$A}{b}.com/', '`{b}` would choose the server'],
  ['{id}/orders', 'does not begin with'],
  ['ftp://a/b', 'does not begin with'],
  ['/orders', 'does not begin with'],
  ['{$BASE}orders', 'followed by neither'],
  ['https://a.example.com/b#c', '`#` is never sent'],
  ['https://a.example.com/../b', '`..` in it leads elsewhere'],
  ['https://a.example.com/b?{c}=1', 'has a place in it'],
])('%s is no address', (url, message) => {
  expect(() => parseUrl(url)).toThrow(message);
});

test.each(['ftp://a', 'a.example.com', 'https://u:p@a.example.com', 'https://a.example.com/?x=1', 'http://a b'])(
  'a variable that holds %s is no beginning of an address',
  (base) => {
    expect(() => fillUrl(parseUrl('{$BASE}/x'), values({}, { BASE: base }))).toThrow(/does not lead|belong into/);
  },
);
