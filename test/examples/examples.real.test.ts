/**
 * Every example runs in the one command that it names.
 *
 * Real time: each is a process.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startElectronSimulator } from '../../src/simulate/electron/server.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const TSX = resolve(ROOT, 'node_modules/tsx/dist/esm/index.mjs');

async function run(args: string[], { input = '', env = {} }: { input?: string; env?: Record<string, string> } = {}) {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(SMALLEST_|OPENAI_|VITEST)/.test(name));
  const child = spawn(process.execPath, ['--import', TSX, ...args], {
    cwd: ROOT,
    env: { ...Object.fromEntries(inherited), ...env },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

test(
  'clinic: a caller finds a time, books it, changes their mind, and is said goodbye to',
  { timeout: 40_000 },
  async () => {
    const input = [
      'Hi, when are you open on Saturday?',
      'which times are free on Tuesday?', // open, whatever day this is run on
      'how about ten?',
      'Asha Rao',
      'please cancel that appointment',
      'no thanks, that is all. bye',
    ].join('\n');
    const { code, stdout } = await run(['src/cli/main.ts', 'chat', '--simulate', '--agent', 'examples/clinic.ts'], {
      input,
    });
    expect(code).toBe(0);
    const said = stdout.replace(/\s+/g, ' ');
    expect(said).toContain('On Saturday we are open from 10 am to 1 pm.');
    expect(said).toMatch(/I have 9:30 am, 10 am, and 11 am .*, and there is more later/);
    expect(said).toMatch(/Asha Rao is booked for .* at 10 am\. The reference is A1001\./);
    expect(said).toMatch(/Your appointment .* at 10 am is cancelled\./);
    expect(said).toContain('agent-hung-up');
  },
);

test(
  'embed: a tool, an agent, a call that is heard from its start and its greeting on',
  { timeout: 40_000 },
  async () => {
    const { code, stdout, stderr } = await run(['examples/embed.ts']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^weather-line:\nHello, this is the weather line\. /);
    expect(stdout).toMatch(/weather: \d+ ms/);
    expect(stdout).toContain('sunny');
    expect(stdout).toContain("reason: 'caller-hung-up'");
  },
);

test('any-server: speaks to whatever speaks the protocol, and says what is missing', { timeout: 40_000 }, async () => {
  const electron = await startElectronSimulator();
  onTestFinished(() => electron.close());
  const env = { OPENAI_BASE_URL: electron.url, OPENAI_API_KEY: 'sk_any', OPENAI_MODEL: 'electron' };
  const [good, keyless, lost] = await Promise.all([
    run(['examples/any-server.ts', 'Say hello world'], { env }),
    run(['examples/any-server.ts'], { env: { OPENAI_BASE_URL: electron.url, OPENAI_MODEL: 'electron' } }),
    run(['examples/any-server.ts']),
  ]);
  expect(good).toEqual({ code: 0, stdout: 'Hello world.\n', stderr: '' });
  expect(keyless.code).toBe(1);
  expect(keyless.stderr).toMatch(/unauthorized: electron: Missing bearer token/);
  expect(lost.code).toBe(2);
  expect(lost.stderr).toContain('OPENAI_BASE_URL');
});

test(
  'any-server: a server with a strict template, signatures and thoughts that must come back, and its own overflow',
  { timeout: 60_000 },
  async () => {
    const electron = await startElectronSimulator({
      manners: {
        roles: 'alternating',
        signatures: true,
        reasoning: 'wanted',
        contextTokens: 460,
        overflow: 'anthropic',
      },
      replies: [
        {
          when: 'open',
          say: 'Let me look.',
          call: { name: 'opening_hours', arguments: { day: 'Friday', holiday: null } },
        },
        { after: 'opening_hours', say: ' From nine to six.' },
        { when: '.*', say: 'All right.' },
      ],
    });
    onTestFinished(() => electron.close());
    const env = { OPENAI_BASE_URL: electron.url, OPENAI_API_KEY: 'sk_any', OPENAI_MODEL: 'electron' };
    const long = `I have a long story to tell. ${'And so it went on. '.repeat(24)}`;
    const asked = ['When are you open on Friday?', long, long, 'And are you open on Friday, really?'];
    const { code, stdout, stderr } = await run(['examples/any-server.ts', ...asked], { env });
    expect(stdout).toBe('Let me look. From nine to six.\nAll right.\nAll right.\nLet me look. From nine to six.\n');
    expect(stderr.trim().split('\n')).toEqual([
      expect.stringContaining('context-overflow: electron: prompt is too long') as string,
    ]);
    expect(code).toBe(0);
    const refused = electron.requests().filter(({ status }) => status === 400);
    expect(refused).toHaveLength(3); // the order, the thoughts, the length: each once
  },
);
test("own-voice: a call is spoken in a program's own voice, to its last letter", { timeout: 60_000 }, async () => {
  const { code, stdout, stderr } = await run(['examples/own-voice.ts']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const [, heard = ''] = /Heard: (.+)/.exec(stdout) ?? [];
  const letters = `Hello, I beep.${heard}`.length;
  expect(heard).not.toBe('');
  expect(stdout).toContain(`The caller heard ${(letters * 0.06).toFixed(1)} s of beeps.`);
});

test(
  'own-servers: a call whose voice and ear are servers of its own, in one command',
  { timeout: 60_000 },
  async () => {
    const { code, stdout, stderr } = await run(['examples/own-servers.ts']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe('Caller: Say good morning to the harbour.\nAgent:  Good morning to the harbour.\n');
  },
);
