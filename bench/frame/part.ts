/**
 * A part of the bench: one file in `bench/parts/`, whose default export measures something and says what it found. A new
 * part needs nothing but its file; `npm run bench -- NAME` runs it alone.
 */

export interface Part {
  /** Of the part's command line argument and its section in `RESULTS.md`. */
  readonly name: string;
  readonly title: string;
  /** Parts run in this order. */
  readonly order: number;
  /** What was expected before anything was measured, by the `what` of the checks. */
  readonly predictions: Readonly<Record<string, string>>;
  readonly run: (context: PartContext) => Promise<PartResult>;
}

export interface PartContext {
  /** Where a file of the project lies once it is compiled: `bench/text/server.ts` to its JavaScript. */
  built: (file: string) => string;
  /** `--against`: the same of another Parley's source. */
  builtBefore?: ((file: string) => string) | undefined;
  /** `--calls`: how many calls at once to try. */
  calls?: number[] | undefined;
  /** `--seconds` and `--lines`: how long part `lines` measures each line, and which beside Twilio's. Default: 60, all. */
  seconds?: number | undefined;
  lines?: readonly string[] | undefined;
  /** Of part `turns`: which turns, and what is other than by default. */
  turns?: TurnsOptions | undefined;
  /** Says how far it is; overwritten by the next. */
  progress: (text: string) => void;
}

/** `--turns`, `--lag`, `--vad` and `--endpoint`. */
export interface TurnsOptions {
  /** Default: those that are shared, or else our own. */
  file?: string;
  /** The transcriber is so many milliseconds later than documented. */
  lagMs?: number;
  /** It tells its own voice activity as well. */
  hasVad?: boolean;
  /** Fields of the agent's `turn`. */
  turn?: Readonly<Record<string, number>>;
}

export interface PartResult {
  /** How it was measured, in a sentence or two. */
  method: string;
  checks: Check[];
  tables: Table[];
  /** What the reader should know about this very run. */
  notes: string[];
  /** The run in one line, for the list of runs. */
  headline: string;
}

/** One number of the design against what was measured. */
export interface Check {
  what: string;
  target: string;
  measured: string;
  /** Undefined: there is no target, it is only told. */
  isMet: boolean | undefined;
}

export interface Table {
  title: string;
  columns: string[];
  rows: string[][];
}
