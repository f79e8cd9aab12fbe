/** The files that knowledge is made of: which there are in what was named, and what is read of each. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { messageOf } from '../../lib/errors.ts';
import { readCsv } from './csv.ts';
import { readHtml } from './html.ts';
import { readMarkdown } from './markdown.ts';
import { passagesOf, type Block, type Passage } from './passage.ts';

const READERS: Readonly<Record<string, (text: string) => Block[]>> = {
  ...{ '.md': readMarkdown, '.markdown': readMarkdown, '.txt': readMarkdown },
  ...{ '.html': readHtml, '.htm': readHtml, '.csv': readCsv, '.tsv': readCsv },
};
/** For messages. */
export const READABLE = Object.keys(READERS).join(', ');

/** What is larger, or comes behind so many, is told and not read: the index lies in memory. */
const MOST_BYTES = 4_000_000;
const MOST_FILES = 5_000;
const DEEPEST = 16;

/** One that was found. */
export interface FoundFile {
  /** Absolute. */
  path: string;
  /** As it is told: relative to what was named. */
  name: string;
  /** Differs when it was written. */
  stamp: string;
  bytes: number;
}

export interface FoundFiles {
  files: FoundFile[];
  /** In which files lie, or may come. */
  folders: Set<string>;
  /** Of what is named, what is not there. */
  missing: string[];
  /** Files that are of no kind that is read, by their ending: how many. */
  others: Map<string, number>;
  /** Why the list ends where it does. */
  cut: string | undefined;
}

interface Finding extends FoundFiles {
  /** What was named twice counts once. */
  seen: Set<string>;
}

/** Of a folder all that it holds, and its folders, but for what begins with a dot or lies in `node_modules`. `paths`: absolute. */
export async function findFiles(paths: readonly string[]): Promise<FoundFiles> {
  const common = { files: [], missing: [], cut: undefined };
  const found: Finding = { ...common, folders: new Set(), others: new Map(), seen: new Set() };
  for (const path of paths) {
    const stats = await stat(path).catch(() => undefined);
    if (!stats) found.missing.push(path);
    else if (stats.isDirectory()) await enter(path, path, found);
    else {
      found.folders.add(join(path, '..'));
      await take(path, join(path, '..'), found);
    }
  }
  return found;
}

async function enter(folder: string, root: string, found: Finding): Promise<void> {
  if (relative(root, folder).split(sep).length > DEEPEST || found.folders.has(folder)) return;
  found.folders.add(folder);
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const { name } of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (name.startsWith('.') || name === 'node_modules') continue;
    const path = join(folder, name);
    const stats = await stat(path).catch(() => undefined); // what a link leads to
    if (stats?.isDirectory()) await enter(path, root, found);
    else if (stats) await take(path, root, found);
  }
}

async function take(path: string, root: string, found: Finding): Promise<void> {
  const ending = extname(path).toLowerCase();
  const stats = await stat(path).catch(() => undefined);
  if (!stats || found.seen.has(path)) return;
  found.seen.add(path);
  if (!Object.hasOwn(READERS, ending)) found.others.set(ending, (found.others.get(ending) ?? 0) + 1);
  else if (found.files.length === MOST_FILES)
    found.cut = `there are more than ${MOST_FILES} files, and the rest is not read`;
  else {
    const name = relative(root, path).split(sep).join('/');
    found.files.push({ path, name, stamp: `${stats.mtimeMs} ${stats.size} ${stats.ino}`, bytes: stats.size });
  }
}

/** `problem`: why nothing was read. Never throws. */
export async function readPassages({
  path,
  name,
  bytes,
}: FoundFile): Promise<{ passages: Passage[]; problem?: string }> {
  if (bytes > MOST_BYTES) return { passages: [], problem: `it has ${bytes} bytes, of at most ${MOST_BYTES}` };
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path));
    const passages = passagesOf(name, READERS[extname(path).toLowerCase()]?.(text) ?? []);
    return passages.length > 0 ? { passages } : { passages, problem: 'it holds no text' };
  } catch (error) {
    const isText = !(error instanceof TypeError);
    return { passages: [], problem: isText ? messageOf(error) : 'it is not UTF-8: save it as such' };
  }
}
