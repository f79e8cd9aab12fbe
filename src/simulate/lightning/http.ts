/** The Lightning stand-in over HTTP: whole texts at once or as events, voices, clones, dictionaries. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { encodeAlaw, encodeMulaw } from '../../audio/g711.ts';
import { encodeToneSpeech } from '../../audio/tone-speech.ts';
import { writeWav } from '../../audio/wav.ts';
import { parseJson } from '../../lib/json.ts';
import { Items, respell, type Dictionary } from './dictionaries.ts';
import { HttpRequest, issuesOf } from './request.ts';
import { MUTE_PIECES, type SimulatedAccount } from './session.ts';

const SSE_CHUNK_BYTES = 1_024;
const BASE = '/waves/v1';

export class LightningHttp {
  readonly #account: SimulatedAccount;
  #count = 0;

  constructor(account: SimulatedAccount) {
    this.#account = account;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').split('?')[0]!;
    const body = await readBody(request);
    if (path === `${BASE}/tts` && request.method === 'POST') return this.#speak(request, response, body, false);
    if (path === `${BASE}/tts/live` && request.method === 'POST') return this.#speak(request, response, body, true);
    if (path === `${BASE}/lightning-v3.1/get_voices`) return json(response, 200, { voices: VOICES });
    if (path === `${BASE}/voice-cloning` && request.method === 'GET') return json(response, 200, { data: CLONES });
    if (path === `${BASE}/pronunciation-dicts`) return this.#dictionary(request.method ?? '', body, response);
    if (RETIRED.test(path)) return json(response, 410, RETIRED_BODY);
    json(response, 404, { error: 'NotFound', message: `No route ${path}` });
  }

  async #speak(request: IncomingMessage, response: ServerResponse, body: string, isStream: boolean): Promise<void> {
    const { success, data, error } = HttpRequest.safeParse(parseJson(body));
    if (!success) return json(response, 400, { error: issuesOf(error) });
    const { active, settings } = this.#account;
    if (active.size >= settings.concurrency) {
      return json(response, 429, { error: 'TooManyRequests', message: 'concurrency limit' });
    }
    const slot = {};
    active.add(slot);
    response.on('close', () => active.delete(slot));
    const text = respell(data.text, this.#account.dictionaries, data.pronunciation_dicts);
    const samples = settings.voice
      ? await settings.voice(text, data.sample_rate, data.speed)
      : encodeToneSpeech(text, data.sample_rate, { speed: data.speed });
    await this.#wait(settings.firstByteMs);
    response.setHeader('x-session-id', `ws_http_${++this.#count}`);
    response.setHeader('x-request-id', `task_http_${this.#count}`);
    if (isStream) return this.#stream(response, samples, data.sample_rate);
    const fault = this.#account.takeFault(undefined, 'mute');
    const spoken = fault?.type === 'mute' ? samples.subarray(0, samplesIn(fault.afterMs, data.sample_rate)) : samples;
    await this.#wait((spoken.length * 1_000) / data.sample_rate / settings.realTimeFactor);
    response.writeHead(200, { 'content-type': 'audio/wav' }); // whatever the payload is
    response.end(request.headers.accept?.includes('audio/wav') ? encode(data, spoken) : undefined);
  }

  /** PCM whatever was asked for, in pieces of 1,024 bytes, an empty one among them. */
  async #stream(response: ServerResponse, samples: Int16Array, sampleRateHz: number): Promise<void> {
    const audio = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
    const { realTimeFactor } = this.#account.settings;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const writeText = (base64: string) =>
      response.write(`event: audio\ndata: ${JSON.stringify({ audio: base64, done: false, status: '206' })}\n\n`);
    const write = (bytes: Buffer) => writeText(bytes.toString('base64'));
    write(Buffer.alloc(0));
    const fault = this.#account.takeFault(undefined);
    for (let at = 0; at < audio.length && !response.destroyed; at += SSE_CHUNK_BYTES) {
      const atMs = (at * 1_000) / (2 * sampleRateHz);
      if (fault && (fault.type === 'mute' || 'afterMs' in fault) && atMs >= (fault.afterMs ?? 0)) {
        if (fault.type === 'cut') return void response.destroy();
        if (fault.type === 'close') return void response.end();
        if (fault.type === 'mute') {
          if (fault.instead === 'binary') response.write(Buffer.concat([Buffer.alloc(3_200, 7), Buffer.from('\n\n')]));
          else for (const piece of MUTE_PIECES[fault.instead ?? 'nothing']) writeText(piece);
          break;
        }
      }
      write(audio.subarray(at, at + SSE_CHUNK_BYTES));
      await this.#wait((SSE_CHUNK_BYTES * 500) / sampleRateHz / realTimeFactor);
    }
    response.end(`data: ${JSON.stringify({ status: '200', done: true })}\n\n`);
  }

  #dictionary(method: string, body: string, response: ServerResponse): void {
    const { dictionaries } = this.#account;
    const { success, data, error } = z
      .object({ id: z.string().optional(), items: Items.optional() })
      .safeParse(parseJson(body || '{}'));
    if (!success) return json(response, 400, { error: 'Invalid request', details: issuesOf(error) });
    const known = data.id === undefined ? undefined : dictionaries.get(data.id);
    if (method === 'GET') return json(response, 200, [...dictionaries.values()]);
    if (method === 'POST' && data.items) {
      const dictionary: Dictionary = {
        id: `dict_${++this.#count}`,
        items: data.items,
        createdAt: '2026-08-21T00:00:00.000Z',
      };
      dictionaries.set(dictionary.id, dictionary);
      return json(response, 200, dictionary);
    }
    if (method === 'PUT' && known && data.items) {
      known.items = data.items;
      return json(response, 200, { id: known.id, items: known.items });
    }
    if (method === 'DELETE' && known) {
      dictionaries.delete(known.id);
      return json(response, 200, { id: known.id, deleted: true });
    }
    json(response, data.id !== undefined && !known ? 404 : 400, { error: 'No such dictionary', details: [] });
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.#account.settings.clock.after(ms, resolve));
  }
}

