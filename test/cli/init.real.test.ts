/**
 * `parley init`: what it writes is a whole project, and it never writes over anything. That it runs is tried in CI, from the package.
 *
 * Real time: the command is a process.
 */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadAgent } from '../../src/call/agent.ts';
import { ownSource } from '../../src/cli/init.ts';
import { version } from '../../src/cli/report.ts';
import { ROOT } from './helpers/build.ts';
import { eventsOf, parley, temporaryFolder } from './helpers/command.ts';

const FILES = [
  '.env.example',
  '.gitignore',
  'README.md',
  'agent.ts',
  'package.json',
  'test/agent.test.ts',
  'tools/leave-message.ts',
  'tools/repair-status.ts',
  'tsconfig.json',
];

interface Description {
  name: string;
  type: string;
  scripts: Record<string, string>;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}
const readDescription = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as Description;

function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1)).sort();
}

test('init writes a project under its own name, and says in three lines what and what next', async () => {
  const folder = temporaryFolder();
  const { code, stdout, stderr } = await parley(['init', 'front-desk'], { cwd: folder });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const project = join(folder, 'front-desk');
  expect(filesIn(project)).toEqual(FILES);
  expect(stdout.trim().split('\n')).toEqual([
    expect.stringMatching(/^Wrote .*agent\.ts, package\.json, test\/, tools\/, tsconfig\.json$/) as string,
    'Next: cd front-desk && npm install',
    expect.stringMatching(/^Then: npm run talk .*, npm test, .*README\.md/) as string,
  ]);
  const { name, type } = readDescription(join(project, 'package.json'));
  expect({ name, type }).toEqual({ name: 'front-desk', type: 'module' });
  expect((await loadAgent(join(project, 'agent.ts'))).name).toBe('front-desk');
  for (const file of FILES) expect(readFileSync(join(project, file), 'utf8')).not.toContain('parley-starter');
});

test('the agent that init writes has no mistakes and no costs, and answers', { timeout: 30_000 }, async () => {
  const folder = temporaryFolder();
  await parley(['init', 'desk'], { cwd: folder });
  const cwd = join(folder, 'desk');
  const [check, chat] = await Promise.all([
    parley(['check', 'agent.ts', '--strict'], { cwd }),
    parley(['chat', '--simulate', '--json', '--agent', 'agent.ts'], {
      cwd,
      input: 'is my bike ready? my ticket is 1001\n',
    }),
  ]);
  expect(check).toMatchObject({ code: 0, stdout: expect.stringContaining('0 errors, 0 warnings') as string });
  const tools = eventsOf(chat.stdout).filter(({ type }) => type === 'tool-end');
  expect(tools).toMatchObject([{ name: 'repair_status', ok: true, result: { state: 'ready to be picked up' } }]);
});

test('init without a folder writes into the one that it is in, though a repository is there, and has its name', async () => {
  const folder = join(temporaryFolder(), 'desk');
  mkdirSync(join(folder, '.git'), { recursive: true });
  const { code, stdout } = await parley(['init'], { cwd: folder });
  expect(code).toBe(0);
  expect(stdout).toContain('\nNext: npm install\n');
  expect(readDescription(join(folder, 'package.json')).name).toBe('desk');
});

test('init takes Parley from where it was itself installed from', () => {
  const home = realpathSync(temporaryFolder());
  const own = join(home, 'node_modules/parley-voice');
  mkdirSync(own, { recursive: true });
  const takenFrom = (resolved: string) => {
    const lock = { packages: { 'node_modules/parley-voice': { version: '0.1.0', resolved } } };
    writeFileSync(join(home, 'node_modules/.package-lock.json'), JSON.stringify(lock));
    return ownSource(join(home, 'new/desk'), own);
  };
  expect(ownSource(join(home, 'desk'), own)).toBe(`^${version()}`); // another installer
  expect(takenFrom('https://registry.npmjs.org/parley-voice/-/parley-voice-0.1.0.tgz')).toBe(`^${version()}`);
  expect(takenFrom('file:../parley-voice.tgz')).toBe('file:../../../parley-voice.tgz');
  expect(ownSource(join(home, 'desk'), join(home, 'clone'))).toBe('file:../clone');
});

