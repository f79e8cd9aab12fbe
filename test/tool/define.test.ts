import { expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import * as mini from 'zod/mini';
import type * as define from '../../src/tool/define.ts';
import {
  ToolError,
  defineTool,
  hangUp,
  isSpecialResult,
  isToolDefinition,
  isToolError,
  say,
  transferTo,
  type ToolContext,
  type ToolDefinition,
} from '../../src/tool/define.ts';

test('the input of a handler is inferred from the schema, as it is after parsing', () => {
  const tool = defineTool({
    name: 'book',
    description: 'Books.',
    input: z.object({
      day: z.iso.date(),
      guests: z.int().default(2),
      note: z.string().optional(),
      when: z.string().transform((text) => new Date(text)),
    }),
    run(input, context) {
      expectTypeOf(input).toEqualTypeOf<{ day: string; guests: number; note?: string | undefined; when: Date }>();
      expectTypeOf(context).toEqualTypeOf<ToolContext>();
      expectTypeOf(context.signal).toEqualTypeOf<AbortSignal>();
      expectTypeOf(context.env.ANY).toEqualTypeOf<string | undefined>();
      return input.day;
    },
  });
  expectTypeOf(tool).toExtend<ToolDefinition>();
  expectTypeOf<ToolDefinition[]>().toEqualTypeOf<ToolDefinition[]>();
  const list: ToolDefinition[] = [tool];
  expect(list.every(isToolDefinition)).toBe(true);
});

test('a schema of zod/mini is inferred and taken too', () => {
  const tool = defineTool({
    name: 'look',
    description: 'Looks.',
    input: mini.object({ id: mini.number() }),
    run: ({ id }) => {
      expectTypeOf(id).toEqualTypeOf<number>();
      return id;
    },
  });
  expect(isToolDefinition(tool)).toBe(true);
});

test('what the schema does not promise is a type error', () => {
  defineTool({
    name: 'look',
    description: 'Looks.',
    input: z.object({ id: z.string() }),
    // @ts-expect-error `other` is not in the schema
    run: ({ other }) => other as unknown,
  });
  // @ts-expect-error the input is an object
  defineTool({ name: 'look', description: 'Looks.', input: z.string(), run: () => 1 });
  // @ts-expect-error there is no such effect
  defineTool({ name: 'look', description: 'Looks.', input: z.object({}), effect: 'delete', run: () => 1 });
  expectTypeOf(defineTool).toBeFunction();
});

test('tools, results and errors of another copy of the package are known by their brands', async () => {
  const copy: string = '../../src/tool/define.ts?copy';
  const elsewhere = (await import(copy)) as typeof define;
  expect(elsewhere.ToolError).not.toBe(ToolError);
  const theirs = elsewhere.defineTool({ name: 'a', description: 'b', input: z.object({}), run: () => 1 });
  expect(isToolDefinition(theirs)).toBe(true);
  expect(isToolError(new elsewhere.ToolError('no'))).toBe(true);
  expect(isSpecialResult(elsewhere.say('Hello.'))).toBe(true);
});

test('plain objects and errors that only look alike are not taken for ours', () => {
  expect(isToolDefinition({ name: 'a', description: 'b', input: z.object({}), run: () => 1 })).toBe(false);
  expect(isSpecialResult({ type: 'say', text: 'Hello.' })).toBe(false);
  expect(isToolError(Object.assign(new Error('x'), { name: 'ToolError' }))).toBe(false);
});

test('say, hangUp and transferTo hold what was asked, and refuse to say nothing', () => {
  expect(say('Booked.', { id: 1 })).toMatchObject({ type: 'say', text: 'Booked.', result: { id: 1 } });
  expect(hangUp()).toMatchObject({ type: 'hang-up', reason: 'agent-hung-up' });
  expect(transferTo('+1555')).toMatchObject({ type: 'transfer', to: '+1555' });
  expect(() => say(' ')).toThrow('Expected `text` of say() to be words, got ` `');
  expect(() => transferTo('')).toThrow('Expected `to` of transferTo()');
});

const LINE_BREAK = 'A17\r\nX-Admin: yes';
test.each<[what: string, headers: Record<string, unknown>, problem: string]>([
  ["a name that is no header of one's own", { From: 'sip:boss@example.com' }, 'to be named X-... or User-to-User'],
  ['a name with more than a name', { 'X-A: 1\r\nX-B': '1' }, 'to be named'],
  ['a value behind which another header would begin', { 'X-Order': LINE_BREAK }, 'to have printable ASCII as values'],
  ['a value that is no text', { 'X-Order': 17 }, 'to have text as values, got a number for `X-Order`'],
  ['more than carriers pass on', { 'X-Order': 'a'.repeat(1_100) }, 'at most 1024 characters in all'],
  ['too many', Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`X-${i}`, ''])), 'to be at most 16, got 17'],
])('transfer: SIP headers with %s are refused', (_what, headers, problem) => {
  expect(() => transferTo('sip:a@b.c', { headers: headers as Record<string, string> })).toThrow(problem);
});

test('transfer: SIP headers are copied, and none are none', () => {
  const headers = { 'X-Order': '17', 'User-to-User': '00ab;encoding=hex' };
  const result = transferTo('sip:a@b.c', { headers });
  headers['X-Order'] = '18';
  expect(result).toMatchObject({ type: 'transfer', headers: { 'X-Order': '17' } });
  expect(transferTo('+1', { headers: {} })).not.toHaveProperty('headers');
});
