/** Settings of the jambonz application. */
import { z } from 'zod';
import { httpUrl, setting, tokens, type ValuesOf } from '../../lib/settings.ts';
import { accountMissing, addressMissing, missingIn, missingWith } from '../together.ts';

const text = z.string().min(1).optional();
const RATES_HZ = [8_000, 16_000, 24_000, 48_000];

export const JAMBONZ_SETTINGS = {
  jambonzPasswords: tokens(
    'PARLEY_JAMBONZ_PASSWORD',
    'what jambonz shows with webhooks and its control socket: the password of the application, by Basic',
  ),
  jambonzWebhookSecret: setting('PARLEY_JAMBONZ_WEBHOOK_SECRET', z.string().min(1).optional(), {
    help: 'what jambonz signs webhooks with, of the account: where it is set, they must be signed',
    expected: 'the webhook secret of the account',
    isSecret: true,
  }),
  jambonzApiUrl: setting('PARLEY_JAMBONZ_API_URL', httpUrl.optional(), {
    help: 'address of the REST API, for calls out',
    expected: 'an address such as https://jambonz.cloud/api',
  }),
  jambonzApiKey: setting('PARLEY_JAMBONZ_API_KEY', text, {
    help: 'API key of the account, for the same',
    expected: 'a key',
    isSecret: true,
  }),
  jambonzAccountSid: setting('PARLEY_JAMBONZ_ACCOUNT_SID', text, {
    help: 'account, for the same',
    expected: 'an id of an account',
  }),
  jambonzApplicationSid: setting('PARLEY_JAMBONZ_APPLICATION_SID', text, {
    help: 'application whose other settings (its speech) calls out have, too',
    expected: 'an id of an application',
  }),
  jambonzSampleRateHz: setting(
    'PARLEY_JAMBONZ_SAMPLE_RATE',
    z.coerce
      .number()
      .refine((rate) => RATES_HZ.includes(rate))
      .default(16_000),
    { help: 'samples a second of its audio lines, both ways', expected: RATES_HZ.join(' or ') },
  ),
} as const;

export type JambonzSettings = ValuesOf<typeof JAMBONZ_SETTINGS>;

/** What its REST API needs: all of it, or none. */
export const JAMBONZ_ACCOUNT = ['jambonzApiUrl', 'jambonzApiKey', 'jambonzAccountSid'] as const;

/** Each is right by itself, but together they make no sense: why. */
export function checkJambonzSettings(settings: JambonzSettings & { publicUrl: string | undefined }): string[] {
  const { jambonzPasswords: passwords, jambonzWebhookSecret: secret, publicUrl } = settings;
  const missing = missingIn(JAMBONZ_SETTINGS, settings, JAMBONZ_ACCOUNT);
  const problems: string[] = [];
  if (passwords.length > 0 && publicUrl === undefined) {
    problems.push(addressMissing('jambonz calls', 'PARLEY_JAMBONZ_PASSWORD'));
  }
  if (secret !== undefined && passwords.length === 0) {
    problems.push(missingWith('PARLEY_JAMBONZ_PASSWORD', 'PARLEY_JAMBONZ_WEBHOOK_SECRET'));
  }
  if (missing.length > 0 && missing.length < JAMBONZ_ACCOUNT.length) {
    problems.push(accountMissing('jambonz', missing));
  }
  if (missing.length === 0 && passwords.length === 0) {
    problems.push(missingWith('PARLEY_JAMBONZ_PASSWORD', 'PARLEY_JAMBONZ_API_URL'));
  }
  return problems;
}
