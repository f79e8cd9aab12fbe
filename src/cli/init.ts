/**
 * `parley init`: a project that works at once, with an agent, its tools and a test. It is the folder `starter/` of this
 * package, under the name of the folder that it is written into. Nothing that is there is written over.
 */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { VoiceError } from '../lib/errors.ts';
import { makeFolders } from '../lib/folders.ts';
import { isRecord, parseJson } from '../lib/json.ts';
import { PACKAGE_FOLDER } from '../lib/own-files.ts';
import { fileError } from '../lib/file-error.ts';
import { ownName, print, shownPath, UsageError, version } from './report.ts';

const STARTER = join(PACKAGE_FOLDER, 'starter');
/** What the project is called there, wherever its name stands. */
const STARTER_NAME = 'parley-starter';
/** Files that npm would leave out, or tools would take for ours, had they their names in the package already. */
const NAMES: Readonly<Record<string, string>> = {
  gitignore: '.gitignore',
  'env.example': '.env.example',
  'package.template.json': 'package.json',
  'tsconfig.template.json': 'tsconfig.json',
};

/** What a folder may hold and be empty: a repository that has just been made. */
const NOTHING = new Set(['.git', '.DS_Store']);
const LONGEST_NAME = 100; // as of an agent
/** npm installs no package into one of the same name; the last two it refuses as names. */
const TAKEN = new Set(['parley-voice', 'zod', 'vitest', 'typescript', 'node_modules', 'favicon.ico']);

/** @throws {VoiceError} `file-unreadable`, when the folder is not empty or cannot be written. */
export async function init(folder = '.'): Promise<void> {
  const path = resolve(folder);
  const name = projectName(path);
  const files = await readStarter(name);
  await prepareFolder(path, folder);
  const own = ownSource(realpathSync(path));
  for (const [file, text] of files) {
    await write(join(path, file), file === 'package.json' ? withParley(text, own) : text);
  }
  tell(path, [...files.keys()]);
}

function projectName(path: string): string {
  const name = basename(path);
  if (/^[a-z0-9][a-z0-9._-]*$/.test(name) && name.length <= LONGEST_NAME && !TAKEN.has(name)) return name;
  const better = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  const proposed = better === '' || better.length > LONGEST_NAME || TAKEN.has(better) ? 'my-agent' : better;
  const wanted = TAKEN.has(name)
    ? 'another name than that of a package that it needs'
    : `a name that npm takes: small letters, digits, \`-\`, \`_\` and \`.\`, at most ${LONGEST_NAME}`;
  throw new UsageError(
    `expected the folder to have ${wanted}; got \`${name}\`. It may be \`${join(dirname(path), proposed)}\`.`,
  );
}

/** By the name that each is to have, `/` between folders, in the order of their names. */
async function readStarter(name: string): Promise<Map<string, string>> {
  const entries = await readdir(STARTER, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  const named = files.map((file, at): [string, string] => {
    const below = relative(STARTER, file).split(sep).join('/');
    return [NAMES[below] ?? below, (texts[at] ?? '').replaceAll(STARTER_NAME, name)];
  });
  return new Map(named.sort(([one], [other]) => (one < other ? -1 : 1)));
}

async function prepareFolder(path: string, shownAs: string): Promise<void> {
  let names: string[] = [];
  try {
    makeFolders(path);
    names = await readdir(path);
  } catch (error) {
    throw fileError('write into', shownAs, error);
  }
  const others = names.filter((name) => !NOTHING.has(name));
  if (others.length === 0) return;
  const more = others.length > 3 ? ` and ${others.length - 3} more` : '';
  const held = `${others.slice(0, 3).join(', ')}${more}`;
  throw new VoiceError(
    'file-unreadable',
    `cannot write into ${shownAs}: it is not empty (${held}). Name a folder that is not there yet: \`${ownName()} init my-agent\`.`,
  );
}

/**
 * What the project takes Parley from, as its `package.json` says it: a registry or, where this package came from one, a
 * file or a clone.
 * @param project Absolute, as are the other paths.
 * @param own The folder of the package.
 */
export function ownSource(project: string, own = PACKAGE_FOLDER): string {
  const above = dirname(own);
  if (basename(above) !== 'node_modules') return `file:${posix(relative(project, own))}`;
  const resolved = installedFrom(join(above, '.package-lock.json'), basename(own));
  if (!resolved?.startsWith('file:')) return `^${version()}`;
  return `file:${posix(relative(project, resolve(dirname(above), resolved.slice('file:'.length))))}`;
}

/** As npm has noted it. Undefined for other installers, which note it elsewhere. */
function installedFrom(lock: string, name: string): string | undefined {
  if (!existsSync(lock)) return undefined;
  const noted = parseJson(readFileSync(lock, 'utf8'));
  const packages = isRecord(noted) && isRecord(noted['packages']) ? noted['packages'] : {};
  const own = packages[`node_modules/${name}`];
  return isRecord(own) && typeof own['resolved'] === 'string' ? own['resolved'] : undefined;
}

const posix = (path: string): string => path.split(sep).join('/');

function withParley(text: string, source: string): string {
  return text.replace(/("parley-voice": )"[^"]*"/, (_, key: string) => key + JSON.stringify(source));
}

/** @throws {VoiceError} `file-unreadable`, also when it is there. */
async function write(file: string, text: string): Promise<void> {
  try {
    makeFolders(dirname(file));
    await writeFile(file, text, { flag: 'wx' });
  } catch (error) {
    throw fileError('write', file, error);
  }
}

function tell(path: string, files: readonly string[]): void {
  const tops = new Set(files.map((file) => file.replace(/\/.*/, '/')));
  const there = shownPath(path);
  const into = there === '' ? '' : `cd ${/\s/.test(there) ? JSON.stringify(there) : there} && `;
  const isBuilt = existsSync(join(PACKAGE_FOLDER, 'dist'));
  print(`Wrote ${[...tops].join(', ')}`);
  print(`Next: ${isBuilt ? '' : 'npm run build && '}${into}npm install`);
  print('Then: npm run talk (talk to the agent in the browser; no key is needed), npm test, and what README.md says');
}
