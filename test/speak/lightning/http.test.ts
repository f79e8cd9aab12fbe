import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { AudioFormat } from '../../../src/audio/contract.ts';
import { decodeToneSpeech } from '../../../src/audio/tone-speech.ts';
import { writeWav } from '../../../src/audio/wav.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import type { ProviderError } from '../../../src/lib/errors.ts';
import { createLog } from '../../../src/lib/log.ts';
import {
  createDictionary,
  deleteDictionary,
  listClones,
  listDictionaries,
  listVoices,
  speakStreaming,
  speakWhole,
  updateDictionary,
  type LightningAccount,
} from '../../../src/speak/lightning/http.ts';
import { renderPhrases } from '../../../src/speak/phrases.ts';
import { setUpLightning, speak, VOICE } from '../helpers/lightning.ts';
import { sine, tonesIn } from '../../helpers/sine.ts';

async function setUp(...options: Parameters<typeof setUpLightning>) {
  const world = await setUpLightning(...options);
  onTestFinished(() => world.close());
  return { ...world, account: world.lightning.account };
}

const TELEPHONE: AudioFormat = { encoding: 'mulaw', sampleRateHz: 8_000 };
const LINEAR_16: AudioFormat = { encoding: 'linear16', sampleRateHz: 16_000 };
const LINEAR_24: AudioFormat = { encoding: 'linear16', sampleRateHz: 24_000 };
const SPEECH = { voice: VOICE, sampleRateHz: 8_000 };
const never = new AbortController().signal;

function understood(pcm: Uint8Array): string {
  const bytes = Uint8Array.from(pcm);
  return decodeToneSpeech(new Int16Array(bytes.buffer), 8_000)
    .map(({ text }) => text)
    .join('');
}

