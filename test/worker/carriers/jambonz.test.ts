/** Who comes in at jambonz's door: its password, or its signature where there is a secret; the socket of a call by its token. */
import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { signJambonz } from '../../../src/bridge/jambonz/signature.ts';
import { basic } from '../../../src/simulate/phone/connect.ts';
import { placeCallBy } from '../../../src/simulate/telephone.ts';
import { until } from '../../helpers/until.ts';
import { PUBLIC_URL, withStandIns, type TestWorker } from '../../helpers/worker.ts';
import { dial, place, post, type Ring } from './knocking.ts';

const PASSWORD = 'a-password-of-jambonz';
const SECRET = 'wh-secret-of-the-account';
const ENV = { PARLEY_PUBLIC_URL: PUBLIC_URL, PARLEY_JAMBONZ_PASSWORD: PASSWORD };
const PATHS = ['/jambonz/call', '/jambonz/next', '/jambonz/status'];
const start = withStandIns();
const open = () => start(ENV);

const ring = (headers: Record<string, string>, path = '/jambonz/call', more: object = {}): Ring => ({
  ...{ path, headers: { 'content-type': 'application/json', ...headers } },
  body: JSON.stringify({ call_sid: 'c-1', from: '+15550100', to: '+15550199', ...more }),
});
const tokenIn = (answer: string): string => /"password":"([^"]+)"/.exec(answer)?.[1] ?? '';
const announced = async (one: TestWorker) => tokenIn((await post(one, ring(basic(PASSWORD)))).text);

test('without its password it is closed', async () => {
  const one = await start({ PARLEY_PUBLIC_URL: PUBLIC_URL });
  for (const path of PATHS) expect((await post(one, ring(basic(PASSWORD), path))).status).toBe(403);
  expect(await dial(one, '/jambonz/media', basic(await announced(await open())))).toBe(403);
  expect(one.logs.map(({ reason }) => reason).join()).toContain('PARLEY_JAMBONZ_PASSWORD');
});

test.each(PATHS)('a webhook at %s with no password or a wrong one is 403', async (path) => {
  const one = await open();
  expect((await post(one, ring({}, path))).status).toBe(403);
  expect((await post(one, ring(basic('another-password-of-it'), path))).status).toBe(403);
  expect((await post(one, ring(basic(PASSWORD), path))).status).toBe(200);
});

test.each(PATHS)('with a secret a webhook at %s must be signed, and is good once', async (path) => {
  const one = await start({ ...ENV, PARLEY_JAMBONZ_WEBHOOK_SECRET: SECRET });
  const now = Date.now() / 1_000;
  const signed = (secret: string, atSeconds = now) => {
    const { body } = ring({}, path);
    return ring({ 'jambonz-signature': signJambonz(body, secret, atSeconds) }, path);
  };
  expect((await post(one, ring(basic(PASSWORD), path))).status).toBe(403);
  expect((await post(one, signed('another'))).status).toBe(403);
  expect((await post(one, signed(SECRET, now - 400))).status).toBe(403);
  expect((await post(one, { ...signed(SECRET), body: '{"call_sid":"c-2"}' })).status).toBe(403);
  expect((await post(one, signed(SECRET))).status).toBe(200);
  expect((await post(one, signed(SECRET))).status).toBe(403);
});

test('a socket with no token, a wrong one, the password, or that of a call that has begun is 403 before anything is read', async () => {
  const one = await open();
  const token = await announced(one);
  for (const headers of [{}, basic('x'.repeat(token.length)), basic(PASSWORD)])
    expect(await dial(one, '/jambonz/media', headers)).toBe(403);
  expect(one.calls).toEqual([]);
  const address = `${one.url.replace('http', 'ws')}/jambonz/media`;
  const socket = new WebSocket(address, ['audio.jambonz.org', 'audio.drachtio.org'], { headers: basic(token) });
  onTestFinished(() => socket.terminate());
  await once(socket, 'open');
  expect(socket.protocol).toBe('audio.jambonz.org');
  socket.send('{"callSid":"c-1","sampleRate":16000}');
  const call = await until('a call', () => one.calls[0]);
  expect(call.caller).toMatchObject({ carrierCallId: 'c-1', from: '+15550100', to: '+15550199' });
  expect(await dial(one, '/jambonz/media', basic(token))).toBe(403);
});

