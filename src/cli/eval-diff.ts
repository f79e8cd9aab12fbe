/** `parley eval diff A B`: what changed between two evaluations, on the terminal, as JSON, and as a page to open. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { VoiceError } from '../lib/errors.ts';
import { isRecord, parseJson } from '../lib/json.ts';
import { plainValue } from '../lib/plain.ts';
import { compare, type ScenarioChange } from '../evaluate/compare.ts';
import { EVALUATION_VERSION, type Evaluation } from '../evaluate/evaluation.ts';
import { drawDiffPage, type DiffSide } from '../evaluate/report/diff-page.ts';
import type { ScenarioSummary } from '../evaluate/summary.ts';
import { fileError } from '../lib/file-error.ts';
import { OWNER_ONLY } from '../record/folder.ts';
import { paint, print, printJson } from './report.ts';

/** The exit code is 1 when a scenario is worse than it was. */
export function evalDiff(before: string, after: string, { json, out }: { json?: boolean; out?: string }): void {
  const [was, is] = [readEvaluation(before), readEvaluation(after)];
  const changes = compare(was.evaluation, is.evaluation);
  if (out !== undefined) writePage(out, changes, { before: was, after: is });
  if (json) printJson({ changes, ...(out !== undefined && { page: out }) });
  else {
    for (const change of plainValue(changes)) tell(change);
    if (out !== undefined) print(paint.dim(`page ${out}`));
  }
  if (changes.some(({ state }) => state === 'worse')) process.exitCode = 1;
}

/** @throws {VoiceError} `file-unreadable` */
function writePage(
  out: string,
  changes: readonly ScenarioChange[],
  { before, after }: Record<'before' | 'after', Read>,
): void {
  const from = ({ evaluation, folder }: Read): DiffSide => ({
    evaluation,
    folder: relative(dirname(out), folder).split(sep).join('/') || '.',
  });
  try {
    writeFileSync(out, drawDiffPage(changes, { before: from(before), after: from(after) }), { mode: OWNER_ONLY });
  } catch (error) {
    throw fileError('write', out, error);
  }
}

interface Read {
  evaluation: Evaluation;
  /** In which its calls lie. */
  folder: string;
}

/** @throws {VoiceError} `file-unreadable`, or `options-invalid` when it is none */
function readEvaluation(path: string): Read {
  let file = path;
  let text: string;
  try {
    if (statSync(path).isDirectory()) file = join(path, 'evaluation.json');
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw fileError('read', file, error);
  }
  const value = parseJson(text);
  if (isEvaluation(value)) return { evaluation: value, folder: dirname(file) };
  const got =
    isRecord(value) && typeof value['version'] === 'number' ? `one of version ${value['version']}` : 'another file';
  throw new VoiceError(
    'options-invalid',
    `${file}: expected an evaluation.json of version ${EVALUATION_VERSION}, got ${got}`,
  );
}

const isEvaluation = (value: unknown): value is Evaluation =>
  isRecord(value) && value['version'] === EVALUATION_VERSION && Array.isArray(value['scenarios']);

const COLOURS = { same: paint.dim, better: paint.green, worse: paint.red, new: paint.yellow, gone: paint.yellow };
/** What is told of the calls of one scenario. */
const MOST_RUNS = 8;

function tell({ name, before, after, state, runs, appeared, vanished }: ScenarioChange): void {
  print(
    `${COLOURS[state](state.padEnd(6))} ${paint.bold(name)}${before && after ? `  ${numbers(before, after)}` : ''}`,
  );
  for (const run of runs.slice(0, MOST_RUNS))
    print(`         ${run.where}: ${run.before} is now ${run.after}${run.why[0] ? `: ${run.why[0]}` : ''}`);
  if (runs.length > MOST_RUNS) print(paint.dim(`         and ${runs.length - MOST_RUNS} more`));
  if (appeared.length > 0) print(`         finds now: ${appeared.join(', ')}`);
  if (vanished.length > 0) print(`         finds no longer: ${vanished.join(', ')}`);
}

function numbers(before: ScenarioSummary, after: ScenarioSummary): string {
  const pairs: [name: string, was: number | undefined, is: number | undefined][] = [
    ['first sound p50', before.firstSound.p50, after.firstSound.p50],
    ['answer p50', before.answer.p50, after.answer.p50],
    ['longest dead air', before.longestDeadAir?.ms, after.longestDeadAir?.ms],
    ['yield', before.yieldP95, after.yieldP95],
  ];
  const passed = `${before.passed}/${before.passed + before.failed} passed, now ${after.passed}/${after.passed + after.failed}`;
  const changed = pairs.filter(
    ([, was, is]) => was !== undefined && is !== undefined && Math.round(was) !== Math.round(is),
  );
  return [
    passed,
    ...changed.map(([name, was = 0, is = 0]) => `${name} ${Math.round(was)} ms, now ${Math.round(is)}`),
  ].join('; ');
}
