/** How well the caller was understood: the words of the script against the final transcripts, by their edit distance. */
import { eventsOf, isIn, utterancesIn, type Scope } from '../scope.ts';
import { wordsOf } from '../words.ts';

export interface WordErrors {
  /** In the script. */
  words: number;
  /** Changed, left out or made up. */
  wrong: number;
  said: string;
  understood: string;
}

export function wordErrorsIn(scope: Scope): WordErrors {
  const said = utterancesIn(scope)
    .map(({ text }) => text)
    .join(' ');
  const finals = eventsOf(scope.call, 'transcript').filter(({ isFinal, atMs }) => isFinal && isIn(scope, atMs));
  const understood = finals.map(({ text }) => text).join(' ');
  const words = plainWords(said);
  return { words: words.length, wrong: distance(words, plainWords(understood)), said, understood };
}

const plainWords = (text: string): string[] => wordsOf(text.toLowerCase().replace(/[^\p{L}\p{M}\p{N}\s']/gu, ' '));

/** How many words must be changed, added or taken away (Levenshtein). */
export function distance(from: readonly string[], to: readonly string[]): number {
  let row = to.map((_, index) => index + 1);
  for (const [at, word] of from.entries()) {
    const next: number[] = [];
    for (const [index, other] of to.entries()) {
      const diagonal = index === 0 ? at : (row[index - 1] ?? 0);
      const left = index === 0 ? at + 1 : (next[index - 1] ?? 0);
      next.push(Math.min(diagonal + (word === other ? 0 : 1), (row[index] ?? 0) + 1, left + 1));
    }
    row = next;
  }
  return to.length === 0 ? from.length : (row.at(-1) ?? 0);
}
