/** An agent that is loaded anew as its files change: real files in a folder of a user's, as editors write them. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLog } from '../../src/lib/log.ts';
import { LiveAgent, type LiveState } from '../../src/worker/live-agent.ts';
import { createFolder, toolFile } from '../helpers/folder.ts';

const AGENT = `import { defineAgent } from 'parley-voice';
import { greeting } from './words.ts';

export default defineAgent({
  name: 'desk',
  instructions: 'Say name: and greeting: often.',
  greeting,
  tools: ['./tools'],
});
`;

/** What a project of a user's has, and what has become of its agent so far. */
interface Project {
  live: LiveAgent;
  path: (name: string) => string;
  write: (name: string, text: string) => void;
  /** The state after what `act` does, once it is one for which `isIt` holds. */
  after: (act: () => void, isIt?: (state: LiveState) => boolean) => Promise<LiveState>;
}

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

async function open(files: Record<string, string> = {}, agent = 'agent.ts'): Promise<Project> {
  const folder = createFolder({
    [agent]: AGENT,
    'words.ts': "export const greeting: string = 'one';\n",
    'tools/find.ts': toolFile('find'),
    ...files,
  });
  cleanups.push(folder.remove);
  const waiting = new Set<(state: LiveState) => void>();
  const live = await LiveAgent.open({
    file: join(folder.path, agent),
    clock: systemClock,
    log: silentLog,
    changed: (state) => waiting.forEach((one) => one(state)),
  });
  cleanups.push(() => live.close());
  const path = (name: string) => join(folder.path, name);
  return {
    live,
    path,
    write: (name, text) => writeFileSync(path(name), text),
    after: (act, isIt = () => true) =>
      new Promise((resolve) => {
        const look = (state: LiveState) => {
          if (isIt(state)) resolve(state);
        };
        waiting.add(look);
        act();
      }),
  };
}

const greetingOf = ({ agent }: LiveState) => agent.machine.greeting;
const toolsOf = ({ agent }: LiveState) => agent.machine.tools.map(({ name }) => name);
const places = ({ faults }: LiveState) => faults.map(({ file, line, message }) => [basename(file), line, message]);
const hasFaults = ({ faults }: LiveState) => faults.length > 0;
const isGood = ({ faults }: LiveState) => faults.length === 0;

test('an agent file, a tool and a file that it imports: each is loaded anew when it is saved, well within 2 s', async () => {
  const { after, write } = await open();
  const fromMs = performance.now();
  const words = await after(() => write('words.ts', "export const greeting = 'two';\n"));
  expect([greetingOf(words), words.version]).toEqual(['two', 2]);
  const agent = await after(() => write('agent.ts', AGENT.replace("'desk'", "'front desk'")));
  expect([agent.agent.name, greetingOf(agent)]).toEqual(['front desk', 'two']);
  const tool = await after(() => write('tools/find.ts', toolFile('search')));
  expect(toolsOf(tool)).toEqual(['search']);
  expect(performance.now() - fromMs).toBeLessThan(3 * 2_000);
});

test('a tool that comes, and one that goes', async () => {
  const { after, write, path } = await open();
  expect(toolsOf(await after(() => write('tools/book.ts', toolFile('book'))))).toEqual(['book', 'find']);
  expect(toolsOf(await after(() => rmSync(path('tools/find.ts'))))).toEqual(['book']);
});

test('plain JavaScript, its helpers and JSON are loaded anew too, whatever Node would keep of them', async () => {
  const { live, after, write } = await open(
    {
      'package.json': '{ "type": "module" }',
      'agent.js':
        "import { defineAgent } from 'parley-voice';\nimport { name } from './lib/name.mjs';\nimport data from './data.json' with { type: 'json' };\n" +
        'export default defineAgent({ name, instructions: data.instructions });\n',
      'lib/name.mjs': "export { name } from './deep.js';\n",
      'lib/deep.js': "export const name = 'one';\n",
      'data.json': '{ "instructions": "Be kind." }',
    },
    'agent.js',
  );
  expect(live.state.agent).toMatchObject({ name: 'one', machine: { instructions: 'Be kind.' } });
  expect((await after(() => write('lib/deep.js', "export const name = 'two';\n"))).agent.name).toBe('two');
  const state = await after(() => write('data.json', '{ "instructions": "Be short." }'));
  expect(state.agent.machine.instructions).toBe('Be short.');
});

