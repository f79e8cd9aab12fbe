/** What is talked about in a whole call, whatever line it comes by: what the caller may say, and what the agent does then. */
import { z } from 'zod';
import { endCall, sendDigits } from '../../../src/tool/builtin/index.ts';
import { defineTool } from '../../../src/tool/define.ts';
import { PUBLIC_URL, withStandIns, type TestWorker } from '../../helpers/worker.ts';

export const STORY =
  'Once upon a time there was a lighthouse by the sea, and nobody knew who had lit its lamp that night.';

const hours = defineTool({
  ...{ name: 'look_up_hours', description: 'Finds the hours.', effect: 'read' as const, input: z.object({}) },
  run: async () => ({ open: 'nine' }),
});

/** To be called once in a file. Starts a worker of these settings whose agent knows the answers. */
export function withTalkingAgent(): (env: Record<string, string>) => Promise<TestWorker> {
  const start = withStandIns([
    { when: 'hours', call: { name: 'look_up_hours' } },
    { after: 'look_up_hours', say: 'We open at nine.' },
    { when: 'story', say: STORY },
    { when: 'stop', say: 'All right.' },
    { when: 'press', call: { name: 'send_digits', arguments: { digits: '12#' } } },
    { when: 'goodbye', say: 'Bye.', call: { name: 'end_call' } },
    { after: '.', say: 'Done.' },
  ]);
  return (env) =>
    start(
      { PARLEY_PUBLIC_URL: PUBLIC_URL, ...env },
      { agent: { tools: [hours, sendDigits, endCall], turn: { silenceMs: 6_000 } } },
    );
}
