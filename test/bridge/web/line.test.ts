/** The line of a web page: the contract, and what is its own. */
import { expect, test } from 'vitest';
import { bridgeContract } from '../../contracts/bridge.suite.ts';
import { startedCall } from '../helpers/started.ts';
import { openAudioPage, openTextPage, type WebPeerOptions } from './peers.ts';

bridgeContract('web', openAudioPage);
bridgeContract('web', openTextPage);

const audioCall = async (options?: WebPeerOptions) => startedCall(await openAudioPage(options));
const textCall = async (options?: WebPeerOptions) => startedCall(await openTextPage(options));

test.each([
  [undefined, undefined, 16_000, 16_000],
  [48_000, 24_000, 48_000, 24_000],
  [44_100, 8_000, 44_100, 8_000],
])('a page that sends %s and plays %s has a line of %i and %i, 16-bit', async (inRateHz, outRateHz, ...rates) => {
  const { call } = await audioCall({ start: { inRateHz, outRateHz } });
  const { inFormat, outFormat } = call.capabilities;
  expect([inFormat, outFormat]).toEqual(rates.map((sampleRateHz) => ({ encoding: 'linear16', sampleRateHz })));
});

test('a rate that cannot be had is refused: the page would send and play at another', async () => {
  const peer = await openAudioPage({ start: { inRateHz: 11_025 } });
  const refusal = expect(peer.accept()).rejects.toMatchObject({ code: 'closed' });
  peer.start();
  peer.drop();
  await refusal;
  await peer.cleanUp();
});

test('who calls is what was announced, whatever the page says', async () => {
  const { call } = await audioCall({ start: { from: '+1666', parameters: { tenant: 'evil' }, callId: 'CA2' } });
  expect(call.caller).toMatchObject({ carrierCallId: 'CA1', from: '+14155550100', parameters: { tenant: 'acme' } });
});

test('typed words on a line of sound are told as what the caller says', async () => {
  const { peer, diary } = await audioCall();
  peer.send({ type: 'text', text: 'where is it?' });
  await peer.settle();
  expect(diary.lines).toEqual(['said where is it?']);
});

test('a page whose sound is suspended takes nothing, until it plays again', async () => {
  const { peer, diary } = await audioCall();
  peer.send({ type: 'output', isRunning: false });
  peer.send({ type: 'output', isRunning: true });
  await peer.settle();
  expect(diary.lines).toEqual(['full', 'room']);
});

test('a page of text tells what it has spoken, when voices begin and end, and what was heard when it was cut in', async () => {
  const { peer, diary } = await textCall();
  peer.send({ type: 'speaking', who: 'agent', isSpeaking: true });
  peer.send({ type: 'spoken', text: 'Hello' });
  peer.send({ type: 'interrupt', heard: 'Hello' });
  peer.send({ type: 'interrupt', heard: undefined });
  await peer.settle();
  expect(diary.lines).toEqual(['agent begins', 'spoken Hello', 'interrupt Hello', 'interrupt undefined']);
});

test('what is being said is shown as it is told, and nothing else of the call', async () => {
  const { peer, call } = await audioCall();
  call.show?.({ type: 'words', who: 'caller', text: 'where is', isFinal: false });
  call.show?.({ type: 'speaking', who: 'caller', isSpeaking: true });
  await peer.settle();
  expect(peer.told()).toEqual([
    { type: 'started' },
    { type: 'words', who: 'caller', text: 'where is', isFinal: false },
    { type: 'speaking', who: 'caller', isSpeaking: true },
  ]);
});

test('sound on a line of text, and text on one of sound, are bad frames that a call survives', async () => {
  const [audio, text] = [await audioCall(), await textCall()];
  audio.peer.send({ type: 'prompt', text: 'hello', isFinal: true });
  text.peer.speak(Buffer.alloc(2));
  for (const { peer, diary } of [audio, text]) {
    peer.press('1');
    await peer.settle();
    expect(diary.lines).toEqual(['digit 1']);
  }
});
