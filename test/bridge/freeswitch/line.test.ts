/** FreeSWITCH's lines by mod_audio_fork: the contract, and what was seen of the module. */
import { expect, test } from 'vitest';
import { acceptBinaryLine, type BinaryLineOptions } from '../../../src/bridge/binary/line.ts';
import { linear16 } from '../../../src/bridge/binary/wire.ts';
import { FREESWITCH_DIALECT } from '../../../src/bridge/freeswitch/line.ts';
import { FREESWITCH_STANDARD, readFreeswitchEvent } from '../../../src/bridge/freeswitch/wire.ts';
import type { OpenSocket } from '../../../src/lib/open-socket.ts';
import { FREESWITCH_PHONE } from '../../../src/simulate/freeswitch/phone.ts';
import { bridgeContract } from '../../contracts/bridge.suite.ts';
import { binaryPeerOf, type BinaryPeerOptions } from '../helpers/binary/peers.ts';
import { startedCall } from '../helpers/started.ts';

const accept = (socket: OpenSocket, options: BinaryLineOptions) =>
  acceptBinaryLine(FREESWITCH_DIALECT, socket, options);
const open = binaryPeerOf(accept, FREESWITCH_PHONE, {
  parameters: { tenant: 'acme' },
  odd(odd) {
    const unlike = typeof odd === 'object' ? odd : [odd];
    return {
      callSid: 'CA1',
      from: odd,
      to: odd,
      tenant: odd,
      sampleRate: unlike,
      outSampleRate: unlike,
      mixType: unlike,
    };
  },
  wire: { endsInband: true, malformed: '{"type":"mark"}', unknown: (number) => `{"type":"new-${number}"}` },
});
bridgeContract('freeswitch-media', open);

const startCall = async (options: BinaryPeerOptions = {}) => startedCall(await open(options));
const STANDARD = { inFormat: FREESWITCH_STANDARD, outFormat: FREESWITCH_STANDARD };
const read = (frame: object) => readFreeswitchEvent(JSON.stringify(frame), STANDARD);

test('a tail has 200 ms of silence behind it, or it stays unplayed; a message is far below 650 kB (wire/telephony 6.2, additions 2)', async () => {
  const { call } = await startCall();
  expect(call.capabilities.feed).toEqual({
    ...{ pacing: 'peer', leastBytes: 0, mostBytes: 32_000, multipleOfBytes: 2, tail: { silenceMs: 200 } },
  });
});

test('a mark that was cleared was not played (wire/telephony 6.2)', async () => {
  const { peer, diary } = await startCall();
  for (const event of ['cleared', 'playout', 'later']) {
    peer.sendRaw(JSON.stringify({ type: 'mark', data: { name: `u1:${event}`, event } }));
  }
  await peer.settle();
  expect(diary.lines).toEqual(['mark u1:playout']);
});

test('audio of any length is heard, two frames in one or none at all (wire/telephony 6.2, 15.3)', async () => {
  const { peer, diary } = await startCall();
  for (const words of ['twice as long', '', 'x']) peer.say(words);
  await peer.settle();
  expect(diary.lines).toEqual(['said twice as long', 'said x']);
});

test.each([
  [{}, 8_000, 8_000],
  [{ sampleRate: 16_000 }, 16_000, 8_000],
  [{ sampleRate: '16000', outSampleRate: 24_000 }, 16_000, 24_000],
  [{ sampleRate: '48k', outSampleRate: '64000' }, 48_000, 64_000],
])('the metadata %j: the caller at %i Hz, the agent at %i', (metadata, inHz, outHz) => {
  expect(read({ callSid: 'c', ...metadata })).toMatchObject({ inFormat: linear16(inHz), outFormat: linear16(outHz) });
});

test('two channels in one are refused: they would be heard as noise', () => {
  expect(() => read({ callSid: 'c', mixType: 'stereo' })).toThrow(/mixType/);
  expect(read({ callSid: 'c', mixType: 'mixed' })).toMatchObject({ callId: 'c' });
});

test('metadata may have `type` and `event` of its own, and whole objects, which are no parameters', () => {
  const start = read({ callSid: 'c', type: 'sales', event: 'launch', sip: { headers: {} }, n: 7 });
  expect(start).toMatchObject({ callId: 'c', parameters: { type: 'sales', event: 'launch', n: '7' } });
  expect(start).not.toHaveProperty('leftOut');
});

test('keys come with a duration in ticks, as a text (wire/telephony 6.2)', () => {
  expect(read({ event: 'dtmf', dtmf: '2', duration: '1600' })).toEqual({ type: 'digit', digit: '2' });
});

test('what ends or hands over the call is told to the script beside it (wire/telephony 9.2)', async () => {
  const { peer, call, diary } = await startCall();
  expect(call.capabilities).toMatchObject({ transfer: 'rest', dtmfOut: 'none', clear: true, reports: 'marks' });
  await call.transfer('1001');
  await peer.settle();
  expect(peer.sent).toEqual(['{"type":"transfer","data":{"to":"1001"}}']);
  peer.hangUp();
  await peer.closed;
  expect(diary.lines).toEqual(['closed transferred']);
});

test('audio at 64 kHz, both ways, is no flood', async () => {
  const format = linear16(64_000);
  const { peer, call, diary } = await startCall({ formats: { inFormat: format, outFormat: format } });
  let bytes = 0;
  diary.onAudio = (audio) => void (bytes += audio.length);
  for (let i = 0; i < 2_000; i++) peer.sendRaw(Buffer.alloc(2_560)); // forty seconds at once, after a stall
  await peer.settle();
  expect([call.capabilities.inFormat.sampleRateHz, bytes, diary.lines]).toEqual([64_000, 5_120_000, []]);
});
