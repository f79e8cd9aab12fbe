/** One call of one tool in real time, as a phone call of the model's makes it. */
import type { ToolOutcome } from '../../../src/tool/contract.ts';
import type { LoadedTool } from '../../../src/tool/check.ts';
import { createToolbox } from '../../../src/tool/toolbox.ts';
import { caller } from './runner.ts';

export interface RanOnce {
  outcome: ToolOutcome;
  /** What the model reads, as data. */
  result: unknown;
  progress: string[];
}

export interface RunOptions {
  name: string;
  input?: unknown;
  /** Cancels it when it first tells of its progress. Default: it runs to its end. */
  isCancelled?: boolean | undefined;
}

export function runOne(
  tools: readonly LoadedTool[],
  { name, input = {}, isCancelled = false }: RunOptions,
): Promise<RanOnce> {
  const progress: string[] = [];
  return new Promise((resolve) => {
    const runner = createToolbox(tools).runner({
      ...{ callId: 'call-7', caller },
      listener: {
        settled: (_, outcome) => resolve({ outcome, result: JSON.parse(outcome.content) as unknown, progress }),
        progress: (_, text) => {
          progress.push(text);
          if (isCancelled) runner.cancel('t1');
        },
      },
    });
    runner.run({ id: 't1', name, arguments: JSON.stringify(input) }, 1);
  });
}
