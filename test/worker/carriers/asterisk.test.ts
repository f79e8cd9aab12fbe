/** Who comes in at Asterisk's door, over each of its entrances, and what Asterisk and its dialplan are asked for a call. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { basic } from '../../../src/simulate/phone/connect.ts';
import { dialAudioSocket, newChannelId } from '../../../src/simulate/asterisk/audiosocket.ts';
import { SimulatedAri } from '../../../src/simulate/asterisk/ari-server.ts';
import { chanWebsocket } from '../../../src/simulate/asterisk/chan-websocket.ts';
import { WebPhoneLink } from '../../../src/simulate/phone/link.ts';
import { MediaCaller } from '../../../src/simulate/phone/media.ts';
import { sendDigits } from '../../../src/tool/builtin/index.ts';
import { until } from '../../helpers/until.ts';
import { PUBLIC_URL, withStandIns, type TestWorker } from '../../helpers/worker.ts';
import { dialAnnounced, dialMediaOf, streamOf } from './asterisk-carriers.ts';
import { dial, NUMBERS, post } from './knocking.ts';

const PASSWORD = 'a-password-of-asterisk';
const TOKEN = 'a-token-of-the-worker';
const OPEN = { PARLEY_ASTERISK_AUDIOSOCKET_PORT: '0' };
const SHOWN = basic(PASSWORD);
const BEARER = { authorization: `Bearer ${TOKEN}` };

const ARI_PASSWORD = 'a-password-of-ari';

const start = withStandIns([{ when: 'press', call: { name: 'send_digits', arguments: { digits: '1w2#' } } }]);

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const ask = (one: TestWorker, path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
  post(one, { path, headers: { ...FORM, ...headers }, body: new URLSearchParams(fields).toString() });

const stream = (one: TestWorker, uuid: string) => dialAudioSocket({ url: streamOf(one), ...NUMBERS, uuid });

const secrets: [name: string, env: Record<string, string>, headers: Record<string, string>][] = [
  ['its password', { PARLEY_ASTERISK_PASSWORD: PASSWORD }, SHOWN],
  ['the token of bridges', { PARLEY_BRIDGE_TOKEN: TOKEN }, BEARER],
];

describe.each(secrets)('where %s is set', (_, env, headers) => {
  const open = () => start({ ...OPEN, ...env });

  test('a UUID that was announced is a call, with all that was said of it, and one once', async () => {
    const one = await open();
    const caller = await dialAnnounced(one, { headers, fields: { tenant: 'acme' } });
    const call = await until('a call', () => one.calls[0]);
    expect(call.caller).toMatchObject({ ...NUMBERS, carrierCallId: caller.callSid, parameters: { tenant: 'acme' } });
    expect(call.caller.parameters).not.toHaveProperty('channel');
    await caller.waitForSpeech();
    const again = await stream(one, caller.streamSid);
    expect((await again.ended).by).toBe('worker');
    expect(again.stats().messages).toBe(0);
    expect(one.calls).toHaveLength(1);
  });

  test('a UUID that nobody has announced is no call, on this machine either', async () => {
    const one = await open();
    const caller = await stream(one, randomUUID());
    expect((await caller.ended).by).toBe('worker');
    expect([one.calls.length, caller.stats().messages]).toEqual([0, 0]);
    expect(one.logs.find(({ msg }) => msg === 'a call was refused')).toMatchObject({ path: 'asterisk' });
  });

  test('nothing, or something wrong, is 403: to announce, to ask on, and to open a WebSocket', async () => {
    const one = await open();
    const wrong = [{}, basic('guess'), { authorization: 'Bearer guess' }, { authorization: 'x' }];
    for (const shown of wrong) {
      expect((await ask(one, '/asterisk/calls', NUMBERS, shown)).status).toBe(403);
      expect((await ask(one, '/asterisk/next', { id: 'x' }, shown)).status).toBe(403);
      expect(await dial(one, '/asterisk/media', shown)).toBe(403);
    }
    expect(await dial(one, '/asterisk/media', headers)).toBe(101);
    expect(JSON.stringify(one.logs)).not.toMatch(new RegExp(`${PASSWORD}|${TOKEN}`));
  });
});

test('without any secret a UUID is taken as it is on this machine, and one that was announced is good once all the same', async () => {
  const one = await start(OPEN);
  const uuid = randomUUID();
  const caller = await stream(one, uuid);
  const call = await until('a call', () => one.calls[0]);
  expect(call.caller).toMatchObject({ carrierCallId: uuid, from: undefined, to: undefined });
  await caller.waitForSpeech();
  const announced = await dialAnnounced(one);
  await until('the second call', () => one.calls[1]);
  expect((await (await stream(one, announced.streamSid)).ended).by).toBe('worker');
  expect(one.calls).toHaveLength(2);
});

test('without a port AudioSocket listens nowhere', async () => {
  const one = await start();
  expect([...one.worker.addresses.keys()]).toEqual(['http']);
});

test('a call is announced by JSON too, and is answered with its id; a plus that came as a space is a plus', async () => {
  const one = await start({ ...OPEN, PARLEY_ASTERISK_PASSWORD: PASSWORD });
  const uuid = randomUUID();
  const facts = {
    id: uuid.toUpperCase(),
    from: ' 15550100',
    to: '+15550199',
    channel: '',
    parameters: { tenant: 'acme' },
  };
  const body = JSON.stringify(facts);
  const headers = { 'content-type': 'application/json', ...SHOWN };
  const { status, text } = await post(one, { path: '/asterisk/calls', headers, body });
  expect([status, JSON.parse(text)]).toEqual([200, { id: uuid }]);
  await stream(one, uuid);
  const call = await until('a call', () => one.calls[0]);
  expect(call.caller).toEqual({ ...NUMBERS, carrierCallId: uuid, parameters: { tenant: 'acme' } });
  for (const wrong of ['', 'null', '[]', '{']) {
    expect((await post(one, { path: '/asterisk/calls', headers, body: wrong })).status).toBe(400);
  }
});

test('a dialplan that finds no room is answered nothing, which it can ask for', async () => {
  const one = await start({ ...OPEN, PARLEY_MAX_CALLS: '1' });
  await dialAnnounced(one);
  await until('the call', () => one.calls[0]);
  expect(await ask(one, '/asterisk/calls', NUMBERS)).toEqual({ status: 503, text: '' });
});

describe('its WebSocket', () => {
  test('is accepted well within the half second that websocket_client.conf allows, and speaks `media` (res_websocket_client.c)', async () => {
    const one = await start({ PARLEY_ASTERISK_PASSWORD: PASSWORD });
    const socket = new WebSocket(`${one.url.replace('http', 'ws')}/asterisk/media`, ['media'], { headers: SHOWN });
    onTestFinished(() => socket.terminate());
    const beganMs = performance.now();
    await once(socket, 'open');
    expect(performance.now() - beganMs).toBeLessThan(500);
    expect(socket.protocol).toBe('media');
  });

  test('is a call with what its channel has inherited', async () => {
    const one = await start({ PARLEY_ASTERISK_PASSWORD: PASSWORD });
    const parameters = { tenant: 'acme', MEDIA_WEBSOCKET_CONNECTION_ID: 'secret' };
    const caller = await dialMediaOf(one, { authToken: PASSWORD, parameters });
    const call = await until('a call', () => one.calls[0]);
    expect(call.caller).toEqual({ ...NUMBERS, carrierCallId: caller.callSid, parameters: { tenant: 'acme' } });
    await caller.waitForSpeech();
    expect(caller.stats().badFrames).toBe(0);
  });

  test('that Asterisk waits for is opened by us, once it is told where (incoming mode)', async () => {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0, path: '/media/c1' });
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const env = { PARLEY_ASTERISK_PASSWORD: PASSWORD, PARLEY_ASTERISK_MEDIA_URL: `ws://127.0.0.1:${port}/media/` };
    const one = await start(env);
    const connected = once(server, 'connection') as Promise<[WebSocket]>;
    const fields = { ...NUMBERS, connection_id: 'c1', channel: newChannelId() };
    expect((await ask(one, '/asterisk/calls', fields)).status).toBe(403);
    expect((await ask(one, '/asterisk/calls', fields, SHOWN)).status).toBe(200);
    const [socket] = await connected;
    expect(socket.protocol).toBe('media');
    const caller = new MediaCaller(new WebPhoneLink(socket), { url: '', ...NUMBERS, dialect: chanWebsocket() });
    const call = await until('a call', () => one.calls[0]);
    expect(call.caller).toMatchObject({ ...NUMBERS, carrierCallId: fields.channel });
    await caller.waitForSpeech();
    await one.worker.close();
    expect((await caller.ended).by).toBe('worker');
  });

  test('that is not there is told in the log, without the id that opens it', async () => {
    const env = { PARLEY_ASTERISK_PASSWORD: PASSWORD, PARLEY_ASTERISK_MEDIA_URL: 'ws://127.0.0.1:9/media' };
    const one = await start(env);
    await ask(one, '/asterisk/calls', { ...NUMBERS, connection_id: 'an-id-that-opens' }, SHOWN);
    const told = await until('the log', () => one.logs.find(({ msg }) => msg.includes('could not be opened')));
    expect(told).toMatchObject({ why: expect.stringContaining('ECONNREFUSED') as string });
    expect(JSON.stringify(one.logs)).not.toContain('an-id-that-opens');
  });

  test('that Asterisk waits for needs the address to be set', async () => {
    const one = await start({ PARLEY_ASTERISK_PASSWORD: PASSWORD });
    const answer = await ask(one, '/asterisk/calls', { ...NUMBERS, connection_id: 'c1' }, SHOWN);
    expect(answer).toEqual({ status: 400, text: 'PARLEY_ASTERISK_MEDIA_URL is not set' });
  });
});

/** What becomes of a hand-over. */
function transferOf(call: TestWorker['calls'][number]) {
  const told: object[] = [];
  call.on('event', (event) => event.type === 'transfer' && told.push(event));
  return () => until('what became of it', () => told[0]);
}

