/** Imports point one way, and a stage shows its neighbours one file. What breaks that is printed as the arrow it is. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { EARS, MODELS, VOICES } from '../src/call/vendors.ts';

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
  ['evaluate'],
  ['vitest'],
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
  'evaluate',
  'vitest',
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

/** A folder of `bridge/` is a carrier, entered by its door alone, from the list of carriers... */
const CARRIER_LIST = 'worker/carriers.ts';
/** ...or what a family of carriers has in common, which is entered by carriers and stand-ins. */
const FAMILIES = ['json', 'binary', 'relay'];
/** What the command line dials a worker with, whichever carrier it passes for. */
const TELEPHONE = new Set(['simulate/telephone.ts', 'simulate/dialects.ts']);
const carriers = readdirSync(join(source, 'bridge'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .filter((name) => !FAMILIES.includes(name));
/** Nobody has a clock of the system's but these, which hand it on: what is started as a process, and what a program calls. */
const MAINS = new Set([
  'cli/program.ts',
  'cli/serve-process.ts',
  'worker/create-parley.ts',
  'worker/open-worker.ts',
  'evaluate/evaluate-scenarios.ts',
  'vitest/judge-matcher.ts',
]);

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

test("a carrier's folder is entered by its door, from the list of carriers, and by its stand-in", () => {
  expect(carriers.length).toBeGreaterThan(0);
  const wrong = arrows.filter(({ from, to }) => {
    const carrier = carrierOf(to);
    if (carrier === undefined || carrierOf(from) === carrier || stageOf(from) === 'simulate') return false;
    return from !== CARRIER_LIST || to !== `bridge/${carrier}/door.ts`;
  });
  expect(wrong.map(shown)).toEqual([]);
  const listed = arrows.filter(({ from }) => from === CARRIER_LIST).map(({ to }) => carrierOf(to));
  expect(carriers.filter((carrier) => !listed.includes(carrier))).toEqual([]);
});

test('what a family of carriers has in common knows none of them, and is entered by them and by stand-ins', () => {
  const familyOf = (file: string) => FAMILIES.find((family) => file.startsWith(`bridge/${family}/`));
  const wrong = arrows.filter(({ from, to }) => {
    if (familyOf(from) !== undefined) return carrierOf(to) !== undefined;
    return familyOf(to) !== undefined && carrierOf(from) === undefined && stageOf(from) !== 'simulate';
  });
  expect(wrong.map(shown)).toEqual([]);
});

test("a carrier's stand-in is entered by stand-ins and what tests are made of; the command line has a telephone", () => {
  const isStandIn = (file: string) => carriers.some((carrier) => file.startsWith(`simulate/${carrier}/`));
  const wrong = arrows.filter(
    ({ from, to }) => isStandIn(to) && stageOf(from) !== 'simulate' && stageOf(from) !== 'testing',
  );
  expect(wrong.map(shown)).toEqual([]);
  expect(arrows.filter(({ to }) => TELEPHONE.has(to)).map(({ from }) => stageOf(from))).toContain('cli');
});

test('no call, worker or command names a carrier, but the list', () => {
  // `web` is a word of many others: it names the carrier where it is a text, or a part of a path, by itself
  const names = new RegExp(carriers.map((name) => (name === 'web' ? `['"\`/]web['"\`/]` : name)).join('|'), 'i');
  const wrong = files
    .filter((file) => ['call', 'worker', 'cli'].includes(stageOf(file)) && file !== CARRIER_LIST)
    .flatMap((file) => {
      const lines = readFileSync(join(source, file), 'utf8').split('\n');
      return lines.flatMap((line, index) => (names.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : []));
    });
  expect(wrong).toEqual([]);
});

test('calls, worker and command line are handed a clock: only what is started or called from outside has the one of the system', () => {
  const wrong = files
    .filter((file) => ['call', 'worker', 'cli'].includes(stageOf(file)) && !MAINS.has(file))
    .filter((file) =>
      /\bsystemClock\b|\bDate\.now\(|performance\.now\(/.test(readFileSync(join(source, file), 'utf8')),
    );
  expect(wrong).toEqual([]);
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

test('no file has more than 450 lines, and no class more than 400', () => {
  const long = files.flatMap((file) => {
    const text = readFileSync(join(source, file), 'utf8');
    const classes = classesIn(text).map(({ name, lines }) => ({ name, lines, most: 400 }));
    return [{ name: file, lines: text.split('\n').length - 1, most: 450 }, ...classes]
      .filter(({ lines, most }) => lines > most)
      .map(({ name, lines, most }) => `${file}: ${name} has ${lines} lines, at most ${most}`);
  });
  expect(long).toEqual([]);
});

test('a test that takes real time says at its head what it needs that virtual time has not', () => {
  const NEEDS = /\b(real time|process(es)?|sockets?|browsers?|terminals?|compilers?)\b/i;
  const paths = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' });
  const real = paths.filter((path) => path.endsWith('.real.test.ts'));
  const headOf = (path: string) => /^\/\*\*.*?\*\//s.exec(readFileSync(join(root, 'test', path), 'utf8'))?.[0] ?? '';
  expect(real.length).toBeGreaterThan(0);
  expect(real.filter((path) => !NEEDS.test(headOf(path)))).toEqual([]);
});

test('example tools and agents import the public names alone', () => {
  const examples = ['tools', 'examples', 'starter'].flatMap((folder) =>
    filesIn(join(root, folder)).map((file) => join(folder, file)),
  );
  expect(examples.length).toBeGreaterThan(5);
  const wrong = examples.filter((file) => /from '\.\.\/(\.\.\/)*src\//.test(readFileSync(join(root, file), 'utf8')));
  expect(wrong).toEqual([]);
});

// ---- the vendor wall ------------------------------------------------------------------------------------------------

/** Stages whose folders are vendors: `listen/pulse`. */
const VENDOR_STAGES = new Set(['listen', 'model', 'speak']);
const vendorOf = (file: string): string | undefined => {
  const [stage = '', folder = '', ...rest] = file.split('/');
  return VENDOR_STAGES.has(stage) && rest.length > 0 ? `${stage}/${folder}` : undefined;
};
const vendorFolders = [...new Set(files.flatMap((file) => vendorOf(file) ?? []))];
const vendorNames = [MODELS, VOICES, EARS].flatMap((list) => Object.keys(list));

test('a vendor has a folder, and its line in the list has the name of that', () => {
  const listed = [
    ...Object.keys(MODELS).map((name) => `model/${name}`),
    ...Object.keys(VOICES).map((name) => `speak/${name}`),
    ...Object.keys(EARS).map((name) => `listen/${name}`),
  ];
  expect(listed.sort()).toEqual(vendorFolders.sort());
});

test("a vendor's folder is entered by itself, by the list, by the services and by the stand-ins alone", () => {
  const wrong = arrows.filter(({ from, to }) => {
    const vendor = vendorOf(to);
    if (vendor === undefined || vendorOf(from) === vendor || from === 'services.ts') return false;
    if (from === 'call/vendors.ts') return to !== `${vendor}/vendor.ts`;
    return !(stageOf(from) === 'simulate' && PURE.test(to));
  });
  expect(wrong.map(shown)).toEqual([]);
});

test('a stand-in is entered by the stand-ins and by what users test with alone', () => {
  const folder = (file: string) => vendorNames.find((name) => file.startsWith(`simulate/${name}/`));
  const wrong = arrows.filter(({ from, to }) => folder(to) && !['simulate', 'testing'].includes(stageOf(from)));
  expect(wrong.map(shown)).toEqual([]);
});

test('no file beside these names a vendor in its code: it asks the list', () => {
  const name = new RegExp(vendorNames.join('|'), 'i');
  const mayName = (file: string) =>
    vendorOf(file) !== undefined ||
    ['call/vendors.ts', 'services.ts'].includes(file) ||
    ['simulate', 'testing'].includes(stageOf(file));
  const wrong = files
    .filter((file) => !mayName(file))
    .flatMap((file) => wordsOf(readFileSync(join(source, file), 'utf8')).map((word) => `${file}: ${word}`))
    .filter((found) => name.test(found.slice(found.indexOf(': '))));
  expect(wrong).toEqual([]);
});

/** Names and texts of a program, but for its comments and for sentences, which are for people. */
function wordsOf(text: string): string[] {
  const words: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) words.push(node.text);
    if (ts.isStringLiteralLike(node) && !/\s/.test(node.text)) words.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('file.ts', text, ts.ScriptTarget.Latest, true));
  return words;
}

function classesIn(text: string): { name: string; lines: number }[] {
  const parsed = ts.createSourceFile('file.ts', text, ts.ScriptTarget.Latest, true);
  const lineOf = (at: number): number => parsed.getLineAndCharacterOfPosition(at).line;
  return parsed.statements.filter(ts.isClassDeclaration).map((node) => ({
    name: node.name?.text ?? 'a class',
    lines: lineOf(node.end) - lineOf(node.getStart()) + 1,
  }));
}

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

/** Of a file of a carrier's folder. */
function carrierOf(file: string): string | undefined {
  return carriers.find((carrier) => file.startsWith(`bridge/${carrier}/`));
}

function levelOf(stage: string): number {
  return LEVELS.findIndex((level) => level.includes(stage));
}

function shown({ from, to }: Arrow): string {
  return `${from} -> ${to}`;
}
