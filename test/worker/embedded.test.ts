/** A worker inside somebody else's server: what is Parley's is answered as at a port of its own, the rest is left alone. */
import { once } from 'node:events';
import { createServer as createSecureServer, request } from 'node:https';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import express from 'express';
import fastify from 'fastify';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createWorker, type AgentInput, type CreateWorkerOptions, type EmbeddedWorker } from '../../src/index.ts';
import { signRequest } from '../../src/bridge/twilio/signature.ts';
import { silentLog } from '../../src/lib/log.ts';
import { dialMedia } from '../../src/simulate/twilio/media.ts';
import { understand, voiceOf } from '../../src/testing/phone.ts';
import { parrot, toneEar, toneVoice } from '../helpers/own-vendors.ts';
import { bell } from './carriers/bell.ts';

const agent: AgentInput = {
  name: 'parrot-line',
  instructions: 'Repeat.',
  greeting: 'Hello there.',
  model: { vendor: parrot, opening: 'I heard' },
  voice: { vendor: toneVoice },
  listen: { vendor: toneEar },
};
const TOKEN = 'a-token-of-the-account';
const CALL = { CallSid: 'CA00000000000000000000000000000001', From: '+15550100', To: '+15550199' };

async function make(options: Partial<CreateWorkerOptions> = {}): Promise<EmbeddedWorker> {
  const { settings, ...others } = options;
  const worker = await createWorker({ agent, log: silentLog, settings: { maxLagMs: 60_000, ...settings }, ...others });
  onTestFinished(() => worker.close());
  return worker;
}

type Host = (worker: EmbeddedWorker) => Promise<Server>;

const hosts: Record<string, Host> = {
  async 'node:http'(worker) {
    return createServer((request, response) => {
      if (worker.handleRequest(request, response)) return;
      response.statusCode = request.url === '/' ? 200 : 404;
      response.end('my own page');
    });
  },
  async Express(worker) {
    const app = express();
    app.use(worker.handleRequest);
    app.use(express.urlencoded());
    app.get('/', (_request, response) => void response.send('my own page'));
    return createServer(app);
  },
  async Fastify(worker) {
    const app = fastify();
    app.addHook('onRequest', (request, reply, next) => {
      if (worker.handleRequest(request.raw, reply.raw)) reply.hijack();
      else next();
    });
    app.get('/', () => 'my own page');
    await app.ready();
    return app.server;
  },
};

