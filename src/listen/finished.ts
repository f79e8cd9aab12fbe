/**
 * How sure it is that the caller has finished, from their words and from what they were asked: the sum of learned weights, as
 * the logarithm of the odds. The weights are made by `npm run train`; `docs/turn-taking.md` says of what.
 */
import { featuresOf, TABLE_SIZE } from './finished-features.ts';
import type { Question } from './question.ts';
import type { Speech } from './speech-of.ts';
import { SCALE, WEIGHTS } from './finished-weights.ts';

const weights = new Int8Array(TABLE_SIZE);
weights.set(Buffer.from(WEIGHTS, 'base64'));

/** Logarithm of the odds that these words are all of the turn, where a caller has paused behind them. 0: as likely as not. */
export function oddsOfEnd(text: string, question: Question, speech: Speech): number {
  let sum = 0;
  for (const place of featuresOf(text, question, speech)) sum += weights[place]!;
  return sum / SCALE;
}
