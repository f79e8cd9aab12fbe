/** A runner on a virtual clock, with what it reported written down. */
import { VirtualClock } from '../../../src/lib/clock.ts';
import type { Log } from '../../../src/lib/log.ts';
import { pino } from 'pino';
import type { ToolOutcome, ToolRunner, ToolRunnerOptions } from '../../../src/tool/contract.ts';
import type { ToolDefinition } from '../../../src/tool/define.ts';
import { createToolbox } from '../../../src/tool/toolbox.ts';

export interface Settled {
  callId: string;
  outcome: ToolOutcome;
  durationMs: number;
}

export interface Bench {
  runner: ToolRunner;
  clock: VirtualClock;
  settled: Settled[];
  progress: string[];
  /** Log lines, parsed. */
  lines: Record<string, unknown>[];
  /** Runs tool `name` and hands back its call id. */
  call: (name: string, args?: unknown, id?: string) => string;
  /** The outcome of the call, once everything that is due now has happened. */
  outcome: (id: string) => Promise<ToolOutcome | undefined>;
}

export const caller = { carrierCallId: 'CA1', from: '+15550100', to: '+15550199', parameters: {} };

export function createBench(tools: readonly ToolDefinition[], options: Partial<ToolRunnerOptions> = {}): Bench {
  const clock = new VirtualClock();
  const settled: Settled[] = [];
  const progress: string[] = [];
  const lines: Record<string, unknown>[] = [];
  const log: Log = pino(
    { base: null, level: 'trace' },
    { write: (line: string) => lines.push(JSON.parse(line) as Record<string, unknown>) },
  );
  const runner = createToolbox(tools, { env: { ORDERS_URL: 'http://orders' }, log }).runner({
    callId: 'call-7',
    caller,
    clock,
    listener: {
      settled: (callId, outcome, durationMs) => settled.push({ callId, outcome, durationMs }),
      progress: (callId, text) => progress.push(`${callId}: ${text}`),
    },
    ...options,
  });
  let count = 0;
  return {
    runner,
    clock,
    settled,
    progress,
    lines,
    call(name, args = {}, id = `t${++count}`) {
      runner.run({ id, name, arguments: typeof args === 'string' ? args : JSON.stringify(args) }, 1);
      return id;
    },
    async outcome(id) {
      await flush();
      return settled.find(({ callId }) => callId === id)?.outcome;
    },
  };
}

/** Lets every promise that is ready run its course. */
export const flush = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A promise that the test settles. */
export function gate<T = unknown>(): { promise: Promise<T>; open: (value: T) => void; fail: (error: unknown) => void } {
  let open!: (value: T) => void;
  let fail!: (error: unknown) => void;
  const promise = new Promise<T>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  return { promise, open, fail };
}
