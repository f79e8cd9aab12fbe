/** Whoever has the package has what its pages speak of: files, headings, commands and their options, settings, fields, exports. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { expect, test } from 'vitest';
import { PulseOptions } from '../../src/listen/pulse/options.ts';
import { ModelOptions } from '../../src/model/electron/request.ts';
import { LightningOptions } from '../../src/speak/lightning/options.ts';
import { Phrases, TurnOptions } from '../../src/turn/options.ts';
import { describeSettings } from '../../src/worker/settings.ts';
import { parley } from '../cli/helpers/command.ts';
import { beside, isPacked, ownPath, readPages, ROOT, SCRIPTS, type Page } from './helpers/pages.ts';

const pages = readPages();
const byFile = new Map(pages.map((page) => [page.file, page]));

/** What is wrong on any page, with the page. */
const wrong = (find: (page: Page) => string[]): string[] =>
  pages.flatMap((page) => find(page).map((found) => `${page.file}: ${found}`));

test('the pages are those of the package', () => {
  expect([...byFile.keys()]).toEqual(
    expect.arrayContaining(['README.md', 'SECURITY.md', 'CHANGELOG.md', 'docs/agent.md', 'docs/lines/twilio.md']),
  );
});

test('a link goes to a page that the package holds, and to a heading that is there', () => {
  const isDead = (page: Page, link: string): boolean => {
    if (/^https:\/\//.test(link)) return false;
    const [path = '', anchor] = link.split('#');
    const file = path === '' ? page.file : beside(page, path);
    if (!isPacked(file)) return true;
    return anchor !== undefined && !byFile.get(file)?.anchors.has(anchor);
  };
  expect(pages.flatMap(({ links }) => links).length).toBeGreaterThan(50);
  expect(wrong((page) => page.links.filter((link) => isDead(page, link)))).toEqual([]);
});

test('a path that is named is in the package', () => {
  const named = ({ code }: Page) =>
    code.flatMap((words) => words.split(/[\s=,]+/)).flatMap((word) => ownPath(word) ?? []);
  const isThere = (page: Page, path: string) => isPacked(path) || isPacked(beside(page, path));
  expect(pages.flatMap(named).length).toBeGreaterThan(10);
  expect(wrong((page) => named(page).filter((path) => !isThere(page, path)))).toEqual([]);
});

test('each page of docs is reached from the README', () => {
  const reached = new Set(['README.md']);
  for (const file of reached) {
    for (const link of byFile.get(file)?.links ?? []) {
      const [path = ''] = link.split('#');
      const to = posix.normalize(posix.join(posix.dirname(file), path));
      if (byFile.has(to)) reached.add(to); // a set that grows is walked to its new end
    }
  }
  expect(pages.map(({ file }) => file).filter((file) => file.startsWith('docs/') && !reached.has(file))).toEqual([]);
});

/** `parley COMMAND --options`, as it is named on a page; the command is undefined for `parley --help`. */
function commandsOf({ code }: Page): { command: string | undefined; options: string[] }[] {
  return code.flatMap((line) => {
    const found = /^(?:[A-Z_]+=\S+ )*(?:npx |npm run )?parley(?:-voice)?(?: --)?(?: ([a-z]+))?((?: .*)?)$/.exec(line);
    if (!found) return [];
    const [, command, rest = ''] = found;
    return [{ command, options: rest.match(/(?<=\s)--?[a-z][\w-]*/g) ?? [] }];
  });
}

test('a command that is named is one, and has the options that it is given', { timeout: 60_000 }, async () => {
  const named = pages.flatMap((page) => commandsOf(page).map((each) => ({ ...each, file: page.file })));
  const commands = [...new Set(named.map(({ command }) => command))];
  expect(commands.length).toBeGreaterThan(8);
  const helps = new Map<string | undefined, string>();
  for (const command of commands) {
    const { stdout } = await parley(command === undefined ? ['--help'] : [command, '--help']);
    helps.set(command, stdout.startsWith(`Usage: parley ${command ?? ''}`) ? stdout : '');
  }
  const unknown = named.flatMap(({ file, command, options }) => {
    const help = helps.get(command) ?? '';
    const others = options.filter((option) => !new RegExp(`(^|[\\s,])${option}(?![\\w-])`).test(help));
    if (help === '') return [`${file}: parley ${command}`];
    return others.map((option) => `${file}: parley ${command} ${option}`);
  });
  expect(unknown).toEqual([]);
});

test('a script of npm that is named is one', () => {
  const named = ({ code }: Page) =>
    code.flatMap((line) =>
      [...line.matchAll(/\bnpm (?:run (?:--silent )?([\w:]+)|(test))\b/g)].map((m) => m[1] ?? m[2] ?? ''),
    );
  expect(pages.flatMap(named).length).toBeGreaterThan(4);
  expect(wrong((page) => named(page).filter((script) => !SCRIPTS.has(script)))).toEqual([]);
});

test('a setting that is named is one', () => {
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' });
  const source = sources
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(ROOT, 'src', file), 'utf8'));
  const known = new Set(`${describeSettings()}\n${source.join('\n')}`.match(/\b(PARLEY|SMALLEST)_[A-Z_]+\b/g));
  const named = ({ text }: Page): string[] => text.match(/\b(PARLEY|SMALLEST)_[A-Z_]+\b/g) ?? [];
  expect(new Set(pages.flatMap(named)).size).toBeGreaterThan(20);
  expect(wrong((page) => named(page).filter((name) => !known.has(name)))).toEqual([]);
});

test('a field of the agent file that is named is one', () => {
  const fields: Record<string, string[]> = {
    turn: Object.keys(TurnOptions.shape),
    phrases: Object.keys(Phrases.shape),
    model: ['vendor', ...Object.keys(ModelOptions.shape)],
    voice: ['vendor', ...Object.keys(LightningOptions.shape)],
    listen: ['vendor', ...Object.keys(PulseOptions.shape)],
  };
  const named = ({ code }: Page) =>
    code.flatMap((words) => /^(turn|phrases|model|voice|listen)\.(\w+)$/.exec(words)?.slice(1) ?? []);
  const pairs = (page: Page) =>
    named(page).flatMap((part, at, all) => (at % 2 === 0 ? [[part, all[at + 1] ?? '']] : []));
  expect(pages.flatMap(pairs).length).toBeGreaterThan(15);
  const unknown = wrong((page) =>
    pairs(page).flatMap(([section = '', field = '']) =>
      fields[section]?.includes(field) ? [] : [`${section}.${field}`],
    ),
  );
  expect(unknown).toEqual([]);
});
