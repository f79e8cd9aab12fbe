/**
 * How JavaScript is made of Parley's source: each way in is a file, and what several of them need is a file beside them. A
 * command that read each module by itself took a quarter longer to start. `npm run build` makes the package so; the tests of
 * the command and the benchmarks make theirs in the same way.
 */
import { buildSync } from 'esbuild';

/** Modules that somebody loads by their path: the exports of the package, the command, its processes and its thread. */
export const WAYS_IN = ['index', 'services', 'testing/index', 'cli/main', 'cli/serve-process', 'page/worker'].map(
  (name) => `src/${name}.ts`,
);

export interface Bundle {
  /** The folder of the package. */
  root: string;
  /** Files below it. */
  entries: readonly string[];
  /** What their places in `to` are relative to, below `root`. */
  base: string;
  to: string;
}

/** @throws {Error} when something does not compile; what it is, is printed. */
export function bundle({ root, entries, base, to }: Bundle): void {
  buildSync({
    absWorkingDir: root,
    entryPoints: [...entries],
    outbase: base,
    outdir: to,
    chunkNames: 'shared/[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    packages: 'external', // as they are installed; `parley-voice` itself is found by its name
  });
}

if (process.argv[1] === import.meta.filename) {
  bundle({ root: import.meta.dirname, entries: WAYS_IN, base: 'src', to: 'dist' });
}
