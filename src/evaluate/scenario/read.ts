/** Scenario files to scenarios: YAML, several in a file, or TypeScript. What is wrong is told with its line and column. */
import { readFile } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import type { z } from 'zod';
import { expectationOf } from '../../call/agent-problems.ts';
import { VoiceError } from '../../lib/errors.ts';
import { fileError } from '../../lib/file-error.ts';
import { importModule, MODULE_EXTENSIONS } from '../../lib/import-module.ts';
import { isRecord } from '../../lib/json.ts';
import { readYamlDocuments, type YamlPlace } from '../../lib/yaml-documents.ts';
import { shown } from '../../tool/check.ts';
import { lineInPlaceOf } from './lines.ts';
import { Expectations, realModelOf, Scenario, SCENARIO_FIELDS, type ScenarioLineInput } from './schema.ts';
import { nearestName } from '../../testing/near-name.ts';
import { axesOf, cellsOf, fillIn, MOST_CELLS, placeOfAxis, Sweep, type Axis, type Cell } from './sweep.ts';

/** A scenario with where it stands. */
export interface ScenarioSource {
  name: string;
  /** As the user reaches it. */
  file: string;
  /** What it names lies relative to this. */
  folder: string;
  /** Line of its name; undefined in a module. */
  line: number | undefined;
  axes: Axis[];
  /**
   * The scenario with these values in it, and with this line in place of its own.
   * @throws {VoiceError} `options-invalid`, with file, line and column, when they make none.
   */
  fill(cell: Cell, line?: ScenarioLineInput): Scenario;
}

/** Everything that is wrong with scenario files: a line each, `file:line:column: what`. */
export class ScenarioError extends VoiceError {
  override readonly name = 'ScenarioError';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super('options-invalid', problems.join('\n'));
    this.problems = problems;
  }
}

/** A value that was written, and where. `path` to the nearest thing that is there. */
interface Written {
  value: unknown;
  place: (path: readonly PropertyKey[], isKey?: boolean) => string;
  line: number | undefined;
}

export const SCENARIO_EXTENSIONS = ['.yaml', '.yml', ...MODULE_EXTENSIONS];

/**
 * All scenarios of a file, in their order. `shownAs`: as the user wrote its name.
 * @throws {ScenarioError} with everything that is wrong with it. @throws {VoiceError} when it cannot be read or loaded
 */
export async function readScenarios(file: string, shownAs = file): Promise<ScenarioSource[]> {
  const path = resolve(file);
  const written = ['.yaml', '.yml'].includes(extname(path))
    ? await readYaml(path, shownAs)
    : await readModule(path, shownAs);
  if (written.length === 0) throw new ScenarioError([`${shownAs}: expected a scenario, got an empty file`]);
  return readAll(written, { file: shownAs, folder: dirname(path) });
}

function readAll(written: readonly Written[], at: { file: string; folder: string }): ScenarioSource[] {
  const problems: string[] = [];
  const sources = written.map((one) => readOne(one, at, problems));
  problems.push(...twiceNamed(sources, written));
  if (problems.length > 0) throw new ScenarioError(problems);
  return sources.filter((source) => source !== undefined);
}

/**
 * Those that a program has written. `folder`: what they name lies relative to it.
 * @throws {ScenarioError} with everything that is wrong with them
 */
export function scenariosOf(inputs: readonly unknown[], folder: string): ScenarioSource[] {
  const written = inputs.map((value, index): Written => ({
    value,
    place: () => `scenario ${index + 1}`,
    line: undefined,
  }));
  return readAll(written, { file: '', folder: resolve(folder) });
}

/**
 * What recorded calls are to be looked at by.
 * @throws {ScenarioError} with everything that is wrong with it. @throws {VoiceError} when it cannot be read
 */
