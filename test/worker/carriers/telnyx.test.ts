/** Telnyx at the door of a worker: Call Control, whose calls are answered by its API, and lines that it opens again. */
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { publicKeyOf, signedHeaders } from '../../../src/simulate/telnyx/signed.ts';
import { openApi } from '../../helpers/api.ts';
import { until } from '../../helpers/until.ts';
import { PUBLIC_URL, withStandIns, type TestWorker } from '../../helpers/worker.ts';
import { TELNYX_KEY as KEY } from './json-carriers.ts';

const start = withStandIns();

async function open(more: Record<string, string> = {}) {
  const api = await openApi();
  const env = { PARLEY_PUBLIC_URL: PUBLIC_URL, PARLEY_TELNYX_PUBLIC_KEY: publicKeyOf(KEY) };
  const account = { PARLEY_TELNYX_API_KEY: 'KEY1', PARLEY_TELNYX_REST_URL: api.url };
  const one = await start({ ...env, ...account, ...more });
  return { api, one };
}

interface Post {
  body: string;
  type?: string;
  wallMs?: number;
}

async function post(one: TestWorker, path: string, { body, type = 'application/json', wallMs = Date.now() }: Post) {
  const headers = { 'content-type': type, ...signedHeaders(body, KEY, wallMs) };
  const response = await fetch(one.url + path, { method: 'POST', headers, body });
  return { status: response.status, text: await response.text() };
}

const event = (event_type: string, payload: object = {}): Post => ({
  body: JSON.stringify({
    data: {
      ...{ record_type: 'event', event_type, id: crypto.randomUUID() },
      payload: { call_control_id: 'v3:c-1', direction: 'incoming', from: '+15550100', to: '+15550199', ...payload },
    },
  }),
});

/** A handshake; its status, and the socket where there is one. */
async function dial(one: TestWorker, url: string, headers: Record<string, string> = {}) {
  const socket = new WebSocket(one.reach(url), { headers });
  onTestFinished(() => socket.terminate());
  socket.on('error', () => undefined);
  const status = await new Promise<number>((resolve) => {
    socket.once('open', () => resolve(101));
    socket.once('unexpected-response', (_, response) => resolve(response.statusCode ?? 0));
  });
  return { status, socket };
}

const begin = (socket: WebSocket, more: object = {}) => {
  const start = { user_id: 'u', call_control_id: 'v3:c-1', from: '+15550100', to: '+15550199', ...more };
  socket.send('{"event":"connected","version":"1.0.0"}');
  socket.send(JSON.stringify({ event: 'start', sequence_number: '1', stream_id: 's', start }));
};

const bodyOf = ({ body }: { body: string }) => JSON.parse(body) as Record<string, unknown>;

test('Call Control: a call that rings is answered by the API, with a stream both ways on its own leg (deepgram/deepclaw#6)', async () => {
  const { api, one } = await open({ PARLEY_TELNYX_CODEC: 'L16' });
  expect(await post(one, '/telnyx/events', event('call.initiated'))).toMatchObject({ status: 200 });
  const [asked] = api.asked as [(typeof api.asked)[number]];
  expect([asked.method, asked.path, asked.authorization]).toEqual([
    ...['POST', '/calls/v3%3Ac-1/actions/answer', 'Bearer KEY1'],
  ]);
  const answer = bodyOf(asked);
  expect(answer).toMatchObject({
    ...{ stream_url: 'wss://voice.example.com/telnyx/media', stream_track: 'inbound_track', stream_codec: 'L16' },
    ...{
      stream_bidirectional_mode: 'rtp',
      stream_bidirectional_codec: 'L16',
      stream_bidirectional_target_legs: 'self',
    },
    ...{ stream_bidirectional_sampling_rate: 16_000, send_silence_when_idle: true },
  });

  const headers = { 'x-telnyx-streaming-auth-token': String(answer['stream_auth_token']) };
  expect((await dial(one, String(answer['stream_url']))).status).toBe(403);
  const { status, socket } = await dial(one, String(answer['stream_url']), headers);
  expect(status).toBe(101);
  begin(socket, { media_format: { encoding: 'PCMA', sample_rate: 8_000, channels: 1 } });
  const call = await until('a call', () => one.calls[0]);
  expect(call.caller).toMatchObject({ carrierCallId: 'v3:c-1', from: '+15550100', to: '+15550199', parameters: {} });

  call.handOver('One moment.', '+15550123', 'transferred');
  const transfer = await until('the transfer', () => api.asked[1]);
  expect(transfer.path).toBe('/calls/v3%3Ac-1/actions/transfer');
  expect(bodyOf(transfer)).toMatchObject({ to: '+15550123' });
  socket.send('{"event":"stop","stream_id":"s"}');
  expect(await call.ended).toMatchObject({ reason: 'transferred' });
});

