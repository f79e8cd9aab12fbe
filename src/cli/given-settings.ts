/** Settings that a command is given by its options: they count more than the environment. */
import { checkSetting, type Overrides } from '../worker/settings.ts';
import { UsageError } from './report.ts';

/** The setting, its option as it is typed, and what was given by it. */
export type GivenSetting = readonly [name: keyof Overrides, option: string, value: string | undefined];

/** Those that were given. @throws {UsageError} for the first that cannot be used. */
export function givenSettings(settings: readonly GivenSetting[]): Overrides {
  const given = settings.filter(([, , value]) => value !== undefined);
  for (const [name, option, value] of given) {
    const problem = checkSetting(name, option, value);
    if (problem !== undefined) throw new UsageError(problem);
  }
  return Object.fromEntries(given.map(([name, , value]) => [name, value] as const));
}
