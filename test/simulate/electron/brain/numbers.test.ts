import { expect, test } from 'vitest';
import { findCodes, findNumbers, findPhones } from '../../../../src/simulate/electron/brain/numbers.ts';

const numbers = (text: string): number[] => findNumbers(text).map(({ value }) => value);
const codes = (text: string): string[] => findCodes(text).map(({ value }) => value);
const phones = (text: string): string[] => findPhones(text).map(({ value }) => value);

test.each<[string, number[]]>([
  ['two nights for 3 people', [2, 3]],
  ['a hundred and fifty', [150]],
  ['two thousand five hundred and seven', [2507]],
  ['twenty three', [23]],
  ['1,500.50 euros', [1500.5]],
  ['3 million', [3_000_000]],
  ['one two three', [1, 2, 3]],
  ['flight QX41', []],
])('%s holds the numbers %j', (text, expected) => {
  expect(numbers(text)).toEqual(expected);
});

test.each<[string, string[]]>([
  ['flight QX41 please', ['QX41']],
  ['q x four one', ['QX41']],
  ['B as in Bravo seven', ['B7']],
  ['bravo tango nine', ['BT9']],
  ['order one two three four five six', ['123456']],
  ['double five five oh one', ['55501']],
  ['ord-1234', ['ORD-1234']],
  ['12 34 56', ['123456']],
  ['a two night stay on the 5th at 10am', []],
])('%s holds the codes %j', (text, expected) => {
  expect(codes(text)).toEqual(expected);
});

test.each<[string, string[]]>([
  ['call +44 20 7946 0958', ['+442079460958']],
  ['555-0123-444', ['5550123444']],
  ['five five five oh one two three four', ['55501234']],
  ['plus four four two oh seven nine four six', ['+442079 46'.replace(' ', '')]],
  ['order 1234', []],
])('%s holds the telephone numbers %j', (text, expected) => {
  expect(phones(text)).toEqual(expected);
});

test('what is found is where it says', () => {
  const text = 'I have two bags and flight QX41';
  for (const { start, end } of [...findNumbers(text), ...findCodes(text)])
    expect(text.slice(start, end)).toMatch(/^(?:two|QX41)$/);
});
