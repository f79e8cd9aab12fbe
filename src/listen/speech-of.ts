/**
 * Whose words are alike. What is heard under one code is scored together: English; what is spoken in India, where every
 * language is mixed with English and written in two scripts; and each other language by itself.
 */
import { wordsIn } from './words.ts';

/** Languages that are scored together. */
export type Speech = 'en' | 'in' | 'es' | 'de' | 'fr' | 'it' | 'pt' | 'nl' | 'ru' | 'asia';

const EUROPE = new Set<string>(['es', 'de', 'fr', 'it', 'pt', 'nl', 'ru']);
const ASIA = new Set(['zh', 'yue', 'ja', 'ko', 'multi-asian']);
const INDIA = /^(hi|gu|mr|bn|or|ta|te|kn|ml|pa|as|ur|multi|north_indic|multi-south-indic|multi-indic|hinglish)$/;

const isEuropean = (base: string): base is Speech => EUROPE.has(base);

/** @param language Code of the language that is listened for. What is not known is English. */
export function speechOf(language = 'en'): Speech {
  const code = language.toLowerCase();
  const base = code.startsWith('multi') ? code : code.split('-')[0]!;
  if (INDIA.test(base) || code === 'en-in') return 'in';
  if (ASIA.has(base)) return 'asia';
  return isEuropean(base) ? base : 'en';
}

/** Written without spaces: each character counts as a word. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;

/** The words of `text`, in lower case and without marks; of what is written without spaces, the characters. */
export function tokensOf(text: string): string[] {
  const words = wordsIn(text);
  return words.some((word) => UNSPACED.test(word)) ? words.flatMap(charactersOf) : words;
}

function charactersOf(word: string): string[] {
  return UNSPACED.test(word) ? (word.match(/[\p{L}\p{M}]|\p{N}+/gu) ?? []) : [word];
}
