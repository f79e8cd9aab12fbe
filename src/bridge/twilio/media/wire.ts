/**
 * Twilio Media Streams, both ends of it: JSON text frames to typed events and back. Holds no socket; `bridge.ts` does,
 * and the simulated Twilio. Audio is mu-law, 8 kHz, mono, base64.
 * @see https://www.twilio.com/docs/voice/media-streams/websocket-messages
 */
import { z } from 'zod';
import { isRecord } from '../../../lib/json.ts';
import { StartReader } from '../../start-reader.ts';
import { Digit, frameInvalid, readFields, readObject } from '../wire.ts';

const PROTOCOL = 'twilio-media';

/** What Twilio tells the worker. */
export type MediaEvent =
  | MediaStart
  /** `timestampMs`: since the stream's start, by Twilio's clock. */
  | { type: 'audio'; audio: Uint8Array; timestampMs: number | undefined }
  /** Everything before this mark of ours was played, or cleared. */
  | { type: 'mark'; name: string }
  | { type: 'digit'; digit: string }
  | { type: 'stop' };

export interface MediaStart {
  type: 'start';
  streamSid: string;
  callSid: string;
  accountSid: string | undefined;
  parameters: Record<string, string>;
  /** Names of what it said besides, and could not be used; absent when there was nothing. */
  leftOut?: readonly string[];
}

/** What the worker tells Twilio. */
export type MediaCommand =
  | { type: 'audio'; streamSid: string; audio: Uint8Array }
  | { type: 'mark'; streamSid: string; name: string }
  | { type: 'clear'; streamSid: string };

const Mark = z.object({ mark: z.object({ name: z.string() }) });
const Dtmf = z.object({ dtmf: z.object({ digit: Digit }) });

/**
 * The caller's audio as Twilio spells it, which is nearly every frame: read in less than half the time that JSON takes.
 * Whatever is spelled in another way is read as JSON.
 */
const AUDIO_FRAME =
  /^\{"event":"media","sequenceNumber":"\d+",(?:"streamSid":"\w+",)?"media":\{"track":"inbound","chunk":"\d+","timestamp":"(\d{1,15})","payload":"([A-Za-z0-9+/]*={0,2})"\}(?:,"streamSid":"\w+")?\}$/;

/**
 * Reads a frame of Twilio's. `undefined` for what says nothing that we need: `connected`, the outbound track, and
 * events that came into the world after this was written.
 * @throws {VoiceError} `frame-invalid`, when `text` is not what Twilio documents.
 */
export function readMediaEvent(text: string): MediaEvent | undefined {
  const [, timestamp, payload] = AUDIO_FRAME.exec(text) ?? [];
  if (payload !== undefined) return { type: 'audio', audio: decodePayload(payload), timestampMs: Number(timestamp) };
  const frame = readObject(PROTOCOL, text, 'event');
  switch (frame['event']) {
    case 'media':
      return readAudio(frame['media']);
    case 'start':
      return readStart(frame);
    case 'mark':
      return { type: 'mark', name: readFields(PROTOCOL, Mark, frame).mark.name };
    case 'dtmf':
      return { type: 'digit', digit: readFields(PROTOCOL, Dtmf, frame).dtmf.digit };
    case 'stop':
      return { type: 'stop' };
    default:
      return undefined;
  }
}

/** By hand, not by schema: this is the one frame that comes fifty times a second for every call. */
function readAudio(media: unknown): MediaEvent | undefined {
  if (!isRecord(media)) throw frameInvalid(PROTOCOL, 'Expected `media` to be an object');
  const { track, payload, timestamp } = media;
  if (track !== undefined && track !== 'inbound' && track !== 'inbound_track') {
    if (typeof track === 'string') return undefined;
    throw frameInvalid(PROTOCOL, `Expected \`media.track\` to be a string, got \`${typeof track}\``);
  }
  const atMs = typeof timestamp === 'string' && timestamp !== '' ? Number(timestamp) : timestamp;
  return {
    type: 'audio',
    audio: decodePayload(payload),
    timestampMs: typeof atMs === 'number' && Number.isFinite(atMs) ? atMs : undefined,
  };
}

function readStart(frame: Record<string, unknown>): MediaStart {
  const reader = new StartReader(PROTOCOL);
  if (!isRecord(frame['start'])) throw frameInvalid(PROTOCOL, 'Expected `start` to be an object');
  const { streamSid, callSid, accountSid, customParameters, mediaFormat } = frame['start'];
  const { encoding, sampleRate, channels } = reader.object(mediaFormat, 'start.mediaFormat') ?? {};
  reader.onlyIf(encoding, 'start.mediaFormat.encoding', 'audio/x-mulaw');
  reader.onlyIf(sampleRate, 'start.mediaFormat.sampleRate', 8_000);
  reader.onlyIf(channels, 'start.mediaFormat.channels', 1);
  const start: MediaStart = {
    type: 'start',
    streamSid: reader.id(streamSid, 'start.streamSid') ?? reader.requiredId(frame['streamSid'], 'streamSid'),
    callSid: reader.requiredId(callSid, 'start.callSid'),
    accountSid: reader.id(accountSid, 'start.accountSid'),
    parameters: reader.parameters(customParameters, 'start.customParameters'),
  };
  return reader.leftOut.length > 0 ? { ...start, leftOut: reader.leftOut } : start;
}

