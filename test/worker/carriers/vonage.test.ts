/** Who comes in at Vonage's door, and what it is asked for: everything is signed, once, and says what it carries. */
import { generateKeyPairSync, randomUUID, verify } from 'node:crypto';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { signVonage } from '../../../src/bridge/vonage/signature.ts';
import { signed } from '../../../src/simulate/vonage/phone.ts';
import { placeCallBy } from '../../../src/simulate/telephone.ts';
import { openApi } from '../../helpers/api.ts';
import { until } from '../../helpers/until.ts';
import { PUBLIC_URL, withStandIns, type TestWorker } from '../../helpers/worker.ts';
import { dial, place, post, type Ring } from './knocking.ts';

const SECRET = 'a-signature-secret-of-the-account';
const ENV = { PARLEY_PUBLIC_URL: PUBLIC_URL, PARLEY_VONAGE_SIGNATURE_SECRET: SECRET };
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const PEM = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const start = withStandIns();
const open = () => start(ENV);

function ring(secret = SECRET, { path = '/vonage/answer', ...facts }: Record<string, string> = {}): Ring {
  const body = JSON.stringify({ uuid: randomUUID(), from: '15550100', to: '15550199', ...facts });
  return { path, headers: { 'content-type': 'application/json', ...signed(secret, body) }, body };
}

const socketIn = (answer: string): string =>
  /wss:\/\/voice\.example\.com(\/vonage\/media\/[0-9a-f]+)/.exec(answer)?.[1] ?? '';
const ringFor = async (one: TestWorker) => socketIn((await post(one, ring())).text);

test('without its secret it is closed: 403 for its webhook, signed or not, and for its socket', async () => {
  const one = await start({ PARLEY_PUBLIC_URL: PUBLIC_URL });
  expect((await post(one, ring())).status).toBe(403);
  expect((await post(one, ring(''))).status).toBe(403);
  expect(await dial(one, await ringFor(await open()), signed(SECRET))).toBe(403);
  expect(one.logs.map(({ reason }) => reason).join()).toContain('PARLEY_VONAGE_SIGNATURE_SECRET');
});

test.each(['/vonage/answer', '/vonage/event', '/vonage/event/u-1'])(
  'a webhook at %s with no credential, a wrong one, one for another body, or one that came before is 403',
  async (path) => {
    const one = await open();
    const genuine = ring(SECRET, { path });
    expect((await post(one, { ...genuine, headers: { 'content-type': 'application/json' } })).status).toBe(403);
    expect((await post(one, ring('another-secret', { path }))).status).toBe(403);
    expect((await post(one, { ...genuine, body: genuine.body.replace('15550100', '15550111') })).status).toBe(403);
    expect((await post(one, { ...genuine, body: '' })).status).toBe(403);
    expect((await post(one, genuine)).status).toBe(200);
    expect((await post(one, genuine)).status).toBe(403);
  },
);

test('one of another application or account is foreign', async () => {
  const one = await start({ ...ENV, PARLEY_VONAGE_APPLICATION_ID: 'app-1', PARLEY_VONAGE_API_KEY: 'a1b2c3d4' });
  const body = '{"uuid":"u-1"}';
  const knock = (claims: object) => {
    const iat = Math.floor(Date.now() / 1_000);
    const token = signVonage({ iat, jti: randomUUID(), ...claims }, SECRET, body);
    return post(one, { path: '/vonage/answer', headers: { authorization: `Bearer ${token}` }, body });
  };
  expect((await knock({ api_key: 'a1b2c3d4', application_id: 'app-2' })).status).toBe(403);
  expect((await knock({ api_key: 'other', application_id: 'app-1' })).status).toBe(403);
  expect((await knock({ api_key: 'a1b2c3d4', application_id: 'app-1' })).status).toBe(200);
});

test('a socket with no JWT, a wrong one, one that came before, or no token of a call is 403 before anything is read', async () => {
  const one = await open();
  const path = await ringFor(one);
  const shown = signed(SECRET);
  expect(await dial(one, path)).toBe(403);
  expect(await dial(one, path, signed('another-secret'))).toBe(403);
  expect(await dial(one, path, signed(SECRET, 'a body'))).toBe(403); // that of a webhook
  expect(await dial(one, `/vonage/media/${'a'.repeat(80)}`, signed(SECRET))).toBe(403);
  expect(one.calls).toEqual([]);
  expect(await dial(one, path, shown)).toBe(101);
  expect(await dial(one, path, shown)).toBe(403);
});

test('the token of a call that has begun opens no second socket', async () => {
  const one = await open();
  const path = await ringFor(one);
  const socket = new WebSocket(one.url.replace('http', 'ws') + path, { headers: signed(SECRET) });
  onTestFinished(() => socket.terminate());
  await once(socket, 'open');
  socket.send('{"event":"websocket:connected","content-type":"audio/l16;rate=16000","call_uuid":"u-1"}');
  const call = await until('a call', () => one.calls[0]);
  expect(call.caller).toMatchObject({ carrierCallId: 'u-1', from: '15550100', to: '15550199' }); // as announced
  expect(await dial(one, path, signed(SECRET))).toBe(403);
});

