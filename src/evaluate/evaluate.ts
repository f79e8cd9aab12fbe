/** Plays scenarios: which calls there are to hold, some of them side by side, and what came of all of them. */
import { VoiceError } from '../lib/errors.ts';
import type { Prices } from '../testing/metrics/cost.ts';
import type { CallResult } from '../testing/result.ts';
import { EVALUATION_VERSION, type Evaluation, type RunReport, type ScenarioReport } from './evaluation.ts';
import type { AgentModels } from './agent-models.ts';
import type { CallerMind } from './caller/mind.ts';
import { rehearse, runOnce, type Judge } from './run.ts';
import { lineName } from './scenario/lines.ts';
import { runsOf, type Scenario, type ScenarioLine, type ScenarioLineInput } from './scenario/schema.ts';
import type { ScenarioSource } from './scenario/read.ts';
import { cellsOf, seedOf, type Axis, type Cell } from './scenario/sweep.ts';

/** One call that is to be held. */
export interface PlannedRun {
  cell: Record<string, string>;
  run: number;
  seed: number;
  scenario: Scenario;
}

/** A scenario with all its calls, in their order. */
export interface PlannedScenario {
  source: ScenarioSource;
  /** Of its first cell: what is not swept is the same in all. */
  scenario: Scenario;
  axes: { name: string; values: string[] }[];
  runs: PlannedRun[];
}

export interface PlanOptions {
  /** In place of what the scenarios say. */
  runs?: number | undefined;
  /** Of all chance. Default 1; a scenario that has one of its own keeps it. */
  seed?: number | undefined;
  /** In place of what the scenarios say. */
  line?: ScenarioLineInput | undefined;
}

/**
 * Every call of these scenarios. Where a sweep goes over the words of an answer, it is played once to know them.
 * @throws {VoiceError} `options-invalid`, when a scenario is none
 */
export async function plan(sources: readonly ScenarioSource[], options: PlanOptions = {}): Promise<PlannedScenario[]> {
  const planned: PlannedScenario[] = [];
  for (const source of sources) planned.push(await planOne(source, options));
  return planned;
}

async function planOne(source: ScenarioSource, { runs, seed = 1, line }: PlanOptions): Promise<PlannedScenario> {
  const fill = (cell: Cell) => source.fill(cell, line);
  const cells = await cellsOfSource(source, { fill, seed });
  const filled = cells.map((cell) => ({ cell, scenario: fill(cell) }));
  const all = filled.flatMap(({ cell, scenario }) =>
    Array.from({ length: runs ?? runsOf(scenario) }, (_, index): PlannedRun => {
      const run = index + 1;
      return { scenario, cell: cell.labels, run, seed: seedOf(scenario.seed ?? seed, scenario.name, cell.labels, run) };
    }),
  );
  const gated = filled[0]?.scenario;
  const [k = 0] = gated?.gate?.passK ?? [];
  if (gated && runs === undefined && all.length < k) throw tooFewRuns(source, k, all.length);
  const axes = source.axes.map(({ name }) => ({
    name,
    values: [...new Set(cells.map(({ labels }) => labels[name] ?? ''))],
  }));
  const first = filled[0]?.scenario ?? fill({ values: {}, labels: {} });
  return { source, scenario: first, axes, runs: all };
}

function tooFewRuns({ name, file, line }: ScenarioSource, k: number, calls: number): VoiceError {
  const where = file === '' ? '' : `${file}${line === undefined ? '' : `:${line}`}: `;
  const message = `${where}\`${name}\`: expected ${k} calls or more for \`gate.passK\`, got ${calls}: \`runs\` says how many`;
  return new VoiceError('options-invalid', message);
}

// ---- instants that only a rehearsal knows ---------------------------------------------------------------------------

type Listed = Extract<Axis, { values: readonly unknown[] }>;
const isListed = (axis: Axis): axis is Listed => 'values' in axis;

/** An instant so near the end of an answer cuts into nothing. */
const BEFORE_END_MS = 200;

async function cellsOfSource(
  source: ScenarioSource,
  how: { fill: (cell: Cell) => Scenario; seed: number },
): Promise<Cell[]> {
  const unlisted = source.axes.filter((axis): axis is Exclude<Axis, Listed> => !isListed(axis));
  const cells = cellsOf(source.axes.filter(isListed));
  if (unlisted.length === 0) return cells;
  const all: Cell[] = [];
  for (const cell of cells) {
    const axes = await listed(unlisted, { source, cell, ...how });
    for (const inner of cellsOf(axes))
      all.push({ values: { ...cell.values, ...inner.values }, labels: { ...cell.labels, ...named(axes, inner) } });
  }
  return all;
}

interface Known extends Listed {
  /** Of each value, how it is shown. */
  labels: string[];
}

const named = (axes: readonly Known[], { values }: Cell): Record<string, string> =>
  Object.fromEntries(axes.map(({ name, values: own, labels }) => [name, labels[own.indexOf(values[name])] ?? '']));

