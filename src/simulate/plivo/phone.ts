/** A simulated Plivo: rings a worker's answer URL, signed with a nonce, and sends the audio where its XML says. */
import { randomUUID } from 'node:crypto';
import type { AudioFormat } from '../../audio/contract.ts';
import { NONCE_HEADER, SIGNATURE_HEADER, signPlivo } from '../../bridge/plivo/signature.ts';
import { CONTENT_TYPES, encodingOf, PLIVO_PEER, readPlivoCommand } from '../../bridge/plivo/wire.ts';
import type { AudioDialect } from '../phone/dialect.ts';
import { askWebhook, failed, followDocuments } from '../phone/document.ts';
import { dialAudio } from '../phone/media.ts';
import type { PlaceAudioCall } from '../phone/place.ts';

export const PLIVO_AUDIO: AudioDialect = {
  wire: PLIVO_PEER,
  readCommand: readPlivoCommand,
  encodingOf,
  clearedMarks: 'lost',
  newIds: () => ({ callId: randomUUID(), streamId: randomUUID(), accountId: 'MA0000000000000000' }),
  headersOf({ signedUrl, authToken }) {
    return authToken === undefined ? {} : signed({ method: 'GET', url: signedUrl }, authToken);
  },
  saysNumbers: true, // not by its start, but nor by parameters
};

export function signed(request: { method: 'GET' | 'POST'; url: string; form?: URLSearchParams }, authToken: string) {
  const nonce = randomUUID();
  return { [NONCE_HEADER]: nonce, [SIGNATURE_HEADER]: signPlivo({ ...request, nonce }, authToken) };
}

export const placePlivoCall: PlaceAudioCall = async (options) => {
  const { reach = (url: string) => url, authToken, from, to, media, ...line } = options;
  const { callId, accountId } = PLIVO_AUDIO.newIds();
  const ids = { callSid: options.callSid ?? callId, accountSid: options.accountSid ?? accountId };
  const ask = (url: string) => {
    const form = new URLSearchParams({
      ...{ CallUUID: ids.callSid, From: from, To: to, CallStatus: 'ringing', Direction: 'inbound', Event: 'StartApp' },
      ...options.fields,
    });
    const headers = authToken === undefined ? {} : signed({ method: 'POST', url, form }, authToken);
    const type = 'application/x-www-form-urlencoded';
    return askWebhook({ url, reachedAt: reach(url), type, body: form.toString(), headers });
  };
  const { connect, said } = await followDocuments(options.voiceUrl, ask, options.document);
  if (!connect) return { type: 'refused', said };
  const { contentType = 'audio/x-l16;rate=8000' } = connect.attributes;
  const format: AudioFormat | undefined = Object.entries(CONTENT_TYPES).find(([name]) => name === contentType)?.[1];
  if (!format) throw failed(`Expected a contentType of ${Object.keys(CONTENT_TYPES).join(', ')}, got ${contentType}`);
  const url = connect.text.trim();
  const caller = await dialAudio({
    ...{ ...line, ...media, ...ids, from, to, dialect: PLIVO_AUDIO, url: reach(url), signedUrl: url },
    ...(authToken !== undefined && { authToken }),
    formats: { inFormat: format, outFormat: format },
  });
  return { type: 'media', caller };
};
