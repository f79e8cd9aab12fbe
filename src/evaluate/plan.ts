/** What an evaluation will ask of services, before it does: calls, requests, and minutes under what the account allows. Pure. */
import { limitsOf, type Plan } from '../model/plan.ts';
import type { PlannedScenario } from './evaluate.ts';
import { turnsOfScript } from './evaluate.ts';
import type { CheckUse } from './scenario/check-use.ts';
import { stepsOf, type Scenario } from './scenario/schema.ts';

export interface EvaluationPlan {
  calls: number;
  /** About how often the agent's model is asked, where that is a real one... */
  agentRequests: number;
  /** ...the caller's and the judge's. */
  callerRequests: number;
  judgeRequests: number;
  /** At what the account allows in a minute; 0 without limits, or where nothing is asked. */
  minutes: number;
}

/** A turn of which nobody says whether a tool is used: three in four are, and so ask twice (as in `model/plan.ts`). */
const REQUESTS_PER_TURN = 1.75;

/** `isReal`: whether anybody outside is asked for it; `plan`: of the one account that all are asked on. */
export function planRequests(
  scenarios: readonly PlannedScenario[],
  { isReal, plan }: { isReal: (scenario: Scenario) => { agent: boolean; caller: boolean; judge: boolean }; plan: Plan },
): EvaluationPlan {
  const total: EvaluationPlan = { calls: 0, agentRequests: 0, callerRequests: 0, judgeRequests: 0, minutes: 0 };
  for (const { scenario } of scenarios.flatMap(({ runs }) => runs)) {
    const real = isReal(scenario);
    total.calls++;
    if (real.agent) total.agentRequests += requestsOfAgent(scenario);
    if (real.caller && 'goal' in scenario.caller) total.callerRequests += turnsOfCaller(scenario) + 1;
    if (real.judge) total.judgeRequests += scenario.judge?.length ?? 0;
  }
  const requests = total.agentRequests + total.callerRequests + total.judgeRequests;
  const { requestsPerMinute } = limitsOf(plan);
  return {
    ...total,
    agentRequests: Math.round(total.agentRequests),
    minutes: Number.isFinite(requestsPerMinute) ? Math.ceil(requests / requestsPerMinute) : 0,
  };
}

/** Half of what a caller with a goal may take at most. */
const turnsOfCaller = ({ caller }: Scenario): number => ('goal' in caller ? Math.ceil(caller.maxTurns / 2) : 0);

/** A turn asks once, and once more for each step with tools: as many as the checks name, else three in four turns have one. */
function requestsOfAgent(scenario: Scenario): number {
  const turns = 'goal' in scenario.caller ? turnsOfCaller(scenario) : turnsOfScript(scenario);
  const checks = [
    ...(scenario.expect ?? []),
    ...stepsOf(scenario).flatMap((step) => (step.does === 'expect' ? step.checks : [])),
  ];
  const tools = checks.reduce((sum, check) => sum + toolsNamedBy(check), 0);
  return tools > 0 ? turns + tools : turns * REQUESTS_PER_TURN;
}

function toolsNamedBy(check: CheckUse): number {
  if (!('name' in check)) return 0;
  if (check.name === 'toolOrder') return check.argument.length;
  if (check.name !== 'calledTool') return 0;
  return 'times' in check.argument ? (check.argument.times ?? 1) : 1;
}
