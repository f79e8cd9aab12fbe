/** Evaluations made by hand, for reports and sums. */
import {
  EVALUATION_VERSION,
  type Evaluation,
  type RunReport,
  type ScenarioReport,
} from '../../src/evaluate/evaluation.ts';

export const aRun = (run: number, given: Partial<RunReport> = {}): RunReport => ({
  run,
  cell: {},
  seed: 100 + run,
  verdict: 'pass',
  troubles: [],
  findings: [],
  checks: ['effectsOnce', 'trueHistory'],
  ended: 'hung-up',
  ...given,
  metrics: {
    durationMs: 12_340,
    turns: 2,
    firstSoundMs: [600 + run, 700],
    answerMs: [900, 1_000 + run],
    deadAir: [{ ms: 400, cause: 'model', atMs: 5_000 }],
    talkOvers: 0,
    yieldMs: [410],
    waitMs: [500, 520],
    cutOffs: 0,
    requests: 4,
    promptTokens: 800,
    cachedTokens: 0,
    completionTokens: 60,
    ...given.metrics,
  },
});

export const failed = (run: number, given: Partial<RunReport> = {}): RunReport =>
  aRun(run, {
    verdict: 'fail',
    findings: [
      {
        check: 'effectsOnce',
        kind: 'fault',
        what: 'book_appointment ran twice with equal arguments',
        atMs: 43_900,
        evidence: '{"date":"2026-11-24"}',
      },
    ],
    page: `calls/run-${run}/call.html`,
    ...given,
  });

export const voided = (run: number, given: Partial<RunReport> = {}): RunReport =>
  aRun(run, {
    verdict: 'void',
    troubles: ['turn 4, the caller said "the 30th", which nobody had told them'],
    ...given,
  });

export const aScenario = (name: string, runs: RunReport[], given: Partial<ScenarioReport> = {}): ScenarioReport => ({
  name,
  file: `tests/${name}.yaml`,
  gate: {},
  axes: [],
  runs,
  ...given,
});

export const anEvaluation = (scenarios: ScenarioReport[], given: Partial<Evaluation> = {}): Evaluation => ({
  version: EVALUATION_VERSION,
  agents: ['clinic-desk'],
  model: 'stand-in',
  hearing: 'stand-in',
  line: 'voice',
  seed: 7,
  notes: [],
  scenarios,
  ...given,
});

export const runs = (count: number, make: (run: number) => RunReport): RunReport[] =>
  Array.from({ length: count }, (_, index) => make(index + 1));
