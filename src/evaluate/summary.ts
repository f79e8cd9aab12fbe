/** One scenario's numbers from its runs, whether its gate holds, and the exit code of all. Pure. */
import type { SilenceCause } from '../page/picture.ts';
import type { Evaluation, Gate, RunReport, ScenarioReport } from './evaluation.ts';
import { isFlaky, p95, passHatK, quantile, wilson, type Interval } from './statistics.ts';

/** Over this share of void runs nothing is said of the agent. */
export const MOST_VOID = 0.1;

/** What the runs of one scenario came to; times in milliseconds. */
export interface ScenarioSummary {
  runs: number;
  passed: number;
  failed: number;
  void: number;
  /** The chance that so many in a row pass; undefined where there are too few runs that are not void. */
  passK: { k: number; chance: number | undefined }[];
  /** Of the share that passes. */
  interval: Interval | undefined;
  isFlaky: boolean;
  firstSound: { p50: number | undefined; p95: number | undefined };
  answer: { p50: number | undefined; p95: number | undefined };
  longestDeadAir: { ms: number; cause?: SilenceCause } | undefined;
  talkOvers: number;
  /** The largest, under 20 cut-ins. */
  yieldP95: number | undefined;
  costPerCall: number | undefined;
  gate: GateResult;
}

/** `unknown`: too much is void, or there is too little, to say. */
export interface GateResult {
  state: 'holds' | 'fails' | 'unknown';
  /** What does not hold, or is not known, in words. */
  why: string[];
}

/** Shown of every scenario; a gate may ask for another one. */
const SHOWN_K = [1, 4, 8];

/** The numbers of a scenario's runs, void ones apart, and whether its gate holds. */
export function summarize(scenario: ScenarioReport): ScenarioSummary {
  const { runs, gate } = scenario;
  const told = runs.filter(({ verdict }) => verdict !== 'void');
  const passed = told.filter(({ verdict }) => verdict === 'pass').length;
  const of = (pick: (run: RunReport) => number[]) => told.flatMap(pick);
  const firstSounds = of(({ metrics }) => metrics.firstSoundMs);
  const answers = of(({ metrics }) => metrics.answerMs);
  const yields = of(({ metrics }) => metrics.yieldMs);
  const costs = of(({ metrics }) => (metrics.cost === undefined ? [] : [metrics.cost]));
  const numbers = {
    runs: runs.length,
    passed,
    failed: told.length - passed,
    void: runs.length - told.length,
    passK: ksOf(gate).map((k) => ({ k, chance: passHatK(passed, told.length, k) })),
    interval: wilson(passed, told.length),
    isFlaky: isFlakySomewhere(told),
    firstSound: { p50: quantile(firstSounds, 0.5), p95: p95(firstSounds) },
    answer: { p50: quantile(answers, 0.5), p95: p95(answers) },
    longestDeadAir: longestDeadAirOf(told),
    talkOvers: told.reduce((sum, { metrics }) => sum + metrics.talkOvers, 0),
    yieldP95: p95(yields) ?? quantile(yields, 1),
    costPerCall: costs.length === 0 ? undefined : costs.reduce((sum, cost) => sum + cost, 0) / costs.length,
  };
  return { ...numbers, gate: judgeGate(gate, numbers) };
}

const ksOf = ({ passK }: Gate): number[] =>
  [...new Set([...SHOWN_K, ...(passK ? [passK[0]] : [])])].sort((a, b) => a - b);

/** Runs of one cell differ by their seed alone: that some pass and others fail says something, of two cells it does not. */
function isFlakySomewhere(runs: readonly RunReport[]): boolean {
  const cells = grouped(runs);
  return [...cells.values()].some((ones) => isFlaky(passedOf(ones), ones.length));
}

function grouped(runs: readonly RunReport[]): Map<string, RunReport[]> {
  const cells = new Map<string, RunReport[]>();
  for (const run of runs) {
    const key = JSON.stringify(run.cell);
    cells.set(key, [...(cells.get(key) ?? []), run]);
  }
  return cells;
}

export const passedOf = (runs: readonly RunReport[]): number => runs.filter(({ verdict }) => verdict === 'pass').length;

function longestDeadAirOf(runs: readonly RunReport[]): ScenarioSummary['longestDeadAir'] {
  const all = runs.flatMap(({ metrics }) => metrics.deadAir);
  return all.reduce<ScenarioSummary['longestDeadAir']>(
    (longest, one) => (longest && longest.ms >= one.ms ? longest : one),
    undefined,
  );
}

// ---- gates ----------------------------------------------------------------------------------------------------------

type Numbers = Omit<ScenarioSummary, 'gate'>;

/** One thing that a gate asks for: what it came to, and what it may be at most. */
interface Bound {
  name: string;
  most: number | undefined;
  got: number | undefined;
  unit: string;
  /** What is missing where it came to nothing. Default: there are too few. */
  unknownBy?: string;
}

function judgeGate(gate: Gate, numbers: Numbers): GateResult {
  const fails: string[] = [];
  const unknown: string[] = [];
  const { runs, passed, failed } = numbers;
  if (!gate.passK && failed > 0) fails.push(`every run passes, and ${failed} of ${passed + failed} did not`);
  if (numbers.void > 0 && numbers.void / runs > MOST_VOID) unknown.push(`${numbers.void} of ${runs} runs are void`);
  if (gate.passK) judgePassK(gate.passK, numbers, { fails, unknown });
  for (const { name, most, got, unit, unknownBy = 'there are too few of it' } of boundsOf(gate, numbers)) {
    if (most === undefined) continue;
    if (got === undefined) unknown.push(`${name} <= ${most}${unit}, and ${unknownBy} to say`);
    else if (got > most) fails.push(`${name} <= ${most}${unit}, and it is ${+got.toFixed(4)}${unit}`);
  }
  if (fails.length > 0) return { state: 'fails', why: fails };
  return { state: unknown.length > 0 ? 'unknown' : 'holds', why: unknown };
}

function judgePassK(
  [k, least]: readonly [number, number],
  { passK, passed, failed }: Numbers,
  into: { fails: string[]; unknown: string[] },
): void {
  const chance = passK.find((one) => one.k === k)?.chance;
  if (chance === undefined) {
    into.unknown.push(`^${k} >= ${least} needs ${k} runs that are not void, and there are ${passed + failed}`);
  } else if (chance < least) into.fails.push(`^${k} >= ${least}, and it is ${chance.toFixed(2)}`);
}

const NO_PRICES = 'prices are missing (--prices FILE)';

const boundsOf = (gate: Gate, numbers: Numbers): Bound[] => [
  { name: 'p95 of the answer', most: gate.p95AnswerMs, got: numbers.answer.p95, unit: ' ms' },
  { name: 'p95 of the first sound', most: gate.p95FirstSoundMs, got: numbers.firstSound.p95, unit: ' ms' },
  { name: 'the longest dead air', most: gate.longestDeadAirMs, got: numbers.longestDeadAir?.ms, unit: ' ms' },
  { name: 'a call costs', most: gate.costPerCall, got: numbers.costPerCall, unit: '', unknownBy: NO_PRICES },
];

/** 0: all gates hold · 1: a gate fails · 3: none fails, but too much is void to say. 2 is wrong usage, or a file that is none. */
export type ExitCode = 0 | 1 | 2 | 3;

/** As `parley eval` ends. */
export function exitCodeOf({ scenarios }: Evaluation): ExitCode {
  const states = scenarios.map((scenario) => summarize(scenario).gate.state);
  if (states.includes('fails')) return 1;
  return states.includes('unknown') ? 3 : 0;
}
