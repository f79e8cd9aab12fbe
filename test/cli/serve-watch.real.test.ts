/**
 * `parley serve --watch` as an operator runs it: in one process, and in several, of which each follows the files.
 *
 * Real time: the system tells of files that change.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { understand } from '../../src/testing/phone.ts';
import { createFolder } from '../helpers/folder.ts';
import { until } from '../helpers/until.ts';
import { plan } from './helpers/processes.ts';
import { dial, logOf, serve, WAIT_MS } from './helpers/serving.ts';

const planned = plan();
const agent = (greeting: string) =>
  `export default { name: 'desk', instructions: 'Answer the phone.', greeting: '${greeting}' };\n`;

const cleanups: (() => void)[] = [];
afterAll(() => cleanups.forEach((clean) => clean()));

/** What is heard by the first caller, and by one behind a change and a mistake. */
async function changed(processes: number) {
  const { path, remove } = createFolder({ 'agent.ts': agent('One.') });
  cleanups.push(remove);
  const file = join(path, 'agent.ts');
  const serving = await serve(['--simulate', '--watch', '--processes', String(processes)], {}, file);
  const told = (msg: string, times: number) =>
    until(`"${msg}" of ${times}`, () => serving.output().split(msg).length > times, WAIT_MS);
  const heard = async () => {
    const caller = await dial(serving.url);
    await caller.waitForSpeech({ fromMs: 0 });
    await caller.waitForSilence({ forMs: 300 });
    await caller.hangUp();
    return understand(caller.heard)
      .map(({ text }) => text)
      .join(' ');
  };
  const before = await heard();
  writeFileSync(file, agent('Two.'));
  await told('the next call has it', processes);
  const after = await Promise.all(Array.from({ length: 2 * processes }, heard));
  writeFileSync(file, `${agent('Three.')}export const = 3;\n`);
  await told('the last good one answers', processes);
  const broken = await heard();
  serving.child.kill('SIGTERM');
  const result = await serving.exited;
  return { before, after, broken, code: result.code, lines: logOf(result) };
}

describe('parley serve --watch', { timeout: 120_000 }, () => {
  const runs = [1, 2].map((processes) => ({ processes, run: planned(() => changed(processes)) }));

  test.each(runs)('with $processes process(es) the next call has the new agent', async ({ processes, run }) => {
    const { before, after, broken, code, lines } = await run();
    expect(before).toBe('One.');
    expect(after).toEqual(Array.from({ length: 2 * processes }, () => 'Two.'));
    expect([broken, code]).toEqual(['Two.', 0]);
    const faults = lines.filter(({ msg }) => String(msg).includes('the last good one answers'));
    expect(faults).toHaveLength(processes);
    expect(faults[0]).toMatchObject({ line: 2, version: 2, file: expect.stringMatching(/agent\.ts$/) as string });
  });
});
