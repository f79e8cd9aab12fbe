/**
 * A file of tools that are data: YAML, one tool a document, each with the fields of `httpTool`; or one that names an OpenAPI
 * document, with the options of `openApi`. Mistakes are told with their lines.
 */
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileError } from '../../lib/file-error.ts';
import { isRecord } from '../../lib/json.ts';
import { readYamlDocuments, type YamlDocument, type YamlProblem } from '../../lib/yaml-documents.ts';
import { problemOf, shown, type LoadedTool, type ToolProblem } from '../check.ts';
import type { ToolInput } from '../define.ts';
import type { HttpToolOptions } from './fields.ts';
import { httpTool } from './http-tool.ts';
import { readInput } from './yaml-input.ts';

/** The tools of a file, as far as they are any; what is wrong with their fields is found when they are checked. */
export interface YamlTools {
  tools: LoadedTool[];
  problems: ToolProblem[];
  /** Of what else they are made; absolute. */
  files: string[];
}

const EXPECTED = 'a tool that asks a server: `name`, `description`, `url` and what else docs/http-tools.md has';

/** `path`: absolute; `written`: as the user wrote it. Never throws. */
export async function readYamlTools(path: string, written: string): Promise<YamlTools> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    return {
      tools: [],
      files: [],
      problems: [problemAt(written, undefined, { got: fileError('read', written, error).message })],
    };
  }
  const { documents, problems } = await readYamlDocuments(text);
  const found: YamlTools = {
    tools: [],
    files: [],
    problems: problems.slice(0, 1).map((problem) => problemAt(written, problem.line, { got: noYaml(problem, text) })),
  };
  if (documents.length === 0 && problems.length === 0) {
    found.problems.push(problemAt(written, undefined, { expected: EXPECTED, got: 'an empty file' }));
  }
  for (const document of documents) {
    if (isRecord(document.value) && 'openApi' in document.value) await readDocument(document, { path, written }, found);
    else readOne(document, { path, written }, found);
  }
  return found;
}

/** What a parser says behind the first mistake follows from that one. */
function noYaml({ line, message }: YamlProblem, text: string): string {
  const [before = '', there = ''] = ['', ...text.split('\n')].slice(line - 1, line + 1);
  const help = /\{/.test(before + there)
    ? ". Where `{` begins a text, it is in quotes: `url: '{$ORDERS_URL}/orders'`"
    : '';
  return `It is no YAML: ${message}${help}`;
}

function readOne(
  { value, placeOf }: YamlDocument,
  { path, written }: { path: string; written: string },
  found: YamlTools,
): void {
  if (!isRecord(value) || 'openapi' in value || 'swagger' in value) {
    const got = isRecord(value) ? 'an OpenAPI document: hand it to `openApi(file, { operations })`' : shown(value);
    found.problems.push(problemAt(written, placeOf([]).line, { expected: EXPECTED, got }));
    return;
  }
  const { input, problems } = readInput(value['input']);
  const tool = typeof value['name'] === 'string' ? value['name'] : undefined;
  for (const { path: at, expected, got } of problems) {
    const field = at.map(String).join('.');
    found.problems.push(problemAt(written, placeOf(at, true).line, { tool, field, expected, got }));
  }
  if (!input) return;
  const definition = httpTool({ ...value, input } as HttpToolOptions<ToolInput>);
  const lineOf = (at: readonly PropertyKey[]) => placeOf(at, true).line;
  found.tools.push({ definition, file: written, path, lineOf });
}

/** The tools of an OpenAPI document that is named. */
async function readDocument(
  { value, placeOf }: YamlDocument,
  { path, written }: { path: string; written: string },
  found: YamlTools,
): Promise<void> {
  const { openApi: file, ...options } = isRecord(value) ? value : {};
  const lineOf = (at: readonly PropertyKey[]) => placeOf(at, true).line;
  if (typeof file !== 'string') {
    const facts = { field: 'openApi', expected: 'the file of an OpenAPI document', got: shown(file) };
    found.problems.push(problemAt(written, lineOf(['openApi']), facts));
    return;
  }
  const { readOpenApi } = await import('../openapi/read.ts');
  const read = await readOpenApi(file, options, dirname(path));
  if (read.path !== '') found.files.push(read.path);
  for (const { path: at, expected, got } of read.problems) {
    const field = at.length > 0 ? at.map(String).join('.') : undefined;
    found.problems.push(problemAt(written, lineOf(at.length > 0 ? at : ['openApi']), { field, expected, got }));
  }
  for (const { operation, definition } of read.tools) {
    const own = (at: readonly PropertyKey[]) => lineOf(['operations', operation, ...at]);
    found.tools.push({ definition, file: written, path, lineOf: own });
  }
}

function problemAt(
  file: string,
  line: number | undefined,
  { tool, field, expected, got }: Partial<Pick<ToolProblem, 'tool' | 'field' | 'expected' | 'got'>>,
): ToolProblem {
  const problem = problemOf({ file, tool, field, expected, got: got ?? '' });
  return line === undefined ? problem : { ...problem, line, message: `Line ${line}: ${problem.message}` };
}
