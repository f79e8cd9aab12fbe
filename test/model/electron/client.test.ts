/** The client against real sockets: what it asks, when it hands on, what it keeps open. */
import { expect, test } from 'vitest';
import { VirtualClock } from '../../../src/lib/clock.ts';
import { createBudget } from '../../../src/model/budget.ts';
import { createElectron, type ElectronOptions } from '../../../src/model/electron/client.ts';
import { until } from '../../helpers/until.ts';
import {
  answerWith,
  ask,
  chunk,
  connect,
  done,
  answersIn,
  serve,
  streamHeaders,
  usageChunk,
} from '../helpers/electron/servers.ts';

test('a step asks as the documentation says and reports text, tokens, times and the request id', async () => {
  const server = await serve(({ response }) => answerWith(response, 'Good morning.'));
  const model = connect({ baseUrl: server.baseUrl });
  const asked = ask(model, { options: { temperature: 0.3 } });
  const last = await asked.last();
  expect(asked.text).toBe('Good morning.');
  expect(last).toMatchObject({
    type: 'step-end',
    end: {
      finishReason: 'stop',
      isTruncated: false,
      usage: { promptTokens: 20, completionTokens: 5, cachedTokens: 8 },
      requestId: 'request-1',
      attempts: 1,
    },
  });
  expect(last.end.firstTokenMs).toBeGreaterThan(0);
  expect(last.end.queueMs).toBeGreaterThanOrEqual(0);
  const { request, body } = server.asked[0]!;
  expect(request.url).toBe('/waves/v1/chat/completions');
  expect(request.headers).toMatchObject({
    authorization: 'Bearer sk_test_0123456789',
    'content-type': 'application/json',
    accept: 'text/event-stream',
  });
  expect(JSON.parse(body)).toEqual({
    model: 'electron',
    messages: [{ role: 'user', content: 'Hello?' }],
    temperature: 0.3,
    stream: true,
    stream_options: { include_usage: true },
  });
});

test('each event is handed on before the server has sent anything more', async () => {
  const server = await serve(({ response }) => response.writeHead(200, streamHeaders).write(chunk({ content: 'One' })));
  const asked = ask(connect({ baseUrl: server.baseUrl }));
  await asked.count(1);
  const { response } = server.asked[0]!;
  response.write(chunk({ tool_calls: [{ index: 0, id: 'a', function: { name: 'look', arguments: '{"x":' } }] }));
  await asked.count(2);
  expect(asked.events[1]).toEqual({ type: 'tool-call-start' });
  response.write(chunk({ tool_calls: [{ index: 0, function: { arguments: '1}' } }] }));
  await asked.count(3);
  expect(asked.events[2]).toEqual({ type: 'tool-call', call: { id: 'a', name: 'look', arguments: '{"x":1}' } });
  response.write(chunk({}, 'tool_calls') + done);
  expect((await asked.last()).end.finishReason).toBe('tool_calls');
  response.end();
});

test('nothing is handed on while `startStep` runs, not even a refusal', async () => {
  const model = connect({ baseUrl: 'http://127.0.0.1:9/v1' });
  const asked = ask(model, { messages: [] });
  expect(asked.events).toEqual([]);
  const last = await asked.last();
  expect(last).toMatchObject({ type: 'step-failed', error: { code: 'request-invalid' }, end: { attempts: 0 } });
});

test('one connection after another is used again, and two are enough for a chain of steps', async () => {
  const server = await serve(({ response, attempt }) => answerWith(response, `Answer ${attempt}`));
  const model = connect({ baseUrl: server.baseUrl });
  for (let i = 0; i < 6; i++) {
    const whole = answersIn(1);
    await ask(model).last();
    await whole; // a caller takes longer
  }
  expect(server.connections).toBe(1);
  for (let i = 0; i < 6; i++) await ask(model).last(); // a tool's result comes at once
  expect(server.connections).toBeLessThanOrEqual(2);
});

test('after a prewarm no step waits for a connection', async () => {
  const server = await serve(({ response }) => answerWith(response, 'Yes.'));
  const model = connect({ baseUrl: server.baseUrl });
  const whole = answersIn(2);
  await Promise.all(Array.from({ length: 20 }, () => model.prewarm())); // calls that begin together
  expect(server.connections).toBe(2);
  await whole;
  await model.prewarm(); // both are still there
  await ask(model).last();
  await ask(model).last();
  expect(server.connections).toBe(2);
  expect(server.asked).toHaveLength(2);
});

test('a prewarm of a server that is not there settles without an error', async () => {
  await expect(connect({ baseUrl: 'http://127.0.0.1:9/v1' }).prewarm()).resolves.toBeUndefined();
});

