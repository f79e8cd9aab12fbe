/** Genesys' lines: the contract, and what AudioHook asks of whoever is at the other end. */
import { expect, test } from 'vitest';
import type { BinaryLineOptions } from '../../../src/bridge/binary/line.ts';
import type { AudioLine } from '../../../src/bridge/contract.ts';
import { acceptGenesys } from '../../../src/bridge/genesys/line.ts';
import { FORMAT, MEDIA, readGenesysEvent } from '../../../src/bridge/genesys/wire.ts';
import { isRecord, parseJson } from '../../../src/lib/json.ts';
import type { OpenSocket } from '../../../src/lib/open-socket.ts';
import { GENESYS_PHONE } from '../../../src/simulate/genesys/phone.ts';
import { bridgeContract } from '../../contracts/bridge.suite.ts';
import { binaryPeerOf, type BinaryPeer, type BinaryPeerOptions } from '../helpers/binary/peers.ts';
import { startedCall } from '../helpers/started.ts';

async function accept(socket: OpenSocket, { admit, ...options }: BinaryLineOptions): Promise<AudioLine> {
  const line = await acceptGenesys(socket, { ...options, admit });
  if (!line) throw new Error('Expected a call, got one who only looks whether we are there');
  return line;
}

const open = binaryPeerOf(accept, GENESYS_PHONE, {
  parameters: { tenant: 'acme' },
  odd: (odd) => ({
    ...{ version: '2', id: 's-1', type: 'open', seq: 1, serverseq: 0 },
    parameters: {
      ...{ conversationId: 'CA1', media: [MEDIA], inputVariables: { tenant: odd }, language: odd },
      participant: { ani: odd, dnis: odd, aniName: odd },
    },
  }),
  answers: (text, speech) => (/"type":"disconnect"/.test(text) ? speech.end() : undefined),
  wire: {
    endsInband: true,
    malformed: '{"version":"2","type":"dtmf","seq":0}',
    unknown: (number) => `{"version":"2","id":"s-1","type":"new-${number}","seq":${number + 10},"parameters":{}}`,
  },
});
const FORMATS = { inFormat: FORMAT, outFormat: FORMAT };
const openHere = (options: BinaryPeerOptions = {}) => open({ ...options, formats: FORMATS });
bridgeContract('genesys-audiohook', openHere);

const startCall = async () => startedCall(await openHere());
const textsOf = ({ sent }: BinaryPeer) =>
  sent.flatMap((one) => {
    const json = typeof one === 'string' ? parseJson(one) : undefined;
    return isRecord(json) ? [json] : [];
  });
const openOf = (parameters: object) => ({
  ...{ version: '2', id: 's-1', type: 'open', seq: 1 },
  parameters: { conversationId: 'c-1', media: [MEDIA], ...parameters },
});

test('of what is offered one channel of PCMU is taken, and messages are counted each way (wire/telephony 12)', async () => {
  const { peer, call } = await startCall();
  peer.sendRaw('{"version":"2","id":"ST1","type":"ping","seq":2,"serverseq":1,"parameters":{}}');
  await peer.settle();
  expect(textsOf(peer)).toMatchObject([
    {
      version: '2',
      id: 'ST1',
      type: 'opened',
      seq: 1,
      clientseq: 1,
      parameters: { startPaused: false, media: [MEDIA] },
    },
    { type: 'pong', seq: 2, clientseq: 2 },
  ]);
  expect(call.capabilities).toMatchObject({
    ...{ inFormat: FORMAT, clear: true, reports: 'nothing', dtmfOut: 'none', transfer: 'inband' },
    feed: { leastBytes: 1_600, mostBytes: 1_600, multipleOfBytes: 1_600, fastest: 1, tail: 'pad' },
  });
});

test('where no offer is one channel of PCMU it is told so, and there is no call', async () => {
  const peer = await openHere();
  const accepting = peer.accept();
  peer.sendRaw(JSON.stringify(openOf({ media: [{ ...MEDIA, channels: ['external', 'internal'] }] })));
  await expect(accepting).rejects.toMatchObject({ code: 'frame-invalid' });
  await peer.closed;
  expect(textsOf(peer)).toMatchObject([{ type: 'disconnect', parameters: { reason: 'error' } }]);
  await peer.cleanUp();
});

test('a connection that only looks whether we are there is answered, and is no call (wire/telephony-additions 12)', async () => {
  const peer = await openHere();
  const accepting = peer.accept().catch((error: Error) => error.message);
  peer.sendRaw(JSON.stringify(openOf({ conversationId: '00000000-0000-0000-0000-000000000000', media: [] })));
  expect(await accepting).toContain('only looks');
  peer.sendRaw('{"version":"2","id":"s-1","type":"close","seq":2,"parameters":{"reason":"end"}}');
  await peer.closed;
  expect(textsOf(peer).map(({ type }) => type)).toEqual(['opened', 'closed']);
  await peer.cleanUp();
});

test('a caller is handed over by the flow behind us, which is told by a variable whom to', async () => {
  const { peer, call } = await startCall();
  await call.transfer(' +15550123 ');
  const [, disconnect, closed] = textsOf(peer);
  expect(disconnect).toMatchObject({
    type: 'disconnect',
    parameters: { reason: 'completed', outputVariables: { parleyTransferTo: '+15550123' } },
  });
  expect(closed).toMatchObject({ type: 'closed' });
});

test('numbers lose what stands before them, and a key is one of sixteen', () => {
  const read = (frame: object) => readGenesysEvent(JSON.stringify(frame));
  expect(read(openOf({ participant: { ani: 'tel:+15550100', dnis: '+15550199' } }))).toMatchObject({
    ...{ from: '+15550100', to: '+15550199', isProbe: false },
  });
  expect(() => read({ type: 'dtmf', seq: 2, parameters: { digit: '12' } })).toThrow(/digit/);
});
