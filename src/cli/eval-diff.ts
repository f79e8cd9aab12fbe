/** `parley eval diff A B`: what changed between two evaluations. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { VoiceError } from '../lib/errors.ts';
import { isRecord, parseJson } from '../lib/json.ts';
import { plainValue } from '../lib/plain.ts';
import { compare, type ScenarioChange } from '../evaluate/compare.ts';
import { EVALUATION_VERSION, type Evaluation } from '../evaluate/evaluation.ts';
import type { ScenarioSummary } from '../evaluate/summary.ts';
import { fileError } from '../lib/file-error.ts';
import { paint, print, printJson } from './report.ts';

/** The exit code is 1 when a scenario is worse than it was. */
export function evalDiff(before: string, after: string, { json }: { json?: boolean }): void {
  const changes = compare(readEvaluation(before), readEvaluation(after));
  if (json) printJson({ changes });
  else for (const change of plainValue(changes)) tell(change);
  if (changes.some(({ state }) => state === 'worse')) process.exitCode = 1;
}

/** @throws {VoiceError} `file-unreadable`, or `options-invalid` when it is none */
function readEvaluation(path: string): Evaluation {
  let file = path;
  let text: string;
  try {
    if (statSync(path).isDirectory()) file = join(path, 'evaluation.json');
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw fileError('read', file, error);
  }
  const value = parseJson(text);
  if (isEvaluation(value)) return value;
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