/** A worker with an account at ARI, and a call whose channel it knows. */
async function callWithAri(more: Record<string, string> = {}, facts: { isInStasis?: boolean } = {}) {
  const ari = new SimulatedAri({ user: 'parley', password: ARI_PASSWORD, ...facts });
  const env = {
    ...{ PARLEY_ASTERISK_PASSWORD: PASSWORD, PARLEY_ASTERISK_ARI_URL: await ari.listen() },
    ...{ PARLEY_ASTERISK_ARI_USER: 'parley', PARLEY_ASTERISK_ARI_PASSWORD: ARI_PASSWORD },
  };
  onTestFinished(() => ari.close());
  const agent = { tools: [sendDigits] };
  const one = await start({ ...OPEN, ...env, ...more }, { agent });
  const caller = await dialMediaOf(one, { authToken: PASSWORD, rest: ari });
  const call = await until('a call', () => one.calls[0]);
  const asked = () => ari.requests.map(({ method, path, status }) => `${status} ${method} ${path}`);
  return { ari, one, call, caller, asked, channel: `/ari/channels/${encodeURIComponent(caller.callSid)}` };
}

describe('a hand-over', () => {
  test('by the dialplan: our line ends, and the dialplan is told where to once it asks, by channel or by UUID', async () => {
    const one = await start({ ...OPEN, PARLEY_ASTERISK_TRANSFER: 'dialplan' });
    const [known, unknown] = [await dialAnnounced(one), await stream(one, randomUUID())];
    await until('both calls', () => one.calls.length === 2);
    for (const [caller, id] of [
      [known, known.callSid],
      [unknown, unknown.streamSid],
    ] as const) {
      const call = one.calls.find(({ caller: { carrierCallId } }) => carrierCallId === id);
      expect(await ask(one, '/asterisk/next', { id })).toEqual({ status: 200, text: '' });
      call?.handOver('One moment.', '+1 (555) 010-0123', 'transferred');
      expect(await caller.ended).toMatchObject({ by: 'worker', code: 1000 });
      expect(await call?.ended).toMatchObject({ reason: 'transferred' });
      expect(await ask(one, '/asterisk/next', { id })).toEqual({ status: 200, text: '+15550100123' });
    }
  });

  test('to what would mean something else to a dialplan is refused, and the call goes on', async () => {
    const one = await start({ ...OPEN, PARLEY_ASTERISK_TRANSFER: 'dialplan' });
    const caller = await dialAnnounced(one);
    const call = await until('a call', () => one.calls[0]);
    for (const to of ['100&Local/200@private', 'join/1700000000.1']) {
      const outcome = transferOf(call);
      call.handOver('One moment.', to, 'transferred');
      expect(await outcome()).toMatchObject({ ok: false, error: expect.stringContaining('an extension') as string });
    }
    expect(caller.isOver).toBe(false);
    expect(await ask(one, '/asterisk/next', { id: caller.callSid })).toEqual({ status: 200, text: '' });
  });

  test('by ARI: the channel goes on in the context that is set, and ends our line', async () => {
    const more = { PARLEY_ASTERISK_TRANSFER: 'ari', PARLEY_ASTERISK_ARI_CONTEXT: 'agents' };
    const { call, caller, asked, channel } = await callWithAri(more);
    call.handOver('One moment.', '+15550123', 'transferred');
    expect(await caller.ended).toMatchObject({ by: 'rest', redirect: { url: '+15550123@agents' } });
    expect(asked()).toEqual([`204 POST ${channel}/continue?context=agents&extension=%2B15550123&priority=1`]);
    expect(await call.ended).toMatchObject({ reason: 'transferred' });
  });

  test('by ARI of a channel that is in no Stasis application is refused, and the call goes on (res/ari/resource_channels.c)', async () => {
    const { one, call, caller, asked } = await callWithAri({ PARLEY_ASTERISK_TRANSFER: 'ari' }, { isInStasis: false });
    const outcome = transferOf(call);
    call.handOver('One moment.', '+15550123', 'transferred');
    expect(await outcome()).toMatchObject({ ok: false, error: expect.stringContaining('Stasis') as string });
    expect([asked().length, caller.isOver]).toEqual([1, false]);
    expect(JSON.stringify(one.logs)).not.toContain(ARI_PASSWORD);
  });
});

