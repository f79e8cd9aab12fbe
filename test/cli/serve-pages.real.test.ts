/**
 * A web page comes back to its call in whichever process of a worker has it: several processes, because it is they that differ.
 *
 * Real time: workers of several processes share a port.
 */
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { until } from '../helpers/until.ts';
import { plan } from './helpers/processes.ts';
import { serve, WAIT_MS } from './helpers/serving.ts';

const planned = plan();
const PAGE = 'https://desk.example.com';
const TOKEN = 'a-token-of-the-worker-for-its-pages';
const RETURNS = 3;

interface Shown {
  socket: WebSocket;
  got: Record<string, unknown>[];
}

const callOf = (url: string) => `${url.replace('http', 'ws')}/web/call`;

async function tokenFor(url: string): Promise<string> {
  const answer = await fetch(`${url}/web/calls`, { method: 'POST', headers: { authorization: `Bearer ${TOKEN}` } });
  return ((await answer.json()) as { token: string }).token;
}

async function open(url: string, credential: string, origin = PAGE): Promise<Shown> {
  const socket = new WebSocket(callOf(url), ['parley.v1', credential], { origin });
  const got: Record<string, unknown>[] = [];
  socket.on('message', (data: Buffer) => got.push(JSON.parse(data.toString()) as Record<string, unknown>));
  await once(socket, 'open');
  return { socket, got };
}

async function statusOf(url: string, credential: string, origin = PAGE): Promise<number | undefined> {
  const socket = new WebSocket(callOf(url), ['parley.v1', credential], { origin }).on('error', () => {});
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode?: number }];
  socket.terminate();
  return response.statusCode;
}

const find = (page: Shown, type: string) =>
  until(type, () => page.got.find((message) => message['type'] === type), WAIT_MS);

const called = planned(async () => {
  const serving = await serve(['--simulate', '--processes', '2'], {
    PARLEY_WEB_ORIGINS: PAGE,
    PARLEY_BRIDGE_TOKEN: TOKEN,
  });
  const { url } = serving;
  let page = await open(url, `token.${await tokenFor(url)}`);
  page.socket.send(JSON.stringify({ type: 'start', kind: 'text' }));
  const { resume } = (await find(page, 'started')) as { resume: string };
  let received = page.got.length;
  for (let returns = 0; returns < RETURNS; returns++) {
    page.socket.terminate();
    page = await open(url, `resume.${resume}`);
    page.socket.send(JSON.stringify({ type: 'resume', received }));
    await find(page, 'resumed');
    received += page.got.length - 1;
  }
  page.socket.send(JSON.stringify({ type: 'prompt', text: 'What are your opening hours?', isFinal: true }));
  await find(page, 'say');
  const [, secret] = resume.split('.');
  const statuses = await Promise.all([
    ...['1', '2', '99', '123456789'].map((process) => statusOf(url, `resume.${process}.${'x'.repeat(32)}`)),
    statusOf(url, `resume.99.${secret}`),
    statusOf(url, `resume.${resume}`, 'https://evil.example.net'),
  ]);
  const calls = ((await (await fetch(`${url}/readyz`)).json()) as { calls: number }).calls;
  page.socket.send(JSON.stringify({ type: 'hangup' }));
  serving.child.kill('SIGTERM');
  const { code } = await serving.exited;
  const started = serving.output().match(/"msg":"call started"/g);
  return { statuses, calls, code, started };
});

test('a page comes back to its call, though each time another process is the next to take a connection', async () => {
  const { calls, started, code } = await called();
  expect(started).toHaveLength(1);
  expect(calls).toBe(1);
  expect(code).toBe(0);
}, 120_000);

test('a key that leads to a process without such a line, or to none, is refused, and so is one shown by another page', async () => {
  expect((await called()).statuses).toEqual([403, 403, 403, 403, 403, 403]);
}, 120_000);
