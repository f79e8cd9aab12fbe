/**
 * That the caller heard these values, in any spoken form: "$40", "forty dollars" and "forty bucks" are the same, and so are
 * 14:30 and "half past two", 2026-11-24 and "Tuesday, November 24th". English; see `spoken-values.ts`.
 */
import { fault, notVisible, ofTurn, vacuous } from '../findings.ts';
import type { Check } from '../result.ts';
import { scopeOf } from '../scope.ts';
import { speaks } from '../spoken-values.ts';
import { heardTextIn } from './heard.ts';
import { textIn, whereOf } from './said.ts';

/** What words of time are relative to. */
export interface ToldOptions {
  /** ISO 8601: what "today" and "tomorrow" mean. Default: they mean no day. */
  now?: string;
}

/** @param values A number, `$40`, `14:30`, `half past two`, `2026-11-24`, or words. */
export const told: Check<[values: readonly (string | number)[], options?: ToldOptions]> = (
  call,
  values,
  { now } = {},
) => {
  const scope = scopeOf(call);
  const heard = heardTextIn(scope);
  if (heard === undefined) return notVisible('told', 'the sound of this call cannot be understood');
  if (values.length === 0) return vacuous('told', 'no value is named');
  // what is heard is a voice's form of what was written: either is the value
  const isTold = (value: string | number) =>
    speaks(heard, value, now) || (isWhole(scope, heard) && speaks(textIn(scope), value, now));
  return values
    .filter((value) => !isTold(value))
    .map((value) =>
      fault('told', `expected the caller to be told ${value}${ofTurn(scope.turn)}`, {
        ...whereOf(scope),
        evidence: heard || 'nothing was heard',
      }),
    );
};

/** Everything that was said was heard: then its written form counts as well. */
function isWhole(scope: Parameters<typeof textIn>[0], heard: string): boolean {
  const cut = scope.call.events.some(
    (event) => event.type === 'interruption' && (scope.turn === undefined || event.turn === scope.turn),
  );
  return !cut && heard !== '';
}
