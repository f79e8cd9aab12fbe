import { request as httpRequest, Agent } from 'node:http';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { VirtualClock } from '../../../src/lib/clock.ts';
import { parseJson } from '../../../src/lib/json.ts';
import { startElectronSimulator } from '../../../src/simulate/electron/server.ts';
import type { ElectronOptionsInput } from '../../../src/simulate/electron/options.ts';
import {
  ask,
  askStream,
  askWeather,
  chunksOf,
  raw,
  readAnswer,
  simulator,
  toolsOf,
  usageOf,
  WEATHER,
} from '../helpers/electron.ts';
import { until } from '../../helpers/until.ts';

const errorOf = (body: string): unknown => (parseJson(body) as { error?: unknown } | undefined)?.error;

test('every answer carries an X-Request-Id of its own, refusals in their envelope too', async () => {
  const sim = await simulator();
  const answers = [
    await raw(sim, askWeather()).answer,
    await raw(sim, ask('Hi')).answer,
    await raw(sim, ask('Hi', { n: 2 })).answer,
    await raw(sim, ask('Hi'), { Authorization: '' }).answer,
  ];
  const ids = answers.map(({ headers }) => headers['x-request-id']);
  expect(new Set(ids).size).toBe(4);
  expect(ids.every((id) => /^[0-9a-f-]{36}$/.test(id ?? ''))).toBe(true);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 400, 401]);
  expect(errorOf(answers[2]!.body)).toEqual({
    message: 'Invalid input data',
    type: 'invalid_request_error',
    details: [{ code: 'custom', message: 'n > 1 is not supported', path: ['n'] }],
    request_id: ids[2],
  });
});

test('keys: any sk_ key by default, only the given ones when given, 403 for those without Electron', async () => {
  const open = await simulator();
  const strict = await simulator({ keys: ['sk_good', 'sk_poor'], forbiddenKeys: ['sk_poor'] });
  const status = async (sim: typeof open, Authorization: string): Promise<number | undefined> =>
    (await raw(sim, ask('Hi'), { Authorization }).answer).status;
  expect(await status(open, 'Bearer sk_any')).toBe(200);
  expect(await status(open, 'Bearer sk-openai')).toBe(401);
  expect(await status(open, 'sk_any')).toBe(401);
  expect(await status(strict, 'Bearer sk_good')).toBe(200);
  expect(await status(strict, 'Bearer sk_other')).toBe(401);
  expect(await status(strict, 'Bearer sk_poor')).toBe(403);
});

test('a context that is too long is refused, input and output together', async () => {
  const sim = await simulator();
  const long = 'many short words here '.repeat(7_000);
  const refused = await raw(sim, ask(long, { max_tokens: 10_000 })).answer;
  expect(refused.status).toBe(400);
  expect(refused.body).toMatch(/context is 32768 tokens/);
  expect((await raw(sim, ask(long, { max_tokens: 10 })).answer).status).toBe(200);
});

test('usage adds up, comes only when it was asked for, and the second time the prompt is cached', async () => {
  const sim = await simulator();
  const first = usageOf((await raw(sim, askWeather()).answer).body);
  expect(first.total_tokens).toBe(first.prompt_tokens + first.completion_tokens);
  expect(first.prompt_tokens_details).toEqual({ cached_tokens: 0 });
  const second = usageOf((await raw(sim, askWeather()).answer).body);
  expect(second.prompt_tokens_details).toEqual({ cached_tokens: second.prompt_tokens });
  const bare = await raw(sim, askWeather(undefined, { stream_options: {} })).answer;
  expect(chunksOf(bare.body).some(({ usage }) => usage)).toBe(false);
  expect(sim.stats().cachedTokens).toBe(second.prompt_tokens * 2);
});

test('a conversation that only grows keeps its prefix; another tool breaks it from the start', async () => {
  const sim = await simulator();
  const messages: object[] = [{ role: 'system', content: 'You are a desk.' }];
  const tools = toolsOf([WEATHER]);
  const say = async (text: string, offered = tools): Promise<{ cached: number; prompt: number }> => {
    messages.push({ role: 'user', content: text });
    const { body } = await raw(sim, askStream(text, { messages, tools: offered })).answer;
    messages.push({ role: 'assistant', content: readAnswer(body).text || 'Yes.' });
    const usage = usageOf(body);
    return { cached: usage.prompt_tokens_details?.cached_tokens ?? 0, prompt: usage.prompt_tokens };
  };
  const first = await say('hello');
  const second = await say('thanks');
  expect(second.cached).toBe(first.prompt);
  expect((await say('thanks', [...tools, ...toolsOf([{ ...WEATHER, name: 'forecast' }])])).cached).toBe(0);
});

