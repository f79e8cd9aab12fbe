/** All that was written for training, and how often each is drawn. */
import type { Tongue } from './grammar.ts';
import { EAST_ASIA } from './languages/east-asia.ts';
import { ENGLISH } from './languages/english.ts';
import { EUROPE } from './languages/europe.ts';
import { HINDI } from './languages/hindi.ts';
import { HINGLISH } from './languages/hinglish.ts';
import { INDIA } from './languages/india.ts';
import { SPANISH } from './languages/spanish.ts';

interface Drawn {
  tongue: Tongue;
  share: number;
}

/** Those with sentences of their own. */
export const MAIN: readonly Drawn[] = [
  { tongue: ENGLISH, share: 16 },
  { tongue: HINDI, share: 8 },
  { tongue: HINGLISH, share: 8 },
  { tongue: SPANISH, share: 8 },
];

export const TONGUES: readonly Drawn[] = [
  ...MAIN,
  ...[...EUROPE, ...INDIA, ...EAST_ASIA].map((tongue) => ({ tongue, share: 1 })),
];
