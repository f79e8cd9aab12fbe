/** What goes wrong on real sockets, and what becomes of it: a retry before the first output, else one clear error. */
import { expect, test } from 'vitest';
import { VirtualClock } from '../../../src/lib/clock.ts';
import { createBudget } from '../../../src/model/budget.ts';
import { createLog } from '../../../src/lib/log.ts';
import { until } from '../../helpers/until.ts';
import {
  answerWith,
  ask,
  chunk,
  connect,
  done,
  arrival,
  serve,
  serveRaw,
  streamHeaders,
} from '../helpers/electron/servers.ts';

const KEY = 'sk_test_0123456789';

function json(status: number, body: unknown, headers: Record<string, string> = {}) {
  return { status, headers: { 'content-type': 'application/json', 'x-request-id': 'request-1', ...headers }, body };
}

/** Answers the first requests with these, and whatever comes after them with words. */
async function serveErrors(...errors: { status: number; headers: Record<string, string>; body: unknown }[]) {
  return serve(({ response, attempt }) => {
    const error = errors[attempt - 1];
    if (!error) return answerWith(response, 'At last.');
    response.writeHead(error.status, error.headers);
    response.end(typeof error.body === 'string' ? error.body : JSON.stringify(error.body));
  });
}

const limited = { error: { message: 'Too many requests', type: 'rate_limit_error', request_id: 'request-1' } };
const page = { status: 502, headers: { 'content-type': 'text/html' }, body: '<html><h1>Bad gateway</h1></html>' };

test('a refused connection is tried five times in all, then reported', async () => {
  const asked = ask(connect({ baseUrl: 'http://127.0.0.1:9/v1' }));
  expect(await asked.last()).toMatchObject({
    type: 'step-failed',
    error: { code: 'connect-failed', phase: 'connect', provider: 'electron', status: undefined },
    end: { attempts: 5, requestId: undefined, firstTokenMs: undefined },
  });
});

test('a connection that breaks before the answer is tried again', async () => {
  const server = await serve(({ response, attempt }) =>
    attempt < 3 ? response.socket!.resetAndDestroy() : answerWith(response, 'At last.'),
  );
  const asked = ask(connect({ baseUrl: server.baseUrl }));
  expect(await asked.last()).toMatchObject({ type: 'step-end', end: { attempts: 3 } });
  expect(asked.text).toBe('At last.');
});