test('a module that two tools import is one module in each load, and a new one in the next', async () => {
  const counting = (name: string) => `import { z } from 'zod';
import { defineTool } from 'parley-voice';
import { shared } from '../shared.ts';
export default defineTool({ name: '${name}', description: String(shared.add()), input: z.object({}), run: () => 1 });
`;
  const { live, after, write } = await open({
    'shared.ts': 'let count = 0;\nexport const shared = { add: () => ++count };\n',
    'tools/a.ts': counting('a'),
    'tools/b.ts': counting('b'),
  });
  const counts = ({ agent }: LiveState) =>
    /"description":"(\d)".*"description":"(\d)"/.exec(agent.toolbox.toolsJson ?? '')?.slice(1);
  expect(counts(live.state)).toEqual(['1', '2']);
  expect(counts(await after(() => write('tools/a.ts', `${counting('a')}\n`)))).toEqual(['1', '2']);
});

test.each([
  ['a syntax error', 'words.ts', "export const greeting = 'one';\nexport const = 2;\n", 'words.ts', 2, /Unexpected/],
  ['an error as it is loaded', 'words.ts', "\n\nthrow new Error('no luck');\n", 'words.ts', 3, /no luck/],
  [
    'a field of an agent',
    'agent.ts',
    AGENT.replace("'./tools'],", "'./tools'],\n  turn: { endpointMs: 1 },"),
    'agent.ts',
    9,
    /endpointMs/,
  ],
  [
    'a field that no agent has',
    'agent.ts',
    AGENT.replace('greeting,', 'greting: greeting,'),
    'agent.ts',
    7,
    /did you mean/,
  ],
  ['a field that is missing', 'agent.ts', AGENT.replace(/ {2}instructions.*\n/, ''), 'agent.ts', 4, /instructions/],
  [
    'a folder of tools that is not there',
    'agent.ts',
    AGENT.replace('./tools', './tolls'),
    'agent.ts',
    8,
    /no such file/,
  ],
  [
    'a file that is imported and not there',
    'agent.ts',
    AGENT.replace('./words.ts', './wrods.ts'),
    'agent.ts',
    2,
    /cannot be found/,
  ],
  ['a syntax error in a tool', 'tools/find.ts', 'export default {\n  a b\n};\n', 'find.ts', 2, /Unexpected/],
  ['a field of a tool', 'tools/find.ts', toolFile('find', 'timeoutMs: -1,'), 'find.ts', 10, /timeoutMs/],
  ['a tool file without a tool', 'tools/find.ts', 'export const one = 1;\n', 'find.ts', undefined, /default export/],
])('%s is told with its file and line, the last good agent stays, and mended it goes on', async (...row) => {
  const [, name, broken, file, line, message] = row;
  const { live, after, write, path } = await open();
  const good = readFileSync(path(name), 'utf8');
  const before = live.state.agent;
  const state = await after(() => write(name, broken), hasFaults);
  expect(places(state)).toEqual([[file, line, expect.stringMatching(message) as string]]);
  expect([state.agent === before, state.version]).toEqual([true, 1]);
  const mended = await after(() => write(name, good), isGood);
  expect([greetingOf(mended), toolsOf(mended), mended.version]).toEqual(['one', ['find'], 2]);
});

test('a mistake in a file that a tool imports is told with that file, not with the tool', async () => {
  const { after, write } = await open({
    'lib/prices.ts': 'export const prices = {};\n',
    'tools/find.ts': `import '../lib/prices.ts';\n${toolFile('find')}`,
  });
  const state = await after(() => write('lib/prices.ts', '\nconst a = = 1;\n'), hasFaults);
  expect(state.faults).toMatchObject([{ line: 2, message: expect.stringContaining('Unexpected token') as string }]);
  expect(state.faults[0]?.file).toMatch(/lib.prices\.ts$/);
});

test('what is imported and not there is waited for, in a folder of its own too', async () => {
  const { after, write, path } = await open();
  await after(() => write('words.ts', "export { greeting } from './more/words';\n"), hasFaults);
  const state = await after(() => {
    mkdirSync(path('more'));
    write('more/words.ts', "export const greeting = 'more';\n");
  }, isGood);
  expect(greetingOf(state)).toBe('more');
});

