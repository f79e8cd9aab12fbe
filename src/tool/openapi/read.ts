/** An OpenAPI document in a file, made the tools that were asked for; what cannot be made is told with its reason. */
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { z } from 'zod';
import { messageOf } from '../../lib/errors.ts';
import { fileError } from '../../lib/file-error.ts';
import { modulePath } from '../../lib/import-module.ts';
import { isRecord, parseJson } from '../../lib/json.ts';
import { readYamlDocuments } from '../../lib/yaml-documents.ts';
import { shown } from '../check.ts';
import type { ToolDefinition } from '../define.ts';
import { httpTool } from '../http/http-tool.ts';
import type { MadeProblem } from '../made.ts';
import { operationsOf, readDocument, Unmakeable, type Operation, type Part } from './document.ts';
import type { OpenApiOptions } from './options.ts';
import { toolOf } from './operation.ts';

const VariableName = z.string().regex(/^[A-Za-z_]\w*(?::[A-Za-z_]\w*)?$/);
const Options = z.strictObject({
  operations: z.union([z.array(z.string()), z.record(z.string(), z.record(z.string(), z.unknown()).nullable())]),
  prefix: z
    .string()
    .regex(/^[\w-]*$/)
    .default(''),
  effects: z.record(z.string(), z.enum(['read', 'write'])).default({}),
  server: z.string().optional(),
  secrets: z.record(z.string(), VariableName).default({}),
  allowPrivate: z.boolean().optional(),
  redirects: z.array(z.string()).optional(),
});
const EXPECTED: Record<keyof OpenApiOptions, string> = {
  operations: 'a list of operations, or an object with their changes',
  prefix: 'letters, digits, `_` or `-`',
  effects: "operations with 'read' or 'write' each",
  server: 'an address, such as `https://api.example.com` or `{$ORDERS_URL}`',
  secrets: 'security schemes with the name of a variable each, or two as `USER:PASSWORD`',
  allowPrivate: 'true or false',
  redirects: 'a list of servers, such as `https://cdn.example.com`',
};
/** Said by the document, or by the whole. */
const NOT_CHANGED = new Set(['input', 'method', 'url', 'query', 'headers', 'body']);

/** One of the tools, with the operation that it was asked for by. */
export interface OpenApiTool {
  operation: string;
  definition: ToolDefinition;
}

/** What came of a document. */
export interface ReadOpenApi {
  tools: OpenApiTool[];
  problems: MadeProblem[];
  /** Absolute. */
  path: string;
}

/** `from`: the folder that `file` is relative to. Never throws. */
export async function readOpenApi(file: string | URL, written: unknown, from: string): Promise<ReadOpenApi> {
  const none = (problem: MadeProblem, path = ''): ReadOpenApi => ({ tools: [], problems: [problem], path });
  const options = Options.safeParse(written);
  if (!options.success)
    return { tools: [], problems: options.error.issues.flatMap((issue) => problemsOf(issue, written)), path: '' };
  let path: string;
  try {
    path = modulePath(file, from);
  } catch (error) {
    return none({ path: [], expected: undefined, got: `${String(file)}: ${messageOf(error)}` });
  }
  try {
    return { ...makeTools(readDocument(await readValue(path, String(file))), options.data), path };
  } catch (error) {
    const reason = messageOf(error);
    return none(
      { path: [], expected: undefined, got: error instanceof Unmakeable ? `${String(file)}: ${reason}` : reason },
      path,
    );
  }
}

function problemsOf(issue: z.core.$ZodIssue, written: unknown): MadeProblem[] {
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(EXPECTED).join(', ');
    return issue.keys.map((key) => ({
      path: [key],
      expected: undefined,
      got: `\`${key}\` is not an option of openApi(): those are ${known}`,
    }));
  }
  const [field] = issue.path;
  const expected =
    field !== undefined && Object.hasOwn(EXPECTED, field)
      ? EXPECTED[field as keyof typeof EXPECTED]
      : 'an object of options';
  const value = isRecord(written) && field !== undefined ? written[String(field)] : written;
  return [{ path: field === undefined ? [] : [field], expected, got: shown(value) }];
}

async function readValue(path: string, shownAs: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw fileError('read', shownAs, error);
  });
  if (extname(path) === '.json') {
    const value = parseJson(text);
    if (value === undefined) throw new Unmakeable('it is no JSON');
    return value;
  }
  const { documents, problems } = await readYamlDocuments(text);
  const [problem] = problems;
  if (problem) throw new Unmakeable(`line ${problem.line}: it is no YAML: ${problem.message}`);
  return documents[0]?.value;
}

function makeTools(document: Part, options: z.output<typeof Options>): Pick<ReadOpenApi, 'tools' | 'problems'> {
  const { operations, prefix, effects, server, secrets, allowPrivate, redirects } = options;
  const known = operationsOf(document);
  const asked: [string, Record<string, unknown>][] = Array.isArray(operations)
    ? operations.map((name) => [name, {}])
    : Object.entries(operations).map(([name, changes]) => [name, changes ?? {}]);
  const tools: OpenApiTool[] = [];
  const problems: MadeProblem[] = [];
  for (const [name, changes] of asked) {
    const path = Array.isArray(operations) ? ['operations'] : ['operations', name];
    try {
      const operation = find(name, known);
      const fixed = Object.keys(changes).find((field) => NOT_CHANGED.has(field));
      if (fixed !== undefined) throw new Unmakeable(`\`${fixed}\` is what the document says, and cannot be another`);
      const made = toolOf(operation, { document, prefix, server, secrets });
      const common = { ...(allowPrivate !== undefined && { allowPrivate }), ...(redirects && { redirects }) };
      const effect = Object.hasOwn(effects, name) ? { effect: effects[name] } : {};
      tools.push({ operation: name, definition: httpTool({ ...made, ...common, ...effect, ...changes }) });
    } catch (error) {
      if (!(error instanceof Unmakeable)) throw error;
      problems.push({
        path,
        expected: undefined,
        got: `There is no tool of the operation \`${name}\`: ${error.message}`,
      });
    }
  }
  for (const name of Object.keys(effects)) {
    if (asked.some(([one]) => one === name)) continue;
    problems.push({ path: ['effects', name], expected: 'of an operation that is asked for', got: `\`${name}\`` });
  }
  return { tools, problems };
}

const MOST_NAMED = 20;

function find(name: string, known: readonly Operation[]): Operation {
  const found = known.find((one) => one.name === name || one.address === name);
  if (found) return found;
  const names = known.slice(0, MOST_NAMED).map((one) => one.name);
  const more = known.length > MOST_NAMED ? ` and ${known.length - MOST_NAMED} more` : '';
  throw new Unmakeable(`the document has none of that name: it has ${names.join(', ')}${more}`);
}
