import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { FrameClock } from '../../src/audio/frame-clock.ts';
import { VoiceError } from '../../src/lib/errors.ts';
import { readTwiml, type XmlElement } from '../../src/simulate/phone/xml-reader.ts';
import { signRequest } from '../../src/bridge/twilio/signature.ts';
import { until } from '../helpers/until.ts';
import { AUTH_TOKEN, PUBLIC_URL, SIGNED, withStandIns, type TestWorker } from '../helpers/worker.ts';

const start = withStandIns();

/** Bytes as they are; what was answered until the connection was closed. */
async function answerTo({ url }: TestWorker, bytes: string, end: 'wait' | 'break off' = 'wait'): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname).on('error', () => undefined);
  let answer = '';
  socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
  socket.write(bytes, () => {
    if (end === 'break off') setImmediate(() => socket.destroy());
  });
  await once(socket, 'close');
  return answer;
}

const post = (path: string, headers: string[], body: string, length = body.length): string =>
  [`POST ${path} HTTP/1.1`, ...headers, `Content-Length: ${length}`, '', body].join('\r\n');

const statusOf = (answer: string): string | undefined => /^HTTP\/1\.1 (\d+)/.exec(answer)?.[1];

function connectOf(body: string): { noun: XmlElement; connect: XmlElement; parameters: Record<string, string> } {
  const [connect] = readTwiml(body);
  const noun = connect?.children[0];
  if (connect?.name !== 'Connect' || !noun) throw new Error(`Expected <Connect>, got ${body}`);
  const pairs = noun.children.map(({ attributes }) => [attributes['name'], attributes['value']] as const);
  return { connect, noun, parameters: Object.fromEntries(pairs) as Record<string, string> };
}

test('it says that it lives, whether it takes calls, and whether stand-ins answer them', async () => {
  const { get, ...worker } = await start({ PARLEY_SIMULATE: 'false' }).then((one) => ({ one, get: one.get.bind(one) }));
  expect(await (await get('/healthz')).json()).toEqual({ status: 'ok' });
  const ready = await get('/readyz');
  expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready', calls: 0, simulated: false }]);
  const simulated = await start();
  expect(await (await simulated.get('/readyz')).json()).toMatchObject({ simulated: true });
  expect(worker.one.worker.isReady).toBe(true);
});

test('it is not ready when it is full, and not when it drains, and lives for all that', async () => {
  const one = await start({ PARLEY_MAX_CALLS: '1' });
  await one.ring();
  const full = await one.get('/readyz');
  expect([full.status, await full.json()]).toEqual([503, { status: 'full', calls: 0, simulated: true }]);
  expect(one.worker.isReady).toBe(false);
  void one.worker.drain(0);
  const draining = await one.get('/readyz');
  expect([draining.status, await draining.json()]).toMatchObject([503, { status: 'draining' }]);
  expect((await one.get('/healthz')).status).toBe(200);
});

test('the webhook sends a call to the stream of this worker, with who calls whom and a token of its own', async () => {
  const one = await start();
  const { status, type, body } = await one.ring({ From: '+1 <555> "0100"', To: 'sip:a&b@example.com' });
  expect([status, type]).toEqual([200, 'text/xml; charset=utf-8']);
  const { noun, parameters } = connectOf(body);
  expect([noun.name, noun.attributes['url']]).toEqual(['Stream', one.mediaUrl]);
  expect(parameters).toEqual({
    From: '+1 <555> "0100"',
    To: 'sip:a&b@example.com',
    parleyToken: expect.stringMatching(/^[\w-]{54}$/) as string,
  });
  expect(connectOf((await one.ring()).body).parameters['parleyToken']).not.toBe(parameters['parleyToken']);
});

