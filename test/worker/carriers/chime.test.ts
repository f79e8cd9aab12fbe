/** A carrier that the worker has never heard of, given to it as a list of one more: nothing else is changed for it. */
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { decodeMulaw } from '../../../src/audio/g711.ts';
import { signRequest } from '../../../src/bridge/twilio/signature.ts';
import type { CallEvent } from '../../../src/call/events.ts';
import { understandSamples, voiceOf } from '../../../src/testing/phone.ts';
import { CARRIERS } from '../../../src/worker/carriers.ts';
import { openDoor } from '../../helpers/doors.ts';
import { after } from '../../helpers/phone.ts';
import { until } from '../../helpers/until.ts';
import { AUTH_TOKEN, PUBLIC_URL, SIGNED, withStandIns, type TestWorker } from '../../helpers/worker.ts';
import { chime, signChime } from './chime.ts';

const SECRET = 'a-secret-of-the-chime';
const carriers = [...CARRIERS, chime];
const start = withStandIns([{ when: 'hours', say: 'We open at nine.' }]);
const open = (env: Record<string, string> = {}) =>
  start({ ...SIGNED, PARLEY_CHIME_SECRET: SECRET, ...env }, { carriers });

let nonces = 0;
const sign = (target: string, body?: string, secret = SECRET) => ({
  'x-chime': signChime(secret, `nonce-${++nonces}`, target, body),
});

interface Rung {
  status: number;
  answer: { token?: string; hexToken?: string; url?: string; say?: string };
}

/** The webhook of a call. */
async function ring(one: TestWorker, call: { id?: string }, headers?: Record<string, string>): Promise<Rung> {
  const body = JSON.stringify(call);
  const all = { 'content-type': 'application/json', ...(headers ?? sign('/chime/ring', body)) };
  const response = await fetch(`${one.url}/chime/ring`, { method: 'POST', headers: all, body });
  const isAnswer = response.headers.get('content-type') === 'application/json';
  return { status: response.status, answer: isAnswer ? ((await response.json()) as Rung['answer']) : {} };
}

/** The status of the handshake, or the socket. */
function dial(
  one: TestWorker,
  path: string,
  headers: Record<string, string> = sign(path),
): Promise<WebSocket | number> {
  const socket = new WebSocket(one.url.replace('http', 'ws') + path, { headers });
  onTestFinished(() => socket.terminate());
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(socket));
    socket.once('unexpected-response', (_, response) => resolve(response.statusCode ?? 0));
    socket.once('error', reject);
  });
}

async function line(one: TestWorker, path = '/chime/line'): Promise<WebSocket> {
  const socket = await dial(one, path);
  if (typeof socket === 'number') throw new Error(`Expected a socket, got ${socket}`);
  return socket;
}

const closed = (socket: WebSocket) => new Promise<number>((resolve) => socket.once('close', resolve));

/** Speaks in real time, plays what comes, and says when it has played up to a mark. */
class ChimePhone {
  readonly #socket: WebSocket;
  readonly #heard: Buffer[] = [];
  #playedAtMs = 0;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => this.#take(JSON.parse(data.toString()) as Record<string, unknown>));
  }

  get words(): string {
    const samples = decodeMulaw(Buffer.concat(this.#heard));
    return understandSamples(samples)
      .map(({ text }) => text)
      .join(' ');
  }

  begin(id: string, token: string | undefined): void {
    this.#socket.send(JSON.stringify({ id, token }));
  }

  /** And is silent afterwards, so that it is clear that the caller has finished. */
  async say(text: string): Promise<void> {
    const voice = Buffer.concat([voiceOf(text), Buffer.alloc(16_000, 0xff)]);
    const beginAtMs = performance.now();
    for (let at = 0; at < voice.length; at += 160) {
      await after(beginAtMs + at / 8 - performance.now());
      this.#socket.send(JSON.stringify({ audio: voice.subarray(at, at + 160).toString('base64') }));
    }
  }

  #take({ audio, mark, clear }: Record<string, unknown>): void {
    const nowMs = performance.now();
    if (clear) this.#playedAtMs = nowMs;
    if (typeof audio === 'string') {
      const bytes = Buffer.from(audio, 'base64');
      this.#heard.push(bytes);
      this.#playedAtMs = Math.max(this.#playedAtMs, nowMs) + bytes.length / 8;
    }
    const tell = () => this.#socket.send(JSON.stringify({ played: mark }));
    if (mark !== undefined) void after(this.#playedAtMs - nowMs).then(tell);
  }
}

test('a whole call at its own door: announced, recognised by the token of its start, greeted, answered, hung up', async () => {
  const one = await open();
  const { status, answer } = await ring(one, { id: 'chime-1' });
  expect([status, answer.url]).toEqual([200, `${PUBLIC_URL.replace('http', 'ws')}/chime/line`]);
  const socket = await line(one);
  const phone = new ChimePhone(socket);
  phone.begin('chime-1', answer.token);
  const call = await until('a call', () => one.calls[0]);
  const events: CallEvent[] = [];
  call.on('event', (event) => events.push(event));
  await until('the greeting', () => events.some(({ type }) => type === 'reply-audio-end'));
  expect(phone.words).toBe('Hello.');
  await phone.say('What are your hours?');
  await until('the answer', () => phone.words.includes('We open at nine.'));
  await until('the end of the turn', () => events.some(({ type }) => type === 'turn-end'));
  socket.close(1000);
  expect(await call.ended).toMatchObject({ reason: 'caller-hung-up' });
  expect(call.ids).toEqual({ callId: call.id, carrierCallId: 'chime-1' });
  const turn = events.find((event) => event.type === 'turn-end' && event.turn === 1);
  expect(turn).toMatchObject({ outcome: 'replied', heard: 'We open at nine.' });
  expect(await (await one.get('/metrics')).text()).toContain('parley_calls_total{reason="caller-hung-up"} 1');
});

test('its token may be shown as hex, and where it was announced without an id any line of its own may show it', async () => {
  const one = await open();
  const { answer } = await ring(one, {});
  new ChimePhone(await line(one)).begin('another-id', answer.hexToken);
  await until('a call', () => one.calls.find(({ caller }) => caller.carrierCallId === 'another-id'));
});

test('a token in the address is looked at before the handshake', async () => {
  const one = await open();
  const { answer } = await ring(one, {});
  expect(await dial(one, '/chime/link/made-up', {})).toBe(403);
  expect(await dial(one, '/chime/link', {})).toBe(404);
  new ChimePhone(await line(one, `/chime/link/${answer.hexToken}`)).begin('by-link', undefined);
  await until('a call', () => one.calls.find(({ caller }) => caller.carrierCallId === 'by-link'));
  expect(await dial(one, `/chime/link/${answer.hexToken}`, {})).toBe(403);
});

test('a line that shows the token of another carrier, of another call, a made-up one or one again is no call', async () => {
  const one = await open();
  const { body } = await one.ring({ CallSid: 'CA1' }, { authToken: AUTH_TOKEN });
  const foreign = /name="parleyToken" value="([^"]+)"/.exec(body)?.[1];
  const { answer } = await ring(one, { id: 'chime-2' });
  new ChimePhone(await line(one)).begin('chime-2', answer.token);
  await until('the call', () => one.calls.length === 1);
  const { answer: other } = await ring(one, { id: 'chime-3' });
  for (const [id, token] of [
    ['CA1', foreign],
    ['chime-4', other.token],
    ['chime-2', answer.token],
    ['chime-2', 'made-up'],
  ]) {
    const socket = await line(one);
    new ChimePhone(socket).begin(id ?? '', token);
    expect([id, await closed(socket)]).toEqual([id, 1008]);
  }
  const { answer: own } = await ring(one, { id: 'CA2' });
  const signedUrl = `${PUBLIC_URL.replace('http', 'ws')}/twilio/media`;
  const caller = await one.dial({
    callSid: 'CA2',
    parameters: { parleyToken: own.token ?? '' },
    authToken: AUTH_TOKEN,
    signedUrl,
  });
  expect(await caller.ended).toMatchObject({ code: 1008 });
  expect(one.calls).toHaveLength(1);
});

