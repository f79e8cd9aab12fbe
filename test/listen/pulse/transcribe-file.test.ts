import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { encodeToneSpeech } from '../../../src/audio/tone-speech.ts';
import { writeWav } from '../../../src/audio/wav.ts';
import { ProviderError } from '../../../src/lib/errors.ts';
import { transcribeFile, type TranscribeFileOptions } from '../../../src/listen/pulse/transcribe-file.ts';
import { KEY, MULAW, simulate, spoken } from '../../helpers/pulse.ts';

const wav = writeWav({ sampleRateHz: 16_000, channels: [encodeToneSpeech('Hello there.', 16_000)] });

async function serve(answer: (request: IncomingMessage, response: ServerResponse, count: number) => void) {
  let count = 0;
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => answer(request, response, ++count));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/waves/v1`;
  const ask = (options: Partial<TranscribeFileOptions> = {}) =>
    transcribeFile({ apiKey: KEY, baseUrl: url, audio: wav, random: () => 0.01, ...options });
  return { ask, count: () => count };
}

test('a WAV file is transcribed, with the times of its words', async () => {
  const simulator = await simulate();
  const result = await transcribeFile({ apiKey: KEY, baseUrl: simulator.url, audio: wav });
  expect(result.text).toBe('Hello there.');
  expect(result.words.map(({ word }) => word)).toEqual(['Hello', 'there.']);
  expect(result.words[1]!.startSeconds).toBeGreaterThan(result.words[0]!.endSeconds);
  expect(result.durationSeconds).toBeCloseTo(0.8, 1);
});

test('raw mu-law is given the header that it needs, and pulse-pro answers in its own shape', async () => {
  const simulator = await simulate();
  const audio = spoken('Raw words', MULAW);
  const options = { apiKey: KEY, baseUrl: simulator.url, audio, format: MULAW };
  expect(await transcribeFile(options)).toMatchObject({ text: 'Raw words', language: undefined, requestId: undefined });
  const pro = await transcribeFile({ ...options, model: 'pulse-pro', wordTimestamps: false });
  expect(pro).toMatchObject({ text: 'Raw words', language: 'en', words: [] });
  expect(pro.requestId).toMatch(/./);
});

test('the request is what the reference asks for', async () => {
  let seen: IncomingMessage | undefined;
  const { ask } = await serve((request, response) => {
    seen = request;
    response.end(
      '{"status":"success","transcription":" Two ","words":null,"utterances":[{"text":"Two","start":"1","end":2,"speaker":0}]}',
    );
  });
  const result = await ask({ audio: { url: 'https://example.com/a.wav' }, language: 'multi-indic', diarize: true });
  expect(seen!.url).toBe('/waves/v1/stt/?model=pulse&language=multi-indic&word_timestamps=true&diarize=true');
  expect(seen!.headers).toMatchObject({ authorization: `Bearer ${KEY}`, 'content-type': 'application/json' });
  expect(result).toMatchObject({
    text: 'Two',
    words: [],
    utterances: [{ text: 'Two', startSeconds: 1, speaker: '0' }],
  });
});

describe('refusals', () => {
  test.each([
    [400, '{"error":"bad audio","request_id":"r-9"}', 'provider-failed', 'bad audio'],
    [401, `{"error":"key ${KEY} is wrong"}`, 'unauthorized', '[redacted]'],
    [413, '<html><body>Too large</body></html>', 'provider-failed', 'Too large'],
  ])('%i is told once, with its words and without the key', async (status, body, code, words) => {
    const { ask, count } = await serve((_request, response) => response.writeHead(status).end(body));
    const error = await ask().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ProviderError);
    expect(error).toMatchObject({ code, status });
    expect((error as Error).message).toContain(words);
    expect((error as Error).message).not.toContain(KEY);
    expect(count()).toBe(1);
  });

  test('429, 502, 503 and a reset connection are tried again', async () => {
    const { ask, count } = await serve((_request, response, attempt) => {
      if (attempt === 1) response.writeHead(429, { 'Retry-After': '0.01' }).end('{"error":"slow down"}');
      else if (attempt === 2) response.writeHead(503).end();
      else if (attempt === 3) response.destroy();
      else response.end('{"transcription":"at last"}');
    });
    expect((await ask()).text).toBe('at last');
    expect(count()).toBe(4);
  });

  test('five attempts, then the last answer; a wait beyond the deadline is not begun', async () => {
    const busy = await serve((_request, response) => response.writeHead(503).end('{"error":"busy"}'));
    await expect(busy.ask()).rejects.toMatchObject({ status: 503 });
    expect(busy.count()).toBe(5);
    const later = await serve((_request, response) => response.writeHead(429, { 'Retry-After': '60' }).end());
    await expect(later.ask({ timeoutMs: 500 })).rejects.toMatchObject({ code: 'rate-limited', retryAfterMs: 60_000 });
    expect(later.count()).toBe(1);
  });

  test('an answer without a transcription, none in time, and an abort', async () => {
    const empty = await serve((_request, response) => response.end('{"status":"processing"}'));
    await expect(empty.ask()).rejects.toThrow('holds no transcription');
    const silent = await serve(() => {});
    await expect(silent.ask({ timeoutMs: 40 })).rejects.toMatchObject({ code: 'step-timeout' });
    const abort = new AbortController();
    const asked = silent.ask({ signal: abort.signal });
    abort.abort(new Error('hung up'));
    await expect(asked).rejects.toThrow('hung up');
  });

  test.each<[Partial<TranscribeFileOptions>, string]>([
    [{ language: 'ta' }, '`language` of pulse to be one of en'],
    [{ model: 'pulse-pro', language: 'hi' }, '`language` of pulse-pro to be one of en, got `hi`'],
    [{ model: 'pulse-pro', audio: { url: 'https://x' } }, 'to be bytes, got a URL'],
    [{ audio: new Uint8Array(0) }, 'got 0 bytes'],
    [{ apiKey: '' }, '`apiKey`'],
    [{ baseUrl: 'nowhere' }, 'got `nowhere`'],
  ])('%j is refused before anything is sent', async (options, message) => {
    await expect(transcribeFile({ apiKey: KEY, audio: wav, ...options })).rejects.toThrow(message);
  });
});