test('a worker of text sends it to its relay, and is asked what to do when that is over', async () => {
  const one = await start({ ...SIGNED, PARLEY_TWILIO_LINE: 'relay' });
  const { body } = await one.ring({}, { authToken: AUTH_TOKEN });
  const { connect, noun } = connectOf(body);
  expect(connect.attributes['action']).toBe(`${PUBLIC_URL}/twilio/relay-done`);
  expect(noun.name).toBe('ConversationRelay');
  expect(noun.attributes).toMatchObject({
    url: 'wss://voice.example.com/twilio/relay',
    dtmfDetection: 'true',
    partialPrompts: 'true',
    events: 'speaker-events tokens-played',
  });
  const done = await one.ring(
    { HandoffData: JSON.stringify({ action: 'transfer', to: '+15550123' }) },
    { authToken: AUTH_TOKEN, path: '/twilio/relay-done' },
  );
  expect(readTwiml(done.body)).toMatchObject([{ name: 'Dial', text: '+15550123' }]);
});

test('a signed webhook is believed, by the public address and either of two tokens; any other is 403 and logged', async () => {
  const one = await start({ ...SIGNED, PARLEY_TWILIO_AUTH_TOKEN: `${AUTH_TOKEN},next-token` });
  expect((await one.ring({}, { authToken: AUTH_TOKEN })).status).toBe(200);
  expect((await one.ring({}, { authToken: 'next-token' })).status).toBe(200);
  expect((await one.ring({}, { authToken: AUTH_TOKEN, path: '/twilio/voice?tenant=a%20b' })).status).toBe(200);
  expect(one.logs.filter(({ msg }) => msg === 'a call was refused')).toEqual([]);
  expect(await one.ring({}, { authToken: 'wrong' })).toMatchObject({ status: 403, body: 'forbidden' });
  expect((await one.ring()).status).toBe(403);
  expect((await one.ring({}, { path: '/twilio/relay-done' })).status).toBe(403);
  const refused = one.logs.filter(({ msg }) => msg === 'a call was refused');
  expect(refused.map(({ path, why }) => [path, why])).toEqual([
    ['/twilio/voice', 'forbidden'],
    ['/twilio/voice', 'forbidden'],
    ['/twilio/relay-done', 'forbidden'],
  ]);
  expect(refused[0]?.['reason']).toMatch('PARLEY_PUBLIC_URL');
  expect(JSON.stringify(one.logs)).not.toContain(AUTH_TOKEN);
});

test('without a token the webhook is open to this machine, but not to what a proxy on it brings', async () => {
  const one = await start();
  expect((await one.ring()).status).toBe(200);
  const proxied = await fetch(`${one.url}/twilio/voice`, { method: 'POST', headers: { 'x-forwarded-for': '8.8.8.8' } });
  expect(proxied.status).toBe(403);
});

test('when it is full the caller is told so, in the words of the settings, and the refusal is counted', async () => {
  const one = await start({ PARLEY_MAX_CALLS: '1', PARLEY_REFUSAL: 'Too many calls & too few of us.' });
  await one.ring();
  const { status, body } = await one.ring();
  expect(status).toBe(200);
  expect(readTwiml(body)).toMatchObject([{ name: 'Say', text: 'Too many calls & too few of us.' }, { name: 'Hangup' }]);
  expect(await (await one.get('/metrics')).text()).toContain('parley_calls_refused_total{reason="full"} 1');
});

test('a caller who is refused may be sent elsewhere instead', async () => {
  const one = await start({ PARLEY_MAX_CALLS: '1', PARLEY_REFUSAL_URL: 'https://queue.example.com/wait' });
  await one.ring();
  const { status, body } = await one.ring();
  expect(status).toBe(200);
  expect(readTwiml(body)).toMatchObject([{ name: 'Redirect', text: 'https://queue.example.com/wait' }]);
});

