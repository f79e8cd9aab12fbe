/** That the call has ended, and for this reason (or one of these): the names are those of `call-end`. */
import { fault, notVisible } from '../findings.ts';
import type { Check } from '../result.ts';
import { scopeOf } from '../scope.ts';

/** What a caller can tell of an end. */
const TOLD = ['caller-hung-up', 'agent-hung-up'];

export const ended: Check<[reason: string | readonly string[]]> = (call, reason) => {
  const { end, visible } = scopeOf(call).call;
  const wanted = typeof reason === 'string' ? [reason] : reason;
  const expected = `expected the call to end by ${wanted.map((one) => `\`${one}\``).join(' or ')}`;
  if (!end) return [fault('ended', `${expected}, it goes on`)];
  if (wanted.includes(end.reason)) return [];
  const isVague = visible === 'outside' && end.reason === 'agent-hung-up';
  if (isVague && wanted.some((one) => !TOLD.includes(one)))
    return notVisible('ended', `a caller can tell who hung up (${TOLD.join(', ')}), and not why`);
  return [fault('ended', `${expected}, it ended by \`${end.reason}\``, { atMs: end.atMs, evidence: end.reason })];
};
