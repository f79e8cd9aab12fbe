/**
 * Lightning over HTTP: whole texts, spoken at once or streamed, and what surrounds synthesis: voices, clones and
 * pronunciation dictionaries (`wire/lightning.md` 5, 8). Retries only what produced nothing.
 */
import { request, type Dispatcher } from 'undici';
import { z } from 'zod';
import { SampleWriter } from '../../audio/convert.ts';
import { resampleWhole } from '../../audio/resample.ts';
import { readWav } from '../../audio/wav.ts';
import { holdProcess, systemClock, type Clock } from '../../lib/clock.ts';
import { ProviderError, VoiceError, type ProviderFacts } from '../../lib/errors.ts';
import { EventReader } from '../../lib/event-reader.ts';
import { isPassing, readErrorBody, refusalOf, requestIdOf, unreachable } from '../../lib/provider-errors.ts';
import { halfAt } from '../../lib/retry.ts';
import { lackOfAudio } from '../lost-words.ts';
import { SpeechRate } from '../speech-rate.ts';
import type { LightningVoiceOptions } from './voices.ts';
import { readEvent, WholeSamples } from './wire.ts';

/** Whose account it is, and where. */
export interface LightningAccount {
  /** Such as `https://api.smallest.ai/waves/v1`. */
  baseUrl: string;
  apiKey: string;
  /** For the waits between retries. Default: the system's. */
  clock?: Clock;
  /** Keeps the connections. Default: the one that all of the process shares. */
  dispatcher?: Dispatcher;
}

/** How a text is spoken. */
export interface SpeechOptions {
  voice: LightningVoiceOptions;
  sampleRateHz: number;
  signal?: AbortSignal | undefined;
  /** Told of each answer that calls itself whole without being it, before it is asked for once more and when it fails. */
  unspoken?: (error: ProviderError) => void;
}

/** In tries after the first. */
const RETRY_MS: readonly number[] = [500, 1_000, 2_000];
const BODY_TIMEOUT_MS = 30_000;
const LONGEST_TEXT = 8_000;
/** 16-bit audio shorter than this is no speech: a clone asked for with another model than its own answers so. */
const LEAST_AUDIO_BYTES = 256;

/** All of `text` as 16-bit samples. Asked once more when the audio cannot be all of it; then it fails with `provider-failed`. */
export async function speakWhole(account: LightningAccount, text: string, options: SpeechOptions): Promise<Uint8Array> {
  return onceMore(options, async () => {
    const { bytes, requestId } = await call(account, 'POST', '/tts', {
      body: speechBody(text, options),
      accept: 'audio/wav', // without it the body may be empty
      signal: options.signal,
    });
    const pcm = withoutWavHeader(bytes, options.sampleRateHz);
    const { id, model } = options.voice;
    const crumb = `answered ${pcm.length} bytes of audio; is the voice \`${id}\` made for \`${model}\`?`;
    const lack = pcm.length < LEAST_AUDIO_BYTES ? crumb : lackOf(text, pcm.length, options);
    if (lack !== undefined) throw new UnspokenError(lack, { phase: 'before-first-output', requestId });
    return pcm;
  });
}

/**
 * The same, handed on while it is still being spoken. Ends early with `stream-cut`, what was handed on stays good; with
 * `provider-failed`, when it ends as if all were spoken and cannot be. Without any audio it is asked once more.
 */
export async function* speakStreaming(
  account: LightningAccount,
  text: string,
  options: SpeechOptions,
): AsyncGenerator<Uint8Array, void, void> {
  const { first, rest } = await onceMore(options, async () => {
    const stream = streamOnce(account, text, options);
    return { first: await stream.next(), rest: stream }; // until there is some, it can begin anew
  });
  try {
    if (first.done) return;
    yield first.value;
    yield* rest;
  } catch (thrown) {
    if (thrown instanceof UnspokenError) options.unspoken?.(thrown);
    throw thrown;
  } finally {
    await rest.return();
  }
}

