/** The programs on the pages are good as they stand. Real time: the compiler reads all of Parley for it. */
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { readConfig } from './helpers/built-types.ts';
import { nameOf, readPages, ROOT } from './helpers/pages.ts';

/** Leaves out of its programs what the reader is to write. */
const IN_PARTS = ['docs/vendors.md'];
const whole = readPages()
  .filter(({ file }) => !IN_PARTS.includes(file))
  .flatMap(({ programs }) => programs)
  .filter((text) => /^(\/\/.*\n)?import /.test(text));

test('every whole program on a page compiles', { timeout: 120_000 }, () => {
  // as if each lay in a folder of its own beside the examples; nothing is written there
  const pathOf = (text: string, at: number) => join(ROOT, `examples/${at}`, nameOf(text) ?? 'program.ts');
  const texts = new Map(whole.map((text, at) => [pathOf(text, at), text]));
  expect(texts.size).toBeGreaterThan(3);
  const options = readConfig('tsconfig.json');
  const host = ts.createCompilerHost(options);
  host.fileExists = (path) => texts.has(path) || ts.sys.fileExists(path);
  host.readFile = (path) => texts.get(path) ?? ts.sys.readFile(path);
  host.directoryExists = () => true;
  const program = ts.createProgram([...texts.keys()], options, host);
  const problems = [...texts.keys()].flatMap((path) => {
    const source = program.getSourceFile(path);
    if (!source) return [`${path}: was not read`];
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found.map(({ messageText }) => `${path}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`);
  });
  expect(problems).toEqual([]);
});
