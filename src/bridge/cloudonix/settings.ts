/** Settings of the Cloudonix domain. */
import { z } from 'zod';
import { list, setting, url, URL_EXPECTED, type ValuesOf } from '../../lib/settings.ts';
import { addressMissing, ANSWERS_NAME_IT, missingWith } from '../together.ts';

const text = z.string().min(1).optional();

export const CLOUDONIX_SETTINGS = {
  cloudonixApiKeys: setting('PARLEY_CLOUDONIX_API_KEY', list.default([]), {
    help: 'API key that Cloudonix shows with its webhooks; two, separated by a comma, while it changes',
    expected: 'one or two keys',
    isSecret: true,
  }),
  cloudonixDomain: setting('PARLEY_CLOUDONIX_DOMAIN', text, {
    help: 'domain, for hang-up, transfer and calls out by its REST API',
    expected: 'a domain such as example.cloudonix.net',
  }),
  cloudonixApiToken: setting('PARLEY_CLOUDONIX_API_TOKEN', text, {
    help: 'bearer token of that API; default: the API key',
    expected: 'a token',
    isSecret: true,
  }),
  cloudonixRestUrl: setting('PARLEY_CLOUDONIX_REST_URL', url.default('https://api.cloudonix.io'), {
    help: 'address of that API',
    expected: URL_EXPECTED,
  }),
} as const;

export type CloudonixSettings = ValuesOf<typeof CLOUDONIX_SETTINGS>;

/** Each is right by itself, but together they make no sense: why. */
export function checkCloudonixSettings(settings: CloudonixSettings & { publicUrl: string | undefined }): string[] {
  const { cloudonixApiKeys: keys, cloudonixDomain: domain, cloudonixApiToken: token, publicUrl } = settings;
  const problems: string[] = [];
  if (keys.length > 0 && publicUrl === undefined) {
    problems.push(addressMissing('Cloudonix calls', 'PARLEY_CLOUDONIX_API_KEY', ANSWERS_NAME_IT));
  }
  if (domain !== undefined && keys.length === 0) {
    problems.push(missingWith('PARLEY_CLOUDONIX_API_KEY', 'PARLEY_CLOUDONIX_DOMAIN'));
  }
  if (token !== undefined && domain === undefined) {
    problems.push(missingWith('PARLEY_CLOUDONIX_DOMAIN', 'PARLEY_CLOUDONIX_API_TOKEN'));
  }
  return problems;
}