async function* streamOnce(
  account: LightningAccount,
  text: string,
  options: SpeechOptions,
): AsyncGenerator<Uint8Array, void, void> {
  const { body, requestId } = await open(account, 'POST', '/tts/live', {
    body: speechBody(text, options),
    accept: 'text/event-stream',
    signal: options.signal,
  });
  const reader = new EventReader();
  const samples = new WholeSamples();
  let length = 0;
  const facts = () => ({ phase: length > 0 ? 'mid-stream' : 'before-first-output', requestId }) as const;
  const cut = (message: string, cause?: unknown) =>
    new ProviderError('lightning', 'stream-cut', message, { ...facts(), cause });
  const end = () => {
    const lack = lackOf(text, length, options);
    if (lack !== undefined) throw new UnspokenError(lack, facts());
  };
  try {
    for await (const bytes of body as AsyncIterable<Uint8Array>) {
      for (const data of reader.push(bytes)) {
        const event = readEvent(data, account.apiKey);
        if (event.type === 'done') return end();
        if (event.type === 'unreadable') throw new UnspokenError('sent audio that cannot be read', facts());
        if (event.type === 'error') throw cut(event.facts.message);
        const whole = event.type === 'audio' ? samples.push(event.audio) : undefined;
        if (!whole || whole.length === 0) continue;
        length += whole.length;
        yield whole;
      }
    }
  } catch (thrown) {
    options.signal?.throwIfAborted();
    if (thrown instanceof ProviderError) throw thrown;
    throw thrown instanceof VoiceError ? cut(thrown.message, thrown) : cut('the connection was lost', thrown);
  }
  for (const data of reader.end()) if (readEvent(data).type === 'done') return end();
  throw cut('the stream ended before it said so');
}

/** An answer that calls itself whole, and whose audio cannot be all of the words. */
class UnspokenError extends ProviderError {
  constructor(message: string, facts: ProviderFacts) {
    super('lightning', 'provider-failed', message, facts);
  }
}

/** What came back without any sound, or broke off before it, is asked for once more. */
async function onceMore<T>({ unspoken }: SpeechOptions, ask: () => Promise<T>): Promise<T> {
  const tell = (thrown: unknown) => {
    if (thrown instanceof UnspokenError) unspoken?.(thrown);
    return thrown;
  };
  try {
    return await ask();
  } catch (thrown) {
    const { code, phase } = thrown instanceof ProviderError ? thrown : {};
    const isMute = thrown instanceof UnspokenError || (code === 'stream-cut' && phase === 'before-first-output');
    if (!isMute) throw thrown;
    tell(thrown);
  }
  return ask().catch((thrown: unknown) => {
    throw tell(thrown);
  });
}

function lackOf(text: string, bytes: number, { voice, sampleRateHz }: SpeechOptions): string | undefined {
  const rate = new SpeechRate(voice.speed);
  return lackOfAudio(text, (bytes * 1_000) / (2 * sampleRateHz), (words) => rate.expectMsOf(words));
}

// ---- voices ---------------------------------------------------------------------------------------------------------

const Voice = z.object({
  voiceId: z.string(),
  displayName: z.string().catch(''),
  tags: z
    .object({
      language: z.array(z.string()).catch([]),
      accent: z.string().optional().catch(undefined),
      gender: z.string().optional().catch(undefined),
    })
    .catch({ language: [], accent: undefined, gender: undefined }),
});
/** A voice of the catalogue, as the service lists it. */
export type LightningVoice = z.output<typeof Voice>;

/**
 * The catalogue, of all models together: the service does not say which voice belongs to which.
 * @throws {ProviderError} when the service refuses, or cannot be reached after three more tries.
 */
export async function listVoices(account: LightningAccount, signal?: AbortSignal): Promise<LightningVoice[]> {
  const { voices } = await callJson(
    account,
    'GET',
    '/lightning-v3.1/get_voices',
    z.object({ voices: z.array(Voice) }),
    {
      signal,
    },
  );
  return voices;
}

