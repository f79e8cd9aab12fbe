/** Every example runs in one command, as its first lines say. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startElectronSimulator, type ElectronSimulator } from 'parley-voice/testing';

const root = join(import.meta.dirname, '..', '..');
const run = promisify(execFile);
const environment = { PATH: process.env['PATH'], HOME: process.env['HOME'], NO_COLOR: '1' };

async function runExample(file: string, args: string[] = [], env: Record<string, string> = {}) {
  const command = [join(root, 'node_modules', 'tsx', 'dist', 'cli.mjs'), join('examples', file), ...args];
  return run(process.execPath, command, { cwd: root, env: { ...environment, ...env }, timeout: 50_000 });
}

describe.concurrent('examples', () => {
  let simulator: ElectronSimulator;
  beforeAll(async () => {
    simulator = await startElectronSimulator();
  });
  afterAll(() => simulator.close());

  test('embed.ts answers with the weather, and says what ran and how the call ended', async () => {
    const { stdout } = await runExample('embed.ts');
    expect(stdout).toMatch(/sunny/i);
    expect(stdout).toMatch(/weather/);
    expect(stdout).toContain('promptTokens');
  });

  test('any-server.ts talks to any OpenAI-compatible server, and says what it needs when it is not told', async () => {
    const { stdout } = await runExample('any-server.ts', ['Hello there.'], {
      OPENAI_BASE_URL: simulator.url,
      OPENAI_API_KEY: 'sk_simulated',
      OPENAI_MODEL: 'electron',
    });
    expect(stdout.trim().length).toBeGreaterThan(5);
    await expect(runExample('any-server.ts')).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('OPENAI_BASE_URL') as string,
    });
  });

  test('clinic.ts is an agent that finds, books and says goodbye', async () => {
    const child = execFile(
      process.execPath,
      [
        join(root, 'node_modules', 'tsx', 'dist', 'cli.mjs'),
        'src/cli/main.ts',
        'chat',
        '--json',
        '--agent',
        'examples/clinic.ts',
      ],
      { cwd: root, env: environment },
    );
    let output = '';
    child.stdout?.on('data', (text: string) => (output += text));
    child.stdin?.end(
      "Which appointments are free tomorrow?\nPlease book ten o'clock tomorrow for Ada Lovelace.\nNo thank you, goodbye.\n",
    );
    const code = await new Promise((resolve) => child.on('close', resolve));
    const events = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const tools = events.filter(({ type }) => type === 'tool-end').map(({ name, ok }) => [name, ok]);
    expect(code).toBe(0);
    expect(tools).toContainEqual(['end_call', true]);
    expect(events.at(-1)).toMatchObject({ type: 'call-end', reason: 'agent-hung-up' });
  });
});
