/** Exotel at the door of a worker: applets that show a password, sockets that they open, and where a flow goes on. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { basic } from '../../../src/simulate/phone/connect.ts';
import { until } from '../../helpers/until.ts';
import { PUBLIC_URL, withStandIns, type TestWorker } from '../../helpers/worker.ts';
import { EXOTEL } from './json-carriers.ts';
import { dial, place } from './knocking.ts';

const start = withStandIns();
const open = (more: Record<string, string> = {}) => start({ PARLEY_PUBLIC_URL: PUBLIC_URL, ...EXOTEL.env, ...more });
const OURS = basic(EXOTEL.secret);

async function ask(one: TestWorker, path: string, headers: Record<string, string> = OURS) {
  const response = await fetch(one.url + path, { headers });
  return { status: response.status, body: await response.text() };
}

const voicebot = (callSid = randomUUID()) =>
  `/exotel/voicebot?CallSid=${callSid}&CallFrom=%2B15550100&CallTo=%2B15550199&Direction=incoming`;
const pathOf = (body: string): string => new URL((JSON.parse(body) as { url: string }).url).pathname;

async function begin(one: TestWorker, path: string, headers: Record<string, string> = {}) {
  const socket = new WebSocket(one.url.replace('http', 'ws') + path, { headers });
  onTestFinished(() => socket.terminate());
  await once(socket, 'open');
  socket.send(JSON.stringify({ event: 'start', stream_sid: 's', start: { stream_sid: 's', call_sid: 'c-1' } }));
  return socket;
}

test('the Voicebot applet is told a socket of its own, with the rate that is set (wire/telephony 11)', async () => {
  const one = await open({ PARLEY_EXOTEL_SAMPLE_RATE: '16000' });
  const { status, body } = await ask(one, voicebot());
  expect(status).toBe(200);
  expect(JSON.parse(body)).toEqual({
    url: expect.stringMatching(/^wss:\/\/voice\.example\.com\/exotel\/media\/[0-9a-f]+\?sample-rate=16000$/) as string,
  });
  await begin(one, pathOf(body));
  const call = await until('a call', () => one.calls[0]);
  expect(call.caller).toMatchObject({ carrierCallId: 'c-1', from: '+15550100', to: '+15550199' });
  expect(await dial(one, pathOf(body))).toBe(403);
});

test('a socket by itself shows the password of its address, and says who calls (wire/telephony 11)', async () => {
  const one = await open();
  for (const headers of [{}, basic('another-password-of-it'), basic('', EXOTEL.secret), { authorization: 'Basic' }])
    expect(await dial(one, '/exotel/media?sample-rate=8000&tenant=acme', headers)).toBe(403);
  expect(one.calls).toEqual([]);
  await begin(one, '/exotel/media?sample-rate=8000&tenant=acme', OURS);
  expect((await until('a call', () => one.calls[0])).caller.carrierCallId).toBe('c-1');
});

test('an applet with no password, or a wrong one, is 403, and so is a token that was never given out', async () => {
  const one = await open();
  for (const path of [voicebot(), '/exotel/next?CallSid=c-1']) {
    expect((await ask(one, path, {})).status).toBe(403);
    expect((await ask(one, path, basic('another-password-of-it'))).status).toBe(403);
  }
  expect(await dial(one, `/exotel/media/${'a'.repeat(80)}`)).toBe(403);
  expect(await dial(one, '/exotel/media/x', OURS)).toBe(403);
  expect(JSON.stringify(one.logs)).not.toContain(EXOTEL.secret);
});

test('without its password it is closed', async () => {
  const one = await start({ PARLEY_PUBLIC_URL: PUBLIC_URL });
  expect((await ask(one, voicebot())).status).toBe(403);
  expect(await dial(one, '/exotel/media', basic(''))).toBe(403);
  expect(one.logs.map(({ reason }) => reason).join()).toContain('PARLEY_EXOTEL_SECRET');
});

test('its settings are refused without the address that our answers name, and with a rate that it has not', async () => {
  await expect(start(EXOTEL.env)).rejects.toThrow('PARLEY_PUBLIC_URL: expected the address that Exotel calls');
  await expect(open({ PARLEY_EXOTEL_SAMPLE_RATE: '11025' })).rejects.toThrow('8000 or 16000 or 24000');
});

test('an applet for whose call there is no room is told so, and its flow goes on (wire/telephony 11)', async () => {
  const one = await open({ PARLEY_MAX_CALLS: '1' });
  expect((await ask(one, voicebot())).status).toBe(200);
  expect(await ask(one, voicebot())).toMatchObject({ status: 503, body: expect.stringContaining('busy') as string });
});

test('a hand-over closes the socket, and the Connect applet is told to whom; else to nobody (support.exotel.com 3000096873)', async () => {
  const one = await open();
  const caller = await place(EXOTEL, one);
  const call = await until('a call', () => one.calls[0]);
  const next = async (callSid: string) =>
    JSON.parse((await ask(one, `/exotel/next?CallSid=${callSid}`)).body) as unknown;
  const nobody = { fetch_after_attempt: false, destination: { numbers: [] } };
  expect(await next(caller.callSid)).toEqual(nobody);
  call.handOver('One moment.', '+15550123', 'transferred');
  expect(await caller.ended).toMatchObject({ by: 'worker', code: 1000 });
  expect(await call.ended).toMatchObject({ reason: 'transferred' });
  expect(await next(caller.callSid)).toEqual({ ...nobody, destination: { numbers: ['+15550123'] } });
  expect(await next('another-call')).toEqual(nobody);
});
