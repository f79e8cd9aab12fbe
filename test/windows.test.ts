/** What a clone on Windows needs: files with the ends of lines that are checked, and scripts that its shell runs. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
const starter = JSON.parse(readFileSync(join(ROOT, 'starter/package.template.json'), 'utf8')) as typeof scripts & {
  scripts: object;
};

/** Quotes of one stroke, variables, several commands by `;`, and programs that only Unix has. */
const POSIX_ONLY = /'|\$|;|`|(?:^|&& )(?:[A-Z_]+=|rm |cp |mv |mkdir |export |cat |\.\/)/;

test.each(Object.entries(scripts).concat(Object.entries(starter.scripts) as [string, string][]))(
  'scripts that run on Windows: npm run %s',
  (name, script) => {
    if (name === 'ci')
      expect(script).toBe('bash .ci/run'); // which is for a machine that has it, and says so
    else expect(script).not.toMatch(POSIX_ONLY);
  },
);

test('no script means single quotes to be taken off, which Windows does not', () => {
  for (const script of ["vitest --exclude '**/x'", 'rm -rf dist', 'A=1 vitest', 'vitest $X', 'tsc && rm -rf dist']) {
    expect(script).toMatch(POSIX_ONLY);
  }
});

test.runIf(existsSync(join(ROOT, '.git')))('.gitattributes for CRLF: every text is checked out with line feeds', () => {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim().split('\n');
  const wanted = git('check-attr', 'eol', '--', 'src/index.ts', 'README.md', '.ci/run', 'package.json');
  expect(wanted.map((line) => line.split(': ').at(-1))).toEqual(['lf', 'lf', 'lf', 'lf']);
  const endings = git('ls-files', '--eol').map((line) => line.split(/\s+/));
  expect(endings.filter(([index]) => index === 'i/crlf' || index === 'i/mixed')).toEqual([]);
});
