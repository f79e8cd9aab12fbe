/**
 * A model, a voice or an ear of one's own in an agent file: the very object that meets the contract, or a vendor that
 * makes one and reads options of its own. Whoever writes it may be mistaken, so it is looked at before it is believed.
 */
import { z } from 'zod';
import { fieldOf } from '../lib/thrown.ts';
import type { EarVendor, Transcriber } from '../listen/contract.ts';
import type { LanguageModel, ModelVendor } from '../model/contract.ts';
import type { Synthesizer, VoiceVendor } from '../speak/contract.ts';
import { listOfEars, listOfModels, listOfVoices, type Part } from './vendor-list.ts';

/** What one field of an agent file may hold in place of a vendor's name. */
export interface OwnKind<One> {
  /** Of a sentence: `a voice`. */
  what: string;
  /** The functions that its contract asks for. */
  functions: readonly string[];
  /** Whether it has to tell the format of its audio. */
  hasFormat: boolean;
  /** As a vendor, whose options are whatever stands beside it. */
  wrap(made: object, name: string): One;
  /** Two or more of them, as the one that stands for the list. */
  together(parts: readonly Part<One>[]): One;
}

/** What is said of a kind when something is none. */
export type KindWords = Pick<OwnKind<never>, 'what' | 'functions' | 'hasFormat'>;

/** What thinks. */
export const OWN_MODEL: OwnKind<ModelVendor> = {
  what: 'a model',
  functions: ['prewarm', 'startStep', 'close'],
  hasFormat: false,
  wrap: (made, name) => ({ provider: name, options: z.looseObject({}), create: () => made as LanguageModel }),
  together: listOfModels,
};

/** What speaks. */
export const OWN_VOICE: OwnKind<VoiceVendor> = {
  what: 'a voice',
  functions: ['open', 'render', 'close'],
  hasFormat: true,
  wrap: (made, name) => ({
    provider: name,
    options: z.looseObject({ speed: z.number().positive().optional() }),
    create: () => made as Synthesizer,
  }),
  together: listOfVoices,
};

/** What hears. */
export const OWN_EAR: OwnKind<EarVendor> = {
  what: 'an ear',
  functions: ['open', 'close'],
  hasFormat: false,
  wrap: (made, name) => ({
    provider: name,
    options: z.looseObject({ language: z.string().min(1).default('en'), keywords: z.array(z.string()).optional() }),
    create: () => made as Transcriber,
  }),
  together: listOfEars,
};

/** What stands there is no vendor's name and no options: a vendor of one's own, or why it is none. */
export type OwnVendor<One> = { name: string; vendor: One } | { lacks: string };

/**
 * Looks at what stands in the field, or as its `vendor`. Undefined: it is nobody's own, but options, or a mistake that
 * their schema tells better. Never throws.
 */
export function ownVendorIn<One extends object>(given: unknown, kind: OwnKind<One>): OwnVendor<One> | undefined {
  if (typeof given === 'function') {
    return { lacks: 'a function: give the object that it makes, in place of the function or class' };
  }
  if (typeof given !== 'object' || given === null) return undefined;
  const makes = isFunctionOf(given, 'create');
  if (!makes && !kind.functions.some((name) => isFunctionOf(given, name))) return undefined;
  const lacks = makes ? lacksAsVendor(given) : lacksAsMade(given, kind);
  if (lacks.length > 0) return { lacks: `one without ${lacks.join(', ')}` };
  const name = String(makes ? (fieldOf(given, 'label') ?? fieldOf(given, 'provider')) : fieldOf(given, 'name'));
  return { name, vendor: makes ? (given as One) : wrapped(given, kind, name) };
}

/** For the sentence that says what would be right. */
export function expectedOf({ what, functions, hasFormat }: KindWords): string {
  const parts = ['`name`', ...(hasFormat ? ['`format`'] : []), ...functions.map((name) => `\`${name}\``)];
  return `${what} of your own with ${listed(parts)}, or a vendor with \`provider\`, \`options\` and \`create\``;
}

/** One object is one vendor, however often agents are made of it: its model is made once in a process. */
const vendors = new WeakMap<object, object>();

function wrapped<One extends object>(made: object, kind: OwnKind<One>, name: string): One {
  const known = vendors.get(made) as One | undefined;
  const vendor = known ?? kind.wrap(made, name);
  vendors.set(made, vendor);
  return vendor;
}

function lacksAsVendor(given: object): string[] {
  const schema = fieldOf(given, 'options');
  const isObject = isFunctionOf(schema, 'safeParse') && fieldOf(fieldOf(schema, 'def'), 'type') === 'object';
  return [
    ...(isText(fieldOf(given, 'provider')) ? [] : ['`provider` (a text)']),
    ...(isObject ? [] : ['`options` (an object of zod 4)']),
  ];
}

function lacksAsMade(given: object, { functions, hasFormat }: KindWords): string[] {
  const format = fieldOf(given, 'format');
  const rateHz = fieldOf(format, 'sampleRateHz');
  const isFormat = ['mulaw', 'alaw', 'linear16'].includes(String(fieldOf(format, 'encoding'))) && Number(rateHz) > 0;
  return [
    ...(isText(fieldOf(given, 'name')) ? [] : ['`name` (a text)']),
    ...(hasFormat && !isFormat ? [`\`format\` (such as { encoding: 'linear16', sampleRateHz: 8000 })`] : []),
    ...functions.filter((name) => !isFunctionOf(given, name)).map((name) => `\`${name}\` (a function)`),
  ];
}

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
const isFunctionOf = (value: unknown, name: string): boolean => typeof fieldOf(value, name) === 'function';
const listed = (parts: readonly string[]): string => `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`;
