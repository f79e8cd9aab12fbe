/**
 * `POST /audio/transcriptions`, as OpenAI documents it and many servers speak it: a form with a WAV file out, a text back,
 * whole or as it is found. Pure: holds no connection.
 *
 * Documented: the fields `file`, `model`, `language`, `prompt`, `response_format`, `timestamp_granularities[]` and `stream`; the
 * answers `{ text }`, with `segments` and `words` where they were asked for; the events `transcript.text.delta` and
 * `transcript.text.done`. Our own reading, of servers that differ: vLLM streams chunks as a chat's (`choices[0].delta.content`,
 * then `[DONE]`); others send an event a segment, `{ text }` or the bare text; whisper.cpp answers a text as HTML, with line
 * ends in it; a server that cannot stream answers whole.
 * @see https://platform.openai.com/docs/api-reference/audio/createTranscription
 */
import { VoiceError } from '../../lib/errors.ts';
import { EventReader } from '../../lib/event-reader.ts';
import { isRecord, parseJson } from '../../lib/json.ts';
import { readErrorFrame, type ErrorFacts } from '../../lib/provider-errors.ts';

/** Appended to the base address. */
export const TRANSCRIPTIONS_PATH = '/audio/transcriptions';
/** Of what is sent: what every recognizer of this family hears at, and the only rate that some read. */
export const SENT_RATE_HZ = 16_000;

/** What is the same in each request of a call. */
export interface TranscriptionFields {
  model: string;
  /** `auto`: the server is not told. */
  language: string;
  /** What may have been said before. Default: nothing. */
  prompt?: string | undefined;
  responseFormat: 'json' | 'verbose_json' | 'text';
  /** Asks for the text as it is found. */
  stream: boolean;
  extra: Readonly<Record<string, string>>;
}

/** The fields of a form, beside the file. What the agent calls `extra` takes no field's place. */
export function formFields(fields: TranscriptionFields): [name: string, value: string][] {
  const { model, language, prompt, responseFormat, stream, extra } = fields;
  const own: [string, string][] = [
    ['model', model],
    ['response_format', responseFormat],
    ...(language === 'auto' ? [] : [['language', language] as [string, string]]),
    ...(prompt === undefined ? [] : [['prompt', prompt] as [string, string]]),
    ...(stream ? [['stream', 'true'] as [string, string]] : []),
    ...(responseFormat === 'verbose_json' ? [['timestamp_granularities[]', 'word'] as [string, string]] : []),
  ];
  const names = new Set(own.map(([name]) => name));
  return [...own, ...Object.entries(extra).filter(([name]) => !names.has(name) && name !== 'file')];
}

/** A word, in seconds from the beginning of the file. */
export interface WireWord {
  word: string;
  startSeconds: number;
  endSeconds: number;
}

/** A stretch of the text, and how sure the server is of it, where it says so. */
export interface WireSegment {
  text: string;
  noSpeech: number | undefined;
  logProbability: number | undefined;
  compression: number | undefined;
}

/** What was understood. `segments` and `words` may be empty where there is a text. */
export interface Transcription {
  text: string;
  segments: WireSegment[];
  words: WireWord[];
}

/** Nobody says so much in one go. */
const MOST_BYTES = 1024 * 1024;

/** One answer's bytes, cut anywhere, to what was understood. */
export class TranscriptReader {
  readonly #events: EventReader | undefined;
  readonly #secret: string | undefined;
  readonly #pieces: Uint8Array[] = [];
  #bytes = 0;
  #text = '';
  #failure: ErrorFacts | undefined;

  /** @param secret A key that must not survive in an error, even if the server repeats it. */
  constructor(contentType: string, secret?: string) {
    this.#events = contentType.startsWith('text/event-stream') ? new EventReader() : undefined;
    this.#secret = secret;
  }

  /** What the server says is wrong, in the middle of its answer. */
  get failure(): ErrorFacts | undefined {
    return this.#failure;
  }

