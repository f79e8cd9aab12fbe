/**
 * Plivo's audio streams, both ends of them, which Vobiz speaks too: `playAudio` with its format in every message,
 * `checkpoint` for a mark, of which nothing comes back once it was cleared. No `connected`, and no numbers.
 * @see https://www.plivo.com/docs/voice/concepts/audio-streaming
 */
import type { AudioFormat } from '../../audio/contract.ts';
import { VoiceError } from '../../lib/errors.ts';
import { commandReaderOf, type PeerWire } from '../json/peer/wire.ts';
import { commandsOf, readerOf, type JsonWire } from '../json/wire.ts';

const NAME = 'plivo-media';

/** What `contentType` of a stream may be, and what goes both ways then. The samples are little-endian. */
export const CONTENT_TYPES = {
  'audio/x-mulaw;rate=8000': { encoding: 'mulaw', sampleRateHz: 8_000 },
  'audio/x-l16;rate=8000': { encoding: 'linear16', sampleRateHz: 8_000 },
  'audio/x-l16;rate=16000': { encoding: 'linear16', sampleRateHz: 16_000 },
} as const satisfies Record<string, AudioFormat>;
export type ContentType = keyof typeof CONTENT_TYPES;

/** What Plivo puts before every name by itself. */
const HEADER_PREFIX = /^X-PH-/i;

/**
 * The `sipHeaders` of a `<Dial>`. Plivo takes names and values of letters and digits, and writes `X-PH-` before each name.
 * @throws {VoiceError} `request-invalid`, for others.
 */
export function sipHeaders(headers: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(headers).map(([name, value]) => {
    const own = name.replace(HEADER_PREFIX, '');
    if (own !== name && /^[A-Za-z0-9]+$/.test(own) && /^[A-Za-z0-9]*$/.test(value)) return `${own}=${value}`;
    const expected = 'SIP headers named X-PH- and letters and digits, with letters and digits as value';
    throw new VoiceError('request-invalid', `Expected for Plivo ${expected}, got \`${name}\``);
  });
  return pairs.join(',');
}

export const encodingOf = ({ encoding }: AudioFormat): string =>
  encoding === 'mulaw' ? 'audio/x-mulaw' : 'audio/x-l16';

export const PLIVO_WIRE: JsonWire = {
  name: NAME,
  audioFrame:
    /^\{"event":"media","sequenceNumber":"?\d+"?,"streamId":"[\w-]+","media":\{"track":"inbound","timestamp":"?\d{1,15}"?,"chunk":"?\d+"?,"payload":"([A-Za-z0-9+/]*={0,2})"\}(?:,"extra_headers":"[^"\\]*")?\}$/,
  events: { media: 'audio', start: 'start', playedStream: 'mark', played: 'mark', dtmf: 'digit', stop: 'stop' },
  start: {
    streamId: ['streamId'],
    callId: ['callId'],
    accountId: 'accountId',
    parameters: { name: 'extra_headers', as: 'pairs' },
    mediaFormat: { name: 'mediaFormat', encoding: 'encoding', rate: 'sampleRate', channels: 'channels' },
  },
  markName: 'name',
  encodings: { 'audio/x-mulaw': 'mulaw', 'audio/x-l16': 'linear16' },
  ratesHz: [8_000, 16_000],
  standard: { encoding: 'mulaw', sampleRateHz: 8_000 },
  commands(streamId, format) {
    const sid = JSON.stringify(streamId);
    const facts = `"contentType":"${encodingOf(format)}","sampleRate":${format.sampleRateHz}`;
    return commandsOf({
      audio: [`{"event":"playAudio","media":{${facts},"payload":"`, '"}}'],
      mark: [`{"event":"checkpoint","streamId":${sid},"name":`, '}'],
      clear: `{"event":"clearAudio","streamId":${sid}}`,
      digits: { head: '{"event":"sendDTMF","dtmf":', tail: '}', each: 'all' },
    });
  },
};

export const PLIVO_PEER: PeerWire = {
  name: NAME,
  commands: { playAudio: 'audio', checkpoint: 'mark', clearAudio: 'clear', sendDTMF: 'digits', stop: 'stop' },
  streamId: 'streamId',
  mayOmitStream: ['playAudio', 'sendDTMF'],
  markName: 'name',
  digits: 'dtmf',
  frames({ streamId, callId, accountId, parameters, encoding, sampleRateHz }) {
    const sid = JSON.stringify(streamId);
    const pairs = Object.entries(parameters).map(([name, value]) => `${name}=${value}`);
    const headers = JSON.stringify(`{${pairs.join(';')}}`);
    const frame = (event: string, sequence: number, body: string) =>
      `{"event":"${event}","sequenceNumber":${sequence},"streamId":${sid},${body},"extra_headers":${headers}}`;
    return {
      start(sequence) {
        const mediaFormat = { encoding, sampleRate: sampleRateHz };
        const start = { callId, streamId, accountId, tracks: ['inbound'], mediaFormat };
        return `{"event":"start","sequenceNumber":${sequence},"start":${JSON.stringify(start)},"extra_headers":${headers}}`;
      },
      audio: (payload, { sequence, chunk, timestampMs }) =>
        frame(
          'media',
          sequence,
          `"media":{"track":"inbound","timestamp":"${timestampMs}","chunk":${chunk},"payload":"${payload}"}`,
        ),
      digit: (digit, sequence) =>
        frame('dtmf', sequence, `"dtmf":${JSON.stringify({ track: 'inbound', digit, timestamp: '0' })}`),
      mark: (name, sequence) => frame('playedStream', sequence, `"name":${JSON.stringify(name)}`),
      cleared: (sequence) => `{"event":"clearedAudio","sequenceNumber":${sequence},"streamId":${sid}}`,
    };
  },
};

/** @throws {VoiceError} `frame-invalid`, when a text is not what Plivo documents. */
export const readPlivoEvent = readerOf(PLIVO_WIRE);
/** @throws {VoiceError} `frame-invalid` */
export const readPlivoCommand = commandReaderOf(PLIVO_PEER);
