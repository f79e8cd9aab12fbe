/**
 * Tools from elsewhere: what stands in an agent's `tools` and makes some once it is loaded, such as a server that lists
 * them or a folder that is searched. They may be other ones later, for the next call. Branded as tools are, so that a second
 * copy of this package in the process still fits.
 */
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import { fieldOf } from '../lib/thrown.ts';
import type { ToolProblem } from './check.ts';
import type { ToolDefinition } from './define.ts';

const ORIGIN = Symbol.for('parley-voice.tool-origin');

/** Where an agent is loaded. */
export interface OriginPlace {
  /** The folder that paths are relative to: that of the agent file. Absolute. */
  from: string;
  log: Log;
  clock: Clock;
  env: Readonly<Record<string, string | undefined>>;
}

/** What came of it. */
export interface OpenedOrigin {
  /** Those that it has now. The same list until it changes. */
  readonly tools: readonly ToolDefinition[];
  /** Mistakes of whoever wrote it: the agent is not valid with them. */
  readonly problems: readonly OriginProblem[];
  /** What keeps tools away and is nobody's mistake, such as a server that is down; each a sentence for `parley check`. */
  readonly troubles?: readonly string[] | undefined;
  /** What was left out, such as a file that cannot be read; each a sentence for `parley check`. */
  readonly notices?: readonly string[] | undefined;
  /** Of what it was made, to be followed where agents are loaded anew; absolute paths. Default: of nothing that is not followed. */
  readonly files?: readonly string[] | undefined;
  /** What it is, for `parley check`: `knowledge: 3 files, 40 passages`. */
  readonly summary: string;
  /** Calls `told` whenever `tools` are others. Returns what ends that. */
  onChange?(told: () => void): () => void;
  /** Lets go of all that it holds. Safe to call twice. */
  close(): Promise<void> | void;
}

/** A mistake, as of a tool's field. */
export type OriginProblem = Pick<ToolProblem, 'field' | 'expected' | 'got'> & { tool?: string | undefined };

/** Tools that are made once an agent is loaded: what `mcp` and `knowledge` give. */
export interface ToolOrigin {
  /** What it is called in messages, such as `mcp https://tools.example.com/mcp`. */
  readonly name: string;
  /** Parley's own business. */
  readonly [ORIGIN]: unknown;
}

type Open = (place: OriginPlace) => Promise<OpenedOrigin>;

/** `open` tells of mistakes in what it gives, and does not throw for them. */
export function toolOrigin(name: string, open: Open): ToolOrigin {
  return { name, [ORIGIN]: open };
}

export function isToolOrigin(value: unknown): value is ToolOrigin {
  return typeof value === 'object' && value !== null && typeof fieldOf(value, ORIGIN) === 'function';
}

/** Rejects with what its maker throws. */
export async function openOrigin(origin: ToolOrigin, place: OriginPlace): Promise<OpenedOrigin> {
  return (origin[ORIGIN] as Open)(place);
}
