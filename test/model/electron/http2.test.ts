/** Where the server speaks HTTP/2 over TLS, one connection carries every step, and an abort does not cost it. */
import { readFileSync } from 'node:fs';
import { createSecureServer, type Http2Session, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { until } from '../../helpers/until.ts';
import { ask, chunk, connect, done } from '../helpers/electron/servers.ts';

/** Made for these tests, for `localhost` alone; it signs nothing else. */
const CERTIFICATES = join(import.meta.dirname, '../certificates');
const cert = readFileSync(join(CERTIFICATES, 'localhost.pem'), 'utf8');
const key = readFileSync(join(CERTIFICATES, 'localhost-key.pem'), 'utf8');

async function serveHttp2() {
  const sessions = new Set<Http2Session>();
  const streams: ServerHttp2Stream[] = [];
  const server = createSecureServer({ cert, key });
  server.on('session', (session) => sessions.add(session));
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    if (headers[':method'] !== 'POST') return void stream.respond({ ':status': 404 }, { endStream: true });
    streams.push(stream);
    stream.respond({ ':status': 200, 'content-type': 'text/event-stream', 'x-request-id': `h2-${streams.length}` });
    stream.write(chunk({ content: 'One' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const session of sessions) session.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { baseUrl: `https://localhost:${port}/waves/v1`, sessions, streams };
}

test('steps share one HTTP/2 connection, and an aborted one leaves it to the next', async () => {
  const server = await serveHttp2();
  const model = connect({ baseUrl: server.baseUrl, ca: cert });
  await model.prewarm();
  const sessionsWhenWarm = server.sessions.size;
  const aborted = ask(model);
  const other = ask(model);
  await Promise.all([aborted.count(1), other.count(1)]);
  aborted.step.abort();
  await until(() => server.streams.some((stream) => stream.closed));
  const next = ask(model);
  await next.count(1);
  for (const stream of server.streams) if (!stream.closed) stream.end(chunk({ content: ' two' }, 'stop') + done);
  expect((await other.last()).end).toMatchObject({ finishReason: 'stop', isTruncated: false });
  expect((await next.last()).end.requestId).toBe('h2-3');
  expect([aborted.text, other.text, next.text]).toEqual(['One', 'One two', 'One two']);
  expect(server.sessions.size).toBe(sessionsWhenWarm);
});

test('a certificate that nobody vouches for is a failure to connect', async () => {
  const server = await serveHttp2();
  const last = await ask(connect({ baseUrl: server.baseUrl })).last();
  expect(last).toMatchObject({ type: 'step-failed', error: { code: 'connect-failed', phase: 'connect' } });
});
