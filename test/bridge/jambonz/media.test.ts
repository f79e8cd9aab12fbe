/** jambonz's audio sockets: the contract, and what its pages and its code say that mod_audio_fork alone does not. */
import { expect, test } from 'vitest';
import { acceptBinaryLine, type BinaryLineOptions } from '../../../src/bridge/binary/line.ts';
import { linear16 } from '../../../src/bridge/binary/wire.ts';
import { JAMBONZ_DIALECT } from '../../../src/bridge/jambonz/media/line.ts';
import { readJambonzMedia } from '../../../src/bridge/jambonz/media/wire.ts';
import type { OpenSocket } from '../../../src/lib/open-socket.ts';
import { JAMBONZ_PHONE } from '../../../src/simulate/jambonz/phone.ts';
import { bridgeContract } from '../../contracts/bridge.suite.ts';
import { binaryPeerOf, SIXTEEN, type BinaryPeerOptions } from '../helpers/binary/peers.ts';
import { startedCall } from '../helpers/started.ts';

const accept = (socket: OpenSocket, options: BinaryLineOptions) => acceptBinaryLine(JAMBONZ_DIALECT, socket, options);
const open = binaryPeerOf(accept, JAMBONZ_PHONE, {
  parameters: { tenant: 'acme' },
  odd: (odd) => ({
    callSid: 'CA1',
    from: odd,
    to: odd,
    tenant: odd,
    sampleRate: typeof odd === 'object' ? odd : [odd],
  }),
  wire: { endsInband: true, malformed: '{"event":"dtmf"}', unknown: (number) => `{"type":"new-${number}"}` },
});
bridgeContract('jambonz-media', open);

const startCall = async (options: BinaryPeerOptions = {}) => startedCall(await open(options));
const read = (frame: object) => readJambonzMedia(JSON.stringify(frame), SIXTEEN);

test('the first text is camelCase, and what it says of the call is no metadata (wire/telephony 6.2)', () => {
  const facts = { callId: 'sip-id', direction: 'inbound', accountSid: 'a', traceId: 't', sipStatus: 200 };
  expect(
    read({ callSid: 'c', from: '+1', to: '+2', ...facts, sampleRate: 8_000, mixType: 'mono', tenant: 'acme' }),
  ).toEqual({
    ...{ type: 'start', callId: 'c', from: '+1', to: '+2', parameters: { tenant: 'acme' } },
    ...{ inFormat: linear16(8_000), outFormat: linear16(16_000) },
  });
});

test.each([
  ['say \\"hi\\"', 'say "hi"'],
  ['a\\\\b', 'a\\b'],
  ['plain', 'plain'],
  ['C:\\temp\\x', 'C:\\temp\\x'],
  ['ends in \\', 'ends in \\'],
])('metadata %j is escaped for JSON a second time, or is not: %j (additions 8)', (written, meant) => {
  expect(read({ callSid: 'c', note: written })).toMatchObject({ parameters: { note: meant } });
});

test('`killAudio` clears, and our end is `disconnect`, which ends the verb (wire/telephony 6.2)', async () => {
  const { peer, call } = await startCall();
  call.clear();
  await call.hangUp();
  await peer.closed;
  expect(peer.sent).toEqual(['{"type":"killAudio"}', '{"type":"disconnect"}']);
});

test('`playDone` says nothing to a line that streams (wire/telephony 6.2)', () => {
  expect(read({ type: 'playDone', data: { id: 'p1' } })).toBeUndefined();
});
