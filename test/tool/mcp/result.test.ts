/** What the model reads of a server's answer. */
import { expect, test } from 'vitest';
import { readMcpResult } from '../../../src/tool/mcp/result.ts';

const text = (words: string) => ({ type: 'text', text: words });

test.each<[answer: object, read: unknown]>([
  [{ content: [] }, { done: true }],
  [{ content: [text('')] }, { done: true }],
  [{ content: [text('{"a":1}')] }, { a: 1 }],
  [{ content: [text('{"a":1')] }, '{"a":1'],
  [{ content: [text('one'), text('two')], structuredContent: null }, ['one', 'two']],
  [{ content: [text('one')], structuredContent: { two: 2 } }, { two: 2 }],
  [
    { content: [{ type: 'image', data: 'x', mimeType: 'image/png' }] },
    '(a picture, image/png, that cannot be read here)',
  ],
])('%j is read as %j', (answer, read) => {
  expect(readMcpResult('book', answer)).toEqual(read);
});

test.each<[answer: object, message: string]>([
  [{ isError: true, content: [text('no such day')] }, 'no such day'],
  [{ isError: true, structuredContent: { error: 'no such day' } }, '{"error":"no such day"}'],
  [{ isError: true, content: [{ type: 'image' }] }, 'The tool `book` failed, and did not say why.'],
])('of a failure %j the model reads %j', (answer, message) => {
  expect(() => readMcpResult('book', answer)).toThrow(message);
});
