/** The tools of one call: what is run for it, and what comes of that as events of its machine. */
import type { CallerFacts } from '../bridge/contract.ts';
import type { Log } from '../lib/log.ts';
import type { ConverseFor, ToolFault, ToolRunner } from '../tool/contract.ts';
import type { TurnEvent } from '../turn/contract.ts';
import type { CallOptions } from './options.ts';

export interface ToolRunsParts {
  /** Of the call. */
  id: string;
  caller: CallerFacts;
  log: Log;
  reveal: (text: string) => string;
  feed: (event: TurnEvent) => void;
  failed: (fault: ToolFault) => void;
  converse: ConverseFor;
}

export function toolRunsOf(
  { agent, medium, clock }: Pick<CallOptions, 'agent' | 'medium' | 'clock'>,
  { id, caller, log, reveal, feed, failed, converse }: ToolRunsParts,
): ToolRunner {
  return agent.toolbox.runner({
    callId: id,
    caller,
    line: medium.line,
    clock,
    log,
    dedupeMs: agent.machine.turn.dedupeMs,
    converse,
    reveal,
    listener: {
      settled: (callId, outcome, durationMs) =>
        feed({ type: 'tool-settled', callId, outcome, durationMs: Math.round(durationMs) }),
      progress: (callId, text) => feed({ type: 'tool-progress', callId, text }),
      failed,
    },
  });
}
