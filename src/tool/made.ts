/**
 * Tools that are made of something else than code: what is wrong with them is known to whoever makes them, and told with all
 * other mistakes when they are loaded.
 */
import { fieldOf } from '../lib/thrown.ts';
import { defineTool, type ToolDefinition, type ToolInput, type ToolOptions } from './define.ts';

const CHECK = Symbol.for('parley-voice.tool-check');

/** Where tools find their secrets. */
export type ToolEnv = Readonly<Record<string, string | undefined>>;

/** One mistake, as of `ToolProblem`. */
export interface MadeProblem {
  /** Where it is, such as `['headers', 'authorization']`; empty for the whole tool. */
  path: readonly PropertyKey[];
  /** What was asked for; undefined when `got` says it all. */
  expected: string | undefined;
  got: string;
}

/** `env`: of which is looked whether it has what the tool needs; undefined when that does not matter. Never throws. */
export type MadeCheck = (env: ToolEnv | undefined) => readonly MadeProblem[];

/** A tool that has a check of its own. */
export function makeTool<Input extends ToolInput>(
  options: ToolOptions<Input>,
  check: MadeCheck,
): ToolDefinition<Input> {
  return Object.assign(defineTool(options), { [CHECK]: check });
}

/** What its own check finds; nothing where it has none. */
export function madeProblems(definition: ToolDefinition, env: ToolEnv | undefined): readonly MadeProblem[] {
  const check = fieldOf(definition, CHECK);
  return typeof check === 'function' ? (check as MadeCheck)(env) : [];
}
