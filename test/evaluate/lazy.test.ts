/** What evaluates is loaded when somebody evaluates: `parley serve` starts without it, and without YAML. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const source = join(import.meta.dirname, '../../src');
const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const textOf = (file: string) => readFileSync(join(source, file), 'utf8');

test('only the commands that evaluate import what evaluates, and they are imported when they are asked for', () => {
  const importing = files.filter(
    (file) => !file.startsWith('evaluate/') && /^import (?!type )[^;]*from '[^']*\/evaluate\//m.test(textOf(file)),
  );
  const others = ['demo-front-desk', 'eval-diff', 'eval-follow', 'eval-judge', 'eval', 'scenario'];
  expect(importing.sort()).toEqual(others.map((name) => `cli/${name}.ts`));
  const [program, evaluating] = [textOf('cli/program.ts'), textOf('cli/eval.ts')];
  for (const command of importing.map((file) => file.replace('cli/', './'))) {
    expect(command === './eval-follow.ts' ? evaluating : program).toContain(`import('${command}')`);
    const atStart = new RegExp(`^import \\{[^}]*\\} from '${command.replace('.', '\\.')}'`, 'm');
    for (const text of [program, evaluating]) expect(text).not.toMatch(atStart);
  }
});

test('YAML is loaded when a file of it is read', () => {
  const loading = files.filter((file) => /'yaml'/.test(textOf(file)));
  expect(loading.sort()).toEqual(['cli/scenario.ts', 'evaluate/judge/labels.ts', 'lib/yaml-documents.ts']);
  for (const file of loading) expect(textOf(file)).not.toMatch(/from 'yaml'/);
});