test('an abort in mid-answer frees socket, place and timers in the same tick, and nothing is handed on after it', async () => {
  const server = await serve(({ response }) => response.writeHead(200, streamHeaders).write(chunk({ content: 'One' })));
  const clock = new VirtualClock();
  const budget = createBudget({ plan: 'standard', clock });
  const model = connect({ baseUrl: server.baseUrl, clock, budget });
  const asked = ask(model);
  await asked.count(1);
  const { response } = server.asked[0]!;
  const closed = new Promise((resolve) => response.on('close', resolve));
  response.write(chunk({ content: ' two' }));
  asked.step.abort();
  expect(clock.pending).toBe(0);
  expect(budget.counts.inFlight).toBe(0);
  await closed;
  asked.step.abort();
  expect(asked.events).toEqual([{ type: 'text-delta', delta: 'One' }]);
});

test('an abort from inside the listener keeps back what the same bytes still hold', async () => {
  const server = await serve(({ response }) =>
    response.writeHead(200, streamHeaders).write(chunk({ content: 'One' }) + chunk({ content: ' two' }) + done),
  );
  const model = connect({ baseUrl: server.baseUrl });
  const seen: string[] = [];
  const step = model.startStep(
    { messages: [{ role: 'user', content: 'Hi' }], toolsJson: undefined, options: {}, priority: 'answer' },
    (event) => {
      seen.push(event.type);
      step.abort();
    },
  );
  await until(() => server.asked[0]?.response.destroyed === true);
  expect(seen).toEqual(['text-delta']);
});

test('an abort before the answer, in the queue and before the first byte is sent leaves nothing behind', async () => {
  const server = await serve(() => {});
  const clock = new VirtualClock();
  const budget = createBudget({ plan: { concurrent: 1, requestsPerMinute: 10 }, clock });
  const model = connect({ baseUrl: server.baseUrl, clock, budget });
  const hanging = ask(model);
  await until(() => server.asked.length === 1);
  const queued = ask(model);
  await until(() => budget.counts.queued === 1);
  queued.step.abort();
  expect(budget.counts).toMatchObject({ queued: 0, cancelled: 1, inFlight: 1 });
  hanging.step.abort();
  const unsent = ask(model);
  unsent.step.abort();
  await new Promise((resolve) => setImmediate(resolve));
  expect(budget.counts.inFlight).toBe(0);
  expect(server.asked).toHaveLength(1);
  expect([...hanging.events, ...queued.events, ...unsent.events]).toEqual([]);
  await model.close();
  expect(clock.pending).toBe(0);
  await until(() => server.sockets.size === 0);
});

test('closing the client tells every step, refuses new ones and leaves no socket', async () => {
  const server = await serve(({ response }) => response.writeHead(200, streamHeaders).write(chunk({ content: 'One' })));
  const model = connect({ baseUrl: server.baseUrl });
  const asked = ask(model);
  await asked.count(1);
  await model.close();
  expect(await asked.last()).toMatchObject({ type: 'step-failed', error: { code: 'closed' } });
  expect(await ask(model).last()).toMatchObject({ type: 'step-failed', error: { code: 'closed' } });
  await until(() => server.sockets.size === 0);
  await model.prewarm();
  expect(server.sockets.size).toBe(0);
});

test('a server that holds the answer open after its finish reason costs the grace, not the idle time', async () => {
  const server = await serve(({ response }) =>
    response.writeHead(200, streamHeaders).write(chunk({ content: 'Done' }, 'stop') + usageChunk),
  );
  const clock = new VirtualClock();
  const asked = ask(connect({ baseUrl: server.baseUrl, clock }));
  await asked.count(1);
  await until(() => clock.nextAtMs === 50);
  clock.advanceBy(50);
  expect(await asked.last()).toMatchObject({ type: 'step-end', end: { finishReason: 'stop', isTruncated: false } });
  await until(() => server.asked[0]!.response.destroyed);
  expect(clock.pending).toBe(0);
});

test('a server that holds the body open after [DONE] is given a second, while the step has long ended', async () => {
  const server = await serve(({ response }) =>
    response.writeHead(200, streamHeaders).write(chunk({ content: 'Done' }, 'stop') + done),
  );
  const clock = new VirtualClock();
  const asked = ask(connect({ baseUrl: server.baseUrl, clock }));
  expect((await asked.last()).type).toBe('step-end');
  clock.advanceBy(4_000);
  clock.advanceBy(1_000);
  await until(() => server.asked[0]!.response.destroyed);
  expect(clock.pending).toBe(0);
});

