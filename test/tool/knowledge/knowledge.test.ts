/** `knowledge({ files })` as an agent has it: what is found, what is told, what becomes of files that change. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createAgent } from '../../../src/call/agent.ts';
import { knowledge } from '../../../src/tool/knowledge/knowledge.ts';
import type { KnowledgeOptions } from '../../../src/tool/knowledge/options.ts';
import { inspectTools, type InspectedTools } from '../../../src/tool/load.ts';
import { Searcher } from '../../../src/tool/knowledge/searcher.ts';
import { findFiles, readPassages } from '../../../src/tool/knowledge/files.ts';
import { createFolder } from '../../helpers/folder.ts';
import { until } from '../../helpers/until.ts';
import { runOne } from '../helpers/run-one.ts';
import { QUESTIONS } from './table.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

function folder(files: Record<string, string>) {
  const { path, remove } = createFolder(files);
  cleanups.push(remove);
  return path;
}

async function open(from: string, options: KnowledgeOptions): Promise<InspectedTools> {
  const inspected = await inspectTools([knowledge(options)], { from });
  cleanups.push(() => inspected.list.close());
  return inspected;
}

/** What the model reads. */
const ask = async (inspected: InspectedTools, question: string) =>
  (await runOne(inspected.tools, { name: 'search_knowledge', input: { question } })).result as {
    passages: { source: string; heading?: string; text: string }[];
    note?: string;
  };

test.each([
  ['en', 23, 25],
  ['es', 21, 21],
  ['hi', 22, 22],
] as const)(
  'questions in %s find their passage: first %i times, among three %i times',
  async (language, first, three) => {
    const searcher = await Searcher.create();
    const { files } = await findFiles([join(import.meta.dirname, 'files', language)]);
    for (const file of files) await searcher.put(file.path, (await readPassages(file)).passages);
    const places = QUESTIONS[language].flatMap(({ question, has }) =>
      has === undefined ? [] : searcher.find(question, 3).findIndex(({ text }) => text.includes(has)),
    );
    expect(places.filter((at) => at === 0).length).toBeGreaterThanOrEqual(first);
    expect(places.filter((at) => at >= 0).length).toBeGreaterThanOrEqual(three);
    const unknown = QUESTIONS[language].filter(({ has }) => has === undefined);
    expect(unknown.map(({ question }) => searcher.find(question, 3))).toEqual(unknown.map(() => []));
  },
);

test('the model is told the passage, what it stands under and where; and that nothing was found', async () => {
  const from = folder({ 'docs/more/hours.md': '# Clinic\n\n## Opening hours\n\nWe open at eight.\n' });
  const inspected = await open(from, { files: './docs' });
  expect(inspected.problems).toEqual([]);
  expect(await ask(inspected, 'When do you open?')).toEqual({
    passages: [{ source: 'more/hours.md, line 5', heading: 'Clinic > Opening hours', text: 'We open at eight.' }],
  });
  expect(await ask(inspected, 'helicopter insurance')).toMatchObject({ passages: [], note: /do not know/ });
});

test('a tool that reads, whose name and description may be others, so that an agent has two', async () => {
  const from = folder({ 'a.txt': 'One.', 'b.txt': 'Two.' });
  const agent = await createAgent(
    {
      name: 'desk',
      instructions: 'Answer.',
      tools: [
        knowledge({ files: 'a.txt' }),
        knowledge({ files: ['b.txt'], name: 'search_menu', description: 'Dishes.' }),
      ],
    },
    { directory: from },
  );
  cleanups.push(() => agent.close());
  expect(agent.toolbox.facts).toMatchObject([
    { name: 'search_knowledge', effect: 'read' },
    { name: 'search_menu', effect: 'read' },
  ]);
  expect(agent.toolbox.toolsJson).toContain('"description":"Dishes."');
});

test('what is not there, cannot be read or is written wrong is told with its field', async () => {
  const from = folder({ 'docs/picture.png': 'x', 'empty/.keep': '' });
  const problems = async (options: object) =>
    (await open(from, options as KnowledgeOptions)).problems.map(({ message }) => message);
  expect(await problems({ files: './nowhere' })).toEqual([
    'Expected `files` to be files and folders that are there, got `"./nowhere"`',
  ]);
  expect(await problems({ files: './docs' })).toEqual([
    expect.stringMatching(
      /^Expected `files` to be at least one file that can be read \(\.md, .*got 1 of the kind `\.png`/,
    ),
  ]);
  expect(await problems({ files: './empty' })).toEqual([expect.stringMatching(/got none$/)]);
  expect(await problems({ files: 3 })).toEqual([
    'Expected `files` to be a file or a folder, or a list of them, got `3`',
  ]);
  expect(await problems({ files: 'docs', passages: 0 })).toEqual([
    'Expected `passages` to be a whole number, 1 to 10, got `0`',
  ]);
  expect(await problems({ files: 'docs', folder: 'x' })).toEqual([
    '`folder` is not a field of knowledge: those are files, name, description, filler, passages',
  ]);
});

test('files that cannot be read are left out and told; the others are searched', async () => {
  const from = folder({ 'docs/good.md': 'The pool is open.', 'docs/empty.md': '', 'docs/plan.pdf': 'x' });
  writeFileSync(join(from, 'docs/latin.txt'), Buffer.from([0x61, 0xe9, 0x62]));
  const inspected = await open(from, { files: './docs' });
  const [origin] = inspected.list.origins;
  expect(inspected.problems).toEqual([]);
  expect(origin?.summary).toBe('knowledge ./docs: 1 file, 1 passage');
  expect(origin?.notices).toEqual([
    'knowledge ./docs: empty.md: it holds no text',
    'knowledge ./docs: latin.txt: it is not UTF-8: save it as such',
    'knowledge ./docs: 1 of the kind `.pdf`, which is not read',
  ]);
});

test('a file that is saved, comes or goes is what the next question finds', async () => {
  const from = folder({ 'docs/a.md': 'The pool opens at nine.' });
  const inspected = await open(from, { files: './docs' });
  const finds = (question: string, text: string) =>
    until(`${question}: ${text}`, async () => (await ask(inspected, question)).passages[0]?.text === text);
  await finds('pool', 'The pool opens at nine.');
  writeFileSync(join(from, 'docs/a.md'), 'The pool opens at ten.');
  await finds('pool', 'The pool opens at ten.');
  writeFileSync(join(from, 'docs/b.md'), 'The sauna is closed.');
  await finds('sauna', 'The sauna is closed.');
  rmSync(join(from, 'docs/a.md'));
  await until('the pool to be gone', async () => (await ask(inspected, 'pool')).passages.length === 0);
});
