/** What doors say of settings that are right, each by itself, and lack others. */
import type { SettingsBlock, ValuesOf } from '../lib/settings.ts';

/** The environment's names of those of these settings that are not set. */
export function missingIn<Block extends SettingsBlock>(
  block: Block,
  settings: ValuesOf<Block>,
  names: readonly (keyof Block)[],
): string[] {
  const isSet = (value: unknown): boolean => value !== undefined && !(Array.isArray(value) && value.length === 0);
  return names.filter((name) => !isSet(settings[name])).flatMap((name) => block[name]?.env ?? []);
}

/**
 * The door is open, by `env`, and nobody has said at what address the carrier reaches us. `who`: such as `Plivo calls`. `why`:
 * what that is for; default: to be reached.
 */
export const addressMissing = (who: string, env: string, why = ''): string =>
  `PARLEY_PUBLIC_URL: expected the address that ${who}, since ${env} is set${why && ` and ${why}`}, got nothing`;

export const SIGNED_OVER_IT = 'signatures are made over it';
export const ANSWERS_NAME_IT = 'our answers name it';

/** A setting that another is of no use without. */
export const missingWith = (env: string, other: string): string => `${env}: expected it with ${other}, got nothing`;

/** An account is whole, or there is none: what is said where some of its settings, `names`, are missing. `whose`: `Exotel`. */
export const accountMissing = (whose: string, names: readonly string[]): string =>
  `${names.join(', ')}: expected with the other settings of the ${whose} account, got nothing`;
