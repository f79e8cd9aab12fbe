/** What an evaluation will ask of services, before it does: calls, requests, and minutes under what the account allows. Pure. */
import { limitsOf, type Plan } from '../model/plan.ts';
import type { PlannedScenario } from './evaluate.ts';
import type { CheckUse } from './scenario/check-use.ts';
import { workerOf } from './scenario/lines.ts';
import { realModelOf, stepsOf, type RealModel, type Scenario, type Step } from './scenario/schema.ts';

export interface EvaluationPlan {
  calls: number;
  /** Those of them that are held over real sockets, to a worker of our own: as long as they last. */
  callsByPhone: number;
  /** Workers elsewhere that are called, and for about how long together. */
  workers: { url: string; calls: number; lineMs: number }[];
  /** About how often a model is asked that answers for an agent in earnest... */
  agentRequests: number;
  /** ...whoever plays the callers... */
  callerRequests: number;
  /** ...and whoever judges. */
  judgeRequests: number;
  /** That the agent's requests take at what the account allows, at least; 0 without limits. */
  minutes: number;
}

export interface PlanRequestsOptions {
  /** Whether anybody outside is asked for it; `agent` false: what it answers is replayed. */
  isReal: { agent: boolean; caller: boolean; judge: boolean };
  /** What the account of a model allows. */
  planOf: (model: RealModel) => Plan;
}

/** A turn of which nobody says whether a tool is used: three in four are, and so ask twice (as in `model/plan.ts`). */
const REQUESTS_PER_TURN = 1.75;

export function planRequests(
  scenarios: readonly PlannedScenario[],
  { isReal, planOf }: PlanRequestsOptions,
): EvaluationPlan {
  const total: EvaluationPlan = {
    calls: 0,
    callsByPhone: 0,
    workers: [],
    agentRequests: 0,
    callerRequests: 0,
    judgeRequests: 0,
    minutes: 0,
  };
  for (const { scenario } of scenarios.flatMap(({ runs }) => runs)) {
    const real = isReal.agent ? realModelOf(scenario) : undefined;
    const requests = real === undefined ? 0 : requestsOfAgent(scenario);
    total.calls++;
    if (scenario.line === 'phone') total.callsByPhone++;
    addWorker(total.workers, scenario);
    total.agentRequests += requests;
    if (real !== undefined) total.minutes += requests / limitsOf(planOf(real)).requestsPerMinute;
    if (isReal.caller) total.callerRequests += requestsOfCaller(scenario);
    if (isReal.judge) total.judgeRequests += scenario.judge?.length ?? 0;
  }
  return { ...total, agentRequests: Math.round(total.agentRequests), minutes: Math.ceil(total.minutes) };
}

/** At the pace of a voice. */
const LETTER_MS = 1_000 / 15;
/** A greeting, an answer with the wait for it, and until the caller is sure that it is over. */
const ANSWER_MS = 9_000;
const GREETING_MS = 6_000;

function addWorker(workers: EvaluationPlan['workers'], scenario: Scenario): void {
  const url = workerOf(scenario.line);
  if (url === undefined) return;
  const lineMs = stepsOf(scenario).reduce((sum, step) => sum + lengthOf(step), GREETING_MS);
  const known = workers.find((worker) => worker.url === url);
  if (!known) return void workers.push({ url, calls: 1, lineMs });
  known.calls++;
  known.lineMs += lineMs;
}

function lengthOf(step: Step): number {
  if (step.does === 'wait') return step.ms;
  return step.does === 'say' || step.does === 'cutIn' ? step.text.length * LETTER_MS + ANSWER_MS : 0;
}

/** Half of what a caller with a goal may take at most. */
const turnsOfCaller = ({ caller }: Scenario): number => ('goal' in caller ? Math.ceil(caller.maxTurns / 2) : 0);
const requestsOfCaller = (scenario: Scenario): number => ('goal' in scenario.caller ? turnsOfCaller(scenario) + 1 : 0);

/** A turn asks once, and once more for each step with tools: as many as the checks name, else three in four turns have one. */
function requestsOfAgent(scenario: Scenario): number {
  const steps = stepsOf(scenario);
  const turns = turnsOfCaller(scenario) + steps.filter(({ does }) => does === 'say' || does === 'cutIn').length;
  const checks = [...(scenario.expect ?? []), ...steps.flatMap((step) => (step.does === 'expect' ? step.checks : []))];
  const tools = checks.reduce((sum, check) => sum + toolsNamedBy(check), 0);
  return tools > 0 ? turns + tools : turns * REQUESTS_PER_TURN;
}

function toolsNamedBy(check: CheckUse): number {
  if (!('name' in check)) return 0;
  if (check.name === 'toolOrder') return check.argument.length;
  if (check.name !== 'calledTool') return 0;
  return 'times' in check.argument ? (check.argument.times ?? 1) : 1;
}
