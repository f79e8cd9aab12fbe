import { expect, onTestFinished, test } from 'vitest';
import type { RelayOptions } from '../../../../src/bridge/twilio/relay.ts';
import { TwilioRest } from '../../../../src/bridge/twilio/rest.ts';
import { afterRelay } from '../../../../src/bridge/twilio/twiml.ts';
import { SimulatedTwilioRest } from '../../../../src/simulate/twilio/rest-server.ts';
import { bridgeContract } from '../../../contracts/bridge.suite.ts';
import { openRelayPeer } from '../../helpers/twilio/peers.ts';
import { startedCall } from '../../helpers/started.ts';

bridgeContract('twilio-relay', openRelayPeer);

async function startCall(options: Omit<RelayOptions, 'clock'> = {}) {
  const started = await startedCall(await openRelayPeer(options));
  const { peer } = started;
  const sent = async (): Promise<unknown[]> => {
    await peer.settle();
    return peer.frames.splice(0).map((frame) => JSON.parse(frame) as unknown);
  };
  return { ...started, sent };
}

const text = (token: string, last = false): object => ({ type: 'text', token, last });

test('tokens go out as they come, and an empty one ends the talk only when there is one to end', async () => {
  const { call, sent } = await startCall();
  call.sendText('Hello ', false);
  call.sendText('', false);
  call.sendText('there.', false);
  call.sendText('', true);
  call.sendText('', true);
  call.sendText('Bye.', true);
  expect(await sent()).toEqual([text('Hello '), text('there.'), text('', true), text('Bye.', true)]);
});

test('partial prompts come before the whole', async () => {
  const { peer, diary } = await startCall();
  peer.send({ type: 'prompt', text: 'where', language: 'en', isLast: false });
  peer.send({ type: 'prompt', text: 'where is it', language: 'en', isLast: true });
  await peer.settle();
  expect(diary.lines).toEqual(['saying where', 'said where is it']);
});

test('progress is told when Twilio was asked for it', async () => {
  const { peer, diary } = await startCall();
  peer.send({ type: 'speaking', who: 'agent', isSpeaking: true, atEpochMs: 1 });
  peer.send({ type: 'played', text: 'Hello ' });
  peer.send({ type: 'speaking', who: 'agent', isSpeaking: false, atEpochMs: 2 });
  peer.send({ type: 'speaking', who: 'caller', isSpeaking: true, atEpochMs: 3 });
  peer.send({ type: 'round-trip', delayMs: 20 });
  peer.send({ type: 'error', description: 'what?' });
  await peer.settle();
  expect(diary.lines).toEqual(['agent begins', 'spoken Hello ', 'agent ends', 'caller begins']);
});

test('who calls whom comes from the setup; the facts of the call are parameters', async () => {
  const { call } = await startCall();
  expect(call.sessionId).toBe('VX1');
  expect(call.caller).toEqual({
    carrierCallId: 'CA1',
    from: '+14155550100',
    to: '+14155550101',
    parameters: { callType: 'PSTN', direction: 'inbound', tenant: 'acme' },
  });
});

test('a stop is told as Twilio tells it, and what comes behind a `clear` is new', async () => {
  const { peer, call, diary, sent } = await startCall();
  call.sendText('It is  on its way, ', false);
  await peer.settle();
  peer.send({ type: 'interrupt', heard: 'it is on', afterMs: 900 });
  peer.send({ type: 'interrupt', heard: undefined, afterMs: undefined });
  await peer.settle();
  expect(diary.lines).toEqual(['interrupt it is on', 'interrupt undefined']);
  call.clear();
  call.sendText('', true); // there is no talk to end any more
  call.sendText('Yes?', true);
  expect(await sent()).toEqual([text('It is  on its way, '), text('Yes?', true)]);
});

test('languages, files and the end are said as Twilio documents them', async () => {
  const { call, sent } = await startCall();
  call.setLanguage({ speech: 'hi-IN' });
  call.setLanguage({ speech: 'en-US', transcription: 'en-US' });
  call.playFile('https://h/hold.wav', { loop: 2 });
  call.playFile('https://h/ding.wav');
  call.end('{"why":"done"}');
  expect(await sent()).toEqual([
    { type: 'language', ttsLanguage: 'hi-IN' },
    { type: 'language', ttsLanguage: 'en-US', transcriptionLanguage: 'en-US' },
    { type: 'play', source: 'https://h/hold.wav', loop: 2 },
    { type: 'play', source: 'https://h/ding.wav' },
    { type: 'end', handoffData: '{"why":"done"}' },
  ]);
});

test('a transfer hands over to the action URL, which dials', async () => {
  const { peer, call, diary, sent } = await startCall();
  expect(call.capabilities).toMatchObject({ transfer: 'inband', dtmfOut: 'inband' });
  await call.transfer('+14155550102');
  const [end] = (await sent()) as { type: string; handoffData: string }[];
  expect(end?.type).toBe('end');
  expect(afterRelay(end?.handoffData)).toContain('<Dial>+14155550102</Dial>');
  peer.hangUp();
  await peer.closed;
  expect(diary.lines).toEqual(['closed transferred']);
});

test('with an account, hanging up and transferring go by it', async () => {
  const server = new SimulatedTwilioRest({ accountSid: 'AC1', authToken: 'secret' });
  await server.listen();
  const rest = new TwilioRest(server.account, { timeoutMs: 1_000 });
  onTestFinished(async () => {
    await server.close();
    await rest.close();
  });
  const { call, diary, sent } = await startCall({ rest });
  expect(call.capabilities).toMatchObject({ transfer: 'rest', dtmfOut: 'inband' });
  await expect(call.transfer('+1')).rejects.toMatchObject({ status: 404 });
  expect(await sent()).toEqual([]);
  const update: string[] = [];
  server.add({
    callSid: 'CA1',
    completed: () => update.push('completed'),
    redirected: () => update.push('redirected'),
  });
  await call.transfer('+1');
  await call.hangUp();
  expect(update).toEqual(['redirected', 'completed']);
  expect(diary.lines).toEqual(['closed hung-up']);
});
