/** That the call has ended, and for this reason (or one of these): the names are those of `call-end`. */
import { fault } from '../findings.ts';
import type { Check } from '../result.ts';
import { scopeOf } from '../scope.ts';

export const ended: Check<[reason: string | readonly string[]]> = (call, reason) => {
  const { end } = scopeOf(call).call;
  const wanted = typeof reason === 'string' ? [reason] : reason;
  const expected = `expected the call to end by ${wanted.map((one) => `\`${one}\``).join(' or ')}`;
  if (!end) return [fault('ended', `${expected}, it goes on`)];
  if (wanted.includes(end.reason)) return [];
  return [fault('ended', `${expected}, it ended by \`${end.reason}\``, { atMs: end.atMs, evidence: end.reason })];
};
