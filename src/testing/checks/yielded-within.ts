/** That the agent falls silent soon after the caller has begun to cut in: from their first sound to its last. */
import { fault, ms, notVisible, vacuous } from '../findings.ts';
import { yieldsIn } from '../metrics/yields.ts';
import type { Check } from '../result.ts';
import { scopeOf } from '../scope.ts';

export const yieldedWithin: Check<[mostMs: number]> = (call, mostMs) => {
  const scope = scopeOf(call);
  if (!scope.call.agentSound) return notVisible('yieldedWithin', 'a line of text has no sound');
  const yields = yieldsIn(scope);
  if (yields.length === 0) return vacuous('yieldedWithin', 'the caller never began to speak while the agent did');
  return yields
    .filter(({ yieldMs }) => yieldMs > mostMs)
    .map(({ atMs, yieldMs, text, afterKnownMs }) =>
      fault('yieldedWithin', `the agent spoke on for ${ms(yieldMs)}, expected at most ${ms(mostMs)}`, {
        atMs,
        ...(scope.turn !== undefined && { turn: scope.turn }),
        evidence: `${text}${afterKnownMs === undefined ? '' : ` (of it ${ms(afterKnownMs)} after it was known to be a cut-in)`}`,
      }),
    );
};
