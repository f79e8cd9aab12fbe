/**
 * What is measured is JavaScript run by plain node, as users run it: `src` and `bench` without their types, beside
 * `node_modules` so that packages are found. Types are not checked here, `npm run types` does that.
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

const ROOT = join(import.meta.dirname, '../..');
const TARGET = join(ROOT, 'node_modules/.cache/parley-bench');

const COMPILER_OPTIONS: ts.CompilerOptions = {
  module: ts.ModuleKind.ESNext,
  target: ts.ScriptTarget.ES2023,
  verbatimModuleSyntax: true,
  rewriteRelativeImportExtensions: true,
};

/** Compiles, and returns where a source file ended up. */
export function build(): (file: string) => string {
  rmSync(TARGET, { recursive: true, force: true });
  mkdirSync(TARGET, { recursive: true });
  writeFileSync(join(TARGET, 'package.json'), '{"type":"module"}\n');
  for (const folder of ['src', 'bench']) {
    for (const entry of readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) compile(join(entry.parentPath, entry.name));
    }
  }
  return (file) => compiledName(join(ROOT, file));
}

function compile(file: string): void {
  const target = compiledName(file);
  mkdirSync(dirname(target), { recursive: true });
  if (!file.endsWith('.ts') || file.endsWith('.d.ts')) return cpSync(file, target);
  const { outputText } = ts.transpileModule(readFileSync(file, 'utf8'), {
    fileName: file,
    compilerOptions: COMPILER_OPTIONS,
  });
  writeFileSync(target, outputText);
}

function compiledName(file: string): string {
  return join(TARGET, file.slice(ROOT.length)).replace(/(?<!\.d)\.ts$/, '.js');
}
