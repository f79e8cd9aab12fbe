/**
 * Wrong usage, broken files and unreachable servers: one helpful line, the right exit code, and never a stack trace.
 *
 * Real time: commands are processes, with output and an exit code.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ownName } from '../../src/cli/report.ts';
import { startElectronSimulator } from '../../src/simulate/electron/server.ts';
import { eventsOf, parley, temporaryFolder, type CommandResult } from './helpers/command.ts';

const COMMANDS = ['init', 'chat', 'check', 'voices', 'say', 'replay', 'simulate', 'serve', 'call', 'demo', 'talk'];
/** Where npx keeps a package that no project has. */
const FETCHED = join('/home/ada/.npm/_npx/0d7df9aa1cf7b8da', 'node_modules', 'parley-voice');
const CHAT = ['chat', '--agent', 'test/cli/agents/trouble.ts'];

/** A few at a time: each is a process. */
async function runAll(cases: readonly (readonly string[])[]): Promise<CommandResult[]> {
  const results: CommandResult[] = [];
  for (let at = 0; at < cases.length; at += 4) {
    results.push(...(await Promise.all(cases.slice(at, at + 4).map((args) => parley(args)))));
  }
  return results;
}

test('wrong usage is exit code 2 and one line that helps', { timeout: 60_000 }, async () => {
  const cases: [args: string[], says: RegExp][] = [
    [['chatt'], /unknown command 'chatt' \(Did you mean chat\?\) Try `parley --help`/],
    [['chat'], /expected the agent file, as `parley chat agent.ts`, got nothing.*Try `parley chat --help`/],
    [['chat', '--agent'], /argument missing.*`parley chat --help`/],
    [['check', 'one', 'two'], /too many arguments/],
    [['check', '--jsn', 'x'], /unknown option '--jsn' \(Did you mean --json\?\)/],
    [[...CHAT, '--plan', 'gold'], /'gold' is invalid. Allowed choices are standard, enterprise, none/],
    [[...CHAT, '--base-url', 'localhost'], /expected --base-url to begin with http/],
    [[...CHAT, '--log-level', 'loud'], /expected --log-level to be one of trace, .*got loud/],
    [['simulate', '--port', 'x'], /expected --port to be a whole number from 0 to 65535, got x/],
    [['simulate', '--port', '0', '--fault', 'flood'], /faults\[0\].*parley simulate --help/],
    [['simulate', '--port', '0', '--pace', '12'], /expected --pace to be instant, documented or/],
  ];
  const results = await runAll(cases.map(([args]) => args));
  for (const [index, [args, says]] of cases.entries()) {
    const { code, stdout, stderr } = results[index] as CommandResult;
    expect({ args, code, stdout }).toEqual({ args, code: 2, stdout: '' });
    expect(stderr).toMatch(says);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  }
});

test('--help and --version work everywhere', { timeout: 60_000 }, async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  const cases = [['--version'], ['chat', '-v'], ['--help'], ...COMMANDS.map((command) => [command, '--help'])];
  const results = await runAll(cases);
  expect(results.map(({ code, stderr }) => [code, stderr])).toEqual(cases.map(() => [0, '']));
  expect([results[0]?.stdout, results[1]?.stdout]).toEqual([`${version}\n`, `${version}\n`]);
  for (const command of COMMANDS) expect(results[2]?.stdout).toContain(`\n  ${command} `);
  expect(results.slice(3).every(({ stdout }) => stdout.startsWith('Usage: parley '))).toBe(true);
});

