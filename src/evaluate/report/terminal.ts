/** What an evaluation came to, on a terminal: a line of who took part, a row a scenario, and below it what was found. */
import type { Evaluation, ReportedFinding, RunReport, ScenarioReport } from '../evaluation.ts';
import { exitCodeOf, summarize, type ScenarioSummary } from '../summary.ts';
import { chance, costText, deadAirText, findingText, ms, runText, SIGNS } from './words.ts';

/** Colours, or none; `picocolors` is one of these. */
export interface Paint {
  bold: (text: string) => string;
  dim: (text: string) => string;
  red: (text: string) => string;
  green: (text: string) => string;
  yellow: (text: string) => string;
}

/** So many things that were found in a scenario are told of. */
const MOST_TOLD = 12;

export interface TerminalOptions {
  paint: Paint;
  /** How wide a text is shown, in columns. */
  width: (text: string) => number;
  /** Where the page is; undefined when none was written. */
  page?: string | undefined;
}

/** The whole report, without an end of line. */
export function drawTerminal(evaluation: Evaluation, options: TerminalOptions): string {
  const scenarios = evaluation.scenarios.map((scenario) => ({ scenario, summary: summarize(scenario) }));
  const table = drawTable(
    scenarios.map(({ scenario, summary }) => rowOf(scenario, summary, evaluation)),
    options,
  );
  const [head, ...rows] = table;
  const bodies = scenarios.flatMap(({ scenario, summary }, index) => [
    ...(rows[index] === undefined ? [] : [rows[index]]),
    ...drawFindings(scenario, summary, options),
  ]);
  return [
    headline(evaluation, options),
    ...evaluation.notes.map((note) => options.paint.dim(`  ${note}`)),
    ...(head === undefined ? [] : [options.paint.dim(head)]),
    ...bodies,
    footline(evaluation, options),
  ].join('\n');
}

function headline(evaluation: Evaluation, { paint }: TerminalOptions): string {
  const { agents, model, caller, judge, line, hearing, seed } = evaluation;
  const parts = [
    `model ${model}`,
    caller && `caller ${caller}`,
    judge && `judge ${judge}`,
    `${line} line`,
    `hearing: ${hearing}`,
    `seed ${seed}`,
  ];
  return [agents.length > 0 && paint.bold(agents.join(', ')), ...parts].filter(Boolean).join(' · ');
}

// ---- the table ------------------------------------------------------------------------------------------------------

const COLUMNS = [
  'scenario',
  'runs',
  'pass',
  'first sound p50',
  'p95',
  'answer p50',
  'longest dead air',
  'talk-over',
  'yield',
];

function rowOf(scenario: ScenarioReport, summary: ScenarioSummary, { currency }: Evaluation): Row {
  const told = summary.passed + summary.failed;
  return {
    state: summary.gate.state,
    cells: [
      scenario.name,
      String(summary.runs),
      `${summary.passed}/${told}`,
      ms(summary.firstSound.p50),
      ms(summary.firstSound.p95),
      ms(summary.answer.p50),
      deadAirText(summary),
      String(summary.talkOvers),
      ms(summary.yieldP95),
    ],
    chances: summary.passK,
    cost: summary.costPerCall === undefined ? undefined : costText(summary.costPerCall, currency),
  };
}

interface Row {
  state: keyof typeof SIGNS;
  cells: string[];
  chances: ScenarioSummary['passK'];
  cost: string | undefined;
}

/** The head and a line each, columns in line; those that no row has anything in are left out. */
function drawTable(rows: readonly Row[], { paint, width }: TerminalOptions): string[] {
  const ks = [
    ...new Set(rows.flatMap(({ chances }) => chances.filter((one) => one.chance !== undefined).map(({ k }) => k))),
  ];
  const hasCost = rows.some(({ cost }) => cost !== undefined);
  const wide = rows.map(({ cells, chances, cost }) => [
    ...cells.slice(0, 3),
    ...ks.map((k) => chance(chances.find((one) => one.k === k)?.chance)),
    ...cells.slice(3),
    ...(hasCost ? [cost ?? '-'] : []),
  ]);
  const head = [...COLUMNS.slice(0, 3), ...ks.map((k) => `^${k}`), ...COLUMNS.slice(3), ...(hasCost ? ['a call'] : [])];
  const columns = head.map((_, column) => Math.max(...[head, ...wide].map((row) => width(row[column] ?? ''))));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => pad(cell, columns[column] ?? 0, { width, isLeft: column === 0 }))
      .join('  ')
      .trimEnd();
  const colours = { holds: paint.green, fails: paint.red, unknown: paint.yellow };
  return [
    `   ${line(head)}`,
    ...rows.map(({ state }, index) => ` ${colours[state](SIGNS[state])} ${line(wide[index] ?? [])}`),
  ];
}

