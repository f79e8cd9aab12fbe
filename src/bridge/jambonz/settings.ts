/** Settings of the jambonz application. */
import { z } from 'zod';
import { setting, tokens, type ValuesOf } from '../../lib/settings.ts';

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

/** Each is right by itself, but together they make no sense: why. */
export function checkJambonzSettings(settings: JambonzSettings & { publicUrl: string | undefined }): string[] {
  const { jambonzPasswords: passwords, jambonzWebhookSecret: secret, publicUrl } = settings;
  const problems: string[] = [];
  if (passwords.length > 0 && publicUrl === undefined) {
    problems.push(
      'PARLEY_PUBLIC_URL: expected the address that jambonz calls, since PARLEY_JAMBONZ_PASSWORD is set, got nothing',
    );
  }
  if (secret !== undefined && passwords.length === 0) {
    problems.push('PARLEY_JAMBONZ_PASSWORD: expected it with PARLEY_JAMBONZ_WEBHOOK_SECRET, got nothing');
  }
  return problems;
}
