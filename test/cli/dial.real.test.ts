/**
 * `parley dial` as a process, against workers that run, of one process and of several: whom it reaches, and what it says.
 *
 * Real time: the command is a process, and so are its workers.
 */
import { expect, test } from 'vitest';
import { run } from './helpers/processes.ts';
import { serve } from './helpers/serving.ts';

const NOBODY_SHUTS = { PARLEY_CALLS_FROM: '+15550199', PARLEY_CALLS_PER_SECOND: '10' };
const TIMEOUT = { timeout: 120_000 };

test.each([[[]], [['--processes', '2']]])(
  'a call is placed and followed to its end (serve %j)',
  TIMEOUT,
  async (more) => {
    const { url, child, exited } = await serve(['--simulate', ...more], NOBODY_SHUTS);
    const dial = (...args: string[]) => run(['dial', '--url', url, ...args]);
    try {
      const [busy, machine, left] = await Promise.all([
        dial('--to', '+155501001'),
        dial('--to', '+155501003'),
        dial('--to', '+155501003', '--voicemail', 'leave', '--message', 'Your bike is ready.', '--json'),
      ]);
      expect([busy.code, busy.stderr]).toEqual([1, '']);
      expect(busy.stdout).toMatch(
        /^Calling \+155501001 from \+15550199 by twilio: call-[0-9a-f-]+\n(It rings\.\n)?Over: busy\n$/,
      );
      expect([machine.code, machine.stderr]).toEqual([0, '']);
      expect(machine.stdout).toContain('A machine has answered.\nOver: completed, answering-machine\n');
      const states = left.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      expect(states.at(-1)).toMatchObject({ state: 'ended', answeredBy: 'machine', reason: 'voicemail-left' });
    } finally {
      child.kill('SIGTERM');
      await exited;
    }
  },
);

test(
  'a worker that is not there, or refuses: one line with what to do, and exit code 1; wrong usage is 2',
  TIMEOUT,
  async () => {
    const { url, child, exited } = await serve(['--simulate'], { PARLEY_BRIDGE_TOKEN: 'a-token-of-sixteen' });
    try {
      const results = await Promise.all([
        run(['dial', '--to', '+15550100', '--url', 'http://127.0.0.1:9']),
        run(['dial', '--to', '+15550100', '--url', url]),
        run(['dial', '--to', '+15550100', '--url', url], { env: { PARLEY_BRIDGE_TOKEN: 'a-token-of-sixteen' } }),
        run(['dial', '--to', '+15550100', '--parameter', 'x']),
      ]);
      expect(results.map(({ code }) => code)).toEqual([1, 1, 1, 2]);
      expect(results.map(({ stderr }) => stderr.trim())).toEqual([
        expect.stringMatching(/^parley: Expected a worker at http:\/\/127\.0\.0\.1:9 \(--url\), got: /),
        'parley: The worker has answered 403: forbidden: see PARLEY_BRIDGE_TOKEN',
        expect.stringMatching(
          /^parley: The worker has answered 400: `from`: expected the number to call from, got none/,
        ),
        expect.stringMatching(/^parley: expected --parameter to be name=value, got x\./),
      ]);
    } finally {
      child.kill('SIGTERM');
      await exited;
    }
  },
);