/** Its address. */
async function open(worker: EmbeddedWorker, host: Host = hosts['node:http']!): Promise<string> {
  const server = await host(worker);
  server.on('upgrade', (request, socket, head) => {
    if (!worker.handleUpgrade(request, socket, head)) socket.destroy();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const post = (url: string, headers: Record<string, string> = {}, fields: Record<string, string> = CALL) =>
  fetch(url, { method: 'POST', headers, body: new URLSearchParams(fields) });

/** What the caller hears of a whole call beside the pages of the server's own. */
async function heardIn(name: string): Promise<string> {
  const worker = await make();
  const url = await open(worker, hosts[name]);
  expect(await (await fetch(url)).text()).toBe('my own page');
  expect((await fetch(`${url}/nothing`)).status).toBe(404);
  expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: 'ok' });
  const twiml = await (await post(`${url}/twilio/voice`)).text();
  expect(twiml).toContain(`${url.replace('http', 'ws')}/twilio/media`);

  const media = `${url.replace('http', 'ws')}/twilio/media`;
  const caller = await dialMedia({ url: media, from: '+15550100', to: '+15550199' });
  await caller.waitForSpeech({ fromMs: 0 });
  await caller.waitForSilence({ forMs: 900 });
  const { toMs } = await caller.say(voiceOf('Pretty Polly.'));
  await caller.waitForSpeech({ fromMs: toMs });
  await caller.waitForSilence({ forMs: 900 });
  expect(worker.calls.size).toBe(1);
  expect(await (await fetch(`${url}/metrics`)).text()).toContain('parley_calls 1');
  await caller.hangUp();
  return understand(caller.heard)
    .map(({ text }) => text)
    .join(' ');
}

test('a whole call is held in each kind of server, and every other path is the server’s own', async () => {
  const names = Object.keys(hosts);
  const heard = await Promise.all(names.map(async (name) => [name, await heardIn(name)]));
  expect(heard).toEqual(names.map((name) => [name, 'Hello there. I heard Pretty Polly.']));
});

test('a socket that asks for nothing of Parley’s is not touched', async () => {
  const worker = await make();
  const url = await open(worker);
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write('GET /my/socket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  let got = '';
  socket.on('data', (data) => (got += String(data)));
  await once(socket, 'close');
  expect(got).toBe(''); // the server has closed it, and Parley said nothing
});

describe('signatures', () => {
  const publicUrl = 'https://voice.example.com/phone';
  const signed = async () => {
    process.env['PARLEY_TWILIO_AUTH_TOKEN'] = TOKEN;
    onTestFinished(() => void delete process.env['PARLEY_TWILIO_AUTH_TOKEN']);
    return make({ settings: { publicUrl } });
  };
  const signature = () => signRequest(TOKEN, `${publicUrl}/twilio/voice`, new URLSearchParams(CALL));

  test('hold under a path at which Express mounts the worker, for webhooks and for lines', async () => {
    const worker = await signed();
    const url = await open(worker, async () => createServer(express().use('/phone', worker.handleRequest)));
    expect((await post(`${url}/phone/twilio/voice`)).status).toBe(403);
    const answer = await post(`${url}/phone/twilio/voice`, { 'x-twilio-signature': signature() });
    expect(await answer.text()).toContain('wss://voice.example.com/phone/twilio/media');
    const dial = (authToken: string) =>
      dialMedia({
        ...{ url: `${url.replace('http', 'ws')}/phone/twilio/media`, from: '+15550100', to: '+15550199' },
        ...{ authToken, signedUrl: 'wss://voice.example.com/phone/twilio/media' },
      });
    await expect(dial('another-token')).rejects.toMatchObject({ status: 403 });
    const caller = await dial(TOKEN);
    await caller.waitForSpeech({ fromMs: 0 });
    await caller.hangUp();
  });

  test('a proxy may take that path away, and then it is known as well', async () => {
    const url = await open(await signed());
    expect((await post(`${url}/twilio/voice`, { 'x-twilio-signature': signature() })).status).toBe(200);
    expect((await post(`${url}/phone/twilio/voice`, { 'x-twilio-signature': signature() })).status).toBe(200);
    expect((await post(`${url}/phones/twilio/voice`)).status).toBe(404);
  });

  test('a body that was read before is said to be, and one that was kept is taken', async () => {
    const worker = await signed();
    const late = await open(worker, async () =>
      createServer(express().use(express.urlencoded()).use(worker.handleRequest)),
    );
    const refused = await post(`${late}/twilio/voice`, { 'x-twilio-signature': signature() });
    expect([refused.status, await refused.text()]).toEqual([500, expect.stringContaining('read before Parley saw it')]);
    const keep = express.urlencoded({ verify: (request, _, body) => Object.assign(request, { rawBody: body }) });
    const kept = await open(worker, async () => createServer(express().use(keep).use(worker.handleRequest)));
    expect((await post(`${kept}/twilio/voice`, { 'x-twilio-signature': signature() })).status).toBe(200);
  });
});

test('drained, it takes no call; closed, it answers 503 for what was its own, and the server goes on', async () => {
  const worker = await make();
  const url = await open(worker);
  const media = { url: `${url.replace('http', 'ws')}/twilio/media`, from: '+15550100', to: '+15550199' };
  const caller = await dialMedia(media);
  await caller.waitForSpeech({ fromMs: 0 });
  expect(worker.isReady).toBe(true);
  const drained = worker.drain();
  expect(worker.isReady).toBe(false);
  await expect(dialMedia(media)).rejects.toMatchObject({ status: 503 });
  expect(await (await post(`${url}/twilio/voice`)).text()).toContain('<Say>');
  await caller.hangUp();
  await drained;
  await worker.close();
  expect((await fetch(`${url}/healthz`)).status).toBe(503);
  await expect(dialMedia(media)).rejects.toMatchObject({ status: 503 });
  expect(await (await fetch(url)).text()).toBe('my own page');
});

test('admission holds: the second call of a worker that takes one is refused', async () => {
  const url = await open(await make({ settings: { maxCalls: 1 } }));
  const media = { url: `${url.replace('http', 'ws')}/twilio/media`, from: '+15550100', to: '+15550199' };
  const caller = await dialMedia(media);
  await caller.waitForSpeech({ fromMs: 0 });
  await expect(dialMedia(media)).rejects.toMatchObject({ status: 503 });
  await caller.hangUp();
});

test('the server may keep its probes for itself', async () => {
  const worker = await make({ probes: false });
  const url = await open(worker, async (one) =>
    createServer((request, response) => void (one.handleRequest(request, response) || response.end('mine'))),
  );
  for (const path of ['/healthz', '/readyz', '/metrics']) expect(await (await fetch(url + path)).text()).toBe('mine');
  expect(await worker.metrics()).toContain('parley_calls 0');
});

test('behind TLS of its own the server is known by https', async () => {
  const certificates = join(import.meta.dirname, '../model/certificates');
  const [key, cert] = ['localhost-key.pem', 'localhost.pem'].map((name) => readFileSync(join(certificates, name)));
  const worker = await make();
  const server = createSecureServer({ key, cert }, (request, response) => void worker.handleRequest(request, response));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const asked = request({
    port,
    host: '127.0.0.1',
    path: '/twilio/voice',
    method: 'POST',
    rejectUnauthorized: false,
    agent: false,
  });
  asked.setHeader('content-type', 'application/x-www-form-urlencoded');
  asked.end(new URLSearchParams(CALL).toString());
  const [response] = (await once(asked, 'response')) as [AsyncIterable<Buffer>];
  let body = '';
  for await (const piece of response) body += String(piece);
  expect(body).toContain(`wss://127.0.0.1:${port}/twilio/media`);
});

test('a carrier with a port of its own gets it, and nothing else is opened', async () => {
  process.env['PARLEY_BELL_KEY'] = 'the-key-of-the-bell';
  onTestFinished(() => void delete process.env['PARLEY_BELL_KEY']);
  const worker = await make({ carriers: [bell] });
  expect([...worker.addresses.keys()]).toEqual(['bell']);
});

test('nothing of the process is changed: Response is the one that was there', async () => {
  const before = [globalThis.Request, globalThis.Response];
  const url = await open(await make());
  await fetch(`${url}/readyz`);
  expect([globalThis.Request, globalThis.Response]).toEqual(before);
});

test('several processes are refused by their name', async () => {
  process.env['PARLEY_PROCESSES'] = '2';
  onTestFinished(() => void delete process.env['PARLEY_PROCESSES']);
  await expect(make()).rejects.toThrow(/PARLEY_PROCESSES: expected 1 where a program starts the worker/);
});
