/** Settings of the Plivo account, or of the one at Vobiz. */
import { z } from 'zod';
import { flag, FLAG_EXPECTED, setting, url, URL_EXPECTED, type ValuesOf } from '../../lib/settings.ts';
import { addressMissing, missingWith, SIGNED_OVER_IT } from '../together.ts';
import { CONTENT_TYPES, type ContentType } from './wire.ts';

const text = z.string().min(1).optional();
const types = Object.keys(CONTENT_TYPES) as [ContentType, ...ContentType[]];

export const PLIVO_SETTINGS = {
  plivoAuthToken: setting('PARLEY_PLIVO_AUTH_TOKEN', text, {
    help: 'auth token of Plivo, or of Vobiz: what webhooks are signed with',
    expected: 'the token',
    isSecret: true,
  }),
  plivoAuthId: setting('PARLEY_PLIVO_AUTH_ID', text, {
    help: 'account, for hang-up, transfer and calls out by its REST API',
    expected: 'an id of an account',
  }),
  plivoRestUrl: setting('PARLEY_PLIVO_REST_URL', url.default('https://api.plivo.com/v1'), {
    help: 'address of that API; of Vobiz: https://api.vobiz.ai/api/v1',
    expected: URL_EXPECTED,
  }),
  plivoDetection: setting('PARLEY_PLIVO_DETECTION', flag.default(false), {
    help: 'have Plivo find out too, at its price, whether a machine has answered a call that was placed',
    expected: FLAG_EXPECTED,
  }),
  plivoContentType: setting('PARLEY_PLIVO_CONTENT_TYPE', z.enum(types).default('audio/x-mulaw;rate=8000'), {
    help: 'sound of its lines, both ways',
    expected: types.join(' or '),
  }),
} as const;

export type PlivoSettings = ValuesOf<typeof PLIVO_SETTINGS>;

/** Each is right by itself, but together they make no sense: why. */
export function checkPlivoSettings(settings: PlivoSettings & { publicUrl: string | undefined }): string[] {
  const { plivoAuthToken: authToken, plivoAuthId: authId, publicUrl } = settings;
  const problems: string[] = [];
  if (authToken !== undefined && publicUrl === undefined) {
    problems.push(addressMissing('Plivo calls', 'PARLEY_PLIVO_AUTH_TOKEN', SIGNED_OVER_IT));
  }
  if (authId !== undefined && authToken === undefined) {
    problems.push(missingWith('PARLEY_PLIVO_AUTH_TOKEN', 'PARLEY_PLIVO_AUTH_ID'));
  }
  return problems;
}
