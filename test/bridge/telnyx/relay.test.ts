/** Telnyx's ConversationRelay: the contract, and what is unlike Twilio's. */
import { expect, test } from 'vitest';
import { acceptRelay } from '../../../src/bridge/relay/line.ts';
import { bridgeContract } from '../../contracts/bridge.suite.ts';
import { startedCall } from '../helpers/started.ts';
import { openRelayPeerOf } from '../helpers/twilio/peers.ts';

type Options = Parameters<typeof openRelayPeerOf>[1];

/** Its setup says more ids than Twilio's, of which the one of Call Control counts. */
const openPeer = (options?: Options) =>
  openRelayPeerOf((socket, given) => acceptRelay(socket, { ...given, name: 'telnyx-relay' }), options, {
    ...{ callControlId: 'CA1', callSessionId: 's-1', callLegId: 'l-1', callStatus: 'active' },
  });

bridgeContract('telnyx-relay', openPeer);

test('the call is known by its id of Call Control, whatever else its setup calls it', async () => {
  const { call } = await startedCall(await openPeer());
  expect(call.caller).toMatchObject({ carrierCallId: 'CA1', from: '+14155550100', to: '+14155550101' });
});

test('without the API nobody is handed over: no document goes on behind the session', async () => {
  const { call } = await startedCall(await openPeer());
  expect(call.capabilities).toEqual({ dtmfOut: 'inband', transfer: 'none' });
  await expect(call.transfer('+15550123')).rejects.toMatchObject({ code: 'request-invalid' });
});

test('with the API callers are handed over by it, and the session is not ended by us', async () => {
  const asked: string[] = [];
  const rest = {
    hangUp: async (id: string) => void asked.push(`hang up ${id}`),
    transfer: async (id: string, to: string) => void asked.push(`transfer ${id} to ${to}`),
  };
  const { call, peer } = await startedCall(await openPeer({ rest }));
  expect(call.capabilities.transfer).toBe('rest');
  await call.transfer('+15550123');
  await peer.settle();
  expect(asked).toEqual(['transfer CA1 to +15550123']);
  expect(peer.received()).toEqual([]);
});

test('hung up, the session is ended without a word for whoever might go on', async () => {
  const { call, peer } = await startedCall(await openPeer());
  void call.hangUp();
  await peer.settle();
  expect(peer.frames.map((frame) => JSON.parse(frame) as object)).toEqual([{ type: 'end' }]);
  peer.hangUp();
});
