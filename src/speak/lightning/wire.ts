/**
 * Lightning's WebSocket: JSON text frames both ways, audio as base64 in them. Holds no socket; `line.ts` does. Every
 * message carries all its fields, for there is no set-up message (`wire/lightning.md` 2, 3.3, 4).
 */
import { isRecord, parseJson } from '../../lib/json.ts';
import { hideSecrets, readErrorFrame, type ErrorFacts } from '../../lib/provider-errors.ts';
import type { LightningVoiceOptions } from './voices.ts';

/** What is the same in every message of one request. */
export interface RequestFields {
  voice: LightningVoiceOptions;
  sampleRateHz: number;
  /** `^[a-zA-Z0-9_\-.]{1,128}$`, as `toId` makes it. */
  sessionId: string;
  requestId: string;
  /** The service speaks what it has buffered after this. 0 would be never. */
  maxBufferFlushMs: number;
  wordTimestamps: boolean;
}

/** What the service said. `requestId` is ours, come back; undefined when the frame did not say. */
export type LightningFrame =
  /** Signed 16-bit little-endian; may hold half a sample, or nothing. */
  | { type: 'audio'; requestId: string | undefined; audio: Uint8Array }
  | { type: 'word'; requestId: string | undefined; word: string; startMs: number; endMs: number }
  /** Audio that cannot be read. `taskId`, here and below: the service's own id of the request, for its support. */
  | { type: 'unreadable'; requestId: string | undefined; taskId: string | undefined }
  | { type: 'complete'; requestId: string | undefined; taskId: string | undefined }
  | { type: 'error'; requestId: string | undefined; kind: 'idle' | 'over-limit' | 'refused'; facts: ErrorFacts }
  /** Not JSON, or nothing that is documented. */
  | { type: 'unknown' };

/** Messages of one request: the fields are serialised once. */
export class RequestFrames {
  readonly #head: string;

  constructor({ voice, sampleRateHz, sessionId, requestId, maxBufferFlushMs, wordTimestamps }: RequestFields) {
    const fields = {
      voice_id: voice.id,
      model: voice.model,
      language: voice.language,
      sample_rate: sampleRateHz,
      speed: voice.speed,
      session_id: sessionId,
      request_id: requestId,
      max_buffer_flush_ms: maxBufferFlushMs,
      ...(wordTimestamps ? { word_timestamps: true } : {}),
      // documents differ on whether the service takes them here, so it is asked only by those who want it (lightning.md, 6)
      ...(voice.livePronunciations && voice.pronunciations?.length
        ? { pronunciation_dicts: voice.pronunciations }
        : {}),
    };
    this.#head = JSON.stringify(fields).slice(0, -1);
  }

  /** One piece of text; more may follow. */
  piece(text: string): string {
    return `${this.#head},"text":${JSON.stringify(text)},"continue":true,"flush":false}`;
  }

  /** No more text: speak the rest, and say so soon after the last audio, not in the usual 4 s. */
  closing(completeBackoffMs: number): string {
    return `${this.#head},"text":"","continue":false,"flush":true,"complete_backoff_ms":${completeBackoffMs}}`;
  }
}

const NO_AUDIO = new Uint8Array(0);

/** Total: whatever `text` is, it comes out as a frame. */
export function readFrame(text: string, secret?: string): LightningFrame {
  const frame = parseJson(text);
  if (!isRecord(frame)) return { type: 'unknown' };
  const requestId = textOf(frame.external_request_id);
  const data = isRecord(frame.data) ? frame.data : {};
  switch (frame.status) {
    case 'chunk': {
      const audio = bytesOf(textOf(data.audio));
      return audio
        ? { type: 'audio', requestId, audio }
        : { type: 'unreadable', requestId, taskId: taskIdOf(frame, secret) };
    }
    case 'word_timestamp': {
      const { word, start, end } = data;
      if (typeof word !== 'string' || !isTime(start) || !isTime(end)) return { type: 'unknown' };
      return { type: 'word', requestId, word, startMs: start * 1_000, endMs: end * 1_000 };
    }
    case 'complete':
      return { type: 'complete', requestId, taskId: taskIdOf(frame, secret) };
    default:
      if (frame.status !== 'error' && frame.error === undefined && frame.errors === undefined)
        return { type: 'unknown' };
      return readError(frame, requestId, secret);
  }
}

