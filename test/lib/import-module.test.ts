import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { ModuleError, importModule } from '../../src/lib/import-module.ts';
import { createFolder } from '../helpers/folder.ts';

const cleanups: (() => void)[] = [];
afterEach(() => cleanups.splice(0).forEach((clean) => clean()));

function file(text: string, name = 'module.ts', others: Record<string, string> = {}): string {
  const { path, remove } = createFolder({ [name]: text, ...others });
  cleanups.push(remove);
  return join(path, name);
}

test.each(['module.ts', 'module.mts', 'module.js', 'module.mjs'])(
  '%s of a folder without node_modules gets the parley-voice and zod of this process',
  async (name) => {
    const path = file(
      "import { z } from 'zod';\nimport * as parley from 'parley-voice';\nexport { z, parley };\n",
      name,
    );
    const module = await importModule(path);
    expect((module.z as typeof z).ZodObject).toBe(z.ZodObject);
    expect(module.parley).toBe(await import('../../src/index.ts'));
  },
);

test('TypeScript may use enums, top-level await, import.meta and other files of its folder', async () => {
  const path = file(
    "import { helper } from './lib/helper';\n" +
      'enum Colour { Red, Blue }\n' +
      'const later: number = await Promise.resolve(3);\n' +
      'export default { colour: Colour.Blue, later, helper, here: import.meta.url };\n',
    'module.ts',
    { 'lib/helper.ts': "import { z } from 'zod';\nexport const helper: unknown = z.object;\n" },
  );
  const { default: value } = await importModule(path);
  expect(value).toEqual({ colour: 1, later: 3, helper: z.object, here: new URL(`file://${path}`).href });
});

test('where nothing can be cached (a file is in the way), modules are loaded all the same', () => {
  const path = file('const five: number = 5;\nexport default five;\n');
  const url = new URL('../../src/lib/import-module.ts', import.meta.url).href;
  const script = `const { importModule } = await import(${JSON.stringify(url)});
    console.log(JSON.stringify(await importModule(${JSON.stringify(path)})));`;
  expect(runNode(script, { XDG_CACHE_HOME: path })).toEqual({ default: 5 });
});

test('a module that is asked for several times at once is run once', async () => {
  const path = file('await new Promise((resolve) => setTimeout(resolve, 20));\nexport default {};\n');
  const [one, other] = await Promise.all([importModule(path), importModule(path)]);
  expect(one?.['default']).toBe(other?.['default']);
});

test('a module is run once', async () => {
  const path = file('export default {};\n');
  expect((await importModule(path)).default).toBe((await importModule(path)).default);
});

test("a zod of the folder's own is the one that its modules get", async () => {
  const path = file("import { z } from 'zod';\nexport default z;\n", 'module.ts', {
    'node_modules/zod/package.json': '{"name":"zod","version":"9.9.9","type":"module","main":"index.js"}',
    'node_modules/zod/index.js': "export const z = 'theirs';\n",
  });
  expect((await importModule(path)).default).toBe('theirs');
});

test.each([
  ['a missing file', undefined, 'file-unreadable', 'agent.ts: There is no such file'],
  ['a syntax error', 'const a = 1;\nconst b = = 2;\n', 'module-invalid', 'agent.ts:2: Unexpected token'],
  ['an error at run time', "\n\nthrow new Error('no luck');\n", 'module-invalid', 'agent.ts:3: Error: no luck'],
  [
    'a name that is not exported',
    "import { defineTol } from 'parley-voice';\n\nexport default defineTol({});\n",
    'module-invalid',
    'agent.ts:3: TypeError: `defineTol` is not a function',
  ],
  ['a number thrown', 'throw 7;\n', 'module-invalid', 'agent.ts: It threw 7'],
])('%s is told with the file as the user wrote it, and its line', async (_name, text, code, message) => {
  const path = text === undefined ? '/nowhere/agent.ts' : file(text);
  const failure = importModule(path, 'agent.ts');
  await expect(failure).rejects.toBeInstanceOf(ModuleError);
  await expect(failure).rejects.toMatchObject({ code, file: 'agent.ts', message });
});

test('a syntax error in plain JavaScript is told with its line too', async () => {
  const path = file('const a = 1;\nexport default { a: 1 b: 2 };\n', 'module.mjs');
  await expect(importModule(path, 'x.mjs')).rejects.toThrow('x.mjs:2: Unexpected token, expected ","');
});

test('jiti is not loaded for JavaScript that Node can import itself', () => {
  const path = file('export default 5;\n', 'module.mjs');
  const url = new URL('../../src/lib/import-module.ts', import.meta.url).href;
  const script =
    `const { importModule } = await import(${JSON.stringify(url)});\n` +
    `const { default: five } = await importModule(${JSON.stringify(path)});\n` +
    "const { createRequire } = await import('node:module');\n" +
    'const loaded = Object.keys(createRequire(import.meta.url).cache).filter((file) => /node_modules.jiti/.test(file));\n' +
    'console.log(JSON.stringify([five, loaded]));\n';
  expect(runNode(script)).toEqual([5, []]);
});

/** What a script prints, run as a source checkout runs. */
function runNode(script: string, env: Record<string, string> = {}): unknown {
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  const args = ['--import', 'tsx', '--input-type=module', '-e', script];
  return JSON.parse(
    execFileSync(process.execPath, args, { cwd, env: { ...process.env, ...env }, timeout: 15_000 }).toString(),
  ) as unknown;
}