test('Standard takes three at once; the fourth is 429 and says which limit it was', async () => {
  const sim = await simulator({ plan: 'standard', retryAfter: 'seconds' });
  sim.fault({ type: 'stall', afterChunks: 1, times: 3 });
  const streams = [1, 2, 3].map(() => raw(sim, askWeather()));
  await Promise.all(streams.map((stream) => stream.has('One')));
  const fourth = await raw(sim, askWeather()).answer;
  expect(fourth).toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
  expect(fourth.body).toContain('Concurrency limit reached');
  streams[0]!.socket.destroy();
  await until(() => expect(sim.stats().inFlight).toBe(2));
  expect((await raw(sim, askWeather()).answer).status).toBe(200);
  expect(sim.stats()).toMatchObject({ rateLimited: 1, aborts: 1, maxConcurrent: 3 });
});

test('the place of an aborted stream may come back late', async () => {
  const clock = new VirtualClock();
  const sim = await simulator({ plan: { requestsPerMinute: 100, concurrent: 1 }, releaseLagMs: 400 }, clock);
  sim.fault({ type: 'stall', afterChunks: 1 });
  const stream = raw(sim, askWeather());
  await stream.has('One');
  stream.socket.destroy();
  await until(() => expect(sim.stats().aborts).toBe(1));
  clock.advanceBy(399);
  expect((await raw(sim, askWeather()).answer).status).toBe(429);
  clock.advanceBy(1);
  expect((await raw(sim, askWeather()).answer).status).toBe(200);
});

test('ten a minute: the eleventh is 429, with a message of its own, until the first is a minute old', async () => {
  const clock = new VirtualClock();
  const sim = await simulator({ plan: 'standard' }, clock);
  for (let i = 0; i < 10; i++) expect((await raw(sim, ask('Hi')).answer).status).toBe(200);
  const refused = await raw(sim, ask('Hi')).answer;
  expect(refused.status).toBe(429);
  expect(refused.body).toContain('10 requests per minute');
  const other = await raw(sim, ask('Hi'), { Authorization: 'Bearer sk_other' }).answer;
  expect(other.status).toBe(200); // another account
  clock.advanceBy(60_000);
  expect((await raw(sim, ask('Hi')).answer).status).toBe(200);
});

test('pace is kept to the millisecond, whatever the machine does', async () => {
  const clock = new VirtualClock();
  const sim = await simulator(
    { pace: { firstTokenMs: 100, tokenMs: 10 }, replies: [{ say: 'one two', chunks: 2 }] },
    clock,
  );
  const stream = raw(sim, askStream('Hi'));
  await stream.has('text/event-stream');
  clock.advanceBy(99);
  expect(sim.requests()[0]?.firstPieceAtMs).toBeUndefined();
  clock.advanceBy(1);
  expect(await stream.has('"content"')).not.toContain('[DONE]');
  clock.advanceBy(10);
  expect(readAnswer((await stream.answer).body).text).toBe('one two');
  expect(clock.pending).toBe(0);
});

test('a connection can be warmed and is kept: GET, OPTIONS and two streams over one socket', async () => {
  const sim = await simulator();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  const send = (method: string, path: string, body?: unknown): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const headers = { authorization: 'Bearer sk_test' };
      const sent = httpRequest({ host: sim.host, port: sim.port, method, path, agent, headers }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode));
      });
      sent.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
    });
  const path = '/waves/v1/chat/completions';
  expect(await send('GET', '/')).toBe(200);
  expect(await send('OPTIONS', path.replace('/chat/completions', ''))).toBe(204);
  expect(await send('POST', path, askWeather())).toBe(200);
  expect(await send('POST', path, askWeather())).toBe(200);
  expect(await send('GET', '/v1/chat/completions')).toBe(404);
  expect(await send('POST', '/v1/chat/completions', ask('Hi'))).toBe(404);
  expect(await send('PUT', path, ask('Hi'))).toBe(405);
  expect(sim.stats()).toMatchObject({ connectionsEver: 1, connections: 1 });
});

test('a hundred streams beside a hundred stalled ones are whole; a hundred aborts leave nothing behind', async () => {
  const sim = await simulator({ keepRequests: 0 });
  const count = 100;
  sim.fault({ type: 'stall', afterChunks: 2, times: count });
  const stalled = Array.from({ length: count }, () => raw(sim, askWeather()));
  await until(() => expect(sim.stats().inFlight).toBe(count));
  const bodies = await Promise.all(
    Array.from({ length: count }, async () => (await raw(sim, askWeather()).answer).body),
  );
  for (const body of bodies) expect(readAnswer(body).calls).toHaveLength(1);
  for (const { socket } of stalled) socket.destroy();
  await until(() => expect(sim.stats()).toMatchObject({ completed: count, aborts: count, inFlight: 0 }));
  expect(sim.stats().maxConcurrent).toBeGreaterThan(count);
});

test('the same seed gives the same bytes, another seed other ids', async () => {
  const run = async (seed: number): Promise<string> => {
    const sim = await simulator({ seed, shape: { metadata: false } });
    return (await raw(sim, askWeather()).answer).body;
  };
  expect(await run(1)).toBe(await run(1));
  expect(await run(1)).not.toBe(await run(2));
});

