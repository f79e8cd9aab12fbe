/**
 * SignalWire's cXML `<Stream>`, both ends of it: Twilio's frames, but for ids that are UUIDs, no stream on audio and on the
 * end, keys that are pressed by the socket, and samples of 16 bits where they are asked for.
 * @see https://developer.signalwire.com/compatibility-api/cxml/voice/stream
 */
import type { AudioFormat } from '../../audio/contract.ts';
import { commandReaderOf, type PeerWire } from '../json/peer/wire.ts';
import { twilioPeer, twilioPieces, twilioWire } from '../json/twilio-like/wire.ts';
import { commandsOf, readerOf, type JsonWire } from '../json/wire.ts';

const NAME = 'signalwire-media';
const twilio = twilioWire(NAME);
const twilioEnd = twilioPeer(NAME);

/** What `codec` of a stream may be, and what goes both ways then. Mono, and the samples little-endian. */
export const CODECS = {
  'PCMU@8000h': { encoding: 'mulaw', sampleRateHz: 8_000 },
  'L16@16000h': { encoding: 'linear16', sampleRateHz: 16_000 },
  'L16@24000h': { encoding: 'linear16', sampleRateHz: 24_000 },
} as const satisfies Record<string, AudioFormat>;
export type Codec = keyof typeof CODECS;

export const SIGNALWIRE_WIRE: JsonWire = {
  ...twilio,
  audioFrame:
    /^\{"event":"media","sequenceNumber":"?\d+"?,(?:"streamSid":"[\w-]+",)?"media":\{"track":"inbound","chunk":"?\d+"?,"timestamp":"?\d{1,15}"?,"payload":"([A-Za-z0-9+/]*={0,2})"\}\}$/,
  encodings: { 'audio/x-mulaw': 'mulaw', 'audio/x-l16': 'linear16' },
  ratesHz: [8_000, 16_000, 24_000],
  commands(streamId) {
    const head = `{"event":"dtmf","streamSid":${JSON.stringify(streamId)},"dtmf":{"digit":`;
    return commandsOf({ ...twilioPieces(streamId), digits: { head, tail: '}}', each: 'one' } });
  },
};

export const SIGNALWIRE_PEER: PeerWire = {
  ...twilioEnd,
  commands: { ...twilioEnd.commands, dtmf: 'digits' },
  digits: 'dtmf.digit',
  frames(call) {
    const { streamId, parameters } = call;
    const sid = JSON.stringify(streamId);
    const frames = twilioEnd.frames(call);
    return {
      ...frames,
      connected: () => '{"event":"connected","protocol":"Call","version":"0.2.0"}',
      start(sequence) {
        const ids = { streamSid: streamId, accountSid: call.accountId, callSid: call.callId };
        const mediaFormat = { encoding: call.encoding, sampleRate: call.sampleRateHz, channels: 1 };
        const given = Object.keys(parameters).length > 0 ? { customParameters: parameters } : {};
        const start = { ...ids, tracks: ['inbound'], ...given, mediaFormat };
        return JSON.stringify({ event: 'start', sequenceNumber: String(sequence), streamSid: streamId, start });
      },
      audio(payload, { sequence, chunk, timestampMs }) {
        const facts = `"track":"inbound","chunk":"${chunk}","timestamp":"${timestampMs}"`;
        return `{"event":"media","sequenceNumber":"${sequence}","media":{${facts},"payload":"${payload}"}}`;
      },
      digit: (digit, sequence) =>
        `{"event":"dtmf","sequenceNumber":"${sequence}","streamSid":${sid},"dtmf":{"digit":"${digit}","duration":200}}`,
      stop: (sequence) => `{"event":"stop","sequenceNumber":"${sequence}"}`,
    };
  },
};

/** @throws {VoiceError} `frame-invalid`, when a text is not what SignalWire documents. */
export const readSignalwireEvent = readerOf(SIGNALWIRE_WIRE);
/** @throws {VoiceError} `frame-invalid` */
export const readSignalwireCommand = commandReaderOf(SIGNALWIRE_PEER);