test('a file that is replaced, moved away, deleted or made again is the same file', async () => {
  const { after, write, path } = await open();
  const words = (text: string) => `export const greeting = '${text}';\n`;
  const replaced = await after(() => {
    write('words.ts.tmp', words('replaced'));
    renameSync(path('words.ts.tmp'), path('words.ts'));
  });
  expect(greetingOf(replaced)).toBe('replaced');
  const kept = await after(
    () => {
      renameSync(path('words.ts'), path('words.ts~')); // as some editors keep what was there
      write('words.ts', words('kept'));
    },
    (state) => greetingOf(state) === 'kept',
  );
  expect(kept.faults).toEqual([]);
  await after(() => rmSync(path('words.ts')), hasFaults);
  expect(greetingOf(await after(() => write('words.ts', words('again')), isGood))).toBe('again');
  expect(greetingOf(await after(() => write('words.ts', words('later'))))).toBe('later');
});

test('so is a folder of tools that is deleted and made again, however fast', async () => {
  const { after, write, path } = await open();
  for (const name of ['first', 'second']) {
    const made = await after(
      () => {
        rmSync(path('tools'), { recursive: true });
        mkdirSync(path('tools'));
        write('tools/find.ts', toolFile(name));
      },
      (state) => isGood(state) && toolsOf(state)[0] === name,
    );
    expect(toolsOf(made)).toEqual([name]);
    const saved = await after(
      () => write('tools/find.ts', toolFile(`${name}_saved`)),
      (state) => toolsOf(state)[0] === `${name}_saved`,
    );
    expect(saved.faults).toEqual([]);
  }
});

test('several saves at once are one load, and the last of them counts', async () => {
  const { live, after, write } = await open();
  const state = await after(
    () => {
      for (let save = 1; save <= 20; save++) write('words.ts', `export const greeting = 'save ${save}';\n`);
      write('tools/find.ts', toolFile('search'));
    },
    (one) => toolsOf(one)[0] === 'search' && greetingOf(one) === 'save 20',
  );
  expect(state.version).toBeLessThanOrEqual(3);
  expect(live.state).toBe(state);
});

test('files that the agent is not made of cost nothing: a log that grows, notes, a test', async () => {
  const { live, after, write } = await open();
  write('calls.log', 'a line\n');
  write('notes.ts', 'not even TypeScript');
  write('tools/find.test.ts', 'neither');
  await after(() => write('words.ts', "export const greeting = 'two';\n"));
  expect(live.state.version).toBe(2);
});

test('another vendor takes a new start, and that is said', async () => {
  const { live, after, write } = await open();
  const ear = "listen: { vendor: { name: 'own' } as never },";
  const state = await after(() => write('agent.ts', AGENT.replace('greeting,', `greeting,\n  ${ear}`)), hasFaults);
  expect(state.agent).toBe(live.state.agent);
  expect(state.faults[0]?.file).toMatch(/agent\.ts$/);
});

test('without a good one to begin with it says what is wrong, as a worker that starts does', async () => {
  await expect(open({ 'words.ts': 'export const = 1;\n' })).rejects.toThrow(/words\.ts:1: Unexpected/);
});

test('what is closed does not load any more', async () => {
  const project = await open();
  let told = 0;
  void project.after(
    () => {},
    () => ++told < 0,
  );
  await project.live.close();
  project.write('words.ts', "export const greeting = 'two';\n");
  const second = await open(); // whose change is noticed by the same system, later
  await second.after(() => second.write('words.ts', "export const greeting = 'two';\n"));
  expect(told).toBe(0);
});

test('a tool that is YAML is there for the next call, and its mistake is told with its line', async () => {
  const order = (url: string) => `name: order\ndescription: Finds it.\ninput: { id: string }\nurl: ${url}\n`;
  const { live, write, path, after } = await open();
  const first = await after(() => write('tools/order.yaml', order('https://a.example.com/{id}')));
  expect([first.version, first.agent.toolbox.has('order')]).toEqual([2, true]);
  const broken = await after(
    () => write('tools/order.yaml', order('https://{id}/')),
    ({ faults }) => faults.length > 0,
  );
  expect(broken.faults).toMatchObject([
    { file: path('tools/order.yaml'), line: 4, message: expect.stringContaining('would choose the server') as string },
  ]);
  const gone = await after(
    () => rmSync(path('tools/order.yaml')),
    ({ faults }) => faults.length === 0,
  );
  expect([gone.agent.toolbox.has('order'), live.state.faults]).toEqual([false, []]);
});
