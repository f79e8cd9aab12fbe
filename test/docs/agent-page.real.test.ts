/**
 * `docs/agent.md` is made of the doc comments of its schemas.
 *
 * Real time: the compiler reads all of Parley for it.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { agentPage, readSections, type Field, type Section } from './helpers/agent-page.ts';

describe('the agent file, as whoever installs the package sees it', () => {
  let sections: Section[] = [];
  beforeAll(() => {
    sections = readSections();
  }, 120_000);

  const fieldsWith = (has: (field: Field) => boolean) =>
    sections.flatMap(({ name, fields }) =>
      fields.filter(has).map((field) => ({ ...field, name: `${name}.${field.name}` })),
    );
  const numeral = (value: number) => value.toLocaleString('en-US');

  test('every field has a sentence that an editor shows', () => {
    const all = fieldsWith(() => true);
    expect(all.length).toBeGreaterThan(50);
    expect(all.filter(({ hover }) => !/^[A-Z`].{10,}\.$/.test(hover)).map(({ name }) => name)).toEqual([]);
  });

  test('the sentence of every field says its default', () => {
    const optional = fieldsWith(({ isRequired }) => !isRequired);
    expect(optional.filter(({ hover }) => !/\bdefault\b/i.test(hover)).map(({ name }) => name)).toEqual([]);
    const decided = fieldsWith(({ schema }) => ['number', 'string'].includes(typeof schema?.default));
    const wrong = decided.filter(({ hover, schema }) => {
      const value = schema?.default;
      return !hover.includes(`efault ${typeof value === 'number' ? numeral(value) : `\`${String(value)}\``}`);
    });
    expect(decided.length).toBeGreaterThan(20);
    expect(wrong.map(({ name, hover }) => `${name}: ${hover}`)).toEqual([]);
  });

  test('the sentence of every number says its range, and of every time its unit', () => {
    const ranged = fieldsWith(
      ({ schema }) => schema?.maximum !== undefined && schema.maximum < Number.MAX_SAFE_INTEGER,
    );
    const wrong = ranged.filter(
      ({ hover, schema }) => !hover.includes(`${numeral(schema?.minimum ?? 0)} to ${numeral(schema?.maximum ?? 0)}`),
    );
    expect(ranged.length).toBeGreaterThan(20);
    expect(wrong.map(({ name, hover }) => `${name}: ${hover}`)).toEqual([]);
    const times = fieldsWith(({ name }) => name.endsWith('Ms'));
    expect(times.filter(({ hover }) => !hover.includes('Milliseconds')).map(({ name }) => name)).toEqual([]);
  });

  test('models and languages are lists that an editor offers', () => {
    const types = Object.fromEntries(fieldsWith(() => true).map(({ name, type }) => [name, type]));
    expect(types['voice.model']).toBe('LightningModel');
    expect(types['voice.language']).toBe('LightningLanguage');
    expect(types['listen.language']).toBe('LiveLanguage');
  });

  // `npx vitest run test/docs/agent-page.real.test.ts -u` writes it
  test('docs/agent.md says the same', async () => {
    await expect(await agentPage(sections)).toMatchFileSnapshot('../../docs/agent.md');
  });
});
