/**
 * Pulse on the wire: the query that opens a live socket, the frames that come back, and what a close means. Pure: holds
 * no socket; `transcriber.ts` does. `wire/pulse.md` 1 to 4.
 */
import { z } from 'zod';
import type { AudioFormat, Encoding } from '../../audio/contract.ts';
import { VoiceError } from '../../lib/errors.ts';
import { isRecord, parseJson } from '../../lib/json.ts';
import { readErrorFrame, statusNamedBy, type ErrorFacts } from '../../lib/provider-errors.ts';
import type { RetryVerdict } from '../../lib/retry.ts';
import type { HeardWord } from '../contract.ts';
import { checkRegion, isLiveLanguage, LIVE_LANGUAGES, US_HOST, DEFAULT_HOST, regionOf } from './languages.ts';

/** Live sockets that an account may have open at once; one more is closed with 1008. */
export const MOST_SOCKETS = 100;
export const DEFAULT_BASE_URL = `https://${DEFAULT_HOST}/waves/v1`;
/** Appended to the base URL. */
export const LIVE_PATH = '/stt/live';
export const LIVE_MODEL = 'pulse';

/** JSON text frames, from us. */
export const FINALIZE_MESSAGE = '{"type":"finalize"}';
export const CLOSE_STREAM_MESSAGE = '{"type":"close_stream"}';

const CLOSE_NORMAL = 1000;
/** Too many open sockets in the organisation. */
export const CLOSE_TOO_MANY = 1008;

export const SAMPLE_RATES_HZ: readonly number[] = [8_000, 16_000, 22_050, 24_000, 44_100, 48_000];
/** 10,000 by one page, 100 by another. */
export const MOST_KEYWORDS = 100;
/** Above it the model invents the word. */
export const MOST_BOOST = 5;

const flag = z.boolean().optional();

/** What may be asked of the live service beside language, keywords and format. Everything optional; the query is a whitelist. */
export const PulseQuery = z.strictObject({
  /** Finals at trailing silence. Default true. */
  endpointing: flag,
  /** Silence before a final, in milliseconds, 100 to 10,000. Default 300: turns are decided by us. */
  eouTimeoutMs: z.int().min(100).max(10_000).optional(),
  /** Finals every few words as well. Default false: we ask for the finals that we need. */
  finalizeOnWords: flag,
  maxWords: z.int().min(1).optional(),
  /** Default true. */
  vadEvents: flag,
  /** Default true: by them a final says how far it reaches, so that a reconnect replays no more than it must. */
  wordTimestamps: flag,
  sentenceTimestamps: flag,
  diarize: flag,
  /** Punctuation and capitals. Default true. */
  format: flag,
  /** Spoken numbers to digits. Default false. */
  itnNormalize: flag,
  redactPii: flag,
  redactPci: flag,
  numerals: z.enum(['true', 'false', 'auto']).optional(),
  /** For the provider's analytics; not echoed. */
  sessionId: z
    .string()
    .regex(/^[\w.-]{1,128}$/)
    .optional(),
});
export type PulseQuery = z.output<typeof PulseQuery>;

export interface LiveOptions {
  /** `https://api.smallest.ai/waves/v1` or where a stand-in listens. */
  baseUrl: string;
  language: string;
  /** Each `word` or `word:boost`. */
  keywords: readonly string[];
  format: AudioFormat;
  query?: PulseQuery;
}

/**
 * The address of a live socket. Languages that only the US host serves go there when the base URL is the default one.
 * @throws {VoiceError} `options-invalid`, naming the field, what was expected and what was there.
 */
