/** The calls of tools that the model made, as the events of a call tell them. */
import type { CallEvent } from '../call/events.ts';
import type { ToolUse } from './result.ts';

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
