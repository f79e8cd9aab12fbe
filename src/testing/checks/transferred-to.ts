/** That the caller was handed over, and to this number or name. */
import { fault, notVisible } from '../findings.ts';
import type { Check } from '../result.ts';
import { eventsOf, scopeOf } from '../scope.ts';

export const transferredTo: Check<[to: string]> = (call, to) => {
  const { call: whole } = scopeOf(call);
  if (whole.visible === 'outside') return notVisible('transferredTo', 'a transfer is not told to the caller');
  const transfers = eventsOf(whole, 'transfer');
  if (transfers.some((transfer) => transfer.ok && transfer.to === to)) return [];
  const last = transfers.at(-1);
  const came = last ? `${last.to}${last.ok ? '' : `: ${last.error ?? 'failed'}`}` : 'nobody was handed over';
  return [
    fault('transferredTo', `expected the caller to be handed over to ${to}`, {
      ...(last && { atMs: last.atMs, turn: last.turn }),
      evidence: came,
    }),
  ];
};