test('init says where to go by the whole path when the project does not lie below', async () => {
  const folder = realpathSync(temporaryFolder());
  mkdirSync(join(folder, 'here'));
  const { stdout } = await parley(['init', '../desk'], { cwd: join(folder, 'here') });
  expect(stdout).toContain(`Next: cd ${join(folder, 'desk')} && npm install`);
});

test('init writes over nothing: a folder that is not empty is refused, and stays as it is', async () => {
  const folder = join(temporaryFolder(), 'desk');
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  writeFileSync(join(folder, 'agent.ts'), 'mine');
  const { code, stdout, stderr } = await parley(['init', folder]);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(
    /^parley: cannot write into \S+: it is not empty \(agent\.ts, node_modules\)\. Name a folder .*\n$/,
  );
  expect(readdirSync(folder)).toEqual(['agent.ts', 'node_modules']);
  expect(readFileSync(join(folder, 'agent.ts'), 'utf8')).toBe('mine');
});

test('init says of a name that npm does not take what would do', { timeout: 30_000 }, async () => {
  const folder = temporaryFolder();
  const cases: [name: string, says: RegExp][] = [
    ['My Agent', /got `My Agent`\. It may be `\S+my-agent`/],
    ['Ärzte', /got `Ärzte`. It may be `\S+rzte`/],
    ['.hidden', /got `\.hidden`\. It may be `\S+\/hidden`/],
    ['zod', /another name than that of a package that it needs; got `zod`\. It may be `\S+my-agent`/],
    ['x'.repeat(101), /at most 100; got/],
  ];
  for (const [name, says] of cases) {
    const { code, stderr } = await parley(['init', join(folder, name)]);
    expect({ name, code }).toEqual({ name, code: 2 });
    expect(stderr).toMatch(says);
    expect(stderr).toMatch(/^parley: .*`parley init --help`\.\n$/);
  }
  expect(readdirSync(folder)).toEqual([]);
});

test('init says in a sentence what keeps it from writing', { timeout: 30_000 }, async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'file'), '');
  const says: [path: string, what: RegExp][] = [
    [join(folder, 'file'), /cannot write into \S+: something else of that name is there/],
    [join(folder, 'file/desk'), /cannot write into \S+: part of the path is not a folder/],
    ['/proc/nope/desk', /cannot write into \/proc\/nope\/desk: there is no such file or folder/],
  ];
  if (process.getuid?.() !== 0) {
    mkdirSync(join(folder, 'locked'));
    chmodSync(join(folder, 'locked'), 0o500);
    says.push([join(folder, 'locked/desk'), /cannot write into \S+: permission denied/]);
  }
  for (const [path, what] of says) {
    if (path.startsWith('/proc') && !existsSync('/proc/self')) continue;
    const { code, stderr } = await parley(['init', path]);
    expect({ path, code }).toEqual({ path, code: 1 });
    expect(stderr).toMatch(what);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  }
});

test('the project is given the versions that Parley is tried with', () => {
  const own = readDescription(join(ROOT, 'package.json'));
  const { dependencies, devDependencies, scripts } = readDescription(join(ROOT, 'starter/package.template.json'));
  const { 'parley-voice': _, ...others } = { ...dependencies, ...devDependencies };
  const tried = { ...own.dependencies, ...own.devDependencies };
  expect(others).toEqual(Object.fromEntries(Object.keys(others).map((name) => [name, `^${tried[name]}`])));
  expect(Object.keys(scripts)).toEqual(['talk', 'chat', 'check', 'serve', 'test', 'types']);
});

test('a command reads `.env` where it is started: what is set goes first, what is empty is as if it were not there', async () => {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, '.env'), '# mine\nPARLEY_PORT="x"\nSMALLEST_API_KEY=\nPARLEY_AGENT=none.ts\n');
  const [read, overruled] = await Promise.all([
    parley(['serve', '--simulate'], { cwd }),
    parley(['serve', '--simulate'], { cwd, env: { PARLEY_PORT: '0' } }),
  ]);
  expect(read.stderr).toMatch(/PARLEY_PORT: .*got `x`/);
  expect(overruled.stderr).toMatch(/none\.ts: There is no such file/);
  const chat = await parley(['chat', '--agent', join(ROOT, 'test/cli/agents/trouble.ts')], { cwd, input: '' });
  expect(chat.stderr).toContain('SMALLEST_API_KEY is not set');
});