function pad(
  text: string,
  columns: number,
  { width, isLeft }: { width: (text: string) => number; isLeft: boolean },
): string {
  const room = ' '.repeat(Math.max(0, columns - width(text)));
  return isLeft ? text + room : room + text;
}

// ---- what was found -------------------------------------------------------------------------------------------------

function drawFindings(scenario: ScenarioReport, summary: ScenarioSummary, { paint }: TerminalOptions): string[] {
  const lines = summary.gate.why.map(
    (why) => `     ${summary.gate.state === 'fails' ? paint.red('gate') : paint.yellow('gate')}  ${why}`,
  );
  if (summary.isFlaky)
    lines.push(`     ${paint.yellow('flaky')}  some runs pass and some fail: ${intervalText(summary)}`);
  const rows = grouped(scenario.runs);
  const shown = rows.slice(0, MOST_TOLD);
  const isLastOf = ({ run }: Found, index: number) => shown[index + 1]?.run !== run;
  lines.push(...shown.flatMap((row, index) => drawRow(row, isLastOf(row, index), paint)));
  if (rows.length > MOST_TOLD) lines.push(paint.dim(`     and ${rows.length - MOST_TOLD} more: see the page`));
  return lines;
}

/** The same thing found in several calls is told once, of the first of them. */
interface Found {
  run: RunReport;
  others: number;
  name: (paint: Paint) => string;
  text: string;
}

function grouped(runs: readonly RunReport[]): Found[] {
  const rows = new Map<string, Found>();
  const add = (key: string, row: Omit<Found, 'others'>) => {
    const known = rows.get(key);
    if (known) known.others++;
    else rows.set(key, { ...row, others: 0 });
  };
  for (const run of runs) {
    for (const what of run.troubles) add(`void ${what}`, { run, name: (paint) => paint.yellow('void'), text: what });
    for (const finding of run.findings) {
      const text = `${findingText(finding)}${quoted(finding)}`;
      add(`${finding.check} ${finding.kind} ${finding.what}`, { run, name: (paint) => nameOf(finding, paint), text });
    }
  }
  return [...rows.values()];
}

const intervalText = ({ passed, failed, interval }: ScenarioSummary): string =>
  `${passed} of ${passed + failed}, so between ${chance(interval?.from)} and ${chance(interval?.to)} of all`;

function drawRow({ run, others, name, text }: Found, isLast: boolean, paint: Paint): string[] {
  const where = `${runText(run)}${others > 0 ? `, and ${others} more` : ''}`;
  const hasPage = isLast && run.page !== undefined && run.verdict === 'fail';
  return [
    `     ${paint.dim(where)}  ${name(paint)}  ${text}`,
    ...(hasPage ? [paint.dim(`       ${run.page ?? ''}`)] : []),
  ];
}

function nameOf({ check, kind }: ReportedFinding, paint: Paint): string {
  if (kind === 'fault') return paint.red(check);
  return kind === 'shown' ? paint.dim(`${check} (shown, does not count)`) : paint.yellow(`${check} (${kind})`);
}

const LONGEST_QUOTE = 120;

function quoted({ evidence }: ReportedFinding): string {
  if (evidence === undefined || evidence === '') return '';
  return `: "${evidence.length > LONGEST_QUOTE ? `${evidence.slice(0, LONGEST_QUOTE - 1)}…` : evidence}"`;
}

function footline(evaluation: Evaluation, { page }: TerminalOptions): string {
  const runs = evaluation.scenarios.flatMap((scenario) => scenario.runs);
  const many = (verdict: RunReport['verdict']) => runs.filter((run) => run.verdict === verdict).length;
  const calls = `${runs.length} call${runs.length === 1 ? '' : 's'}: ${many('pass')} passed, ${many('fail')} failed, ${many('void')} void`;
  return [calls, page !== undefined && `report ${page}`, `exit ${exitCodeOf(evaluation)}`].filter(Boolean).join(' · ');
}
