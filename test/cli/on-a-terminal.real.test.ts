/**
 * What people see who sit before a terminal of 80 columns, and type.
 *
 * Real time: a terminal is a device of the system, and who types on it has a process before them.
 */
import { expect, test } from 'vitest';
import { withStandIns } from '../helpers/worker.ts';
import { HAS_TERMINAL, screenOf, startOnTerminal } from './helpers/terminal.ts';

const start = withStandIns([{ when: '', say: 'Okay.' }]);

/** A word that ends at the edge and goes on in the next line would be found in neither. */
function expectWholeWords(screen: string, words: readonly string[]): void {
  const rows = screen.split('\n');
  expect(rows.filter((row) => row.length > 80)).toEqual([]);
  for (const word of words) expect(rows).toContainEqual(expect.stringContaining(word));
}

test.runIf(HAS_TERMINAL)(
  '80 columns: words are not cut, in findings, errors and help',
  { timeout: 60_000 },
  async () => {
    const shown = async (...args: string[]) => screenOf((await startOnTerminal(args).exited).stdout);
    const [check, wrong, help] = await Promise.all([
      shown('check', 'test/cli/agents/careless.ts'),
      shown('chat', 'examples/clinic.ts', '--log-level', 'loudly-and-with-many-more-words-than-fit'),
      shown('serve', '--help'),
    ]);
    expectWholeWords(check, ['warning', 'acknowledgement', 'description', '[silence]']);
    expectWholeWords(wrong, ['loudly-and-with-many-more-words-than-fit', '--help`.']);
    expectWholeWords(help, ['X-Forwarded-For', 'PARLEY_REDIS_URL', 'transferred', 'workers']);
  },
);

test.runIf(HAS_TERMINAL)('80 columns: a conversation, its remarks and its end', { timeout: 60_000 }, async () => {
  const chat = startOnTerminal(['chat', 'examples/clinic.ts', '--simulate']);
  await chat.output(/Ctrl-D hangs up/);
  chat.child.stdin.write('what is free tomorrow?\r');
  await chat.output(/cached\)/);
  chat.child.stdin.write('\u0004');
  const { code, stdout } = await chat.exited;
  expect(code).toBe(0);
  expectWholeWords(screenOf(stdout), [
    'find_appointments, 0.',
    'first word',
    ' in all',
    'tokens',
    'cached)',
    'caller-hung-up',
  ]);
  expect(stdout).not.toMatch(/\d ms/); // every time is in seconds
});

test.runIf(HAS_TERMINAL)(
  '`/wav nothere.wav` is forgiven in a typed call, as `/foo` is, and the call goes on',
  { timeout: 60_000 },
  async () => {
    const { url } = await start();
    const call = startOnTerminal(['call', '--url', url]);
    await call.output(/hangs up\./);
    call.child.stdin.write('/wav nothere.wav\r');
    await call.output(/cannot read nothere\.wav/);
    call.child.stdin.write('/wav package.json\r');
    await call.output(/package\.json: /);
    call.child.stdin.write('/foo\r');
    await call.output(/expected \/keys, /);
    call.child.stdin.write('are you there?\r');
    await call.output(/Okay/);
    call.child.stdin.write('/hangup\r');
    const { code, stdout } = await call.exited;
    expect(code).toBe(0);
    expect(screenOf(stdout)).toContain('Answered once');
  },
);
