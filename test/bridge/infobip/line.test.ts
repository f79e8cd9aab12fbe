/** Infobip's lines: the contract, and what practitioners say of them. */
import { expect, test } from 'vitest';
import { acceptBinaryLine, type BinaryLineOptions } from '../../../src/bridge/binary/line.ts';
import { linear16 } from '../../../src/bridge/binary/wire.ts';
import { INFOBIP_DIALECT } from '../../../src/bridge/infobip/line.ts';
import { INFOBIP_STANDARD, readInfobipEvent } from '../../../src/bridge/infobip/wire.ts';
import type { OpenSocket } from '../../../src/lib/open-socket.ts';
import { INFOBIP_PHONE } from '../../../src/simulate/infobip/phone.ts';
import { bridgeContract } from '../../contracts/bridge.suite.ts';
import { binaryPeerOf } from '../helpers/binary/peers.ts';
import { startedCall } from '../helpers/started.ts';

const accept = (socket: OpenSocket, options: BinaryLineOptions) => acceptBinaryLine(INFOBIP_DIALECT, socket, options);
const open = binaryPeerOf(accept, INFOBIP_PHONE, {
  parameters: { tenant: 'acme' },
  odd: (odd) => ({
    ...{ event: 'websocket:connected', 'content-type': typeof odd === 'object' ? odd : [odd] },
    ...{ call_uuid: 'CA1', from: odd, to: odd, tenant: odd },
  }),
  wire: { malformed: '{"event":"websocket:dtmf"}', unknown: (number) => `{"event":"websocket:new-${number}"}` },
});
bridgeContract('infobip-media', open);

const STANDARD = { inFormat: INFOBIP_STANDARD, outFormat: INFOBIP_STANDARD };

test('it plays what comes when it comes, and takes nothing back: we pace, and tell the time by ourselves (additions 5)', async () => {
  const { peer, call } = await startedCall(await open({ formats: STANDARD }));
  expect(call.capabilities).toMatchObject({ clear: false, reports: 'nothing', outFormat: linear16(24_000) });
  expect(call.capabilities).toMatchObject({ feed: { pacing: 'us', leastBytes: 960, mostBytes: 960 } });
  call.sendAudio(new Uint8Array(960));
  call.sendMark('u1:1');
  call.clear();
  await peer.settle();
  expect(peer.sent).toEqual([960]);
});

test('customData lies at the top level, and may say nothing of the call (additions 5)', () => {
  const first = '{"event":"websocket:connected","content-type":"audio/l16;rate=24000","tenant":"acme"}';
  expect(readInfobipEvent(first, STANDARD)).toMatchObject({
    callId: '',
    from: undefined,
    parameters: { tenant: 'acme' },
  });
  expect(readInfobipEvent('{"event":"websocket:dtmf","digit":"3","duration":250}', STANDARD)).toEqual({
    ...{ type: 'digit', digit: '3' },
  });
});
