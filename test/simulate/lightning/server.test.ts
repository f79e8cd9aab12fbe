import { expect, onTestFinished, test } from 'vitest';
import { request } from 'undici';
import { WebSocket } from 'ws';
import { decodeToneSpeech } from '../../../src/audio/tone-speech.ts';
import { readWav } from '../../../src/audio/wav.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import type { LightningSimulatorOptions } from '../../../src/simulate/lightning/options.ts';
import { startLightningSimulator } from '../../../src/simulate/lightning/server.ts';
import { findSystemVoice } from '../../../src/simulate/system-voice.ts';
import { until } from '../../helpers/until.ts';

interface Frame {
  session_id?: string;
  request_id?: string;
  external_request_id?: string;
  status: string;
  data?: { audio?: string; word?: string; start?: number; end?: number };
  error?: { message: string; code: string };
  errors?: { path: string[] }[];
  message?: string;
  atMs: number;
}

async function setUp(options: LightningSimulatorOptions = {}) {
  const service = await startLightningSimulator({ firstByteMs: 5, realTimeFactor: 40, ...options });
  onTestFinished(() => service.close());
  return service;
}

/** A client that knows nothing of ours. */
async function connect(service: { port: number }, query = '', key = 'sk_test') {
  const ws = new WebSocket(`ws://127.0.0.1:${service.port}/waves/v1/tts/live${query}`, {
    headers: { authorization: `Bearer ${key}` },
    perMessageDeflate: false,
  });
  const frames: Frame[] = [];
  let closed: number | undefined;
  let changed = () => {};
  ws.on('message', (data: Buffer) => {
    frames.push({ ...(JSON.parse(data.toString()) as Omit<Frame, 'atMs'>), atMs: systemClock.nowMs() });
    changed();
  });
  ws.on('close', (code) => {
    closed = code;
    changed();
  });
  ws.on('error', () => {});
  await new Promise<void>((resolve, reject) => {
    ws.once('open', resolve);
    ws.once('unexpected-response', (_, response) => reject(new Error(`status ${response.statusCode}`)));
  });
  onTestFinished(() => ws.terminate());
  return {
    ws,
    frames,
    closed: () => closed,
    send: (fields: object) =>
      ws.send(
        JSON.stringify({
          voice_id: 'magnus',
          model: 'lightning_v3.1',
          language: 'en',
          sample_rate: 8_000,
          request_id: 'r1',
          ...fields,
        }),
      ),
    /** Resolves when `isSo`, checked after each frame. */
    async until(isSo: () => boolean) {
      while (!isSo()) await new Promise<void>((resolve) => (changed = resolve));
    },
    text: (id?: string) => {
      const chunks = frames.filter(
        ({ status, external_request_id }) => status === 'chunk' && (!id || external_request_id === id),
      );
      const bytes = Uint8Array.from(Buffer.concat(chunks.map(({ data }) => Buffer.from(data?.audio ?? '', 'base64'))));
      return decodeToneSpeech(new Int16Array(bytes.buffer, 0, bytes.length >> 1), 8_000)
        .map(({ text }) => text)
        .join('');
    },
    has: (status: string) => frames.some((frame) => frame.status === status),
  };
}

const piece = (text: string, more = {}) => ({ text, continue: true, flush: false, max_buffer_flush_ms: 20, ...more });
const closing = (more = {}) => ({ text: '', continue: false, flush: true, complete_backoff_ms: 10, ...more });
const quiet = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test('pieces are spoken, `complete` comes after its back-off, and the socket is closed or kept as asked', async () => {
  for (const afterComplete of ['close', 'keep'] as const) {
    const service = await setUp({ afterComplete });
    const client = await connect(service);
    client.send(piece('Hello '));
    client.send(piece('there.'));
    client.send(closing({ complete_backoff_ms: 150 }));
    await client.until(() => client.has('complete'));
    expect(client.text()).toBe('Hello there.');
    const last = client.frames.filter(({ status }) => status === 'chunk').at(-1)!;
    expect(client.frames.at(-1)!.atMs - last.atMs).toBeGreaterThan(130);
    expect(client.frames[0]).toMatchObject({
      external_request_id: 'r1',
      session_id: expect.stringMatching(/^ws_/) as string,
      request_id: expect.stringMatching(/^task_/) as string,
    });
    if (afterComplete === 'close') await client.until(() => client.closed() === 1000);
    else expect(client.closed()).toBeUndefined();
  }
});

test('audio comes in awkward pieces: odd ones, and empty ones', async () => {
  const client = await connect(await setUp());
  client.send({ text: 'A sentence that is long enough for some pieces.' });
  await client.until(() => client.frames.filter(({ status }) => status === 'chunk').length > 8);
  const sizes = client.frames.map(({ data }) => Buffer.from(data?.audio ?? '', 'base64').length);
  expect(sizes).toContain(0);
  expect(sizes.some((size) => size % 2 === 1)).toBe(true);
});

test('with the default `max_buffer_flush_ms` of 0 nothing is spoken before the closing flush', async () => {
  const client = await connect(await setUp());
  client.send(piece('Hello.', { max_buffer_flush_ms: 0 }));
  await quiet(150);
  expect(client.frames).toEqual([]);
  client.send(closing());
  await client.until(() => client.has('complete'));
  expect(client.text()).toBe('Hello.');
});

test('a closing flush of nothing has no answer', async () => {
  const client = await connect(await setUp());
  client.send(closing());
  await quiet(100);
  expect(client.frames).toEqual([]);
  expect(client.closed()).toBeUndefined();
});

