/** The `tools` of an agent file, loaded: folders, files, names of built-in tools, tools as objects and what makes some, mixed. */
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { systemClock, type Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import { ModuleError, MODULE_EXTENSIONS, importModule, modulePath, type ImportModule } from '../lib/import-module.ts';
import { silentLog, type Log } from '../lib/log.ts';
import { builtinTools } from './builtin/index.ts';
import { checkTools, problemOf, shown, toolsInvalid, type LoadedTool, type ToolProblem } from './check.ts';
import { isToolDefinition, type ToolDefinition } from './define.ts';
import { isToolOrigin, openOrigin, type OpenedOrigin, type OriginPlace, type ToolOrigin } from './origin.ts';
import { ToolList } from './tool-list.ts';

/** Of tools that are data. */
const YAML_EXTENSIONS: readonly string[] = ['.yaml', '.yml'];

/**
 * A folder, a file (either may be a `file:` address), the name of a built-in tool, a tool, a function that makes one, or tools from
 * elsewhere (`mcp`, `knowledge`, `openApi`). Paths are relative to the agent file. Of a folder, every module and YAML file counts whose name begins with a letter or digit and that is no test or declaration;
 * folders within it are not entered.
 */
export type ToolSource = string | URL | ToolDefinition | ToolOrigin | (() => ToolDefinition | ToolOrigin);

/**
 * Loads and checks.
 * @param from The folder that paths are relative to: that of the agent file.
 * @throws {ToolsInvalid} `tool-invalid`, with every mistake of every tool.
 */
export async function loadTools(sources: readonly ToolSource[], options: InspectToolsOptions): Promise<LoadedTool[]> {
  const { tools, problems } = await inspectTools(sources, options);
  if (problems.length > 0) throw toolsInvalid(problems);
  return tools;
}

/** Where tools are loaded, and by what. */
export interface InspectToolsOptions {
  /** The folder that paths are relative to. */
  from: string;
  /** By what files are imported. Default: each is run once in this process. */
  load?: ImportModule | undefined;
  /** For tools from elsewhere. Default: silent. */
  log?: Log | undefined;
  /** For tools from elsewhere. Default: the system's. */
  clock?: Clock | undefined;
  /** What tools from elsewhere read. Default: the process' environment. */
  env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Whether tools may be loaded without what they need of `env`, as where they are tried. Default false. */
  mayLackEnv?: boolean | undefined;
}

/** As `loadTools`, but hands back what is good beside what is not. Never throws. Whoever takes `list` closes it. */
export async function inspectTools(
  sources: readonly ToolSource[],
  options: InspectToolsOptions,
): Promise<InspectedTools> {
  const { from, load = importModule, log = silentLog, clock = systemClock, env = process.env } = options;
  const place: OriginPlace = { from: resolve(from), log, clock, env };
  const opening = openAll(sources, place);
  const loading: Loading = { list: new ToolList(), problems: [], folders: [], seen: new Set(), load, place, opening };
  for (const source of sources) await loadSource(source, from, loading); // in order, so that a request's bytes are stable
  const { list, folders } = loading;
  const { tools } = list;
  const { problems } = checkTools(tools, options.mayLackEnv ? undefined : env);
  return { list, tools, folders, problems: [...loading.problems, ...problems] };
}

export interface InspectedTools {
  /** As they are at any moment. */
  list: ToolList;
  /** As they are now. */
  tools: LoadedTool[];
  problems: ToolProblem[];
  /** Of which every tool file counts; absolute. */
  folders: string[];
}

interface Loading extends Omit<InspectedTools, 'tools'> {
  load: ImportModule;
  place: OriginPlace;
  /** What is being opened, all at once: servers may take their time. */
  opening: Map<ToolOrigin, Promise<OpenedOrigin>>;
  /** Files, so that one that is named twice is loaded once. */
  seen: Set<string>;
}

function openAll(sources: readonly ToolSource[], place: OriginPlace): Map<ToolOrigin, Promise<OpenedOrigin>> {
  const origins = new Set(sources.filter(isToolOrigin));
  const opening = [...origins].map((origin) => [origin, openOrigin(origin, place)] as const);
  for (const [, opened] of opening) opened.catch(() => {}); // told in its turn
  return new Map(opening);
}

async function loadSource(source: unknown, from: string, loading: Loading): Promise<void> {
  if (typeof source === 'string' || source instanceof URL) return loadPath(source, from, loading);
  const nowhere = { file: undefined, tool: undefined, field: undefined };
  try {
    const definition: unknown = typeof source === 'function' ? (source as () => unknown)() : source;
    if (isToolDefinition(definition)) loading.list.add({ definition, file: undefined });
    else if (isToolOrigin(definition)) await loadOrigin(definition, loading);
    else {
      const expected = 'a folder, a file, the name of a built-in tool or `defineTool({...})`';
      loading.problems.push(problemOf({ ...nowhere, expected, got: shown(source) }));
    }
  } catch (thrown) {
    const got = `A function in the list of tools threw: ${messageOf(thrown)}`;
    loading.problems.push(problemOf({ ...nowhere, expected: undefined, got }));
  }
}

async function loadOrigin(origin: ToolOrigin, { list, problems, place, opening }: Loading): Promise<void> {
  const { name } = origin;
  try {
    const opened = await (opening.get(origin) ?? openOrigin(origin, place));
    opening.delete(origin); // one that is listed twice is opened twice
    list.addOrigin(opened);
    for (const { tool = name, ...facts } of opened.problems)
      problems.push(problemOf({ ...facts, tool, file: undefined }));
  } catch (thrown) {
    const got = `It cannot be opened: ${messageOf(thrown)}`;
    problems.push(problemOf({ file: undefined, tool: name, field: undefined, expected: undefined, got }));
  }
}

async function loadPath(named: string | URL, from: string, loading: Loading): Promise<void> {
  const written = String(named);
  if (Object.hasOwn(builtinTools, written)) {
    const definition = builtinTools[written];
    if (definition) loading.list.add({ definition, file: undefined });
    return;
  }
  const path = pathOf(named, from);
  const stats = path === undefined ? undefined : await stat(path).catch(() => undefined);
  if (path !== undefined && stats?.isDirectory()) return loadFolder(path, written, loading);
  if (path !== undefined && stats) return loadFile(path, written, loading);
  const names = Object.keys(builtinTools).join(', ');
  const isPath = /[/\\.]/.test(written);
  const got = isPath
    ? 'There is no such file or folder'
    : `There is no such file or folder, nor a built-in tool of that name: those are ${names}`;
  loading.problems.push(problemOf({ file: written, tool: undefined, field: undefined, expected: undefined, got }));
}

function pathOf(named: string | URL, from: string): string | undefined {
  try {
    return modulePath(named, from);
  } catch {
    return undefined; // an address of another kind: there is no such file
  }
}

async function loadFolder(path: string, written: string, loading: Loading): Promise<void> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  loading.folders.push(path);
  const files = entries.filter((entry) => !entry.isDirectory() && isToolFile(entry.name)).map(({ name }) => name);
  if (files.length === 0) {
    const expected = `at least one tool file (${[...MODULE_EXTENSIONS, ...YAML_EXTENSIONS].join(', ')})`;
    const problem = problemOf({ file: written, tool: undefined, field: undefined, expected, got: 'none' });
    loading.problems.push(problem);
  }
  const folder = written.replace(/[/\\]+$/, '');
  for (const file of files.sort()) await loadFile(join(path, file), `${folder}/${file}`, loading);
}

