/**
 * How JavaScript is made of Parley's source: each way in is a file, and what several of them need is a file beside them. A
 * command that read each module by itself took a quarter longer to start. `npm run build` makes the package so; the tests of
 * the command and the benchmarks make theirs in the same way.
 */
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { buildSync, type BuildOptions } from 'esbuild';

/** Modules that somebody loads by their path: the exports of the package, the command, its processes and its thread. */
export const WAYS_IN = [
  'index',
  'services',
  'testing/index',
  'evaluate/index',
  'vitest/index',
  'cli/main',
  'cli/serve-process',
  'page/worker',
].map((name) => `src/${name}.ts`);

/** The resampler's package, of which the binary goes into ours. */
const SPEEX = join(import.meta.dirname, 'node_modules/@echogarden/speex-resampler-wasm');
const SPEEX_WASM = 'wasm/speex-resampler-simd.wasm';

export interface Bundle {
  /** The folder of the package. */
  root: string;
  /** Files below it. */
  entries: readonly string[];
  /** What their places in `to` are relative to, below `root`. */
  base: string;
  to: string;
}

const WEB = 'src/console/web';
const TALK = 'src/console/talk/page/main.ts';
const FOR_BROWSERS = { bundle: true, minify: true, write: false, platform: 'browser', target: 'es2022' } as const;

function forBrowsers(entry: string, options: Partial<BuildOptions>): string {
  const built = buildSync({ ...FOR_BROWSERS, absWorkingDir: import.meta.dirname, entryPoints: [entry], ...options });
  return built.outputFiles?.[0]?.text ?? '';
}

const bundleWorklet = (): string => forBrowsers(`${WEB}/worklet/processor.ts`, { format: 'iife' });

/** The client for browsers as one module, with what renders its sound inside. @throws {Error} as `bundle` does. */
export function bundleWebClient(): string {
  const define = { PARLEY_WORKLET: JSON.stringify(bundleWorklet()) };
  return forBrowsers(`${WEB}/index.ts`, { format: 'esm', define });
}

/** What the page of `parley talk` loads: what renders its sound is a file of its own there. @throws {Error} as `bundle` does. */
export function bundleTalk(): { script: string; worklet: string } {
  const script = forBrowsers(TALK, { format: 'esm', define: { PARLEY_WORKLET: '""' } });
  return { script, worklet: bundleWorklet() };
}

/** @throws {Error} when something does not compile; what it is, is printed. */
export function bundle({ root, entries, base, to }: Bundle): void {
  const talk = bundleTalk();
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
    // texts in the package, and no files that somebody would have to bring along who bundles it (`src/lib/built.d.ts`); an
    // object would not go where it is asked for: esbuild has every way in load it
    define: {
      'import.meta.parleySpeexWasm': JSON.stringify(readFileSync(join(SPEEX, SPEEX_WASM), 'base64')),
      'import.meta.parleyWebClient': JSON.stringify(bundleWebClient()),
      'import.meta.parleyTalkScript': JSON.stringify(talk.script),
      'import.meta.parleyTalkWorklet': JSON.stringify(talk.worklet),
    },
  });
  mkdirSync(resolve(root, to), { recursive: true });
  copyFileSync(join(SPEEX, 'COPYING'), resolve(root, to, 'COPYING.speexdsp')); // as its licence asks of who hands it on
}

/** `npm run build`: before the types are made, `--clean`; behind them, without. */
if (process.argv[1] === import.meta.filename) {
  const to = join(import.meta.dirname, 'dist');
  if (process.argv.includes('--clean')) rmSync(to, { recursive: true, force: true });
  else {
    bundle({ root: import.meta.dirname, entries: WAYS_IN, base: 'src', to });
    mkdirSync(join(to, 'console/web'), { recursive: true });
    writeFileSync(join(to, 'console/web/index.js'), bundleWebClient());
  }
}
