/** Telnyx's lines: the contract, and what its pages and practitioners say that is unlike Twilio's. */
import { expect, test } from 'vitest';
import { acceptJsonLine } from '../../../src/bridge/json/line.ts';
import { TELNYX_DIALECT } from '../../../src/bridge/telnyx/line.ts';
import { CODECS, readTelnyxEvent, TELNYX_WIRE } from '../../../src/bridge/telnyx/wire.ts';
import { TELNYX_AUDIO } from '../../../src/simulate/telnyx/phone.ts';
import { bridgeContract } from '../../contracts/bridge.suite.ts';
import { oddFormat, peerOf, type JsonPeerOptions } from '../helpers/json/peers.ts';
import { startedCall } from '../helpers/started.ts';

const openPeer = peerOf(
  (socket, options) =>
    acceptJsonLine(TELNYX_DIALECT, socket, {
      ...{ known: { from: '+14155550100', to: '+14155550101' }, ...options },
    }),
  TELNYX_AUDIO,
  (odd) => ({
    ...{ event: 'start', sequence_number: odd, stream_id: 'MZ1' },
    start: {
      ...{ call_control_id: 'CA1', call_session_id: odd, user_id: odd, from: odd, to: odd, tags: odd },
      ...{ custom_parameters: odd, media_format: oddFormat(odd, 'sample_rate') },
    },
  }),
);
bridgeContract('telnyx-media', openPeer);

const startCall = async (options?: JsonPeerOptions) => startedCall(await openPeer(options));
const START = (start: object, more: object = {}) =>
  readTelnyxEvent(
    JSON.stringify({ event: 'start', stream_id: 's', start: { call_control_id: 'c', ...start }, ...more }),
  );
const media = (chunk: number, words: string) =>
  `{"event":"media","sequence_number":"${chunk + 1}","media":{"track":"inbound","chunk":"${chunk}","timestamp":"5","payload":"${Buffer.from(words).toString('base64')}"},"stream_id":"s"}`;

test('the frame that comes fifty times a second is read without JSON, in the order of its fields that the page has', () => {
  expect(TELNYX_WIRE.audioFrame.test(media(2, 'x'))).toBe(true);
  expect(readTelnyxEvent(media(2, 'x'))).toEqual({
    ...{ type: 'audio', audio: Buffer.from('x'), chunk: 2, sequence: 3 },
  });
  const otherwise =
    '{"event":"media","stream_id":"s","media":{"payload":"eA==","chunk":2,"track":"inbound"},"sequence_number":3}';
  expect(TELNYX_WIRE.audioFrame.test(otherwise)).toBe(false);
  expect(readTelnyxEvent(otherwise)).toEqual({ type: 'audio', audio: Buffer.from('x'), chunk: 2, sequence: 3 });
});

test('the order of media is not guaranteed: what comes early waits for what is missing (wire/telephony 3.2)', async () => {
  const { peer, diary } = await startCall();
  for (const chunk of [1, 3, 2, 2, 4]) peer.sendRaw(media(chunk, `w${chunk}`));
  await peer.settle();
  expect(diary.lines).toEqual(['said w1', 'said w2', 'said w3', 'said w4']);
});

test('keys come out of order, too (additions 3)', async () => {
  const { peer, diary } = await startCall();
  const dtmf = (digit: string, sequence: number) =>
    `{"event":"dtmf","stream_id":"s","occurred_at":"2026-01-01T00:00:0${sequence}Z","sequence_number":"${sequence}","dtmf":{"digit":"${digit}"}}`;
  peer.sendRaw(media(1, 'a'));
  for (const [digit, sequence] of [
    ['2', 4],
    ['1', 3],
  ] as const)
    peer.sendRaw(dtmf(digit, sequence));
  await peer.settle();
  expect(diary.lines).toEqual(['said a', 'digit 1', 'digit 2']);
});

test.each([
  ['PCMU', 8_000, CODECS.PCMU],
  ['PCMA', '8000', CODECS.PCMA],
  ['L16', 16_000, CODECS.L16],
  ['L16', 24_000, { encoding: 'linear16', sampleRateHz: 24_000 }],
])(
  "the caller is heard in the call's own codec, %s at %s, and the agent in ours (dograh-hq/dograh#256)",
  async (encoding, sample_rate, inFormat) => {
    expect(START({ media_format: { encoding, sample_rate, channels: 1 } })).toMatchObject({ format: inFormat });
    const { call } = await startCall({ format: inFormat as never, outFormat: CODECS.PCMA });
    expect(call.capabilities).toMatchObject({ inFormat, outFormat: CODECS.PCMA });
  },
);

test('a codec that nobody here understands is refused by its name, not played as noise', () => {
  expect(() => START({ media_format: { encoding: 'OPUS', sample_rate: 16_000 } })).toThrow(
    'telnyx-media: Expected `start.media_format.encoding` to be pcmu or pcma or l16',
  );
});

