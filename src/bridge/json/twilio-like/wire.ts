/**
 * Twilio Media Streams, both ends of it, as a dialect of `json/wire.ts`, and what carriers start from that speak nearly so.
 * Audio is mu-law, 8 kHz, mono, base64.
 * @see https://www.twilio.com/docs/voice/media-streams/websocket-messages
 */
import type { PeerWire } from '../peer/wire.ts';
import { commandsOf, type CommandPieces, type JsonWire } from '../wire.ts';

export const twilioWire = (name: string): JsonWire => ({
  name,
  audioFrame:
    /^\{"event":"media","sequenceNumber":"\d+",(?:"streamSid":"\w+",)?"media":\{"track":"inbound","chunk":"\d+","timestamp":"\d{1,15}","payload":"([A-Za-z0-9+/]*={0,2})"\}(?:,"streamSid":"\w+")?\}$/,
  events: { media: 'audio', start: 'start', mark: 'mark', dtmf: 'digit', stop: 'stop' },
  start: {
    streamId: ['streamSid'],
    callId: ['callSid'],
    accountId: 'accountSid',
    parameters: { name: 'customParameters', as: 'object' },
    mediaFormat: { name: 'mediaFormat', encoding: 'encoding', rate: 'sampleRate', channels: 'channels' },
  },
  markName: 'mark.name',
  encodings: { 'audio/x-mulaw': 'mulaw' },
  ratesHz: [8_000],
  standard: { encoding: 'mulaw', sampleRateHz: 8_000 },
  commands: (streamId) => commandsOf(twilioPieces(streamId)),
});

export function twilioPieces(streamId: string): CommandPieces {
  const sid = JSON.stringify(streamId);
  return {
    audio: [`{"event":"media","streamSid":${sid},"media":{"payload":"`, '"}}'],
    mark: [`{"event":"mark","streamSid":${sid},"mark":{"name":`, '}}'],
    clear: `{"event":"clear","streamSid":${sid}}`,
  };
}

/** Anything that is not documented is an error, Twilio's 31924. */
export const twilioPeer = (name: string): PeerWire => ({
  name,
  commands: { media: 'audio', mark: 'mark', clear: 'clear' },
  streamId: 'streamSid',
  markName: 'mark.name',
  frames({ streamId, callId, accountId, parameters, encoding, sampleRateHz }) {
    const sid = JSON.stringify(streamId);
    const frame = (event: string, sequence: number, body: string) =>
      `{"event":"${event}","sequenceNumber":"${sequence}","streamSid":${sid},"${event}":${body}}`;
    return {
      connected: () => '{"event":"connected","protocol":"Call","version":"1.0.0"}',
      start(sequence) {
        const ids = { streamSid: streamId, accountSid: accountId, callSid: callId };
        const mediaFormat = { encoding, sampleRate: sampleRateHz, channels: 1 };
        const start = { ...ids, tracks: ['inbound'], customParameters: parameters, mediaFormat };
        return frame('start', sequence, JSON.stringify(start));
      },
      audio(payload, { sequence, chunk, timestampMs }) {
        const facts = `"track":"inbound","chunk":"${chunk}","timestamp":"${timestampMs}"`;
        return frame('media', sequence, `{${facts},"payload":"${payload}"}`);
      },
      digit: (digit, sequence) => frame('dtmf', sequence, JSON.stringify({ track: 'inbound_track', digit })),
      mark: (name, sequence) => frame('mark', sequence, JSON.stringify({ name })),
      stop: (sequence) => frame('stop', sequence, JSON.stringify({ accountSid: accountId, callSid: callId })),
    };
  },
});
