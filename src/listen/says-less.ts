/** Whether a final says less than was known before it. Pure. */
import { rowOf } from './numbers.ts';
import { tokensOf, type Speech } from './speech-of.ts';

/** What says the same may well be shorter, without a comma or with another word. */
const SHARE = 0.8;
/** A digit counts as much, whether it is a word or a figure. */
const LETTERS_A_DIGIT = 4;

/** What differs in marks, capitals or figures alone says the same. */
export function saysLess(text: string, before: string, speech: Speech): boolean {
  return text.length < before.length * SHARE && amountIn(text, speech) < amountIn(before, speech) * SHARE;
}

function amountIn(text: string, speech: Speech): number {
  const tokens = tokensOf(text);
  const { kinds, digits, letters } = rowOf(tokens, speech);
  const inWords = tokens.reduce((sum, token, i) => sum + (kinds[i] === 'word' ? token.length : 0), 0);
  return inWords + LETTERS_A_DIGIT * (digits + letters);
}
