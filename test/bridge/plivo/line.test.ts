/** Plivo's lines: the contract, and what its pages and practitioners say that is unlike Twilio's. */
import { expect, test } from 'vitest';
import { acceptJsonLine, type JsonLineOptions } from '../../../src/bridge/json/line.ts';
import { PLIVO_DIALECT } from '../../../src/bridge/plivo/line.ts';
import { CONTENT_TYPES, PLIVO_WIRE, readPlivoEvent } from '../../../src/bridge/plivo/wire.ts';
import type { OpenSocket } from '../../../src/lib/open-socket.ts';
import { PLIVO_AUDIO } from '../../../src/simulate/plivo/phone.ts';
import { bridgeContract } from '../../contracts/bridge.suite.ts';
import { oddFormat, peerOf, type JsonPeerOptions } from '../helpers/json/peers.ts';
import { startedCall } from '../helpers/started.ts';

const NUMBERS = { from: '+14155550100', to: '+14155550101' };
const acceptPlivo = (socket: OpenSocket, options: JsonLineOptions) => acceptJsonLine(PLIVO_DIALECT, socket, options);
const open = peerOf(acceptPlivo, PLIVO_AUDIO, (odd) => ({
  event: 'start',
  streamId: 'MZ1',
  start: {
    ...{ streamId: odd, callId: 'CA1', accountId: odd, tracks: odd },
    mediaFormat: oddFormat(odd),
  },
  extra_headers: odd,
}));
/** The numbers are known by the webhook. */
const openPeer = (options: JsonPeerOptions = {}) => open({ ...options, known: NUMBERS });
bridgeContract('plivo-media', openPeer);

const startCall = async (options?: JsonPeerOptions) => startedCall(await openPeer(options));

const START = (more: object, start: object = {}) =>
  readPlivoEvent(JSON.stringify({ event: 'start', start: { streamId: 's', callId: 'c', ...start }, ...more }));

test.each(['a=1,b=x y', 'a=1;b=x y', '{a=1;b=x y}', ' {a=1, b=x y} '])(
  '`extra_headers` %j: separated by , or ;, perhaps in braces (wire/telephony 4.2, additions 4)',
  (text) => {
    expect(START({ extra_headers: text })).toMatchObject({ parameters: { a: '1', b: 'x y' } });
  },
);

test.each([
  ['audio/x-mulaw', '8000', CONTENT_TYPES['audio/x-mulaw;rate=8000']],
  ['audio/x-l16', 8_000, CONTENT_TYPES['audio/x-l16;rate=8000']],
  ['audio/x-l16;rate=16000', undefined, CONTENT_TYPES['audio/x-l16;rate=16000']],
])(
  '`start.mediaFormat` %s at %s is trusted, numbers in strings too (bolna-ai/bolna)',
  (encoding, sampleRate, format) => {
    expect(START({}, { mediaFormat: { encoding, sampleRate } })).toMatchObject({ format });
  },
);

test('`played` and `playedStream` are the same (wire/telephony 4.2)', () => {
  for (const event of ['played', 'playedStream']) {
    expect(readPlivoEvent(JSON.stringify({ event, streamId: 's', name: 'u1:1' }))).toEqual({
      type: 'mark',
      name: 'u1:1',
    });
  }
});

test('the frame that comes fifty times a second is read without JSON', async () => {
  const { peer } = await startCall();
  expect(PLIVO_WIRE.audioFrame.test(peer.write.audio(Buffer.alloc(160), 20))).toBe(true);
});

test('every `playAudio` says its format, and a message is a second at most (wire/telephony 4.3)', async () => {
  const { peer, call } = await startCall({ format: CONTENT_TYPES['audio/x-l16;rate=16000'] });
  call.sendAudio(new Uint8Array(40_000));
  await peer.settle();
  const media = { contentType: 'audio/x-l16', sampleRate: 16_000 };
  expect(peer.frames.map((frame) => JSON.parse(frame) as unknown)).toMatchObject([
    { event: 'playAudio', media },
    { event: 'playAudio', media },
  ]);
  const lengths = peer.received().map((message) => (message.type === 'audio' ? message.audio.length : 0));
  expect(lengths).toEqual([32_000, 8_000]);
});

test('`clearedAudio` says nothing that we wait for: no mark comes back behind a clear (additions 4)', async () => {
  const { peer, call, diary } = await startCall();
  call.sendMark('u1:1');
  call.clear();
  await peer.settle();
  peer.sendRaw(peer.write.cleared() ?? '');
  peer.say('go on');
  await peer.settle();
  expect(diary.lines).toEqual(['said go on']);
});

test('keys go out by `sendDTMF`, whose keys are a text (additions 4)', async () => {
  const { peer, call } = await startCall();
  await call.sendDigits('12#');
  await peer.settle();
  expect(peer.frames).toEqual(['{"event":"sendDTMF","dtmf":"12#"}']);
});
