/**
 * Peers that mean harm, over real sockets: each is got rid of, and the call beside them never notices.
 *
 * Real time: they are peers at sockets.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { until } from '../helpers/until.ts';
import { withStandIns, type TestWorker } from '../helpers/worker.ts';

const start = withStandIns([{ say: 'Still here.' }]);

const START = JSON.stringify({ event: 'start', start: { streamSid: 'MZ1', callSid: 'CA-hostile' } });
const AUDIO = JSON.stringify({
  event: 'media',
  media: { track: 'inbound', payload: Buffer.alloc(160, 255).toString('base64') },
});

function raw({ url }: TestWorker, ...bytes: (string | Uint8Array)[]): Socket {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname).on('error', () => undefined);
  for (const piece of bytes) socket.write(piece);
  return socket;
}

/** What was answered before the socket was closed. */
async function answerTo(socket: Socket): Promise<string> {
  let answer = '';
  socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
  await once(socket, 'close');
  return answer;
}

async function open({ mediaUrl }: TestWorker): Promise<WebSocket> {
  const socket = new WebSocket(mediaUrl).on('error', () => undefined);
  await once(socket, 'open');
  return socket;
}

async function closeCodeOf(socket: WebSocket): Promise<number> {
  const [code] = (await once(socket, 'close')) as [number];
  return code;
}

const upgrade = (path: string, ...headers: string[]): string =>
  [`GET ${path} HTTP/1.1`, 'Host: localhost', 'Connection: Upgrade', 'Upgrade: websocket', ...headers, '', ''].join(
    '\r\n',
  );

describe.concurrent('a worker', () => {
  test('goes on with a call while others send what no telephone sends', async () => {
    const one = await start({ PARLEY_MAX_CALLS: '50' });
    const caller = await one.dial();
    await caller.waitForSpeech({ fromMs: 0 });
    const heapBefore = process.memoryUsage().heapUsed;

    const badFrames = async (frame: string | Uint8Array) => {
      const socket = await open(one);
      for (let i = 0; i < 11; i++) socket.send(frame);
      return closeCodeOf(socket);
    };
    const kinds = {
      binary: badFrames(Buffer.from(START)),
      'no JSON': badFrames('{"event":'),
      'wrong order': badFrames(AUDIO),
      'deeply nested': badFrames('['.repeat(20_000) + ']'.repeat(20_000)),
      oversize: open(one).then((socket) => {
        socket.send('x'.repeat(1_100_000));
        return closeCodeOf(socket);
      }),
      flood: open(one).then((socket) => {
        socket.send(START.replace('CA-hostile', 'CA-flood'));
        for (let i = 0; i < 10_000; i++) socket.send(AUDIO);
        return closeCodeOf(socket);
      }),
      'flood of pings': open(one).then((socket) => {
        socket.send(START.replace('CA-hostile', 'CA-ping'));
        for (let i = 0; i < 10_000; i++) socket.ping();
        return closeCodeOf(socket);
      }),
      'flood of pongs': open(one).then((socket) => {
        socket.send(START.replace('CA-hostile', 'CA-pong'));
        for (let i = 0; i < 10_000; i++) socket.pong();
        return closeCodeOf(socket);
      }),
      'a message in a thousand pieces': open(one).then((socket) => {
        for (let i = 0; i < 1_000; i++) socket.send('x', { fin: false });
        return closeCodeOf(socket);
      }),
      'a start that is too long': open(one).then((socket) => {
        socket.send(START.replace('}}', `,"customParameters":{"long":"${'x'.repeat(70_000)}"}}}`));
        return closeCodeOf(socket);
      }),
    };
    const codes = Object.fromEntries(
      await Promise.all(Object.entries(kinds).map(async ([kind, code]) => [kind, await code])),
    ) as Record<string, number>;
    const cut = expect.toSatisfy((code: number) => [1006, 1008].includes(code)) as number; // the answer may get lost
    expect(codes).toEqual({
      binary: 1007,
      'no JSON': 1007,
      'wrong order': 1007,
      'deeply nested': 1007,
      oversize: 1009,
      flood: cut,
      'flood of pings': cut,
      'flood of pongs': cut,
      'a message in a thousand pieces': 1008,
      'a start that is too long': 1007,
    });
    const floods = one.logs.filter(({ msg }) => msg === 'the peer sends more than a line in real time can');
    expect(floods.length).toBe(3);

    for (let i = 0; i < 50; i++) raw(one, Buffer.alloc(1_000, i)).destroySoon();
    const refused = await Promise.all([
      answerTo(raw(one, upgrade('/twilio/media'))), // no key
      answerTo(raw(one, upgrade('/twilio/media', 'Sec-WebSocket-Key: x', 'Sec-WebSocket-Version: 99'))),
      answerTo(raw(one, upgrade('/../../etc/passwd'))),
      answerTo(raw(one, upgrade('/twilio/media', `X: ${'a'.repeat(20_000)}`))),
      answerTo(
        raw(
          one,
          'POST /twilio/voice HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\nConnection: close\r\n\r\n',
        ),
      ),
      answerTo(raw(one, upgrade('/twilio/media', 'Origin: https://evil.example'))),
    ]);
    expect(refused.map((answer) => /^HTTP\/1\.1 (\d+)/.exec(answer)?.[1])).toEqual([
      '400',
      '400',
      '404',
      '431',
      '413',
      '403',
    ]);

    await until('the hostile calls to be gone', () => one.worker.calls.size === 1);
    const atMs = caller.nowMs;
    expect((await one.get('/readyz')).status).toBe(200);
    expect(one.worker.isReady).toBe(true);
    expect(caller.nowMs).toBeGreaterThanOrEqual(atMs);
    expect(await (await one.get('/metrics')).text()).toMatch(/parley_bad_frames_total 4[5-9]/);
    expect(process.memoryUsage().heapUsed - heapBefore).toBeLessThan(150_000_000);
    const running = one.calls.filter((call) => one.worker.calls.has(call));
    expect(running.map((call) => call.caller.carrierCallId)).toEqual([caller.callSid]);
    await caller.hangUp();
    expect(await caller.ended).toMatchObject({ by: 'caller' });
  });

  test('lets nobody keep a connection who sends nothing, or a byte now and then', async () => {
    const one = await start();
    const slow = raw(one, 'GET /healthz HTTP/1.1\r\nX: ');
    const drip = setInterval(() => slow.write('a'), 500);
    const started = performance.now();
    const [answer] = await Promise.all([answerTo(slow), answerTo(raw(one))]);
    clearInterval(drip);
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(performance.now() - started).toBeGreaterThan(4_000);
    expect((await one.get('/healthz')).status).toBe(200);
  });

  test('has no more sockets waiting to begin than calls may, and some', async () => {
    const one = await start({ PARLEY_MAX_CALLS: '4' });
    const waiting = await Promise.all(Array.from({ length: 36 }, () => open(one)));
    expect(await closeCodeOf(await open(one))).toBe(1013);
    waiting[0]?.close();
    await until('a socket to be given up', () => one.logs.some(({ msg }) => msg === 'a line was not taken'));
    const next = await open(one);
    next.send(START);
    await until('the call', () => one.worker.calls.size === 1);
    for (const socket of [...waiting, next]) socket.terminate();
  });
});