test('Call Control: a call for which there is no room hears that the line is busy', async () => {
  const { api, one } = await open({ PARLEY_MAX_CALLS: '1' });
  await post(one, '/telnyx/events', event('call.initiated'));
  await post(one, '/telnyx/events', event('call.initiated', { call_control_id: 'v3:c-2' }));
  expect(api.asked.map(({ path }) => path)).toEqual([
    '/calls/v3%3Ac-1/actions/answer',
    '/calls/v3%3Ac-2/actions/reject',
  ]);
  expect(bodyOf(api.asked[1]!)).toMatchObject({ cause: 'USER_BUSY' });
});

test('Call Control: an answer that fails is told to Telnyx, which tells of the call once more', async () => {
  const { api, one } = await open();
  api.answerNext({ status: 422, json: { errors: [{ code: '10015', title: 'Bad request' }] } });
  expect((await post(one, '/telnyx/events', event('call.initiated'))).status).toBe(500);
  expect((await post(one, '/telnyx/events', event('call.initiated'))).status).toBe(200);
  expect(JSON.stringify(one.logs)).toContain('a call was not answered');
});

test('Call Control: what is no call that rings is heard, and nothing is asked for', async () => {
  const { api, one } = await open();
  const others = [
    event('call.initiated', { direction: 'outgoing' }),
    event('call.answered'),
    event('call.hangup'),
    event('streaming.started'),
    { body: '{"data":[]}' },
    { body: '[]' },
    { body: 'x=1' },
  ];
  for (const other of others) expect((await post(one, '/telnyx/events', other)).status).toBe(200);
  expect(api.asked).toEqual([]);
});

test('Call Control: a call whose line could not be opened is ended, for nobody would ever speak', async () => {
  const { api, one } = await open();
  expect((await post(one, '/telnyx/events', event('streaming.failed'))).status).toBe(200);
  expect(api.asked.map(({ path }) => path)).toEqual(['/calls/v3%3Ac-1/actions/hangup']);
});

test('Call Control without the API key: the log says what is missing', async () => {
  const one = await start({ PARLEY_PUBLIC_URL: PUBLIC_URL, PARLEY_TELNYX_PUBLIC_KEY: publicKeyOf(KEY) });
  expect((await post(one, '/telnyx/events', event('call.initiated'))).status).toBe(200);
  expect(JSON.stringify(one.logs)).toContain('set PARLEY_TELNYX_API_KEY');
});

test('a webhook that is older than five minutes, or comes a second time byte for byte, is 403', async () => {
  const { one } = await open();
  const ring = event('call.answered');
  const wallMs = Date.now();
  expect((await post(one, '/telnyx/events', { ...ring, wallMs: wallMs - 310_000 })).status).toBe(403);
  expect((await post(one, '/telnyx/events', { ...ring, wallMs })).status).toBe(200);
  expect((await post(one, '/telnyx/events', { ...ring, wallMs })).status).toBe(403);
});

// ---- TeXML, and lines that are opened again -------------------------------------------------------------------------

const FIELDS = { CallSid: 'v2:t-1', AccountSid: 'a-1', From: '+15550100', To: '+15550199' };

async function ringTexml(one: TestWorker) {
  const body = new URLSearchParams(FIELDS).toString();
  const { text } = await post(one, '/telnyx/texml', { body, type: 'application/x-www-form-urlencoded' });
  return { text, url: /url="([^"]+)"/.exec(text)?.[1] ?? '' };
}

