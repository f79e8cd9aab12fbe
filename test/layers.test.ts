/** Imports point one way, and a stage shows its neighbours one file. What breaks that is printed as the arrow it is. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const source = join(root, 'src');

/** Each may import those before it; those on one level do not know each other. */
const LEVELS = [
  ['lib'],
  ['audio'],
  ['bridge', 'listen', 'model'],
  ['tool', 'speak'],
  ['turn'],
  ['call'],
  ['watch', 'record'],
  ['page'],
  ['worker'],
  ['testing'],
  ['console'],
  ['cli'],
];
/** These compose what lies below them and may open any of its files. */
const COMPOSERS = new Set([
  'call',
  'watch',
  'record',
  'page',
  'worker',
  'testing',
  'console',
  'cli',
  'index.ts',
  'services.ts',
]);
/** What users import. */
const ENTRIES = new Set(['index.ts', 'services.ts']);
/** Open to all, file by file. */
const COMMON = new Set(['lib', 'audio']);
/** Pure files of a wire format, which the stand-ins share with the clients. */
const PURE = /\/(wire|signature)\.ts$/;

interface Arrow {
  from: string;
  to: string;
}

const files = filesIn(source);
const arrows = files.flatMap(importsOf);

test('every import goes to a stage below, and never sideways', () => {
  const wrong = arrows.filter(({ from, to }) => {
    const [stage, other] = [stageOf(from), stageOf(to)];
    if (stage === other || ENTRIES.has(stage) || stage === 'simulate') return false;
    if (other === 'simulate') return levelOf(stage) < levelOf('call');
    return levelOf(other) >= levelOf(stage);
  });
  expect(wrong.map(shown)).toEqual([]);
});

test('a stage is entered by its contract alone, except from where stages are composed', () => {
  const wrong = arrows.filter(({ from, to }) => {
    const [stage, other] = [stageOf(from), stageOf(to)];
    if (stage === other || COMPOSERS.has(stage) || COMMON.has(other) || stage === 'simulate') return false;
    return to !== `${other}/contract.ts`;
  });
  expect(wrong.map(shown)).toEqual([]);
});

test('a contract depends on contracts and lib only', () => {
  const wrong = arrows.filter(
    ({ from, to }) => from.endsWith('/contract.ts') && !to.endsWith('/contract.ts') && stageOf(to) !== 'lib',
  );
  expect(wrong.map(shown)).toEqual([]);
});

test('the stand-ins know the wire, never the clients that they stand before', () => {
  const wrong = arrows.filter(({ from, to }) => {
    const other = stageOf(to);
    return stageOf(from) === 'simulate' && other !== 'simulate' && !COMMON.has(other) && !PURE.test(to);
  });
  expect(wrong.map(shown)).toEqual([]);
});

test('wire formats and the turn machine hold no socket, no timer and no clock', () => {
  const pure = files.filter((file) => PURE.test(file) || stageOf(file) === 'turn');
  const wrong = pure.filter((file) =>
    /from '(ws|undici|node:(net|http|https|timers|fs).*)'|\bset(Timeout|Interval|Immediate)\(|\bDate\.now\(|performance\.now\(|Math\.random\(/.test(
      readFileSync(join(source, file), 'utf8'),
    ),
  );
  expect(wrong).toEqual([]);
});

test('no two files import each other, however far around', () => {
  const next = new Map(files.map((file) => [file, arrows.filter(({ from }) => from === file).map(({ to }) => to)]));
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (file: string, path: string[]): void => {
    if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
    if (path.includes(file) || done.has(file)) return;
    for (const to of next.get(file) ?? []) visit(to, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  expect(cycles).toEqual([]);
});

test('example tools and agents import the public names alone', () => {
  const examples = ['tools', 'examples'].flatMap((folder) =>
    filesIn(join(root, folder)).map((file) => join(folder, file)),
  );
  expect(examples.length).toBeGreaterThan(5);
  const wrong = examples.filter((file) => /from '\.\.\/(\.\.\/)*src\//.test(readFileSync(join(root, file), 'utf8')));
  expect(wrong).toEqual([]);
});

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
    .sort();
}

/** The arrows that leave `file` for other files of ours; a type's import is an arrow too. */
function importsOf(file: string): Arrow[] {
  const text = readFileSync(join(source, file), 'utf8');
  const found = text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g);
  return [...found].map(([, path]) => ({
    from: file,
    to: relative(source, resolve(dirname(join(source, file)), path ?? '')),
  }));
}

function stageOf(file: string): string {
  return file.split('/')[0] ?? file;
}

function levelOf(stage: string): number {
  return LEVELS.findIndex((level) => level.includes(stage));
}

function shown({ from, to }: Arrow): string {
  return `${from} -> ${to}`;
}
