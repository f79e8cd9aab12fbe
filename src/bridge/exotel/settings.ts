/** Settings of Exotel's flows. */
import { z } from 'zod';
import { setting, tokens, url, URL_EXPECTED, type ValuesOf } from '../../lib/settings.ts';
import { accountMissing, addressMissing, ANSWERS_NAME_IT, missingIn, missingWith } from '../together.ts';
import { RATES_HZ, type RateHz } from './wire.ts';

const isRate = (rate: number): rate is RateHz => (RATES_HZ as readonly number[]).includes(rate);

const text = z.string().min(1).optional();

export const EXOTEL_SETTINGS = {
  exotelSecrets: tokens(
    'PARLEY_EXOTEL_SECRET',
    'password in the addresses that its applets are given: https://parley:SECRET@...',
  ),
  exotelAccountSid: setting('PARLEY_EXOTEL_ACCOUNT_SID', text, {
    help: 'account, for calls out by its REST API',
    expected: 'an id of an account',
  }),
  exotelApiKey: setting('PARLEY_EXOTEL_API_KEY', text, {
    help: 'API key of the account, for the same',
    expected: 'a key',
  }),
  exotelApiToken: setting('PARLEY_EXOTEL_API_TOKEN', text, {
    help: 'API token of that key, for the same',
    expected: 'a token',
    isSecret: true,
  }),
  exotelRestUrl: setting('PARLEY_EXOTEL_REST_URL', url.default('https://api.in.exotel.com'), {
    help: 'address of that API; of Singapore: https://api.exotel.com',
    expected: URL_EXPECTED,
  }),
  exotelSampleRate: setting('PARLEY_EXOTEL_SAMPLE_RATE', z.coerce.number().refine(isRate).default(8_000), {
    help: 'samples a second that a line is asked for, both ways',
    expected: RATES_HZ.join(' or '),
  }),
} as const;

export type ExotelSettings = ValuesOf<typeof EXOTEL_SETTINGS>;

/** What its REST API needs: all of it, or none. */
export const EXOTEL_ACCOUNT = ['exotelAccountSid', 'exotelApiKey', 'exotelApiToken'] as const;

/** Each is right by itself, but together they make no sense: why. */
export function checkExotelSettings(settings: ExotelSettings & { publicUrl: string | undefined }): string[] {
  const { exotelSecrets, publicUrl } = settings;
  const missing = missingIn(EXOTEL_SETTINGS, settings, EXOTEL_ACCOUNT);
  const problems: string[] = [];
  if (exotelSecrets.length > 0 && publicUrl === undefined) {
    problems.push(addressMissing('Exotel calls', 'PARLEY_EXOTEL_SECRET', ANSWERS_NAME_IT));
  }
  if (missing.length > 0 && missing.length < EXOTEL_ACCOUNT.length) {
    problems.push(accountMissing('Exotel', missing));
  }
  if (missing.length === 0 && exotelSecrets.length === 0) {
    problems.push(missingWith('PARLEY_EXOTEL_SECRET', 'PARLEY_EXOTEL_ACCOUNT_SID'));
  }
  return problems;
}