test('no more calls than the quota of the plan carries, unless that is known better', async () => {
  const one = await start({ PARLEY_SIMULATE: 'false', PARLEY_PLAN: 'standard' });
  await one.ring();
  expect(await (await one.get('/readyz')).json()).toMatchObject({ status: 'quota' });
  expect((await one.ring()).body).toContain('<Say>');
  expect(await (await one.get('/metrics')).text()).toContain('parley_calls_refused_total{reason="quota"} 1');
  const other = await start({ PARLEY_SIMULATE: 'false', PARLEY_PLAN: 'standard', PARLEY_PLAN_CALLS: '2' });
  await other.ring();
  expect((await other.get('/readyz')).status).toBe(200);
});

test('it is broken when the frame clock stands still, though it answers', async () => {
  let nowMs = 0;
  const frameClock = new FrameClock({ nowMs: () => nowMs, after: () => () => {} });
  const one = await start({}, { frameClock });
  nowMs += 10_000;
  expect((await one.get('/healthz')).status).toBe(200); // nobody is on the beat
  const leave = frameClock.subscribe(() => {});
  nowMs += 1_000;
  expect((await one.get('/healthz')).status).toBe(200);
  nowMs += 5_000;
  const broken = await one.get('/healthz');
  expect([broken.status, await broken.json()]).toEqual([
    503,
    { status: 'broken', reason: 'the frame clock has stood still for 5980 ms' },
  ]);
  leave();
  expect((await one.get('/healthz')).status).toBe(200);
});

test('unknown paths and methods are 404, a body without end 413', async () => {
  const one = await start();
  expect((await one.get('/')).status).toBe(404);
  expect((await one.get('/twilio/voice')).status).toBe(404);
  expect((await one.get('/twilio/media')).status).toBe(404);
  expect((await one.ring({}, { path: '/twilio/video' })).status).toBe(404);
  expect((await one.ring({ Digits: '1'.repeat(70_000) })).status).toBe(413);
});

test('a form that is none is a call without facts', async () => {
  const one = await start();
  const response = await fetch(`${one.url}/twilio/voice`, { method: 'POST', body: '\u0000%%%=&&&' });
  expect(response.status).toBe(200);
  expect(Object.keys(connectOf(await response.text()).parameters)).toEqual(['parleyToken']);
});

test('a port that is taken is an error that says what to do', async () => {
  const one = await start();
  const port = new URL(one.url).port;
  const error = await start({ PARLEY_PORT: port }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(VoiceError);
  expect(error).toMatchObject({ code: 'file-unreadable' });
  expect((error as VoiceError).message).toBe(
    `cannot listen on 127.0.0.1:${port}: another program listens there; choose another port with --port or PARLEY_PORT`,
  );
});

test('a folder that cannot be recorded into is an error before there is a call', async () => {
  const error = await start({ PARLEY_RECORD: fileURLToPath(import.meta.url) }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: 'file-unreadable',
    message: expect.stringMatching(/^cannot record into .*routes\.test\.ts: it is not a folder$/) as string,
  });
});

test('settings that make no sense together are refused by the worker as well', async () => {
  const error = await start({ PARLEY_TWILIO_AUTH_TOKEN: 'x' }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'options-invalid' });
});

test('the metrics are for who shows their token, and so are the details of readiness', async () => {
  const token = 'metrics-token-of-ours';
  const one = await start({ PARLEY_METRICS_TOKEN: token });
  expect((await one.get('/metrics')).status).toBe(403);
  expect((await one.get('/metrics', { authorization: `Bearer ${token}` })).status).toBe(200);
  expect((await one.get(`/metrics?token=${token}`)).status).toBe(200);
  expect(await (await one.get('/readyz')).json()).toEqual({ status: 'ready' });
  expect(await (await one.get(`/readyz?token=${token}`)).json()).toMatchObject({ calls: 0 });
  expect((await one.get('/healthz')).status).toBe(200);
});