const VOICES = [
  {
    voiceId: 'magnus',
    displayName: 'Magnus',
    tags: { language: ['english'], accent: 'american', gender: 'male', emotions: [], usecases: [] },
  },
  {
    voiceId: 'maithili',
    displayName: 'Maithili',
    tags: { language: ['english', 'hindi'], accent: 'indian', gender: 'female', emotions: [], usecases: [] },
  },
  {
    voiceId: 'kaitlyn',
    displayName: 'Kaitlyn',
    tags: { language: ['english'], accent: 'american', gender: 'female', emotions: [], usecases: [] },
  },
];

const CLONES = [
  {
    _id: '1',
    voiceId: 'voice_reception',
    displayName: 'Reception',
    description: '',
    accent: 'general',
    tags: [],
    language: 'en',
    status: 'completed',
    cloningType: 'instant',
    modelIds: ['lightning-v3.1'],
    createdAt: '2026-08-01T00:00:00.000Z',
  },
];

const RETIRED = /\/(?:lightning-large|lightning-v2|lightning-v3\.1\/(?:get_speech|stream))/;
const RETIRED_BODY = {
  status: 'error',
  error_code: 'MODEL_DEPRECATED',
  message: 'This route is retired',
  recommended_endpoint: `${BASE}/tts`,
};

function samplesIn(ms = 0, rateHz: number): number {
  return Math.round((ms * rateHz) / 1_000);
}

function encode({ output_format: format, sample_rate: sampleRateHz }: HttpRequest, samples: Int16Array): Uint8Array {
  if (format === 'ulaw') return encodeMulaw(samples);
  if (format === 'alaw') return encodeAlaw(samples);
  if (format === 'wav') return writeWav({ sampleRateHz, channels: [samples] });
  return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
}

export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
