/** The door of web pages in a real worker: who gets a token, what a page does with it, and who is sent away. */
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { withStandIns, type TestWorker } from '../../helpers/worker.ts';
import { until } from '../../helpers/until.ts';

const PAGE = 'https://www.example.com';
const OTHER = 'https://shop.example.com';
const BEARER = 'a-token-of-the-worker';
const OPEN = { PARLEY_WEB_ORIGINS: `${PAGE},${OTHER}`, PARLEY_BRIDGE_TOKEN: BEARER };

const startWorker = withStandIns();

interface Asked {
  token: string;
  url: string;
  expiresInMs: number;
  carrierCallId: string;
  error: string;
}

async function ask(worker: TestWorker, wanted: unknown = {}, headers: Record<string, string> = bearer()) {
  const body = typeof wanted === 'string' ? wanted : JSON.stringify(wanted);
  const response = await fetch(`${worker.url}/web/calls`, { method: 'POST', headers, body });
  const text = await response.text();
  return { status: response.status, ...((text.startsWith('{') ? JSON.parse(text) : {}) as Asked) };
}

const bearer = (token = BEARER) => ({ authorization: `Bearer ${token}` });

/** The status that a page's upgrade is answered with; 101 and the socket, when it is let in. */
async function open(worker: TestWorker, protocols: string[], origin?: string) {
  const socket = new WebSocket(`${worker.url.replace('http', 'ws')}/web/call`, protocols, origin ? { origin } : {});
  socket.on('error', () => undefined);
  const refused = once(socket, 'unexpected-response').then(
    ([, response]) => (response as { statusCode: number }).statusCode,
  );
  const status = await Promise.race([once(socket, 'open').then(() => 101), refused]);
  return { status, socket };
}

const openWith = (worker: TestWorker, token: string, origin: string | undefined = PAGE) =>
  open(worker, ['parley.v1', `token.${token}`], origin);

test('a page of a listed origin calls with its token, and the agent is told what was announced', async () => {
  const worker = await startWorker({ ...OPEN, PARLEY_PUBLIC_URL: 'https://voice.example.com' });
  const wanted = { origin: PAGE, from: 'visitor', to: 'shop', agent: 'front-desk', parameters: { basket: '17' } };
  const { status, token, url, expiresInMs, carrierCallId } = await ask(worker, wanted);
  expect([status, url, expiresInMs]).toEqual([200, 'wss://voice.example.com/web/call', 60_000]);
  const { socket, status: opened } = await openWith(worker, token);
  expect([opened, socket.protocol]).toEqual([101, 'parley.v1']);
  socket.send('{"type":"start","kind":"text"}');
  await until(() => expect(worker.calls).toHaveLength(1));
  const { caller } = worker.calls[0]!;
  expect(caller).toMatchObject({ carrierCallId, from: 'visitor', to: 'shop', parameters: { basket: '17' } });
  socket.close();
  await worker.calls[0]!.ended;
});

test('a token is good once', async () => {
  const worker = await startWorker(OPEN);
  const { token } = await ask(worker);
  const first = await openWith(worker, token);
  first.socket.send('{"type":"start","kind":"text"}');
  await until(() => expect(worker.calls).toHaveLength(1));
  expect((await openWith(worker, token)).status).toBe(403);
  first.socket.close();
});

test('of two sockets that show one token at once, one becomes a call', async () => {
  const worker = await startWorker(OPEN);
  const { token } = await ask(worker);
  const both = await Promise.all([openWith(worker, token), openWith(worker, token)]);
  for (const { socket, status } of both) if (status === 101) socket.send('{"type":"start","kind":"text"}');
  await until(() => expect(worker.logs.some(({ msg }) => msg === 'a call was refused')).toBe(true));
  expect(worker.calls).toHaveLength(1);
  for (const { socket } of both) socket.terminate();
});

test.each([
  ['no token', ['parley.v1'], PAGE],
  ['a wrong token', ['parley.v1', 'token.wrong'], PAGE],
  ['no sub-protocol of ours', ['token.wrong'], PAGE],
  ['a key of a call that is not there', ['parley.v1', 'resume.wrong'], PAGE],
])('%s: 403 before anything is read', async (_what, protocols, origin) => {
  const worker = await startWorker(OPEN);
  expect((await open(worker, protocols, origin)).status).toBe(403);
  expect(worker.calls).toHaveLength(0);
});

