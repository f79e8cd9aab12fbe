/**
 * A caller who types, or does not, on a terminal of their own: `parley chat` within one.
 *
 * Real time: the command is a process on a terminal, and it waits by the clock.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder, type RunningCommand } from './helpers/command.ts';
import { HAS_TERMINAL, startOnTerminal } from './helpers/terminal.ts';

const AGENT = `import { defineAgent } from 'parley-voice';
export default defineAgent({
  name: 'desk',
  instructions: 'You are a desk.',
  greeting: 'Hello.',
  turn: { awayMs: 1_000, nudges: 1 },
  phrases: { nudge: 'Are you there?', goodbye: 'Bye bye.' },
});
`;

function chat(...options: string[]): RunningCommand {
  const file = join(temporaryFolder(), 'agent.mjs');
  writeFileSync(file, AGENT);
  return startOnTerminal(['chat', file, ...options]);
}

const quiet = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test.runIf(HAS_TERMINAL)(
  'parley chat away: half a line typed is the caller speaking, and nobody is asked or hung up on',
  { timeout: 60_000 },
  async () => {
    const running = chat();
    const { stdin } = running.child;
    await running.output(/Hello\./);
    stdin.write('half a li');
    await quiet(3_500); // three times as long as the agent is patient
    expect(running.stdout).not.toContain('Are you there?');
    stdin.write('\u0015'); // and all of it taken back
    await running.output(/Are you there\?/);
    await quiet(2_500);
    expect(running.stdout).not.toContain('Bye bye.');
    stdin.write('hello\r');
    await running.output(/agent.*\n.*first word/s);
    stdin.write('\u0004');
    const { stdout } = await running.exited;
    expect(stdout).toContain('caller-hung-up');
  },
);

test.runIf(HAS_TERMINAL)('parley chat away: asked to, it hangs up as a call does', { timeout: 60_000 }, async () => {
  const { stdout } = await chat('--away').exited;
  expect(stdout).toMatch(/Are you there\?[^]*Bye bye\.[^]*caller-away/);
});
