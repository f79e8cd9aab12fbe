/** `parley demo front-desk` as a process: the whole call, its page and its sound, and nothing to install or to sign up for. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parley, temporaryFolder } from './helpers/command.ts';

test(
  'demo front-desk: three agents have the caller, and then a person on a second line',
  { timeout: 120_000 },
  async () => {
    const record = temporaryFolder();
    const { code, stdout, stderr } = await parley(['demo', 'front-desk', '--record', record]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const who of ['billing', 'booking', 'reception']) expect(stdout).toContain(`${who} has the caller`);
    expect(stdout).toMatch(
      /< find_bill.*80 euros.*< take_visit.*Asha Rao.*< book_time.*behind the house.*passed {2}on to/s,
    );
    expect(stdout).not.toMatch(/^ *\d+\.\d\d +! /m);
    const folder = join(record, 'front-desk/calls/001-001');
    expect(['call.html', 'call.wav'].filter((name) => !existsSync(join(folder, name)))).toEqual([]);
  },
);
