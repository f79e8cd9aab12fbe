/**
 * What a tool's author sees on their own terminal of what it threw.
 *
 * Real time: the command is a process on a terminal.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { faultText } from '../../src/cli/tool-faults.ts';
import { readThrown } from '../../src/lib/thrown.ts';
import { parley, temporaryFolder } from './helpers/command.ts';

const AGENT = `import { z } from 'zod';
import { defineAgent, defineTool } from 'parley-voice';

async function fetchOrder() {
  await null;
  throw new TypeError('database is down', { cause: new Error('connect ECONNREFUSED 10.0.0.7:5432') });
}
const tool = (name, run, more = {}) =>
  defineTool({ name, description: 'A tool: ' + name + '.', input: z.object({}), effect: 'read', run, ...more });
export default defineAgent({
  name: 'desk',
  instructions: 'You are a desk.',
  tools: [
    tool('find_order', () => fetchOrder(), { retries: 1 }),
    tool('find_menu', () => ({ price: 12n })),
    tool('find_weather', () => { throw 'no umbrella with sk_0123456789abcdef0123456789abcdef'; }),
  ],
});
`;

const CALLER = 'find my order please\nfind the menu please\nfind the weather please\n';

/** The agent of three tools, none of which works, in a folder of its own. */
function writeAgent(): string {
  const file = join(temporaryFolder(), 'agent.ts');
  writeFileSync(file, AGENT);
  return file;
}

const SHOWN = [
  /`find_order` threw, and is tried again: TypeError: database is down\n/,
  /`find_order` threw: TypeError: database is down\n +because of Error: connect ECONNREFUSED 10\.0\.0\.7:5432\n +at .*fetchOrder \(.*agent\.ts:6:9\)\n/,
  /`find_menu` returned what cannot be sent\. .*bigint/i,
  /`find_weather` threw: string: no umbrella/,
];

test.each([
  ['as people type it', []],
  ['when they ask for no log at all', ['--log-level', 'silent']],
  ['beside a log that hides what was said', ['--log-level', 'error']],
])('a tool throws in chat, %s: the exception and the first own line of code are shown', async (_how, options) => {
  const { stdout, code } = await parley(['chat', '--agent', writeAgent(), ...options], { input: CALLER });
  expect(code).toBe(0);
  for (const shown of SHOWN) expect(stdout).toMatch(shown);
  expect(stdout).not.toContain('[redacted] is down');
  expect(stdout).not.toContain('sk_0123456789abcdef');
});

test('a tool throws in chat for programs: told on standard error, and standard output stays events', async () => {
  const { stdout, stderr } = await parley(['chat', '--agent', writeAgent(), '--json'], { input: CALLER });
  for (const shown of SHOWN) expect(stderr).toMatch(shown);
  expect(stdout).not.toContain('database is down');
  for (const line of stdout.trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('type');
});

test('a tool throws in code of others alone: then no line is called its own', () => {
  const error = new Error('deep');
  error.stack = 'Error: deep\n    at parse (/app/node_modules/x/index.js:1:2)\n    at node:internal/process:95:5';
  const fault = { tool: 'look', turn: 1, what: 'threw', error: readThrown(error) };
  expect(faultText(fault)).toBe('`look` threw: Error: deep');
  const cause = new Error('wrapped', {
    cause: Object.assign(new Error('own'), { stack: 'Error\n    at /app/tool.ts:3:4' }),
  });
  cause.stack = error.stack;
  expect(faultText({ ...fault, error: cause })).toMatch(
    /wrapped\n {2}because of Error: own\n {2}at \/app\/tool\.ts:3:4$/,
  );
});