export async function readExpectations(file: string, shownAs = file): Promise<Expectations> {
  const [written, another] = await readYaml(resolve(file), shownAs);
  if (!written || another) throw new ScenarioError([`${shownAs}: expected one list of checks, as \`expect: [...]\``]);
  const read = Expectations.safeParse(written.value);
  if (read.success) return read.data;
  throw new ScenarioError(tellIssues(read.error, written.value, written.place));
}

// ---- what stands in the file ----------------------------------------------------------------------------------------

async function readYaml(path: string, shownAs: string): Promise<Written[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw fileError('read', shownAs, error);
  });
  const { documents, problems } = await readYamlDocuments(text);
  const tellPlace = ({ line, column }: YamlPlace) => `${shownAs}:${line}:${column}`;
  if (problems.length > 0) throw new ScenarioError(problems.map((one) => `${tellPlace(one)}: ${one.message}`));
  return documents.map(({ value, placeOf }) => ({
    value,
    place: (path, isKey) => tellPlace(placeOf(path, isKey)),
    line: placeOf([]).line,
  }));
}

async function readModule(path: string, shownAs: string): Promise<Written[]> {
  const exported = (await importModule(path, shownAs))['default'];
  if (exported === undefined) {
    throw new ScenarioError([`${shownAs}: expected a default export of a scenario, or of a list of them, got nothing`]);
  }
  const list = Array.isArray(exported) ? (exported as unknown[]) : [exported];
  return list.map((value, index) => ({
    value,
    place: () => (list.length > 1 ? `${shownAs}: scenario ${index + 1}` : shownAs),
    line: undefined,
  }));
}

// ---- what it says ---------------------------------------------------------------------------------------------------

function readOne(
  written: Written,
  at: { file: string; folder: string },
  problems: string[],
): ScenarioSource | undefined {
  const { value, place, line } = written;
  if (!isRecord(value)) {
    problems.push(`${place([])}: expected a scenario, with its fields: ${SCENARIO_FIELDS.join(', ')}`);
    return undefined;
  }
  const axes = readAxes(value, place, problems);
  const fill = (cell: Cell, line?: ScenarioLineInput): Scenario => {
    const filled = withLine(fillIn(value, cell.values), line);
    const read = Scenario.safeParse(filled);
    if (read.success) return read.data;
    throw new ScenarioError(tellIssues(read.error, filled, place));
  };
  const known = new Set(problems);
  for (const cell of axes && cellsOf(axes.map(sample))) {
    try {
      fill(cell);
    } catch (error) {
      if (!(error instanceof ScenarioError)) throw error;
      const fresh = error.problems.filter((problem) => !known.has(problem));
      for (const problem of fresh) known.add(problem);
      problems.push(...fresh);
    }
  }
  if (realModelOf({ model: value['model'] as Scenario['model'] }) !== undefined)
    problems.push(
      ...axes
        .filter((axis) => !('values' in axis))
        .map(({ name }) => `${place(['sweep', name], true)}: \`sweep.${name}\`: ${ONLY_LISTED}`),
    );
  const name = typeof value['name'] === 'string' ? value['name'] : '';
  return { name, ...at, line, axes, fill };
}

/** On the line that was chosen for it, if one was. A worker elsewhere has an agent of its own. */
function withLine(filled: Record<string, unknown>, chosen: ScenarioLineInput | undefined): Record<string, unknown> {
  const line = chosen === undefined ? filled['line'] : lineInPlaceOf(filled['line'], chosen);
  const isElsewhere = isRecord(line) && filled['agent'] === undefined;
  return { ...filled, ...(line !== undefined && { line }), ...(isElsewhere && { agent: 'elsewhere' }) };
}

const ONLY_LISTED =
  'expected a list of values where a real model answers: how long it speaks, and in which words, is not known before';

/** Before an answer was heard, its first word stands for each of them. */
const sample = (axis: Axis): { name: string; values: readonly unknown[] } =>
  'values' in axis ? axis : { name: axis.name, values: ['each' in axis ? { word: 1 } : '0ms'] };