  /**
   * All that is understood so far, when that is more than before.
   * @throws {VoiceError} `frame-invalid`, when the answer does not end.
   */
  push(bytes: Uint8Array): string | undefined {
    this.#bytes += bytes.length;
    if (this.#bytes > MOST_BYTES) throw new VoiceError('frame-invalid', 'Expected a text, got one that does not end');
    if (!this.#events) {
      this.#pieces.push(bytes);
      return undefined;
    }
    return this.#read(this.#events.push(bytes));
  }

  /** @throws {VoiceError} `frame-invalid`, when it is no answer that can be read. */
  end(): Transcription {
    if (!this.#events) return this.#readWhole(Buffer.concat(this.#pieces).toString('utf8'));
    this.#read(this.#events.end());
    return { text: tidy(this.#text), segments: [], words: [] };
  }

  #read(events: readonly string[]): string | undefined {
    const before = this.#text;
    for (const data of events) this.#readEvent(data);
    return this.#text === before ? undefined : tidy(this.#text);
  }

  #readEvent(data: string): void {
    if (data.trim() === '[DONE]') return;
    const event = parseJson(data);
    if (!isRecord(event)) return this.#add(typeof event === 'string' ? event : data, true);
    if (event.error !== undefined && event.error !== null) {
      this.#failure = readErrorFrame(event, { secret: this.#secret });
    } else if (event.type === 'transcript.text.done') this.#text = textOf(event.text) ?? this.#text;
    else if (event.type === 'transcript.text.delta') this.#add(textOf(event.delta) ?? '', false);
    else if (Array.isArray(event.choices)) this.#add(contentOf(event.choices[0]), false);
    else this.#add(textOf(event.text) ?? '', true);
  }

  /** A segment is a text by itself; a delta goes on where the one before it ended. */
  #add(text: string, isSegment: boolean): void {
    const isJoined = this.#text === '' || text === '' || /\s$/.test(this.#text) || /^\s/.test(text);
    this.#text += isSegment && !isJoined ? ` ${text}` : text;
  }

  #readWhole(body: string): Transcription {
    const value = parseJson(body);
    if (typeof value === 'string') return { text: tidy(value), segments: [], words: [] };
    if (!isRecord(value)) {
      if (/^\s*(<!doctype|<html|[{[])/i.test(body)) throw invalid(body);
      return { text: tidy(body), segments: [], words: [] };
    }
    if (value.error !== undefined && value.error !== null)
      this.#failure = readErrorFrame(value, { secret: this.#secret });
    const segments = recordsIn(value.segments).map(segmentOf);
    const text = textOf(value.text) ?? (segments.length > 0 ? segments.map((one) => one.text).join(' ') : undefined);
    if (text === undefined && !this.#failure) throw invalid(body);
    const words = [value, ...recordsIn(value.segments)].flatMap((one) => recordsIn(one.words)).flatMap(wordOf);
    return { text: tidy(text ?? ''), segments, words };
  }
}

function segmentOf(value: Record<string, unknown>): WireSegment {
  return {
    text: tidy(textOf(value.text) ?? ''),
    noSpeech: numberOf(value.no_speech_prob),
    logProbability: numberOf(value.avg_logprob),
    compression: numberOf(value.compression_ratio),
  };
}

function wordOf(value: Record<string, unknown>): WireWord[] {
  const word = tidy(textOf(value.word) ?? '');
  const [startSeconds, endSeconds] = [numberOf(value.start), numberOf(value.end)];
  if (word === '' || startSeconds === undefined || endSeconds === undefined) return [];
  return startSeconds >= 0 && endSeconds > startSeconds ? [{ word, startSeconds, endSeconds }] : [];
}

function contentOf(choice: unknown): string {
  const delta = isRecord(choice) ? choice.delta : undefined;
  return (isRecord(delta) ? textOf(delta.content) : undefined) ?? '';
}

function recordsIn(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** Without the line ends between what a server took for subtitles. */
function tidy(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

function invalid(body: string): VoiceError {
  const got = body.trim() === '' ? 'nothing' : `\`${body.trim().slice(0, 100)}\``;
  return new VoiceError('frame-invalid', `Expected a text, or JSON with one, got ${got}`);
}
