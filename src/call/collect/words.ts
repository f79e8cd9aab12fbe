/**
 * What a caller said, taken apart to be read for a value: words without accents, numbers and marks apart, in the languages in
 * which values are collected. What one recogniser writes as `पाँच` and another as `पांच` is one word here. Pure.
 */
import { LETTER } from '../../lib/word-characters.ts';
import { speechOf } from '../../listen/speech-of.ts';

/** A language in which values are read and read back. */
export type CollectLanguage = 'en' | 'hi' | 'es';

/** @param code Of the language that is listened for. Hindi stands for all of India, where it is mixed with English; else English. */
export function collectLanguageOf(code = 'en'): CollectLanguage {
  const speech = speechOf(code);
  if (speech === 'es') return 'es';
  return speech === 'in' && !code.toLowerCase().startsWith('en') ? 'hi' : 'en';
}

/** What a row of keys is told as. */
const KEYS = /^\(keypad\)\s*([\d*#]+)\s*$/;

/** The keys that were pressed, when they are what was said. */
export function keysIn(text: string): string | undefined {
  return KEYS.exec(text.trim())?.[1];
}

/** In lower case, without accents (but for `ñ`), nuktas and the difference between two signs of the same sound; digits are 0 to 9. */
export function folded(text: string): string {
  return text
    .normalize('NFD')
    .replace(/[\u0300-\u0302\u0304-\u036f\u093c\u200c\u200d]|(?<!n)\u0303/gi, '')
    .replace(/\u0901/g, '\u0902')
    .replace(/[०-९]/g, (digit) => String(digit.charCodeAt(0) - 0x966))
    .replace(/[’‘]/g, "'")
    .toLowerCase()
    .normalize('NFC');
}

/** Longer is nobody's answer to a question for one value: the beginning is read. */
const LONGEST = 600;

/** Words, numbers and the marks that mean something, each by itself: `3rd` is `3` and `rd`. */
export function tokensIn(text: string): string[] {
  return folded(text.slice(0, LONGEST)).match(/\d+|[\p{L}\p{M}']+|[@.+_:/-]/gu) ?? [];
}

/** The words of an answer one behind the other, without any marks: "no, it's 5" is `no it's 5`. */
export const wordsIn = (text: string): string =>
  tokensIn(text)
    .filter((token) => /[\p{L}\d]/u.test(token))
    .join(' ');

/** Words and phrases, separated by commas, as `wordsIn` has them. */
export const listOf = (list: string): readonly string[] => list.split(',').map(wordsIn);

/** Whether one of these words or phrases stands in `said`, by itself. */
export const holds = (said: string, phrases: readonly string[]): boolean =>
  phrases.some((phrase) => ` ${said} `.includes(` ${phrase} `));

/** With these somebody asks back. "Can I have..." is how something is asked for, and no question. */
const ASKS =
  /^(?:(?:and|but|so|well|ok|okay|um|uh|er|y|pero|oye|aur|और|अच्छा) )*(?:what|what's|who|who's|why|when|where|which|how|is|are|was|does|did|do you|can you|could you|would you|will you|que|quien|cual|cuales|cuando|cuanto|cuanta|cuantos|donde|como|por que|hay|puede|puedes|podria|kya|kaun|kab|kahan|kyun|kyon|kaise|kitna|kitne|kitni|क्या|कौन|कब|कहां|क्यों|कैसे|कितना|कितने|कितनी) /u;

/** Whether this is a question of the caller's, and no answer to one. */
export function isQuestion(text: string): boolean {
  return text.includes('¿') || ASKS.test(`${wordsIn(text)} `);
}

/** Any of these words, in text that is folded. */
export const anyWordOf = (list: string): RegExp =>
  new RegExp(`(?<!${LETTER})(?:${folded(list).split(',').join('|')})(?!${LETTER})`, 'u');

const setOf = (list: string): ReadonlySet<string> => new Set(list.split(/\s+/).map(folded));

/** After these somebody says what they meant. Words of all three languages: nothing else is meant by them in an answer. */
const CORRECTIONS: Readonly<Record<CollectLanguage, ReadonlySet<string>>> = {
  en: setOf('no nope sorry wait rather correction actually oops pardon scratch'),
  hi: setOf(
    'नहीं नही ना सॉरी माफ मतलब रुको रुकिए गलत nahi nahin nahii na matlab ruko rukiye galat no sorry wait actually',
  ),
  es: setOf('no perdon perdone perdona disculpa disculpe digo espera espere corrijo mejor'),
};
const MEANT = /\b(i mean|make (?:that|it)|or rather|scratch that|quiero decir|mejor dicho|más bien)\b/gi;

/** Whether this word takes back what stands before it. */
export function isCorrection(token: string, language: CollectLanguage): boolean {
  return CORRECTIONS[language].has(token);
}

/** The parts of an answer between words that take back what was said, in order: the last is what they meant. */
export function partsBetweenCorrections(text: string, language: CollectLanguage): string[][] {
  const parts: string[][] = [[]];
  for (const token of tokensIn(text.replace(MEANT, language === 'es' ? 'digo' : 'sorry'))) {
    if (isCorrection(token, language)) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts.filter((part) => part.length > 0);
}
