import { describe, expect, test } from 'vitest';
import { rowOf } from '../../src/listen/numbers.ts';
import { tokensOf, type Speech } from '../../src/listen/speech-of.ts';

const row = (text: string, speech: Speech = 'en') => rowOf(tokensOf(text), speech);

test.each<[text: string, digits: number, speech?: Speech]>([
  ['my number is 98-76 54', 6],
  ['double four seven triple one', 6],
  ['nine eight seven', 3],
  ['twenty one forty', 4],
  ['मेरा नंबर नौ आठ सात ४५', 5, 'in'],
  ['nau aath saat', 3, 'in'],
  ['nine eight do ek', 4, 'in'],
  ['seis uno dos cuarenta y cinco', 5, 'es'],
  ['null eins fünfundzwanzig', 4, 'de'],
  ['zéro six douze', 4, 'fr'],
  ['零一二三', 4, 'asia'],
])('%j ends with a row of %i digits', (text, digits, speech) => {
  expect(row(text, speech).lastDigits).toBe(digits);
});

test('what follows ends the row, and all of its digits are counted all the same', () => {
  expect(row('4711 please').lastDigits).toBe(0);
  expect(row('98 76 and then 54 please').digits).toBe(6);
  expect(row('yes').digits).toBe(0);
});

describe('letters', () => {
  test.each<[text: string, letters: number, digits: number, speech?: Speech]>([
    ['x j four seven q p', 4, 2],
    ['PW904', 2, 3],
    ['डी एल आठ सी', 3, 1, 'in'],
    ['a p l', 3, 0],
  ])('%j: %i letters, %i digits', (text, letters, digits, speech) => {
    expect(row(text, speech)).toMatchObject({ lastLetters: letters, lastDigits: digits });
  });

  test('a word of one letter is none', () => {
    expect(row('i want a table').letters).toBe(0);
    expect(row('yes i do').digits).toBe(0);
  });
});

test('`double` needs another digit', () => {
  expect(row('four four double').isOpen).toBe(true);
  expect(row('four four double two').isOpen).toBe(false);
});
