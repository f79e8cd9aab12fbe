/**
 * Who an agent file has think, speak and hear: a listed vendor by its name, a program's own, or one in the file itself; or
 * a list of these, the next of which is asked when one cannot be.
 */
import { z } from 'zod';
import { isRecord } from '../lib/json.ts';
import { optionsOfList } from '../lib/succession.ts';
import type { VendorOptions } from '../lib/vendor.ts';
import { shown } from '../tool/check.ts';
import { describeIssues, type AgentProblem } from './agent-problems.ts';
import { expectedOf, ownVendorIn, type KindWords, type OwnKind } from './own-vendors.ts';
import type { Part } from './vendor-list.ts';

/** One field of an agent that a vendor checks, and which vendor that is. */
export interface Chosen<Options, One> {
  name: string;
  /** One that stands in the file itself. */
  own: Readonly<Record<string, One>>;
  /** What stands there beside `vendor`. */
  given: unknown;
  schema: z.ZodType<Options>;
  problems: AgentProblem[];
}

interface Choosing<One> {
  /** Of the agent file. */
  field: string;
  /** Who it is where nobody is named. */
  standard: string;
  known: Readonly<Record<string, One>>;
  kind: OwnKind<One>;
}

/** Never throws; what is wrong is among the `problems`. */
export function choose<Options extends object, One extends { options: VendorOptions<Options> }>(
  given: unknown,
  choosing: Choosing<One>,
): Chosen<Options, One> {
  return Array.isArray(given) ? chooseAll(given, choosing) : chooseOne(given, choosing);
}

function chooseOne<Options, One extends { options: VendorOptions<Options> }>(
  given: unknown,
  { field, standard, known, kind }: Choosing<One>,
): Chosen<Options, One> {
  const whole = ownVendorIn(given, kind);
  const { vendor: named = standard, ...rest } = isRecord(given) && !whole ? given : {};
  const own = whole ?? ownVendorIn(named, kind);
  if (own && 'vendor' in own) {
    const { name, vendor } = own;
    return { name, own: { [name]: vendor }, given: rest, schema: vendor.options, problems: [] };
  }
  const vendor = typeof named === 'string' && Object.hasOwn(known, named) ? known[named] : undefined;
  if (vendor && !own) {
    const options = given === undefined || isRecord(given) ? rest : given;
    return { name: String(named), own: {}, given: options, schema: vendor.options, problems: [] };
  }
  const problem = own ? notOwn(whole ? field : `${field}.vendor`, own.lacks, kind) : notKnown(field, named, known);
  return refused(typeof named === 'string' ? named : shown(named), given, [problem]);
}

/** What was wrong with it is told here: what is handed on has been read. */
function chooseAll<Options extends object, One extends { options: VendorOptions<Options> }>(
  given: readonly unknown[],
  { field, standard, known, kind }: Choosing<One>,
): Chosen<Options, One> {
  const read = given.map((one, at) => readOne<Options, One>(one, { field: `${field}[${at}]`, standard, known, kind }));
  const problems = read.flatMap((one) => one.problems);
  const [first, ...others] = read.flatMap(({ part, options }) => (part && options ? { part, options } : []));
  if (!first || problems.length > 0) {
    const message = `Expected \`${field}\` to be one, or a list of one or more, got an empty list`;
    return refused(standard, given, problems.length > 0 ? problems : [{ field, message }]);
  }
  const parts = [first, ...others].map(({ part }) => part);
  const vendor = others.length === 0 ? first.part.vendor : kind.together(parts);
  const name = parts.map((part) => part.name).join(', else ');
  const options = others.length === 0 ? first.options : optionsOfList([first.options, ...others.map((o) => o.options)]);
  const isKnown = others.length === 0 && !first.part.isOwn;
  return { name, own: isKnown ? {} : { [name]: vendor }, given: options, schema: z.custom<Options>(), problems: [] };
}

function readOne<Options, One extends { options: VendorOptions<Options> }>(
  one: unknown,
  choosing: Choosing<One>,
): { part?: Part<One>; options?: Options; problems: AgentProblem[] } {
  const { field, known } = choosing;
  const { name, own, given, schema, problems } = chooseOne<Options, One>(one, choosing);
  if (problems.length > 0) return { problems };
  const whole = z.object({ [field]: schema });
  const { success, data, error } = whole.safeParse({ [field]: given });
  if (!success) return { problems: describeIssues(error, { [field]: given }, whole) };
  const vendor = own[name] ?? known[name];
  if (!vendor) return { problems: [notKnown(field, name, known)] };
  return { part: { name, vendor, isOwn: own[name] !== undefined }, options: data[field] as Options, problems };
}

function refused<Options, One>(name: string, given: unknown, problems: AgentProblem[]): Chosen<Options, One> {
  return { name, own: {}, given, schema: z.custom<Options>(), problems };
}

function notOwn(field: string, lacks: string, kind: KindWords): AgentProblem {
  return { field, message: `Expected \`${field}\` to be ${expectedOf(kind)}, got ${lacks}` };
}

function notKnown(field: string, got: unknown, known: Readonly<Record<string, unknown>>): AgentProblem {
  const names = Object.keys(known).map((each) => `'${each}'`);
  const message = `Expected \`${field}.vendor\` to be ${names.join(' or ')}, got ${shown(got)}`;
  return { field: `${field}.vendor`, message };
}
