import { expect, test } from 'vitest';
import { LETTER, WORD_CHARACTER } from '../../src/lib/word-characters.ts';

/** Those of the languages in which callers are spoken to; `Common` are the signs and figures of all. */
const SCRIPTS =
  'Latin Cyrillic Greek Arabic Devanagari Gujarati Gurmukhi Bengali Oriya Tamil Telugu Kannada Malayalam Han Hiragana Katakana Hangul'.split(
    ' ',
  );
/** Signs that nobody's transcriber writes. */
const OF_MANUSCRIPTS = '10fb 1680 16eb 16ec 16ed 1735 1736 1802 1803 1805 1cd3 a673 a67e a8f8 a8f9 a8fa a8fc a92e';
const PLANE = 0x10000;

function charactersOf(pattern: RegExp, to: number): string[] {
  const all = Array.from({ length: to }, (_, code) => code).filter((code) => code < 0xd800 || code > 0xdfff);
  return all.map((code) => String.fromCodePoint(code)).filter((character) => pattern.test(character));
}

test.each([
  [WORD_CHARACTER, /[\p{L}\p{M}\p{N}]/u],
  [LETTER, /[\p{L}\p{M}]/u],
])('no letter, mark or figure of any script is taken for a sign between words: %#', (own, unicode) => {
  const pattern = new RegExp(own, 'u');
  const taken = charactersOf(unicode, 0x20000).filter((character) => !pattern.test(character));
  expect(taken).toEqual([]);
});

test('what stands between words of the scripts that are spoken to is none of their characters', () => {
  const inScripts = new RegExp(`[${SCRIPTS.map((script) => `\\p{Script_Extensions=${script}}`).join('')}]`, 'u');
  const signs = charactersOf(/[\s\p{P}]/u, PLANE).filter(
    (sign) => inScripts.test(sign) || /[\p{Script=Common}\s]/u.test(sign),
  );
  const pattern = new RegExp(WORD_CHARACTER, 'u');
  expect(signs.length).toBeGreaterThan(300);
  const left = signs.filter((sign) => pattern.test(sign)).map((sign) => sign.codePointAt(0)!.toString(16));
  expect(left.join(' ')).toBe(OF_MANUSCRIPTS);
});

test('a figure of any script that is spoken to is a word character, and no letter', () => {
  const inScripts = new RegExp(`[${SCRIPTS.map((script) => `\\p{Script_Extensions=${script}}`).join('')}\\d]`, 'u');
  const figures = charactersOf(/\p{Nd}/u, PLANE).filter((figure) => inScripts.test(figure));
  const letter = new RegExp(LETTER, 'u');
  expect(figures.filter((figure) => letter.test(figure))).toEqual([]);
});

test('pictures stand between words', () => {
  expect('☎📞🙂→№€™'.match(new RegExp(WORD_CHARACTER, 'gu'))).toBeNull();
});
