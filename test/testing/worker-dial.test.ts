/** A worker elsewhere that does not take the call: why, in words; and what of a test cannot be had of it. */
import { once } from 'node:events';
import { createServer as createHttp, type IncomingMessage } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import type { TestCallOptions, WorkerLine } from '../../src/testing/call-options.ts';
import { startTestCall } from '../../src/testing/test-call.ts';
import { clinic } from './helpers/clinic.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listening(server: Server): Promise<string> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Answers an upgrade with these lines, and says of itself what is asked at `/readyz`. */
async function refusing(answer: string, ready = '{}'): Promise<string> {
  const server = createHttp((_request, response) => response.setHeader('connection', 'close').end(ready));
  server.on('upgrade', (_request, socket) => socket.end(answer.replaceAll('\n', '\r\n')));
  return listening(server);
}

const whyNot = (line: WorkerLine, options: TestCallOptions = {}): Promise<string> =>
  startTestCall(undefined, { ...options, line }).then(
    () => 'it was taken',
    (error: Error) => error.message,
  );

const FORBIDDEN = 'HTTP/1.1 403 Forbidden\nContent-Length: 0\n\n';
const BUSY = 'HTTP/1.1 503 Service Unavailable\nRetry-After: 5\nContent-Length: 10\n\nno\n room.';

describe('why a worker elsewhere does not take a call', () => {
  test.each<[what: string, answer: string, given: Partial<WorkerLine>, why: string]>([
    ['nothing was shown', FORBIDDEN, {}, 'refused the call (HTTP 403): nothing was shown. Its log says'],
    ['another token', FORBIDDEN, { token: 'x' }, '(HTTP 403): the token is not one of its PARLEY_BRIDGE_TOKEN'],
    ['another key', FORBIDDEN, { authToken: 'x' }, 'what was signed is not its PARLEY_TWILIO_AUTH_TOKEN, or not its'],
    [
      'no room, and its words',
      BUSY,
      {},
      'takes no calls now (HTTP 503; it said: "no room."); it says to try again in 5 s',
    ],
    ['another path', 'HTTP/1.1 404 Not Found\nContent-Length: 0\n\n', {}, 'has no such path (HTTP 404)'],
    ['a web server', 'HTTP/1.1 200 OK\nContent-Length: 6\n\n<html>', {}, 'is no WebSocket (HTTP 200)'],
  ])('%s', async (_what, answer, given, why) => {
    const url = await refusing(answer);
    const told = await whyNot({ url, ...given });
    expect(told).toContain(`the worker at ${url}/twilio/media `);
    expect(told).toContain(why);
  });

  test('nobody listens there, there is no TLS, or it speaks something else', async () => {
    const url = await refusing(FORBIDDEN);
    expect(await whyNot({ url: url.replace('ws:', 'wss:') })).toContain(
      'was not reached: it does not speak TLS; is it ws or wss?',
    );
    const mute = await listening(
      createServer((socket) => void socket.once('data', () => socket.end('SSH-2.0-OpenSSH\r\n'))),
    );
    expect(await whyNot({ url: mute })).toContain('was not reached: what answers there does not speak HTTP');
    servers.splice(0).forEach((server) => server.close());
    expect(await whyNot({ url })).toContain('was not reached: nobody listens there; is `parley serve` running?');
  });

  test('what is in its address for nobody to read is in no message', async () => {
    const url = await refusing(FORBIDDEN);
    expect(await whyNot({ url: `${url}/media?token=hidden` })).not.toContain('hidden');
  });

  test('a caller whom it would not understand is not put through', async () => {
    const real = await refusing(FORBIDDEN, '{"simulated":false}');
    expect(await whyNot({ url: real })).toMatch(
      /was not called: real services hear for it, which do not understand tones/,
    );
  });
});

test('it is called as its carrier would, with what opens its door', async () => {
  const server = createHttp();
  const sockets = new WebSocketServer({ server });
  const url = await listening(server);
  const knocked = once(sockets, 'connection') as Promise<[unknown, IncomingMessage]>;
  const call = await startTestCall(undefined, {
    greeting: 'running',
    line: { url, authToken: 'key', signedUrl: 'wss://voice.example.com/twilio/media', token: 'ours' },
  });
  const [, { url: path, headers }] = await knocked;
  expect([path, headers.authorization]).toEqual(['/twilio/media', 'Bearer ours']);
  expect(headers['x-twilio-signature']).toMatch(/^[\w+/]{27}=$/);
  for (const socket of sockets.clients) socket.terminate();
  await call.until('call-end');
  expect(call.result()).toMatchObject({
    ...{ visible: 'outside', line: 'url', agent: `${url}/twilio/media` },
    troubles: [{ what: 'the call was cut off: the connection broke (code 1006)' }],
  });
  sockets.close();
});

describe('what cannot be had of it is refused before it is called', () => {
  const line = { url: 'ws://127.0.0.1:1' };

  test.each<[TestCallOptions, string]>([
    [
      { tools: { find: { hangs: true } } },
      '`tools` with `line: { url }`: those of the worker run, and cannot be stubbed',
    ],
    [{ model: { replies: [] } }, '`model`'],
    [{ writes: 'run' }, '`writes`'],
    [{ now: '2026-01-05T09:00:00Z' }, '`now`'],
    [{ people: { '+1': 'busy' } }, '`people`'],
    [{ world: () => 1 }, '`world`'],
    [{ faults: { model: [] } }, '`faults`'],
    [{ conditions: { jitterMs: 1 } }, '`conditions`'],
  ])('%j', async (options, what) => {
    expect(await whyNot(line, options)).toContain(`Expected no ${what}`);
  });

  test.each([
    ['http://127.0.0.1:8080', 'got http://: write ws://127.0.0.1:8080/twilio/media'],
    ['ws://127.0.0.1:8080/twilio/relay', '/twilio/relay carries text, and what is heard of a call is sound'],
    ['127.0.0.1:8080', 'got 127.0.0.1:8080'],
  ])('%s is no address of one', async (url, why) => {
    expect(await whyNot({ url })).toContain(`\`line.url\`: expected the address of a worker's media socket, such as`);
    expect(await whyNot({ url })).toContain(why);
  });
});

test('who is rung for the caller is played in virtual time alone', async () => {
  const ringing = startTestCall(clinic, { line: 'phone', people: { '+15551230000': 'busy' } });
  await expect(ringing).rejects.toThrow("Expected no such option with `line: 'phone'`: `people`");
});
