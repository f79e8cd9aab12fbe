/** Who comes in at the doors of the carriers that speak JSON: nobody who has not shown what the carrier alone has. */
import { randomUUID } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { PUBLIC_URL, withStandIns, type TestWorker } from '../../helpers/worker.ts';
import { until } from '../../helpers/until.ts';
import { JSON_CARRIERS, type Ring } from './json-carriers.ts';

const start = withStandIns();

async function post(one: TestWorker, { path, headers, body }: Ring) {
  const response = await fetch(one.url + path, { method: 'POST', headers, body });
  return { status: response.status, text: await response.text() };
}

/** The status of the handshake; 101 when there is a socket. */
function dial(one: TestWorker, path: string, headers: Record<string, string>): Promise<number> {
  const socket = new WebSocket(one.url.replace('http', 'ws') + path, { headers });
  onTestFinished(() => socket.terminate());
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(101));
    socket.once('unexpected-response', (_, response) => resolve(response.statusCode ?? 0));
    socket.once('error', reject);
  });
}

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
    expect((await post(one, { ...genuine, body: `${genuine.body}&x=1` })).status).toBe(403);
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
});
