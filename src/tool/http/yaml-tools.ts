/** A file of tools that are data: YAML, one tool a document, each with the fields of `httpTool`. Mistakes are told with their lines. */
import { readFile } from 'node:fs/promises';
import { fileError } from '../../lib/file-error.ts';
import { isRecord } from '../../lib/json.ts';
import { readYamlDocuments, type YamlDocument } from '../../lib/yaml-documents.ts';
import { problemOf, shown, type LoadedTool, type ToolProblem } from '../check.ts';
import type { ToolInput } from '../define.ts';
import type { HttpToolOptions } from './fields.ts';
import { httpTool } from './http-tool.ts';
import { readInput } from './yaml-input.ts';

/** The tools of a file, as far as they are any; what is wrong with their fields is found when they are checked. */
export interface YamlTools {
  tools: LoadedTool[];
  problems: ToolProblem[];
}

const EXPECTED = 'a tool that asks a server: `name`, `description`, `url` and what else docs/http-tools.md has';

/** `path`: absolute; `written`: as the user wrote it. Never throws. */
export async function readYamlTools(path: string, written: string): Promise<YamlTools> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    return { tools: [], problems: [problemAt(written, undefined, { got: fileError('read', written, error).message })] };
  }
  const { documents, problems } = await readYamlDocuments(text);
  const found: YamlTools = {
    tools: [],
    problems: problems.map(({ line, message }) => problemAt(written, line, { got: `It is no YAML: ${message}` })),
  };
  if (documents.length === 0 && problems.length === 0) {
    found.problems.push(problemAt(written, undefined, { expected: EXPECTED, got: 'an empty file' }));
  }
  for (const document of documents) readOne(document, { path, written }, found);
  return found;
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

function problemAt(
  file: string,
  line: number | undefined,
  { tool, field, expected, got }: Partial<Pick<ToolProblem, 'tool' | 'field' | 'expected' | 'got'>>,
): ToolProblem {
  const problem = problemOf({ file, tool, field, expected, got: got ?? '' });
  return line === undefined ? problem : { ...problem, line, message: `Line ${line}: ${problem.message}` };
}
