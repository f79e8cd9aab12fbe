/** The page on events has each event with its fields, and each reason for which calls end, and no others. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { END_REASONS } from '../../src/watch/end-reason.ts';
import { readConfig } from './helpers/built-types.ts';

const root = resolve(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/events.md'), 'utf8');
/** Of every event. */
const COMMON = ['type', 'callId', 'atMs'];

/** The first two cells of each row of a section, with the names that stand in each. */
function rowsOf(section: string): [names: string[], more: string[]][] {
  const text = page.split(/^## /m).find((part) => part.startsWith(`${section}\n`)) ?? '';
  const rows = text.split('\n').filter((line) => line.startsWith('| `'));
  const names = (cell = '') => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
  return rows.slice(1).map((row) => [names(row.split('|')[1]), names(row.split('|')[2])]);
}

/** As the compiler reads the union: the fields of each event, whatever parts it is made of. */
function eventFields(): Map<string, string[]> {
  const file = join(root, 'src/call/events.ts');
  const program = ts.createProgram([file], readConfig('tsconfig.json'));
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const alias = source?.statements.filter(ts.isTypeAliasDeclaration).find(({ name }) => name.text === 'CallEvent');
  if (!alias) throw new Error('src/call/events.ts has no type CallEvent');
  const union = checker.getTypeAtLocation(alias.name);
  const fields = new Map<string, string[]>();
  for (const event of union.isUnion() ? union.types : []) {
    const type = event.getProperty('type');
    const names = event.getProperties().map(({ name }) => name);
    for (const each of type ? literalsOf(checker.getTypeOfSymbol(type)) : []) fields.set(each, names);
  }
  return fields;
}

function literalsOf(type: ts.Type): string[] {
  return (type.isUnion() ? type.types : [type]).flatMap((each) => (each.isStringLiteral() ? [each.value] : []));
}

test('docs/events.md has each event with its fields, and no others', () => {
  const known = eventFields();
  expect(known.size).toBeGreaterThan(20);
  const own = (names: string[]) => names.filter((name) => !COMMON.includes(name)).sort();
  const documented = rowsOf('All of them').map(([[type = ''], fields]) => [type, own(fields)]);
  expect(Object.fromEntries(documented)).toEqual(
    Object.fromEntries([...known].map(([type, fields]) => [type, own(fields)])),
  );
  expect(documented).toHaveLength(known.size);
});

test('docs/events.md has each reason for which calls end', () => {
  const documented = rowsOf('Why a call ends').map(([[reason]]) => reason);
  expect(documented.toSorted()).toEqual([...END_REASONS].sort());
});

test('docs/events.md has each kind of text', () => {
  const text = readFileSync(join(root, 'src/turn/contract.ts'), 'utf8');
  const [, union = ''] = /export type SpeechKind =([^;]+);/.exec(text) ?? [];
  const kinds = [...union.matchAll(/'([^']+)'/g)].map(([, kind = '']) => kind);
  expect(kinds.length).toBeGreaterThan(5);
  const section = page.split(/^## /m).find((part) => part.startsWith('Kinds of text')) ?? '';
  expect(kinds.filter((kind) => !section.includes(`\`${kind}\``))).toEqual([]);
});