test('keys of the agent are pressed by ARI, and the line goes on', async () => {
  const { call, caller, asked, channel } = await callWithAri();
  void call.say('press');
  await caller.waitForEvent(({ type }) => type === 'digits');
  expect(caller.events.find(({ type }) => type === 'digits')).toMatchObject({ digits: '1w2#' });
  expect(asked()).toEqual([`204 POST ${channel}/dtmf?dtmf=1w2%23`]);
  expect(caller.isOver).toBe(false);
});

test('a hang-up of ours lets the last word be played, ends the channel by ARI, and closes the line', async () => {
  const { call, caller, asked, channel } = await callWithAri();
  call.sayGoodbye('Bye.', 'done');
  expect(await caller.ended).toMatchObject({ code: 1000 });
  expect(asked()).toEqual([`204 DELETE ${channel}?reason=normal`]);
  expect((await call.ended).reason).toBe('done');
});

test('in person needs ARI to call somebody, and a dialplan that asks what comes next', async () => {
  const ari = {
    ...{ PARLEY_ASTERISK_ARI_URL: 'http://127.0.0.1:9/ari', PARLEY_ASTERISK_ARI_USER: 'parley' },
    ...{ PARLEY_ASTERISK_ARI_PASSWORD: ARI_PASSWORD, PARLEY_ASTERISK_IN_PERSON: 'true' },
  };
  await expect(start(ari)).rejects.toThrow('PARLEY_ASTERISK_DIAL: expected it with PARLEY_ASTERISK_IN_PERSON');
  const dial = { ...ari, PARLEY_ASTERISK_DIAL: 'PJSIP/{to}@trunk' };
  for (const transfer of ['none', 'ari']) {
    const env = { ...dial, PARLEY_ASTERISK_TRANSFER: transfer };
    await expect(start(env)).rejects.toThrow(
      `PARLEY_ASTERISK_TRANSFER: expected \`dialplan\` with PARLEY_ASTERISK_IN_PERSON, got \`${transfer}\``,
    );
  }
  await start({ ...dial, PARLEY_ASTERISK_TRANSFER: 'dialplan', PARLEY_ASTERISK_PASSWORD: PASSWORD });
});

test('its settings make sense together, or are refused', async () => {
  const wrong: Record<string, string>[] = [
    { PARLEY_ASTERISK_ARI_URL: 'http://127.0.0.1:8088/ari' },
    { PARLEY_ASTERISK_TRANSFER: 'ari' },
    { PARLEY_ASTERISK_TRANSFER: 'somehow' },
    { PARLEY_ASTERISK_PASSWORD: 'short' },
    { PARLEY_ASTERISK_MEDIA_URL: 'http://127.0.0.1:8088/media' },
  ];
  for (const env of wrong) {
    const [name] = Object.keys(env);
    await expect(start(env)).rejects.toThrow(
      name === 'PARLEY_ASTERISK_TRANSFER' && env[name] === 'ari' ? 'ARI_URL' : name,
    );
  }
  await start({ PARLEY_PUBLIC_URL: PUBLIC_URL });
});