test.each([
  [{ PARLEY_VONAGE_SIGNATURE_SECRET: SECRET }, 'PARLEY_PUBLIC_URL: expected the address that Vonage calls'],
  [{ ...ENV, PARLEY_VONAGE_PRIVATE_KEY: 'no key' }, 'PARLEY_VONAGE_PRIVATE_KEY: expected a private key as PEM'],
  [{ ...ENV, PARLEY_VONAGE_PRIVATE_KEY: PEM }, 'PARLEY_VONAGE_APPLICATION_ID: expected it with'],
])('settings that make no sense are refused (%#)', async (env, problem) => {
  await expect(start(env)).rejects.toThrow(problem);
});

test('no secret of it is in the log', async () => {
  const one = await open();
  await post(one, ring());
  await post(one, ring('another-secret'));
  await until('a refusal', () => one.logs.some(({ why }) => why === 'forbidden'));
  expect(JSON.stringify(one.logs)).not.toMatch(/a-signature-secret|another-secret|eyJ/);
});

async function call(env: Record<string, string> = {}) {
  const one = await start({ ...ENV, ...env });
  const caller = await place({ line: 'vonage', secret: SECRET }, one);
  return { one, caller, answered: await until('a call', () => one.calls[0]) };
}

/** The key may be written in one line. */
const withAccount = (url: string) => ({
  ...{ PARLEY_VONAGE_APPLICATION_ID: '', PARLEY_VONAGE_REST_URL: url },
  PARLEY_VONAGE_PRIVATE_KEY: PEM.replaceAll('\n', '\\n'),
});

test('by the API: hand-over, and hang-up, each asked with a token of the application', async () => {
  const api = await openApi();
  const env = { ...withAccount(api.url), PARLEY_VONAGE_APPLICATION_ID: 'app-1' };
  const one = await start({ ...ENV, ...env });
  const body = JSON.stringify({ uuid: 'u-1', from: '15550100', to: '15550199' });
  const show = (more: object, text?: string) => ({
    authorization: `Bearer ${signVonage({ iat: Math.floor(Date.now() / 1_000), jti: randomUUID(), application_id: 'app-1', ...more }, SECRET, text)}`,
  });
  const { text } = await post(one, { path: '/vonage/answer', headers: show({}, body), body });
  const socket = new WebSocket(one.url.replace('http', 'ws') + socketIn(text), { headers: show({}) });
  onTestFinished(() => socket.terminate());
  await once(socket, 'open');
  socket.send('{"event":"websocket:connected","content-type":"audio/l16;rate=16000","call_uuid":"u-1"}');
  const answered = await until('a call', () => one.calls[0]);
  answered.handOver('One moment.', '+15550123', 'transferred');
  const request = await until('a request', () => api.asked[0]);
  expect([request.method, request.path]).toEqual(['PUT', '/v1/calls/u-1']);
  const connect = {
    ...{ action: 'connect', from: '15550199', endpoint: [{ type: 'phone', number: '15550123' }] },
    ...{ eventType: 'synchronous', eventUrl: [`${PUBLIC_URL}/vonage/dialled/u-1?from=15550100&to=15550199`] },
  };
  expect(JSON.parse(request.body)).toEqual({
    action: 'transfer',
    destination: { type: 'ncco', ncco: [connect] },
  });
  const [head, claims, signature] = (request.authorization ?? '').replace('Bearer ', '').split('.');
  const bytes = Buffer.from(`${head}.${claims}`);
  expect(verify('RSA-SHA256', bytes, publicKey, Buffer.from(signature ?? '', 'base64url'))).toBe(true);
  socket.close(1000);
  expect(await answered.ended).toMatchObject({ reason: 'transferred' });
});

test('without the key: the socket closes, and Vonage is told whom to dial when it asks what else there is', async () => {
  const { one, caller, answered } = await call();
  const ask = async (status: string, path = `/vonage/event/${caller.callSid}`) =>
    (await post(one, ring(SECRET, { path, status, uuid: 'another-leg' }))).text;
  expect(await ask('disconnected')).toBe('{}');
  answered.handOver('One moment.', '+15550123', 'transferred');
  expect(await caller.ended).toMatchObject({ by: 'worker', code: 1000 });
  expect(await answered.ended).toMatchObject({ reason: 'transferred' });
  expect(await ask('completed')).toBe('{}');
  expect(await ask('disconnected', '/vonage/event/of-another-call')).toBe('{}');
  expect(JSON.parse(await ask('disconnected'))).toEqual([
    {
      ...{ action: 'connect', from: '15550199', endpoint: [{ type: 'phone', number: '15550123' }] },
      ...{ eventType: 'synchronous', eventUrl: [`${PUBLIC_URL}/vonage/dialled/${caller.callSid}?to=15550199`] },
    },
  ]);
});

test('a hang-up of ours closes the socket, behind which nothing stands', async () => {
  const { caller, answered } = await call();
  answered.sayGoodbye('Bye.', 'done');
  expect(await caller.ended).toMatchObject({ by: 'worker', code: 1000 });
  expect(caller.stats().badFrames).toBe(0);
});

test('who cannot be taken is told so, and no socket is named', async () => {
  const one = await start({ ...ENV, PARLEY_MAX_CALLS: '1' });
  await ringFor(one);
  const placed = await placeCallBy('vonage', {
    ...{ voiceUrl: `${PUBLIC_URL}/vonage/answer`, from: '+15550100', to: '+15550199', authToken: SECRET },
    reach: one.reach,
  });
  expect(placed).toMatchObject({ type: 'refused', said: expect.stringMatching(/busy/) as string });
});
