import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ToolsInvalid, checkTools } from '../../../src/tool/check.ts';
import type { ToolDefinition } from '../../../src/tool/define.ts';
import type { HttpToolOptions } from '../../../src/tool/http/fields.ts';
import { httpTool } from '../../../src/tool/http/http-tool.ts';
import { createToolbox } from '../../../src/tool/toolbox.ts';
import { ask, caller, json, serve, type Answering } from '../helpers/ask.ts';

const Id = z.object({ id: z.string() });

const tool = (options: Partial<HttpToolOptions<typeof Id>> & { url: string }): ToolDefinition =>
  httpTool({ name: 'order', description: 'Finds an order.', input: Id, allowPrivate: true, ...options });

const TOKEN = 'token-of-orders';
const env = { ORDERS_TOKEN: TOKEN, USER: 'ann', PASSWORD: 'pa:ss' };

const problemsOf = (definition: ToolDefinition, given?: Record<string, string>) =>
  checkTools([{ definition, file: undefined }], given).problems.map(({ message }) => message);

test('it asks with what the model said, and the model reads what is picked', async () => {
  const server = await serve(json({ order: { status: 'shipped', lines: [{ title: 'Tea' }], internal: 1 } }));
  const pick = { status: 'order.status', lines: 'order.lines[].title' };
  const { result, outcome } = await ask(
    tool({ url: `${server.url}/orders/{id}?full=1`, query: { by: '{@from}' }, pick }),
    {
      id: 'a/b',
    },
  );
  expect(outcome.ok).toBe(true);
  expect(result).toEqual({ status: 'shipped', lines: ['Tea'] });
  expect(server.asked).toMatchObject([{ method: 'GET', url: '/orders/a%2Fb?full=1&by=%2B15550100', body: '' }]);
  expect(server.asked[0]?.headers['idempotency-key']).toBeUndefined();
});

test('R15: a write carries its idempotency key, and what stands nowhere else as JSON', async () => {
  const server = await serve(json({ done: true }));
  const input = z.object({ id: z.string(), count: z.int(), note: z.string().optional() });
  const options = { name: 'reorder', description: 'Orders again.', input, allowPrivate: true, method: 'POST' as const };
  await ask(httpTool({ ...options, url: `${server.url}/orders/{id}` }), { id: '7', count: 2 });
  expect(server.asked[0]).toMatchObject({ method: 'POST', url: '/orders/7', body: '{"count":2}' });
  expect(server.asked[0]?.headers).toMatchObject({
    'idempotency-key': 'call-7-1',
    'content-type': 'application/json',
  });
  const own = { ...options, body: { of: '{id}', text: 'Count: {count}' }, idempotencyHeader: 'X-Key' };
  await ask(httpTool({ ...own, url: `${server.url}/{$PATH}` }), { id: '8', count: 2 }, { PATH: 'orders' });
  expect(server.asked[1]).toMatchObject({ url: '/orders', body: '{"of":"8","text":"Count: 2"}' });
  expect(server.asked[1]?.headers['x-key']).toBe('call-7-1');
});

