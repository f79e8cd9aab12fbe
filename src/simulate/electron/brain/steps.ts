/** What to do about a wish: call its tool, call another one that it needs first, ask for what is missing, or ask for a yes. */
import type { Tool, Parameter } from './tool.ts';
import { fill, type Sources } from './fill.ts';
import { meaningsInName, stem } from './words.ts';

interface Wish {
  tool: Tool;
  isConfirmed: boolean;
}

export type Step =
  | { type: 'call'; tool: Tool; calls: Record<string, unknown>[] }
  | { type: 'ask'; tool: Tool; parameter: Parameter }
  | { type: 'confirm'; tool: Tool; arguments: Record<string, unknown>; parameter?: undefined };

/** `instructions` may ask for a yes before anything is changed. */
export function stepFor(wish: Wish, sources: Sources, tools: readonly Tool[], instructions: string): Step {
  const filled = fill(wish.tool, sources);
  const [missing] = filled.missing;
  if (!missing) {
    if (wish.tool.isWrite && !wish.isConfirmed && asksForYes(instructions))
      return { type: 'confirm', tool: wish.tool, arguments: filled.arguments };
    return {
      type: 'call',
      tool: wish.tool,
      calls: [filled.arguments, ...(wish.tool.isWrite ? [] : filled.alternatives)],
    };
  }
  return stepTowards(wish.tool, filled.missing, sources, tools) ?? { type: 'ask', tool: wish.tool, parameter: missing };
}

/** The question that `stepFor` would ask, or `undefined` when it would call. */
export function questionFor(
  wish: Wish,
  sources: Sources,
  tools: readonly Tool[],
  instructions: string,
): Exclude<Step, { type: 'call' }> | undefined {
  const step = stepFor(wish, sources, tools, instructions);
  return step.type === 'call' ? undefined : step;
}

/** Nobody knows an id by heart: a tool that finds one goes first, once. */
function stepTowards(
  tool: Tool,
  missing: readonly Parameter[],
  sources: Sources,
  tools: readonly Tool[],
): Step | undefined {
  const unknowable = missing.find(({ words, kind }) => kind === 'code' && isInternal(words, tool, tools));
  if (!unknowable) return undefined;
  const finder = tools.find((other) => isFinderOf(other, tool, unknowable));
  if (!finder || sources.calledNow?.includes(finder.name)) return undefined;
  const filled = fill(finder, sources);
  const [unknown] = filled.missing;
  return unknown
    ? { type: 'ask', tool: finder, parameter: unknown }
    : { type: 'call', tool: finder, calls: [filled.arguments] };
}

/** An id, or a thing that another tool is there to find. */
function isInternal(words: readonly string[], tool: Tool, tools: readonly Tool[]): boolean {
  return (
    words.at(-1) === 'id' ||
    tools.some((other) => !other.isWrite && other !== tool && other.words.map(stem).includes(stem(words[0] ?? '')))
  );
}

function isFinderOf(other: Tool, tool: Tool, parameter: Parameter): boolean {
  if (other === tool || other.isWrite || other.endsCall) return false;
  const nouns = new Set([...meaningsInName(tool.name), ...meaningsInName(parameter.name)]);
  return [...meaningsInName(other.name)].some((meaning) => nouns.has(meaning) && meaning !== 'find');
}

function asksForYes(instructions: string): boolean {
  return instructions
    .split(/(?<=[.!?])\s+|\n/)
    .some(
      (sentence) =>
        /\b(?:confirm|confirmation|read (?:it|them|everything|the \w+) back|repeat the details)\b/i.test(sentence) &&
        /\bbefore\b/i.test(sentence),
    );
}
