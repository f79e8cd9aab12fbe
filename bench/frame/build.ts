/**
 * What is measured is JavaScript run by plain node, as users run it: `src` and `bench` without their types, beside
 * `node_modules` so that packages are found; module by module, so that profiles tell where time goes, and in `dist` the
 * package as it is shipped, for what is measured of its loading. Types are not checked here, `npm run types` does that.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { bundle, WAYS_IN } from '../../bundle.config.ts';

const ROOT = join(import.meta.dirname, '../..');

const COMPILER_OPTIONS: ts.CompilerOptions = {
  module: ts.ModuleKind.ESNext,
  target: ts.ScriptTarget.ES2023,
  verbatimModuleSyntax: true,
  rewriteRelativeImportExtensions: true,
};

/**
 * Compiles into a folder of this run's own, gone when the process ends; returns where a source file ended up.
 * @param root Of Parley's source, with its packages installed. Default: this one.
 */
export function build(root = ROOT): (file: string) => string {
  const cache = join(root, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'parley-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  cpSync(join(root, 'package.json'), join(folder, 'package.json'));
  for (const part of ['src', 'bench']) {
    for (const entry of readdirSync(join(root, part), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const file = join(entry.parentPath, entry.name);
      compile(file, compiledName(folder, file.slice(root.length)));
    }
  }
  const entries = WAYS_IN.filter((file) => existsSync(join(root, file)));
  bundle({ root, entries, base: 'src', to: join(folder, 'dist') });
  return (file) => compiledName(folder, file);
}

function compile(file: string, target: string): void {
  mkdirSync(dirname(target), { recursive: true });
  if (!file.endsWith('.ts') || file.endsWith('.d.ts')) return cpSync(file, target);
  const { outputText } = ts.transpileModule(readFileSync(file, 'utf8'), {
    fileName: file,
    compilerOptions: COMPILER_OPTIONS,
  });
  writeFileSync(target, outputText);
}

function compiledName(folder: string, file: string): string {
  return join(folder, file).replace(/(?<!\.d)\.ts$/, '.js');
}
