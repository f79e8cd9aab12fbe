/** The command under a Node that is too old to load it. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { buildCommand } from './helpers/build.ts';
import { parley } from './helpers/command.ts';

/** What an older Node lacks is taken away before anything is loaded. */
const NODE_18 =
  "Object.defineProperty(process,'versions',{value:{...process.versions,node:'18.20.4'}});delete globalThis.File;";

test.each([[['--version']], [['chat', '--agent', 'examples/clinic.ts']], [[]]])(
  "Node 18's first line says what is needed and what this is, and nothing else follows: parley %j",
  async (args) => {
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(NODE_18)}` };
    const { code, stdout, stderr } = await parley(args, { env });
    expect({ code, stdout, stderr }).toEqual({
      code: 1,
      stdout: '',
      stderr: 'parley: needs Node 20.19 or later, this is Node 18.20.4\n',
    });
  },
);

test("Node 18's first line comes before any package is loaded, and before syntax that it does not know", () => {
  const seen = new Set<string>();
  const read = (file: string): string[] => {
    if (seen.has(file)) return [];
    seen.add(file);
    const text = readFileSync(file, 'utf8');
    const imports = [
      ...text.matchAll(/^(?:import|export)\b[^'"()]*?from\s*["']([^"']+)["']|^import\s*["']([^"']+)["']/gm),
    ];
    const names = imports.map(([, from, bare]) => from ?? bare ?? '');
    return names.flatMap((name) => (name.startsWith('.') ? read(resolve(dirname(file), name)) : [name]));
  };
  expect(read(buildCommand())).toEqual([]);
  for (const file of seen)
    expect(readFileSync(file, 'utf8')).not.toMatch(/\busing\b|\bimport\.meta\.dirname|with\s*\{/);
});
