/** A simulated jambonz, where audio goes by `listen`: rings a worker's call hook, and does what its verbs say. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { linear16 } from '../../bridge/binary/wire.ts';
import { JAMBONZ_MEDIA } from '../../bridge/jambonz/media/wire.ts';
import { parseJson } from '../../lib/json.ts';
import { basic } from '../phone/connect.ts';
import type { PhoneDialect } from '../phone/dialect.ts';
import { askWebhook, failed } from '../phone/document.ts';
import { DrachtioSpeech } from '../phone/drachtio-like-speech.ts';
import { dialPhone } from '../phone/media.ts';
import type { PlaceAudioCall } from '../phone/place.ts';

export const JAMBONZ_PHONE: PhoneDialect = {
  newIds: () => ({ callId: randomUUID(), streamId: randomUUID(), accountId: randomUUID() }),
  headersOf: () => ({}),
  speech(call) {
    const { callId: callSid, from, to, accountId: accountSid, parameters, formats } = call;
    const facts = { callSid, direction: 'inbound', from, to, callId: `${callSid}@sip`, sipStatus: 200, accountSid };
    const rates = { sampleRate: formats.inFormat.sampleRateHz, mixType: 'mono' };
    return new DrachtioSpeech(JAMBONZ_MEDIA, call, { ...facts, ...rates, ...parameters });
  },
};

const Listen = z.object({
  verb: z.literal('listen'),
  url: z.string(),
  sampleRate: z.number().default(8_000),
  wsAuth: z.object({ username: z.string(), password: z.string() }),
  bidirectionalAudio: z.object({ enabled: z.literal(true), streaming: z.literal(true), sampleRate: z.number() }),
  metadata: z.record(z.string(), z.unknown()).default({}),
});
const Verbs = z
  .tuple([z.discriminatedUnion('verb', [Listen, z.object({ verb: z.literal('say'), text: z.string() })])])
  .rest(z.unknown());

export const placeJambonzCall: PlaceAudioCall = async (options) => {
  const { reach = (url: string) => url, authToken, from, to, media, voiceUrl: url, document, ...line } = options;
  const { callId, accountId } = JAMBONZ_PHONE.newIds();
  const ids = { callSid: options.callSid ?? callId, accountSid: options.accountSid ?? accountId };
  const facts = {
    call_sid: ids.callSid,
    account_sid: ids.accountSid,
    direction: 'inbound',
    from,
    to,
    call_status: 'trying',
    ...options.fields,
  };
  const ask = () =>
    askWebhook({
      ...{ url, reachedAt: reach(url), type: 'application/json', body: JSON.stringify(facts) },
      headers: basic(authToken),
    });
  const { success, data } = Verbs.safeParse(parseJson(document ?? (await ask())));
  if (!success) throw failed(`Expected verbs that begin with listen or say, from ${url}, got something else`);
  const [verb] = data;
  if (verb.verb === 'say') return { type: 'refused', said: verb.text };
  const metadata = Object.entries(verb.metadata).map(([name, value]) => [name, String(value)]);
  const caller = await dialPhone({
    ...{ ...line, ...media, ...ids, from, to, dialect: JAMBONZ_PHONE, url: reach(verb.url) },
    parameters: Object.fromEntries(metadata) as Record<string, string>,
    headers: basic(verb.wsAuth.password),
    formats: { inFormat: linear16(verb.sampleRate), outFormat: linear16(verb.bidirectionalAudio.sampleRate) },
  });
  return { type: 'media', caller };
};
