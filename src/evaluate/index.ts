/** What users import to evaluate an agent by a program: scenarios in TypeScript, and what `parley eval` makes of them. */
export { evaluateScenarios as evaluate, type EvaluateScenariosOptions } from './evaluate-scenarios.ts';
export { defineScenario, type ScenarioInput, type SweepInput } from './scenario/schema.ts';
export type { CheckInput } from './scenario/check-use.ts';
export type { ScenarioLineInput, ScenarioWorkerInput } from './scenario/lines.ts';
export type { StepInput } from './scenario/steps.ts';
export type { Duration } from './scenario/units.ts';
export type { PlanName } from './agent-models.ts';
export type { Interval } from './statistics.ts';
export { exitCodeOf, summarize } from './summary.ts';
export type { ExitCode, GateResult, ScenarioSummary } from './summary.ts';
export type {
  Evaluation,
  Gate,
  ReportedFinding,
  RunMetrics,
  RunReport,
  ScenarioReport,
  Verdict,
} from './evaluation.ts';
