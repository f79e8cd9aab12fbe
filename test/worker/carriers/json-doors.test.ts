/** Who comes in at the doors of the carriers that speak JSON: nobody who has not shown what the carrier alone has. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { openApi } from '../../helpers/api.ts';
import { PUBLIC_URL, withStandIns } from '../../helpers/worker.ts';
import { until } from '../../helpers/until.ts';
import { JSON_CARRIERS } from './json-carriers.ts';
import { dial, place, post } from './knocking.ts';

const start = withStandIns();

describe.each(JSON_CARRIERS)('$line', (carrier) => {
  const open = () => start({ PARLEY_PUBLIC_URL: PUBLIC_URL, ...carrier.env });
  const ring = (secret?: string) => carrier.ring(randomUUID(), secret);

  test('without its secret it is closed: 403 for its webhook, signed or not, and for its socket', async () => {
    const one = await start({ PARLEY_PUBLIC_URL: PUBLIC_URL });
    expect((await post(one, ring())).status).toBe(403);
    const [path] = carrier.socketIn((await post(await open(), ring())).text).path.split('?');
    expect(await dial(one, path ?? '', {})).toBe(403);
    expect(one.logs.map(({ reason }) => reason).join()).toContain(carrier.opener);
  });

  test('a webhook with no credential, or a wrong one, is 403', async () => {
    const one = await open();
    const genuine = ring();
    const { 'content-type': type = '' } = genuine.headers;
    expect((await post(one, { ...genuine, headers: { 'content-type': type } })).status).toBe(403);
    expect((await post(one, ring('another-secret'))).status).toBe(403);
    const withOtherBody = await post(one, { ...genuine, body: `${genuine.body}&x=1` });
    expect(withOtherBody.status).toBe(carrier.isGoodForAnyBody ? 200 : 403);
    expect((await post(one, genuine)).status).toBe(200);
    if (!carrier.isRingGoodTwice) expect((await post(one, genuine)).status).toBe(403);
  });

  test('a socket with no token, a wrong one, or that of a call which has come is 403 before anything is read', async () => {
    const one = await open();
    const { path, headers } = carrier.socketIn((await post(one, ring())).text);
    const wrong = (text: string) => text.replace(/[\w-]{20,}$/, (token) => 'a'.repeat(token.length));
    const wrongHeaders = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, wrong(value)]));
    expect(await dial(one, wrong(path), wrongHeaders)).toBe(403);
    if (Object.keys(headers).length > 0) expect(await dial(one, path, {})).toBe(403);
    else expect(await dial(one, path.replace(/\/[^/]*$/, '/x'), {})).toBe(403);
    expect(one.calls).toEqual([]);
    expect(await dial(one, path, headers)).toBe(101);
  });

  test('its settings are refused without the address that it signs', async () => {
    await expect(start(carrier.env)).rejects.toThrow('PARLEY_PUBLIC_URL: expected the address that');
  });

  test('no secret of it is in the log', async () => {
    const one = await open();
    await post(one, ring());
    await post(one, ring('another-secret'));
    await until('a refusal', () => one.logs.some(({ why }) => why === 'forbidden'));
    expect(JSON.stringify(one.logs)).not.toContain(carrier.secret);
  });

  async function callWithAccount() {
    const api = await openApi();
    const one = await start({ PARLEY_PUBLIC_URL: PUBLIC_URL, ...carrier.env, ...carrier.account(api.url) });
    const caller = await place(carrier, one);
    const call = await until('a call', () => one.calls[0]);
    return { api, one, call, caller };
  }

  test('a hand-over: the API is told whom to dial, or to send the call back, and is told once it asks', async () => {
    const { api, one, call, caller } = await callWithAccount();
    call.handOver('One moment.', '+15550123', 'transferred');
    const request = await until('a request', () => api.asked[0]);
    expect(request.method).toBe('POST');
    expect(request.path).toContain(carrier.apiIdOf?.(caller.callSid) ?? caller.callSid);
    if (carrier.nextPath === undefined) {
      expect(decodeURIComponent(request.body)).toMatch(/<Dial[^>]*>\+15550123<\/Dial>/);
      await caller.hangUp();
      expect(await call.ended).toMatchObject({ reason: 'transferred' });
      return;
    }
    expect(decodeURIComponent(request.body)).toContain(PUBLIC_URL + carrier.nextPath);
    const next = await post(one, carrier.ring(caller.callSid, undefined, carrier.nextPath));
    expect(next.text).toMatch(/<Dial[^>]*>(<Number>)?\+15550123(<\/Number>)?<\/Dial>/);
    expect((await post(one, carrier.ring('another-call', undefined, carrier.nextPath))).text).toContain('<Hangup/>');
    await caller.hangUp();
    expect(await call.ended).toMatchObject({ reason: 'transferred' });
  });

  test('a hang-up of ours ends the call by the API, and closes the line', async () => {
    const { api, call, caller } = await callWithAccount();
    call.sayGoodbye('Bye.', 'done');
    expect(await caller.ended).toMatchObject({ by: 'worker', code: 1000 });
    expect(api.asked).toHaveLength(1);
    expect(api.asked[0]?.path).toContain(carrier.apiIdOf?.(caller.callSid) ?? caller.callSid);
  });

  test('the token of a call that has begun opens no second socket', async () => {
    const one = await open();
    const { path, headers } = carrier.socketIn((await post(one, ring())).text);
    const dialAgain = () => dial(one, path, headers);
    const socket = new WebSocket(one.url.replace('http', 'ws') + path, { headers });
    onTestFinished(() => socket.terminate());
    await once(socket, 'open');
    const start = { streamSid: 's', streamId: 's', callSid: 'c', callId: 'c', call_control_id: 'c', stream_id: 's' };
    socket.send(JSON.stringify({ event: 'start', start }));
    await until('a call', () => one.calls[0]);
    expect(await dialAgain()).toBe(403);
  });
});

test('a webhook of cloudonix may be JSON, whose numbers are told (dograh cloudonix/provider.py)', async () => {
  const key = 'XI-a-key-of-the-domain';
  const one = await start({ PARLEY_PUBLIC_URL: PUBLIC_URL, PARLEY_CLOUDONIX_API_KEY: key });
  const body = JSON.stringify({ Session: 's-1', From: '+15550100', To: 15550199, SessionData: { token: 's-1' } });
  const headers = { 'content-type': 'application/json', 'x-cx-apikey': key };
  const { text } = await post(one, { path: '/cloudonix/voice', headers, body });
  const path = /wss:\/\/voice\.example\.com(\/cloudonix\/media\/[0-9a-f]+)/.exec(text)?.[1] ?? '';
  const socket = new WebSocket(one.url.replace('http', 'ws') + path);
  onTestFinished(() => socket.terminate());
  await once(socket, 'open');
  socket.send(JSON.stringify({ event: 'start', start: { streamSid: 's', callSid: 'c', session: 's-1' } }));
  const call = await until('a call', () => one.calls[0]);
  expect(call.caller).toMatchObject({ carrierCallId: 's-1', from: '+15550100', to: '15550199' });
});
