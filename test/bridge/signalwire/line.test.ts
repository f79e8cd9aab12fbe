/** SignalWire's lines: the contract, and what its pages say that is unlike Twilio's. */
import { expect, test } from 'vitest';
import { acceptJsonLine } from '../../../src/bridge/json/line.ts';
import { SIGNALWIRE_DIALECT } from '../../../src/bridge/signalwire/line.ts';
import { CODECS, readSignalwireEvent, SIGNALWIRE_WIRE } from '../../../src/bridge/signalwire/wire.ts';
import { SIGNALWIRE_AUDIO } from '../../../src/simulate/signalwire/phone.ts';
import { bridgeContract } from '../../contracts/bridge.suite.ts';
import { oddTwilioStart, peerOf, type JsonPeerOptions } from '../helpers/json/peers.ts';
import { startedCall } from '../helpers/started.ts';

const openPeer = peerOf(
  (socket, options) => acceptJsonLine(SIGNALWIRE_DIALECT, socket, options),
  SIGNALWIRE_AUDIO,
  oddTwilioStart,
);
bridgeContract('signalwire-media', openPeer);

const startCall = async (options?: JsonPeerOptions) => startedCall(await openPeer(options));

const START = (start: object) =>
  readSignalwireEvent(JSON.stringify({ event: 'start', start: { streamSid: 's', callSid: 'c', ...start } }));

test('`start.customParameters` is absent when none was given (signalwire/docs cxml/voice/stream.mdx)', () => {
  expect(START({})).toMatchObject({ streamId: 's', callId: 'c', parameters: {} });
});

test.each([
  ['audio/x-mulaw', 8_000, CODECS['PCMU@8000h']],
  ['audio/x-L16', 16_000, CODECS['L16@16000h']],
  ['audio/x-L16', '24000', CODECS['L16@24000h']],
])(
  '%s at %s is what the caller is heard in, and what the agent is spoken in (wire/telephony 10)',
  async (encoding, sampleRate, format) => {
    expect(START({ mediaFormat: { encoding, sampleRate, channels: 1 } })).toMatchObject({ format });
    const { call } = await startCall({ format });
    expect(call.capabilities).toMatchObject({ inFormat: format, outFormat: format });
  },
);

test('no `streamSid` on media and stop, and ids are UUIDs (wire/telephony 10)', () => {
  const media =
    '{"event":"media","sequenceNumber":"4","media":{"track":"inbound","chunk":"2","timestamp":"5","payload":"/////w=="}}';
  expect(SIGNALWIRE_WIRE.audioFrame.test(media)).toBe(true);
  expect(readSignalwireEvent(media)).toEqual({ type: 'audio', audio: Buffer.alloc(4, 0xff) });
  expect(readSignalwireEvent('{"event":"stop","sequenceNumber":"9"}')).toEqual({ type: 'stop' });
});

test('keys of the caller have a duration, and A to D are among them (wire/telephony 10)', () => {
  expect(readSignalwireEvent('{"event":"dtmf","streamSid":"s","dtmf":{"digit":"D","duration":250}}')).toEqual({
    ...{ type: 'digit', digit: 'D' },
  });
});

test('keys of the agent go out by the socket, one a frame, and the line goes on (wire/telephony 10)', async () => {
  const { peer, call, diary } = await startCall();
  await call.sendDigits('5#');
  await peer.settle();
  expect(peer.frames.map((frame) => JSON.parse(frame) as unknown)).toEqual([
    { event: 'dtmf', streamSid: 'MZ1', dtmf: { digit: '5' } },
    { event: 'dtmf', streamSid: 'MZ1', dtmf: { digit: '#' } },
  ]);
  expect(diary.lines).toEqual([]);
});

test('a message of the agent is half a second at most, whatever the rate', async () => {
  const { peer, call } = await startCall({ format: CODECS['L16@24000h'] });
  call.sendAudio(new Uint8Array(60_000));
  await peer.settle();
  const lengths = peer.received().map((message) => (message.type === 'audio' ? message.audio.length : 0));
  expect(lengths).toEqual([24_000, 24_000, 12_000]);
});