describe('secrets', () => {
  const headers = { authorization: 'Bearer {$ORDERS_TOKEN}', 'x-basic': 'Basic {base64 $USER:$PASSWORD}' };

  test('go to the server, and neither into results, errors nor the log', async () => {
    const echo: Answering = (asked, response) => json({ you: asked.headers, url: asked.url })(asked, response);
    const refuse: Answering = (asked, response) =>
      json({ message: `bad ${asked.headers.authorization}` }, 422)(asked, response);
    const fail: Answering = (asked, response) => json({ token: TOKEN }, 500)(asked, response);
    const server = await serve(echo, refuse, fail);
    const asking = tool({ url: `${server.url}/orders/{id}`, query: { key: '{$ORDERS_TOKEN}' }, headers, retries: 0 });
    const runs = [
      await ask(asking, { id: '1' }, env),
      await ask(asking, { id: '1' }, env),
      await ask(asking, { id: '1' }, env),
    ];
    expect(server.asked[0]?.headers).toMatchObject({
      authorization: `Bearer ${TOKEN}`,
      'x-basic': 'Basic YW5uOnBhOnNz',
    });
    expect(server.asked[0]?.url).toBe(`/orders/1?key=${TOKEN}`);
    expect(runs[0]?.result).toMatchObject({ you: { authorization: 'Bearer [secret]', 'x-basic': 'Basic [secret]' } });
    expect(runs[1]?.result).toEqual({
      error: 'The service refused this (422), and nothing was changed. It says: bad Bearer [secret]',
    });
    const everything = JSON.stringify(runs);
    for (const secret of [TOKEN, 'YW5uOnBhOnNz', 'pa:ss']) expect(everything).not.toContain(secret);
    expect(runs[2]?.log).toContain('/orders/{id} was answered 500');
  });

  test('that are missing are told when it is loaded, each by its name', () => {
    const url = '{$ORDERS_URL}/orders/{id}';
    expect(problemsOf(tool({ url, headers }), { USER: 'ann' })).toEqual([
      '`url` needs `ORDERS_URL` from the environment, and it is not set',
      '`headers.authorization` needs `ORDERS_TOKEN` from the environment, and it is not set',
      '`headers.x-basic` needs `PASSWORD` from the environment, and it is not set',
    ]);
    expect(() => createToolbox([tool({ url, headers })], { env: {} })).toThrow(ToolsInvalid);
    const all = { ...env, ORDERS_URL: 'https://orders.example.com' };
    expect(problemsOf(tool({ url, headers }), all)).toEqual([]);
    expect(problemsOf(tool({ url, headers }), { ...all, ORDERS_TOKEN: 'a\nb' })).toEqual([
      '`headers.authorization` needs `ORDERS_TOKEN` from the environment, and it holds a line end or a letter that no header can have',
    ]);
    expect(problemsOf(tool({ url, headers }), { ...all, ORDERS_URL: 'orders:80' })[0]).toContain(
      '`url` cannot be used: {$ORDERS_URL}: it does not lead to a web server',
    );
  });

  test('that are missing where it is tried are told to its author, and the model hears that it cannot be done', async () => {
    const { result, log } = await ask(tool({ url: 'https://orders.example.com/{id}', headers }), { id: '1' });
    expect(result).toEqual({ error: 'This cannot be done at the moment. Nothing was changed.' });
    expect(log).toContain('needs `ORDERS_TOKEN` from the environment');
  });
});

