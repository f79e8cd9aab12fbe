/** Exotel's lines: the contract, and what its pages and its own samples say that is unlike Twilio's. */
import { expect, test } from 'vitest';
import { EXOTEL_DIALECT } from '../../../src/bridge/exotel/line.ts';
import { EXOTEL_WIRE, readExotelEvent } from '../../../src/bridge/exotel/wire.ts';
import { acceptJsonLine } from '../../../src/bridge/json/line.ts';
import { EXOTEL_AUDIO } from '../../../src/simulate/exotel/phone.ts';
import { bridgeContract } from '../../contracts/bridge.suite.ts';
import { oddFormat, peerOf, type JsonPeerOptions } from '../helpers/json/peers.ts';
import { startedCall } from '../helpers/started.ts';

const LINEAR_8 = { encoding: 'linear16', sampleRateHz: 8_000 } as const;

const openPeer = peerOf(
  (socket, options) =>
    acceptJsonLine(EXOTEL_DIALECT, socket, {
      ...{ known: { from: '+14155550100', to: '+14155550101' }, ...options },
    }),
  EXOTEL_AUDIO,
  (odd) => ({
    ...{ event: 'start', sequence_number: odd, stream_sid: 'MZ1' },
    start: {
      ...{ stream_sid: odd, call_sid: 'CA1', account_sid: odd, from: odd, to: odd },
      ...{ custom_parameters: odd, media_format: oddFormat(odd, 'sample_rate') },
    },
  }),
);
bridgeContract('exotel-media', openPeer);

const startCall = async (options?: JsonPeerOptions) => startedCall(await openPeer({ format: LINEAR_8, ...options }));
const START = (start: object, standard = LINEAR_8 as never) =>
  readExotelEvent(JSON.stringify({ event: 'start', stream_sid: 's', start: { call_sid: 'c', ...start } }), standard);

test.each([
  [{ encoding: 'audio/x-raw', sample_rate: '8000', bit_rate: '16' }, LINEAR_8],
  [
    { encoding: 'base64', sample_rate: '16000', bit_rate: '128kbps' },
    { encoding: 'linear16', sampleRateHz: 16_000 },
  ],
  [{ encoding: 'audio/x-mulaw;rate=8000' }, { encoding: 'mulaw', sampleRateHz: 8_000 }],
])(
  '`media_format` %j is believed, numbers in texts too (developer.exotel.com, StartStream)',
  (media_format, format) => {
    expect(START({ media_format })).toMatchObject({ format });
  },
);

test('where the start says no rate, that of the address counts (additions 7)', () => {
  const asked = { encoding: 'linear16', sampleRateHz: 24_000 } as never;
  expect(START({}, asked)).toMatchObject({ format: asked });
  expect(START({ media_format: { encoding: 'audio/x-raw' } }, asked)).toMatchObject({ format: asked });
});

test('either spelling is read: that of the documentation and that of the vendor samples (exotel/Agent-Stream)', () => {
  const facts = { streamId: 's', callId: 'c', accountId: 'a', from: '1', to: '2', parameters: { tenant: 'acme' } };
  const said = { from: '1', to: '2' };
  const snake = { stream_sid: 's', call_sid: 'c', account_sid: 'a', custom_parameters: { tenant: 'acme' } };
  const camel = { streamSid: 's', callSid: 'c', accountSid: 'a', customParameters: { tenant: 'acme' } };
  const format = { mediaFormat: { encoding: 'audio/x-raw', sampleRate: '16000' } };
  const read = (start: object) => readExotelEvent(JSON.stringify({ event: 'start', start: { ...said, ...start } }));
  expect(read(snake)).toMatchObject(facts);
  expect(read(camel)).toMatchObject(facts);
  expect(read({ ...camel, ...format })).toMatchObject({
    ...facts,
    format: { encoding: 'linear16', sampleRateHz: 16_000 },
  });
  const beside = { event: 'start', streamSid: 's', start: { callSid: 'c' } };
  expect(readExotelEvent(JSON.stringify(beside))).toMatchObject({ streamId: 's', callId: 'c' });
});

test('what the caller says may hold the words of a start: it is read as what it is', () => {
  const text = JSON.stringify({ event: 'dtmf', stream_sid: 's', dtmf: { digit: '1', duration: '"event":"start"' } });
  expect(readExotelEvent(text)).toEqual({ type: 'digit', digit: '1' });
});

test('`closed` is an end as `stop` is (exotel/Agent-Stream)', () => {
  expect(readExotelEvent('{"event":"closed"}')).toEqual({ type: 'stop' });
  expect(readExotelEvent('{"event":"stop","stream_sid":"s","stop":{"reason":"callended"}}')).toEqual({ type: 'stop' });
});

test('its frames, ten a second, are read without JSON', async () => {
  const { peer } = await startCall();
  expect(EXOTEL_WIRE.audioFrame.test(peer.write.audio(Buffer.alloc(3_200), 20))).toBe(true);
});

test('what we send has counters, as texts, or some streams end early (additions 7)', async () => {
  const { peer, call } = await startCall();
  call.sendAudio(new Uint8Array(3_200));
  call.sendMark('u1:1');
  call.sendAudio(new Uint8Array(3_200));
  call.clear();
  await peer.settle();
  expect(peer.frames.map((frame) => JSON.parse(frame) as unknown)).toMatchObject([
    { event: 'media', stream_sid: 'MZ1', media: { chunk: '1', timestamp: '0' }, sequence_number: '1' },
    { event: 'mark', stream_sid: 'MZ1', mark: { name: 'u1:1' }, sequence_number: '2' },
    { event: 'media', stream_sid: 'MZ1', media: { chunk: '2', timestamp: '200' }, sequence_number: '3' },
    { event: 'clear', stream_sid: 'MZ1', sequence_number: '4' },
  ]);
});

test.each([
  [LINEAR_8, 3_200],
  [{ encoding: 'linear16', sampleRateHz: 16_000 }, 3_200],
  [{ encoding: 'linear16', sampleRateHz: 24_000 }, 4_800],
  [{ encoding: 'mulaw', sampleRateHz: 8_000 }, 3_200],
] as const)(
  'messages are whole blocks of 320 bytes, 3,200 at least, and little above real time: %j (additions 1, 2)',
  async (format, mostBytes) => {
    const { call } = await startCall({ format });
    expect(call.capabilities.feed).toEqual({
      ...{ pacing: 'peer', leastBytes: 3_200, multipleOfBytes: 320, mostBytes, fastest: 1.1, tail: 'pad' },
    });
  },
);