test('what a proxy brings from elsewhere may not read the metrics, unless all may', async () => {
  const forwarded = { 'x-forwarded-for': '203.0.113.7' };
  expect((await (await start()).get('/metrics', forwarded)).status).toBe(403);
  expect((await (await start({ PARLEY_METRICS_OPEN: 'true' })).get('/metrics', forwarded)).status).toBe(200);
});

test('who fails too often to show who they are is 429, with the time to wait, and logged no more', async () => {
  const one = await start({ PARLEY_BRIDGE_TOKEN: 'bridge-token-of-ours', PARLEY_MAX_FORBIDDEN: '3' });
  const ring = () =>
    fetch(`${one.url}/twilio/voice?token=guess-guess-guess`, {
      method: 'POST',
      headers: { 'x-forwarded-for': '203.0.113.7' },
    });
  const answers: Response[] = [];
  for (let i = 0; i < 5; i++) answers.push(await ring());
  expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 429, 429]);
  expect(Number(answers[4]?.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(one.logs.filter(({ msg }) => msg === 'a call was refused').length).toBe(3);
  expect(JSON.stringify(one.logs)).not.toContain('guess');
  const metrics = await (await one.get('/metrics')).text();
  expect(metrics).toContain('parley_calls_refused_total{reason="rate-limited"} 2');
});

test('no address that we hand out comes from the Host header', async () => {
  const one = await start({ PARLEY_TWILIO_LINE: 'relay', PARLEY_BRIDGE_TOKEN: 'bridge-token-of-ours' });
  const headers = ['Host: evil.example', 'Authorization: Bearer bridge-token-of-ours', 'Connection: close'];
  const body = await answerTo(one, post('/twilio/voice', headers, 'CallSid=CA1'));
  expect(body).toContain(`${one.url.replace('http', 'ws')}/twilio/relay`);
  expect(body).not.toContain('evil');
});

const SHORT_HEADERS = Array.from({ length: 1_100 }, (_, i) => `A${i}: 1`);

test.each([
  ['a webhook', 'POST /twilio/voice', ['Content-Length: 0']],
  ['the metrics', 'GET /metrics', []],
  [
    'a socket',
    'GET /twilio/media',
    [
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ],
  ],
])('1,100 short headers before X-Forwarded-For are refused, and are not this machine: %s', async (_, line, headers) => {
  const one = await start({ PARLEY_MAX_FORBIDDEN: '3' });
  const all = ['Host: localhost', ...SHORT_HEADERS, ...headers, 'X-Forwarded-For: 203.0.113.7', 'X-Last: 1'];
  const request = [`${line} HTTP/1.1`, ...all, '', ''].join('\r\n');
  for (let i = 0; i < 5; i++) expect(statusOf(await answerTo(one, request))).toBe('431');
  const metrics = await (await one.get('/metrics')).text();
  expect(metrics).toContain('parley_calls_refused_total{reason="forbidden"} 3'); // and shut out from then on
  expect(metrics).toContain('parley_calls_refused_total{reason="rate-limited"} 2');
  expect(one.worker.calls.size).toBe(0);
});

