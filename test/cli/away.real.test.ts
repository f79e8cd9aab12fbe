/** A caller who types, or does not, on a terminal of their own: `parley chat` within one, in real seconds. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { until } from '../helpers/until.ts';
import { buildCommand, ROOT } from './helpers/build.ts';
import { temporaryFolder } from './helpers/command.ts';

const AGENT = `import { defineAgent } from 'parley-voice';
export default defineAgent({
  name: 'desk',
  instructions: 'You are a desk.',
  greeting: 'Hello.',
  turn: { awayMs: 1_000, nudges: 1 },
  phrases: { nudge: 'Are you there?', goodbye: 'Bye bye.' },
});
`;
const NUDGE = 'Are you there?';

/** `parley chat` on a terminal that util-linux makes. */
function chat(...options: string[]) {
  const file = join(temporaryFolder(), 'agent.mjs');
  writeFileSync(file, AGENT);
  const command = [process.execPath, buildCommand(), 'chat', file, ...options].map((part) => `'${part}'`).join(' ');
  const child = spawn('script', ['-qefc', command, '/dev/null'], { cwd: ROOT, stdio: 'pipe' });
  onTestFinished(() => void child.kill('SIGKILL'));
  let shown = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (shown += text));
  const ended = once(child, 'close');
  return { type: (keys: string) => child.stdin.write(keys), shown: () => shown, ended };
}

const quiet = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test.skipIf(process.platform !== 'linux')(
  'parley chat away: half a line typed is the caller speaking, and nobody is asked or hung up on',
  { timeout: 60_000 },
  async () => {
    const { type, shown, ended } = chat();
    await until('the greeting', () => shown().includes('Hello.'));
    type('half a li');
    await quiet(3_500); // three times as long as the agent is patient
    expect(shown()).not.toContain(NUDGE);
    type('\u0015'); // and all of it taken back
    await until('the nudge', () => shown().includes(NUDGE));
    await quiet(2_500);
    expect(shown()).not.toContain('Bye bye.');
    type('hello\r');
    await until('the answer', () => /agent.*\n.*first word/s.test(shown()));
    type('\u0004');
    await ended;
    expect(shown()).toContain('caller-hung-up');
  },
);

test.skipIf(process.platform !== 'linux')(
  'parley chat away: asked to, it hangs up as a call does',
  { timeout: 60_000 },
  async () => {
    const { shown, ended } = chat('--away');
    await ended;
    expect(shown()).toMatch(/Are you there\?[^]*Bye bye\.[^]*caller-away/);
  },
);
