/** A check as a scenario names it: its name, its name with what it is told, the same turned around, or any one of several. */
import { z } from 'zod';
import { CHECK_ARGUMENTS, CHECK_NAMES, isCheckName, type CheckArgument, type CheckName } from './check-arguments.ts';
import { nearestName } from '../../testing/near-name.ts';

/** `name`, `{ name: argument }`, `{ not: check }`, `{ anyOf: [check, ...] }`. */
export type CheckInput = string | { [name: string]: unknown };

/** One check with what it is told, read. */
export type NamedCheck = { [Name in CheckName]: { name: Name; argument: CheckArgument<Name> } }[CheckName];

export type CheckUse = NamedCheck | { not: CheckUse } | { anyOf: CheckUse[] };

/** As it was written, in one line: what a report calls it. */
export function checkLabel(use: CheckUse): string {
  if ('not' in use) return `not ${checkLabel(use.not)}`;
  return 'anyOf' in use ? `anyOf ${use.anyOf.map(checkLabel).join(' or ')}` : use.name;
}

const WRITTEN = 'expected a check: its name, or its name with what it is told';

export const CheckText: z.ZodType<CheckUse, CheckInput> = z
  .union([z.string(), z.record(z.string(), z.unknown())], { error: WRITTEN })
  .transform((written, context): CheckUse => {
    const entries: [string, unknown][] = typeof written === 'string' ? [[written, undefined]] : Object.entries(written);
    const [entry] = entries;
    if (!entry || entries.length > 1) {
      const message = entry
        ? `expected one check, got ${entries.map(([name]) => name).join(' and ')} in one: write each behind a dash`
        : WRITTEN;
      context.issues.push({ code: 'custom', message, input: written });
      return z.NEVER;
    }
    const [name, argument] = entry;
    const at = typeof written === 'string' ? [] : [name];
    const fail = (message: string, path: readonly PropertyKey[] = at) => {
      context.issues.push({ code: 'custom', message, input: written, path: [...path] });
      return z.NEVER;
    };
    if (name === 'not' || name === 'anyOf') return readInner(name, argument, { context, at, fail });
    if (!isCheckName(name)) return fail(noCheck(name));
    const read = CHECK_ARGUMENTS[name].safeParse(argument);
    if (read.success) return { name, argument: read.data } as NamedCheck;
    for (const issue of read.error.issues) {
      context.issues.push({ ...issue, input: argument, path: [...at, ...issue.path] } as z.core.$ZodRawIssue);
    }
    return z.NEVER;
  });

/** At least one. */
export const CheckList = z.array(CheckText).min(1, 'expected a list of checks, got an empty one: it checks nothing');

interface Place {
  context: z.core.ParsePayload;
  at: readonly string[];
  fail: (message: string) => never;
}

function readInner(name: 'not' | 'anyOf', argument: unknown, { context, at, fail }: Place): CheckUse {
  const read = name === 'not' ? CheckText.safeParse(argument) : CheckList.safeParse(argument);
  if (!read.success) {
    for (const issue of read.error.issues) {
      context.issues.push({ ...issue, input: argument, path: [...at, ...issue.path] } as z.core.$ZodRawIssue);
    }
    return z.NEVER;
  }
  if (Array.isArray(read.data)) return { anyOf: read.data };
  return 'not' in read.data ? fail('expected a check that is not turned around already') : { not: read.data };
}

function noCheck(written: string): string {
  const near = nearestName(written, [...CHECK_NAMES, 'not', 'anyOf']);
  return `\`${written}\` is not a check: ${near ? `did you mean \`${near}\`?` : `those are ${CHECK_NAMES.join(', ')}`}`;
}
