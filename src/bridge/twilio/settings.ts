/** Settings of the Twilio account. */
import { z } from 'zod';
import { flag, FLAG_EXPECTED, list, setting, url, URL_EXPECTED, type ValuesOf } from '../../lib/settings.ts';
import { addressMissing, missingWith, SIGNED_OVER_IT } from '../together.ts';

export const TWILIO_SETTINGS = {
  twilioAuthTokens: setting('PARLEY_TWILIO_AUTH_TOKEN', list.default([]), {
    help: 'auth token; two, separated by a comma, while it changes',
    expected: 'one or two tokens',
    isSecret: true,
  }),
  twilioAccountSid: setting(
    'PARLEY_TWILIO_ACCOUNT_SID',
    z
      .string()
      .regex(/^AC\w+$/)
      .optional(),
    {
      help: 'account, for hang-up, transfer and digits by its REST API',
      expected: 'an id that begins with AC',
    },
  ),
  twilioRestUrl: setting('PARLEY_TWILIO_REST_URL', url.default('https://api.twilio.com'), {
    help: 'address of that API',
    expected: URL_EXPECTED,
  }),
  twilioDetection: setting('PARLEY_TWILIO_DETECTION', flag.default(false), {
    help: 'have Twilio find out too, at its price, whether a machine has answered a call that was placed',
    expected: FLAG_EXPECTED,
  }),
  twilioLine: setting('PARLEY_TWILIO_LINE', z.enum(['media', 'relay']).default('media'), {
    help: 'what POST /twilio/voice answers with: audio (media) or text (relay)',
    expected: 'media or relay',
  }),
} as const;

export type TwilioSettings = ValuesOf<typeof TWILIO_SETTINGS>;

/** Each is right by itself, but together they make no sense: why. */
export function checkTwilioSettings(settings: TwilioSettings & { publicUrl: string | undefined }): string[] {
  const { twilioAuthTokens, publicUrl, twilioAccountSid } = settings;
  const isSigned = twilioAuthTokens.length > 0;
  const problems: string[] = [];
  if (isSigned && publicUrl === undefined) {
    problems.push(addressMissing('Twilio calls', 'PARLEY_TWILIO_AUTH_TOKEN', SIGNED_OVER_IT));
  }
  if (twilioAccountSid !== undefined && !isSigned) {
    problems.push(missingWith('PARLEY_TWILIO_AUTH_TOKEN', 'PARLEY_TWILIO_ACCOUNT_SID'));
  }
  return problems;
}
