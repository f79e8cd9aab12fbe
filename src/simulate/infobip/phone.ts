/** A simulated Infobip: a call that is connected with a `WEBSOCKET_ENDPOINT`, whose `customData` says whose call it is. */
import { randomUUID } from 'node:crypto';
import { vonageEvents } from '../../bridge/binary/vonage-like/wire.ts';
import { INFOBIP_NAME, INFOBIP_STANDARD } from '../../bridge/infobip/wire.ts';
import type { PhoneDialect } from '../phone/dialect.ts';
import { dialPhone } from '../phone/media.ts';
import type { PlaceAudioCall } from '../phone/place.ts';
import { refusesOtherFrames, vonageLikeSpeech } from '../phone/vonage-like-speech.ts';

export const INFOBIP_PHONE: PhoneDialect = {
  newIds: () => ({ callId: randomUUID(), streamId: randomUUID(), accountId: '' }),
  headersOf: ({ authToken }) => (authToken === undefined ? {} : { authorization: basic(authToken) }),
  refuses: refusesOtherFrames,
  speech(call) {
    const { callId: call_uuid, from, to, parameters, formats } = call;
    return {
      ...vonageLikeSpeech(INFOBIP_NAME)(call),
      begin: () => [vonageEvents.connected(formats.inFormat, { call_uuid, from, to, ...parameters })],
      mark: () => undefined,
      cleared: () => undefined,
      read(data, isBinary) {
        if (isBinary) return [{ type: 'audio', audio: data }];
        throw new Error('Expected binary messages alone, got a text');
      },
    };
  },
};

const basic = (password: string): string => `Basic ${Buffer.from(`parley:${password}`).toString('base64')}`;

/** Whoever runs the call at Infobip has connected it: the line is dialled at once. */
export const placeInfobipCall: PlaceAudioCall = async (options) => {
  const { reach = (url: string) => url, media, voiceUrl, document: _none, ...line } = options;
  const formats = { inFormat: INFOBIP_STANDARD, outFormat: INFOBIP_STANDARD };
  const url = reach(voiceUrl.replace(/^http/, 'ws'));
  const caller = await dialPhone({ ...line, ...media, dialect: INFOBIP_PHONE, url, formats });
  return { type: 'media', caller };
};
