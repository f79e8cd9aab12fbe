/** Whether what was understood in the end is what was understood before: the same words, and the same of them are names. */
import { wordsOf } from './backchannel.ts';

/** In Latin script these are written so wherever they stand. */
const ALWAYS_CAPITAL = /^I(?:m|d|ve|ll)?$/;
const WORD = /([.?!।。？！…]\s*)?([\p{L}\p{M}\p{N}]+)/gu;

/**
 * Marks and the capitals that a sentence makes come with the end of it, and say nothing. Other capitals do: a model that is told
 * of `ada lovelace` may not know that it was told a name.
 */
export function saysTheSame(text: string, before: string): boolean {
  if (wordsOf(text).join(' ') !== wordsOf(before).join(' ')) return false;
  return namesIn(text) === namesIn(before);
}

/** Which of its words have capitals that no sentence makes. */
function namesIn(text: string): string {
  const words = [...text.replace(/['’-]/g, '').matchAll(WORD)];
  const isName = ([, end, word = '']: RegExpMatchArray, index: number) =>
    index > 0 && end === undefined && !ALWAYS_CAPITAL.test(word) && word !== word.toLowerCase();
  return words.map((word, index) => (isName(word, index) ? 1 : 0)).join('');
}
