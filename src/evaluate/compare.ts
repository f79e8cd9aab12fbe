/** Two evaluations beside each other: what changed of each scenario, and which calls came out otherwise. Pure. */
import type { Evaluation, RunReport, ScenarioReport } from './evaluation.ts';
import { cellText } from './report/words.ts';
import { summarize, type ScenarioSummary } from './summary.ts';

/** A call that came out otherwise. */
export interface ChangedRun {
  where: string;
  before: RunReport['verdict'];
  after: RunReport['verdict'];
  /** What is found now; of a call that passes now, what was. */
  why: string[];
  /** Beside the report of each evaluation; undefined where none was written. */
  pages: { before?: string; after?: string };
}

export interface ScenarioChange {
  name: string;
  before: ScenarioSummary | undefined;
  after: ScenarioSummary | undefined;
  /** `worse`: its gate held, and holds no longer, or a call that passed fails; `better` the other way round. */
  state: 'same' | 'better' | 'worse' | 'new' | 'gone';
  /** Calls whose verdict changed. */
  runs: ChangedRun[];
  /** Checks that find something that they did not find before, and the other way round. */
  appeared: string[];
  vanished: string[];
}

export function compare(before: Evaluation, after: Evaluation): ScenarioChange[] {
  const names = [...new Set([...before.scenarios, ...after.scenarios].map(({ name }) => name))];
  const byName = (evaluation: Evaluation, name: string) =>
    evaluation.scenarios.find((scenario) => scenario.name === name);
  return names.map((name) => compareOne(name, byName(before, name), byName(after, name)));
}

function compareOne(
  name: string,
  before: ScenarioReport | undefined,
  after: ScenarioReport | undefined,
): ScenarioChange {
  const [was, is] = [before && summarize(before), after && summarize(after)];
  const runs = changedRuns(before, after);
  const [found, finds] = [checksOf(before), checksOf(after)];
  return {
    name,
    before: was,
    after: is,
    state: stateOf(was, is, runs),
    runs,
    appeared: [...finds].filter((check) => before && !found.has(check)),
    vanished: [...found].filter((check) => after && !finds.has(check)),
  };
}

function stateOf(
  was: ScenarioSummary | undefined,
  is: ScenarioSummary | undefined,
  runs: ScenarioChange['runs'],
): ScenarioChange['state'] {
  if (!was) return 'new';
  if (!is) return 'gone';
  const rank = { fails: 0, unknown: 1, holds: 2 };
  const gates = rank[is.gate.state] - rank[was.gate.state];
  if (gates !== 0) return gates > 0 ? 'better' : 'worse';
  if (runs.some(({ after }) => after === 'fail')) return 'worse';
  return runs.some(({ before }) => before === 'fail') ? 'better' : 'same';
}

const keyOf = (run: RunReport): string => JSON.stringify([run.cell, run.run]);

function changedRuns(before: ScenarioReport | undefined, after: ScenarioReport | undefined): ScenarioChange['runs'] {
  const known = new Map((before?.runs ?? []).map((run) => [keyOf(run), run]));
  return (after?.runs ?? []).flatMap((run) => {
    const other = known.get(keyOf(run));
    if (!other || other.verdict === run.verdict) return [];
    const why = (run.verdict === 'pass' ? other : run).findings.map(({ check, what }) => `${check}: ${what}`);
    const where = [cellText(run), `run ${run.run}`].filter(Boolean).join(', ');
    return [
      {
        where,
        before: other.verdict,
        after: run.verdict,
        why: [...(run.verdict === 'void' ? run.troubles : []), ...why],
        pages: {
          ...(other.page !== undefined && { before: other.page }),
          ...(run.page !== undefined && { after: run.page }),
        },
      },
    ];
  });
}

const checksOf = (scenario: ScenarioReport | undefined): Set<string> =>
  new Set(
    (scenario?.runs ?? []).flatMap(({ findings }) =>
      findings.filter(({ kind }) => kind === 'fault').map(({ check }) => check),
    ),
  );
