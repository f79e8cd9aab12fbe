/** Values that the schema or its description lists, and yes or no. */
import { STRENGTH, type Candidate, type Listening } from './candidate.ts';
import { findNumbers } from './numbers.ts';
import { findShortChoices } from './short-choices.ts';
import type { Parameter } from './tool.ts';
import { isAffirmative, isNegative, isSameMeaning, isStopWord, stem, tokensOf, type Token } from './words.ts';

/** As they are said, or, when none is, as one of them is said in full or in short. */
export function findChoice({ choices }: Parameter, text: string, { today }: Listening): Candidate[] {
  const said = findChoices(choices, text);
  return said.length > 0 ? said : findShortChoices(choices, text, today);
}

/** Choices by their words, synonyms included; the longest first, so that `not urgent` wins over `urgent`. */
export function findChoices(choices: readonly unknown[], text: string): Candidate[] {
  const tokens = tokensOf(text);
  return choices
    .flatMap((choice) => {
      if (typeof choice === 'number') {
        return findNumbers(text)
          .filter(({ value }) => value === choice)
          .map((found) => ({ ...found, words: 1 }));
      }
      const words = tokensOf(String(choice).replace(/[_-]/g, ' ')).map((token) => token.lower);
      const spoken = tokens.map((_, from) => runFrom(tokens, from, words)).find((run) => run !== undefined);
      return spoken ? [{ value: choice, ...spoken, words: words.length }] : [];
    })
    .sort((a, b) => b.words - a.words || a.start - b.start)
    .map(({ value, start, end }) => ({ value, start, end, strength: STRENGTH.named }));
}

/** Where `words` stand one after the other from a token on; `changed my mind` is `changed mind`. */
function runFrom(
  tokens: readonly Token[],
  from: number,
  words: readonly string[],
): { start: number; end: number } | undefined {
  let at = from;
  for (const [index, word] of words.entries()) {
    while (index > 0 && !isSameMeaning(tokens[at]?.lower, word) && isStopWord(tokens[at]?.lower ?? '.')) at++;
    if (!isSameMeaning(tokens[at]?.lower, word)) return undefined;
    at++;
  }
  const [first, last] = [tokens[from], tokens[at - 1]];
  return first && last && words.length > 0 ? { start: first.start, end: last.end } : undefined;
}

/** Said with its name, `with breakfast` or `no breakfast`; or as the answer to the question. */
export function findBoolean({ words, name }: Parameter, text: string, { isAnswer }: Listening): Candidate[] {
  const whole = { start: 0, end: text.length, strength: STRENGTH.plain };
  if (isAnswer && isAffirmative(text)) return [{ ...whole, value: true }];
  if (isAnswer && isNegative(text)) return [{ ...whole, value: false }];
  const telling = new Set(words.filter((word) => !isStopWord(word) && !BOOLEAN_WORDS.has(word)).map(stem));
  const tokens = tokensOf(text);
  const at = tokens.findIndex((token) => telling.has(stem(token.lower)));
  const token = tokens[at];
  if (!token) return [];
  const isDenied = tokens
    .slice(Math.max(0, at - 3), at)
    .some(({ lower }) => /^(?:no|not|without|never|don't|skip)$/.test(lower));
  return [
    { value: !isDenied || /^no_|^without/i.test(name), start: token.start, end: token.end, strength: STRENGTH.named },
  ];
}

const BOOLEAN_WORDS = new Set([
  'is',
  'has',
  'with',
  'include',
  'includes',
  'should',
  'wants',
  'needs',
  'allow',
  'enable',
]);

/** Values that the description itself proposes: `such as haircut, colour or shave`. */
export function findSuggested({ description }: Parameter, text: string): Candidate[] {
  const list = /(?:such as|e\.g\.?,?|for example,?|one of:?|either|like|:)\s+([^.;()]+)/i.exec(description)?.[1] ?? '';
  const proposed = list
    .split(/,\s*|\s+or\s+|\s+and\s+/)
    .map((value) =>
      value
        .replace(/^(?:or|and)\s+/, '')
        .replace(/["'`]/g, '')
        .trim(),
    )
    .filter((value) => value !== '' && value.split(/\s+/).length <= 3);
  return findChoices(proposed, text);
}