test('a server that does not speak HTTP is given up after five attempts', async () => {
  const server = await serveRaw((socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'));
  const last = await ask(connect({ baseUrl: server.baseUrl })).last();
  expect(last).toMatchObject({ type: 'step-failed', error: { phase: 'before-first-output' }, end: { attempts: 5 } });
});

test('a server that accepts but never shakes hands is a connect time-out after 3 s', async () => {
  const server = await serveRaw(() => {});
  const clock = new VirtualClock();
  const asked = ask(connect({ baseUrl: server.baseUrl.replace('http', 'https'), clock }));
  await until(() => server.connections === 1);
  clock.advanceBy(2_999);
  expect(asked.events).toEqual([]);
  clock.advanceBy(1);
  expect(asked.events).toMatchObject([{ type: 'step-failed', error: { code: 'connect-timeout', phase: 'connect' } }]);
  expect(clock.pending).toBe(0);
});

test('silence before the first token is a time-out after 4 s, with headers or without', async () => {
  for (const hasHeaders of [false, true]) {
    const server = await serve(({ response }) => {
      if (hasHeaders) response.writeHead(200, streamHeaders).write(`: working\n\n${chunk({ role: 'assistant' })}`);
    });
    const clock = new VirtualClock();
    const model = connect({ baseUrl: server.baseUrl, clock });
    const answered = arrival('headers');
    const asked = ask(model);
    await until(() => server.asked.length === 1);
    if (hasHeaders) await answered;
    clock.advanceBy(3_999);
    expect(asked.events).toEqual([]);
    clock.advanceBy(1);
    expect(asked.events).toMatchObject([
      { type: 'step-failed', error: { code: 'first-token-timeout', phase: 'before-first-output' } },
    ]);
    expect(clock.pending).toBe(0);
    await until(() => server.asked[0]!.response.destroyed);
  }
});

test('thinking counts as a token for the deadline, and is not spoken', async () => {
  const server = await serve(({ response }) =>
    response.writeHead(200, streamHeaders).write(chunk({ reasoning_content: 'Hm.' })),
  );
  const clock = new VirtualClock();
  const thought = arrival('bodyChunkReceived');
  const asked = ask(connect({ baseUrl: server.baseUrl, clock }));
  await thought;
  clock.advanceBy(4_500);
  expect(asked.events).toEqual([]);
  clock.advanceBy(500);
  expect(asked.events).toMatchObject([{ type: 'step-failed', error: { code: 'idle-timeout' } }]);
});

test('silence in mid-answer is a time-out after 5 s: what was said stays, and it is not asked again', async () => {
  const server = await serve(({ response }) => response.writeHead(200, streamHeaders).write(chunk({ content: 'We' })));
  const clock = new VirtualClock();
  const asked = ask(connect({ baseUrl: server.baseUrl, clock }));
  await asked.count(1);
  clock.advanceBy(4_000);
  server.asked[0]!.response.write(chunk({ content: ' open' }));
  await asked.count(2);
  clock.advanceBy(4_999);
  expect(asked.events).toHaveLength(2);
  clock.advanceBy(1);
  expect(asked.events[2]).toMatchObject({
    type: 'step-failed',
    error: { code: 'idle-timeout', phase: 'mid-stream', requestId: 'request-1' },
    end: { isTruncated: true, attempts: 1 },
  });
  expect(asked.text).toBe('We open');
  expect(server.asked).toHaveLength(1);
});

test('an answer without end is a time-out after 30 s', async () => {
  const server = await serve(({ response }) => response.writeHead(200, streamHeaders).write(chunk({ content: '0' })));
  const clock = new VirtualClock();
  const asked = ask(connect({ baseUrl: server.baseUrl, clock }));
  for (let count = 1; count <= 7; count++) {
    await asked.count(count);
    clock.advanceBy(4_000);
    server.asked[0]!.response.write(chunk({ content: String(count) }));
  }
  await asked.count(8);
  clock.advanceBy(2_000);
  expect(asked.events.at(-1)).toMatchObject({ type: 'step-failed', error: { code: 'step-timeout' } });
});

test('a deadline of the request ends the answer sooner', async () => {
  const server = await serve(({ response }) => response.writeHead(200, streamHeaders).write(chunk({ content: 'We' })));
  const clock = new VirtualClock();
  const asked = ask(connect({ baseUrl: server.baseUrl, clock }), { deadlineMs: 1_500 });
  await asked.count(1);
  clock.advanceBy(3_000);
  expect(asked.events[1]).toMatchObject({ type: 'step-failed', error: { code: 'step-timeout' } });
});

test('an answer that is cut off keeps what was said and the complete call, drops the open one, and is not retried', async () => {
  const server = await serve(({ response }) => {
    response
      .writeHead(200, streamHeaders)
      .write(
        chunk({ content: 'Moving it.' }) +
          chunk({ tool_calls: [{ index: 0, id: 'a', function: { name: 'find', arguments: '{"id":1}' } }] }) +
          chunk({ tool_calls: [{ index: 1, id: 'b', function: { name: 'move', arguments: '{"id":1,"da' } }] }),
        () => response.socket!.resetAndDestroy(),
      );
  });
  const asked = ask(connect({ baseUrl: server.baseUrl }));
  const last = await asked.last();
  expect(asked.events.map((event) => event.type)).toEqual([
    'text-delta',
    'tool-call-start',
    'tool-call',
    'step-failed',
  ]);
  expect(last).toMatchObject({
    error: { code: 'stream-cut', phase: 'mid-stream', requestId: 'request-1' },
    end: { isTruncated: true, attempts: 1 },
  });
  expect(server.asked).toHaveLength(1);
});

test('a reset after the finish reason takes nothing away from a whole answer', async () => {
  const server = await serve(({ response }) => {
    response
      .writeHead(200, streamHeaders)
      .write(chunk({ content: 'All said.' }, 'stop'), () => response.socket!.resetAndDestroy());
  });
  const last = await ask(connect({ baseUrl: server.baseUrl, clock: new VirtualClock() })).last();
  expect(last).toMatchObject({ type: 'step-end', end: { finishReason: 'stop', isTruncated: false } });
});

test('an answer that ends by itself before it is whole was cut as well, and is not asked for again', async () => {
  const server = await serve(({ response }) => response.writeHead(200, streamHeaders).end(chunk({ content: 'We op' })));
  const asked = ask(connect({ baseUrl: server.baseUrl }));
  expect(await asked.last()).toMatchObject({
    type: 'step-failed',
    error: { code: 'stream-cut', phase: 'mid-stream', requestId: 'request-1' },
    end: { finishReason: 'unknown', isTruncated: true, attempts: 1 },
  });
  expect(asked.text).toBe('We op');
});

test('an empty body is asked for again, and in the end an error', async () => {
  const server = await serve(({ response }) => response.writeHead(200, streamHeaders).end());
  expect(await ask(connect({ baseUrl: server.baseUrl })).last()).toMatchObject({
    type: 'step-failed',
    error: { code: 'stream-cut', phase: 'before-first-output' },
    end: { attempts: 5 },
  });
});

test('an empty answer that says that it is over is an answer', async () => {
  const server = await serve(({ response }) => response.writeHead(200, streamHeaders).end(chunk({}, 'stop') + done));
  expect(await ask(connect({ baseUrl: server.baseUrl })).last()).toMatchObject({
    type: 'step-end',
    end: { attempts: 1 },
  });
});

test('chunks that cannot be read are passed over', async () => {
  const server = await serve(({ response }) =>
    response
      .writeHead(200, streamHeaders)
      .end(`${chunk({ content: 'We' })}data: {"choices":[{"del\n\n${chunk({ content: ' open' }, 'stop')}${done}`),
  );
  const asked = ask(connect({ baseUrl: server.baseUrl }));
  expect((await asked.last()).type).toBe('step-end');
  expect(asked.text).toBe('We open');
});

test('a 429 waits as long as Retry-After says, to the millisecond, and its time counts as queueing', async () => {
  const server = await serveErrors(json(429, limited, { 'retry-after': '2' }));
  const clock = new VirtualClock();
  const budget = createBudget({ plan: 'standard', clock });
  const asked = ask(connect({ baseUrl: server.baseUrl, clock, budget }));
  await until(() => budget.counts.rateLimited === 1);
  expect(budget.counts.inFlight).toBe(0);
  clock.advanceBy(1_999);
  await new Promise((resolve) => setImmediate(resolve));
  expect(server.asked).toHaveLength(1);
  clock.advanceBy(1);
  expect(await asked.last()).toMatchObject({ type: 'step-end', end: { attempts: 2, queueMs: 2_000 } });
});

test('a Retry-After beyond the deadline fails at once, with the wait in the error', async () => {
  const inAnHour = new Date(Date.now() + 3_600_000).toUTCString();
  const server = await serveErrors(json(429, limited, { 'retry-after': inAnHour }));
  const last = await ask(connect({ baseUrl: server.baseUrl }), { deadlineMs: 2_000 }).last();
  expect(last).toMatchObject({
    type: 'step-failed',
    error: { code: 'rate-limited', status: 429, providerCode: 'rate_limit_error', requestId: 'request-1' },
    end: { attempts: 1 },
  });
  const waitMs = last.type === 'step-failed' ? last.error.retryAfterMs : 0;
  expect(waitMs).toBeGreaterThan(3_500_000);
});

test.each([
  ['429 without Retry-After', json(429, limited), 5, 'rate-limited'],
  ['500', json(500, { error: 'oops' }), 2, 'provider-failed'],
  ['502 with a gateway page', page, 5, 'provider-failed'],
  ['503 with an empty body', { status: 503, headers: {}, body: '' }, 5, 'provider-failed'],
  ['400', json(400, { error: { message: 'Invalid input data', type: 'invalid_request_error' } }), 1, 'provider-failed'],
  ['401', json(401, { error: { message: 'Bad key', type: 'authentication_error' } }), 1, 'unauthorized'],
  ['403', json(403, { error: { message: 'No Electron', type: 'permission_error' } }), 1, 'unauthorized'],
  ['404', json(404, {}), 1, 'provider-failed'],
  ['a redirect', { status: 307, headers: { location: '/' }, body: '' }, 1, 'provider-failed'],
  ['an overflow', json(400, { error: { message: 'exceeds the context window' } }), 1, 'context-overflow'],
  ['200 with a page', { ...page, status: 200 }, 1, 'frame-invalid'],
  [
    '200 with an error',
    json(200, { error: { message: 'Bad field', type: 'invalid_request_error' } }),
    1,
    'provider-failed',
  ],
  ['200 with a passing error', json(200, { error: { message: 'Busy', code: 503 } }), 5, 'provider-failed'],
])('%s is asked as often as the table says', async (_name, error, attempts, code) => {
  const server = await serveErrors(...Array.from({ length: 6 }, () => error));
  const last = await ask(connect({ baseUrl: server.baseUrl })).last();
  expect(last).toMatchObject({ type: 'step-failed', error: { code, phase: 'before-first-output' }, end: { attempts } });
  expect(server.asked).toHaveLength(attempts);
});

test('an error keeps everything that the provider said', async () => {
  const details = [{ code: 'custom', message: 'n > 1 is not supported', path: ['n'] }];
  const error = { message: 'Invalid input data', type: 'invalid_request_error', details };
  const server = await serveErrors(json(400, { error }));
  const last = await ask(connect({ baseUrl: server.baseUrl })).last();
  expect(last).toMatchObject({
    error: {
      message: 'electron: Invalid input data',
      status: 400,
      providerCode: 'invalid_request_error',
      details,
      requestId: 'request-1',
    },
    end: { requestId: 'request-1' },
  });
});

test('a passing failure is asked again and answered', async () => {
  const server = await serveErrors(page, json(503, {}), json(500, {}));
  const asked = ask(connect({ baseUrl: server.baseUrl }));
  expect((await asked.last()).type).toBe('step-failed'); // a 500 is asked again only when it came first
  const other = await serveErrors(json(500, {}));
  expect(await ask(connect({ baseUrl: other.baseUrl })).last()).toMatchObject({
    type: 'step-end',
    end: { attempts: 2 },
  });
});

test('nothing is asked again once anything was handed on, whatever the error says', async () => {
  const busy = `data: ${JSON.stringify({ error: { message: 'Overloaded', code: 503 } })}\n\n`;
  const pieces = [
    chunk({ content: 'We' }),
    chunk({ tool_calls: [{ index: 0, id: 'a', function: { name: 'look', arguments: '' } }] }),
  ];
  for (const piece of pieces) {
    const server = await serve(({ response }) => response.writeHead(200, streamHeaders).end(piece + busy));
    const last = await ask(connect({ baseUrl: server.baseUrl })).last();
    expect(last).toMatchObject({
      type: 'step-failed',
      error: { code: 'stream-cut', phase: 'mid-stream', message: 'electron: Overloaded' },
      end: { attempts: 1, isTruncated: true },
    });
    expect(server.asked).toHaveLength(1);
  }
});

test('an abort during the wait for a retry leaves no timer, and nothing is asked again', async () => {
  const server = await serveErrors(json(429, limited, { 'retry-after': '2' }));
  const clock = new VirtualClock();
  const budget = createBudget({ plan: 'none', clock });
  const asked = ask(connect({ baseUrl: server.baseUrl, clock, budget }));
  await until(() => budget.counts.rateLimited === 1);
  asked.step.abort();
  expect(clock.pending).toBe(0);
  clock.advanceBy(10_000);
  await new Promise((resolve) => setImmediate(resolve));
  expect(server.asked).toHaveLength(1);
  expect(asked.events).toEqual([]);
});

test('a queue without room before the deadline is a queue-timeout', async () => {
  const server = await serve(() => {});
  const clock = new VirtualClock();
  const budget = createBudget({ plan: { concurrent: 1 }, clock });
  const model = connect({ baseUrl: server.baseUrl, clock, budget });
  ask(model);
  const queued = ask(model, { deadlineMs: 800 });
  await until(() => budget.counts.queued === 1);
  clock.advanceBy(800);
  expect(await queued.last()).toMatchObject({
    type: 'step-failed',
    error: { code: 'queue-timeout' },
    end: { attempts: 0, queueMs: 800 },
  });
});

test('a whole answer that was not streamed is read like one that was', async () => {
  const message = {
    role: 'assistant',
    content: 'One second.',
    tool_calls: [{ id: 'a', type: 'function', function: { name: 'look', arguments: '{"x":1}' } }],
  };
  const usage = { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 };
  const body = { object: 'chat.completion', choices: [{ index: 0, message, finish_reason: 'tool_calls' }], usage };
  const server = await serveErrors(json(200, body));
  const asked = ask(connect({ baseUrl: server.baseUrl }));
  const last = await asked.last();
  expect(asked.events.map((event) => event.type)).toEqual(['text-delta', 'tool-call-start', 'tool-call', 'step-end']);
  expect(last.end).toMatchObject({ finishReason: 'tool_calls', usage: { promptTokens: 9, completionTokens: 3 } });
});

test('the key is in no error and in no log line, even when the server repeats it', async () => {
  const server = await serve(({ request, response, attempt }) => {
    const said = `You sent ${request.headers.authorization} and sk_another_secret_key`;
    if (attempt === 1) response.writeHead(400).end(JSON.stringify({ error: { message: said, details: [said] } }));
    else response.writeHead(200, streamHeaders).end(`data: ${JSON.stringify({ error: { message: said } })}\n\n`);
  });
  const lines: string[] = [];
  const log = createLog({ level: 'trace', showText: true, stream: { write: (line) => void lines.push(line) } });
  const model = connect({ baseUrl: server.baseUrl, apiKey: KEY, log });
  for (let i = 0; i < 2; i++) {
    const last = await ask(model).last();
    if (last.type !== 'step-failed') throw new Error('Expected a failure');
    const { error } = last;
    const everything =
      JSON.stringify([error, error.message, error.details, error.stack, String(error.cause)]) + lines.join('');
    expect(everything).toContain('[redacted]');
    expect(everything).not.toContain(KEY);
    expect(everything).not.toContain('another_secret_key');
  }
});

test('each step is one line at debug with its request id and context; a failure warns', async () => {
  const server = await serveErrors(json(503, {}));
  const lines: Record<string, unknown>[] = [];
  const write = (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>);
  const model = connect({ baseUrl: server.baseUrl, log: createLog({ level: 'debug', stream: { write } }) });
  await ask(model, { context: { callId: 'call-7', turn: 2, step: 1 } }).last();
  expect(lines).toMatchObject([
    { level: 40, msg: 'model step retrying', callId: 'call-7', status: 503, attempts: 1 },
    { level: 20, msg: 'model step ended', callId: 'call-7', turn: 2, step: 1, requestId: 'request-1', attempts: 2 },
  ]);
});