test(
  'files that are not what they should be are exit code 1, named, with the reason',
  { timeout: 60_000 },
  async () => {
    const folder = temporaryFolder();
    const file = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    mkdirSync(join(folder, 'folder'));
    const syntax = file('syntax.ts', `export default {\n  name: 'x',\n  instructions: 'a' 'b',\n};\n`);
    const throwing = file(
      'throwing.ts',
      `const ready = false;\n\nif (!ready) throw new Error('no settings');\nexport default {};\n`,
    );
    const nothing = file('nothing.ts', 'export const agent = {};\n');
    const bad = file(
      'bad.ts',
      `export default { name: '', instruction: 'x', turn: { endpointMs: 5 }, tools: ['./nowhere'] };\n`,
    );
    const recording = file('recording.jsonl', 'not a recording\n');
    const rules = file('rules.json', '[{"when":"("}]');
    const cases: [args: string[], says: RegExp][] = [
      [['chat', '--agent', join(folder, 'none.ts')], /none\.ts: There is no such file/],
      [['chat', '--agent', folder], /Expected a module \(\.ts, .*\), got a folder/],
      [['chat', '--agent', syntax], /syntax\.ts:3: Unexpected token/],
      [['chat', '--agent', throwing], /throwing\.ts:3: Error: no settings/],
      [['chat', '--agent', nothing], /Expected `export default defineAgent\(\{\.\.\.\}\)`, got no default export/],
      [
        ['chat', '--agent', bad],
        /Expected `name` .*\n.*\n.*`turn\.endpointMs` to be 100 or more, got `5`[^]*did you mean `instructions`[^]*nowhere/,
      ],
      [[...CHAT, '--record', join(folder, 'no', 'such', 'folder')], /cannot write .*: there is no such file or folder/],
      [[...CHAT, '--record', '/proc/nope'], /cannot write \/proc\/nope: /],
      [
        ['demo', '--record', '/proc/nope'],
        /^parley: cannot record into \/proc\/nope: nothing can be made in \/proc\n$/,
      ],
      [[...CHAT, '--record', join(folder, 'folder')], /cannot write .*: it is a folder/],
      [['replay', join(folder, 'none')], /cannot read .*: there is no such file/],
      [
        ['replay', join(folder, 'folder')],
        /folder: expected machine\.jsonl, or folders of recorded calls, in this folder, got neither/,
      ],
      [['replay', recording], /recording\.jsonl: line 1: expected a header/],
      [['simulate', '--port', '0', '--replies', rules], /rules\.json: .*Expected a regular expression/],
    ];
    const results = await runAll(cases.map(([args]) => args));
    for (const [index, [args, says]] of cases.entries()) {
      const { code, stderr } = results[index] as CommandResult;
      expect({ args, code }).toEqual({ args, code: 1 });
      expect(stderr).toMatch(says);
      expect(stderr).not.toMatch(/^\s+at /m);
    }
  },
);

test(
  'a server that is not there, or wants a key: an event, words for the caller, and exit code 1',
  { timeout: 30_000 },
  async () => {
    const electron = await startElectronSimulator();
    const { url } = electron;
    const run = (baseUrl: string, env = {}) =>
      parley([...CHAT, '--json', '--base-url', baseUrl], { input: 'hello\n', env });
    const [gone, keyless, wrong] = await Promise.all([
      run('http://127.0.0.1:1/v1'),
      run(url),
      run(url, { SMALLEST_API_KEY: 'wrong_key' }),
    ]);
    await electron.close();
    for (const [result, code, says] of [
      [gone, 'connect-failed', /ECONNREFUSED/],
      [keyless, 'unauthorized', /Missing bearer token.*SMALLEST_API_KEY/],
      [wrong, 'unauthorized', /Invalid API key.*SMALLEST_API_KEY/],
    ] as const) {
      const events = eventsOf(result.stdout);
      const error = events.find((event) => event.type === 'error');
      expect(error).toMatchObject({ turn: 1, step: 1, code });
      if (code === 'unauthorized') expect(error).toHaveProperty('requestId');
      expect(events.find((event) => event.type === 'text-delta' && event.kind === 'recovery')).toBeDefined();
      expect(events.at(-1)?.type).toBe('call-end');
      expect(result.code).toBe(1);
      expect(result.stderr).toMatch(says);
      expect(result.stderr + result.stdout).not.toContain('wrong_key');
    }
  },
);

test('without a key the simulator answers, and says so in one line; plain text has no colours', async () => {
  const { code, stdout, stderr } = await parley(CHAT, { input: 'hello\n', env: { CI: 'true' } });
  expect(code).toBe(0);
  expect(stderr).toBe('parley: SMALLEST_API_KEY is not set, so the simulated Electron answers.\n');
  expect(stdout).toMatch(/agent {3}Hello\./);
  expect(stdout).toMatch(/caller {2}hello/);
  expect(stdout).not.toContain('\u001b[');
});

test('a full disk is told once, for the recording and for the output', { timeout: 30_000 }, async () => {
  const { code, stderr } = await parley([...CHAT, '--simulate', '--record', '/dev/full'], { input: 'hello\n' });
  expect(code).toBe(1);
  expect(stderr.trim().split('\n')).toEqual([
    'parley: cannot write /dev/full: the disk is full; the recording is not complete.',
  ]);
});

test('what is to be typed next is named as it was typed before', () => {
  const named = (event?: string, script?: string) =>
    ownName({ npm_lifecycle_event: event, npm_lifecycle_script: script });
  expect(named()).toBe('parley');
  expect(named('npx', "'parley'")).toBe('npx parley');
  expect(ownName({ npm_lifecycle_event: 'npx', npm_lifecycle_script: 'parley' }, FETCHED)).toBe('npx parley-voice');
  expect(named('npx', 'vitest run')).toBe('parley');
  expect(named('demo', 'tsx src/cli/main.ts demo')).toBe('npm run parley --');
  expect(named('test', 'vitest run')).toBe('parley');
});
