/** The checks over calls that have happened: the same report as of scenarios, and nothing is played. */
import { basename } from 'node:path';
import type { Prices } from '../testing/metrics/cost.ts';
import type { CallResult } from '../testing/result.ts';
import { runCheck } from './checks.ts';
import type { RunReport, ScenarioReport } from './evaluation.ts';
import { measure } from './measure.ts';
import type { RecordedCall } from './recording.ts';
import { verdictOf } from './run.ts';
import { checkLabel, type CheckUse } from './scenario/check-use.ts';
import type { Expectations } from './scenario/schema.ts';
import { quantile } from './statistics.ts';

/** What is asked of any call, where nobody says what else. */
const ALWAYS: readonly CheckUse[] = [
  { name: 'effectsOnce', argument: undefined },
  { name: 'noTalkOver', argument: undefined },
  { name: 'noDeadAirOver', argument: 4_500 },
  { name: 'speakable', argument: undefined },
  { name: 'noRepeats', argument: undefined },
  { name: 'keepsTheRules', argument: undefined },
];

export interface RecordingsOptions {
  expectations?: Expectations | undefined;
  prices?: Prices | undefined;
  /** Where the calls lie, for the report's name. */
  path: string;
  /** What it gives back is kept as the call's report. */
  draw: (place: number, report: RunReport, call: CallResult) => RunReport;
}

/** A report of all, and what should be known of it. */
export interface JudgedRecordings {
  scenario: ScenarioReport;
  notes: string[];
}

export function judgeRecordings(calls: readonly RecordedCall[], options: RecordingsOptions): JudgedRecordings {
  const { expectations, path, draw } = options;
  const checks = expectations?.expect ?? ALWAYS;
  const silent = new Map(checks.map((use) => [checkLabel(use), 0]));
  const runs = calls.map(({ folder, call }, index) => {
    const { report, vacuous } = judgeOne(call, checks, options);
    for (const name of vacuous) silent.set(name, (silent.get(name) ?? 0) + 1);
    return draw(index, { ...report, cell: { call: basename(folder) } }, call);
  });
  const unseen = [...silent].filter(([, times]) => times === calls.length).map(([name]) => name);
  return {
    scenario: { name: expectations?.name ?? basename(path), file: path, gate: gateOf(expectations), axes: [], runs },
    notes: [
      'Recorded calls: what the caller said as one is told by the pauses in their voice.',
      ...(expectations && unseen.length > 0 ? [`Nothing to look at in any of these calls: ${unseen.join(', ')}.`] : []),
      turnTaking(runs),
    ],
  };
}

/** A call in which nobody cuts in says nothing of cut-ins, and that is no fault of whoever asks: it is left out. */
function judgeOne(
  call: CallResult,
  checks: readonly CheckUse[],
  { expectations, prices }: RecordingsOptions,
): { report: RunReport; vacuous: string[] } {
  const context = { now: expectations?.now, prices };
  const all = checks.map((use) => ({
    name: checkLabel(use),
    found: runCheck(use, call, context),
  }));
  const isSilent = ({ found }: (typeof all)[number]) => found.length > 0 && found.every(({ kind }) => kind !== 'fault');
  const told = all.filter((one) => !isSilent(one));
  const findings = told.flatMap(({ found }) => found);
  const report: RunReport = {
    run: 1,
    cell: {},
    seed: 0,
    verdict: told.length === 0 ? 'void' : verdictOf(findings, []),
    troubles: told.length === 0 ? ['no check has anything to look at in this call'] : [],
    findings,
    checks: told.map(({ name }) => name),
    metrics: measure(call, prices),
    agent: call.agent,
    ...(call.end && { ended: call.end.reason }),
  };
  return { report, vacuous: all.filter(isSilent).map(({ name }) => name) };
}

const gateOf = (expectations: Expectations | undefined): ScenarioReport['gate'] =>
  Object.fromEntries(Object.entries(expectations?.gate ?? {}).filter(([, value]) => value !== undefined));

/** Who was cut off, and how long the others were waited for. */
function turnTaking(runs: readonly RunReport[]): string {
  const turns = runs.reduce((sum, { metrics }) => sum + metrics.turns, 0);
  const cutOffs = runs.reduce((sum, { metrics }) => sum + metrics.cutOffs, 0);
  const waits = runs.flatMap(({ metrics }) => metrics.waitMs);
  const at = (share: number) => Math.round(quantile(waits, share) ?? 0);
  const waited =
    waits.length === 0 ? '' : `; the end of a turn was waited for ${at(0.5)} ms (p50), ${at(0.95)} ms (p95)`;
  return `Turn-taking: ${cutOffs} of ${turns} turns were taken before the caller had finished${waited}.`;
}
