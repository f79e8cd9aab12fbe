/** All that was written for training, and how often each is drawn. */
import type { Tongue } from './grammar.ts';
import { ENGLISH } from './languages/english.ts';
import { HINDI } from './languages/hindi.ts';
import { HINGLISH } from './languages/hinglish.ts';
import { SPANISH } from './languages/spanish.ts';

export const TONGUES: readonly { tongue: Tongue; share: number }[] = [
  { tongue: ENGLISH, share: 8 },
  { tongue: HINDI, share: 4 },
  { tongue: HINGLISH, share: 4 },
  { tongue: SPANISH, share: 4 },
];