describe('a status is told in words', () => {
  const asking = async (status: number, options: Partial<HttpToolOptions<typeof Id>> = {}, headers = {}) => {
    const server = await serve(json({ error: { message: 'no such day' } }, status, headers));
    const run = await ask(tool({ url: `${server.url}/{id}`, ...options }), { id: '1' });
    return { ...run, count: server.asked.length };
  };

  test.each([
    [404, 'Nothing was found.'],
    [410, 'Nothing was found.'],
    [409, 'The service refused this (409), and nothing was changed. It says: no such day'],
    [400, 'The service refused this (400), and nothing was changed. It says: no such day'],
  ])('%i is an answer', async (status, error) => {
    const { result, count, outcome } = await asking(status);
    expect([result, count, outcome]).toMatchObject([{ error }, 1, { failure: 'tool-error' }]);
  });

  test.each([
    ['{"detail":[{"msg":"field required","loc":["body","day"]},{"msg":"too long"}]}', 'field required; too long'],
    ['{"errors":[{"message":"no such day"}]}', 'no such day'],
    ['{"error":{"details":["no such day"]}}', 'no such day'],
    ['["no such day"]', 'no such day'],
  ])('what a refusal lists is said: %s', async (body, reason) => {
    const server = await serve((_asked, response) =>
      response.writeHead(422, { 'content-type': 'application/json' }).end(body),
    );
    const { result } = await ask(tool({ url: `${server.url}/{id}` }), { id: '1' });
    expect(result).toEqual({ error: `The service refused this (422), and nothing was changed. It says: ${reason}` });
  });

  test('a refusal in plain text is said, and a web page is not', async () => {
    const refusing = async (type: string) => {
      const server = await serve((_asked, response) =>
        response.writeHead(400, { 'content-type': type }).end('bad day'),
      );
      return (await ask(tool({ url: `${server.url}/{id}` }), { id: '1' })).result;
    };
    expect(await refusing('text/plain')).toMatchObject({
      error: expect.stringContaining('It says: bad day') as string,
    });
    expect(await refusing('text/html')).toEqual({ error: 'The service refused this (400), and nothing was changed.' });
  });

  test.each([401, 403])('%i is told to the log, and not to whoever calls', async (status) => {
    const { result, log, count } = await asking(status);
    expect(result).toEqual({
      error:
        'This cannot be done at the moment. Nothing was changed. Tell the caller that it does not work at the moment.',
    });
    expect([count, log]).toEqual([1, expect.stringContaining(`was answered ${status}`)]);
  });

  test.each([
    [429, 'The service is too busy at the moment. Nothing was changed. Try again later in the call.'],
    [503, 'The service has failed. Nothing was changed. Tell the caller that it does not work at the moment.'],
  ])('a read that is answered %i is asked twice more', async (status, error) => {
    const { result, count } = await asking(status);
    expect([result, count]).toEqual([{ error }, 3]);
  });

  test('a server that asks for a longer wait than a caller has is not asked again', async () => {
    expect((await asking(429, {}, { 'retry-after': '30' })).count).toBe(1);
    expect((await asking(503, {}, { 'retry-after': 'Fri, 31 Dec 2027 23:59:59 GMT' })).count).toBe(1);
    expect((await asking(503, {}, { 'retry-after': '1' })).count).toBe(3);
  });

  test('a write is asked once, and whether it was done is not said for certain', async () => {
    const { result, count } = await asking(500, { method: 'POST' });
    expect(result).toEqual({
      error: 'The service has failed. It is not certain whether it was done: tell the caller so.',
    });
    expect(count).toBe(1);
    expect((await asking(404, { method: 'DELETE' })).result).toEqual({
      error: 'Nothing was found that this could be done to. It was not done.',
    });
  });

  test('words of its own stand in their place, by status or by kind', async () => {
    const statuses = { 404: 'Ask for the number again.', '5xx': 'Say that orders are closed.' };
    expect((await asking(404, { statuses })).result).toEqual({ error: 'Ask for the number again.' });
    expect((await asking(502, { statuses, retries: 0 })).result).toEqual({ error: 'Say that orders are closed.' });
    expect((await asking(202, { statuses: { 202: 'It was taken in.' } })).result).toBe('It was taken in.');
  });
});

test('a value that is null is null in JSON, and is left out everywhere else', async () => {
  const server = await serve(json({ ok: 1 }));
  const clearing = httpTool({
    ...{ name: 'clear', description: 'Clears a note.', method: 'PATCH', allowPrivate: true },
    input: z.object({ note: z.string().nullable(), tags: z.array(z.string().nullable()).nullable() }),
    url: `${server.url}/notes?tag={tags}&note={note}`,
    headers: { 'x-note': '{note}' },
    body: { note: '{note}', said: 'note: {note}', tags: '{tags}' },
  });
  await ask(clearing, { note: null, tags: ['a', null] });
  const [asked] = server.asked;
  expect(asked?.url).toBe('/notes?tag=a');
  expect(asked?.headers).not.toHaveProperty('x-note');
  expect(JSON.parse(asked?.body ?? '')).toEqual({ note: null, said: 'note: ', tags: ['a', null] });
});

