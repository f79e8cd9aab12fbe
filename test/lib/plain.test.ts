import { describe, expect, test } from 'vitest';
import { jsonLine, plainLine, plainText, plainValue } from '../../src/lib/plain.ts';

const ESC = '\u001b';

describe('what a terminal would obey, or take for another line, is taken out', () => {
  test.each([
    ['a colour', `a${ESC}[31mb${ESC}[0m`, 'ab'],
    ['a long colour', `a${ESC}[38;2;1;2;3mb`, 'ab'],
    ['a cursor that goes up and clears the line', `a${ESC}[1A\r${ESC}[2Kb`, 'a b'],
    ['a title', `a${ESC}]0;forged\u0007b`, 'ab'],
    ['a link', `${ESC}]8;;https://evil.example\u001b\\text${ESC}]8;;${ESC}\\`, 'text'],
    ['a title without its end, of which nothing is hidden', `a${ESC}]0;forged and more`, 'a0;forged and more'],
    ['a device string', `a${ESC}P1$tx${ESC}\\b`, 'ab'],
    ['a reset', `a${ESC}cb`, 'ab'],
    ['a character set', `a${ESC}(0b`, 'ab'],
    ['codes of one byte', 'a\u009b31mb\u009d0;x\u009cc', 'abc'],
    ['a lone escape at the end', `a${ESC}`, 'a'],
    ['a code that is cut off', `a${ESC}[3`, 'a'],
    ['a bell, a backspace, a null', 'a\u0007\b\u0000b', 'ab'],
    ['a new line', 'a\nb', 'a b'],
    ['a carriage return, which writes over the line', 'a\rb', 'a b'],
    ['line ends that only some programs know', 'a\u2028b\u2029c\u0085d\u000be\u000cf', 'a b c d e f'],
    ['a tab', 'a\tb', 'a b'],
    ['directions that turn the text around', 'a\u202eb\u2066c', 'abc'],
  ])('%s', (_name, text, expected) => {
    expect(plainLine(text)).toBe(expected);
  });

  test.each(['नमस्ते', '你好。', 'مرحبا\u200f', '👩‍💻 café — ½', 'a [31m b', '{"a":1}'])('but not %s', (text) => {
    expect([plainLine(text), plainText(text)]).toEqual([text, text]);
  });
});

test('text of several lines keeps them, and its tabs', () => {
  expect(plainText(`one${ESC}[1m\r\n\ttwo\rthree\u2028four`)).toBe('one\n\ttwo\nthree\nfour');
});

test('a value keeps its shape, with every text and every name in one line', () => {
  const value = { 'na\nme': ['a\u001b[2Jb', 7, null, { deep: 'x\ry' }], isSo: true, none: undefined };
  expect(plainValue(value)).toEqual({ 'na me': ['ab', 7, null, { deep: 'x y' }], isSo: true, none: undefined });
});

test('a value of any depth comes to an end', () => {
  let value: unknown = 'x';
  for (let i = 0; i < 50_000; i++) value = [value];
  expect(JSON.stringify(plainValue(value))).toContain('deeper than is shown');
});

test('a line of JSON is the same value, and nothing in it moves a cursor', () => {
  const value = { text: 'a\u001b[31m\u009b2J\u2028\u202e\u007f\n' };
  const line = jsonLine(value);
  expect(line).toMatch(/^[\x20-\x7e]*$/);
  expect(JSON.parse(line)).toEqual(value);
});
