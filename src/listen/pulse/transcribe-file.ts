/** Pre-recorded audio to text, over HTTP, with either Pulse model. `wire/pulse.md` 9. */
import { z } from 'zod';
import type { AudioFormat } from '../../audio/contract.ts';
import { wavHeader } from '../../audio/wav.ts';
import { holdProcess, systemClock, type Clock } from '../../lib/clock.ts';
import { messageOf, ProviderError, VoiceError } from '../../lib/errors.ts';
import { parseJson } from '../../lib/json.ts';
import { hideSecrets, readErrorBody, refusalOf } from '../../lib/provider-errors.ts';
import { doubledMs } from '../../lib/retry.ts';
import { KEY_FORM, wrongKey } from '../../lib/smallest.ts';
import { FILE_LANGUAGES } from './languages.ts';
import { DEFAULT_BASE_URL } from './wire.ts';

/** Which recording, and how it is to be understood. */
export interface TranscribeFileOptions {
  apiKey: string;
  /** Default `https://api.smallest.ai/waves/v1`. */
  baseUrl?: string;
  /** The bytes of a file in any usual container, or of raw audio when `format` is given, or where to fetch it. */
  audio: Uint8Array | { url: string };
  /** Of raw audio: a WAV header is put before it, since the service looks at nothing else. */
  format?: AudioFormat;
  /** `pulse-pro` takes English and bytes only. Default `pulse`. */
  model?: 'pulse' | 'pulse-pro';
  /** Default `en`. */
  language?: string;
  /** Default true. */
  wordTimestamps?: boolean;
  diarize?: boolean;
  redactPii?: boolean;
  redactPci?: boolean;
  /** For the whole of it, retries included. Default 120,000. */
  timeoutMs?: number;
  signal?: AbortSignal;
  clock?: Clock;
  /** 0 to 1. Default `Math.random`. */
  random?: () => number;
}

/** What was said in a recording. */
export interface FileTranscript {
  text: string;
  words: { word: string; startSeconds: number; endSeconds: number; speaker: string | undefined }[];
  utterances: { text: string; startSeconds: number; endSeconds: number; speaker: string | undefined }[];
  language: string | undefined;
  durationSeconds: number | undefined;
  requestId: string | undefined;
}

const MOST_BYTES = 250 * 1024 * 1024;
const MOST_ATTEMPTS = 5;
const DELAY = { firstMs: 250, mostMs: 8_000 };

/**
 * Busy answers (429, 502, 503) and lost connections are tried again within `timeoutMs`.
 * @throws {VoiceError} `options-invalid` before anything is sent; {ProviderError} when the service refuses or fails; the
 * signal's reason when it is aborted.
 */
export async function transcribeFile(options: TranscribeFileOptions): Promise<FileTranscript> {
  const request = prepare(options);
  const clock = options.clock ?? systemClock;
  const random = options.random ?? Math.random;
  const deadlineMs = clock.nowMs() + (options.timeoutMs ?? 120_000);
  for (let attempt = 1; ; attempt++) {
    const result = await send(request, { options, clock, deadlineMs });
    if (!(result instanceof ProviderError)) return result;
    const delayMs = result.retryAfterMs ?? doubledMs(DELAY, attempt - 1) * random();
    const isHopeless = attempt === MOST_ATTEMPTS || !isBusy(result) || clock.nowMs() + delayMs > deadlineMs;
    if (isHopeless) throw result;
    await pause(clock, delayMs, options.signal);
  }
}

interface Prepared {
  url: string;
  headers: Record<string, string>;
  body: Uint8Array | string;
}

function prepare(options: TranscribeFileOptions): Prepared {
  const { audio, model = 'pulse', language = 'en', baseUrl = DEFAULT_BASE_URL } = options;
  if (!KEY_FORM.test(options.apiKey)) throw invalid(wrongKey(options.apiKey));
  if (!URL.canParse(baseUrl)) throw invalid(`Expected \`baseUrl\` to begin with https://, got \`${baseUrl}\``);
  const languages = model === 'pulse-pro' ? ['en'] : FILE_LANGUAGES;
  if (!languages.includes(language)) {
    throw invalid(`Expected \`language\` of ${model} to be one of ${languages.join(', ')}, got \`${language}\``);
  }
  const isAddress = !(audio instanceof Uint8Array);
  if (isAddress && model === 'pulse-pro') throw invalid('Expected `audio` of pulse-pro to be bytes, got a URL');
  if (!isAddress && (audio.length === 0 || audio.length > MOST_BYTES)) {
    throw invalid(`Expected \`audio\` to be 1 byte to 250 MB, got ${audio.length} bytes`);
  }
  const url = new URL(`${baseUrl.replace(/\/+$/, '')}/stt/`);
  const parameters = {
    model,
    language,
    word_timestamps: options.wordTimestamps ?? true,
    diarize: options.diarize,
    redact_pii: options.redactPii,
    redact_pci: options.redactPci,
  };
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return {
    url: url.href,
    headers: {
      Authorization: `Bearer ${options.apiKey}`,
      'Content-Type': isAddress ? 'application/json' : 'application/octet-stream',
    },
    body: isAddress ? JSON.stringify({ url: audio.url }) : withHeader(audio, options.format),
  };
}