/** One copy, the decoding itself. Node skips what is not base64, so the length tells whether anything was skipped. */
function decodePayload(payload: unknown): Uint8Array {
  if (typeof payload !== 'string') {
    throw frameInvalid(PROTOCOL, `Expected \`media.payload\` to be a string, got \`${typeof payload}\``);
  }
  const audio = Buffer.from(payload, 'base64');
  const padding = payload.endsWith('==') ? 2 : payload.endsWith('=') ? 1 : 0;
  if (audio.length !== Math.floor(((payload.length - padding) * 3) / 4)) {
    throw frameInvalid(PROTOCOL, 'Expected `media.payload` to be base64');
  }
  return audio;
}

/** Writes the worker's frames of one stream. Everything but the payload is written once a call. */
export class MediaCommandWriter {
  readonly #audioHead: string;
  readonly #markHead: string;
  readonly #clear: string;
  constructor(streamSid: string) {
    const sid = JSON.stringify(streamSid);
    this.#audioHead = `{"event":"media","streamSid":${sid},"media":{"payload":"`;
    this.#markHead = `{"event":"mark","streamSid":${sid},"mark":{"name":`;
    this.#clear = `{"event":"clear","streamSid":${sid}}`;
  }

  audio(mulaw: Uint8Array): string {
    return `${this.#audioHead}${toBase64(mulaw)}"}}`;
  }

  mark(name: string): string {
    return `${this.#markHead}${JSON.stringify(name)}}}`;
  }

  clear(): string {
    return this.#clear;
  }
}

const streamSid = z.string();
const Command = z.discriminatedUnion('event', [
  z.object({ event: z.literal('media'), streamSid, media: z.object({ payload: z.string() }) }),
  z.object({ event: z.literal('mark'), streamSid, mark: z.object({ name: z.string() }) }),
  z.object({ event: z.literal('clear'), streamSid }),
]);

/**
 * Reads a frame of the worker's, as Twilio does: anything that is not documented is its error 31924.
 * @throws {VoiceError} `frame-invalid`
 */
export function readMediaCommand(text: string): MediaCommand {
  const frame = readFields(PROTOCOL, Command, readObject(PROTOCOL, text, 'event'));
  switch (frame.event) {
    case 'media':
      return { type: 'audio', streamSid: frame.streamSid, audio: decodePayload(frame.media.payload) };
    case 'mark':
      return { type: 'mark', streamSid: frame.streamSid, name: frame.mark.name };
    case 'clear':
      return { type: 'clear', streamSid: frame.streamSid };
  }
}

/** Writes Twilio's frames of one stream: sequence numbers from 1, counters as strings, as Twilio does. */
export class MediaEventWriter {
  readonly #ids: Omit<MediaStart, 'type'>;
  readonly #streamSid: string;
  #sequence = 0;
  #chunk = 0;
  constructor(ids: Omit<MediaStart, 'type'>) {
    this.#ids = ids;
    this.#streamSid = JSON.stringify(ids.streamSid);
  }

  connected(): string {
    return '{"event":"connected","protocol":"Call","version":"1.0.0"}';
  }

  start(): string {
    const { streamSid, accountSid, callSid, parameters } = this.#ids;
    const mediaFormat = { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 };
    return this.#frame(
      'start',
      JSON.stringify({
        streamSid,
        accountSid,
        callSid,
        tracks: ['inbound'],
        customParameters: parameters,
        mediaFormat,
      }),
    );
  }

  audio(mulaw: Uint8Array, timestampMs: number): string {
    return this.audioFromBase64(toBase64(mulaw), timestampMs);
  }

  /** For frames that are sent again and again, such as silence. */
  audioFromBase64(payload: string, timestampMs: number): string {
    const facts = `"track":"inbound","chunk":"${++this.#chunk}","timestamp":"${Math.round(timestampMs)}"`;
    return this.#frame('media', `{${facts},"payload":"${payload}"}`);
  }

  digit(digit: string): string {
    return this.#frame('dtmf', JSON.stringify({ track: 'inbound_track', digit }));
  }

  mark(name: string): string {
    return this.#frame('mark', JSON.stringify({ name }));
  }

  stop(): string {
    const { accountSid, callSid } = this.#ids;
    return this.#frame('stop', JSON.stringify({ accountSid, callSid }));
  }

  #frame(event: string, body: string): string {
    const sequence = `"sequenceNumber":"${++this.#sequence}","streamSid":${this.#streamSid}`;
    return `{"event":"${event}",${sequence},"${event}":${body}}`;
  }
}

function toBase64(audio: Uint8Array): string {
  return Buffer.from(audio.buffer, audio.byteOffset, audio.byteLength).toString('base64');
}
