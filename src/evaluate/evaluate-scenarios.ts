/** `parley eval` for programs: scenarios in, what they came to out. */
import { systemClock } from '../lib/clock.ts';
import type { Prices } from '../testing/metrics/cost.ts';
import type { PlanName } from './agent-models.ts';
import { openCast } from './cast.ts';
import { evaluate, evaluationOf, plan, type DoneRun } from './evaluate.ts';
import type { Evaluation, RunReport } from './evaluation.ts';
import { findScenarios } from './find.ts';
import { ResultFolder } from './keep.ts';
import { scenariosOf } from './scenario/read.ts';
import type { ScenarioInput, ScenarioLineInput } from './scenario/schema.ts';

/** How scenarios are played by a program. Everything optional. */
export interface EvaluateScenariosOptions {
  /** What scenarios name lies relative to this, unless they come from a file. Default: the folder that the process runs in. */
  folder?: string | undefined;
  /** Calls of each scenario, or of each combination of a sweep. Default: what it says, else 1; 4 with a goal or a real model. */
  runs?: number | undefined;
  /** Of all chance. Default 1. */
  seed?: number | undefined;
  /** In place of what the scenarios say. */
  line?: ScenarioLineInput | undefined;
  /** Calls side by side. Default 4. */
  parallel?: number | undefined;
  /** Begins no call after the first that fails. Default false. */
  bail?: boolean | undefined;
  /** Begins no call after it was aborted; what was held is reported. */
  signal?: AbortSignal | undefined;
  /** By what the check `cost` reckons. Default: no prices. */
  prices?: Prices | undefined;
  /** What the account of a real model allows. Default: `PARLEY_PLAN`, else `standard` at Smallest AI, and `none` elsewhere. */
  plan?: PlanName | undefined;
  /** A file in which a real model's answers are kept, or from which they come. */
  recordModel?: string | undefined;
  replayModel?: string | undefined;
  /** Whether criteria of `judge` are asked about. Default true. */
  judge?: boolean | undefined;
  /** What `parley eval judge --out` has written. Default: what a judge finds is shown, and decides nothing. */
  calibration?: string | undefined;
  /** A folder for the reports, as `parley eval --out` writes them. Default: none are written. */
  out?: string | undefined;
  /** Told of each call as it ends. */
  onRun?: ((run: { scenario: string; report: RunReport }) => void) | undefined;
}

/**
 * Plays scenarios, and tells what they came to. What the agent does wrong is in the evaluation, and never thrown.
 * @param scenarios As they are written, or the paths of files and folders of them.
 * @throws {VoiceError} `options-invalid`, with everything that is wrong with a scenario, a setting or a key
 */
export async function evaluateScenarios(
  scenarios: readonly (ScenarioInput | string)[],
  options: EvaluateScenariosOptions = {},
): Promise<Evaluation> {
  const { folder = process.cwd(), runs, seed = 1, line, out, ...rest } = options;
  const written = scenarios.filter((scenario) => typeof scenario !== 'string');
  const paths = scenarios.filter((scenario) => typeof scenario === 'string');
  const sources = [...scenariosOf(written, folder), ...(paths.length > 0 ? await findScenarios(paths) : [])];
  const planned = await plan(sources, { runs, seed, line });
  const cast = await openCast(planned, { ...rest, env: process.env, clock: systemClock });
  const results = out === undefined ? undefined : new ResultFolder(out, false);
  const done = async (run: DoneRun): Promise<RunReport> => {
    const report = results ? await results.keep(run) : run.report;
    options.onRun?.({ scenario: run.scenario.scenario.name, report });
    return report;
  };
  const { models, caller, judge } = cast;
  const reports = await evaluate(planned, {
    ...rest,
    env: process.env,
    models,
    mind: caller?.think,
    judge,
    done,
  }).finally(cast.close);
  const evaluation = evaluationOf(reports, planned, { ...cast.facts, seed });
  results?.finish(evaluation);
  return evaluation;
}
