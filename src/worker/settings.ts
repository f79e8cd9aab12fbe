/**
 * Every setting of a worker, in one place: its own, those of the services, and those of the carriers that it has doors
 * for. `parley serve --help` shows this list.
 */
import type { Door } from '../bridge/door.ts';
import { VoiceError } from '../lib/errors.ts';
import {
  describeBlock,
  namesOf,
  problemOf,
  readBlock,
  secretsIn,
  type SettingsBlock,
  type ValuesOf,
} from '../lib/settings.ts';
import { CARRIERS } from './carriers.ts';
import { access, reach, work } from './settings/process.ts';
import { ACCOUNT, QUOTA } from './settings/services.ts';

type OwnBlock = typeof ACCOUNT &
  ReturnType<typeof reach> &
  ReturnType<typeof access> &
  typeof QUOTA &
  ReturnType<typeof work>;

/** What the worker itself goes by. What else its carriers read is their own business. */
export type Settings = ValuesOf<OwnBlock>;

/** With the values of the carriers that they were read for. */
export type SettingsWith<Carriers extends readonly Door[]> = Settings & ValuesOf<BlocksOf<Carriers>>;

type BlocksOf<Carriers extends readonly Door[]> = Both<Carriers[number]['settings']>;
/** Of a union, what is all of its members at once. */
type Both<Union> = (Union extends unknown ? (each: Union) => void : never) extends (both: infer All) => void
  ? All extends SettingsBlock
    ? All
    : never
  : never;

/**
 * All of them, in the order in which the help shows them: what opens a carrier's door stands with what opens the worker's
 * own, the rest of the carrier's behind that.
 * @throws {VoiceError} `options-invalid`, when two of them have one name.
 */
export function settingsFor<const Carriers extends readonly Door[]>(carriers: Carriers) {
  const openers = carriers.map(openerOf);
  const doors = carriers.map(({ settings }) => settings);
  const own = [ACCOUNT, reach(carriers), access(carriers), QUOTA, work(carriers)];
  requireOneEach([...own, ...doors]);
  const [account, where, who, quota, what] = own;
  const merged: unknown = Object.assign({}, account, where, ...openers, who, ...doors, quota, what);
  return merged as OwnBlock & BlocksOf<Carriers>;
}

/** The one setting, in a block, without which a door is closed; nothing where there is none. */
function openerOf({ name, settings, opensWith }: Door): SettingsBlock {
  if (opensWith === undefined) return {};
  const one = settings[opensWith];
  if (one) return { [opensWith]: one };
  throw new VoiceError(
    'options-invalid',
    `Expected the door \`${name}\` to have the setting \`${opensWith}\` that opens it`,
  );
}

function requireOneEach(blocks: readonly SettingsBlock[]): void {
  const names = blocks.flatMap((block) => Object.entries(block).flatMap(([name, { env }]) => [name, env]));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new VoiceError('options-invalid', `Expected one setting \`${twice}\`, got two`);
}

/** Those of the carriers that Parley has doors for. */
export const SETTINGS = settingsFor(CARRIERS);

/** As of the command line: names are the code's own, values are texts. */
export type Overrides = Partial<Record<keyof typeof SETTINGS, unknown>>;

/**
 * Reads the environment; what `overrides` has (from the command line) counts more. `carriers`: those that the worker will
 * have; default: those of Parley.
 * @throws {VoiceError} `options-invalid`, with every setting that is wrong.
 */
export function readSettings(env: NodeJS.ProcessEnv, overrides?: Overrides): SettingsWith<typeof CARRIERS>;
export function readSettings<const Carriers extends readonly Door[]>(
  env: NodeJS.ProcessEnv,
  overrides: Overrides,
  carriers: Carriers,
): SettingsWith<Carriers>;
export function readSettings(
  env: NodeJS.ProcessEnv,
  overrides: Overrides = {},
  carriers: readonly Door[] = CARRIERS,
): Settings {
  const block = carriers === CARRIERS ? SETTINGS : settingsFor(carriers);
  return readBlock(block, env, { overrides, check: (settings) => checkTogether(settings, carriers) });
}

/** What is wrong with a value that was given as `option` of the command line; undefined when nothing is. */
export function checkSetting(name: keyof typeof SETTINGS, option: string, value: unknown): string | undefined {
  return problemOf(SETTINGS[name], option, value);
}

/** Each is right by itself, but together they make no sense: why. */
export function checkTogether(settings: Settings, carriers: readonly Door[] = CARRIERS): string[] {
  return carriers.flatMap(
    (door) => door.check?.({ ...valuesFor(door, settings), publicUrl: settings.publicUrl }) ?? [],
  );
}

/**
 * A carrier's own, out of all.
 * @throws {VoiceError} `options-invalid`, when they were read without this carrier.
 */
export function valuesFor({ name: door, settings: block }: Door, settings: Settings): Record<string, unknown> {
  const all: Record<string, unknown> = settings;
  for (const name of Object.keys(block)) {
    if (name in all) continue;
    throw new VoiceError(
      'options-invalid',
      `Expected settings that were read for \`${door}\`, got none of \`${name}\``,
    );
  }
  return Object.fromEntries(Object.keys(block).map((name) => [name, all[name]]));
}

/** Variables that begin as ours do, but are none: typing mistakes, which would pass for defaults. */
export function unknownSettings(env: NodeJS.ProcessEnv): string[] {
  const known = namesOf(SETTINGS);
  return Object.keys(env).filter((name) => name.startsWith('PARLEY_') && !known.includes(name));
}

/** Every value that must not be seen, for the log to leave out. */
export function secretsOf(settings: Settings, carriers: readonly Door[] = CARRIERS): string[] {
  return secretsIn(carriers === CARRIERS ? SETTINGS : settingsFor(carriers), settings);
}

/** The list, for `--help`: name, meaning, default. */
export function describeSettings(): string {
  return `Settings, from the environment:\n${describeBlock(SETTINGS)}`;
}