test('a read that fails once and then does not is a result', async () => {
  const server = await serve(json({}, 503), json({ ok: 1 }));
  expect((await ask(tool({ url: `${server.url}/{id}` }), { id: '1' })).result).toEqual({ ok: 1 });
});

describe('this machine and its network', () => {
  test.each([
    'http://127.0.0.1:PORT',
    'http://localhost:PORT',
    'http://[::1]:PORT',
    'http://2130706433:PORT',
    'http://[::ffff:7f00:1]:PORT',
    'http://0x7f.1:PORT',
  ])('are not asked by %s', async (address) => {
    const server = await serve(json({}));
    const url = address.replace('PORT', new URL(server.url).port);
    const { result, log } = await ask(tool({ url: `${url}/{id}`, allowPrivate: false }), { id: '1' });
    expect(result).toMatchObject({ error: expect.stringContaining('This cannot be done at the moment.') as string });
    expect(log).toContain('is an address of this machine or of its network');
    expect(server.asked).toEqual([]);
  });

  test('are not asked by where a redirect leads, either', async () => {
    const inner = await serve(json({ secret: 1 }));
    const outer = await serve(json({}, 302, { location: `${inner.url}/metadata` }));
    const { result, log } = await ask(tool({ url: `${outer.url}/{id}` }), { id: '1' });
    expect(result).toMatchObject({ error: expect.stringContaining('cannot be done') as string });
    expect(log).toContain(`was redirected to ${inner.url}, which \`redirects\` does not name`);
    expect(inner.asked).toEqual([]);
  });
});

describe('redirects', () => {
  test('are followed on the same server', async () => {
    const server = await serve(json({}, 301, { location: '/b?c=1' }), json({ ok: 1 }));
    const headers = { 'x-a': '1' };
    expect((await ask(tool({ url: `${server.url}/{id}`, headers }), { id: 'a' })).result).toEqual({ ok: 1 });
    expect(server.asked[1]).toMatchObject({ url: '/b?c=1', headers: { 'x-a': '1' } });
  });

  test('lead to another server that is named, without the headers', async () => {
    const other = await serve(json({ ok: 1 }));
    const server = await serve(json({}, 307, { location: `${other.url}/b` }));
    const options = {
      method: 'POST' as const,
      headers: { authorization: 'x' },
      redirects: [other.url],
      body: { a: '{id}' },
    };
    expect((await ask(tool({ url: server.url, ...options }), { id: '1' })).result).toEqual({ ok: 1 });
    expect(other.asked).toMatchObject([{ method: 'POST', body: '{"a":"1"}' }]);
    expect(other.asked[0]?.headers.authorization).toBeUndefined();
  });

  test('of what was sent become a question for its answer (303)', async () => {
    const server = await serve(json({}, 303, { location: '/done' }), json({ ok: 1 }));
    expect((await ask(tool({ url: server.url, method: 'POST' }), { id: '1' })).result).toEqual({ ok: 1 });
    expect(server.asked[1]).toMatchObject({ method: 'GET', url: '/done', body: '' });
  });

  test('have an end, and lead to no other kind of address', async () => {
    const round = await serve(json({}, 302, { location: '/again' }));
    expect((await ask(tool({ url: `${round.url}/{id}` }), { id: '1' })).log).toContain('more than 5 times');
    const file = await serve(json({}, 302, { location: 'file:///etc/passwd' }));
    expect((await ask(tool({ url: `${file.url}/{id}` }), { id: '1' })).log).toContain('no address of a web server');
  });
});