test('any OpenAI-compatible server will do: own model, own path, no key', async () => {
  const server = await serve(({ response }) => answerWith(response, 'Sure.'));
  const baseUrl = `${server.baseUrl.replace('/waves', '/openai')}/?api-version=1`;
  const model = connect({ baseUrl, apiKey: undefined, model: 'llama' });
  await ask(model).last();
  await ask(model, { options: { model: 'qwen' } }).last();
  expect(server.asked.map(({ request }) => [request.url, request.headers.authorization])).toEqual([
    ['/openai/v1/chat/completions?api-version=1', undefined],
    ['/openai/v1/chat/completions?api-version=1', undefined],
  ]);
  expect(server.asked.map(({ body }) => (JSON.parse(body) as { model: string }).model)).toEqual(['llama', 'qwen']);
});

test('a made-up id that the conversation already has is made unique', async () => {
  const call = { index: 0, id: 'call_0', function: { name: 'look', arguments: '{}' } };
  const server = await serve(({ response }) =>
    response.writeHead(200, streamHeaders).end(chunk({ tool_calls: [call] }) + chunk({}, 'tool_calls') + done),
  );
  const asked = ask(connect({ baseUrl: server.baseUrl }), {
    messages: [
      { role: 'user', content: 'Look twice.' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'call_0', type: 'function', function: { name: 'look', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'call_0', content: '{}' },
    ],
  });
  await asked.last();
  const event = asked.events.find((one) => one.type === 'tool-call');
  expect(event?.type === 'tool-call' && event.call.id).toMatch(/^call_[0-9a-f]{32}$/);
});

test('more requests than the plan allows at once wait for one another', async () => {
  const server = await serve(() => {});
  const budget = createBudget({ plan: 'standard' });
  const model = connect({ baseUrl: server.baseUrl, budget });
  const asked = Array.from({ length: 4 }, () => ask(model));
  await until(() => server.asked.length === 3);
  expect(budget.counts).toMatchObject({ inFlight: 3, queued: 1 });
  answerWith(server.asked[0]!.response, 'First.');
  await until(() => server.asked.length === 4);
  for (const { response } of server.asked.slice(1)) answerWith(response, 'Next.');
  const ends = await Promise.all(asked.map((one) => one.last()));
  expect(ends.map((last) => last.type)).toEqual(Array(4).fill('step-end'));
  expect(budget.counts).toMatchObject({ inFlight: 0, queued: 0, admitted: 4, waited: 1 });
});

test.each<[ElectronOptions, RegExp]>([
  [{ baseUrl: 'api.smallest.ai' }, /`baseUrl` to be an http or https address, got `api.smallest.ai`/],
  [{ baseUrl: 'ftp://here/v1' }, /`baseUrl`/],
  [{ baseUrl: 'http://me:secret@here/v1' }, /`baseUrl` without a name or password/],
  [{ apiKey: 'sk_with blank' }, /`apiKey` \(SMALLEST_API_KEY\) to be one word/],
  [{ apiKey: 'wrong' }, /`apiKey` \(SMALLEST_API_KEY\) to start with `sk_`/],
  [{ apiKey: undefined }, /`apiKey` \(SMALLEST_API_KEY\) to start with `sk_`, got none/],
])('options that cannot work are refused: %j', (options, message) => {
  let error: unknown;
  try {
    createElectron(options);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toMatchObject({ code: 'options-invalid', message: expect.stringMatching(message) as unknown });
  if (options.apiKey) expect(String(error)).not.toContain(options.apiKey);
});

test('steps that are aborted at any instant leave no timer, no place and no event behind', async () => {
  const server = await serve(({ response, attempt }) => {
    if (attempt % 5 === 0) return void response.writeHead(503).end();
    response.writeHead(200, streamHeaders).write(chunk({ content: 'One' }));
    setImmediate(() => response.end(chunk({ content: ' two' }, 'stop') + usageChunk + done));
  });
  const clock = new VirtualClock();
  const budget = createBudget({ plan: { concurrent: 8 }, clock });
  const model = connect({ baseUrl: server.baseUrl, clock, budget, random: () => 1 });
  let lateEvents = 0;
  let ended = 0;
  const rounds = Array.from({ length: 120 }, async (_, i) => {
    const asked = ask(model);
    const over = asked.last().then(() => ended++);
    for (let turns = (i * 7) % 23; turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
    if (i % 3 === 0) {
      clock.advanceBy(250);
      await over;
      return;
    }
    const eventsBefore = asked.events.length;
    asked.step.abort();
    await new Promise((resolve) => setTimeout(resolve, 5));
    lateEvents += asked.events.length - eventsBefore;
  });
  const pump = setInterval(() => clock.advanceBy(100), 1); // for the retries
  await Promise.all(rounds);
  clearInterval(pump);
  await until(() => clock.pending === 0);
  expect(lateEvents).toBe(0);
  expect(ended).toBeGreaterThanOrEqual(40);
  expect(budget.counts).toMatchObject({ inFlight: 0, queued: 0 });
  await model.close();
  await until(() => server.sockets.size === 0);
});
