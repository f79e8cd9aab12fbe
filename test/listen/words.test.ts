import { expect, test } from 'vitest';
import { hasWords, wordsIn } from '../../src/listen/words.ts';

test('a lone mark is no word', () => {
  expect(['.', '...', ' ', '।', '-'].map(hasWords)).toEqual(Array(5).fill(false));
  expect(['a', '4', 'ठ', '日'].map(hasWords)).toEqual(Array(4).fill(true));
});

test('words are in lower case and without the marks around them', () => {
  expect(wordsIn('I’m free at 10:30, “okay”?')).toEqual(["i'm", 'free', 'at', '10:30', 'okay']);
  expect(wordsIn(' - … ')).toEqual([]);
});