test('TeXML: the document asks for frames, not for MP3, and for a codec that TeXML knows (additions 1, 3)', async () => {
  const { one } = await open({ PARLEY_TELNYX_CODEC: 'L16' });
  const { text } = await ringTexml(one);
  expect(text).toContain('<Connect><Stream url="wss://voice.example.com/telnyx/media/');
  for (const attribute of [
    'bidirectionalMode="rtp"',
    'bidirectionalCodec="PCMU"',
    'codec="PCMU"',
    'track="inbound_track"',
  ])
    expect(text).toContain(attribute);
  expect(text).toContain('enableReconnect="true"');
});

test('TeXML without the API key asks for no reconnection: closing the socket is how we hang up then (additions 1)', async () => {
  const one = await start({ PARLEY_PUBLIC_URL: PUBLIC_URL, PARLEY_TELNYX_PUBLIC_KEY: publicKeyOf(KEY) });
  expect((await ringTexml(one)).text).toContain('enableReconnect="false"');
});

test('a line that was lost is opened again at its address: the call goes on, is not doubled, and is known as before (additions 1)', async () => {
  const { api, one } = await open({ PARLEY_MAX_CALLS: '1' });
  const { url } = await ringTexml(one);
  const first = await dial(one, url);
  begin(first.socket);
  const before = await until('a call', () => one.calls[0]);
  expect((await dial(one, url)).status).toBe(403); // nobody else shows the token of a line that is there
  first.socket.terminate();
  expect(await before.ended).toMatchObject({ reason: 'socket-lost' });

  const second = await until('it may come back', async () => {
    const again = await dial(one, url);
    return again.status === 101 && again;
  });
  begin(second.socket);
  const call = await until('the call again', () => one.calls[1]);
  expect(call.caller).toMatchObject({
    ...{ carrierCallId: 'v3:c-1', from: '+15550100', to: '+15550199' },
    earlier: { callId: before.id, lines: 1, reason: 'socket-lost' },
  });
  expect(one.calls).toHaveLength(2);
  expect((await dial(one, url)).status).toBe(403);

  call.sayGoodbye('Bye.', 'done');
  await once(second.socket, 'close');
  expect(api.asked.map(({ path, body }) => [path, body])).toEqual([
    ['/texml/Accounts/a-1/Calls/v2%3At-1', 'Status=completed'],
  ]);
  expect((await dial(one, url)).status).toBe(403); // it has ended, and is not lost
});

test('a line that ends as its protocol has it is not opened again', async () => {
  const { one } = await open();
  const { url } = await ringTexml(one);
  const { socket } = await dial(one, url);
  begin(socket);
  const call = await until('a call', () => one.calls[0]);
  socket.send('{"event":"stop","sequence_number":"9","stop":{"call_control_id":"v3:c-1"},"stream_id":"s"}');
  socket.close(1000);
  expect(await call.ended).toMatchObject({ reason: 'caller-hung-up' });
  expect((await dial(one, url)).status).toBe(403);
});

test('by text, too: the session has the token of its webhook, once, and callers are handed over by the document', async () => {
  const { api, one } = await open({ PARLEY_TELNYX_LINE: 'relay' });
  const form = new URLSearchParams({ CallSid: 'v2:t-1', AccountSid: 'a-1', From: '+15550100', To: '+15550199' });
  const { text } = await post(one, '/telnyx/texml', {
    ...{ body: form.toString(), type: 'application/x-www-form-urlencoded' },
  });
  const url = /<ConversationRelay url="([^"]+)" dtmfDetection="true"\/>/.exec(text)?.[1] ?? '';
  expect(url).toMatch(/^wss:\/\/voice\.example\.com\/telnyx\/relay\/[0-9a-f]+$/);
  expect((await dial(one, 'wss://voice.example.com/telnyx/relay/00ff')).status).toBe(403);
  const { socket, status } = await dial(one, url);
  expect(status).toBe(101);
  socket.send(
    JSON.stringify({ type: 'setup', sessionId: 's', callSid: 'v2:t-1', callControlId: 'v3:c-1', from: '+15550100' }),
  );
  const answered = await until('a call', () => one.calls[0]);
  expect(answered.caller).toMatchObject({ carrierCallId: 'v3:c-1', from: '+15550100' });
  expect((await dial(one, url)).status).toBe(403);
  answered.handOver('One moment.', '+15550123', 'transferred');
  const request = await until('a request', () => api.asked[0]);
  expect(request.path).toContain('/texml/');
  expect(decodeURIComponent(request.body)).toContain('+15550123');
});
