/** The pages that go out with the package, taken apart: links, headings, what is set as code, and what is to be typed. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../../..');

export interface Page {
  /** From the root, as `docs/agent.md`. */
  file: string;
  text: string;
  /** Those of its headings, as links name them. */
  anchors: Set<string>;
  /** Where its links go, as they are written. */
  links: string[];
  /** What stands between backticks, and each line of its blocks for a terminal, without the remark behind it. */
  code: string[];
  /** Its blocks of TypeScript. */
  programs: string[];
}

interface Description {
  files: string[];
  scripts: Record<string, string>;
}
const description = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Description;
const starter = JSON.parse(readFileSync(join(ROOT, 'starter/package.template.json'), 'utf8')) as Description;

/** What `npm run` runs, in a clone or in a project that `parley init` has written. */
export const SCRIPTS = new Set([...Object.keys(description.scripts), ...Object.keys(starter.scripts)]);

export function readPages(): Page[] {
  return [...packedMarkdown()].sort().map(readPage);
}

function packedMarkdown(): string[] {
  return description.files.flatMap((name) => {
    if (name.endsWith('.md')) return [name];
    const path = join(ROOT, name);
    if (name === 'dist' || !existsSync(path) || name === 'LICENSE') return [];
    const below = readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.md'));
    return below.map((file) => posix.join(name, file.replaceAll('\\', '/')));
  });
}

const FENCE = /^ *```(\w*)\n([^]*?)^ *```/gm;

function readPage(file: string): Page {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const prose = text.replace(FENCE, '');
  const blocks = [...text.matchAll(FENCE)].map(([, language = '', body = '']) => ({ language, body }));
  const typed = blocks.filter(({ language }) => language === 'sh').flatMap(({ body }) => body.split('\n'));
  const caught = (pattern: RegExp) => [...prose.matchAll(pattern)].map(([, found = '']) => found);
  return {
    file,
    text,
    anchors: new Set(caught(/^#+ (.+)$/gm).map(anchorOf)),
    links: caught(/\]\(([^)\s]+)\)/g),
    code: [...caught(/`([^`\n]+)`/g), ...typed.map((line) => line.replace(/(^|\s)#.*/, '').trim())],
    programs: blocks.filter(({ language }) => language === 'ts').map(({ body }) => body),
  };
}

function anchorOf(heading: string): string {
  const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
  return plain
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');
}

/** Whether the package holds it. What is built is not looked for: `dist/` may not be there. */
export function isPacked(path: string): boolean {
  const name = posix.normalize(path).replace(/\/$/, '');
  if (name === 'package.json') return true;
  const isListed = description.files.some((listed) => name === listed || name.startsWith(`${listed}/`));
  const isAbove = description.files.some((listed) => listed.startsWith(`${name}/`));
  return (isListed || isAbove) && (name.startsWith('dist/') || existsSync(join(ROOT, name)));
}

/** From the root. */
export const beside = (page: Page, path: string): string => posix.normalize(posix.join(dirname(page.file), path));

/** What commands leave beside the sources, such as recordings, is not the repository's. */
const LEFT = readFileSync(join(ROOT, '.gitignore'), 'utf8').split('\n');
const OWN = new Set(
  readdirSync(ROOT).filter((name) => ![name, `${name}/`, `/${name}/`].some((line) => LEFT.includes(line))),
);

/** What names a place in the repository, from its root; undefined for all else, such as a file in a project of the reader's. */
export function ownPath(word: string): string | undefined {
  const installed = /^(?:\.\/)?node_modules\/parley-voice\/(.+)$/.exec(word)?.[1];
  if (installed !== undefined) return installed;
  if (!/^[\w@.-]+(\/[\w@.*-]+)*\/?$/.test(word) || word.startsWith('./')) return undefined;
  const [first = ''] = word.split('/');
  if (OWN.has(first)) return word.includes('/') || word.includes('.') ? word : undefined;
  const inside = [`src/${word}`, `src/${word}.ts`, `test/${word}`, `test/${word}.test.ts`];
  return word.includes('/') ? inside.find((path) => existsSync(join(ROOT, path))) : undefined;
}

/** The name of a program on a page, where its first line has it. */
export function nameOf(program: string): string | undefined {
  return /^\/\/ ([\w./-]+\.ts)\n/.exec(program)?.[1];
}
