/** Settings of the Telnyx account. */
import { z } from 'zod';
import { flag, FLAG_EXPECTED, list, setting, url, URL_EXPECTED, type ValuesOf } from '../../lib/settings.ts';
import { addressMissing, ANSWERS_NAME_IT, missingWith } from '../together.ts';
import { isPublicKey } from './signature.ts';
import { CODECS, type Codec } from './wire.ts';

const text = z.string().min(1).optional();
const codecs = Object.keys(CODECS) as [Codec, ...Codec[]];
const keys = list.default([]).refine((items) => items.length <= 2 && items.every(isPublicKey));

export const TELNYX_SETTINGS = {
  telnyxPublicKeys: setting('PARLEY_TELNYX_PUBLIC_KEY', keys, {
    help: 'public key of the account, which its webhooks are signed for; two, separated by a comma, while it changes',
    expected: 'one or two keys of 32 bytes in base64, as the portal shows them',
  }),
  telnyxApiKey: setting('PARLEY_TELNYX_API_KEY', text, {
    help: 'API key, to answer calls by Call Control, and for hang-up, transfer, digits and calls out',
    expected: 'a key',
    isSecret: true,
  }),
  telnyxRestUrl: setting('PARLEY_TELNYX_REST_URL', url.default('https://api.telnyx.com/v2'), {
    help: 'address of that API',
    expected: URL_EXPECTED,
  }),
  telnyxConnectionId: setting('PARLEY_TELNYX_CONNECTION_ID', text, {
    help: 'Call Control application by which calls are placed',
    expected: 'an id of an application',
  }),
  telnyxDetection: setting('PARLEY_TELNYX_DETECTION', flag.default(false), {
    help: 'have Telnyx find out too, at its price, whether a machine has answered a call that was placed',
    expected: FLAG_EXPECTED,
  }),
  telnyxLine: setting('PARLEY_TELNYX_LINE', z.enum(['media', 'relay']).default('media'), {
    help: 'what calls by TeXML go over: sound, or text, which Telnyx hears and speaks',
    expected: 'media or relay',
  }),
  telnyxCodec: setting('PARLEY_TELNYX_CODEC', z.enum(codecs).default('PCMU'), {
    help: "sound of the agent on its lines; L16 by Call Control alone (TeXML: PCMU). The caller's is what Telnyx says",
    expected: codecs.join(' or '),
  }),
  telnyxL16Order: setting('PARLEY_TELNYX_L16_ORDER', z.enum(['little', 'big']).default('little'), {
    help: 'byte of a sample of L16 that comes first: little is the low one',
    expected: 'little or big',
  }),
} as const;

export type TelnyxSettings = ValuesOf<typeof TELNYX_SETTINGS>;

/** Each is right by itself, but together they make no sense: why. */
export function checkTelnyxSettings(settings: TelnyxSettings & { publicUrl: string | undefined }): string[] {
  const { telnyxPublicKeys: keys, telnyxApiKey: apiKey, publicUrl } = settings;
  const problems: string[] = [];
  if (keys.length > 0 && publicUrl === undefined) {
    problems.push(addressMissing('Telnyx calls', 'PARLEY_TELNYX_PUBLIC_KEY', ANSWERS_NAME_IT));
  }
  if (apiKey !== undefined && keys.length === 0) {
    problems.push(missingWith('PARLEY_TELNYX_PUBLIC_KEY', 'PARLEY_TELNYX_API_KEY'));
  }
  return problems;
}