function readAxes(value: Record<string, unknown>, place: Written['place'], problems: string[]): Axis[] {
  if (value['sweep'] === undefined) return [];
  const read = Sweep.safeParse(value['sweep']);
  if (!read.success) {
    problems.push(
      ...tellIssues(read.error, value['sweep'], (path, isKey) => place(['sweep', ...path], isKey), 'sweep'),
    );
    return [];
  }
  const axes = axesOf(read.data);
  const { sweep: _, ...rest } = value;
  for (const { name } of axes) {
    if (placeOfAxis(name, rest)) continue;
    const help = name.includes('.')
      ? "name a field of what is there, such as a tool's that has a stub"
      : `write \`$${name}\` where its values go, or name a field, such as \`tools.find.takes\``;
    problems.push(`${place(['sweep', name], true)}: \`${name}\` stands nowhere in this scenario: ${help}`);
  }
  const cells = axes.reduce((product, axis) => product * ('values' in axis ? axis.values.length : 1), 1);
  if (cells > MOST_CELLS) {
    problems.push(`${place(['sweep'], true)}: expected at most ${MOST_CELLS} combinations, got ${cells}`);
    return [];
  }
  return axes;
}

/** One a line, each with the place of what it is about. */
function tellIssues(error: z.ZodError, written: unknown, place: Written['place'], owner?: string): string[] {
  const above = owner === undefined ? [] : [owner];
  return error.issues.flatMap((issue) => {
    const { path } = issue;
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => `${place([...path, key], true)}: ${unknownField(key, [...above, ...path])}`);
    }
    const field = [...above, ...path].map(String).join('.');
    return [`${place(path)}: ${field === '' ? '' : `\`${field}\`: `}${sentenceOf(issue, written)}`];
  });
}

/** Those that we wrote ourselves are whole. */
function sentenceOf(issue: z.core.$ZodIssue, written: unknown): string {
  if (/^expected |^`/.test(issue.message)) return issue.message;
  const found = issue.path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    written,
  );
  const isEmpty = Array.isArray(found) && found.length === 0;
  const isOpen = typeof found === 'string' && /^\$[A-Za-z_]\w*$/.test(found);
  const why = isOpen ? `: \`sweep\` has nothing of that name` : '';
  return `expected ${expectationOf(issue)}, got ${isEmpty ? 'an empty list' : shown(found)}${why}`;
}

/** What other tools call the same things. */
const OTHER_NAMES: Record<string, string> = {
  title: 'name',
  id: 'name',
  user: 'caller',
  persona: 'caller',
  script: 'caller',
  steps: 'caller',
  assert: 'expect',
  assertions: 'expect',
  checks: 'expect',
  must: 'expect',
  mocks: 'tools',
  stubs: 'tools',
  repeat: 'runs',
  criteria: 'judge',
};

function unknownField(key: string, owner: readonly PropertyKey[]): string {
  const isTop = owner.length === 0;
  const near = isTop ? (OTHER_NAMES[key] ?? nearestName(key, SCENARIO_FIELDS)) : undefined;
  const whose = isTop ? 'a scenario' : `\`${owner.map(String).join('.')}\``;
  const help = near ? `: did you mean \`${near}\`?` : isTop ? `: those are ${SCENARIO_FIELDS.join(', ')}` : '';
  return `\`${key}\` is not a field of ${whose}${help}`;
}

/** By their names runs are told apart. */
function twiceNamed(sources: readonly (ScenarioSource | undefined)[], written: readonly Written[]): string[] {
  const seen = new Set<string>();
  return sources.flatMap((source, index) => {
    if (!source?.name) return [];
    const isSecond = seen.has(source.name);
    seen.add(source.name);
    const where = written[index]?.place(['name']) ?? source.file;
    return isSecond ? [`${where}: a second scenario is named \`${source.name}\``] : [];
  });
}
