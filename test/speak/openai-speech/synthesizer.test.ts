/** A voice by OpenAI's audio API: what is asked when, and what becomes of servers that are late, busy, or something else. */
import { expect, onTestFinished, test } from 'vitest';
import { ProviderError } from '../../../src/lib/errors.ts';
import { createOpenAiSpeech, type OpenAiSpeechOptions } from '../../../src/speak/openai-speech/synthesizer.ts';
import type { ServerFault } from '../../../src/simulate/openai-server.ts';
import {
  startSpeechSimulator,
  type SpeechFault,
  type SpeechSimulatorOptions,
} from '../../../src/simulate/openai-speech/server.ts';
import type { SynthesisListener } from '../../../src/speak/contract.ts';
import { until } from '../../helpers/until.ts';
import { speak } from '../helpers/lightning.ts';

async function setUp(simulator: SpeechSimulatorOptions = {}, options: Partial<OpenAiSpeechOptions> = {}) {
  const server = await startSpeechSimulator({ firstByteMs: 5, realTimeFactor: 30, ...simulator });
  const synthesizer = createOpenAiSpeech({ baseUrl: server.baseUrl, ...options });
  onTestFinished(async () => {
    await synthesizer.close();
    await server.close();
  });
  const line = synthesizer.open({ callId: 'call-1', voice: {} });
  const say = (...clauses: string[]) => speak(line, clauses, { sampleRateHz: 24_000 });
  return { server, synthesizer, line, say };
}

test('the first request is short, the next goes out while its sound still comes, and all is heard once', async () => {
  const { server, say } = await setUp({ realTimeFactor: 10 });
  const clauses = [
    'Certainly. ',
    'I have three times on Tuesday, and two of them are before noon, as you wanted it. ',
    'The first is at half past nine. ',
    'The second is at eleven.',
  ];
  const utterance = say(...clauses);
  await until(() => expect(server.asked).toHaveLength(2));
  expect(server.requests.running).toBe(2);
  expect(utterance.outcome).toBeUndefined();
  expect(await utterance.ended).toBe('done');
  expect(utterance.heard()).toBe(clauses.join(''));
  expect(server.asked.map(({ input }) => input)).toEqual([clauses[0], clauses.slice(1).join('')]);
});

test('an abort breaks off what is on its way, and what waits is never asked for', async () => {
  const { server, say } = await setUp({ realTimeFactor: 2 });
  const utterance = say('This is a long answer, ', 'x'.repeat(240), 'y'.repeat(240));
  await utterance.firstAudio;
  utterance.synthesis.abort();
  await until(() => expect(server.brokenOff).toBeGreaterThan(0));
  await until(() => expect(server.requests.running).toBe(0));
  expect(server.asked.length).toBeLessThan(3);
  expect(utterance.outcome).toBeUndefined();
});

test('what has no word in it is not asked for', async () => {
  const { server, say } = await setUp();
  const utterance = say('... ', '—');
  expect(await utterance.ended).toBe('done');
  expect(server.asked).toEqual([]);
});

test('no sound in time: asked once more, then it fails with that code', async () => {
  const { server, synthesizer, say } = await setUp({}, { firstAudioMs: 100 });
  server.fail({ type: 'hang' });
  expect(await say('No.').ended).toBe('done');
  server.fail({ type: 'hang' }, 2);
  expect(await say('No.').ended).toMatchObject({ code: 'first-token-timeout', phase: 'before-first-output' });
  expect(synthesizer.figures?.()).toMatchObject({ resent: 2, failed: 1 });
});

test('a hole in the sound that is too long ends it, and what came stays good', async () => {
  const { server, say } = await setUp({}, { stallMs: 100 });
  server.fail({ type: 'stall', afterMs: 300, forMs: 5_000 });
  const utterance = say('This sentence has a hole in it.');
  expect(await utterance.ended).toMatchObject({ code: 'idle-timeout', phase: 'mid-stream' });
  expect('This sentence has a hole in it.'.startsWith(utterance.heard())).toBe(true);
});

test('too many at once, for a moment: it waits as long as it is asked to, and is spoken', async () => {
  const { server, synthesizer, say } = await setUp();
  server.fail({ type: 'refuse', status: 429, retryAfterSeconds: 0.05 }, 2);
  expect(await say('Here I am.').ended).toBe('done');
  expect(synthesizer.figures?.()).toMatchObject({ retried: 2, failed: 0 });
});

test('too many at once for longer than anybody waits: it fails with that code', async () => {
  const { server, say } = await setUp({}, { queueMs: 200 });
  server.fail({ type: 'refuse', status: 429, retryAfterSeconds: 30 });
  expect(await say('Here I am.').ended).toMatchObject({ code: 'rate-limited', status: 429, retryAfterMs: 30_000 });
});

