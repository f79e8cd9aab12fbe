/** The calls of tools that the model made, as the events of a call tell them. */
import type { Agent } from '../call/agent.ts';
import type { CallEvent } from '../call/events.ts';
import { wholeTeam } from '../call/team.ts';
import type { Toolbox, ToolFacts } from '../tool/contract.ts';
import type { ToolUse } from './result.ts';

/** All that an agent and its team can call, those of their tasks included; of one name several where several have it. */
export function toolFactsOf(agent: Agent): ToolFacts[] {
  const factsIn = (toolbox: Toolbox | undefined): ToolFacts[] =>
    (toolbox?.facts ?? []).flatMap((one) => [one, ...(one.isTask ? factsIn(toolbox?.ofTask(one.name)) : [])]);
  return wholeTeam(agent).flatMap(({ toolbox }) => factsIn(toolbox));
}

/** Whether silence is the caller's while it runs. A task waits for them as well, but speaks in between. */
export const leavesSilence = ({ waitsForCaller, isTask }: Pick<ToolFacts, 'waitsForCaller' | 'isTask'>): boolean =>
  waitsForCaller === true && isTask !== true;

/** In the order in which they began. */
export function toolUsesIn(events: readonly CallEvent[]): ToolUse[] {
  const uses: ToolUse[] = [];
  for (const event of events) {
    if (event.type === 'tool-start') {
      const { turn, step, id, name, effect, atMs } = event;
      uses.push({ turn, step, id, name, arguments: event.arguments, effect, fromMs: atMs });
    } else if (event.type === 'tool-end') {
      const use = uses.findLast(({ id, toMs }) => id === event.id && toMs === undefined);
      if (!use) continue;
      Object.assign(use, endOf(event));
      use.fromMs = Math.min(use.fromMs, event.atMs - event.durationMs); // what reads may run before its turn is sure
    }
  }
  return uses;
}

function endOf({
  atMs,
  ok,
  result,
  error,
  failure,
  isLate,
}: Extract<CallEvent, { type: 'tool-end' }>): Partial<ToolUse> {
  return {
    ...{ toMs: atMs, ok },
    ...(result !== undefined && { result }),
    ...(error !== undefined && { error }),
    ...(failure && { failure }),
    ...(isLate && { isLate }),
  };
}
