/** Who an agent file has think, speak and hear: a listed vendor by its name, a program's own, or one in the file itself. */
import { z } from 'zod';
import { isRecord } from '../lib/json.ts';
import type { VendorOptions } from '../lib/vendor.ts';
import { shown } from '../tool/check.ts';
import type { AgentProblem } from './agent-problems.ts';
import { expectedOf, ownVendorIn, type OwnKind } from './own-vendors.ts';

/** One field of an agent that a vendor checks, and which vendor that is. */
export interface Chosen<Options, One> {
  name: string;
  /** One that stands in the file itself. */
  own: Readonly<Record<string, One>>;
  /** What stands there beside `vendor`. */
  given: unknown;
  schema: z.ZodType<Options>;
  problem?: AgentProblem;
}

interface Choosing<One> {
  /** Of the agent file. */
  field: string;
  /** Who it is where nobody is named. */
  standard: string;
  known: Readonly<Record<string, One>>;
  kind: OwnKind<One>;
}

/** Never throws; what is wrong is the `problem`. */
export function choose<Options, One extends { options: VendorOptions<Options> }>(
  given: unknown,
  { field, standard, known, kind }: Choosing<One>,
): Chosen<Options, One> {
  const whole = ownVendorIn(given, kind);
  const { vendor: named = standard, ...rest } = isRecord(given) && !whole ? given : {};
  const own = whole ?? ownVendorIn(named, kind);
  if (own && 'vendor' in own) {
    const { name, vendor } = own;
    return { name, own: { [name]: vendor }, given: rest, schema: vendor.options };
  }
  const vendor = typeof named === 'string' && Object.hasOwn(known, named) ? known[named] : undefined;
  if (vendor && !own) {
    const options = given === undefined || isRecord(given) ? rest : given;
    return { name: String(named), own: {}, given: options, schema: vendor.options };
  }
  const problem = own ? notOwn(whole ? field : `${field}.vendor`, own.lacks, kind) : notKnown(field, named, known);
  return {
    name: typeof named === 'string' ? named : shown(named),
    own: {},
    given,
    schema: z.custom<Options>(),
    problem,
  };
}

function notOwn(field: string, lacks: string, kind: OwnKind<object>): AgentProblem {
  return { field, message: `Expected \`${field}\` to be ${expectedOf(kind)}, got ${lacks}` };
}

function notKnown(field: string, got: unknown, known: Readonly<Record<string, unknown>>): AgentProblem {
  const names = Object.keys(known).map((each) => `'${each}'`);
  const message = `Expected \`${field}.vendor\` to be ${names.join(' or ')}, got ${shown(got)}`;
  return { field: `${field}.vendor`, message };
}