describe('an answer', () => {
  const answered = async (answering: Answering, options: Partial<HttpToolOptions<typeof Id>> = {}) => {
    const server = await serve(answering);
    return ask(tool({ url: `${server.url}/{id}`, ...options }), { id: '1' });
  };
  const text =
    (type: string, words: string): Answering =>
    (_, response) =>
      response.writeHead(200, { 'content-type': type }).end(words);

  test('that is a web page is told in plain words', async () => {
    const { result, log } = await answered(text('text/html; charset=utf-8', '<h1>Sign in</h1>'));
    expect(result).toEqual({
      error:
        'The service answered with a web page that cannot be read. Nothing was changed. Tell the caller that it does not work at the moment.',
    });
    expect(log).toContain('was answered by a web page that is no JSON');
  });

  test('that is plain text is that text; an empty one is nothing, or that it was done', async () => {
    expect((await answered(text('text/plain; charset=iso-8859-1', 'In stock'))).result).toBe('In stock');
    expect((await answered((_, response) => response.writeHead(204).end())).result).toBe(null);
    expect((await answered((_, response) => response.writeHead(204).end(), { method: 'PUT' })).result).toEqual({
      done: true,
    });
  });

  test('that is too long is read no further than it may be', async () => {
    let written = 0;
    const endless: Answering = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const more = () => {
        while (!response.destroyed && response.write('"'.padEnd(65_536, 'a'))) written += 65_536;
        response.once('drain', more);
      };
      more();
    };
    const { log } = await answered(endless, { mostBytes: 100_000 });
    expect(log).toContain('more than 100000 bytes (`mostBytes`)');
    expect(written).toBeLessThan(50_000_000);
  });

  test('of a read that cannot be read changed nothing', async () => {
    const gzipped = await serve((_asked, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('x'));
    const run = await ask(tool({ url: `${gzipped.url}/{id}` }), { id: '1' });
    expect(run.result).toMatchObject({ error: expect.stringContaining('Nothing was changed') as string });
  });

  test('of many entries is cut, with how many there were', async () => {
    const { result } = await answered(json(Array.from({ length: 7 }, (_, at) => at)), { mostItems: 2 });
    expect(result).toEqual([0, 1, 'and 5 more']);
  });

  test('in which the path leads nowhere is null', async () => {
    expect((await answered(json({ a: 1 }), { pick: 'b.c' })).result).toBe(null);
  });

  test('with keys of prototypes, or far too deep, does no harm', async () => {
    const hostile = text('application/json', '{"__proto__":{"polluted":1},"a":1}');
    expect((await answered(hostile)).result).toMatchObject({ a: 1 });
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect((await answered(text('application/json', '['.repeat(5_000) + ']'.repeat(5_000)))).outcome.ok).toBe(false);
  });
});

test('a server that is not there is told in words; of a write, that it was not done', async () => {
  const options = { url: 'http://127.0.0.1:9/{id}', retries: 0 };
  const { result, log } = await ask(tool({ ...options, method: 'POST' }), { id: '1' });
  expect(result).toEqual({
    error:
      'The service cannot be reached at the moment. Nothing was changed. Tell the caller that it does not work at the moment.',
  });
  expect(log).toContain('POST http://127.0.0.1:9/{id} had no answer');
});

test('a connection that breaks leaves open whether a write was done', async () => {
  const server = await serve((_, response) => response.destroy());
  const { result } = await ask(tool({ url: server.url, method: 'POST' }), { id: '1' });
  expect(result).toEqual({
    error: 'The service cannot be reached at the moment. It is not certain whether it was done: tell the caller so.',
  });
});

test('R13: a read that is cancelled lets go of its connection', async () => {
  let closed: Promise<unknown> | undefined;
  let hasCome!: () => void;
  const came = new Promise<void>((resolve) => (hasCome = resolve));
  const server = await serve((_, response) => {
    closed = once(response, 'close');
    hasCome();
  });
  const toolbox = createToolbox([tool({ url: `${server.url}/{id}` })]);
  const settled = new Promise((resolve) => {
    const runner = toolbox.runner({
      callId: 'call-7',
      caller,
      listener: { settled: (_id, outcome) => resolve(outcome), progress: () => undefined },
    });
    runner.run({ id: 't1', name: 'order', arguments: '{"id":"1"}' }, 1);
    void came.then(() => runner.cancel('t1'));
  });
  expect(await settled).toMatchObject({ failure: 'cancelled' });
  await closed;
});

