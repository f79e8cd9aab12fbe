/**
 * How sure it is that the caller has finished, from their words and from what they were asked: the sum of learned weights, as
 * the logarithm of the odds. The weights are made by `npm run train`; `docs/turn-taking.md` says of what.
 */
import { featuresOf, readingOf, TABLE_SIZE, type Reading } from './finished-features.ts';
import type { Question } from './question.ts';
import type { Speech } from './speech-of.ts';
import { SCALE, WEIGHTS } from './finished-weights.ts';

const weights = new Int8Array(TABLE_SIZE);
weights.set(Buffer.from(WEIGHTS, 'base64'));

/** Half a number is worth nothing: where its length is known, it is waited for. */
const ODDS_OF_PART = -5.2;
/** Nor is a code ever so short. */
const SHORTEST_CODE = 4;
/** Of a number whose length is not known, nobody is ever sure; nor is it waited for without end. */
const OPEN_CODE = { least: -2, most: 1, less: 0.7 };

/** "Yes", where that was asked: few go on behind the one word that was asked for, with a mark behind it or without. */
const ONE_WORD = { least: 0, more: 0.6 };

/** Logarithm of the odds that these words are all of the turn, where a caller has paused behind them. 0: as likely as not. */
export function oddsOfEnd(text: string, question: Question, speech: Speech): number {
  const reading = readingOf(text, question, speech);
  let sum = 0;
  for (const place of featuresOf(reading, question, speech)) sum += weights[place]!;
  const isForCode = question.slots.length === 1 && question.slots[0] === 'code';
  const odds = sum / SCALE;
  if (isForCode) return oddsOfCode(odds, reading);
  const isOneWord = reading.tokens.length === 1 && (question.kind === 'yes-no' || question.kind === 'else');
  return isOneWord && odds >= ONE_WORD.least ? odds + ONE_WORD.more : odds;
}

function oddsOfCode(odds: number, { row, given: { ofCode } }: Reading): number {
  if (row.digits + row.letters === 0) return odds;
  if (ofCode === undefined && row.digits + row.letters < SHORTEST_CODE) return Math.min(odds, ODDS_OF_PART);
  if (ofCode === undefined) return Math.max(OPEN_CODE.least, Math.min(OPEN_CODE.most, odds - OPEN_CODE.less));
  return ofCode < 1 ? Math.min(odds, ODDS_OF_PART) : odds;
}
