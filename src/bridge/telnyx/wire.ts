/**
 * Telnyx media streaming, both ends of it: snake case, chunks that are out of order, the call's own codec one way and ours the
 * other, no stream named in what we send, and an error for what it could make nothing of.
 * @see https://developers.telnyx.com/docs/voice/programmable-voice/media-streaming
 */
import { bytesOf, FRAME_MS, type AudioFormat, type Encoding } from '../../audio/contract.ts';
import { commandReaderOf, type PeerWire } from '../json/peer/wire.ts';
import { commandsOf, readerOf, type JsonWire } from '../json/wire.ts';

const NAME = 'telnyx-media';

/** What `stream_bidirectional_codec` may be of what Parley speaks, and what the agent is spoken in then. */
export const CODECS = {
  PCMU: { encoding: 'mulaw', sampleRateHz: 8_000 },
  PCMA: { encoding: 'alaw', sampleRateHz: 8_000 },
  L16: { encoding: 'linear16', sampleRateHz: 16_000 },
} as const satisfies Record<string, AudioFormat>;
export type Codec = keyof typeof CODECS;

const ENCODINGS: Readonly<Record<string, Encoding>> = { pcmu: 'mulaw', pcma: 'alaw', l16: 'linear16' };
export const encodingOf = ({ encoding }: AudioFormat): string =>
  encoding === 'mulaw' ? 'PCMU' : encoding === 'alaw' ? 'PCMA' : 'L16';

export const TELNYX_WIRE: JsonWire = {
  name: NAME,
  audioFrame:
    /^\{"event":"media","sequence_number":"?(\d{1,15})"?,"media":\{"track":"inbound","chunk":"?(\d{1,15})"?,"timestamp":"?\d{1,15}"?,"payload":"([A-Za-z0-9+/]*={0,2})"\},"stream_id":"[\w-]+"\}$/,
  counts: { sequence: 1, chunk: 2, payload: 3 },
  events: { media: 'audio', start: 'start', mark: 'mark', dtmf: 'digit', stop: 'stop', error: 'error' },
  start: {
    streamId: ['stream_id'],
    callId: ['call_control_id'],
    accountId: 'user_id',
    numbers: { from: 'from', to: 'to' },
    parameters: { name: 'custom_parameters', as: 'object' },
    mediaFormat: { name: 'media_format', encoding: 'encoding', rate: 'sample_rate', channels: 'channels' },
  },
  markName: 'mark.name',
  encodings: ENCODINGS,
  ratesHz: [8_000, 16_000, 22_050, 24_000, 48_000],
  standard: CODECS.PCMU,
  commands: () =>
    commandsOf({
      audio: ['{"event":"media","media":{"payload":"', '"}}'],
      mark: ['{"event":"mark","mark":{"name":', '}}'],
      clear: '{"event":"clear"}',
    }),
};

/** In `rtp` mode: whole frames of 20 ms, half a minute at most. */
export const framesOf = (format: AudioFormat): { leastBytes: number; multipleOfBytes: number } => {
  const frame = bytesOf(FRAME_MS, format);
  return { leastBytes: frame, multipleOfBytes: frame };
};
export const MOST_MESSAGE_MS = 30_000;

export const TELNYX_PEER: PeerWire = {
  name: NAME,
  commands: { media: 'audio', mark: 'mark', clear: 'clear' },
  streamId: undefined,
  markName: 'mark.name',
  frames({ streamId, callId, accountId, from, to, parameters, encoding, sampleRateHz }) {
    const sid = JSON.stringify(streamId);
    const frame = (event: string, sequence: number, body: string) =>
      `{"event":"${event}","sequence_number":"${sequence}","${event}":${body},"stream_id":${sid}}`;
    return {
      connected: () => '{"event":"connected","version":"1.0.0"}',
      start(sequence) {
        const ids = { user_id: accountId, call_control_id: callId, call_session_id: `session-${streamId}` };
        const media_format = { encoding, sample_rate: sampleRateHz, channels: 1 };
        const start = { ...ids, from, to, tags: [], client_state: '', custom_parameters: parameters, media_format };
        return frame('start', sequence, JSON.stringify(start));
      },
      audio(payload, { sequence, chunk, timestampMs }) {
        const facts = `"track":"inbound","chunk":"${chunk}","timestamp":"${timestampMs}"`;
        return frame('media', sequence, `{${facts},"payload":"${payload}"}`);
      },
      digit(digit, sequence) {
        const occurred = new Date(EPOCH_MS + sequence * FRAME_MS).toISOString();
        const body = JSON.stringify({ digit });
        return `{"event":"dtmf","stream_id":${sid},"occurred_at":"${occurred}","sequence_number":"${sequence}","dtmf":${body}}`;
      },
      mark: (name, sequence) => frame('mark', sequence, JSON.stringify({ name })),
      stop: (sequence) => frame('stop', sequence, JSON.stringify({ user_id: accountId, call_control_id: callId })),
    };
  },
};

/** Some day: a stand-in says when its keys were pressed, one frame after the other. */
const EPOCH_MS = Date.UTC(2026, 0, 1);

/** @throws {VoiceError} `frame-invalid`, when a text is not what Telnyx documents. */
export const readTelnyxEvent = readerOf(TELNYX_WIRE);
/** @throws {VoiceError} `frame-invalid` */
export const readTelnyxCommand = commandReaderOf(TELNYX_PEER);
