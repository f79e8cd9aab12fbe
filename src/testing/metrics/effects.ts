/**
 * Effects: what a `write` has done, per tool and arguments, or what says that it only reads and has changed the world. Twice is
 * a double, whatever led to it: a cut-in, a retry, a call that the model made again, a handler that went on after it was told
 * to stop.
 */
import type { Message } from '../../model/contract.ts';
import { TASK_ENDS } from '../../tool/task.ts';
import { canonical } from '../values.ts';
import type { CallResult, ToolRun, ToolUse } from '../result.ts';
import { isIn, type Scope } from '../scope.ts';

export interface Effect {
  name: string;
  arguments: Record<string, unknown>;
  /** When each run of it began. */
  atMs: number[];
}

/** What was done, each with all its runs; in the order in which it was first begun. */
export function effectsIn(scope: Scope): Effect[] {
  const effects = new Map<string, Effect>();
  for (const { name, arguments: given, fromMs } of doneIn(scope.call)) {
    if (!isIn(scope, fromMs)) continue;
    const key = `${name} ${canonical(given)}`;
    const effect = effects.get(key) ?? { name, arguments: given, atMs: [] };
    effect.atMs.push(fromMs);
    effects.set(key, effect);
  }
  return [...effects.values()];
}

type Done = Pick<ToolRun, 'name' | 'arguments' | 'fromMs'>;

/** Runs where somebody stood before the handlers; else the calls that were answered by one, as far as their results tell. */
function doneIn(call: CallResult): Done[] {
  const { runs, tools } = call;
  if (runs) return runs.filter((run) => (run.effect === 'write' ? run.isDone : hasChangedWorld(run, call)));
  return tools.filter((tool) => tool.effect === 'write' && tool.ok === true && !isFromJournal(tool));
}

/** Also one that has failed afterwards. Undefined worlds are as they were. */
function hasChangedWorld({ name, effect, toMs }: ToolRun, { world = [] }: CallResult): boolean {
  const index = world.findIndex((look) => look.tool === name && look.atMs === toMs);
  const [before, after] = [world[index - 1], world[index]];
  if (effect !== 'read' || !before || !after) return false;
  return canonical(before.state) !== canonical(after.state);
}

/** What the model reads where two equal calls became one run (R15). */
const isFromJournal = ({ result }: ToolUse): boolean => JSON.stringify(result ?? '').includes('done once, not twice');

/** A result that the model was told of never, or more than once, though it was asked again afterwards. */
export interface MistoldResult {
  tool: ToolUse;
  times: number;
}

/** Of the writes that ended before the last request went out. */
export function mistoldIn({ call, turn }: Scope): MistoldResult[] {
  return call.tools.flatMap((tool) => {
    const { toMs } = tool;
    if (
      tool.effect !== 'write' ||
      toMs === undefined ||
      hasEndedTask(tool, call) ||
      (turn !== undefined && tool.turn !== turn)
    )
      return [];
    const after = call.requests.filter(({ atMs }) => atMs >= toMs);
    if (after.length === 0) return [];
    // old messages are dropped from a long call
    const times = Math.max(...after.map(({ messages }) => messages.filter((message) => tells(message, tool)).length));
    return times === 1 ? [] : [{ tool, times }];
  });
}

/** R28: with its result a task is over, and so is the model's part that would have read it. */
const hasEndedTask = ({ name, toMs }: ToolUse, { events }: CallResult): boolean =>
  TASK_ENDS.has(name) && events.some(({ type, atMs }) => type === 'task-end' && atMs === toMs);

/** The answer to the call itself, once it is one, or the note that brings it later (R14). */
function tells(message: Message, { id, name }: ToolUse): boolean {
  if (message.role === 'tool') return message.tool_call_id === id && !message.content.includes('"status":"running"');
  return message.role === 'system' && message.content.startsWith(`Result of ${name} (${id})`);
}
