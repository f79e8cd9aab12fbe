/**
 * A caller who is handed over, typed: `parley chat`.
 *
 * Real time: the command is a process.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventsOf, parley, temporaryFolder } from './helpers/command.ts';

const AGENT = `import { z } from 'zod';
import { defineAgent, defineTool, transferTo } from 'parley-voice';
export default defineAgent({
  name: 'desk',
  instructions: 'You are a desk.',
  tools: [
    defineTool({
      name: 'transfer_to_human',
      description: 'Transfers the caller to a human.',
      input: z.object({}),
      effect: 'terminal',
      run: () => transferTo('+15551230000'),
    }),
  ],
});
`;

test('transfer: chat prints the target and ends, whatever would have been said behind it', async () => {
  const file = join(temporaryFolder(), 'agent.ts');
  writeFileSync(file, AGENT);
  const input = 'transfer me to a human please\nare you there?\n';
  const shown = await parley(['chat', '--agent', file], { input });
  expect(shown.code).toBe(0);
  expect(shown.stdout).toContain('passed  on to +15551230000');
  expect(shown.stdout).toContain('nobody is called');
  expect(shown.stdout).toMatch(/end {5}transferred/);
  expect(shown.stdout).not.toContain('That is done');
  const told = eventsOf((await parley(['chat', '--agent', file, '--json'], { input })).stdout);
  expect(told.slice(-2)).toMatchObject([
    { type: 'transfer', to: '+15551230000', ok: true },
    { type: 'call-end', reason: 'transferred' },
  ]);
});