test.each([
  [{ PARLEY_JAMBONZ_PASSWORD: PASSWORD }, 'PARLEY_PUBLIC_URL: expected the address that jambonz calls'],
  [
    { PARLEY_PUBLIC_URL: PUBLIC_URL, PARLEY_JAMBONZ_WEBHOOK_SECRET: SECRET },
    'PARLEY_JAMBONZ_PASSWORD: expected it with',
  ],
  [{ ...ENV, PARLEY_JAMBONZ_SAMPLE_RATE: '11025' }, 'PARLEY_JAMBONZ_SAMPLE_RATE: expected 8000 or 16000'],
])('settings that make no sense are refused (%#)', async (env, problem) => {
  await expect(start(env)).rejects.toThrow(problem);
});

describe('a call by audio', () => {
  async function call() {
    const one = await open();
    const caller = await place({ line: 'jambonz', secret: PASSWORD }, one);
    return { one, caller, answered: await until('a call', () => one.calls[0]) };
  }
  const ask = async (one: TestWorker, callSid: string) =>
    JSON.parse((await post(one, ring(basic(PASSWORD), '/jambonz/next', { call_sid: callSid }))).text) as unknown;

  test('a hand-over: the line ends, and jambonz is told whom to dial when it asks what else there is', async () => {
    const { one, caller, answered } = await call();
    answered.handOver('One moment.', '+15550123', 'transferred');
    expect(await caller.ended).toMatchObject({ by: 'worker' });
    expect(await answered.ended).toMatchObject({ reason: 'transferred' });
    expect(await ask(one, caller.callSid)).toEqual([
      {
        ...{ verb: 'dial', target: [{ type: 'phone', number: '+15550123' }] },
        actionHook: `${PUBLIC_URL}/jambonz/dialled`,
      },
    ]);
    expect(await ask(one, 'another-call')).toEqual([{ verb: 'hangup' }]);
  });

  test('a hang-up of ours ends the verb, and there is nothing behind it', async () => {
    const { one, caller, answered } = await call();
    answered.sayGoodbye('Bye.', 'done');
    expect(await caller.ended).toMatchObject({ by: 'worker', code: 1000 });
    expect(await ask(one, caller.callSid)).toEqual([{ verb: 'hangup' }]);
    expect(caller.stats().badFrames).toBe(0);
  });

  test('no secret of it is in the log', async () => {
    const { one, caller } = await call();
    await post(one, ring(basic('another-password-of-it')));
    await caller.hangUp();
    await until('a refusal', () => one.logs.some(({ why }) => why === 'forbidden'));
    expect(JSON.stringify(one.logs)).not.toMatch(/password-of/);
  });
});

describe('a call by text', () => {
  const path = '/jambonz/control';

  async function call() {
    const one = await open();
    const placed = await placeCallBy('jambonz-text', {
      ...{ voiceUrl: PUBLIC_URL + path, from: '+15550100', to: '+15550199', authToken: PASSWORD },
      reach: one.reach,
    });
    if (placed.type !== 'relay') throw new Error('Expected a line of text');
    return { one, caller: placed.caller, answered: await until('a call', () => one.calls[0]) };
  }

  test('a control socket with no password or a wrong one is 403 before anything is read; the right one has its protocol', async () => {
    const one = await open();
    for (const headers of [{}, basic('another-password-of-it'), basic('')])
      expect(await dial(one, path, headers)).toBe(403);
    expect(one.calls).toEqual([]);
    const address = one.url.replace('http', 'ws') + path;
    const socket = new WebSocket(address, ['ws.jambonz.org'], { headers: basic(PASSWORD) });
    onTestFinished(() => socket.terminate());
    await once(socket, 'open');
    expect(socket.protocol).toBe('ws.jambonz.org');
    expect(await dial(await start({ PARLEY_PUBLIC_URL: PUBLIC_URL }), path, basic(PASSWORD))).toBe(403);
  });

  test('a hand-over redirects the call to whom it is for', async () => {
    const { caller, answered } = await call();
    answered.handOver('One moment.', '+15550123', 'transferred');
    const end = await caller.ended;
    expect(JSON.parse(end.handoffData ?? '')).toEqual([
      { verb: 'dial', target: [{ type: 'phone', number: '+15550123' }] },
    ]);
    expect(await answered.ended).toMatchObject({ reason: 'transferred' });
  });

  test('a hang-up of ours completes the call', async () => {
    const { caller, answered } = await call();
    answered.sayGoodbye('Bye.', 'done');
    expect(await caller.ended).toMatchObject({ by: 'worker' });
    expect(caller.stats().badFrames).toBe(0);
  });
});
