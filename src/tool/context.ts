/** What one run hands to its handler. */
import type { CallerFacts } from '../bridge/contract.ts';
import type { Log } from '../lib/log.ts';
import { outsideTools } from './blame.ts';
import type { CallLine, ConverseFor } from './contract.ts';
import type { ToolContext } from './define.ts';
import { CONVERSE, type Converse } from './task.ts';

/** The part that is the same for every tool of a call. */
export interface CallContext {
  callId: string;
  caller: CallerFacts;
  env: Readonly<Record<string, string | undefined>>;
  state: Record<string, unknown>;
  line: CallLine;
  log: Log;
  /** R28: undefined where no task can have its conversation. */
  converse?: ConverseFor | undefined;
}

export interface RunFacts {
  tool: string;
  toolCallId: string;
  turn: number;
  idempotencyKey: string;
  signal: AbortSignal;
  /** Given on in a later microtask, never within the call of the handler. */
  progress: (text: string) => void;
}

export function createContext(call: CallContext, run: RunFacts): ToolContext {
  const { tool, toolCallId, turn, idempotencyKey, signal } = run;
  let log: Log | undefined; // most handlers never log
  return {
    signal,
    callId: call.callId,
    carrierCallId: call.caller.carrierCallId || undefined,
    turn,
    idempotencyKey,
    caller: call.caller,
    get log() {
      return (log ??= call.log.child({ tool, toolCallId, turn }));
    },
    env: call.env,
    state: call.state,
    line: call.line,
    progress: (text) => {
      if (typeof text !== 'string' || text.trim() === '') return;
      outsideTools(() => queueMicrotask(() => run.progress(text)));
    },
    get [CONVERSE](): Converse | undefined {
      const { converse } = call;
      return converse && ((task, input) => converse({ callId: toolCallId, name: tool }, task, input));
    },
  } as ToolContext;
}