async function listed(
  axes: readonly Exclude<Axis, Listed>[],
  { source, cell, fill, seed }: { source: ScenarioSource; cell: Cell; fill: (cell: Cell) => Scenario; seed: number },
): Promise<Known[]> {
  const first = Object.fromEntries(axes.map((axis) => [axis.name, 'each' in axis ? { word: 1 } : 0]));
  const scenario = fill({ ...cell, values: { ...cell.values, ...first } });
  const input = { scenario, folder: source.folder, cell: cell.labels, run: 0 };
  const words = await rehearse({ ...input, seed: seedOf(scenario.seed ?? seed, scenario.name, cell.labels, 0) });
  return axes.map((axis) => {
    if ('each' in axis) {
      const cut = words.slice(0, -1); // behind the last one there is nothing to cut into
      return {
        name: axis.name,
        values: cut.map((_, index) => ({ word: index + 1 })),
        labels: cut.map(({ text }, index) => `${index + 1} ${text}`),
      };
    }
    const lengthMs = (words.at(-1)?.toMs ?? 0) - (words[0]?.fromMs ?? 0) - BEFORE_END_MS;
    const values = Array.from(
      { length: Math.max(0, Math.floor(lengthMs / axis.every)) },
      (_, index) => (index + 1) * axis.every,
    );
    return { name: axis.name, values, labels: values.map((ms) => `${ms} ms`) };
  });
}

// ---- the calls ------------------------------------------------------------------------------------------------------

/** A call that is over, for whoever keeps or shows it. */
export interface DoneRun {
  scenario: PlannedScenario;
  /** The place of its scenario among all, and its own among that scenario's. */
  at: { scenario: number; run: number };
  planned: PlannedRun;
  report: RunReport;
  /** Undefined when it never began. */
  call: CallResult | undefined;
}

export interface EvaluateOptions {
  /** Calls side by side. Default 4. */
  parallel?: number | undefined;
  prices?: Prices | undefined;
  /** What answers where a scenario asks for a real model. Default: nobody, and such a call is void. */
  models?: Pick<AgentModels, 'of'> | undefined;
  /** Who thinks for callers with a goal. Default: the stand-in. */
  mind?: CallerMind | undefined;
  /** What opens the door of a worker elsewhere. Default: nothing does. */
  env?: NodeJS.ProcessEnv | undefined;
  /** Who answers for criteria. Default: nobody is asked. */
  judge?: Judge | undefined;
  /** What is known from before: such a call is not held again. */
  known?: ((scenario: PlannedScenario, run: PlannedRun) => RunReport | undefined) | undefined;
  /** Each call as it ends, in no order. What it gives back is kept as the call's report. */
  done?: ((run: DoneRun) => Promise<RunReport>) | undefined;
  /** No further call begins. */
  signal?: AbortSignal | undefined;
  /** Ends with the first that fails. Default false. */
  bail?: boolean | undefined;
}

export const PARALLEL = 4;

/** Everything of these scenarios, in their order, whatever ran beside what. Of one that was ended early: what was held. */
export async function evaluate(
  planned: readonly PlannedScenario[],
  options: EvaluateOptions = {},
): Promise<ScenarioReport[]> {
  const reports = planned.map(({ runs }) => runs.map((): RunReport | undefined => undefined));
  const waiting = planned.flatMap((scenario, place) =>
    scenario.runs.map((run, index) => ({ scenario, run, at: { scenario: place, run: index } })),
  );
  let hasFailed = false;
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      if (options.signal?.aborted || (options.bail && hasFailed)) return;
      const report = await hold(next, options);
      const list = reports[next.at.scenario];
      if (list) list[next.at.run] = report;
      hasFailed ||= report.verdict === 'fail';
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, options.parallel ?? PARALLEL) }, work));
  return planned.map(({ source, scenario, axes }, place) => ({
    name: scenario.name,
    ...(source.file !== '' && { file: source.file }),
    ...(scenario.description !== undefined && { description: scenario.description }),
    gate: gateOf(scenario),
    axes,
    runs: (reports[place] ?? []).filter((report) => report !== undefined),
  }));
}

interface Waiting {
  scenario: PlannedScenario;
  run: PlannedRun;
  at: DoneRun['at'];
}

async function hold({ scenario, run, at }: Waiting, { known, done, ...options }: EvaluateOptions): Promise<RunReport> {
  const before = known?.(scenario, run);
  if (before) return before;
  const { report, call } = await runOnce({ ...run, folder: scenario.source.folder, ...options });
  return done ? done({ scenario, at, planned: run, report, call }) : report;
}

function gateOf({ gate = {} }: Scenario): ScenarioReport['gate'] {
  return Object.fromEntries(Object.entries(gate).filter(([, value]) => value !== undefined));
}

function hearingOn(line: ScenarioLine): string {
  if (line === 'text') return 'none';
  return typeof line === 'object' && line.voice === 'system' ? 'real' : 'stand-in';
}

/** What the whole is told of beside its scenarios. */
export interface EvaluationFacts extends Omit<Evaluation, 'version' | 'scenarios' | 'agents' | 'hearing' | 'line'> {
  /** Default: as the calls and the scenarios have it. */
  agents?: string[];
  hearing?: string;
  line?: string;
}

export function evaluationOf(
  scenarios: ScenarioReport[],
  planned: readonly PlannedScenario[],
  facts: EvaluationFacts,
): Evaluation {
  const unique = (values: string[]) => [...new Set(values)];
  const { agents, ...rest } = facts;
  const lines = planned.flatMap(({ runs }) => runs.map(({ scenario }) => scenario.line));
  return {
    version: EVALUATION_VERSION,
    agents: agents ?? unique(scenarios.flatMap(({ runs }) => runs.flatMap(({ agent }) => agent ?? []))),
    line: unique(lines.map(lineName)).join(' and '),
    hearing: unique(lines.map(hearingOn)).join(' and '),
    ...rest,
    scenarios,
  };
}
