/** `parley eval`: plays scenarios, and says what they came to: on the terminal, as JSON, as JUnit, and as a page to open. */
import { copyFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../lib/clock.ts';
import { isA, VoiceError } from '../lib/errors.ts';
import { fileError } from '../lib/file-error.ts';
import { plainValue } from '../lib/plain.ts';
import { readPrices, type Prices } from '../watch/cost.ts';
import { planAt } from '../evaluate/agent-models.ts';
import { openCast, type Cast } from '../evaluate/cast.ts';
import { evaluate, evaluationOf, PARALLEL, plan, type PlannedScenario } from '../evaluate/evaluate.ts';
import type { Evaluation, RunReport } from '../evaluate/evaluation.ts';
import { planRequests, type EvaluationPlan } from '../evaluate/plan.ts';
import { findScenarios } from '../evaluate/find.ts';
import { ResultFolder } from '../evaluate/keep.ts';
import { drawTerminal } from '../evaluate/report/terminal.ts';
import { readRecordings, type RecordedCall } from '../evaluate/recording.ts';
import { judgeRecordings } from '../evaluate/recordings.ts';
import { LINES, type ScenarioLineInput } from '../evaluate/scenario/lines.ts';
import { readExpectations, ScenarioError, type ScenarioSource } from '../evaluate/scenario/read.ts';
import { exitCodeOf } from '../evaluate/summary.ts';
import type { Prices as CheckPrices } from '../testing/metrics/cost.ts';
import { problemOfUrl } from '../testing/worker-dial.ts';
import { refuseIdle, type EvalOptions } from './eval-options.ts';
import { paint, print, printJson, say, shownPath, UsageError, write } from './report.ts';
import { stopOnSignal } from './stop-on-signal.ts';
import { textWidth } from './text-width.ts';
import { count, seconds } from './units.ts';

/** Where reports go that nobody has named a folder for. */
const OUT = 'evaluation';
/** Those of recorded calls beside what they are now. */
const FOLLOWED = 'followed';

/** The exit code is the process's: 0 all gates hold, 1 one fails, 2 a file is none, 3 too much is void to say. */
export async function evalScenarios(paths: readonly string[], options: EvalOptions, clock: Clock): Promise<void> {
  try {
    await playAll(paths, options, clock);
  } catch (error) {
    if (!isA(error, VoiceError) || error.code === 'internal') throw error;
    for (const problem of isA(error, ScenarioError) ? error.problems : [`parley: ${error.message}`]) say(problem);
    process.exitCode = 2; // 1 is for agents
  }
}

async function playAll(paths: readonly string[], options: EvalOptions, clock: Clock): Promise<void> {
  const numbers = {
    runs: wholeNumber('--runs', options.runs),
    seed: wholeNumber('--seed', options.seed, 0),
    parallel: wholeNumber('--parallel', options.parallel),
  };
  if (options.resume !== undefined && options.out !== undefined) {
    throw new UsageError(
      'expected --resume FOLDER or --out FOLDER, got both: what is gone on with is written where it lies',
    );
  }
  const recorded = await findRecorded(paths);
  refuseIdle(options, !recorded ? 'play' : options.agent === undefined ? 'look' : 'follow', paths);
  const { agent, out = FOLLOWED } = options;
  if (recorded && agent !== undefined) {
    const { followRecordings } = await import('./eval-follow.ts');
    return followRecordings(recorded.calls, { ...options, agent, out, clock });
  }
  if (recorded) return judgeRecorded(recorded, options);
  if (options.recordModel !== undefined && options.replayModel !== undefined)
    throw new UsageError('expected --record-model FILE or --replay-model FILE, got both');
  const chosen = chooseBy(options.grep, await findScenarios(paths));
  const prices = options.prices === undefined ? undefined : readPrices(options.prices);
  const folder = new ResultFolder(options.resume ?? options.out ?? OUT, options.resume !== undefined);
  const startedAtMs = clock.nowMs();
  const line = readLine(options.line);
  const planned = await plan(chosen, { runs: numbers.runs, seed: numbers.seed, line });
  const cast = await openCast(planned, { env: process.env, clock, ...options });
  if (!options.json) tellPlan(planned, folder.knownRuns, cast, options);
  const stop = stopOnSignal();
  const scenarios = await evaluate(planned, {
    ...{ parallel: numbers.parallel ?? PARALLEL, prices: pricesOf(prices), bail: options.bail, signal: stop.signal },
    ...{ env: process.env, models: cast.models, mind: cast.caller?.think, judge: cast.judge },
    ...{ known: folder.known, done: options.json ? tellEach(folder) : folder.keep },
  }).finally(cast.close);
  stop.forget();
  const evaluation = evaluationOf(scenarios, planned, {
    ...{ ...cast.facts, seed: numbers.seed ?? 1 },
    ...(prices && { currency: prices.currency }),
  });
  finish(evaluation, folder, options, clock.nowMs() - startedAtMs);
  const held = scenarios.reduce((sum, { runs }) => sum + runs.length, 0);
  const all = planned.reduce((sum, { runs }) => sum + runs.length, 0);
  if (stop.signal.aborted)
    say(`parley: stopped with ${held} of ${count(all, 'call')} held. Go on by --resume ${folder.folder}.`);
  process.exitCode = stop.signal.aborted ? 3 : exitCodeOf(evaluation);
}

// ---- calls that have happened ---------------------------------------------------------------------------------------

interface Recorded {
  path: string;
  calls: RecordedCall[];
}

/**
 * Undefined when what was named are scenarios.
 * @throws {UsageError} when it is both. @throws {VoiceError} `file-unreadable`, when there is nothing
 */
async function findRecorded(paths: readonly string[]): Promise<Recorded | undefined> {
  for (const path of paths)
    await stat(path).catch((error: unknown) => {
      throw fileError('read', path, error);
    });
  const found = await Promise.all(paths.map(async (path) => ({ path, calls: await readRecordings(path) })));
  const others = found.filter(({ calls }) => calls.length === 0).map(({ path }) => path);
  if (others.length === found.length) return undefined;
  if (others.length === 0) return { path: paths.join(' '), calls: found.flatMap(({ calls }) => calls) };
  throw new UsageError(
    `expected scenarios or recorded calls, got both: there is no recorded call in ${others.join(' ')}`,
  );
}

async function judgeRecorded({ path, calls }: Recorded, options: EvalOptions): Promise<void> {
  const expectations = options.expect === undefined ? undefined : await readExpectations(options.expect);
  const prices = options.prices === undefined ? undefined : readPrices(options.prices);
  const folder = new ResultFolder(options.out ?? OUT, false);
  const { scenario, notes } = judgeRecordings(calls, {
    ...{ expectations, path, prices: pricesOf(prices) },
    draw: (place, report, call) => {
      const drawn = folder.draw({ scenario: 0, run: place }, report, call);
      if (options.json) printJson({ type: 'run', scenario: path, ...drawn });
      return drawn;
    },
  });
  const hearing = [...new Set(calls.map(({ call }) => call.hearing))].join(' and ');
  const evaluation = evaluationOf([scenario], [], {
    ...{ model: 'as recorded', seed: 0, notes, hearing, line: 'recording' },
    ...(prices && { currency: prices.currency }),
  });
  finish(evaluation, folder, options);
}

/** Every report of it; the exit code is the process's. */
function finish(evaluation: Evaluation, folder: ResultFolder, { junit, json }: EvalOptions, tookMs?: number): void {
  const page = folder.finish(evaluation);
  if (junit !== undefined) copyFileSync(join(folder.folder, 'junit.xml'), junit);
  show(evaluation, { page, json, tookMs });
  process.exitCode = exitCodeOf(evaluation);
}

// ---- what is asked for ----------------------------------------------------------------------------------------------

function wholeNumber(option: string, given: string | undefined, least = 1): number | undefined {
  if (given === undefined) return undefined;
  const number = Number(given);
  if (Number.isInteger(number) && number >= least) return number;
  throw new UsageError(`expected ${option} to be a whole number, ${least} or more, got ${given}`);
}

/** A line by its name, or by the address of a worker. */
function readLine(given: string | undefined): ScenarioLineInput | undefined {
  const name = LINES.find((one) => one === given);
  if (given === undefined || name) return name;
  const isAddress = given.includes('://');
  const problem = isAddress
    ? problemOfUrl(given)
    : `expected ${LINES.join(', ')}, or the address of a worker, got ${given}`;
  if (problem === undefined) return { url: given };
  throw new UsageError(`--line: ${problem}`);
}

function chooseBy(grep: string | undefined, sources: ScenarioSource[]): ScenarioSource[] {
  if (grep === undefined) return sources;
  const chosen = sources.filter(({ name }) => name.toLowerCase().includes(grep.toLowerCase()));
  if (chosen.length > 0) return chosen;
  throw new UsageError(
    `no scenario has \`${grep}\` in its name: there are ${sources.map(({ name }) => name).join(', ')}`,
  );
}

/** The same prices as checks reckon with them: of a million, and of an hour. */
function pricesOf(prices: Prices | undefined): CheckPrices | undefined {
  if (!prices) return undefined;
  const { perThousandTokensIn, perThousandCachedTokensIn = perThousandTokensIn } = prices;
  return {
    promptTokens: perThousandTokensIn * 1_000,
    cachedTokens: perThousandCachedTokensIn * 1_000,
    completionTokens: prices.perThousandTokensOut * 1_000,
    characters: prices.perThousandCharactersSpoken * 1_000,
    hours: prices.perMinuteHeard * 60,
  };
}

// ---- what is told ---------------------------------------------------------------------------------------------------

/** What will be asked of whom, before it is. */
function tellPlan(
  planned: readonly PlannedScenario[],
  known: number,
  { caller, judge, isRealJudge }: Cast,
  { replayModel, plan: account }: EvalOptions,
): void {
  const isReal = { agent: replayModel === undefined, caller: caller?.isReal === true, judge: isRealJudge };
  const { calls, callsByPhone, workers, agentRequests, callerRequests, judgeRequests, minutes } = planRequests(
    planned,
    {
      isReal,
      planOf: (model) => account ?? planAt(model, process.env),
    },
  );
  const within = minutes > 0 ? `, ${minutes} min or more at what the account allows; calls do not feel the wait` : '';
  const asked = [
    agentRequests > 0 && `asks the model about ${count(agentRequests, 'time')}${within}`,
    callerRequests > 0 && `asks ${caller?.name ?? ''} about ${count(callerRequests, 'time')}`,
    judgeRequests > 0 && `asks ${judge?.name ?? ''} about ${count(judgeRequests, 'time')}`,
  ].filter(Boolean);
  const before = known > 0 ? `; ${known} of them are known from before` : '';
  const nobody = replayModel === undefined ? 'Stand-ins answer' : 'Recorded answers are played';
  const isOurs = workers.reduce((sum, worker) => sum + worker.calls, 0) < calls;
  const ends = asked.length > 0 ? `It ${asked.join(', and ')}.` : isOurs ? `${nobody}: no account is needed.` : '';
  const sentences = [
    `${count(planned.length, 'scenario')}, ${count(calls, 'call')}${before}.`,
    ...[ends, callsByPhone > 0 && tellByPhone(callsByPhone, calls)],
    ...workers.map(tellWorker),
  ];
  print(paint.dim(sentences.filter(Boolean).join(' ')));
}

/** They take as long as they last. */
const tellByPhone = (byPhone: number, all: number): string =>
  `${byPhone === all ? 'By phone' : `${byPhone} of them by phone`}: over real sockets, in real time.`;

/** Whom it rings, and for how long: that may cost something, and what its tools do is done. */
const tellWorker = ({ url, calls, lineMs }: EvaluationPlan['workers'][number]): string =>
  `${count(calls, 'call')} to the worker at ${url}, in real time: about ${count(Math.ceil(lineMs / 60_000), 'minute')} of calls. Its own tools run.`;

/** One line of JSON a call, as it ends. */
const tellEach =
  (folder: ResultFolder) =>
  async (run: Parameters<ResultFolder['keep']>[0]): Promise<RunReport> => {
    const report = await folder.keep(run);
    printJson({ type: 'run', scenario: run.scenario.scenario.name, ...report });
    return report;
  };

function show(
  evaluation: Evaluation,
  { page, json, tookMs }: { page: string; json: boolean | undefined; tookMs: number | undefined },
): void {
  if (json) {
    const { scenarios, ...facts } = evaluation;
    printJson({
      type: 'evaluation',
      ...facts,
      scenarios: scenarios.map(({ name }) => name),
      page,
      exitCode: exitCodeOf(evaluation),
    });
    return;
  }
  const took = tookMs === undefined ? '' : ` · ${seconds(tookMs)}`;
  write(`${drawTerminal(plainValue(evaluation), { paint, width: textWidth, page: shownPath(page) })}${took}\n`);
}