test('a page that has pointed its own name at this machine reads no metrics and no details, and rings nobody', async () => {
  const one = await start();
  const ask = (request: string, host: string) =>
    answerTo(one, `${request} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  const port = new URL(one.url).port;
  for (const host of [`evil.example:${port}`, 'evil.example', '127.0.0.1.evil.example']) {
    expect(statusOf(await ask('GET /metrics', host))).toBe('403');
    expect(await ask('GET /readyz', host)).toMatch(/200 OK[^]*\{"status":"ready"\}$/);
    expect(statusOf(await ask('POST /twilio/voice', host))).toBe('403');
  }
  for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, '[::1]']) {
    expect(statusOf(await ask('GET /metrics', host))).toBe('200');
    expect(await ask('GET /readyz', host)).toContain('"simulated"');
    expect(statusOf(await ask('POST /twilio/voice', host))).toBe('200');
  }
});

test.each(['1.0', '1.1'])('a probe of HTTP/%s that names no host is answered', async (version) => {
  const one = await start();
  for (const path of ['/healthz', '/readyz', '/metrics']) {
    const answer = await answerTo(one, `GET ${path} HTTP/${version}\r\nConnection: close\r\n\r\n`);
    expect(statusOf(answer)).toBe('200');
  }
});

test('guesses of the token of the metrics are counted as guesses of any other, and then nobody looks', async () => {
  const token = 'metrics-token-of-ours';
  const one = await start({ PARLEY_METRICS_TOKEN: token, PARLEY_MAX_FORBIDDEN: '3' });
  const from = (address: string, shown: string, path = '/metrics') =>
    one.get(path, { authorization: `Bearer ${shown}`, 'x-forwarded-for': address });
  const statuses: number[] = [];
  for (const shown of ['guess-1', 'guess-2']) statuses.push((await from('203.0.113.7', shown)).status);
  expect(await (await from('203.0.113.7', 'guess-3', '/readyz')).json()).toEqual({ status: 'ready' });
  for (const shown of ['guess-4', token]) statuses.push((await from('203.0.113.7', shown)).status);
  expect(statuses).toEqual([403, 403, 429, 429]);
  expect(await (await from('203.0.113.7', token, '/readyz')).json()).toEqual({ status: 'ready' });
  const metrics = await (await one.get('/metrics', { authorization: `Bearer ${token}` })).text();
  expect(metrics).toContain('parley_calls_refused_total{reason="forbidden"} 3');
  expect(JSON.stringify(one.logs)).not.toContain('guess');
});

test('an unsigned request is judged before its body is read; one that breaks off is counted, and is no error', async () => {
  const one = await start({ ...SIGNED, PARLEY_MAX_FORBIDDEN: '5' });
  const half = (headers: string[]) => post('/twilio/voice', ['Host: localhost', ...headers], 'CallSid=CA1&', 5_000);
  const unsigned = await answerTo(one, half(['Connection: close']));
  expect(statusOf(unsigned)).toBe('403'); // though most of it has not come
  const signature = `X-Twilio-Signature: ${signRequest(AUTH_TOKEN, `${PUBLIC_URL}/twilio/voice`)}`;
  const forwarded = 'X-Forwarded-For: 203.0.113.7';
  for (let i = 0; i < 20; i++) {
    await answerTo(one, half([forwarded]), 'break off');
    await answerTo(one, half([forwarded, signature]), 'break off');
  }
  await until('all of them to be counted', async () => {
    const metrics = await (await one.get('/metrics')).text();
    const counts = [...metrics.matchAll(/refused_total\{reason="(?:forbidden|rate-limited)"\} (\d+)/g)];
    return counts.reduce((sum, [, count]) => sum + Number(count), 0) === 41;
  });
  expect(one.logs.filter(({ level }) => Number(level) >= 50)).toEqual([]);
  expect(one.logs.length).toBeLessThan(10);
  expect(JSON.stringify(one.logs)).not.toContain('stack');
  expect((await one.ring({}, { authToken: AUTH_TOKEN })).status).toBe(200);
});

test('a body whose bytes come as a chunk each, or too many of them, is not read to its end', async () => {
  const one = await start();
  const head = ['POST /twilio/voice HTTP/1.1', 'Host: localhost', 'Transfer-Encoding: chunked', '', ''].join('\r\n');
  expect(statusOf(await answerTo(one, head + '1\r\na\r\n'.repeat(20_000)))).toBe('413');
  expect(statusOf(await answerTo(one, `${head}10001\r\n${'a'.repeat(65_537)}\r\n`))).toBe('413');
  const whole = await answerTo(
    one,
    `${head.replace('\r\n', '\r\nConnection: close\r\n')}b\r\nCallSid=CA1\r\n0\r\n\r\n`,
  );
  expect(statusOf(whole)).toBe('200');
});
