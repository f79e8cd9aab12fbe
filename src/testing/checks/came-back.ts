/** That a caller who was to be handed over to this number or name is back with the agent, who was told why. */
import { fault, notVisible } from '../findings.ts';
import type { Check } from '../result.ts';
import { eventsOf, scopeOf } from '../scope.ts';
import { matches, quoted, type Wanted } from './patterns.ts';

export const cameBack: Check<[from: string, why?: Wanted]> = (call, from, why) => {
  const { call: whole } = scopeOf(call);
  if (whole.visible === 'outside') return notVisible('cameBack', 'a transfer is not told to the caller');
  const transfers = eventsOf(whole, 'transfer').filter(({ to }) => to === from);
  const isWanted = ({ ok, error = '' }: (typeof transfers)[number]) =>
    !ok && (why === undefined || matches(error, why));
  if (transfers.some(isWanted)) return [];
  const last = transfers.at(-1);
  const came = last?.ok ? 'they were handed over' : (last?.error ?? 'nobody was to be handed over there');
  const because = why === undefined ? '' : `, because of ${quoted(why)}`;
  return [
    fault('cameBack', `expected the caller to be back from ${from}${because}`, {
      ...(last && { atMs: last.atMs, turn: last.turn }),
      evidence: came,
    }),
  ];
};