export function liveUrl({ baseUrl, language, keywords, format, query = {} }: LiveOptions): string {
  checkLanguage(language);
  checkFormat(format);
  const checked = checkQuery(query);
  const url = liveBase(baseUrl, language);
  checkRegion(url.hostname, language);
  url.pathname = url.pathname.replace(/\/+$/, '') + LIVE_PATH;
  const parameters: Record<string, string | number | boolean | undefined> = {
    model: LIVE_MODEL,
    language,
    encoding: format.encoding,
    sample_rate: format.sampleRateHz,
    endpointing: checked.endpointing ?? true,
    eou_timeout_ms: checked.eouTimeoutMs ?? 300,
    finalize_on_words: checked.finalizeOnWords ?? false,
    max_words: checked.maxWords,
    vad_events: checked.vadEvents ?? true,
    word_timestamps: checked.wordTimestamps ?? true,
    sentence_timestamps: checked.sentenceTimestamps,
    diarize: checked.diarize,
    format: checked.format ?? true,
    itn_normalize: checked.itnNormalize ?? false,
    redact_pii: checked.redactPii,
    redact_pci: checked.redactPci,
    numerals: checked.numerals,
    external_session_id: checked.sessionId,
    keywords: readKeywords(keywords) || undefined, // an empty value would register an empty keyword
  };
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url.href;
}

function checkLanguage(language: string): void {
  if (isLiveLanguage(language)) return;
  throw invalid(`Expected \`listen.language\` to be one of ${LIVE_LANGUAGES.join(', ')}, got \`${language}\``);
}

const TELEPHONE_ENCODINGS: readonly Encoding[] = ['mulaw', 'alaw'];

function checkFormat({ encoding, sampleRateHz }: AudioFormat): void {
  const rates = TELEPHONE_ENCODINGS.includes(encoding) ? [8_000] : SAMPLE_RATES_HZ;
  if (rates.includes(sampleRateHz)) return;
  throw invalid(`Expected the sampling rate of ${encoding} to be ${rates.join(', ')} Hz, got \`${sampleRateHz}\``);
}

function checkQuery(query: PulseQuery): PulseQuery {
  const { success, data, error } = PulseQuery.safeParse(query);
  if (!success) throw invalid(z.prettifyError(error));
  return data;
}

/** http becomes ws; a host that is ours to choose becomes the one that serves the language. */
function liveBase(baseUrl: string, language: string): URL {
  if (!URL.canParse(baseUrl))
    throw invalid(`Expected the base URL to begin with https:// or http://, got \`${baseUrl}\``);
  const url = new URL(baseUrl);
  const protocol = { 'https:': 'wss:', 'http:': 'ws:', 'wss:': 'wss:', 'ws:': 'ws:' }[url.protocol];
  if (!protocol) throw invalid(`Expected the base URL to begin with https:// or http://, got \`${baseUrl}\``);
  url.protocol = protocol;
  if (url.hostname === DEFAULT_HOST && regionOf(language) === 'us') url.hostname = US_HOST;
  return url;
}

/**
 * The `keywords` parameter: `word:boost,other phrase:boost`.
 * @throws {VoiceError} `options-invalid`, naming the keyword.
 */
export function readKeywords(keywords: readonly string[]): string {
  if (keywords.length > MOST_KEYWORDS) {
    throw invalid(`Expected \`listen.keywords\` to be ${MOST_KEYWORDS} or fewer, got ${keywords.length}`);
  }
  return keywords.map(readKeyword).join(',');
}

function readKeyword(keyword: string): string {
  const [, word = '', boost] = /^(.*?)(?::([^:]*))?$/su.exec(keyword.trim()) ?? [];
  if (word.trim() === '' || /[,:\n]/.test(word)) {
    throw invalid(`Expected a keyword to be \`word\` or \`word:boost\` without a comma, got \`${keyword}\``);
  }
  if (boost === undefined) return word.trim();
  const value = boost.trim() === '' ? NaN : Number(boost);
  if (!(value > 0 && value <= MOST_BOOST)) {
    throw invalid(`Expected the boost of \`${word}\` to be above 0 and at most ${MOST_BOOST}, got \`${boost}\``);
  }
  return `${word.trim()}:${value}`;
}

function invalid(message: string): VoiceError {
  return new VoiceError('options-invalid', `pulse: ${message}`);
}

export type PulseEvent =
  | {
      type: 'transcript';
      text: string;
      isFinal: boolean;
      /** The last final after `close_stream`. */
      isLast: boolean;
      sessionId: string | undefined;
      language: string | undefined;
      /** Times in seconds from the first frame of this connection; empty when none were sent. */
      words: WireWord[];
    }
  | { type: 'speech'; phase: 'start' | 'end'; atSeconds: number | undefined }
  /** `facts.status`: what its code stands for, undefined when it says nothing. `isFatal`: no other try makes it right. */
  | { type: 'error'; facts: ErrorFacts; isFatal: boolean }
  /** A frame that says nothing we use. */
  | { type: 'other'; name: string };

