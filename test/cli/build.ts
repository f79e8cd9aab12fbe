/**
 * The command as it is shipped: plain JavaScript, made of the source once for all tests that have the same source.
 * A loader would do the same for every process anew, at several times the price.
 */
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import ts from 'typescript';

export const ROOT = resolve(import.meta.dirname, '../..');
const BUILDS = join(ROOT, 'node_modules/.cache/parley-command');

const KEPT_MS = 600_000;

let main: string | undefined;

/** The path of its `main.js`. */
export function builtCommand(): string {
  return (main ??= build());
}

function build(): string {
  const source = join(ROOT, 'src');
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .sort();
  const texts = files.map((name) => readFileSync(join(source, name), 'utf8'));
  const hash = createHash('sha256')
    .update(JSON.stringify([files, texts]))
    .digest('hex')
    .slice(0, 16);
  const folder = join(BUILDS, hash);
  const built = join(folder, 'dist/cli/main.js');
  if (existsSync(built)) return built;
  const making = `${folder}-${process.pid}`;
  for (const [index, name] of files.entries()) {
    const file = join(making, 'dist', name.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, toJavaScript(texts[index] ?? ''));
  }
  cpSync(join(ROOT, 'package.json'), join(making, 'package.json'));
  moveInto(making, folder);
  removeOthers(hash);
  return built;
}

function toJavaScript(text: string): string {
  const compilerOptions = {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.ESNext,
    verbatimModuleSyntax: true,
    rewriteRelativeImportExtensions: true,
  };
  return ts.transpileModule(text, { compilerOptions }).outputText;
}

/** Another process may have been faster. */
function moveInto(making: string, folder: string): void {
  try {
    renameSync(making, folder);
  } catch {
    rmSync(making, { recursive: true, force: true });
  }
}

/** Those of older source; not one that somebody may be running. */
function removeOthers(hash: string): void {
  for (const name of readdirSync(BUILDS)) {
    const folder = join(BUILDS, name);
    const ageMs = Date.now() - statSync(folder).mtimeMs;
    if (name !== hash && ageMs > KEPT_MS) rmSync(folder, { recursive: true, force: true });
  }
}
