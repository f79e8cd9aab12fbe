/** That no answer is longer than a caller listens to. Fillers and phrases do not count. */
import { fault, notVisible, vacuous } from '../findings.ts';
import type { Check } from '../result.ts';
import { isAnswer, saidIn } from '../said.ts';
import { scopeOf } from '../scope.ts';
import { turnsIn } from '../turns.ts';
import { wordsOf } from '../words.ts';

/** @param mostWords In one turn. Default 40: a quarter of a minute. */
export const brief: Check<[mostWords?: number]> = (call, mostWords = 40) => {
  const scope = scopeOf(call);
  if (scope.call.visible === 'outside') return notVisible('brief', 'what was written is not told to the caller');
  const answers = saidIn(scope.call.events).filter(({ kind }) => isAnswer(kind));
  const turns = turnsIn(call).map((turn) => ({
    turn,
    text: answers
      .filter((piece) => piece.turn === turn.number)
      .map(({ text }) => text.trim())
      .join(' '),
  }));
  if (turns.every(({ text }) => text === '')) return vacuous('brief', 'the agent gave no answer');
  return turns.flatMap(({ turn, text }) => {
    const count = wordsOf(text).length;
    if (count <= mostWords) return [];
    return [
      fault('brief', `an answer of ${count} words, expected at most ${mostWords}`, {
        atMs: turn.fromMs,
        turn: turn.number,
        evidence: text,
      }),
    ];
  });
};
