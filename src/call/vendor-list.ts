/**
 * A list of vendors in an agent file, as the one vendor that stands for it: its limits are theirs, and what it makes is made
 * of what each of them makes. Who is asked when is for each kind's own `fallback.ts` to say.
 */
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { SettingsBlock } from '../lib/settings.ts';
import { optionsOf } from '../lib/succession.ts';
import type { Resource, Vendor, VendorSettings } from '../lib/vendor.ts';
import type { EarVendor, Transcriber } from '../listen/contract.ts';
import type { LanguageModel, ModelVendor } from '../model/contract.ts';
import { createModelList } from '../model/fallback.ts';
import type { Synthesizer, VoiceVendor } from '../speak/contract.ts';

/** One of a list. */
export interface Part<One> {
  /** In the list of vendors; of one that stands in the agent file, its own. */
  name: string;
  vendor: One;
  /** It stands in the agent file itself. */
  isOwn: boolean;
}

/** What a vendor that stands for a list has besides. */
export interface ListOf<One, Made, Joined = Made | Promise<Made>> {
  /** Two or more, the one that is to be asked first in front. */
  readonly parts: readonly Part<One>[];
  /** `made`: what each of the parts has made, under a name that tells it from the others. */
  join(made: readonly { name: string; made: Made }[], context: { clock: Clock; log: Log }): Joined;
}

/** A list of models is made at once, as a model is. */
export type ModelList = ModelVendor & ListOf<ModelVendor, LanguageModel, LanguageModel>;

/** What any vendor is to a list. */
type AnyVendor = Pick<Vendor<never, unknown>, 'provider' | 'label' | 'account' | 'limits' | 'resources'>;

/** Lists of the process, by their first: the same vendors in the same order are one list, however many agents name them. */
const lists = new WeakMap<AnyVendor, ListOf<AnyVendor, unknown>[]>();

function known<List extends ListOf<AnyVendor, unknown>>(parts: List['parts'], make: () => List): List {
  const first = parts[0]?.vendor;
  if (!first) throw new RangeError('a list of vendors needs one');
  const others = lists.get(first) ?? [];
  lists.set(first, others);
  const isSame = (list: ListOf<AnyVendor, unknown>) =>
    list.parts.length === parts.length && list.parts.every(({ vendor }, at) => vendor === parts[at]?.vendor);
  const one = others.find(isSame) as List | undefined;
  if (one) return one;
  const list = make();
  others.push(list);
  return list;
}

/** What a list of models stands for. */
export function listOfModels(parts: readonly Part<ModelVendor>[]): ModelList {
  return known(parts, (): ModelList => {
    const join: ModelList['join'] = (made, context) =>
      createModelList(
        made.map(({ name, made: model }) => ({ name, model })),
        context,
      );
    return {
      ...commonOf(parts),
      options: parts[0]!.vendor.options,
      asks: (options, settings) =>
        parts.map(({ name, vendor }, at) => vendor.asks?.(optionsOf(options, at), settings) ?? name).join(', else '),
      create: (kit) =>
        join(
          namedApart(parts, ({ vendor }) => vendor.create(kit)),
          kit,
        ),
      ...{ parts, join },
    };
  });
}

/** What a list of voices stands for. What speaks in turn is loaded when it is first made. */
export function listOfVoices(parts: readonly Part<VoiceVendor>[]): VoiceVendor & ListOf<VoiceVendor, Synthesizer> {
  return known(parts, (): VoiceVendor & ListOf<VoiceVendor, Synthesizer> => {
    const join: ListOf<VoiceVendor, Synthesizer>['join'] = async (made, context) => {
      const { createVoiceList } = await import('../speak/fallback.ts');
      return createVoiceList(
        made.map(({ name, made: synthesizer }) => ({ name, synthesizer })),
        context,
      );
    };
    const create: VoiceVendor['create'] = async (kit) =>
      join(await madeApart(parts, ({ vendor }) => vendor.create(kit)), kit);
    return { ...commonOf(parts), options: parts[0]!.vendor.options, create, parts, join };
  });
}