test('the id of the stream is beside `start`, that of the call within it, and the numbers too (wire/telephony 3.2)', () => {
  const custom_parameters = { tenant: 'acme' };
  expect(START({ from: '+1', to: '+2', user_id: 'u', custom_parameters })).toMatchObject({
    ...{ streamId: 's', callId: 'c', accountId: 'u', from: '+1', to: '+2', parameters: { tenant: 'acme' } },
  });
});

test('custom parameters may be a list of names and values, as they were asked for (wire/telephony 3.1)', () => {
  const list = [
    { name: 'tenant', value: 'acme' },
    { name: 'count', value: 2 },
  ];
  expect(START({ custom_parameters: list })).toMatchObject({ parameters: { tenant: 'acme', count: '2' } });
  expect(START({ custom_parameters: [{ name: '__proto__', value: 'x' }] })).toMatchObject({ parameters: {} });
});

test('no stream is named in what we send, and every message is whole frames of 20 ms (wire/telephony 3.3, additions 2)', async () => {
  const { peer, call } = await startCall({ outFormat: CODECS.L16 });
  expect(call.capabilities.feed).toEqual({
    ...{ pacing: 'peer', leastBytes: 640, multipleOfBytes: 640, mostBytes: 16_000, tail: 'pad' },
  });
  call.sendAudio(new Uint8Array(640));
  call.sendMark('u3:1');
  call.clear();
  await peer.settle();
  expect(peer.frames.map((frame) => Object.keys(JSON.parse(frame) as object))).toEqual([
    ['event', 'media'],
    ['event', 'mark'],
    ['event'],
  ]);
});

test('L16 has its low byte first, or its high one where that is set: both ways (wire/telephony 3.3)', async () => {
  const { peer, call, diary } = await startCall({ format: CODECS.L16, outFormat: CODECS.L16, isBigEndian: true });
  const heard: string[] = [];
  diary.onAudio = (audio) => void heard.push(Buffer.from(audio).toString('hex'));
  peer.sendRaw(media(1, '\\u0001\\u0002').replace(/"payload":"[^"]*"/, '"payload":"AQID"'));
  const ours = Uint8Array.from([1, 2, 3, 4]);
  call.sendAudio(ours);
  await peer.settle();
  expect(heard).toEqual(['0201']);
  expect(peer.frames[0]).toContain(Buffer.from([2, 1, 4, 3]).toString('base64'));
  expect([...ours]).toEqual([1, 2, 3, 4]);
});

test('a big end is nothing to mu-law', async () => {
  const { peer, call } = await startCall({ isBigEndian: true });
  call.sendAudio(Uint8Array.from([1, 2]));
  await peer.settle();
  expect(peer.frames[0]).toContain(Buffer.from([1, 2]).toString('base64'));
});

test.each([100_002, '100003', 100_004, 100_005])(
  'its error %s is logged, and neither a bad frame nor the end (additions 3)',
  async (code) => {
    let badFrames = 0;
    const { peer, diary } = await startCall({ onBadFrame: () => void badFrames++ });
    const payload = { code, title: 'No', detail: 'x'.repeat(9_000) };
    for (let index = 0; index < 30; index++)
      peer.sendRaw(JSON.stringify({ event: 'error', stream_id: 's', payload: index === 0 ? null : payload }));
    peer.say('on');
    await peer.settle();
    expect([badFrames, diary.lines]).toEqual([0, ['said on']]);
  },
);

test('keys go out by the API, and the line goes on (wire/telephony 3.4)', async () => {
  const pressed: string[] = [];
  const rest = {
    hangUp: async () => {},
    sendDigits: async (_: unknown, digits: string) => void pressed.push(digits),
    keepsLine: true,
  };
  const { call, diary } = await startCall({ rest });
  expect(call.capabilities.dtmfOut).toBe('inband');
  await call.sendDigits('1w2#');
  await expect(call.sendDigits('hello')).rejects.toThrow('Expected 1 to 64 digits');
  expect([pressed, diary.lines]).toEqual([['1w2#'], []]);
});

test.each([
  ['the network breaks', true, (peer: Awaited<ReturnType<typeof openPeer>>) => peer.drop()],
  ['the caller hangs up', false, (peer: Awaited<ReturnType<typeof openPeer>>) => peer.hangUp()],
] as const)('whether %s, a line that was lost says so: %s (additions 1, `enableReconnect`)', async (_, isLost, end) => {
  let lost = 0;
  const { peer, diary } = await startCall({ onLost: () => void lost++ });
  end(peer);
  await peer.closed;
  await peer.settle().catch(() => undefined);
  expect(diary.lines).toHaveLength(1);
  expect(lost).toBe(isLost ? 1 : 0);
});

test('a line that we have ended, or that never began, was not lost', async () => {
  let lost = 0;
  const { call } = await startCall({ onLost: () => void lost++ });
  await call.hangUp();
  const peer = await openPeer({ onLost: () => void lost++ });
  const accepting = peer.accept().catch(() => undefined);
  peer.drop();
  await accepting;
  await peer.cleanUp();
  expect(lost).toBe(0);
});