async function loadFile(path: string, written: string, loading: Loading): Promise<void> {
  const real = await realpath(path);
  if (loading.seen.has(real)) return;
  loading.seen.add(real);
  if (YAML_EXTENSIONS.includes(extname(path))) return loadYaml(path, written, loading);
  try {
    const exports = await loading.load(path, written);
    const definition = exports.default;
    if (isToolDefinition(definition)) loading.list.add({ definition, file: written, path });
    else loading.problems.push({ ...notATool(exports, written), place: { file: path, line: undefined } });
  } catch (thrown) {
    if (!(thrown instanceof ModuleError)) throw thrown;
    const { line, place, reason: got } = thrown;
    const facts = { file: written, tool: undefined, field: undefined, expected: undefined, got };
    loading.problems.push({
      ...problemOf(facts),
      ...(line !== undefined && { line, message: `Line ${line}: ${got}` }),
      ...(place && { place }),
    });
  }
}

/** The reader of such files is there for those alone who have one. */
async function loadYaml(path: string, written: string, loading: Loading): Promise<void> {
  const { readYamlTools } = await import('./http/yaml-tools.ts');
  const { tools, problems, files } = await readYamlTools(path, written);
  loading.list.addFiles([path, ...files]);
  for (const tool of tools) loading.list.add(tool);
  loading.problems.push(...problems);
}

function notATool(exports: Record<string, unknown>, file: string): ToolProblem {
  const named = Object.keys(exports).find((name) => isToolDefinition(exports[name]));
  const got = named
    ? `an export named \`${named}\``
    : 'default' in exports && exports.default !== undefined
      ? shown(exports.default)
      : 'no default export';
  return problemOf({
    file,
    tool: undefined,
    field: undefined,
    expected: 'the default export to be `defineTool({...})`',
    got,
  });
}

/** Whether a file of this name is a tool, in a folder of them. */
export function isToolFile(file: string): boolean {
  const isModule = MODULE_EXTENSIONS.includes(extname(file)) && !/\.d\.m?ts$/.test(file);
  const isTool = isModule || YAML_EXTENSIONS.includes(extname(file));
  return isTool && /^[a-z0-9]/i.test(file) && !/\.(test|spec)$/.test(basename(file, extname(file)));
}
