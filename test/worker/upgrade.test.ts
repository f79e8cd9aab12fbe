import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { ProviderError } from '../../src/lib/errors.ts';
import { VirtualClock } from '../../src/lib/clock.ts';
import { newSid } from '../../src/simulate/phone/connect.ts';
import { placeCall, type PlacedCall } from '../../src/simulate/twilio/place-call.ts';
import { RESERVED_MS } from '../../src/worker/arbiter.ts';
import { until } from '../helpers/until.ts';
import { AUTH_TOKEN, PUBLIC_URL, SIGNED, withStandIns, type TestWorker } from '../helpers/worker.ts';

const start = withStandIns();

async function refusalOf(dialing: Promise<unknown>): Promise<ProviderError> {
  const error = await dialing.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof ProviderError) return error;
  throw new Error(`Expected the dial to be refused, got ${String(error)}`);
}

/** The raw answer to an upgrade, with every header. */
async function knock({ url }: TestWorker, path: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let answer = '';
  socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: ${hostname}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  await once(socket, 'end');
  return answer;
}

/** The token of a call that the webhook announces. */
async function announce(one: TestWorker, callSid: string): Promise<string> {
  const { body } = await one.ring({ CallSid: callSid });
  const token = /name="parleyToken" value="([^"]+)"/.exec(body)?.[1];
  if (token === undefined) throw new Error(`Expected a token, got ${body}`);
  return token;
}

test('from this machine a socket is let in without an auth token, and the call is answered', async () => {
  const one = await start();
  const caller = await one.dial({ parameters: { tenant: 'acme' } });
  await caller.waitForSpeech({ fromMs: 0 });
  expect(one.calls.map(({ caller }) => caller.carrierCallId)).toEqual([caller.callSid]);
  expect(await (await one.get('/readyz')).json()).toMatchObject({ calls: 1 });
  await caller.hangUp();
  await until('the call to end', () => one.worker.calls.size === 0);
});

test('a signed socket is let in, any other is 403 before the upgrade', async () => {
  const one = await start(SIGNED);
  const signedUrl = 'wss://voice.example.com/twilio/media';
  const caller = await one.dial({ authToken: AUTH_TOKEN, signedUrl });
  await caller.hangUp();
  expect(await refusalOf(one.dial())).toMatchObject({ status: 403, code: 'unauthorized' });
  expect(await refusalOf(one.dial({ authToken: 'wrong', signedUrl }))).toMatchObject({ status: 403 });
  expect(await refusalOf(one.dial({ authToken: AUTH_TOKEN }))).toMatchObject({ status: 403 });
  expect(one.logs.find(({ msg }) => msg === 'a call was refused')).toMatchObject({
    path: '/twilio/media',
    reason: 'the request is not signed',
  });
});

test('an upgrade elsewhere is 404', async () => {
  const one = await start();
  expect(await knock(one, '/twilio/video')).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/);
  expect(await knock(one, '/healthz')).toMatch(/^HTTP\/1\.1 404 /);
});

test('when it is full an upgrade is 503, and told when to try again', async () => {
  const one = await start({ PARLEY_MAX_CALLS: '1' });
  const caller = await one.dial();
  expect(await refusalOf(one.dial())).toMatchObject({ status: 503, retryAfterMs: 10_000 });
  expect(await knock(one, '/twilio/relay')).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\nRetry-After: 10\r\n/);
  await caller.hangUp();
  await until('room for one more', () => one.worker.isReady);
  await (await one.dial()).hangUp();
});

test('a place that was announced is kept for the call that shows its token, whoever else knocks', async () => {
  const one = await start({ PARLEY_MAX_CALLS: '1' });
  const callSid = newSid('CA');
  const token = await announce(one, callSid);
  const stranger = await one.dial(); // it may be the announced call, until it has said who it is
  expect(await stranger.ended).toMatchObject({ code: 1008, by: 'worker' });
  const caller = await one.dial({ callSid, parameters: { parleyToken: token } });
  await caller.waitForSpeech({ fromMs: 0 });
  await caller.hangUp();
  expect(one.calls.map(({ caller }) => caller.carrierCallId)).toEqual([callSid]);
});

test('a token is good once, and for its own call only', async () => {
  const one = await start();
  const callSid = newSid('CA');
  const parameters = { parleyToken: await announce(one, callSid) };
  const caller = await one.dial({ callSid, parameters });
  await caller.waitForSpeech({ fromMs: 0 });
  expect(await (await one.dial({ callSid, parameters })).ended).toMatchObject({ code: 1008 });
  const other = { parleyToken: await announce(one, newSid('CA')) };
  expect(await (await one.dial({ parameters: other })).ended).toMatchObject({ code: 1008 });
  expect(await (await one.dial({ parameters: { parleyToken: 'made-up' } })).ended).toMatchObject({ code: 1008 });
  await caller.hangUp();
  expect(one.calls).toHaveLength(1);
  expect(await (await one.get('/metrics')).text()).toContain('parley_calls_refused_total{reason="forbidden"} 3');
});

test('the token stays out of what the agent sees', async () => {
  const facts: unknown[] = [];
  const one = await start({}, { agent: { facts: (caller) => (facts.push(caller), '') } });
  const callSid = newSid('CA');
  const caller = await one.dial({ callSid, parameters: { parleyToken: await announce(one, callSid), tenant: 'acme' } });
  await caller.waitForSpeech({ fromMs: 0 });
  await caller.hangUp();
  expect(facts).toEqual([
    { carrierCallId: callSid, from: '+15550100', to: '+15550199', parameters: { tenant: 'acme' } },
  ]);
});

test('a place that nobody comes for is given back, and its token with it', async () => {
  const clock = new VirtualClock();
  const one = await start({ PARLEY_MAX_CALLS: '1' }, { clock });
  const callSid = newSid('CA');
  const token = await announce(one, callSid);
  expect(one.worker.isReady).toBe(false);
  clock.advanceBy(RESERVED_MS);
  expect(one.worker.isReady).toBe(true);
  const late = await one.dial({ callSid, parameters: { parleyToken: token } });
  expect(await late.ended).toMatchObject({ code: 1008 });
  expect(one.worker.isReady).toBe(true);
});

test.each(['media', 'relay'] as const)('a whole call by webhook and %s, signed as by Twilio', async (line) => {
  const one = await start({ ...SIGNED, PARLEY_TWILIO_LINE: line });
  const placed: PlacedCall = await placeCall({
    voiceUrl: `${PUBLIC_URL}/twilio/voice`,
    reach: one.reach,
    authToken: AUTH_TOKEN,
    from: '+15550100',
    to: '+15550199',
  });
  if (placed.type === 'refused') throw new Error(`Expected a call, got a refusal: ${placed.said}`);
  expect(placed.type).toBe(line);
  await placed.caller.waitForSpeech({ fromMs: 0 });
  await placed.caller.hangUp();
  await until('the call to end', () => one.worker.calls.size === 0);
});

test('a socket that leaves before it has said who it is leaves nothing behind', async () => {
  const one = await start({ PARLEY_MAX_CALLS: '1' });
  const { hostname, port } = new URL(one.url);
  const socket = connect(Number(port), hostname);
  socket.write('GET /twilio/media HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nHost: localhost\r\n');
  socket.write('Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n');
  await once(socket, 'data');
  socket.destroy();
  await until('the line to be given up', () => one.logs.some(({ msg }) => msg === 'a line was not taken'));
  expect(one.worker.isReady).toBe(true);
  expect(one.calls).toEqual([]);
});
