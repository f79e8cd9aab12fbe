/** Settings of the Vonage account and its application. */
import { createPrivateKey } from 'node:crypto';
import { z } from 'zod';
import { flag, FLAG_EXPECTED, setting, url, URL_EXPECTED, type ValuesOf } from '../../lib/settings.ts';
import { addressMissing, missingWith } from '../together.ts';
import { CONTENT_TYPES, type ContentType } from './wire.ts';

const text = z.string().min(1).optional();
const types = Object.keys(CONTENT_TYPES) as [ContentType, ...ContentType[]];
/** In a variable its lines may be written with `\n` between them. */
const pem = z
  .string()
  .transform((key) => key.replaceAll('\\n', '\n'))
  .refine(isPrivateKey)
  .optional();

export const VONAGE_SETTINGS = {
  vonageSignatureSecret: setting('PARLEY_VONAGE_SIGNATURE_SECRET', text, {
    help: 'signature secret of the account: what Vonage signs its webhooks and sockets with',
    expected: 'the secret, of the settings of the account, whose method must be SHA-256 HMAC',
    isSecret: true,
  }),
  vonageApplicationId: setting('PARLEY_VONAGE_APPLICATION_ID', text, {
    help: 'application: no other may call, and with its private key callers are handed over, keys pressed and calls placed by the API',
    expected: 'an id of an application',
  }),
  vonagePrivateKey: setting('PARLEY_VONAGE_PRIVATE_KEY', pem, {
    help: 'private key of the application, for the same',
    expected: 'a private key as PEM',
    isSecret: true,
  }),
  vonageApiKey: setting('PARLEY_VONAGE_API_KEY', text, {
    help: 'account: where it is set, no other may call',
    expected: 'an API key',
  }),
  vonageRestUrl: setting('PARLEY_VONAGE_REST_URL', url.default('https://api.nexmo.com'), {
    help: 'address of the API, such as that of a region',
    expected: URL_EXPECTED,
  }),
  vonageDetection: setting('PARLEY_VONAGE_DETECTION', flag.default(false), {
    help: 'have Vonage find out too, at its price, whether a machine has answered a call that was placed',
    expected: FLAG_EXPECTED,
  }),
  vonageContentType: setting('PARLEY_VONAGE_CONTENT_TYPE', z.enum(types).default('audio/l16;rate=16000'), {
    help: 'sound of its lines, both ways',
    expected: types.join(' or '),
  }),
} as const;

export type VonageSettings = ValuesOf<typeof VONAGE_SETTINGS>;

function isPrivateKey(key: string): boolean {
  try {
    return createPrivateKey(key).asymmetricKeyType === 'rsa';
  } catch {
    return false;
  }
}

/** Each is right by itself, but together they make no sense: why. */
export function checkVonageSettings(settings: VonageSettings & { publicUrl: string | undefined }): string[] {
  const { vonageSignatureSecret: secret, vonageApplicationId: id, vonagePrivateKey: key, publicUrl } = settings;
  const problems: string[] = [];
  if (secret !== undefined && publicUrl === undefined) {
    problems.push(addressMissing('Vonage calls', 'PARLEY_VONAGE_SIGNATURE_SECRET'));
  }
  if (key !== undefined && id === undefined) {
    problems.push(missingWith('PARLEY_VONAGE_APPLICATION_ID', 'PARLEY_VONAGE_PRIVATE_KEY'));
  }
  if (key !== undefined && secret === undefined) {
    problems.push(missingWith('PARLEY_VONAGE_SIGNATURE_SECRET', 'PARLEY_VONAGE_PRIVATE_KEY'));
  }
  return problems;
}
