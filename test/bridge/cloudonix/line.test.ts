/** Cloudonix's lines: the contract, and what practitioners say that is unlike Twilio's. */
import { expect, test } from 'vitest';
import { CLOUDONIX_DIALECT } from '../../../src/bridge/cloudonix/line.ts';
import { CLOUDONIX_WIRE, readCloudonixEvent } from '../../../src/bridge/cloudonix/wire.ts';
import { acceptJsonLine } from '../../../src/bridge/json/line.ts';
import { CLOUDONIX_AUDIO } from '../../../src/simulate/cloudonix/phone.ts';
import { bridgeContract } from '../../contracts/bridge.suite.ts';
import { oddTwilioStart, peerOf } from '../helpers/json/peers.ts';
import { startedCall } from '../helpers/started.ts';

const openPeer = peerOf(
  (socket, options) =>
    acceptJsonLine(CLOUDONIX_DIALECT, socket, {
      ...{ known: { from: '+14155550100', to: '+14155550101' }, ...options },
    }),
  CLOUDONIX_AUDIO,
  (odd) => {
    const frame = oddTwilioStart(odd) as { start: object };
    return { ...frame, start: { ...frame.start, session: 'CA1', callSid: odd } };
  },
);
bridgeContract('cloudonix-media', openPeer);

const START = (start: object) =>
  readCloudonixEvent(JSON.stringify({ event: 'start', start: { streamSid: 's', callSid: 'c', ...start } }));

test('`start.session` is the id that the API knows, not `callSid`, which will not do (dograh cloudonix/strategies.py)', () => {
  expect(START({ session: '16a7294c' })).toMatchObject({ callId: '16a7294c' });
  expect(START({})).toMatchObject({ callId: 'c' });
  for (const session of [null, '', [], 'x'.repeat(129)]) expect(START({ session })).toMatchObject({ callId: 'c' });
});

test('`start.from` and `start.to` are the numbers, as text or as numbers (dograh cloudonix/provider.py)', () => {
  expect(START({ from: '+15550100', to: 15550199 })).toMatchObject({ from: '+15550100', to: '15550199' });
  expect(START({ from: null, to: {} })).toMatchObject({ from: undefined, to: undefined, leftOut: ['start.to'] });
});

test('the frame that comes fifty times a second is read without JSON', async () => {
  const { peer } = await startedCall(await openPeer());
  expect(CLOUDONIX_WIRE.audioFrame.test(peer.write.audio(Buffer.alloc(160), 20))).toBe(true);
});

test('keys cannot be pressed: it has no message for them, and neither has its API', async () => {
  const { call } = await startedCall(await openPeer());
  expect(call.capabilities.dtmfOut).toBe('none');
  await expect(call.sendDigits('1')).rejects.toThrow('Expected an account of cloudonix-media');
});
