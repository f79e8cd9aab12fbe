/** A simulated FreeSWITCH: its dialplan forks a call to a worker, and says in the metadata whose call it is. */
import { randomUUID } from 'node:crypto';
import { linear16 } from '../../bridge/binary/wire.ts';
import { FREESWITCH_NAME } from '../../bridge/freeswitch/wire.ts';
import { basic } from '../phone/connect.ts';
import type { PhoneDialect } from '../phone/dialect.ts';
import { DrachtioSpeech } from '../phone/drachtio-like-speech.ts';
import { placeAtOnce } from '../phone/place.ts';

const FORMAT = linear16(16_000);

export const FREESWITCH_PHONE: PhoneDialect = {
  newIds: () => ({ callId: randomUUID(), streamId: 'parley', accountId: '' }),
  headersOf: ({ authToken }) => basic(authToken),
  speech(call) {
    const { callId: callSid, from, to, parameters, formats } = call;
    const rates = { sampleRate: formats.inFormat.sampleRateHz, outSampleRate: formats.outFormat.sampleRateHz };
    return new DrachtioSpeech(FREESWITCH_NAME, call, { callSid, from, to, ...rates, ...parameters });
  },
};

/** There is no webhook: a script of the dialplan has asked for the line. */
export const placeFreeswitchCall = placeAtOnce(FREESWITCH_PHONE, { inFormat: FORMAT, outFormat: FORMAT });
