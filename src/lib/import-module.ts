/**
 * Loads a module that a user wrote: an agent file or a tool, in TypeScript or JavaScript, from any folder.
 *
 * `parley-voice` and `zod` can be imported from a folder that has no `node_modules`: then they are the very modules of
 * this process. JavaScript is imported by Node itself wherever that works; everything else goes through jiti, which is
 * loaded when the first such file is met. Measured with ten small TypeScript files: 65 ms when they were loaded before
 * on this machine (jiti 55, files 10), 500 ms the first time.
 */
import { existsSync, statSync } from 'node:fs';
import { dirname, extname, relative, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { VoiceError, type ErrorCode } from './errors.ts';
import { OWN_FOLDER } from './own-files.ts';
import { isA, readThrown, type Thrown } from './thrown.ts';
import { jitiFor } from './user-jiti.ts';

export const MODULE_EXTENSIONS: readonly string[] = ['.ts', '.mts', '.js', '.mjs'];

/** A module that does not load: `file-unreadable` or `module-invalid`. `message` holds everything that a person needs; there is no stack worth showing. */
export class ModuleError extends VoiceError {
  override readonly name = 'ModuleError';
  /** As the user wrote it. */
  readonly file: string;
  /** From 1, in `file` or in a file that it imports; undefined when it is not known. */
  readonly line: number | undefined;
  /** What went wrong, without the file. */
  readonly reason: string;
  /** Where it lies, as far as that is known: also in another file, which `file` imports. */
  readonly place: Place | undefined;
  /** What it imports that is not there, absolute; undefined for anything else, and for packages. */
  readonly missing: string | undefined;
  constructor(file: string, reason: string, facts: ModuleFacts = {}) {
    super(
      facts.code ?? 'module-invalid',
      `${file}${facts.line === undefined ? '' : `:${facts.line}`}: ${reason}`,
      facts.cause === undefined ? undefined : { cause: facts.cause },
    );
    this.file = file;
    this.line = facts.line;
    this.reason = reason;
    this.place = facts.place;
    this.missing = facts.missing;
  }
}

interface ModuleFacts {
  line?: number | undefined;
  cause?: unknown;
  code?: ErrorCode;
  place?: Place | undefined;
  missing?: string | undefined;
}

/** A line of a file. */
export interface Place {
  /** Absolute. */
  file: string;
  /** From 1; undefined when it is not known. */
  line: number | undefined;
}

/**
 * The absolute path of what a user named: a path, a `file:` address, or one as a `URL`.
 * @param from The folder that paths are relative to. Default: the working directory.
 * @throws {ModuleError} `file-unreadable`, for an address of another kind.
 */
export function modulePath(named: string | URL, from = process.cwd()): string {
  if (typeof named === 'string' && !named.startsWith('file:')) return resolve(from, named);
  try {
    return fileURLToPath(named);
  } catch {
    throw new ModuleError(String(named), 'Expected a path or a `file:` address', { code: 'file-unreadable' });
  }
}

/**
 * Gives the exports of a module. `path`: absolute; `shownAs`: as the user wrote it, for messages, by default `path`. Throws a
 * `ModuleError`, when it is not there, is not a module, does not parse, or throws.
 */
export type ImportModule = (path: string, shownAs?: string) => Promise<Record<string, unknown>>;

/** A file that was loaded before in this process is not run again. */
export const importModule: ImportModule = (path, shownAs) =>
  importBy((file) => (isTypeScript(file) ? importByJiti(file) : importByNode(file)), path, shownAs);

/** @throws {ModuleError} as `ImportModule` does. */
export async function importBy(
  load: (path: string) => Promise<Record<string, unknown>>,
  path: string,
  shownAs = path,
): Promise<Record<string, unknown>> {
  if (!existsSync(path)) throw new ModuleError(shownAs, 'There is no such file', { code: 'file-unreadable' });
  if (!MODULE_EXTENSIONS.includes(extname(path))) {
    const got = extname(path) ? `\`${extname(path)}\`` : statSync(path).isDirectory() ? 'a folder' : 'no extension';
    throw new ModuleError(shownAs, `Expected a module (${MODULE_EXTENSIONS.join(', ')}), got ${got}`);
  }
  try {
    return await load(path);
  } catch (thrown) {
    throw explain(thrown, path, shownAs);
  }
}

const isTypeScript = (path: string): boolean => path.endsWith('ts');

async function importByNode(path: string): Promise<Record<string, unknown>> {
  try {
    return (await import(/* @vite-ignore */ pathToFileURL(path).href)) as Record<string, unknown>;
  } catch (thrown) {
    if (mayJitiHelp(thrown)) return importByJiti(path);
    throw thrown;
  }
}

const RESOLVING = new Set(['ERR_MODULE_NOT_FOUND', 'ERR_UNKNOWN_FILE_EXTENSION', 'ERR_UNSUPPORTED_DIR_IMPORT']);
/** Of Node, and of the loaders that a source checkout runs under. Only jiti says where the fault is. */
const PARSING = new Set(['SyntaxError', 'TransformError', 'RolldownError']);

/** Whether nothing has run yet, and jiti may know a way or can say more. */
function mayJitiHelp(thrown: unknown): boolean {
  const { name, message, code = '' } = readThrown(thrown);
  if (PARSING.has(name)) return !message.includes('does not provide an export');
  return RESOLVING.has(code);
}

/** Jiti runs a file again that is asked for while it is being run: a team that is loaded twice at once would have strangers in it. */
const beingRun = new Map<string, Promise<Record<string, unknown>>>();

function importByJiti(path: string): Promise<Record<string, unknown>> {
  const known = beingRun.get(path);
  if (known) return known;
  const run = jitiFor(path)
    .then((jiti) => jiti.import<Record<string, unknown>>(path))
    .finally(() => beingRun.delete(path));
  beingRun.set(path, run);
  return run;
}

function explain(thrown: unknown, path: string, shownAs: string): ModuleError {
  const read = readThrown(thrown);
  if (!read.isError) {
    const what = typeof thrown === 'string' ? JSON.stringify(read.message) : read.message;
    return new ModuleError(shownAs, `It threw ${what}`);
  }
  const at = (place: Place, reason: string, missing?: string) =>
    place.file === path
      ? new ModuleError(shownAs, reason, { line: place.line, cause: thrown, place, missing })
      : new ModuleError(shownAs, `${readable(place)}: ${reason}`, { cause: thrown, place, missing });

  const syntax = /^ParseError: ([^]*?)\s*\n\s*(\S.*):(\d+):\d+\s*$/.exec(read.message);
  if (syntax) return at({ file: plainPath(syntax[2] ?? path), line: Number(syntax[3]) }, syntax[1] ?? '');

  const absent = /Cannot find (?:module|package) '([^']+)'(?:.* imported from (.+)|\s+Require stack:\s+- (.+))?/.exec(
    read.message,
  );
  if (absent) {
    const [, wanted = '', importer, requirer] = absent;
    const file = plainPath(importer ?? requirer ?? path);
    const missing = /^[./]/.test(wanted) ? resolve(dirname(file), wanted) : undefined;
    return at({ file, line: undefined }, `It imports '${wanted}', which cannot be found`, missing);
  }
  const message = read.message.replace(/\(0 , \w+\.(\w+)\)/g, '`$1`'); // how a call of an import looks once compiled
  return at(placeOf(read, path), isA(thrown, VoiceError) ? message : `${read.name}: ${message}`);
}

const FRAME = /^\s+at (?:.*\()?(?:async )?((?:file:\/\/)?(?:\/|[A-Za-z]:[\\/]).*?):(\d+):\d+\)?$/gm;

/** The first place in the stack that lies in the user's own code. */
function placeOf(error: Thrown, path: string): Place {
  for (const [, url = '', line] of (error.stack ?? '').matchAll(FRAME)) {
    const file = plainPath(url);
    if (!file.includes('node_modules') && !file.startsWith(OWN_FOLDER + sep)) return { file, line: Number(line) };
  }
  return { file: path, line: undefined };
}

const plainPath = (path: string): string => (path.startsWith('file:') ? fileURLToPath(path) : path);

const readable = ({ file, line }: Place): string =>
  `${relative(process.cwd(), file)}${line === undefined ? '' : `:${line}`}`;