const Clone = z.object({
  voiceId: z.string(),
  displayName: z.string().catch(''),
  status: z.string().catch(''),
  /** Such as `lightning-v3.1`, with a hyphen. A clone speaks with these only. */
  modelIds: z.array(z.string()).catch([]),
  language: z
    .union([z.string(), z.array(z.string())])
    .optional()
    .catch(undefined),
});
/** A voice that was made of a person's own, as the service lists it. */
export type LightningClone = z.output<typeof Clone>;

/**
 * The voices that were made for this account.
 * @throws {ProviderError} when the service refuses, or cannot be reached after three more tries.
 */
export async function listClones(account: LightningAccount, signal?: AbortSignal): Promise<LightningClone[]> {
  const { data } = await callJson(account, 'GET', '/voice-cloning', z.object({ data: z.array(Clone) }), { signal });
  return data;
}

// ---- pronunciation dictionaries -------------------------------------------------------------------------------------

/** Matched case-sensitively; `pronunciation` is a plain respelling, not IPA. */
export interface Pronunciation {
  word: string;
  pronunciation: string;
}

const Dictionary = z.object({
  id: z.string(),
  items: z.array(z.object({ word: z.string(), pronunciation: z.string() })),
  createdAt: z.string().optional(),
});
/** Words and how they are said, under one id, which an agent file names. */
export type PronunciationDictionary = z.output<typeof Dictionary>;
const DICTIONARIES = '/pronunciation-dicts';

/**
 * The account's pronunciation dictionaries.
 * @throws {ProviderError} when the service refuses, or cannot be reached after three more tries.
 */
export async function listDictionaries(
  account: LightningAccount,
  signal?: AbortSignal,
): Promise<PronunciationDictionary[]> {
  return callJson(account, 'GET', DICTIONARIES, z.array(Dictionary), { signal });
}

/**
 * Makes a dictionary of these words.
 * @throws {VoiceError} `request-invalid`, when there are no items; {ProviderError} when the service refuses, or cannot be reached after three more tries.
 */
export async function createDictionary(
  account: LightningAccount,
  items: readonly Pronunciation[],
): Promise<PronunciationDictionary> {
  if (items.length === 0) throw new VoiceError('request-invalid', 'Expected at least one pronunciation, got none');
  return callJson(account, 'POST', DICTIONARIES, Dictionary, { body: { items } });
}

/**
 * Puts `items` in the place of what the dictionary held.
 * @throws {ProviderError} when the service refuses, or cannot be reached after three more tries.
 */
export async function updateDictionary(
  account: LightningAccount,
  id: string,
  items: readonly Pronunciation[],
): Promise<PronunciationDictionary> {
  return callJson(account, 'PUT', DICTIONARIES, Dictionary, { body: { id, items } });
}

/**
 * Takes the dictionary away, for good.
 * @throws {ProviderError} when the service refuses, or cannot be reached after three more tries.
 */
export async function deleteDictionary(account: LightningAccount, id: string): Promise<void> {
  await call(account, 'DELETE', DICTIONARIES, { body: { id } }); // in the body, as documented
}

// ---- requests -------------------------------------------------------------------------------------------------------

interface CallOptions {
  body?: unknown;
  accept?: string;
  signal?: AbortSignal | undefined;
}
type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

function speechBody(text: string, { voice, sampleRateHz }: SpeechOptions): object {
  if (text.trim() === '' || text.length > LONGEST_TEXT) {
    const got = text.trim() === '' ? 'white space' : `${text.length}`;
    throw new VoiceError('request-invalid', `Expected a text of 1 to ${LONGEST_TEXT} characters, got ${got}`);
  }
  return {
    text,
    voice_id: voice.id,
    model: voice.model,
    language: voice.language,
    speed: voice.speed,
    sample_rate: sampleRateHz,
    output_format: 'pcm',
    ...(voice.pronunciations?.length ? { pronunciation_dicts: voice.pronunciations } : {}),
  };
}

