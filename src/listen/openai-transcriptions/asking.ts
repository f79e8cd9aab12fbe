/** One stretch of speech, asked for once: what is understood of it is told as it comes, and how it ended. */
import { FormData } from 'undici';
import type { Clock } from '../../lib/clock.ts';
import { ProviderError, VoiceError, type ErrorCode } from '../../lib/errors.ts';
import { isPassing, refusalOf } from '../../lib/provider-errors.ts';
import type { ProviderServer } from '../../lib/provider-server.ts';
import type { TranscriptionListen } from './options.ts';
import type { Segment } from './segments.ts';
import {
  formFields,
  TranscriptReader,
  TRANSCRIPTIONS_PATH,
  type Transcription,
  type TranscriptionFields,
} from './wire.ts';

export const PROVIDER = 'openai-transcriptions';

/** What this server has been found not to take, for the process. */
export interface Manners {
  /** It is asked to tell a text as it finds it. */
  stream: boolean;
  /** It is asked in the form that the agent wants, and not as JSON. */
  ownForm: boolean;
}

export interface Asking {
  server: ProviderServer;
  apiKey: string | undefined;
  listen: TranscriptionListen;
  model: string;
  manners: Manners;
  clock: Clock;
  /** From a request to its whole answer; longer for a stretch that lasted longer. */
  answerMs: number;
}

/** How it ended. */
export type Ending =
  | { type: 'understood'; transcription: Transcription }
  /** Out of reach, too busy, or broken off: the same may be understood a little later. */
  | { type: 'passing'; error: ProviderError }
  /** This stretch, or the form of the question, is not taken. */
  | { type: 'refused'; error: ProviderError }
  /** Nothing will be understood there: the key, the address or the model is wrong. */
  | { type: 'fatal'; error: ProviderError };

const FATAL = [401, 403, 404, 405];

/** What was said before, for the server: the words that it is to expect. Undefined when there are none. */
export function promptOf({ keywords }: TranscriptionListen): string | undefined {
  const words = keywords.map((keyword) => keyword.replace(/:[\d.]+$/, '').trim()).filter((word) => word !== '');
  return words.length === 0 ? undefined : words.join(', ');
}

/** `partial`: all that is understood so far. Settles once nothing more comes; with `signal` aborted, it may be anything. */
export async function transcribeOnce(
  asking: Asking,
  segment: Segment,
  { signal, partial }: { signal: AbortSignal; partial: (text: string) => void },
): Promise<Ending> {
  const forMs = Math.max(asking.answerMs, segment.lengthMs);
  const deadline = new Deadline(asking.clock, forMs, signal);
  try {
    return await transcribe(asking, segment, deadline.signal, partial);
  } catch (thrown) {
    if (deadline.isOverdue) {
      const message = `no answer within ${Math.round(forMs / 100) / 10} s`;
      return { type: 'passing', error: errorOf('first-token-timeout', message) };
    }
    if (thrown instanceof ProviderError) return refused(thrown);
    if (thrown instanceof VoiceError) return { type: 'refused', error: errorOf('frame-invalid', thrown.message) };
    const message = 'the connection was lost before the answer was whole';
    return { type: 'passing', error: errorOf('stream-cut', message, thrown) };
  } finally {
    deadline.over();
  }
}

/**
 * Why it is of no use to ask this server now; undefined when it is there and lets us in. Any answer of its own will do, for
 * not all of them list their models.
 */
export async function knock(
  { server, clock }: Asking,
  { signal, forMs }: { signal: AbortSignal; forMs: number },
): Promise<ProviderError | undefined> {
  const deadline = new Deadline(clock, forMs, signal);
  try {
    const { body } = await server.ask({ method: 'GET', path: '/models', signal: deadline.signal });
    await body.dump({ limit: MOST_MODELS_BYTES });
    return undefined;
  } catch (thrown) {
    if (!(thrown instanceof ProviderError)) return errorOf('connect-timeout', `no answer within ${forMs / 1_000} s`);
    const { status = 0, code } = thrown;
    return status >= 400 && status < 500 && status !== 429 && code !== 'unauthorized' ? undefined : atDoor(thrown);
  } finally {
    deadline.over();
  }
}

/** A list that is longer costs its connection. */
const MOST_MODELS_BYTES = 1024 * 1024;

/** A signal that is aborted with another one, or when its time is up. */
class Deadline {
  readonly #own = new AbortController();
  readonly #outer: AbortSignal;
  readonly #cancelTimer: () => void;
  readonly #stop = () => {
    this.over();
    this.#own.abort();
  };
  isOverdue = false;

  constructor(clock: Clock, ms: number, outer: AbortSignal) {
    this.#outer = outer;
    this.#cancelTimer = clock.after(ms, () => {
      this.isOverdue = true;
      this.#stop();
    });
    outer.addEventListener('abort', this.#stop, { once: true });
    if (outer.aborted) this.#stop();
  }

  get signal(): AbortSignal {
    return this.#own.signal;
  }

  over(): void {
    this.#cancelTimer();
    this.#outer.removeEventListener('abort', this.#stop);
  }
}

async function transcribe(
  { server, apiKey, listen, model, manners }: Asking,
  segment: Segment,
  signal: AbortSignal,
  partial: (text: string) => void,
): Promise<Ending> {
  const answer = await server.ask({
    method: 'POST',
    path: TRANSCRIPTIONS_PATH,
    body: formOf(segment, {
      ...{ model: listen.model ?? model, language: listen.language, prompt: promptOf(listen), extra: listen.extra },
      responseFormat: manners.ownForm ? listen.responseFormat : 'json',
      stream: manners.stream,
    }),
    signal,
  });
  const reader = new TranscriptReader(answer.contentType, apiKey);
  for await (const bytes of answer.body as AsyncIterable<Uint8Array>) {
    const text = reader.push(bytes);
    if (text !== undefined) partial(text);
  }
  const transcription = reader.end();
  const { failure } = reader;
  if (!failure) return { type: 'understood', transcription };
  const { requestId } = answer;
  const error = refusalOf(PROVIDER, { ...failure, requestId: failure.requestId ?? requestId }, { phase: 'mid-stream' });
  return { type: 'passing', error };
}

function formOf(segment: Segment, fields: TranscriptionFields): FormData {
  const form = new FormData();
  form.set('file', new Blob([segment.wav()], { type: 'audio/wav' }), 'speech.wav');
  for (const [name, value] of formFields(fields)) form.append(name, value);
  return form;
}

function refused(error: ProviderError): Ending {
  if (isPassing(error)) return { type: 'passing', error };
  if (!FATAL.includes(error.status ?? 0)) return { type: 'refused', error };
  return { type: 'fatal', error: error.code === 'unauthorized' ? atDoor(error) : error };
}

/** As it meets whoever wants to be let in. */
function atDoor(error: ProviderError): ProviderError {
  const { provider, code, message, status, providerCode, details, requestId, retryAfterMs, cause } = error;
  const facts = { phase: 'connect', status, providerCode, details, requestId, retryAfterMs, cause } as const;
  return new ProviderError(provider, code, message.replace(`${provider}: `, ''), facts);
}

function errorOf(code: ErrorCode, message: string, cause?: unknown): ProviderError {
  return new ProviderError(PROVIDER, code, message, { phase: 'before-first-output', cause });
}
