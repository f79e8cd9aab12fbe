/** The types of the package as whoever installs it sees them: made as the build makes them, in memory. */
import { join, resolve } from 'node:path';
import ts from 'typescript';

const ROOT = resolve(import.meta.dirname, '../../..');

export interface BuiltTypes {
  /** What the compiler has to say of them, with `skipLibCheck: false`. */
  problems(): string[];
  checker: ts.TypeChecker;
  /** By the path of its source below `src`. */
  file(name: string): ts.SourceFile;
}

export interface BuildOptions {
  /** Ways in, below `src`. Default: the library. */
  entries?: readonly string[];
  /** Packages that nobody has installed. Default: none. */
  missing?: readonly string[];
}

export function buildTypes({ entries = ['index'], missing = [] }: BuildOptions = {}): BuiltTypes {
  const options: ts.CompilerOptions = {
    ...readConfig('tsconfig.json'),
    ...readConfig('tsconfig.build.json'),
    noEmit: false,
    incremental: false,
    outDir: join(ROOT, 'dist'),
  };
  const made = new Map<string, string>();
  const source = ts.createProgram(
    entries.map((entry) => join(ROOT, `src/${entry}.ts`)),
    options,
  );
  source.emit(undefined, (name, text) => made.set(name, text), undefined, true);
  const host = ts.createCompilerHost(options);
  const isHidden = (name: string) =>
    name.startsWith(join(ROOT, 'dist')) || missing.some((one) => name.includes(`node_modules/${one}/`));
  host.fileExists = (name) => made.has(name) || (!isHidden(name) && ts.sys.fileExists(name));
  host.readFile = (name) => made.get(name) ?? ts.sys.readFile(name);
  host.directoryExists = () => true;
  const built = ts.createProgram(
    entries.map((entry) => join(ROOT, `dist/${entry}.d.ts`)),
    { ...options, noEmit: true, skipLibCheck: false },
    host,
  );
  return {
    problems: () =>
      ts
        .getPreEmitDiagnostics(built)
        .map(({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`),
    checker: built.getTypeChecker(),
    file: (name) => {
      const found = built.getSourceFile(join(ROOT, 'dist', name.replace(/\.ts$/, '.d.ts')));
      if (!found) throw new Error(`No types were made of ${name}`);
      return found;
    },
  };
}

/** The options of a `tsconfig` at the root. @throws {Error} when it cannot be read */
export function readConfig(name: string): ts.CompilerOptions {
  const host: ts.ParseConfigFileHost = {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: ({ messageText }) => {
      throw new Error(ts.flattenDiagnosticMessageText(messageText, '\n'));
    },
  };
  return ts.getParsedCommandLineOfConfigFile(join(ROOT, name), {}, host)?.options ?? {};
}