async function callJson<T>(
  account: LightningAccount,
  method: Method,
  path: string,
  schema: z.ZodType<T>,
  options: CallOptions,
): Promise<T> {
  const { bytes } = await call(account, method, path, options);
  const text = Buffer.from(bytes).toString();
  const { success, data, error } = schema.safeParse(safeJson(text));
  if (success) return data;
  const message = `Expected another answer to ${method} ${path}: ${z.prettifyError(error)}`;
  throw new ProviderError('lightning', 'frame-invalid', message, { phase: 'mid-stream' });
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

async function call(
  account: LightningAccount,
  method: Method,
  path: string,
  options: CallOptions,
): Promise<{ bytes: Uint8Array; requestId: string | undefined }> {
  const { body, requestId } = await open(account, method, path, options);
  try {
    return { bytes: new Uint8Array(await body.arrayBuffer()), requestId };
  } catch (thrown) {
    options.signal?.throwIfAborted();
    const facts = { phase: 'mid-stream', requestId, cause: thrown } as const;
    throw new ProviderError('lightning', 'stream-cut', 'the connection was lost', facts);
  }
}

interface GoodAnswer {
  body: Awaited<ReturnType<typeof request>>['body'];
  /** The service's own id of it, for its support. */
  requestId: string | undefined;
}

/** A good answer. Tries again what was refused for a moment: limits, and a service that is down. */
async function open(
  account: LightningAccount,
  method: Method,
  path: string,
  options: CallOptions,
): Promise<GoodAnswer> {
  for (let attempt = 0; ; attempt++) {
    const outcome = await tryOnce(account, method, path, options);
    if (!(outcome instanceof ProviderError)) return outcome;
    const backOffMs = outcome.status === 500 && attempt > 0 ? undefined : RETRY_MS[attempt];
    if (backOffMs === undefined || !isPassing(outcome)) throw outcome;
    await wait(account.clock ?? systemClock, outcome.retryAfterMs ?? backOffMs * halfAt(Math.random()), options.signal);
  }
}

async function tryOnce(
  { baseUrl, apiKey, dispatcher }: LightningAccount,
  method: Method,
  path: string,
  { body, accept = 'application/json', signal }: CallOptions,
): Promise<GoodAnswer | ProviderError> {
  try {
    const response = await request(`${baseUrl}${path}`, {
      method,
      ...(dispatcher ? { dispatcher } : {}),
      headers: {
        authorization: `Bearer ${apiKey}`,
        accept,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal ?? null,
      bodyTimeout: BODY_TIMEOUT_MS,
      headersTimeout: BODY_TIMEOUT_MS,
    });
    if (response.statusCode < 300) return { body: response.body, requestId: requestIdOf(response.headers, apiKey) };
    const text = await response.body.text();
    const facts = readErrorBody(response.statusCode, response.headers, text, { secret: apiKey });
    return refusalOf('lightning', facts, { phase: 'before-first-output' });
  } catch (thrown) {
    signal?.throwIfAborted();
    return unreachable('lightning', thrown, apiKey);
  }
}

async function wait(clock: Clock, ms: number, signal: AbortSignal | undefined): Promise<void> {
  const letGo = holdProcess(); // a script may do nothing else
  await new Promise<void>((resolve, reject) => {
    const stop = clock.after(ms, () => {
      signal?.removeEventListener('abort', aborted);
      resolve();
    });
    const aborted = () => {
      stop();
      reject(signal?.reason as Error);
    };
    signal?.addEventListener('abort', aborted, { once: true });
  }).finally(letGo);
}

/** We ask for bare samples; a RIFF header that comes all the same is not played as a click, and its rate is believed. */
function withoutWavHeader(bytes: Uint8Array, wantedHz: number): Uint8Array {
  const isWav = Buffer.from(bytes.subarray(0, 4)).toString('latin1') === 'RIFF';
  if (!isWav) return bytes.subarray(0, bytes.length - (bytes.length % 2));
  const { channels, sampleRateHz } = readWav(bytes);
  const writer = new SampleWriter({ encoding: 'linear16', sampleRateHz: wantedHz });
  return writer.write(resampleWhole(channels[0] ?? new Int16Array(0), sampleRateHz, wantedHz));
}
