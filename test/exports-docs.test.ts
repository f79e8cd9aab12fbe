/** What a program may use is explained where it is written, and nothing that its signatures need is kept back. */
import { join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { beforeAll, expect, test } from 'vitest';
import { readConfig } from './docs/helpers/built-types.ts';

const root = resolve(import.meta.dirname, '..');
const ENTRIES = ['src/index.ts', 'src/services.ts', 'src/testing/index.ts', 'src/evaluate/index.ts'];
/** Files whose every signature a program may have to write out: what it implements, and what it is given for that. */
const CONTRACTS =
  /\/contract\.ts$|bridge\/door\.ts$|lib\/vendor\.ts$|call\/(phone|vendors)\.ts$|worker\/start-worker\.ts$/;
/** Mentioned there, and made by nobody but Parley: a program passes them on, or reads what they hold. */
const OPAQUE = ['CallRecording', 'Choice', 'FrameClock', 'Settings'];

let program: ts.Program;
let checker: ts.TypeChecker;

beforeAll(() => {
  program = ts.createProgram(
    ENTRIES.map((entry) => join(root, entry)),
    readConfig('tsconfig.json'),
  );
  checker = program.getTypeChecker();
}, 60_000);

test.for(ENTRIES)('everything that %s exports has a doc comment', (entry) => {
  const symbols = exportsOf(entry);
  expect(symbols.length).toBeGreaterThan(5);
  const silent = symbols.filter((symbol) => symbol.getDocumentationComment(checker).length === 0);
  expect(silent.map(({ name }) => name)).toEqual([]);
});

test('what the signatures of contracts mention is exported beside them', () => {
  const symbols = exportsOf('src/index.ts');
  const known = new Set(symbols);
  const contracts = symbols.filter((symbol) => CONTRACTS.test(fileOf(symbol) ?? ''));
  expect(contracts.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['Synthesizer', 'Transcriber', 'LanguageModel', 'BridgeCall', 'Speaker', 'startWorker']),
  );
  const missing = contracts.flatMap((symbol) =>
    mentionsOf(symbol)
      .filter((other) => !known.has(other) && !OPAQUE.includes(other.name))
      .map((other) => `${symbol.name} mentions ${other.name}`),
  );
  expect([...new Set(missing)]).toEqual([]);
});

function exportsOf(entry: string): ts.Symbol[] {
  const source = program.getSourceFile(join(root, entry));
  const module = source && checker.getSymbolAtLocation(source);
  return module ? checker.getExportsOfModule(module).map(meant) : [];
}

/** What an export or an import stands for. */
function meant(symbol: ts.Symbol): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

/** From the root; undefined for what is not ours. */
function fileOf(symbol: ts.Symbol): string | undefined {
  const file = symbol.declarations?.[0]?.getSourceFile().fileName;
  const path = file === undefined ? '' : relative(root, file);
  return path.startsWith('src/') ? path : undefined;
}

/** The types of ours that the declarations name, bodies and private members left out. */
function mentionsOf(symbol: ts.Symbol): ts.Symbol[] {
  const found: ts.Symbol[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isBlock(node) || (ts.isClassElement(node) && node.name && ts.isPrivateIdentifier(node.name))) return;
    if (ts.isVariableDeclaration(node)) return node.type && visit(node.type);
    const named = ts.isTypeReferenceNode(node)
      ? node.typeName
      : ts.isExpressionWithTypeArguments(node)
        ? node.expression
        : undefined;
    const target = named && checker.getSymbolAtLocation(named);
    const type = target && meant(target);
    if (type && !(type.flags & ts.SymbolFlags.TypeParameter) && fileOf(type) !== undefined) found.push(type);
    ts.forEachChild(node, visit);
  };
  for (const declaration of symbol.declarations ?? []) visit(declaration);
  return found;
}
