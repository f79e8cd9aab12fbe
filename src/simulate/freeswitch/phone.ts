/** A simulated FreeSWITCH: its dialplan forks a call to a worker, and says in the metadata whose call it is. */
import { randomUUID } from 'node:crypto';
import type { AudioFormat } from '../../audio/contract.ts';
import { FREESWITCH_NAME } from '../../bridge/freeswitch/wire.ts';
import type { PhoneDialect } from '../phone/dialect.ts';
import { DrachtioSpeech } from '../phone/drachtio-like-speech.ts';
import { dialPhone } from '../phone/media.ts';
import type { PlaceAudioCall } from '../phone/place.ts';

const FORMAT: AudioFormat = { encoding: 'linear16', sampleRateHz: 16_000 };

export const FREESWITCH_PHONE: PhoneDialect = {
  newIds: () => ({ callId: randomUUID(), streamId: 'parley', accountId: '' }),
  headersOf: ({ authToken }) => (authToken === undefined ? {} : { authorization: basic(authToken) }),
  speech(call) {
    const { callId: callSid, from, to, parameters, formats } = call;
    const rates = { sampleRate: formats.inFormat.sampleRateHz, outSampleRate: formats.outFormat.sampleRateHz };
    return new DrachtioSpeech(FREESWITCH_NAME, call, { callSid, from, to, ...rates, ...parameters });
  },
};

const basic = (password: string): string => `Basic ${Buffer.from(`parley:${password}`).toString('base64')}`;

/** There is no webhook: the line is dialled at once. */
export const placeFreeswitchCall: PlaceAudioCall = async (options) => {
  const { reach = (url: string) => url, media, voiceUrl, document: _none, ...line } = options;
  const formats = { inFormat: FORMAT, outFormat: FORMAT };
  const url = reach(voiceUrl.replace(/^http/, 'ws'));
  const caller = await dialPhone({ ...line, ...media, dialect: FREESWITCH_PHONE, url, formats });
  return { type: 'media', caller };
};
