/** What a process asks: the model, the voice and the ear of its agent, as the list of vendors makes them. */
import { FrameClock } from '../audio/frame-clock.ts';
import { prepareResampler } from '../audio/resample.ts';
import type { SpeechServices } from '../call/phone.ts';
import { modelOf, partsOf, speechOf, type Part } from '../call/vendor-list.ts';
import {
  DEFAULT_VENDORS,
  markProvider,
  vendorNamed,
  vendorsWith,
  type VendorNames,
  type Vendors,
} from '../call/vendors.ts';
import type { Clock } from '../lib/clock.ts';
import { Closers } from '../lib/closers.ts';
import { VoiceError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { Resource, VendorSettings } from '../lib/vendor.ts';
import type { CarrierAccounts } from '../simulate/carrier-accounts.ts';
import type { StandInOptions, StandIns } from '../simulate/stand-ins.ts';
import { readPrices, type Prices } from '../watch/cost.ts';
import { oneModel } from './models.ts';
import { Parley } from './parley.ts';
import { openQuota, type Quota } from './quota/quota.ts';

export interface Services {
  parley: Parley;
  speech: SpeechServices;
  quota: Quota;
  close(): Promise<void>;
}

interface CommonOptions {
  /** Which vendors the agent has. Default: those of one that names none. */
  names?: VendorNames | undefined;
  /** Vendors of the program's own. Default: none. */
  vendors?: Partial<Vendors> | undefined;
  log: Log;
  clock: Clock;
}

export interface ServiceOptions extends CommonOptions {
  settings: VendorSettings & SharingSettings;
}

interface SharingSettings {
  apiKey?: string | undefined;
  baseUrl: string;
  /** Where the workers of one account share its limits. Default: they do not. */
  redisUrl?: string | undefined;
  /** How many there are at least. Default 1, with Redis 2. */
  workersExpected?: number | undefined;
}

/**
 * Connects to the real services.
 * @throws {VoiceError} `options-invalid`, when a vendor lacks a setting, when there is none of that name, or when Redis
 * refuses this worker; a Redis that cannot be reached is no error.
 */
export async function connectServices(options: ServiceOptions): Promise<Services> {
  return open(options, () => options.settings);
}

export interface SimulatedOptions extends CommonOptions, Omit<StandInOptions, 'plan' | 'clock'> {
  /** Where the limits of the plan Enterprise are shared with other workers. Default: there are no limits. */
  redisUrl?: string | undefined;
  /** For vendors that have no stand-in, such as a program's own. Default: none. */
  settings?: VendorSettings | undefined;
}

/** The services, and the stand-ins behind them: what they were asked, and what is to go wrong. */
export interface SimulatedServices extends Services, StandIns {}

/** Once for a process: whoever speaks to stand-ins as they would to a service waits for an answer that does not come. */
const NOT_UNDERSTOOD =
  'a caller speaks whom the simulated transcriber does not understand: it knows the tones of `parley call --say`, and recordings ' +
  'that it was given with their words (--transcripts FOLDER: NAME.wav with NAME.txt beside it); it takes a key to understand people';

/** Starts the stand-ins and connects to them over real sockets. A vendor that has none is asked itself. */
export async function simulateServices(options: SimulatedOptions): Promise<SimulatedServices> {
  const { redisUrl, settings = {}, names, vendors, log, clock, ...behaviour } = options;
  const { startStandIns } = await import('../simulate/stand-ins.ts');
  const plan = redisUrl === undefined ? 'none' : 'enterprise';
  let wasTold = false;
  const notUnderstood = () => {
    if (!wasTold) log.warn(NOT_UNDERSTOOD);
    wasTold = true;
  };
  const standIns = await startStandIns({ notUnderstood, ...behaviour, plan, clock });
  const settingsOf = new Map<string, VendorSettings>(Object.entries(standIns.settings));
  const account = standIns.settings[DEFAULT_VENDORS.model];
  const opened = new Closers();
  opened.add(() => standIns.close());
  try {
    const services = await open(
      { names, vendors, log, clock, settings: { ...settings, ...account, redisUrl, workersExpected: undefined } },
      (vendor) => settingsOf.get(vendor) ?? settings,
    );
    opened.add(() => services.close());
    return { ...services, ...standIns.servers, close: () => opened.close() };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** The carriers' accounts that stand in for those of the user; undefined where nothing is simulated, and nothing is loaded for it. */
export async function simulateAccounts(isSimulated: boolean, clock: Clock): Promise<CarrierAccounts | undefined> {
  if (!isSimulated) return undefined;
  const { startCarrierAccounts } = await import('../simulate/carrier-accounts.ts');
  return startCarrierAccounts(clock);
}

/** @throws {VoiceError} as `readPrices` does, before anything is opened */
function pricesOf({ prices }: VendorSettings): Prices | undefined {
  return typeof prices === 'string' ? readPrices(prices) : undefined;
}

async function open(options: ServiceOptions, settingsOf: (vendor: string) => VendorSettings): Promise<Services> {
  const { names = DEFAULT_VENDORS, vendors: own, log, clock } = options;
  const { apiKey = '', baseUrl, redisUrl, workersExpected } = options.settings;
  const vendors = vendorsWith(own);
  const model = partNamed(names.model, 'model', vendors.models);
  const voice = partNamed(names.voice, 'voice', vendors.voices);
  const ear = partNamed(names.ear, 'ear', vendors.ears);
  const kitOf = (name: string) => ({ settings: settingsOf(name), places: quota.places, clock, log });
  const resources = together(
    [
      ...new Map([...partsOf(model), ...partsOf(voice), ...partsOf(ear)].map((part) => [part.vendor, part])).values(),
    ].map(({ name, vendor }) => vendor.resources?.(settingsOf(name))),
  );
  const prices = pricesOf(options.settings);
  const quota = await openQuota({ resources, workersExpected, redisUrl, apiKey, baseUrl, clock, log });
  prepareResampler(); // so that no call's first audio waits for it
  const opened = new Closers();
  opened.add(() => quota.redis?.close());
  const keep = <Made extends { close(): Promise<void> }>(made: Made, vendor: { provider: string }): Made => {
    opened.add(() => made.close());
    return markProvider(made, vendor);
  };
  try {
    const hears = speechOf(ear, async ({ name, vendor }) => keep(await vendor.create(kitOf(name)), vendor), {
      clock,
      log,
    });
    const speaks = speechOf(voice, async ({ name, vendor }) => keep(await vendor.create(kitOf(name)), vendor), {
      clock,
      log,
    });
    await Promise.allSettled([hears, speaks]); // when one cannot be made, the other is let go of
    const [transcriber, synthesizer] = await Promise.all([hears, speaks]);
    const { budget } = quota;
    const asked = modelOf(model, ({ name, vendor }) => vendor.create({ ...kitOf(name), budget }), { clock, log });
    const thinker = markProvider(asked, model.vendor);
    const parley = new Parley({ models: oneModel(thinker), clock, log, prices });
    opened.add(() => parley.close());
    void thinker.prewarm();
    const frameClock = new FrameClock(clock, (thrown) => log.error({ err: thrown }, 'a beat failed'));
    await quota.share(); // last, for nobody is to count on a worker that does not start
    return { parley, speech: { synthesizer, transcriber, frameClock }, quota, close: () => opened.close() };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

function partNamed<One>(name: string, kind: keyof VendorNames, known: Readonly<Record<string, One>>): Part<One> {
  return { name, vendor: vendorNamed(name, kind, known), isOwn: false };
}

/** Two of one name would be one limit by mistake. */
function together(all: readonly (Readonly<Record<string, Resource>> | undefined)[]): Record<string, Resource> {
  const entries = all.flatMap((resources = {}) => Object.entries(resources));
  const names = entries.map(([name]) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice === undefined) return Object.fromEntries(entries);
  throw new VoiceError(
    'options-invalid',
    `Expected the resources of vendors to have names of their own, got \`${twice}\` twice`,
  );
}