test('nothing, something wrong, what another carrier shows, or what was shown before opens no door, before any event', async () => {
  const one = await open();
  const body = JSON.stringify({ id: 'chime-5' });
  const twilio = (url: string) => ({ 'x-twilio-signature': signRequest(AUTH_TOKEN, url) });
  const used = sign('/chime/ring', body);
  expect((await ring(one, { id: 'chime-5' }, used)).status).toBe(200);
  for (const headers of [
    {},
    sign('/chime/ring', body, 'guess'),
    sign('/chime/line', body),
    twilio(`${PUBLIC_URL}/chime/ring`),
    { authorization: `Bearer ${SECRET}` },
    used,
  ]) {
    expect(await ring(one, { id: 'chime-5' }, headers)).toEqual({ status: 403, answer: {} });
  }
  const shown = sign('/chime/line');
  const socket = await dial(one, '/chime/line', shown);
  expect(socket).toBeInstanceOf(WebSocket);
  const wss = PUBLIC_URL.replace('http', 'ws');
  for (const headers of [{}, sign('/chime/line', '', 'guess'), twilio(`${wss}/chime/line`), shown]) {
    expect(await dial(one, '/chime/line', headers)).toBe(403);
  }
  for (const path of ['/twilio/media', '/twilio/relay']) expect(await dial(one, path)).toBe(403);
  const form = { method: 'POST', headers: sign('/twilio/voice', 'CallSid=CA1'), body: 'CallSid=CA1' };
  expect((await fetch(`${one.url}/twilio/voice`, form)).status).toBe(403);
  expect(one.calls).toEqual([]);
  expect(JSON.stringify(one.logs)).not.toContain(SECRET);
});

test('without its secret it is closed, to this machine and to who shows the token of a bridge too', async () => {
  const token = 'bridge-token-of-ours';
  for (const env of [{}, { PARLEY_BRIDGE_TOKEN: token }]) {
    const one = await start(env, { carriers });
    const body = JSON.stringify({ id: 'chime-6' });
    for (const headers of [{}, sign('/chime/ring', body, ''), { authorization: `Bearer ${token}` }]) {
      expect((await ring(one, { id: 'chime-6' }, headers)).status).toBe(403);
    }
    expect(await dial(one, '/chime/line', sign('/chime/line', '', ''))).toBe(403);
    expect(await dial(one, '/chime/link/made-up', {})).toBe(403);
    expect(one.logs.find(({ msg }) => msg === 'a call was refused')).toMatchObject({
      reason: 'PARLEY_CHIME_SECRET is not set, and without it this door is closed',
    });
  }
});

test('settings that were read for other carriers are an error, and so are two of one name', async () => {
  const wrong = { code: 'options-invalid', message: expect.stringContaining('chime') as string };
  await expect(start({}, { carriers: [chime, chime] })).rejects.toMatchObject(wrong);
  expect(() => openDoor(chime, {}, CARRIERS)).toThrow('Expected settings that were read for `chime`');
});