test.each([
  [400, 'provider-failed', 0],
  [401, 'unauthorized', 0],
  [404, 'provider-failed', 0],
])('refused with %i it fails with %s, and is not tried again', async (status, code, retried) => {
  const { server, synthesizer, say } = await setUp();
  server.fail({ type: 'refuse', status, message: 'voice `nobody` is not known' });
  const error = await say('Hello.').ended;
  expect(error).toBeInstanceOf(ProviderError);
  expect(error).toMatchObject({ code, status, requestId: 'req_simulated' });
  expect(String(error)).toContain('voice `nobody` is not known');
  expect(synthesizer.figures?.()).toMatchObject({ retried, resent: 0, failed: 1 });
});

test.each([
  ['application/json', '{"error":{"message":"model not loaded"}}', 'model not loaded'],
  ['text/html', '<html><body>Welcome to nginx!</body></html>', 'Welcome to nginx!'],
  ['audio/mpeg', 'ID3 and so on', 'got MP3'],
])('something else in place of sound (%s) is told for what it is', async (contentType, body, told) => {
  const { server, say } = await setUp();
  server.fail({ type: 'instead', contentType, body });
  const error = await say('Hello.').ended;
  expect(error).toMatchObject({ code: 'provider-failed' });
  expect(String(error)).toContain(told);
});

test('nobody there: it fails in time, and says that nobody was reached', async () => {
  const { server, say } = await setUp({}, { queueMs: 150 });
  await server.close();
  expect(await say('Hello.').ended).toMatchObject({ code: 'connect-failed', phase: 'connect' });
});

test.each<[string, SpeechFault | ServerFault, string]>([
  ['too busy', { type: 'refuse', status: 503 }, 'provider-failed'],
  ['late', { type: 'hang' }, 'first-token-timeout'],
  ['mute', { type: 'mute', afterMs: 0 }, 'provider-failed'],
  ['cut off before any sound', { type: 'cut', afterMs: 0 }, 'stream-cut'],
])('where somebody else can speak, one that is %s is told at once, and not tried again', async (_what, fault, code) => {
  const { server, synthesizer, line } = await setUp({}, { firstAudioMs: 100 });
  server.fail(fault);
  const listed = { ...line, begin: (listener: SynthesisListener) => line.begin(listener, { hasNext: true }) };
  expect(await speak(listed, ['Hello there.']).ended).toMatchObject({ code });
  expect(synthesizer.figures?.()).toMatchObject({ retried: 0, resent: 0, failed: 1 });
  expect(server.requests.count).toBe(1);
});

test('a kept connection that the other end has closed is nobody\u2019s fault, whoever else can speak', async () => {
  const { server, synthesizer, line } = await setUp();
  server.fail({ type: 'reset' });
  const listed = { ...line, begin: (listener: SynthesisListener) => line.begin(listener, { hasNext: true }) };
  expect(await speak(listed, ['Hello there.']).ended).toBe('done');
  expect(synthesizer.figures?.()).toMatchObject({ retried: 1, failed: 0 });
});

test('phrases are kept by voice and text, and a phrase that broke off is asked for once more', async () => {
  const { server, synthesizer } = await setUp();
  const { signal } = new AbortController();
  server.fail({ type: 'cut', afterMs: 100 });
  const voice = { id: 'nova', speed: 1.25 };
  const one = await synthesizer.render('Good morning.', voice, signal);
  expect(one.format).toEqual({ encoding: 'linear16', sampleRateHz: 24_000 });
  expect(await synthesizer.render('Good morning.', voice, signal)).toBe(one);
  expect(synthesizer.rendered?.('Good morning.', voice, one.format)).toBe(one);
  expect(synthesizer.rendered?.('Good morning.', { id: 'nova' }, one.format)).toBeUndefined();
  expect(server.asked).toHaveLength(2);
  expect(server.asked[0]).toMatchObject({ voice: 'nova', speed: 1.25, model: 'gpt-4o-mini-tts' });
});

test('the key is shown where there is one, and only what can be a key', async () => {
  const { server } = await setUp({ apiKey: 'local-secret' });
  const synthesizer = createOpenAiSpeech({ baseUrl: server.baseUrl, apiKey: 'local-secret' });
  onTestFinished(() => synthesizer.close());
  const { signal } = new AbortController();
  expect((await synthesizer.render('Hello.', {}, signal)).audio.length).toBeGreaterThan(0);
  expect(() => createOpenAiSpeech({ baseUrl: server.baseUrl, apiKey: 'two words' })).toThrow(/PARLEY_SPEECH_API_KEY/);
});

test('OpenAI itself wants a key; another address wants none', () => {
  expect(() => createOpenAiSpeech({ baseUrl: 'https://api.openai.com/v1' })).toThrow(
    /PARLEY_SPEECH_API_KEY is not set.*PARLEY_SPEECH_BASE_URL/,
  );
  expect(() => createOpenAiSpeech({ baseUrl: 'localhost:8000' })).toThrow(/Expected PARLEY_SPEECH_BASE_URL to be/);
});