test('a page of another origin is sent away with a good token: of one that is not listed, and of one that it is not for', async () => {
  const worker = await startWorker(OPEN);
  const { token } = await ask(worker, { origin: PAGE });
  expect((await openWith(worker, token, 'https://evil.example.net')).status).toBe(403);
  expect((await openWith(worker, token, OTHER)).status).toBe(403);
  expect((await openWith(worker, token, PAGE)).status).toBe(101);
  const { logs } = worker;
  expect(JSON.stringify(logs)).toMatch(/are not listed in PARLEY_WEB_ORIGINS.*announced for another web page/);
});

test.each([
  ['nothing', {}],
  ['a wrong token', bearer('not-a-token-of-the-worker')],
])('whoever shows %s gets no token', async (_what, headers) => {
  const worker = await startWorker(OPEN);
  expect(await ask(worker, {}, headers)).toMatchObject({ status: 403 });
});

test.each([
  [{ origin: 'https://evil.example.net' }, 400, /`origin` to be one of PARLEY_WEB_ORIGINS/],
  [{ agent: 'somebody-else' }, 404, /`agent` to be front-desk, which is the one of this worker, got `somebody-else`/],
  [{ parameters: { basket: 17 } }, 400, /parameters\.basket/],
  [{ parameters: { basket: 'x'.repeat(5_000) } }, 400, /at most 4096 characters/],
  [{ form: 'visitor' }, 400, /form/],
  ['[]', 400, /JSON object/],
  ['{', 400, /JSON object/],
])('what makes no sense is refused with what was expected: %j', async (wanted, status, error) => {
  const worker = await startWorker(OPEN);
  const asked = await ask(worker, wanted);
  expect(asked.status).toBe(status);
  expect(asked.error).toMatch(error);
});

test('without listed pages the door is closed to every page, token or not', async () => {
  const worker = await startWorker({ PARLEY_BRIDGE_TOKEN: BEARER });
  const { token } = await ask(worker);
  expect((await openWith(worker, token)).status).toBe(403);
});

test('nothing of a token is in the log, whatever became of it', async () => {
  const worker = await startWorker(OPEN);
  const { token } = await ask(worker, { origin: PAGE });
  await openWith(worker, token, OTHER);
  const { socket } = await openWith(worker, token);
  socket.send('{"type":"start","kind":"text"}');
  await until(() => expect(worker.calls).toHaveLength(1));
  await openWith(worker, token);
  socket.close();
  await worker.calls[0]!.ended;
  const log = JSON.stringify(worker.logs);
  expect(log).toContain('forbidden');
  for (const secret of [token, token.slice(0, 20), Buffer.from(token, 'base64url').toString('hex'), BEARER]) {
    expect(log).not.toContain(secret);
  }
});

test('the client is handed to pages of listed origins, by another origin too, and to no others', async () => {
  const worker = await startWorker(OPEN);
  const listed = await worker.get('/web/parley.js', { origin: PAGE });
  expect([listed.status, listed.headers.get('access-control-allow-origin')]).toEqual([200, PAGE]);
  expect(listed.headers.get('content-type')).toContain('text/javascript');
  expect(await listed.text()).toContain('parley.v1');
  expect((await worker.get('/web/parley.js', { origin: 'https://evil.example.net' })).status).toBe(403);
  expect((await worker.get('/web/parley.js')).status).toBe(200);
});

test('a page is told the words of the agent as they are heard, the greeting too, and then that they are final', async () => {
  const worker = await startWorker(OPEN, { agent: { greeting: 'Hello, who is calling?' } });
  const { socket } = await openWith(worker, (await ask(worker)).token);
  const told: { type: string; who?: string; text?: string; isFinal?: boolean }[] = [];
  socket.on('message', (data: Buffer) => told.push(JSON.parse(data.toString()) as (typeof told)[number]));
  const send = (event: object) => socket.send(JSON.stringify(event));
  const words = () =>
    told.flatMap(({ type, who, text, isFinal }) =>
      type === 'words' && who === 'agent' ? [`${text}${isFinal ? '!' : ''}`] : [],
    );
  send({ type: 'start', kind: 'text' });
  await until(() => expect(told.some(({ type }) => type === 'say')).toBe(true));
  send({ type: 'speaking', who: 'agent', isSpeaking: true });
  send({ type: 'spoken', text: 'Hello, who ' });
  await until(() => expect(words()).toEqual(['Hello, who']));
  send({ type: 'spoken', text: 'is calling?' });
  send({ type: 'speaking', who: 'agent', isSpeaking: false });
  await until(() => expect(words()).toEqual(['Hello, who', 'Hello, who is calling?']));
  send({ type: 'prompt', text: 'It is me', isFinal: true });
  await until(() => expect(words().at(-1)).toBe('Hello, who is calling?!'));
  socket.close();
  await worker.calls[0]!.ended;
});