test('a burst of requests is served in order, with one `complete`', async () => {
  const client = await connect(await setUp());
  client.send({ text: 'One.', request_id: 'a', complete_backoff_ms: 50 });
  client.send({ text: 'Two.', request_id: 'b', complete_backoff_ms: 50 });
  await client.until(() => client.has('complete'));
  expect([client.text('a'), client.text('b')]).toEqual(['One.', 'Two.']);
  expect(client.frames.filter(({ status }) => status === 'complete')).toHaveLength(1);
  expect(new Set(client.frames.map(({ request_id }) => request_id)).size).toBe(2);
  expect(new Set(client.frames.map(({ session_id }) => session_id)).size).toBe(1);
});

test('one synthesis at a time: another socket is refused by a frame, HTTP by a status, and later not', async () => {
  const service = await setUp({ realTimeFactor: 8 });
  const first = await connect(service);
  first.send(piece('I am here first.'));
  await first.until(() => first.has('chunk'));
  const second = await connect(service);
  second.send({ text: 'And I?' });
  await second.until(() => second.has('error'));
  expect(second.frames[0]!.error).toEqual({ message: 'concurrency limit', code: '429' });
  const { statusCode } = await request(`${service.baseUrl}/tts`, {
    method: 'POST',
    headers: { authorization: 'Bearer sk_x', 'content-type': 'application/json' },
    body: JSON.stringify({ text: 'Hello', voice_id: 'magnus' }),
  });
  expect(statusCode).toBe(429);
  first.ws.close();
  await first.until(() => first.closed() !== undefined);
  await until(() => service.active === 0);
  second.send({ text: 'And I?', request_id: 'again' });
  await second.until(() => second.has('chunk'));
});

test('word times come for the voices that know them only', async () => {
  const service = await setUp({ concurrency: 2 });
  for (const [voice, words] of [
    ['liam', ['It', 'costs', '$100.']],
    ['magnus', []],
  ] as const) {
    const client = await connect(service);
    client.send({ text: 'It costs $100.', voice_id: voice, word_timestamps: true, complete_backoff_ms: 0 });
    await client.until(() => client.has('complete'));
    expect(client.frames.filter(({ status }) => status === 'word_timestamp').map(({ data }) => data?.word)).toEqual(
      words,
    );
  }
});

test('a client that is silent for too long is told so, and dropped', async () => {
  const client = await connect(await setUp(), '?timeout=1');
  await client.until(() => client.closed() !== undefined);
  expect(client.frames[0]).toMatchObject({
    status: 'error',
    message: 'Connection timed out after 1 seconds of inactivity',
  });
});

test('requests that are wrong are refused as the service refuses them', async () => {
  const service = await setUp();
  const client = await connect(service);
  client.ws.send('{"flush":true}');
  client.send({ text: 'x', sample_rate: 11_025 });
  client.ws.send('not JSON');
  await client.until(() => client.frames.length === 3);
  expect(client.frames[0]!.errors![0]!.path).toEqual(['voice_id']);
  expect(client.frames[1]!.errors![0]!.path).toEqual(['sample_rate']);
  await expect(connect(service, '', 'pk_wrong')).rejects.toThrow('status 401');
});

test('SSE: strings for statuses, an empty chunk, and a last frame without a name', async () => {
  const service = await setUp();
  const { body } = await request(`${service.baseUrl}/tts/live`, {
    method: 'POST',
    headers: { authorization: 'Bearer sk_x', 'content-type': 'application/json' },
    body: JSON.stringify({ text: 'Hi.', voice_id: 'magnus', sample_rate: 8_000, output_format: 'wav' }),
  });
  const text = await body.text();
  expect(text).toMatch(/^event: audio\ndata: \{"audio":"","done":false,"status":"206"\}\n\n/);
  expect(text).toMatch(/\n\ndata: \{"status":"200","done":true\}\n\n$/);
});

test('sync: empty without `Accept`, and the format that was asked for under a header that says WAV', async () => {
  const service = await setUp();
  const speak = async (format: string, headers: Record<string, string> = { accept: 'audio/wav' }) => {
    const response = await request(`${service.baseUrl}/tts`, {
      method: 'POST',
      headers: { authorization: 'Bearer sk_x', ...headers },
      body: JSON.stringify({ text: 'Hi.', voice_id: 'magnus', sample_rate: 8_000, output_format: format }),
    });
    expect(response.headers['content-type']).toBe('audio/wav');
    return new Uint8Array(await response.body.arrayBuffer());
  };
  expect((await speak('pcm', {})).length).toBe(0);
  expect((await speak('pcm')).length).toBe(3_200);
  expect((await speak('ulaw')).length).toBe(1_600);
  expect(readWav(await speak('wav')).channels[0]!.length).toBe(1_600);
});

test('any voice may be plugged in', async () => {
  const client = await connect(
    await setUp({ voice: async (text, sampleRateHz) => new Int16Array(text.length * sampleRateHz).fill(7) }),
  );
  client.send({ text: 'ab', complete_backoff_ms: 0 });
  await client.until(() => client.has('complete'));
  const bytes = client.frames.reduce((sum, { data }) => sum + Buffer.from(data?.audio ?? '', 'base64').length, 0);
  expect(bytes).toBe(2 * 2 * 8_000);
});

test('a voice of this machine, if it has one, speaks at the rate that is asked for', async ({ skip }) => {
  const found = await findSystemVoice();
  if (!found) return skip('neither flite nor espeak-ng is here');
  const at8 = await found.voice('Hello, this is Acme Clinic.', 8_000, 1);
  const at24 = await found.voice('Hello, this is Acme Clinic.', 24_000, 1);
  expect(at24.length / at8.length).toBeCloseTo(3, 1);
  expect(at8.length / 8_000).toBeGreaterThan(0.8);
  expect(at8.some((sample) => Math.abs(sample) > 1_000)).toBe(true);
});