async function collect(account: LightningAccount, text: string): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of speakStreaming(account, text, SPEECH)) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** A server that answers everything with `listener`. */
async function answering(listener: RequestListener): Promise<LightningAccount> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/waves/v1`,
    apiKey: 'sk_test',
    clock: systemClock,
  };
}

test('a whole text at once, and as a stream', async () => {
  const { account } = await setUp();
  expect(understood(await speakWhole(account, 'Hello, Acme Clinic.', SPEECH))).toBe('Hello, Acme Clinic.');
  expect(understood(await collect(account, 'Hello, Acme Clinic.'))).toBe('Hello, Acme Clinic.');
});

test('a WAV header that nobody asked for is not played', async () => {
  const samples = Int16Array.from({ length: 400 }, (_, i) => i);
  const account = await answering((_, response) =>
    response.end(writeWav({ sampleRateHz: 8_000, channels: [samples] })),
  );
  const pcm = Uint8Array.from(await speakWhole(account, 'Hello.', SPEECH));
  expect(new Int16Array(pcm.buffer)).toEqual(samples);
});

test('a WAV of another rate than was asked for is brought to that rate', async () => {
  const tone = sine(500, 400, 24_000);
  const account = await answering((_, response) => response.end(writeWav({ sampleRateHz: 24_000, channels: [tone] })));
  const pcm = Uint8Array.from(await speakWhole(account, 'Hello.', SPEECH));
  const [found, ...others] = tonesIn(new Int16Array(pcm.buffer), 8_000);
  expect(others).toEqual([]);
  expect(Math.abs(found!.frequencyHz - 500)).toBeLessThan(1);
  expect(Math.abs(found!.durationMs - 400)).toBeLessThan(3);
});

test('a phrase is made once for each rate that lines carry, and each tells its own', async () => {
  const { lightning } = await setUp();
  const made = await Promise.all(
    [TELEPHONE, LINEAR_16, LINEAR_24].map((format) => lightning.render('Hello.', VOICE, never, format)),
  );
  expect(made.map(({ format }) => format)).toEqual([{ ...TELEPHONE, encoding: 'linear16' }, LINEAR_16, LINEAR_24]);
  const { length } = made[0]!.audio;
  expect(made.map(({ audio }) => audio.length)).toEqual([length, length * 2, length * 3]);
  expect(lightning.rendered!('Hello.', VOICE, LINEAR_24)).toBe(made[2]);
  expect(lightning.rendered!('Hello.', VOICE, { encoding: 'alaw', sampleRateHz: 8_000 })).toBe(made[0]);
});

test('a clone that is asked for with a model that is not its own says so by a crumb of audio', async () => {
  const account = await answering((_, response) => response.end(Buffer.alloc(120)));
  await expect(speakWhole(account, 'Hello.', SPEECH)).rejects.toThrow(
    /120 bytes of audio.*`magnus` made for `lightning_v3.1`/,
  );
});

test.each(['nothing', 'empty', 'no-base64', 'binary', 'half-a-sample'] as const)(
  'a stream that ends with %s in the place of audio is asked for once more, then it fails',
  async (instead) => {
    const { service, account } = await setUp();
    const told: ProviderError[] = [];
    const hear = async () => {
      const pieces: Uint8Array[] = [];
      const unspoken = (error: ProviderError) => void told.push(error);
      for await (const piece of speakStreaming(account, 'Good morning.', { ...SPEECH, unspoken })) pieces.push(piece);
      return understood(Buffer.concat(pieces));
    };
    service.fail({ type: 'mute', instead });
    expect(await hear()).toBe('Good morning.');
    expect(told).toMatchObject([
      { code: 'provider-failed', requestId: expect.stringMatching(/^task_http_/) as string },
    ]);
    service.fail({ type: 'mute', instead }, 2);
    await expect(hear()).rejects.toMatchObject({ code: 'provider-failed', phase: 'before-first-output' });
    expect(told).toHaveLength(3);
  },
);

test('a stream that ends far too early has failed; what came of it stays good', async () => {
  const { service, account } = await setUp();
  service.fail({ type: 'mute', afterMs: 150 });
  const pieces: Uint8Array[] = [];
  const reading = async () => {
    for await (const piece of speakStreaming(account, 'It is a long way to the sea from here.', SPEECH))
      pieces.push(piece);
  };
  await expect(reading()).rejects.toMatchObject({ code: 'provider-failed', phase: 'mid-stream' });
  expect(pieces.length).toBeGreaterThan(0);
});

test('a phrase without its sound is asked for once more, counted and logged; twice it has failed', async () => {
  const lines: string[] = [];
  const log = createLog({ stream: { write: (line) => void lines.push(line) } });
  const { service, lightning } = await setUp({}, { log });
  service.fail({ type: 'mute', afterMs: 40 });
  const { audio } = await lightning.render('Good morning to you.', VOICE, never);
  expect(understood(audio)).toBe('Good morning to you.');
  service.fail({ type: 'mute' }, 2);
  await expect(lightning.render('Good evening.', VOICE, never)).rejects.toMatchObject({ code: 'provider-failed' });
  expect(lightning.figures().unspoken).toBe(3);
  const told = lines.map((line) => JSON.parse(line) as { msg: string; requestId: string });
  for (const one of told)
    expect(one).toMatchObject({
      msg: 'a phrase came back without its sound',
      requestId: expect.stringMatching(/^task_/) as string,
    });
  expect(told).toHaveLength(3);
});

test('limits and a service that is down are tried again; what is wrong is not', async () => {
  const { service, account } = await setUp();
  service.failHttp(429, { error: 'TooManyRequests', message: 'slow down' });
  expect(understood(await speakWhole(account, 'Yes.', SPEECH))).toBe('Yes.');
  service.failHttp(410, {
    status: 'error',
    error_code: 'MODEL_DEPRECATED',
    message: 'retired',
    recommended_endpoint: '/x',
  });
  await expect(speakWhole(account, 'Yes.', SPEECH)).rejects.toMatchObject({
    status: 410,
    providerCode: 'MODEL_DEPRECATED',
  });
  service.failHttp(401, { error: 'Unauthorized', message: 'bad key' });
  await expect(speakWhole(account, 'Yes.', SPEECH)).rejects.toMatchObject({ code: 'unauthorized' });
});

test('what the service says is wrong is told, field by field', async () => {
  const { account } = await setUp();
  const japanese = { voice: { ...VOICE, language: 'ja' }, sampleRateHz: 8_000 };
  await expect(speakWhole(account, 'Hello.', japanese)).rejects.toMatchObject({
    status: 400,
    message: expect.stringMatching(/Supported languages: auto, en/) as string,
    details: [expect.objectContaining({ path: ['language'] })] as unknown,
  });
  await expect(speakWhole(account, '  ', SPEECH)).rejects.toMatchObject({ code: 'request-invalid' });
});

test.each(['cut', 'close'] as const)(
  'a stream that ends by `%s` before it said so is cut, and what came stays good',
  async (type) => {
    const { service, account } = await setUp();
    service.fail({ type, afterMs: 500 });
    const pieces: Uint8Array[] = [];
    const streaming = async () => {
      for await (const piece of speakStreaming(account, 'This is cut off.', SPEECH)) pieces.push(piece);
    };
    await expect(streaming()).rejects.toMatchObject({ code: 'stream-cut', phase: 'mid-stream' });
    expect('This is cut off.'.startsWith(understood(Buffer.concat(pieces)))).toBe(true);
  },
);

test('an abort ends the request with its own reason', async () => {
  const { account } = await setUp({ firstByteMs: 5_000 });
  const controller = new AbortController();
  const reason = new Error('the caller hung up');
  setTimeout(() => controller.abort(reason), 30);
  await expect(speakWhole(account, 'Hello.', { ...SPEECH, signal: controller.signal })).rejects.toBe(reason);
});

test('voices and clones are listed', async () => {
  const { account } = await setUp();
  expect(await listVoices(account)).toContainEqual({
    voiceId: 'magnus',
    displayName: 'Magnus',
    tags: { language: ['english'], accent: 'american', gender: 'male' },
  });
  expect(await listClones(account)).toMatchObject([
    { voiceId: 'voice_reception', status: 'completed', modelIds: ['lightning-v3.1'] },
  ]);
});

test('an answer of another shape is an error that says where', async () => {
  const account = await answering((_, response) => response.end('{"voices":[{"displayName":"x"}]}'));
  await expect(listVoices(account)).rejects.toThrow(/GET \/lightning-v3\.1\/get_voices: .*voiceId/s);
});

test('pronunciation dictionaries: made, listed, changed and deleted', async () => {
  const { account } = await setUp();
  const made = await createDictionary(account, [{ word: 'Parley', pronunciation: 'par lee' }]);
  await updateDictionary(account, made.id, [{ word: 'Acme', pronunciation: 'ack mee' }]);
  expect(await listDictionaries(account)).toMatchObject([
    { id: made.id, items: [{ word: 'Acme', pronunciation: 'ack mee' }] },
  ]);
  await deleteDictionary(account, made.id);
  expect(await listDictionaries(account)).toEqual([]);
  await expect(createDictionary(account, [])).rejects.toMatchObject({ code: 'request-invalid' });
  await expect(deleteDictionary(account, 'gone')).rejects.toMatchObject({ status: 404 });
});

test('what a dictionary says is heard: in phrases, and in live speech when that is asked for', async () => {
  const { account, lightning } = await setUp();
  const { id } = await createDictionary(account, [{ word: 'Acme', pronunciation: 'ack mee' }]);
  const voice = { ...VOICE, pronunciations: [id] };
  const live = (own: typeof voice & { livePronunciations?: boolean }) =>
    speak(lightning.open({ callId: own.livePronunciations ? 'a' : 'b', voice: own }), ['Acme Clinic. ']);
  expect(understood(await speakWhole(account, 'Acme, acme.', { ...SPEECH, voice }))).toBe('ack mee, acme.');
  await lightning.render('Acme Clinic.', VOICE, never);
  expect(lightning.rendered!('Acme Clinic.', voice, TELEPHONE)).toBeUndefined(); // another phrase than without
  for (const [own, heard] of [
    [voice, 'Acme Clinic.'],
    [{ ...voice, livePronunciations: true }, 'ack mee Clinic.'],
  ] as const) {
    const spoken = live(own);
    expect(await spoken.ended).toBe('done');
    expect(spoken.heard().trim()).toBe(heard);
  }
});

test('a phrase is rendered once for the process, cleaned, and found again by its very text', async () => {
  const { service, lightning } = await setUp();
  const texts = ['Hello, **Acme** Clinic.', 'One moment, please.', 'Hello, **Acme** Clinic.'];
  expect(await renderPhrases({ synthesizer: lightning, voice: VOICE, texts, signal: never })).toBe(2);
  expect(lightning.figures().phrases).toBe(2);
  expect(understood(lightning.rendered!(texts[0]!, VOICE, TELEPHONE)!.audio)).toBe('Hello, Acme Clinic.');
  expect(lightning.rendered!(texts[0]!, VOICE, { ...TELEPHONE, sampleRateHz: 16_000 })).toBeUndefined();
  expect(lightning.rendered!(texts[0]!, { ...VOICE, speed: 1.1 }, TELEPHONE)).toBeUndefined();
  expect(service.requests).toEqual([]); // over HTTP
});

test('a phrase that cannot be rendered is not remembered, and stops nobody', async () => {
  const { service, lightning } = await setUp();
  service.failHttp(400, { error: [{ code: 'custom', path: ['text'], message: 'no' }] });
  expect(await renderPhrases({ synthesizer: lightning, voice: VOICE, texts: ['One.', 'Two.'], signal: never })).toBe(1);
  expect(lightning.rendered!('One.', VOICE, TELEPHONE)).toBeUndefined();
  await lightning.render('One.', VOICE, never);
  expect(lightning.rendered!('One.', VOICE, TELEPHONE)).toBeDefined();
});

test('phrases give way to live speech, and the cache keeps to its size', async () => {
  const { lightning } = await setUp({ realTimeFactor: 10 }, { cacheBytes: 30_000 });
  const line = lightning.open({ callId: 'c', voice: VOICE });
  const order: string[] = [];
  const live = speak(line, ['I am speaking.']);
  const phrases = ['First phrase.', 'Second phrase.', 'Third phrase.'].map((text) =>
    lightning.render(text, VOICE, never).then(() => order.push(text)),
  );
  void live.ended.then(() => order.push('live'));
  const second = speak(lightning.open({ callId: 'd', voice: VOICE }), ['Me too.']);
  void second.ended.then(() => order.push('second'));
  await Promise.all([...phrases, live.ended, second.ended]);
  expect(order).toEqual(['live', 'second', 'First phrase.', 'Second phrase.', 'Third phrase.']);
  expect(lightning.rendered!('First phrase.', VOICE, TELEPHONE)).toBeUndefined();
  expect(lightning.rendered!('Third phrase.', VOICE, TELEPHONE)).toBeDefined();
});