test('it says what the caller answers next, as any tool', () => {
  const { tools, problems } = checkTools([
    { definition: tool({ url: 'https://a.example.com/{id}', expects: { code: 8 } }), file: undefined },
  ]);
  expect(problems).toEqual([]);
  expect(tools[0]?.expects).toEqual({ code: 8 });
});

describe('what is wrong with it is found when it is loaded, all in one go:', () => {
  const wrong = (options: object) => problemsOf(tool({ url: 'https://a.example.com/{id}', ...options }));

  test.each<[string, object, string]>([
    [
      'an unknown field',
      { endpoint: 'x' },
      '`endpoint` is not a field of a tool that asks a server: did you mean `url`?',
    ],
    [
      'a method',
      { method: 'FETCH' },
      'Expected `method` to be one of GET, HEAD, POST, PUT, PATCH, DELETE, got `"FETCH"`',
    ],
    [
      'no address',
      { url: '' },
      'Expected `url` to be the address to ask, such as `https://api.example.com/orders/{orderId}`, got `""`',
    ],
    [
      'the server',
      { url: 'https://{id}/' },
      '`url` cannot be used: `{id}` would choose the server: only the path, the query and what follows may have it',
    ],
    [
      'a place of nothing',
      { url: 'https://a.example.com/{no}' },
      '`url` has a place for `no`, which is no field of `input`: those are `id`',
    ],
    [
      'a header',
      { headers: { Host: 'x' } },
      "Expected `headers` to be names of headers, but for the connection's own, with a text each, got `Host`",
    ],
    [
      'a header with a line end',
      { headers: { 'a\r\nb': 'x' } },
      "Expected `headers` to be names of headers, but for the connection's own, with a text each, got `a\r\nb`",
    ],
    [
      'a path',
      { pick: 'a[?b]' },
      '`pick` cannot be used: `[?b]` at character 2 is none of its words: expected names with dots, `[0]`, `[]` or `.{name: path}`, as in `order.items[].{name: title}`',
    ],
    [
      'a body of a question',
      { body: { a: 1 } },
      'Expected `body` to be left out, or `method` to be one that sends something, got a body for GET',
    ],
    [
      'a redirect',
      { redirects: ['a.example.com'] },
      'Expected `redirects` to be a list of servers, such as `https://cdn.example.com`, got `"a.example.com"` at `redirects.0`',
    ],
    [
      'a status',
      { statuses: { 900: 'x' } },
      'Expected `statuses` to be words by status: `404`, `4xx` or `5xx`, got `900`',
    ],
    [
      'an end of the call',
      { effect: 'terminal' },
      "Expected `effect` to be 'read' or 'write' for a tool that asks a server, got `'terminal'`",
    ],
    [
      'retries of a write',
      { method: 'PUT', retries: 1 },
      "Expected `retries` to be 0, or `effect` to be 'read': what changes something is never run again unasked, got `1`",
    ],
  ])('%s', (_what, options, message) => {
    expect(wrong(options)).toEqual([message]);
  });

  test('a field that may be left out, in an address', () => {
    const input = z.object({ id: z.string().optional() });
    const definition = httpTool({ name: 'a', description: 'A.', input, url: 'https://a.example.com/{id}' });
    expect(problemsOf(definition)).toEqual([
      '`url` has a place for `id`, which `input` may leave out: an address needs it',
    ]);
    const withDefault = z.object({ id: z.string().default('1') });
    expect(
      problemsOf(httpTool({ name: 'a', description: 'A.', input: withDefault, url: 'https://a.example.com/{id}' })),
    ).toEqual([]);
  });

  test('what is no options at all', () => {
    for (const hostile of [undefined, null, 7, 'x', []]) {
      expect(problemsOf(httpTool(hostile as never)).length).toBeGreaterThan(0);
    }
  });
});
