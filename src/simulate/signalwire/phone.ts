/** A simulated SignalWire: rings a worker's webhook, signed, and sends the audio where its cXML says. */
import { randomUUID } from 'node:crypto';
import type { AudioFormat } from '../../audio/contract.ts';
import { SIGNATURE_HEADER, signRequest } from '../../bridge/signalwire/signature.ts';
import { CODECS, readSignalwireCommand, SIGNALWIRE_PEER } from '../../bridge/signalwire/wire.ts';
import type { AudioDialect } from '../phone/dialect.ts';
import { askWebhook, failed, followDocuments, parametersIn } from '../phone/document.ts';
import { dialAudio } from '../phone/media.ts';
import type { PlaceAudioCall } from '../phone/place.ts';

export const SIGNALWIRE_AUDIO: AudioDialect = {
  wire: SIGNALWIRE_PEER,
  readCommand: readSignalwireCommand,
  encodingOf: ({ encoding }) => (encoding === 'mulaw' ? 'audio/x-mulaw' : 'audio/x-L16'),
  clearedMarks: 'returned',
  newIds: () => ({ callId: randomUUID(), streamId: randomUUID(), accountId: randomUUID() }),
  headersOf: () => ({}),
  saysNumbers: false,
};

export const placeSignalwireCall: PlaceAudioCall = async (options) => {
  const { reach = (url: string) => url, authToken, from, to, media, parameters: more, ...line } = options;
  const { callId, accountId } = SIGNALWIRE_AUDIO.newIds();
  const ids = { callSid: options.callSid ?? callId, accountSid: options.accountSid ?? accountId };
  const ask = (url: string) => {
    const form = new URLSearchParams({
      ...{ AccountSid: ids.accountSid, ApiVersion: '2010-04-01', CallSid: ids.callSid, CallStatus: 'ringing' },
      ...{ Direction: 'inbound', From: from, To: to },
      ...options.fields,
    });
    const headers = authToken === undefined ? {} : { [SIGNATURE_HEADER]: signRequest(authToken, url, form) };
    const type = 'application/x-www-form-urlencoded';
    return askWebhook({ url, reachedAt: reach(url), type, body: form.toString(), headers });
  };
  const { connect, said } = await followDocuments(options.voiceUrl, ask, options.document);
  if (!connect) return { type: 'refused', said };
  const { url = '', codec = 'PCMU@8000h', authBearerToken } = connect.attributes;
  const format: AudioFormat | undefined = Object.entries(CODECS).find(([name]) => name === codec)?.[1];
  if (!format) throw failed(`Expected a codec of ${Object.keys(CODECS).join(', ')}, got ${codec}`);
  const { From = '', To = '', ...parameters } = { ...parametersIn(connect), ...more };
  const caller = await dialAudio({
    ...{ ...line, ...media, ...ids, dialect: SIGNALWIRE_AUDIO, url: reach(url), from: From, to: To, parameters },
    formats: { inFormat: format, outFormat: format },
    headers: authBearerToken === undefined ? {} : { authorization: `Bearer ${authBearerToken}` },
  });
  return { type: 'media', caller };
};
