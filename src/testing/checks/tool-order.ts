/** That tools were called in this order, others in between allowed. For the few cases in which the order matters. */
import { fault, notVisible, vacuous } from '../findings.ts';
import type { Check } from '../result.ts';
import { scopeOf } from '../scope.ts';
import { unknownTool } from './known-tools.ts';

export const toolOrder: Check<[names: readonly string[]]> = (call, names) => {
  const { call: whole } = scopeOf(call);
  if (whole.visible === 'outside') return notVisible('toolOrder', 'which tools ran is not told to the caller');
  if (names.length < 2) return vacuous('toolOrder', 'one tool alone has no order: name at least two');
  const unknown = unknownTool('toolOrder', whole, names);
  if (unknown) return unknown;
  const called = call.tools.toSorted((one, other) => one.fromMs - other.fromMs);
  let at = 0;
  for (const { name } of called) if (name === names[at]) at++;
  if (at === names.length) return [];
  const came = called.map(({ name }) => name).join(', ');
  const atMs = called.find(({ name }) => name === names[at])?.fromMs;
  return [
    fault('toolOrder', `expected ${names.join(', then ')}; \`${names[at]}\` did not come behind what is before it`, {
      ...(atMs !== undefined && { atMs }),
      evidence: came === '' ? 'no tool was called' : came,
    }),
  ];
};
