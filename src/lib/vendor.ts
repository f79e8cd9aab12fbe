/**
 * A vendor, as the list of vendors (`call/vendors.ts`) knows it: how an agent may set it, what of its account is limited,
 * and what makes it. Each stage says in its `contract.ts` what its vendors make.
 */
import { z } from 'zod';
import type { Clock } from './clock.ts';
import { VoiceError } from './errors.ts';
import type { Log } from './log.ts';
import type { Places } from './places.ts';
import type { SettingsBlock } from './settings.ts';

/**
 * What the process has for its vendors: keys, addresses, sizes of accounts, by the names of the worker's settings. A vendor
 * reads what is its own by a schema, and says what is missing.
 */
export type VendorSettings = Readonly<Record<string, unknown>>;

/** A limit of the account, which all calls of the process share, or all workers of the account where there is Redis. */
export type Resource =
  /** So many at once: sockets, syntheses. Whoever comes when all are taken waits in line. */
  | { type: 'places'; concurrent: number }
  /** So many a minute and at once; who waits for an answer comes before what is made ahead. Infinity: no limit. */
  | { type: 'requests'; requestsPerMinute: number; concurrent: number };

/** What a vendor is made of. */
export interface VendorKit {
  settings: VendorSettings;
  /**
   * The places of a resource, by the name that the vendor gave it.
   * @throws {VoiceError} `options-invalid`, when it named no such resource.
   */
  places: (resource: string) => Places;
  clock: Clock;
  log: Log;
}

/** The fields that an agent file may set of a vendor: an object's schema, every field with its default. */
export type VendorOptions<Options> = z.ZodObject & z.ZodType<Options>;

/** `Options`: what its schema yields. `Made`: what serves every call of the process. */
export interface Vendor<Options, Made, Kit extends VendorKit = VendorKit> {
  /** Who is asked, as traces have it (`gen_ai.provider.name`): `smallest_ai`. */
  readonly provider: string;
  /** As people write it: `Electron`. Default: its name in the list. */
  readonly label?: string;
  /** What may stand in the agent file beside `vendor`. Refusals that begin with "Expected `" are shown as they are. */
  readonly options: VendorOptions<Options>;
  /**
   * Settings of its account: a key, an address. Vendors of one account have the same; else names, here and in the
   * environment, are those of no other vendor and not the worker's own. Default: none.
   */
  readonly account?: SettingsBlock;
  /** Settings of what the account allows. Default: none. */
  readonly limits?: SettingsBlock;
  /**
   * Its limits, by the names that metrics and Redis have for them; unique among all vendors of a process. Default: none.
   * @throws {VoiceError} `options-invalid`, when the settings are not right.
   */
  resources?(settings: VendorSettings): Readonly<Record<string, Resource>>;
  /**
   * A setting without which it cannot be made, for whoever looks at an agent before it takes calls. Default: nothing is said
   * before `create`.
   */
  lacks?(settings: VendorSettings): LackedSetting | undefined;
  /**
   * Called once in a process, before the first call that needs it.
   * @throws {VoiceError} `options-invalid`, saying which setting is missing or wrong.
   */
  create(kit: Kit): Made;
}

/** What is not set, and should be. */
export interface LackedSetting {
  /** As the environment has it: `SMALLEST_API_KEY`. */
  setting: string;
  /** What to do, as the rest of a sentence: `set it, or ...`. */
  mend: string;
}

/**
 * What a vendor wants to know of the settings.
 * @throws {VoiceError} `options-invalid`, naming the setting and what was expected.
 */
export function readVendorSettings<Schema extends z.ZodType>(
  schema: Schema,
  settings: VendorSettings,
): z.output<Schema> {
  const { success, data, error } = schema.safeParse(settings);
  if (!success) throw new VoiceError('options-invalid', `the settings are not right: ${z.prettifyError(error)}`);
  return data;
}
