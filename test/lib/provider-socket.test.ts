/** A vendor's WebSocket against a server on loopback that does what a test says; the time is the test's. */
import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { VirtualClock } from '../../src/lib/clock.ts';
import type { ProviderError } from '../../src/lib/errors.ts';
import { silentLog } from '../../src/lib/log.ts';
import { ProviderSocket, type ProviderSocketOptions } from '../../src/lib/provider-socket.ts';

const SECRET = 'sk_test_0123456789';

/** @param answer Of an upgrade: undefined takes it. */
async function serve(answer?: (request: IncomingMessage, socket: Socket) => void) {
  const webSockets = new WebSocketServer({ noServer: true, autoPong: false });
  const sockets = new Set<Socket>();
  const server = createServer();
  server.on('connection', (socket) => sockets.add(socket));
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    socket.on('error', () => {});
    if (answer) return answer(request, socket);
    webSockets.handleUpgrade(request, socket, head, (peer) => webSockets.emit('connection', peer, request));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const peer = once(webSockets, 'connection').then(([socket]) => socket as WebSocket);
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/live`, peer };
}

function connect(url: string, options: Partial<ProviderSocketOptions> = {}) {
  const clock = new VirtualClock();
  const told: string[] = [];
  const errors: ProviderError[] = [];
  const socket = new ProviderSocket(
    {
      provider: 'acme',
      url,
      headers: { authorization: `Bearer ${SECRET}` },
      secret: SECRET,
      clock,
      log: silentLog,
      connectTimeoutMs: 5_000,
      mostFrameBytes: 1_000,
      ...options,
    },
    {
      opened: () => told.push('opened'),
      message: (text, isBinary) => told.push(`${isBinary ? 'binary' : 'text'} ${text}`),
      failed: (error) => {
        told.push(`failed ${error.code}`);
        errors.push(error);
      },
      closed: (code) => told.push(`closed ${code}`),
      beat: () => told.push('beat'),
    },
  );
  socket.whenGone(() => told.push('gone'));
  onTestFinished(() => socket.cut());
  const tells = (last: string) => vi.waitFor(() => expect(told.at(-1)).toBe(last), { interval: 2, timeout: 5_000 });
  return { socket, clock, told, errors, tells };
}

const refuse = (status: string, body: string) => (_: IncomingMessage, socket: Socket) =>
  socket.end(`HTTP/1.1 ${status}\r\nRetry-After: 3\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);

test('it opens with the key, carries text and bytes both ways, and tells of the close and that it is gone', async () => {
  const { url, peer } = await serve();
  const { socket, clock, told, tells } = connect(url);
  expect(socket.isOpen).toBe(false);
  socket.send('too early');
  const server = await peer;
  await tells('opened');
  expect(clock.pending).toBe(0);
  const heard = new Promise((resolve) => server.once('message', (data: Buffer) => resolve(data.toString())));
  socket.send('hello');
  expect(await heard).toBe('hello');
  server.send('{"a":1}');
  server.send(Buffer.from('bytes'));
  await tells('binary bytes');
  server.close(4000);
  await tells('gone');
  expect(told).toEqual(['opened', 'text {"a":1}', 'binary bytes', 'closed 4000', 'gone']);
  let isGone = false;
  socket.whenGone(() => (isGone = true));
  expect(isGone).toBe(true);
});

test.each([
  ['401 Unauthorized', 'unauthorized', 401],
  ['403 Forbidden', 'unauthorized', 403],
  ['429 Too Many Requests', 'rate-limited', 429],
  ['400 Bad Request', 'provider-failed', 400],
  ['503 Service Unavailable', 'provider-failed', 503],
])('a refusal with %s is read: %s', async (line, code, status) => {
  const { url } = await serve(refuse(line, `{"error":"not with ${SECRET}","request_id":"r-1"}`));
  const { told, errors, tells, clock } = connect(url);
  await tells('gone');
  expect(told).toEqual([`failed ${code}`, 'gone']);
  expect(errors[0]).toMatchObject({ provider: 'acme', code, status, requestId: 'r-1', phase: 'connect' });
  expect(errors[0]).toMatchObject({ message: 'acme: not with [redacted]', retryAfterMs: 3_000 });
  expect(clock.pending).toBe(0);
});

test('a refusal whose body never ends is told with what was read of it', async () => {
  const { url } = await serve((_, socket) =>
    socket.write('HTTP/1.1 403 Forbidden\r\nContent-Length: 100\r\n\r\nnot you'),
  );
  const answered = new Promise((resolve) => subscribe('http.client.response.finish', resolve)); // its head has been read
  const { told, clock, tells } = connect(url);
  await answered;
  clock.advanceBy(5_000);
  await tells('gone');
  expect(told).toEqual(['failed unauthorized', 'gone']);
});

