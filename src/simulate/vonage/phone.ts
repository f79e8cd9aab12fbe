/** A simulated Vonage: rings a worker's answer URL, signed, and sends the audio where its NCCO says. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { AudioFormat } from '../../audio/contract.ts';
import { signVonage } from '../../bridge/vonage/signature.ts';
import { CONTENT_TYPES, VONAGE_NAME } from '../../bridge/vonage/wire.ts';
import { systemClock } from '../../lib/clock.ts';
import { parseJson } from '../../lib/json.ts';
import type { PhoneDialect } from '../phone/dialect.ts';
import { askWebhook, failed } from '../phone/document.ts';
import { dialPhone } from '../phone/media.ts';
import type { PlaceAudioCall } from '../phone/place.ts';
import { refusesOtherFrames, vonageLikeSpeech } from '../phone/vonage-like-speech.ts';

/** Of the application that it calls for. */
export const APPLICATION_ID = '00000000-0000-4000-8000-000000000000';

export const VONAGE_PHONE: PhoneDialect = {
  newIds: () => ({ callId: randomUUID(), streamId: randomUUID(), accountId: APPLICATION_ID }),
  headersOf: ({ authToken, accountSid }) => (authToken === undefined ? {} : signed(authToken, undefined, accountSid)),
  refuses: refusesOtherFrames,
  dropsRefused: true,
  speech: vonageLikeSpeech(VONAGE_NAME),
};

/** What Vonage shows of itself: of a webhook, made for its body. `account`: the application, if it is another. */
export function signed(secret: string, body?: string, account = APPLICATION_ID): { authorization: string } {
  const claims = {
    iat: Math.floor(systemClock.wallMs() / 1_000),
    jti: randomUUID(),
    api_key: 'a1b2c3d4',
    application_id: account,
  };
  return { authorization: `Bearer ${signVonage(claims, secret, body)}` };
}

const Socket = z.object({
  type: z.literal('websocket'),
  uri: z.string(),
  'content-type': z.string(),
  headers: z.record(z.string(), z.string()).default({}),
});
const Ncco = z.tuple([
  z.discriminatedUnion('action', [
    z.object({ action: z.literal('talk'), text: z.string() }),
    z.object({ action: z.literal('connect'), endpoint: z.tuple([Socket]) }),
  ]),
]);

export const placeVonageCall: PlaceAudioCall = async (options) => {
  const { reach = (url: string) => url, authToken, from, to, media, voiceUrl: url, document, ...line } = options;
  const { callId, accountId } = VONAGE_PHONE.newIds();
  const ids = { callSid: options.callSid ?? callId, accountSid: options.accountSid ?? accountId };
  const facts = { uuid: ids.callSid, conversation_uuid: `CON-${ids.callSid}` };
  const body = JSON.stringify({ from: from.replace('+', ''), to: to.replace('+', ''), ...facts, ...options.fields });
  const headers = authToken === undefined ? {} : signed(authToken, body, options.accountSid);
  const ask = () => askWebhook({ url, reachedAt: reach(url), type: 'application/json', body, headers });
  const { success, data } = Ncco.safeParse(parseJson(document ?? (await ask())));
  if (!success) throw failed(`Expected an NCCO of one action, talk or connect, from ${url}, got something else`);
  const [action] = data;
  if (action.action === 'talk') return { type: 'refused', said: action.text };
  const [socket] = action.endpoint;
  const type = socket['content-type'];
  const format: AudioFormat | undefined = Object.entries(CONTENT_TYPES).find(([name]) => name === type)?.[1];
  if (!format) throw failed(`Expected a content-type of ${Object.keys(CONTENT_TYPES).join(', ')}, got ${type}`);
  const caller = await dialPhone({
    ...{ ...line, ...media, ...ids, from, to, dialect: VONAGE_PHONE },
    ...{ url: reach(socket.uri), signedUrl: socket.uri, parameters: socket.headers },
    ...(authToken !== undefined && { authToken }),
    formats: { inFormat: format, outFormat: format },
  });
  return { type: 'media', caller };
};
