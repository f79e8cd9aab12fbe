/**
 * Cloudonix's CXML `<Stream>`, both ends of it: Twilio's frames, but for a start that says the numbers, and that has two ids of
 * the call, of which the session is the one that its REST API knows.
 * @see https://developers.cloudonix.com and, for what it does not say, dograh-hq/dograh:api/services/telephony/providers/cloudonix
 */
import { commandReaderOf, type PeerWire } from '../json/peer/wire.ts';
import { twilioPeer, twilioWire } from '../json/twilio-like/wire.ts';
import { readerOf, type JsonWire } from '../json/wire.ts';

const NAME = 'cloudonix-media';
const twilio = twilioWire(NAME);
const twilioEnd = twilioPeer(NAME);

export const CLOUDONIX_WIRE: JsonWire = {
  ...twilio,
  audioFrame:
    /^\{"event":"media","sequenceNumber":"?\d+"?,(?:"streamSid":"[\w-]+",)?"media":\{"track":"inbound","chunk":"?\d+"?,"timestamp":"?\d{1,15}"?,"payload":"([A-Za-z0-9+/]*={0,2})"\}(?:,"streamSid":"[\w-]+")?\}$/,
  start: { ...twilio.start, callId: ['session', 'callSid'], numbers: { from: 'from', to: 'to' } },
};

export const CLOUDONIX_PEER: PeerWire = {
  ...twilioEnd,
  frames(call) {
    const { streamId, callId, accountId, from, to, parameters } = call;
    return {
      ...twilioEnd.frames(call),
      start(sequence) {
        const ids = { streamSid: streamId, accountSid: accountId, callSid: mediaIdOf(callId), session: callId };
        const mediaFormat = { encoding: call.encoding, sampleRate: call.sampleRateHz, channels: 1 };
        const given = Object.keys(parameters).length > 0 ? { customParameters: parameters } : {};
        const start = { ...ids, from, to, tracks: ['inbound'], ...given, mediaFormat };
        return JSON.stringify({ event: 'start', sequenceNumber: String(sequence), streamSid: streamId, start });
      },
    };
  },
};

/** What `callSid` is in a start, where the session has this token: another id. */
export const mediaIdOf = (session: string): string => `media-${session}`;

/** @throws {VoiceError} `frame-invalid`, when a text is not what Cloudonix sends. */
export const readCloudonixEvent = readerOf(CLOUDONIX_WIRE);
/** @throws {VoiceError} `frame-invalid` */
export const readCloudonixCommand = commandReaderOf(CLOUDONIX_PEER);