export interface WireWord {
  word: string;
  startSeconds: number;
  endSeconds: number;
}

/** The language is not served where we asked: as a request that no other try makes right. */
const WRONG_REGION = 400;

/**
 * Reads a text frame. Tries every documented shape and the undocumented ones that were seen.
 * @param secret A key that must not survive in an error, even if the service repeats it.
 * @throws {VoiceError} `frame-invalid`, when `text` is no JSON object. Nothing else is ever thrown.
 */
export function readPulseFrame(text: string, secret?: string): PulseEvent {
  const frame = parseJson(text);
  if (!isRecord(frame)) throw new VoiceError('frame-invalid', `pulse: Expected a JSON object, got ${kindOf(frame)}`);
  if (frame.type === 'error' || frame.status === 'error' || frame.error_code !== undefined)
    return readError(frame, secret);
  if (frame.type === 'speech_started') return { type: 'speech', phase: 'start', atSeconds: numberOf(frame.timestamp) };
  if (frame.type === 'speech_ended') return { type: 'speech', phase: 'end', atSeconds: numberOf(frame.timestamp) };
  const transcript = textOf(frame.transcript) ?? textOf(frame.transcription);
  const isTranscript = frame.type === 'transcription' || frame.type === 'transcript';
  if (isTranscript || (frame.type === undefined && transcript !== undefined)) {
    return {
      type: 'transcript',
      text: transcript ?? '',
      isFinal: isTrue(frame.is_final),
      isLast: isTrue(frame.is_last),
      sessionId: textOf(frame.session_id),
      language: textOf(frame.language),
      words: readWords(frame.words),
    };
  }
  return { type: 'other', name: textOf(frame.type) ?? 'unnamed' };
}

function readError(frame: Record<string, unknown>, secret: string | undefined): PulseEvent {
  const facts = readErrorFrame(frame, { fallbackCode: 'unknown', secret });
  const status = /region/i.test(facts.code) ? WRONG_REGION : statusNamedBy(facts);
  const isFatal = status !== undefined && judgeStatus(status) === 'fatal';
  return { type: 'error', facts: { ...facts, status }, isFatal };
}

function readWords(value: unknown): WireWord[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry: unknown) => {
    if (!isRecord(entry)) return [];
    const word = textOf(entry.word);
    const startSeconds = numberOf(entry.start);
    const endSeconds = numberOf(entry.end);
    return word === undefined || startSeconds === undefined || endSeconds === undefined
      ? []
      : [{ word, startSeconds, endSeconds }];
  });
}

/** Words of a connection, at their place in the call. @param offsetMs Where in the call the connection's first frame lies. */
export function placeWords(words: readonly WireWord[], offsetMs: number): HeardWord[] {
  return words.map(({ word, startSeconds, endSeconds }) => ({
    word,
    startMs: startSeconds * 1_000 + offsetMs,
    endMs: endSeconds * 1_000 + offsetMs,
  }));
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : undefined;
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true';
}

function kindOf(value: unknown): string {
  return value === undefined ? 'no JSON' : value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value;
}

/** How soon after its opening a close without a frame says that the language lives elsewhere. */
export const SILENT_CLOSE_MS = 1_000;
/** Codes that say nothing: normal, none given, cut. */
const SILENT_CODES: readonly number[] = [CLOSE_NORMAL, 1005, 1006];

/** Judges the end of a socket that had opened and that we did not end. */
export function judgeClose(close: { code: number; openMs: number; frames: number }): RetryVerdict {
  if (close.code === CLOSE_TOO_MANY) return 'retry-slowly';
  const isSilent = close.frames === 0 && close.openMs < SILENT_CLOSE_MS && SILENT_CODES.includes(close.code);
  return isSilent ? 'retry-twice' : 'retry';
}

/** Judges an HTTP answer where an upgrade was asked for. */
export function judgeStatus(status: number): RetryVerdict {
  if (status === 429) return 'retry-slowly';
  return status >= 400 && status < 500 && status !== 408 ? 'fatal' : 'retry';
}

export { isLiveLanguage, regionOf } from './languages.ts';
