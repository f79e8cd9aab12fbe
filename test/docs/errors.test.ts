/** The page on errors has each code, and no other. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/errors.md'), 'utf8');
const sections = page.split(/^## /m).slice(1);
const PARTS = ['Thrown', 'The caller hears', 'The operator sees', 'Cause', 'Mend'];

/** As the compiler reads the union. */
function errorCodes(): string[] {
  const text = readFileSync(join(root, 'src/lib/errors.ts'), 'utf8');
  const source = ts.createSourceFile('errors.ts', text, ts.ScriptTarget.Latest);
  const alias = source.statements.filter(ts.isTypeAliasDeclaration).find(({ name }) => name.text === 'ErrorCode');
  if (!alias || !ts.isUnionTypeNode(alias.type)) throw new Error('Expected `ErrorCode` to be a union');
  return alias.type.types.map((type) => {
    if (!ts.isLiteralTypeNode(type) || !ts.isStringLiteral(type.literal)) throw new Error('Expected a code');
    return type.literal.text;
  });
}

test('docs/errors.md has a section for each error code, and for nothing else', () => {
  const documented = sections.map((section) => section.split('\n')[0]);
  expect(errorCodes().length).toBeGreaterThan(15);
  expect(documented.toSorted()).toEqual(errorCodes().toSorted());
});

test.each(sections.map((section) => [section.split('\n')[0] ?? '', section]))(
  '%s: when it comes, what is heard and seen, why, and what to do',
  (code, section) => {
    for (const part of PARTS) expect(section).toMatch(new RegExp(`^- \\*\\*${part}\\*\\*: \\S`, 'm'));
    expect(page).toContain(`- [\`${code}\`](#${code})`);
  },
);
