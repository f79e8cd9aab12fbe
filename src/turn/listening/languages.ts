/** Which of them a listener may say, by the code of the language that is listened for. */
import { EVERYWHERE, type ListenerWords } from './contract.ts';
import { EAST_ASIA } from './east-asia.ts';
import { EUROPE } from './europe.ts';
import { INDIA } from './india.ts';

export const LANGUAGES: Readonly<Record<string, ListenerWords>> = { ...EUROPE, ...INDIA, ...EAST_ASIA };

/** Codes that stand for several languages. Those for recordings only are here as well. */
const MIXED: Readonly<Record<string, readonly string[]>> = {
  multi: Object.keys(LANGUAGES),
  north_indic: ['en', 'hi', 'gu', 'mr', 'bn', 'or'],
  'multi-south-indic': ['ta', 'te', 'kn', 'ml', 'en'],
  'multi-indic': ['en', ...Object.keys(INDIA)],
  'multi-asian': ['zh', 'yue', 'ko', 'ja', 'en'],
  'multi-eu': Object.keys(EUROPE),
};

/**
 * The words of each language that a code stands for. `de-AT` is German; what is not known is English. In India English is
 * mixed with every other language.
 */
export function wordsFor(code = 'en'): readonly ListenerWords[] {
  const base = code.toLowerCase().replace(/[-_][a-z]{2}$/, '');
  const names = MIXED[code.toLowerCase()] ?? MIXED[base] ?? (LANGUAGES[base] ? [base] : ['en']);
  const spoken = names.some((name) => name in INDIA) ? new Set([...names, 'en']) : new Set(names);
  return [EVERYWHERE, ...[...spoken].flatMap((name) => LANGUAGES[name] ?? [])];
}
