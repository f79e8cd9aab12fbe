/** What an evaluation will ask of services, before it does: calls, and requests of whoever plays callers and judges. Pure. */
import type { PlannedScenario } from './evaluate.ts';
import type { Scenario } from './scenario/schema.ts';

export interface EvaluationPlan {
  calls: number;
  /** About how often whoever plays the callers is asked... */
  callerRequests: number;
  /** ...and whoever judges. */
  judgeRequests: number;
}

/** `isReal`: whether anybody outside is asked for it. */
export function planRequests(
  scenarios: readonly PlannedScenario[],
  isReal: { caller: boolean; judge: boolean },
): EvaluationPlan {
  const total: EvaluationPlan = { calls: 0, callerRequests: 0, judgeRequests: 0 };
  for (const { scenario } of scenarios.flatMap(({ runs }) => runs)) {
    total.calls++;
    if (isReal.caller) total.callerRequests += requestsOfCaller(scenario);
    if (isReal.judge) total.judgeRequests += scenario.judge?.length ?? 0;
  }
  return total;
}

/** Half of the turns that a caller with a goal may take at most, and one more. */
const requestsOfCaller = ({ caller }: Scenario): number => ('goal' in caller ? Math.ceil(caller.maxTurns / 2) + 1 : 0);