test('a refusal of any length is told as soon as there is enough of it', async () => {
  const { url } = await serve((_, socket) => {
    socket.write('HTTP/1.1 500 Oh\r\nContent-Length: 1000000\r\n\r\n');
    socket.write('x'.repeat(20_000));
  });
  const { errors, tells } = connect(url);
  await tells('gone');
  expect(errors[0]).toMatchObject({ status: 500, code: 'provider-failed' });
  expect(errors[0]!.message.length).toBeLessThan(1_000);
});

test('an upgrade that nobody answers is given up in its time', async () => {
  const { url } = await serve(() => {});
  const { clock, told, errors, tells } = connect(url);
  clock.advanceBy(4_999);
  expect(told).toEqual([]);
  clock.advanceBy(1);
  await tells('gone');
  expect(told).toEqual(['failed connect-timeout', 'gone']);
  expect(errors[0]).toMatchObject({ message: 'acme: No connection within 5000 ms', phase: 'connect' });
});

test('a reset, and a port where nobody listens', async () => {
  const { url } = await serve((_, socket) => socket.resetAndDestroy());
  for (const address of [url, 'ws://127.0.0.1:9/live']) {
    const { told, tells } = connect(address);
    await tells('gone');
    expect(told).toEqual(['failed connect-failed', 'gone']);
  }
});

test.each(['connecting', 'refused', 'open'] as const)(
  'cut while %s: nothing more is told but that it is gone',
  async (when) => {
    const { url, peer } = await serve(
      when === 'open' ? undefined : when === 'refused' ? refuse('503 Oh', '{}') : () => {},
    );
    const { socket, told, clock, tells } = connect(url);
    if (when === 'open') {
      const server = await peer;
      await tells('opened');
      server.send('too late');
    }
    const before = told.length;
    socket.cut();
    socket.cut();
    socket.close(10);
    await tells('gone');
    expect(told.slice(before)).toEqual(['gone']);
    expect(clock.pending).toBe(0);
  },
);

test('closed in peace, the place is free when the other end has answered', async () => {
  const { url, peer } = await serve();
  const { socket, told, clock, tells } = connect(url);
  const server = await peer;
  await tells('opened');
  const closed = once(server, 'close');
  socket.close(300);
  socket.close(300);
  server.send('too late');
  expect((await closed)[0]).toBe(1000);
  await tells('gone');
  expect(told).toEqual(['opened', 'gone']);
  expect(clock.pending).toBe(0);
});

test('closed in peace, and by force when the other end takes its time', async () => {
  const { url, peer } = await serve();
  const { socket, told, clock, tells } = connect(url);
  (await peer).pause(); // reads nothing, answers nothing
  await tells('opened');
  socket.close(300);
  clock.advanceBy(299);
  await new Promise(setImmediate);
  expect(told).toEqual(['opened']);
  clock.advanceBy(1);
  await tells('gone');
});

test('with keep-alive it pings, and is dead without a sign of life; a pong or a frame is one', async () => {
  const { url, peer } = await serve();
  const { told, clock, errors, tells } = connect(url, { keepAlive: { everyMs: 5_000, deadAfterMs: 12_000 } });
  const server = await peer;
  await tells('opened');
  for (const sign of [() => server.pong(), () => server.send('hm')]) {
    const pinged = once(server, 'ping');
    clock.advanceBy(5_000);
    await pinged;
    sign();
    await vi.waitFor(() => expect(told.length).toBeGreaterThan(1), { interval: 2 });
  }
  await tells('text hm');
  told.length = 0;
  clock.advanceBy(10_000);
  expect(told).toEqual(['beat', 'beat']);
  clock.advanceBy(5_000);
  await tells('gone');
  expect(told).toEqual(['beat', 'beat', 'failed stream-cut', 'gone']);
  expect(errors[0]).toMatchObject({ message: 'acme: No sign of life for 12000 ms', phase: 'mid-stream' });
  expect(clock.pending).toBe(0);
});

test('a sign that is asked for comes in its time, or it has failed', async () => {
  const { url, peer } = await serve();
  const { socket, told, clock, tells } = connect(url);
  const server = await peer;
  await tells('opened');
  const pinged = once(server, 'ping');
  socket.expectSign(900);
  await pinged;
  clock.advanceBy(1);
  server.send('an answer');
  await tells('text an answer');
  clock.advanceBy(10_000);
  expect(told).toEqual(['opened', 'text an answer']);
  socket.expectSign(900);
  clock.advanceBy(899);
  expect(told).toHaveLength(2);
  clock.advanceBy(1);
  expect(told.at(-1)).toBe('failed stream-cut');
  await tells('gone');
});

test('a frame larger than agreed ends it', async () => {
  const { url, peer } = await serve();
  const { told, tells } = connect(url);
  const server = await peer;
  await tells('opened');
  server.send('x'.repeat(1_001));
  await tells('gone');
  expect(told).toEqual(['opened', 'closed 1006', 'gone']);
});
