/** The agent of the README is good as it stands there: it has no mistakes, and answers. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { eventsOf, parley, temporaryFolder } from '../cli/helpers/command.ts';
import { nameOf, readPages } from './helpers/pages.ts';

test(
  'the agent of the README has no mistakes and costs nothing needlessly, and answers',
  { timeout: 30_000 },
  async () => {
    const folder = temporaryFolder();
    const programs = readPages().find(({ file }) => file === 'README.md')?.programs ?? [];
    for (const text of programs) {
      const file = join(folder, nameOf(text) ?? 'program.ts');
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    const [check, chat] = await Promise.all([
      parley(['check', '--strict', 'agent.ts'], { cwd: folder }),
      parley(['chat', 'agent.ts', '--simulate', '--json'], { cwd: folder, input: 'when are you open on sunday?\n' }),
    ]);
    expect(check).toMatchObject({ code: 0, stdout: expect.stringContaining('0 errors, 0 warnings') as string });
    const heard = eventsOf(chat.stdout).flatMap((event) => (event.type === 'turn-end' ? [event.heard] : []));
    expect(heard.join(' ')).toContain('We are closed on Sundays.');
  },
);
