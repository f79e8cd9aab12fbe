/**
 * The one list of vendors: which models, voices and ears there are, by the names that an agent file has for them. Another
 * vendor is a folder with a `vendor.ts`, and its line here; a program gives its own beside them. Nobody else names one.
 */
import type { z } from 'zod';
import { VoiceError } from '../lib/errors.ts';
import type { EarVendor, Transcriber } from '../listen/contract.ts';
import { openAiTranscriptions } from '../listen/openai-transcriptions/vendor.ts';
import { pulse } from '../listen/pulse/vendor.ts';
import { readBlock, type SettingsBlock } from '../lib/settings.ts';
import type { VendorSettings } from '../lib/vendor.ts';
import type { AllowanceLimits, LanguageModel, ModelVendor } from '../model/contract.ts';
import { electron } from '../model/electron/vendor.ts';
export { modelServer, type ModelServerOptions } from '../model/electron/vendor.ts';
import type { Synthesizer, VoiceVendor } from '../speak/contract.ts';
import { lightning } from '../speak/lightning/vendor.ts';
import { openAiSpeech } from '../speak/openai-speech/vendor.ts';

/** What thinks. */
export const MODELS = { electron } satisfies Record<string, ModelVendor>;
/** What speaks. */
export const VOICES = { lightning, 'openai-speech': openAiSpeech } satisfies Record<string, VoiceVendor>;
/** What hears. */
export const EARS = { pulse, 'openai-transcriptions': openAiTranscriptions } satisfies Record<string, EarVendor>;

/** By name. */
export interface Vendors {
  models: Readonly<Record<string, ModelVendor>>;
  voices: Readonly<Record<string, VoiceVendor>>;
  ears: Readonly<Record<string, EarVendor>>;
}

/** Which of them an agent has, one of each kind. */
export interface VendorNames {
  model: string;
  voice: string;
  ear: string;
}

/** Those of an agent file that names none. */
export const DEFAULT_VENDORS = { model: 'electron', voice: 'lightning', ear: 'pulse' } as const satisfies VendorNames;

/** The list, and a program's own: one with the name of a listed vendor takes its place. */
export function vendorsWith(own: Partial<Vendors> = {}): Vendors {
  return togetherWith({ models: MODELS, voices: VOICES, ears: EARS }, own);
}

/** Several lists as one: of one name, the last has it. */
export function togetherWith(one: Partial<Vendors> = {}, other: Partial<Vendors> = {}): Vendors {
  return {
    models: { ...one.models, ...other.models },
    voices: { ...one.voices, ...other.voices },
    ears: { ...one.ears, ...other.ears },
  };
}

type Listed =
  (typeof MODELS)[keyof typeof MODELS] | (typeof VOICES)[keyof typeof VOICES] | (typeof EARS)[keyof typeof EARS];
type BlockOf<One, Name extends string> = One extends { [Key in Name]: infer Block } ? Block : never;
/** Of a union, what is all of its members at once. */
type Both<Union> = (Union extends unknown ? (each: Union) => void : never) extends (both: infer All) => void
  ? All
  : never;

/** Settings of the accounts of the listed vendors, each once: keys and addresses. */
export const ACCOUNT_SETTINGS = mergedSettings('account', vendorsWith()) as Both<BlockOf<Listed, 'account'>>;
/** Settings of what these accounts allow. */
export const LIMIT_SETTINGS = mergedSettings('limits', vendorsWith()) as Both<BlockOf<Listed, 'limits'>>;

/**
 * What vendors of one's own read from the environment.
 * @throws {VoiceError} `options-invalid`, with every setting that is wrong.
 */
export function readOwnSettings(own: Partial<Vendors>, env: NodeJS.ProcessEnv): VendorSettings {
  return readBlock({ ...mergedSettings('account', own), ...mergedSettings('limits', own) }, env);
}

/** The blocks of several vendors as one. */
export function mergedSettings(name: 'account' | 'limits', { models, voices, ears }: Partial<Vendors>): SettingsBlock {
  const all = [...Object.values(models ?? {}), ...Object.values(voices ?? {}), ...Object.values(ears ?? {})];
  return Object.fromEntries(all.flatMap((vendor) => Object.entries(vendor[name] ?? {})));
}

/**
 * What may stand in an agent file: options of a listed vendor, or of one's own, which is named, or stands there itself; or
 * what such a one would make.
 */
type Choice<List extends Record<string, { options: z.ZodType }>, Default extends string, One, Made> =
  | {
      [Name in keyof List & string]: z.input<List[Name]['options']> &
        (Name extends Default ? { vendor?: Name | undefined } : { vendor: Name });
    }[keyof List & string]
  | { vendor: string | One | Made; readonly [option: string]: unknown }
  | Made;

/** The agent file's `model`. */
export type ModelChoice = Choice<typeof MODELS, (typeof DEFAULT_VENDORS)['model'], ModelVendor, LanguageModel>;
/** The agent file's `voice`. */
export type VoiceChoice = Choice<typeof VOICES, (typeof DEFAULT_VENDORS)['voice'], VoiceVendor, Synthesizer>;
/** The agent file's `listen`. */
export type ListenChoice = Choice<typeof EARS, (typeof DEFAULT_VENDORS)['ear'], EarVendor, Transcriber>;

/**
 * How much may be asked of a model, as its vendor reads the settings; no limit when it names none.
 * @throws {VoiceError} `options-invalid`, when the settings are not right.
 */
export function requestLimitsOf(
  settings: VendorSettings,
  { name = DEFAULT_VENDORS.model, vendors = vendorsWith() }: { name?: string; vendors?: Vendors } = {},
): AllowanceLimits {
  const resources = Object.values(vendors.models[name]?.resources?.(settings) ?? {});
  return (
    resources.find((resource) => resource.type === 'requests') ?? { requestsPerMinute: Infinity, concurrent: Infinity }
  );
}

/**
 * One of a list, by name.
 * @throws {VoiceError} `options-invalid`, when there is none, with those that there are.
 */
export function vendorNamed<One>(name: string, kind: keyof VendorNames, known: Readonly<Record<string, One>>): One {
  const one = Object.hasOwn(known, name) ? known[name] : undefined;
  if (one) return one;
  const names = Object.keys(known).map((each) => `\`${each}\``);
  const expected = `Expected the agent's vendor of kind \`${kind}\` to be ${names.join(' or ')}`;
  throw new VoiceError('options-invalid', `${expected}, got \`${name}\``);
}

const providers = new WeakMap<object, string>();

/** Remembers who is asked by what this vendor has made. */
export function markProvider<Made extends object>(made: Made, { provider }: { provider: string }): Made {
  providers.set(made, provider);
  return made;
}

/** Who is asked, as traces have it: as the list says, or, of what was not made from it, its own name. */
export function providerOf(made: { name: string }): string {
  return providers.get(made) ?? made.name;
}
