/** A simulated Cloudonix: rings a worker's webhook, showing its key, and sends the audio where the CXML says. */
import { randomUUID } from 'node:crypto';
import { API_KEY_HEADER } from '../../bridge/cloudonix/signature.ts';
import { CLOUDONIX_PEER, mediaIdOf, readCloudonixCommand } from '../../bridge/cloudonix/wire.ts';
import type { AudioDialect } from '../phone/dialect.ts';
import { askWebhook, followDocuments, parametersIn } from '../phone/document.ts';
import { dialAudio } from '../phone/media.ts';
import type { PlaceAudioCall } from '../phone/place.ts';

export const CLOUDONIX_AUDIO: AudioDialect = {
  wire: CLOUDONIX_PEER,
  readCommand: readCloudonixCommand,
  encodingOf: () => 'audio/x-mulaw',
  clearedMarks: 'returned',
  newIds: () => ({ callId: newToken(), streamId: randomUUID(), accountId: 'example.cloudonix.net' }),
  headersOf: () => ({}),
  saysNumbers: true,
};

/** Of a session: a UUID without its dashes. */
const newToken = (): string => randomUUID().replaceAll('-', '');

export const placeCloudonixCall: PlaceAudioCall = async (options) => {
  const { reach = (url: string) => url, authToken, from, to, media, parameters: more, ...line } = options;
  const { callId, accountId } = CLOUDONIX_AUDIO.newIds();
  const ids = { callSid: options.callSid ?? callId, accountSid: options.accountSid ?? accountId };
  const ask = (url: string) => {
    const form = new URLSearchParams({
      ...{ AccountSid: ids.accountSid, ApiVersion: '2', CallSid: mediaIdOf(ids.callSid), CallStatus: 'ringing' },
      ...{ Direction: 'inbound', Domain: ids.accountSid, From: from, Session: ids.callSid, To: to },
    });
    const headers = authToken === undefined ? {} : { [API_KEY_HEADER]: authToken };
    const type = 'application/x-www-form-urlencoded';
    return askWebhook({ url, reachedAt: reach(url), type, body: form.toString(), headers });
  };
  const { connect, said } = await followDocuments(options.voiceUrl, ask, options.document);
  if (!connect) return { type: 'refused', said };
  const { url = '' } = connect.attributes;
  const parameters = { ...parametersIn(connect), ...more };
  const caller = await dialAudio({
    ...{ ...line, ...media, ...ids, dialect: CLOUDONIX_AUDIO, url: reach(url), from, to, parameters },
  });
  return { type: 'media', caller };
};