function withHeader(audio: Uint8Array, format: AudioFormat | undefined): Uint8Array {
  if (!format) return audio;
  const { encoding, sampleRateHz } = format;
  return Buffer.concat([wavHeader({ encoding, sampleRateHz, channels: 1, dataBytes: audio.length }), audio]);
}

interface SendContext {
  options: TranscribeFileOptions;
  clock: Clock;
  deadlineMs: number;
}

async function send(request: Prepared, context: SendContext): Promise<FileTranscript | ProviderError> {
  const { options, clock, deadlineMs } = context;
  const timeout = new AbortController();
  const cancel = clock.after(deadlineMs - clock.nowMs(), () => timeout.abort());
  const signal = options.signal ? AbortSignal.any([options.signal, timeout.signal]) : timeout.signal;
  try {
    const response = await fetch(request.url, { method: 'POST', headers: request.headers, body: request.body, signal });
    const text = await response.text();
    return response.ok ? read(text) : refusal(response, text, options.apiKey);
  } catch (thrown) {
    options.signal?.throwIfAborted();
    const message = hideSecrets(
      messageOf(thrown instanceof Error && thrown.cause ? thrown.cause : thrown),
      options.apiKey,
    );
    return timeout.signal.aborted
      ? new ProviderError('pulse', 'step-timeout', `No transcript within ${options.timeoutMs ?? 120_000} ms`, {
          phase: 'before-first-output',
        })
      : new ProviderError('pulse', 'connect-failed', message, { phase: 'connect', cause: thrown });
  } finally {
    cancel();
    timeout.abort();
  }
}

function refusal(response: Response, text: string, secret: string): ProviderError {
  const facts = readErrorBody(response.status, Object.fromEntries(response.headers), text, { secret });
  const message = `Refused with ${response.status}: ${facts.message}`;
  return refusalOf('pulse', { ...facts, message }, { phase: 'before-first-output' });
}

/** A lost connection has no status. */
function isBusy({ status, code }: ProviderError): boolean {
  return code === 'connect-failed' || status === 429 || status === 502 || status === 503;
}

const seconds = z.coerce.number().catch(0);
const speaker = z.union([z.string(), z.number()]).transform(String).optional().catch(undefined);
const Reply = z.object({
  transcription: z.string().optional(),
  transcript: z.string().optional(),
  words: z.array(z.object({ word: z.string(), start: seconds, end: seconds, speaker })).catch([]),
  utterances: z.array(z.object({ text: z.string(), start: seconds, end: seconds, speaker })).catch([]),
  language: z.string().optional().catch(undefined),
  request_id: z.string().optional().catch(undefined),
  metadata: z.object({ duration: z.number().optional() }).catch({}),
});

function read(text: string): FileTranscript | ProviderError {
  const { success, data } = Reply.safeParse(parseJson(text));
  const transcript = data?.transcription ?? data?.transcript;
  if (!success || transcript === undefined) {
    return new ProviderError('pulse', 'provider-failed', 'The answer holds no transcription', {
      phase: 'before-first-output',
      status: 200,
    });
  }
  return {
    text: transcript.trim(),
    words: data.words.map(({ word, start, end, ...rest }) => ({
      word,
      startSeconds: start,
      endSeconds: end,
      speaker: rest.speaker,
    })),
    utterances: data.utterances.map(({ text: said, start, end, ...rest }) => ({
      text: said,
      startSeconds: start,
      endSeconds: end,
      speaker: rest.speaker,
    })),
    language: data.language,
    durationSeconds: data.metadata.duration,
    requestId: data.request_id,
  };
}

function pause(clock: Clock, delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  const letGo = holdProcess(); // a script may do nothing else
  return new Promise<void>((resolve, reject) => {
    const abort = () => {
      cancel();
      reject(signal?.reason as Error);
    };
    const cancel = clock.after(delayMs, () => {
      signal?.removeEventListener('abort', abort);
      resolve();
    });
    signal?.addEventListener('abort', abort, { once: true });
  }).finally(letGo);
}

function invalid(message: string): VoiceError {
  return new VoiceError('options-invalid', `pulse: ${message}`);
}