/** Three shapes are known (`wire/lightning.md` 4); the common reader knows them all. */
function readError(frame: Record<string, unknown>, requestId: string | undefined, secret?: string): LightningFrame {
  const facts = readErrorFrame(frame, { secret });
  if (/inactiv|\bidle\b|connection timed out/i.test(facts.message))
    return { type: 'error', requestId, kind: 'idle', facts };
  const isOverLimit =
    facts.code === '429' || /concurren|rate.?limit|too many|over.{0,6}limit/i.test(`${facts.code} ${facts.message}`);
  return { type: 'error', requestId, kind: isOverLimit ? 'over-limit' : 'refused', facts };
}

/** What the SSE route sends in one `data:`. Ends with `done: true`; every chunk says `done: false`. */
export type LightningEvent =
  | { type: 'audio'; audio: Uint8Array }
  | { type: 'unreadable' }
  | { type: 'done' }
  | { type: 'error'; facts: ErrorFacts }
  | { type: 'unknown' };

/** Total, like `readFrame`. */
export function readEvent(data: string, secret?: string): LightningEvent {
  const event = parseJson(data);
  if (!isRecord(event)) return { type: 'unknown' };
  if (event.error !== undefined || event.errors !== undefined || event.status === 'error') {
    return { type: 'error', facts: readErrorFrame(event, { secret }) };
  }
  if (event.done === true) return { type: 'done' };
  const text = textOf(event.audio);
  const audio = bytesOf(text);
  if (!audio) return { type: 'unreadable' };
  return text === undefined ? { type: 'unknown' } : { type: 'audio', audio };
}

/** The bytes of base64; undefined when it is none. What `Buffer` does not know it skips, and noise would come of the rest. */
function bytesOf(base64 = ''): Uint8Array | undefined {
  if (base64 === '') return NO_AUDIO;
  const bytes = Buffer.from(base64, 'base64');
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
  if (bytes.length === Math.floor(((base64.length - padding) * 3) / 4)) return bytes;
  const inOneLine = base64.replace(/\s+/g, '');
  return inOneLine.length < base64.length ? bytesOf(inOneLine) : undefined;
}

/** A session or request id that the service takes, from whatever names the call. */
export function toId(name: string): string {
  return name.replace(/[^a-zA-Z0-9_\-.]/g, '-').slice(0, 128) || 'call';
}

/** Joins pieces of 16-bit audio whose seams may lie in the middle of a sample. */
export class WholeSamples {
  #odd: number | undefined;

  /** Whole samples only; a byte that is left over waits for the next piece. */
  push(bytes: Uint8Array): Uint8Array {
    if (this.#odd === undefined && bytes.length % 2 === 0) return bytes;
    if (this.#odd === undefined) {
      this.#odd = bytes[bytes.length - 1];
      return bytes.subarray(0, bytes.length - 1);
    }
    if (bytes.length === 0) return bytes;
    const isOdd = bytes.length % 2 === 0;
    const joined = new Uint8Array(isOdd ? bytes.length : bytes.length + 1);
    joined[0] = this.#odd;
    joined.set(isOdd ? bytes.subarray(0, bytes.length - 1) : bytes, 1);
    this.#odd = isOdd ? bytes[bytes.length - 1] : undefined;
    return joined;
  }
}

function taskIdOf({ request_id: id }: Record<string, unknown>, secret: string | undefined): string | undefined {
  const text = textOf(id);
  return text === undefined ? undefined : hideSecrets(text, secret);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
