/** Vonage's lines: the contract, and what its pages and practitioners say of them. */
import { expect, test } from 'vitest';
import { acceptBinaryLine, type BinaryLineOptions } from '../../../src/bridge/binary/line.ts';
import { VONAGE_DIALECT } from '../../../src/bridge/vonage/line.ts';
import { CONTENT_TYPES, readVonageEvent } from '../../../src/bridge/vonage/wire.ts';
import type { LineRest } from '../../../src/bridge/line-requests.ts';
import type { OpenSocket } from '../../../src/lib/open-socket.ts';
import { VONAGE_PHONE } from '../../../src/simulate/vonage/phone.ts';
import { bridgeContract } from '../../contracts/bridge.suite.ts';
import { binaryPeerOf, NUMBERS, SIXTEEN, type BinaryPeerOptions } from '../helpers/binary/peers.ts';
import { startedCall } from '../helpers/started.ts';

const accept = (socket: OpenSocket, options: BinaryLineOptions) => acceptBinaryLine(VONAGE_DIALECT, socket, options);
const open = binaryPeerOf(accept, VONAGE_PHONE, {
  parameters: { call_uuid: 'CA1', ...NUMBERS, tenant: 'acme' },
  odd: (odd) => ({
    ...{ event: 'websocket:connected', 'content-type': typeof odd === 'object' ? odd : [odd] },
    ...{ call_uuid: 'CA1', from: odd, to: odd, tenant: odd },
  }),
  wire: { malformed: '{"event":"websocket:dtmf"}', unknown: (number) => `{"event":"websocket:new-${number}"}` },
});
bridgeContract('vonage-media', open);

const startCall = async (options: BinaryPeerOptions = {}) => startedCall(await open(options));
const read = (frame: object) => readVonageEvent(JSON.stringify(frame), SIXTEEN);

test.each(Object.entries(CONTENT_TYPES))(
  'content-type %s is what goes both ways, in messages of exactly 20 ms (wire/telephony 5.2, vocodedev/vocode-core#727)',
  async (type, format) => {
    for (const said of [type, type.replace(';', '; ').toUpperCase()]) {
      expect(read({ event: 'websocket:connected', 'content-type': said, call_uuid: 'c' })).toMatchObject({
        ...{ inFormat: format, outFormat: format },
      });
    }
    const { call } = await startCall({ formats: { inFormat: format, outFormat: format } });
    const bytes = format.sampleRateHz / 25;
    expect(call.capabilities).toMatchObject({
      outFormat: format,
      feed: { pacing: 'peer', leastBytes: bytes, mostBytes: bytes, multipleOfBytes: bytes, tail: 'pad' },
    });
  },
);

test('a content-type that is none of its own is no start', () => {
  expect(() => read({ event: 'websocket:connected', 'content-type': 'audio/pcmu', call_uuid: 'c' })).toThrow(
    /content-type/,
  );
});

test('what is longer than a frame goes out in frames', async () => {
  const { peer, call } = await startCall();
  call.sendAudio(new Uint8Array(1_920));
  await peer.settle();
  expect(peer.sent).toEqual([640, 640, 640]);
});

test('headers lie at the top level of the first text, and the id is the one that they name, not the own of the leg (wire/telephony 5.1, additions 5)', () => {
  const start = { event: 'websocket:connected', 'content-type': 'audio/l16;rate=8000' };
  expect(read({ ...start, call_uuid: 'c', from: '4477', to: '4420', tenant: 'acme', vip: true })).toMatchObject({
    ...{ callId: 'c', from: '4477', to: '4420', parameters: { tenant: 'acme', vip: 'true' } },
  });
  expect(() => read(start)).toThrow(/call_uuid/);
});

test('`notify` is the mark; one of another program says nothing to us, nor does `cleared` (wire/telephony 5.2)', async () => {
  const { peer, call, diary } = await startCall();
  call.sendMark('u3:1');
  call.clear();
  await peer.settle();
  expect(peer.sent).toEqual(['{"action":"notify","payload":{"mark":"u3:1"}}', '{"action":"clear"}']);
  expect(peer.speech.mark('u3:1', { isCleared: true })).toBeUndefined(); // it may never be answered
  for (const payload of [{ other: 1 }, 'text', null])
    peer.sendRaw(JSON.stringify({ event: 'websocket:notify', payload }));
  peer.sendRaw('{"event":"websocket:cleared"}');
  peer.say('go on');
  await peer.settle();
  expect(diary.lines).toEqual(['said go on']);
});

test('a key may be a number', () => {
  expect(read({ event: 'websocket:dtmf', digit: 5, duration: '260' })).toEqual({ type: 'digit', digit: '5' });
});

test('keys by the API leave the line open: they are pressed into the call (wire/telephony 5.3)', async () => {
  const pressed: string[] = [];
  const rest: LineRest = {
    keepsLine: true,
    hangUp: () => Promise.resolve(),
    sendDigits: async ({ carrierCallId }, digits) => void pressed.push(`${carrierCallId} ${digits}`),
  };
  const { peer, call, diary } = await startCall({ rest });
  expect(call.capabilities).toMatchObject({ dtmfOut: 'inband', transfer: 'none' });
  await call.sendDigits('1w2');
  peer.say('go on');
  await peer.settle();
  expect([pressed, diary.lines]).toEqual([['CA1 1w2'], ['said go on']]);
});
