/** That the agent finishes its sentence over "mm-hm", a cough and noise. */
import { fault, ms, notVisible, vacuous } from '../findings.ts';
import { soundsOverAgentIn } from '../metrics/false-stops.ts';
import type { CallResult, Check, Finding, Turn } from '../result.ts';
import { scopeOf } from '../scope.ts';

/** @param most So many may stop it. Default 0. */
export const falseStops: Check<[most?: number]> = (call, most = 0) => lookFor('falseStops', call, most);

/** Looks for stops in the name of `check`. */
export function lookFor(check: string, call: CallResult | Turn, most: number): Finding[] {
  const scope = scopeOf(call);
  if (!scope.call.agentSound) return notVisible(check, 'a line of text has no sound');
  if (scope.call.visible === 'outside' && !scope.call.heard)
    return notVisible(check, 'whether a sentence was finished is not known where its words are not understood');
  const over = soundsOverAgentIn(scope);
  if (over.length === 0) return vacuous(check, 'the caller made no sound over the agent that it should go on through');
  const stops = over.filter(({ isStop }) => isStop);
  if (stops.length <= most) return [];
  return stops.map(({ atMs, what, heldMs }) =>
    fault(check, `the agent stopped for "${what}" and did not finish its sentence`, {
      atMs,
      ...(scope.turn !== undefined && { turn: scope.turn }),
      evidence: heldMs > 0 ? `${what}; it held still for ${ms(heldMs)}` : what,
    }),
  );
}
