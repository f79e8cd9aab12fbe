/** Settings of Exotel's flows. */
import { z } from 'zod';
import { setting, tokens, type ValuesOf } from '../../lib/settings.ts';
import { RATES_HZ, type RateHz } from './wire.ts';

const isRate = (rate: number): rate is RateHz => (RATES_HZ as readonly number[]).includes(rate);

export const EXOTEL_SETTINGS = {
  exotelSecrets: tokens(
    'PARLEY_EXOTEL_SECRET',
    'password in the addresses that its applets are given: https://parley:SECRET@...',
  ),
  exotelSampleRate: setting('PARLEY_EXOTEL_SAMPLE_RATE', z.coerce.number().refine(isRate).default(8_000), {
    help: 'samples a second that a line is asked for, both ways',
    expected: RATES_HZ.join(' or '),
  }),
} as const;

export type ExotelSettings = ValuesOf<typeof EXOTEL_SETTINGS>;

/** Each is right by itself, but together they make no sense: why. */
export function checkExotelSettings(settings: ExotelSettings & { publicUrl: string | undefined }): string[] {
  if (settings.exotelSecrets.length === 0 || settings.publicUrl !== undefined) return [];
  return [
    'PARLEY_PUBLIC_URL: expected the address that Exotel calls, since PARLEY_EXOTEL_SECRET is set and our answers name it, got nothing',
  ];
}
