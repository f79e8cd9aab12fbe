/** That the agent does not begin to speak while the caller is in the middle of saying something, the pauses in it included. */
import { fault, ms, notVisible, vacuous } from '../findings.ts';
import { talkOversIn } from '../metrics/talk-over.ts';
import type { Check } from '../result.ts';
import { scopeOf, utterancesIn } from '../scope.ts';

export const noTalkOver: Check = (call) => {
  const scope = scopeOf(call);
  if (!scope.call.agentSound) return notVisible('noTalkOver', 'a line of text has no sound');
  if (scope.turn === undefined && utterancesIn(scope).length === 0)
    return vacuous('noTalkOver', 'the caller said nothing that could be talked over');
  return talkOversIn(scope).map(({ atMs, overlapMs, text }) =>
    fault('noTalkOver', `the agent began to speak while the caller was speaking, for ${ms(overlapMs)}`, {
      atMs,
      ...(scope.turn !== undefined && { turn: scope.turn }),
      evidence: text,
    }),
  );
};