test('replies can be fixed by rules: words, calls, pieces, and what follows a tool', async () => {
  const sim = await simulator({
    shape: { firstFragment: 'piece' },
    replies: [
      {
        when: '^order (\\d+)',
        say: 'One moment, I am looking.',
        chunks: 8,
        call: { name: 'lookup', arguments: { id: '$1' } },
        argumentPieces: 6,
      },
      { after: '^lookup$', say: 'It is on its way and comes tomorrow.', chunks: 4 },
      { when: 'broken', call: { name: 'lookup', arguments: '{"id":' } },
    ],
  });
  const { body } = await raw(sim, askStream('order 42')).answer;
  expect(readAnswer(body)).toMatchObject({
    text: 'One moment, I am looking.',
    calls: [{ name: 'lookup', arguments: '{"id":"42"}' }],
  });
  expect(chunksOf(body).filter(({ choices }) => choices[0]?.delta?.content)).toHaveLength(8);
  expect(chunksOf(body).filter(({ choices }) => choices[0]?.delta?.tool_calls)).toHaveLength(6);
  const call = { id: 'a', type: 'function', function: { name: 'lookup', arguments: '{}' } };
  const messages = [
    { role: 'user', content: 'order 42' },
    { role: 'assistant', content: null, tool_calls: [call] },
    { role: 'tool', tool_call_id: 'a', content: '{}' },
  ];
  expect(readAnswer((await raw(sim, askStream('', { messages })).answer).body).text).toMatch(/^It is on its way/);
  expect(readAnswer((await raw(sim, askStream('broken')).answer).body).calls[0]?.arguments).toBe('{"id":');
  expect(readAnswer((await raw(sim, askStream('hello')).answer).body).text).toMatch(/^Hello/); // the brain
});

test('another process steers it over HTTP: faults, settings, counts, the last requests', async () => {
  const sim = await simulator();
  const origin = `http://${sim.host}:${sim.port}/_simulate`;
  const send = async (method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> => {
    const response = await fetch(`${origin}/${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  };
  expect(await send('POST', 'faults', [{ type: 'hang' }, { type: 'cut', afterChunks: 1 }])).toMatchObject({
    body: { faultsWaiting: 2 },
  });
  expect(await send('DELETE', 'faults')).toMatchObject({ body: { faultsWaiting: 0 } });
  expect(await send('POST', 'faults', { type: 'hang', until: 3 })).toMatchObject({
    status: 400,
    body: { error: expect.stringContaining('until') as string },
  });
  expect((await send('PATCH', 'settings', { shape: 'minimal' })).status).toBe(200);
  expect((await raw(sim, askWeather()).answer).body).not.toContain('chatcmpl');
  expect((await send('PATCH', 'settings', { pace: { tokenMs: -1 } })).status).toBe(400);
  expect(await send('GET', 'stats')).toMatchObject({ body: { requests: 1, completed: 1 } });
  expect(await send('GET', 'requests')).toMatchObject({
    body: [{ ordinal: 1, outcome: 'ended', body: { model: 'electron' } }],
  });
  expect((await send('GET', 'nothing')).status).toBe(404);
});

test('configure changes what is given and leaves the rest', async () => {
  const sim = await simulator({ shape: 'minimal', replies: [{ say: 'Fixed.' }] });
  sim.configure({ pace: { firstTokenMs: 1 } });
  const { body } = await raw(sim, askStream('hello')).answer;
  expect(body).not.toContain('chatcmpl');
  expect(readAnswer(body).text).toBe('Fixed.');
});

test('each request is kept with its times, in order', async () => {
  const sim = await simulator({ keepRequests: 2 });
  for (const text of ['one', 'two', 'three']) await raw(sim, askStream(text)).answer;
  await until(() => expect(sim.requests().map(({ outcome }) => outcome)).toEqual(['ended', 'ended']));
  const [two, three] = sim.requests();
  expect([two?.ordinal, three?.ordinal]).toEqual([2, 3]);
  expect(three?.body?.messages).toEqual([{ role: 'user', content: 'three' }]);
  const [received, first, ended] = [three?.receivedAtMs ?? 0, three?.firstPieceAtMs ?? 0, three?.endedAtMs ?? 0];
  expect(received <= first && first <= ended).toBe(true);
});

test('close ends every stream and frees the port', async () => {
  const sim = await simulator();
  sim.fault({ type: 'stall', afterChunks: 1 });
  const stream = raw(sim, askWeather());
  await stream.has('One');
  await sim.close();
  expect((await stream.answer).ended).not.toBe('end');
  const refused = await new Promise<boolean>((resolve) => {
    connect(sim.port, sim.host)
      .on('connect', () => resolve(false))
      .on('error', () => resolve(true));
  });
  expect(refused).toBe(true);
});

test('wrong options and a taken port are refused, naming the field and the address', async () => {
  const sim = await simulator();
  const wrong = JSON.parse('{"pace":"slow","prot":1}') as ElectronOptionsInput;
  await expect(startElectronSimulator(wrong)).rejects.toThrow(/pace[\s\S]*prot|prot[\s\S]*pace/);
  await expect(startElectronSimulator({ port: sim.port })).rejects.toMatchObject({
    code: 'file-unreadable',
    message: expect.stringContaining(`127.0.0.1:${sim.port}`) as string,
  });
});
