/**
 * That the agent does not say the same sentence again and again: not twice in one turn, and not more than twice in a call.
 * Sentences of fewer than four words are no repetition, nor are phrases that bridge a wait.
 */
import { fault, notVisible, times, vacuous } from '../findings.ts';
import type { Check, Finding } from '../result.ts';
import { isAnswer, saidIn, type SaidPiece } from '../said.ts';
import { scopeOf } from '../scope.ts';
import { wordsOf } from '../words.ts';

/** How often one sentence may be said. */
export interface RepeatOptions {
  /** In the whole call. Default 2. */
  most?: number;
}

const LEAST_WORDS = 4;

interface Sentence {
  key: string;
  text: string;
  atMs: number;
  turn: number;
}

export const noRepeats: Check<[options?: RepeatOptions]> = (call, { most = 2 } = {}) => {
  const scope = scopeOf(call);
  if (scope.call.visible === 'outside') return notVisible('noRepeats', 'what was written is not told to the caller');
  const pieces = saidIn(scope.call.events).filter(({ turn }) => scope.turn === undefined || turn === scope.turn);
  const sentences = pieces.filter(({ kind }) => isAnswer(kind) || kind === 'filler').flatMap(sentencesOf);
  if (sentences.length === 0) return vacuous('noRepeats', 'the agent said no sentence of four words or more');
  const groups = grouped(sentences);
  return groups.flatMap((same) => [...inTurns(same), ...inCall(same, most)].slice(0, 1));
};

function inCall(same: readonly Sentence[], most: number): Finding[] {
  const last = same[most];
  return last ? [repeated(last, `${times(same.length)} in the call`)] : [];
}

function inTurns(same: readonly Sentence[]): Finding[] {
  const again = same.find(({ turn }, index) => same[index - 1]?.turn === turn);
  return again ? [repeated(again, `again in the same turn`)] : [];
}

const repeated = ({ text, atMs, turn }: Sentence, how: string): Finding =>
  fault('noRepeats', `the same sentence was said ${how}`, { atMs, turn, evidence: text });

function sentencesOf({ text, atMs, turn }: SaidPiece): Sentence[] {
  return text
    .split(/(?<=[.!?…।。])\s+/u)
    .map((sentence) => ({ text: sentence.trim(), atMs, turn, key: lettersOf(sentence) }))
    .filter((sentence) => wordsOf(sentence.text).length >= LEAST_WORDS);
}

const lettersOf = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{M}\p{N}]/gu, '');

function grouped(sentences: readonly Sentence[]): Sentence[][] {
  const groups = new Map<string, Sentence[]>();
  for (const sentence of sentences) groups.set(sentence.key, [...(groups.get(sentence.key) ?? []), sentence]);
  return [...groups.values()];
}
