/** Which language Pulse hears live, and on which host. `wire/pulse.md` 7. */
import { VoiceError } from '../../lib/errors.ts';

export const DEFAULT_HOST = 'api.smallest.ai';
export const US_HOST = 'api.us.smallest.ai';

/** `any`: both hosts. */
export type Region = 'any' | 'india' | 'us';

const ANYWHERE = ['en', 'hi', 'de', 'es', 'ru', 'it', 'fr', 'nl', 'pt', 'gu', 'mr', 'or', 'bn', 'north_indic'] as const;
const INDIA_ONLY = ['ta', 'te', 'kn', 'ml', 'multi-south-indic'] as const;
const US_ONLY = ['zh', 'yue', 'ja', 'ko', 'multi-asian'] as const;

/** What Pulse hears live. */
export type LiveLanguage = (typeof ANYWHERE)[number] | (typeof INDIA_ONLY)[number] | (typeof US_ONLY)[number];
export const LIVE_LANGUAGES: readonly LiveLanguage[] = [...ANYWHERE, ...INDIA_ONLY, ...US_ONLY];

/** Pre-recorded audio only has these. */
export const FILE_LANGUAGES: readonly string[] = (
  'en hi de es ru it fr nl pt uk pl cs sk lv et ro fi sv bg hu da lt mt zh ja ko ' + 'multi-eu multi-asian multi-indic'
).split(' ');

export function isLiveLanguage(language: unknown): language is LiveLanguage {
  return isOneOf(LIVE_LANGUAGES, language);
}

const isOneOf = (languages: readonly unknown[], language: unknown): boolean => languages.includes(language);

export function regionOf(language: string): Region {
  if (isOneOf(INDIA_ONLY, language)) return 'india';
  return isOneOf(US_ONLY, language) ? 'us' : 'any';
}

/**
 * Refuses what the host would answer with an error frame, or with nothing at all. Other hosts are not judged.
 * @throws {VoiceError} `options-invalid`, naming the host that does serve the language.
 */
export function checkRegion(host: string, language: string): void {
  const region = regionOf(language);
  const right = { any: host, india: DEFAULT_HOST, us: US_HOST }[region];
  if ((host !== DEFAULT_HOST && host !== US_HOST) || host === right) return;
  throw new VoiceError(
    'options-invalid',
    `pulse: Expected the host for \`${language}\` to be ${right}, got \`${host}\``,
  );
}
