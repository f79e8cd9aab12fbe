/** The events of a call as its picture needs them: of one that is only heard, with the words that were, in the place of those that were said. */
import type { CallEvent } from '../call/events.ts';
import type { CallResult } from './result.ts';
import { eventsOf } from './scope.ts';

export function drawnEvents(call: CallResult): readonly CallEvent[] {
  if (call.visible === 'inside') return call.events;
  const starts = eventsOf(call, 'turn-start');
  const words = (call.heard ?? []).map(({ text, fromMs }): CallEvent => {
    const turn = starts.findLast(({ atMs }) => atMs <= fromMs)?.turn ?? 0;
    const { callId } = call;
    return {
      type: 'text-delta',
      callId,
      atMs: Math.round(fromMs),
      turn,
      step: undefined,
      kind: 'answer',
      delta: `${text} `,
    };
  });
  return [...call.events, ...words].sort((one, other) => one.atMs - other.atMs);
}
