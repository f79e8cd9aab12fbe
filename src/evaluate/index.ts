/** What users import to evaluate an agent by a program: scenarios in TypeScript, and what `parley eval` makes of them. */
export { evaluateScenarios as evaluate, type EvaluateScenariosOptions } from './evaluate-scenarios.ts';
export { defineScenario, type ScenarioInput } from './scenario/schema.ts';
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