/** What a list of ears stands for. What hears in turn is loaded when it is first made. */
export function listOfEars(parts: readonly Part<EarVendor>[]): EarVendor & ListOf<EarVendor, Transcriber> {
  return known(parts, (): EarVendor & ListOf<EarVendor, Transcriber> => {
    const join: ListOf<EarVendor, Transcriber>['join'] = async (made, context) => {
      const { createEarList } = await import('../listen/fallback.ts');
      return createEarList(
        made.map(({ name, made: transcriber }) => ({ name, transcriber })),
        context,
      );
    };
    const create: EarVendor['create'] = async (kit) =>
      join(await madeApart(parts, ({ vendor }) => vendor.create(kit)), kit);
    return { ...commonOf(parts), options: parts[0]!.vendor.options, create, parts, join };
  });
}

function commonOf(parts: readonly Part<AnyVendor>[]) {
  const provider = parts[0]!.vendor.provider;
  const label = parts.map(({ name, vendor }) => vendor.label ?? name).join(', else ');
  return {
    provider,
    label,
    account: blocksOf(parts, 'account'),
    limits: blocksOf(parts, 'limits'),
    resources: (settings: VendorSettings): Readonly<Record<string, Resource>> =>
      Object.fromEntries(distinct(parts).flatMap(({ vendor }) => Object.entries(vendor.resources?.(settings) ?? {}))),
  };
}

/** Settings of those that stand in the file: those of the others are read wherever they are known. */
function blocksOf(parts: readonly Part<AnyVendor>[], block: 'account' | 'limits'): SettingsBlock {
  const own = parts.filter(({ isOwn }) => isOwn);
  return Object.fromEntries(own.flatMap(({ vendor }) => Object.entries(vendor[block] ?? {})));
}

/** Each vendor once, though it may stand in the list with several sets of options. */
function distinct<One>(parts: readonly Part<One>[]): Part<One>[] {
  return parts.filter(({ vendor }, at) => parts.findIndex((other) => other.vendor === vendor) === at);
}

/** What each makes, once for each vendor; of one name, they are numbered: `electron`, `electron 2`. */
function namedApart<One, Made>(
  parts: readonly Part<One>[],
  make: (part: Part<One>) => Made,
): { name: string; made: Made }[] {
  const made = new Map(distinct(parts).map((part) => [part.vendor, make(part)]));
  return parts.map(({ name, vendor }, at) => {
    const before = parts.slice(0, at).filter((other) => other.name === name).length;
    return { name: before === 0 ? name : `${name} ${before + 1}`, made: made.get(vendor)! };
  });
}

/** The same for what may be made in a promise. When one cannot be made, the others have been. */
async function madeApart<One, Made>(
  parts: readonly Part<One>[],
  make: (part: Part<One>) => Made | Promise<Made>,
): Promise<{ name: string; made: Made }[]> {
  const making = namedApart(parts, async (part) => make(part));
  await Promise.allSettled(making.map(({ made }) => made));
  return Promise.all(making.map(async ({ name, made }) => ({ name, made: await made })));
}

/** Those that a vendor stands for: the parts of a list, or itself. */
export function partsOf<One extends object>(one: Part<One>): readonly Part<One>[] {
  return isList(one.vendor) ? one.vendor.parts : [one];
}

/** Whether what is asked first stands in the agent file itself: of a list, its first. */
export function isOwnFirst<One extends object>(name: string, own: Readonly<Record<string, One>>): boolean {
  const vendor = own[name];
  return vendor !== undefined && partsOf({ name, vendor, isOwn: true })[0]?.isOwn === true;
}

const isList = <One extends object>(vendor: One): vendor is One & ListOf<One, unknown> => 'parts' in vendor;

/** What a model's vendor makes, by `make`; of a list, what is made of what each of them makes. */
export function modelOf(
  one: Part<ModelVendor>,
  make: (part: Part<ModelVendor>) => LanguageModel,
  context: { clock: Clock; log: Log },
): LanguageModel {
  const { vendor } = one;
  return isList(vendor)
    ? (vendor as ModelList).join(namedApart((vendor as ModelList).parts, make), context)
    : make(one);
}

/** The same for a voice or an ear, which may be made in a promise. */
export async function speechOf<One extends object, Made>(
  one: Part<One>,
  make: (part: Part<One>) => Made | Promise<Made>,
  context: { clock: Clock; log: Log },
): Promise<Made> {
  const { vendor } = one;
  if (!isList(vendor)) return make(one);
  const list = vendor as ListOf<One, Made>;
  return list.join(await madeApart(list.parts, make), context);
}
