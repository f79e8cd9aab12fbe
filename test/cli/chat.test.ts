/** `parley chat` as a process: what it takes, what it says of itself, and when it has failed. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Usage } from '../../src/model/contract.ts';
import type { Cost } from '../../src/watch/cost.ts';
import { startElectronSimulator } from '../../src/simulate/electron/server.ts';
import { parley, temporaryFolder } from './helpers/command.ts';

const AGENT = 'test/cli/agents/trouble.ts';

function rulesFile(rules: unknown): string {
  const file = join(temporaryFolder(), 'replies.json');
  writeFileSync(file, typeof rules === 'string' ? rules : JSON.stringify(rules));
  return file;
}

test('`chat agent.ts` as `check agent.ts`; with --agent as well it says which two there are', async () => {
  const [bare, both, none] = await Promise.all([
    parley(['chat', AGENT, '--simulate'], { input: 'hello\n' }),
    parley(['chat', AGENT, '--agent', 'other.ts'], { input: 'hello\n' }),
    parley(['serve', AGENT, '--agent', 'other.ts']),
  ]);
  expect([bare.code, bare.stderr]).toEqual([0, '']);
  expect(bare.stdout).toMatch(/caller {2}hello/);
  for (const { code, stderr } of [both, none]) {
    expect([code, stderr]).toEqual([2, expect.stringContaining(`got ${AGENT} and --agent other.ts`)]);
  }
});

test('chat --replies FILE: the simulated model answers by rules, with a key too, and says what is wrong with them', async () => {
  const file = rulesFile([{ when: 'refund', say: 'It is on its way, by rule.' }]);
  const input = 'about my refund\n';
  const [ruled, wrong, empty, elsewhere, listed] = await Promise.all([
    parley(['chat', AGENT, '--replies', file], { input, env: { SMALLEST_API_KEY: 'sk_0123456789' } }),
    parley(['chat', AGENT, '--replies', rulesFile([{ wen: 'refund' }])], { input }),
    parley(['chat', AGENT, '--replies', rulesFile('')], { input }),
    parley(['chat', AGENT, '--replies', file, '--base-url', 'http://127.0.0.1:9'], { input }),
    parley(['chat', AGENT, '--json', '--replies', rulesFile({ replies: [{ when: 'refund', say: 'Listed.' }] })], {
      input,
    }),
  ]);
  expect([ruled.code, ruled.stderr]).toEqual([0, '']);
  expect(ruled.stdout).toContain('trouble, simulated Electron.');
  expect(ruled.stdout).toContain('It is on its way, by rule.');
  expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringMatching(/replies\.json: .*Unrecognized key: "wen"/)]);
  expect([empty.code, empty.stderr]).toEqual([1, expect.stringMatching(/replies\.json: Expected .*got an empty file/)]);
  expect([elsewhere.code, elsewhere.stderr]).toEqual([
    2,
    expect.stringContaining('expected --replies without --base-url'),
  ]);
  expect(listed.stdout).toContain('Listed.');
});

test('chat exits 1 when no turn was answered, whatever the server said; one answer is enough for 0, and so is no question', async () => {
  const electron = await startElectronSimulator();
  const run = (input: string) => parley(['chat', AGENT, '--base-url', electron.url], { input, env: KEY });
  electron.fault({ type: 'status', status: 400, times: 'always' });
  const failed = await run('hello\nare you there?\n');
  electron.clearFaults();
  electron.fault({ type: 'status', status: 400, times: 1 });
  const [once, silent] = [await run('hello\nare you there?\n'), await run('')];
  await electron.close();
  expect(failed.code).toBe(1);
  expect(failed.stderr).toMatch(/^parley: no turn was answered: electron: .*\n$/);
  expect([once.code, once.stderr, silent.code, silent.stderr]).toEqual([0, '', 0, '']);
});

const KEY = { SMALLEST_API_KEY: 'sk_0123456789' };

test('its header names the server', async () => {
  const electron = await startElectronSimulator();
  const { stdout } = await parley(['chat', AGENT, '--base-url', electron.url], { input: '', env: KEY });
  await electron.close();
  expect(stdout.split('\n')[0]).toBe(`trouble, Electron at ${electron.url}.`);
});

test("a tool's stray timer does not end `chat`: it is told with its place, and the next turn is answered", async () => {
  const file = rulesFile([
    { when: 'go', say: 'One moment.', call: { name: 'leave_timers', arguments: {} } },
    { after: 'leave_timers', say: 'I am back.' },
    { when: 'still', say: 'Still here.' },
  ]);
  const { code, stdout, stderr } = await parley(['chat', 'test/cli/agents/stray.ts', '--replies', file], {
    input: 'go\nstill there?\n',
  });
  expect(code).toBe(0); // and it ended, though a timer of the tool goes on for ever
  expect(stdout).toContain('I am back.');
  expect(stdout).toContain('Still here.');
  expect(stderr).toMatch(
    /^parley: a tool threw when nobody waited for it \(`leave_timers`\)\n\s+Error: thrown by a timer\n\s+at .*stray\.ts:\d+/m,
  );
  expect(stderr).toMatch(/a tool left a rejection unhandled \(`leave_timers`\)\n\s+Error: rejected by a timer/);
});

test('price per call in the summary where a price file is given, and in the last event for programs', async () => {
  const prices = join(temporaryFolder(), 'prices.json');
  writeFileSync(prices, JSON.stringify({ currency: 'EUR', perThousandTokensIn: 1, perThousandTokensOut: 2 }));
  const wrong = rulesFile({ currency: 'EUR', perToken: 1 });
  const [shown, json, refused] = await Promise.all([
    parley(['chat', AGENT, '--simulate', '--prices', prices], { input: 'hello\n' }),
    parley(['chat', AGENT, '--simulate', '--json', '--prices', prices], { input: 'hello\n' }),
    parley(['chat', AGENT, '--simulate', '--prices', wrong], { input: 'hello\n' }),
  ]);
  expect(shown.stdout).toMatch(/ about \d\.\d{4} EUR\n$/);
  const end = JSON.parse(json.stdout.trim().split('\n').at(-1) ?? '') as { usage: Usage; cost: Cost };
  const { promptTokens, completionTokens } = end.usage;
  expect(end.cost.amount).toBeCloseTo((promptTokens + 2 * completionTokens) / 1_000, 6);
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('got `perToken`')]);
});

test('chat --person: whoever is rung is played, which it says; what was typed meanwhile is answered by the agent who is back', async () => {
  const order = { name: 'transfer_call', arguments: { to: 'desk', summary: 'Asha asks for a refund.' } };
  const replies = rulesFile([
    { when: 'person', say: 'Please hold the line.', call: order },
    { after: 'transfer_call', say: 'Nobody can take your call.' },
    { say: 'Goodbye.' },
  ]);
  const run = (...args: string[]) =>
    parley(['chat', 'test/cli/agents/desk.ts', '--simulate', '--replies', replies, ...args], {
      input: 'a person please\nthank you\n',
    });
  const [taken, busy, unknown] = await Promise.all([run(), run('--person', 'busy'), run('--person', 'sulks')]);
  expect(taken.stdout).toMatch(
    /ringing: \+15551230000\s+in a chat nobody is rung: .*`--person accepts`.*passed {2}on to/s,
  );
  expect(taken.stdout).not.toContain('Goodbye.');
  expect(busy.stdout).toMatch(/the line is busy.*Nobody can take your call\..*caller {2}thank you.*Goodbye\./s);
  expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('accepts, refuses, busy')]);
});
