import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { endCall, transferCall } from '../../src/tool/builtin/index.ts';
import { ToolsInvalid } from '../../src/tool/check.ts';
import { defineTool } from '../../src/tool/define.ts';
import { inspectTools, loadTools } from '../../src/tool/load.ts';
import { createFolder, toolFile } from '../helpers/folder.ts';

const cleanups: (() => void)[] = [];
afterEach(() => cleanups.splice(0).forEach((clean) => clean()));

function folder(files: Record<string, string>): string {
  const { path, remove } = createFolder(files);
  cleanups.push(remove);
  return path;
}

const own = defineTool({ name: 'own', description: 'Ours.', input: z.object({}), run: () => 1 });

test('folders, files, names of built-in tools and objects may be mixed, in any of four languages', async () => {
  const from = folder({
    'tools/b.ts': toolFile('from_ts'),
    'tools/a.mts': toolFile('from_mts'),
    'tools/d.mjs': toolFile('from_mjs'),
    'tools/c.js': toolFile('from_js'),
    'more/single.ts': toolFile('single'),
  });
  const tools = await loadTools(['./tools', own, 'end_call', 'more/single.ts', transferCall], { from });
  expect(tools.map(({ definition, file }) => [definition.name, file])).toEqual([
    ['from_mts', './tools/a.mts'],
    ['from_ts', './tools/b.ts'],
    ['from_js', './tools/c.js'],
    ['from_mjs', './tools/d.mjs'],
    ['own', undefined],
    ['end_call', undefined],
    ['single', 'more/single.ts'],
    ['transfer_call', undefined],
  ]);
  expect(tools[0]?.definition.input).toBeInstanceOf(z.ZodObject);
  expect(tools[5]?.definition).toBe(endCall);
});

test('of a folder, declarations, tests, hidden files, helpers and folders within are left alone', async () => {
  const from = folder({
    'tools/look.ts': toolFile('look').replace(
      "from 'zod';",
      "from 'zod';\nimport { greet } from './lib/greet.ts';\nvoid greet;",
    ),
    'tools/lib/greet.ts': 'export const greet = (name: string): string => name;',
    'tools/_shared.ts': 'throw new Error("not a tool");',
    'tools/.hidden.ts': 'throw new Error("not a tool");',
    'tools/look.test.ts': 'throw new Error("not a tool");',
    'tools/types.d.ts': 'export interface Order { id: string }',
    'tools/data.json': '{}',
    'tools/README.md': '# tools',
  });
  const tools = await loadTools(['./tools/'], { from });
  expect(tools.map(({ file }) => file)).toEqual(['./tools/look.ts']);
});

test('a file that is named twice is loaded once', async () => {
  const from = folder({ 'tools/look.ts': toolFile('look') });
  expect(await loadTools(['./tools', './tools/look.ts', 'tools/../tools/look.ts'], { from })).toHaveLength(1);
});

test('every broken module is named as the user wrote it, with its line, beside the mistakes of the others', async () => {
  const from = folder({
    'tools/syntax.ts': "import { z } from 'zod';\n\nexport default {\n  name: 'x' 'y',\n};\n",
    'tools/throws.ts':
      'interface A {\n  b: string;\n}\n\nconst a = undefined as A | undefined;\nexport default a!.b;\n',
    'tools/nothing.ts': 'export const x = 1;\n',
    'tools/named.ts': toolFile('named').replace('export default', 'export const look ='),
    'tools/plain.ts': "export default { name: 'plain' };\n",
    'tools/string.ts': "throw 'no';\n",
    'tools/missing.ts': "import { a } from './gone.ts';\nexport default a;\n",
    'tools/package.mjs': "import a from 'no-such-package';\nexport default a;\n",
    'tools/helped.ts': "import { a } from './lib/broken.ts';\nexport default a;\n",
    'tools/lib/broken.ts': "export const a = 1;\nthrow new RangeError('out of it');\n",
    'tools/wrong.ts': toolFile('wrong', 'timeoutMs: 0,'),
    'tools/fine.ts': toolFile('fine'),
    'notes.txt': 'x',
    'empty/readme.md': 'x',
  });
  const sources = ['./tools', './gone.ts', './gone', 'hang_up', 'notes.txt', 'empty', {} as never];
  const { tools, problems } = await inspectTools(sources, { from });
  expect(tools.map(({ definition }) => definition.name)).toEqual(['fine', 'wrong']);
  expect(problems.map(({ file, line, message }) => [file, line, message])).toEqual([
    ['./tools/helped.ts', undefined, expect.stringMatching(/lib\/broken\.ts:2: RangeError: out of it$/)],
    ['./tools/missing.ts', undefined, "It imports './gone.ts', which cannot be found"],
    [
      './tools/named.ts',
      undefined,
      'Expected the default export to be `defineTool({...})`, got an export named `look`',
    ],
    ['./tools/nothing.ts', undefined, 'Expected the default export to be `defineTool({...})`, got no default export'],
    ['./tools/package.mjs', undefined, "It imports 'no-such-package', which cannot be found"],
    ['./tools/plain.ts', undefined, 'Expected the default export to be `defineTool({...})`, got an object'],
    ['./tools/string.ts', undefined, 'It threw "no"'],
    ['./tools/syntax.ts', 4, 'Line 4: Unexpected token, expected ","'],
    ['./tools/throws.ts', 6, "Line 6: TypeError: Cannot read properties of undefined (reading 'b')"],
    ['./gone.ts', undefined, 'There is no such file or folder'],
    ['./gone', undefined, 'There is no such file or folder'],
    [
      'hang_up',
      undefined,
      'There is no such file or folder, nor a built-in tool of that name: those are end_call, transfer_call, send_digits, collect_digits, hand_off, wait_on_hold',
    ],
    ['notes.txt', undefined, 'Expected a module (.ts, .mts, .js, .mjs), got `.txt`'],
    ['empty', undefined, 'Expected at least one tool file (.ts, .mts, .js, .mjs, .yaml, .yml), got none'],
    [
      undefined,
      undefined,
      'Expected a folder, a file, the name of a built-in tool or `defineTool({...})`, got an object',
    ],
    ['./tools/wrong.ts', undefined, 'Expected `timeoutMs` to be a whole number of milliseconds, 1 to 600000, got `0`'],
  ]);
  const failure = loadTools(sources, { from });
  await expect(failure).rejects.toBeInstanceOf(ToolsInvalid);
  await expect(failure).rejects.toMatchObject({
    code: 'tool-invalid',
    message: expect.not.stringMatching(/^\s+at /m) as string,
  });
});

test('a function in the list makes a tool, and its failure is a mistake like any other', async () => {
  const { tools, problems } = await inspectTools(
    [
      () => own,
      () => {
        throw new Error('no destinations');
      },
    ],
    { from: '.' },
  );
  expect(tools).toEqual([{ definition: own, file: undefined }]);
  expect(problems.map(({ message }) => message)).toEqual(['A function in the list of tools threw: no destinations']);
});
