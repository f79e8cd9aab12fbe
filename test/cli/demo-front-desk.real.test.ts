/**
 * `parley demo front-desk` as a process: the whole call, its page and its sound, and nothing to install or to sign up for.
 *
 * Real time: the command is a process.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { loadAgent } from '../../src/call/agent.ts';
import { follow } from '../../src/evaluate/follow/follow.ts';
import { readRecording } from '../../src/evaluate/recording.ts';
import { ROOT } from './helpers/build.ts';
import { temporaryFolder } from './helpers/command.ts';

/** It looks for its example beside its source, so it is the source that runs. */
async function demo(record: string) {
  const args = ['tsx', 'src/cli/main.ts', 'demo', 'front-desk', '--record', record];
  const child = spawn('npx', args, { cwd: ROOT, stdio: 'pipe' });
  onTestFinished(() => void child.kill('SIGKILL'));
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

test(
  'demo front-desk: three agents have the caller, and then a person on a second line',
  { timeout: 120_000 },
  async () => {
    const record = temporaryFolder();
    const { code, stdout, stderr } = await demo(record);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const who of ['billing', 'booking', 'reception']) expect(stdout).toContain(`${who} has the caller`);
    expect(stdout).toMatch(
      /< find_bill.*80 euros.*< take_visit.*Asha Rao.*< book_time.*behind the house.*passed {2}on to/s,
    );
    expect(stdout).not.toMatch(/^ *\d+\.\d\d +! /m);
    const folder = join(record, 'front-desk/calls/001-001');
    expect(['call.html', 'call.wav'].filter((name) => !existsSync(join(folder, name)))).toEqual([]);
    const agent = await loadAgent('examples/front-desk/reception.ts', { mayLackEnv: true });
    onTestFinished(() => agent.close());
    const { divergence, recorded } = follow(await readRecording(folder), agent);
    expect(divergence).toBeUndefined();
    expect(recorded.events.at(-1)).toMatchObject({ type: 'call-end', reason: 'transferred' });
  },
);
