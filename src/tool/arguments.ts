/**
 * What the model wrote as the arguments of a call, read by the tool's schema. Many models write `null` for what they leave out:
 * where the schema does not take it, and holds without the field, the field is absent. Where `null` is meant, it stays.
 */
import { z } from 'zod';
import { isRecord } from '../lib/json.ts';
import type { ToolInput } from './define.ts';

export type ReadArguments =
  /** `written`: what counts as written, with what is absent left out. */
  | { success: true; input: unknown; written: unknown }
  /** What the schema says of the arguments as they came. */
  | { success: false; issues: readonly z.core.$ZodIssue[] };

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** Checks that stand behind others are made only once those hold: so often something new may turn up. */
const MOST_ROUNDS = 8;
/** A model that leaves out more than that does not leave out, it has lost its way. */
const MOST_NULLS = 200;

/** @throws What a check of the schema's own throws. */
export function readArguments(schema: ToolInput, written: Record<string, unknown>): ReadArguments {
  const first = z.safeParse(schema, written);
  if (first.success) return { success: true, input: first.data, written };
  let issues: readonly Issue[] = first.error.issues;
  let rest: unknown = written;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    if (issues.length > MOST_NULLS) break;
    const nulls = issues.flatMap((issue) => nullsOf(issue, rest, []));
    if (nulls.length === 0) break;
    rest = without(rest, nulls);
    const { success, data, error } = z.safeParse(schema, rest);
    if (success) return { success, input: data, written: rest };
    issues = error.issues;
  }
  return { success: false, issues: first.error.issues };
}

/** Fields that are `null`, and that this issue is about; of a union those of the first branch that nothing else is against. */
function nullsOf(issue: Issue, value: unknown, above: Path): Path[] {
  const path = [...above, ...issue.path];
  if (typeof path.at(-1) === 'string' && valueAt(value, path) === null) return [path];
  if (issue.code !== 'invalid_union') return [];
  for (const branch of issue.errors) {
    const found = branch.map((inner) => nullsOf(inner, value, path));
    if (branch.length > 0 && found.every((nulls) => nulls.length > 0)) return found.flat();
  }
  return [];
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (outer, key) =>
      typeof outer === 'object' && outer !== null && Object.hasOwn(outer, key) ? Reflect.get(outer, key) : undefined,
    value,
  );
}

/** A copy without what lies at the end of these ways, and with all that lies beside them as it is. */
function without(value: unknown, paths: readonly Path[]): unknown {
  const byKey = new Map<PropertyKey, Path[]>();
  for (const [key, ...rest] of paths) {
    if (key === undefined) continue;
    const known = byKey.get(key);
    if (known) known.push(rest);
    else byKey.set(key, [rest]);
  }
  const inner = (key: PropertyKey, one: unknown) => {
    const deeper = byKey.get(key);
    return deeper ? without(one, deeper) : one;
  };
  if (Array.isArray(value)) return value.map((one: unknown, at) => inner(at, one));
  if (!isRecord(value)) return value;
  const kept = Object.entries(value).filter(([key]) => !byKey.get(key)?.some(({ length }) => length === 0));
  return Object.fromEntries(kept.map(([key, one]) => [key, inner(key, one)]));
}
