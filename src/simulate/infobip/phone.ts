/** A simulated Infobip: a call that is connected with a `WEBSOCKET_ENDPOINT`, whose `customData` says whose call it is. */
import { randomUUID } from 'node:crypto';
import { vonageEvents } from '../../bridge/binary/vonage-like/wire.ts';
import { INFOBIP_NAME, INFOBIP_STANDARD } from '../../bridge/infobip/wire.ts';
import { basic } from '../phone/connect.ts';
import type { PhoneDialect } from '../phone/dialect.ts';
import { placeAtOnce } from '../phone/place.ts';
import { refusesOtherFrames, vonageLikeSpeech } from '../phone/vonage-like-speech.ts';

export const INFOBIP_PHONE: PhoneDialect = {
  newIds: () => ({ callId: randomUUID(), streamId: randomUUID(), accountId: '' }),
  headersOf: ({ authToken }) => basic(authToken),
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

/** Whoever runs the call at Infobip has connected it: there is no webhook. */
export const placeInfobipCall = placeAtOnce(INFOBIP_PHONE, { inFormat: INFOBIP_STANDARD, outFormat: INFOBIP_STANDARD });
