/** Silence keeps nobody out, whatever there is of it: connections of HTTP, upgrades and lines that have said nothing. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { signRequest } from '../../src/bridge/twilio/signature.ts';
import { CARRIERS } from '../../src/worker/carriers.ts';
import { MOST_CONNECTIONS, MOST_OF_ONE_ADDRESS } from '../../src/worker/connections.ts';
import { until } from '../helpers/until.ts';
import { AUTH_TOKEN, SIGNED, withStandIns, type TestWorker } from '../helpers/worker.ts';
import { bell } from './carriers/bell.ts';

const start = withStandIns();
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** `from`: any address of the loopback is one of its own. */
async function silent(address: string, from = '127.0.0.1'): Promise<Socket> {
  const { hostname, port } = new URL(address);
  const socket = connect({ port: Number(port), host: hostname, localAddress: from }).on('error', () => undefined);
  sockets.push(socket);
  await once(socket, 'connect');
  return socket;
}

const many = (count: number, one: () => Promise<Socket>): Promise<Socket[]> =>
  Promise.all(Array.from({ length: count }, one));

const ringSigned = (one: TestWorker) => one.ring({ CallSid: 'CA1' }, { authToken: AUTH_TOKEN });

test('513 silent connections of one address, one process and two places: signed webhooks get in, and probes', async () => {
  const one = await start({ ...SIGNED, PARLEY_MAX_CALLS: '2' });
  const all = await many(513 + MOST_CONNECTIONS, () => silent(one.url));
  expect((await ringSigned(one)).status).toBe(200);
  expect((await one.get('/healthz')).status).toBe(200);
  await until('one address to have no more than its part', () => {
    return all.filter(({ closed }) => !closed).length <= MOST_OF_ONE_ADDRESS;
  });
});

test('silence of many addresses keeps nobody out either', async () => {
  const one = await start({ ...SIGNED, PARLEY_MAX_CALLS: '2' });
  const all = (
    await Promise.all([2, 3, 4, 5].map((last) => many(200, () => silent(one.url, `127.0.0.${last}`))))
  ).flat();
  expect((await ringSigned(one)).status).toBe(200);
  await until('no more to be open than may', () => all.filter(({ closed }) => !closed).length <= MOST_CONNECTIONS);
});

const upgrade = (...headers: string[]): string =>
  [
    'GET /twilio/media HTTP/1.1',
    'Host: localhost',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
  ]
    .concat('Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', headers, '', '')
    .join('\r\n');

/** An upgrade that was made, of an address, which then says nothing. */
async function waiting(one: TestWorker, from: string, ...headers: string[]): Promise<Socket> {
  const socket = await silent(one.url, from);
  socket.write(upgrade(...headers));
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 101 /);
  return socket;
}

test('upgrades of one address that say nothing keep out none of another, and nobody whom the carrier has signed', async () => {
  const token = 'bridge-token-of-ours';
  const one = await start({ ...SIGNED, PARLEY_MAX_CALLS: '2', PARLEY_BRIDGE_TOKEN: token });
  const authorization = `Authorization: Bearer ${token}`;
  const first = await Promise.all(Array.from({ length: 34 }, () => waiting(one, '127.0.0.2', authorization)));
  const same = await waiting(one, '127.0.0.2', authorization);
  await once(same, 'close'); // for want of room: its address has all of it
  const other = await waiting(one, '127.0.0.3', authorization);
  const url = 'wss://voice.example.com/twilio/media';
  const carrier = await waiting(one, '127.0.0.2', `X-Twilio-Signature: ${signRequest(AUTH_TOKEN, url)}`);
  await until('two to have gone', () => first.filter(({ closed }) => closed).length === 2);
  expect([other.closed, carrier.closed]).toEqual([false, false]);
});

test('lines over TCP of one address that say nothing keep out none of another', async () => {
  const one = await start(
    { PARLEY_BELL_KEY: 'the-key-of-the-bell', PARLEY_MAX_CALLS: '2' },
    { carriers: [...CARRIERS, bell] },
  );
  const address = one.worker.addresses.get('bell') ?? '';
  const first = await many(34, () => silent(address, '127.0.0.2'));
  await once(await silent(address, '127.0.0.2'), 'close'); // for want of room
  const body = new URLSearchParams({ key: 'key-1' });
  await fetch(`${one.url}/bell/expect`, { method: 'POST', headers: { 'x-bell': 'the-key-of-the-bell' }, body });
  const line = await silent(address, '127.0.0.3');
  line.write('key-1\n');
  await once(line, 'data');
  expect(one.worker.calls.size).toBe(1);
  expect(first.filter(({ closed }) => closed).length).toBe(1);
});

test('places + 32 silent sockets, and some more that send a malformed frame, or never answer our goodbye: gone in 2 s, and nothing happens', async () => {
  const one = await start({ PARLEY_MAX_CALLS: '2' });
  const first = await Promise.all(Array.from({ length: 34 }, () => waiting(one, '127.0.0.1')));
  const malformed = [[0xff, 0xff, 0xff, 0xff], [0x81, 0x01, 0x41], [0x81, 0xff], []].map((bytes) => Buffer.from(bytes));
  const late = await Promise.all(
    malformed.map(async (bytes) => {
      const socket = await waiting(one, '127.0.0.1');
      socket.write(bytes);
      const since = performance.now();
      await once(socket, 'close');
      return performance.now() - since;
    }),
  );
  for (const ms of late) expect(ms).toBeLessThan(3_000);
  expect((await one.get('/healthz')).status).toBe(200);
  expect(first.every(({ closed }) => !closed)).toBe(true);
});

test('a thousand requests in one piece are none; one after the other they are answered', async () => {
  const one = await start();
  const request = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n';
  const greedy = await silent(one.url);
  let answer = '';
  greedy.setEncoding('utf8').on('data', (text: string) => (answer += text));
  greedy.write(request.repeat(1_000));
  await once(greedy, 'close');
  expect(answer.split('HTTP/1.1 200 OK').length - 1).toBeLessThan(2);
  const patient = await silent(one.url);
  for (let i = 0; i < 20; i++) {
    patient.write(request);
    const [text] = (await once(patient, 'data')) as [Buffer];
    expect(text.toString()).toMatch(/^HTTP\/1\.1 200 OK/);
  }
});
