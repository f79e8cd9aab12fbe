/**
 * That after a cut-in the model is told what the caller heard, to the word, and that what it was told before stays as it was.
 */
import { fault, notVisible, vacuous } from '../findings.ts';
import { changesIn, historiesIn } from '../metrics/true-history.ts';
import type { Check } from '../result.ts';
import { scopeOf } from '../scope.ts';

/** Words of a real voice are understood, and not read off: so many may be wrong. */
const REAL_TOLERANCE = 1;

/** @param tolerance In words. Default 0; 1 where the voice is a real one. */
export const trueHistory: Check<[tolerance?: number]> = (call, tolerance) => {
  const scope = scopeOf(call);
  const { visible, heard, hearing, events } = scope.call;
  if (visible === 'outside') return notVisible('trueHistory', 'what the model is told is not told to the caller');
  if (!heard) return notVisible('trueHistory', 'the sound of this call cannot be understood');
  const histories = historiesIn(scope);
  const most = tolerance ?? (hearing === 'real' ? REAL_TOLERANCE : 0);
  if (histories.length === 0) {
    const isCut = events.some(({ type }) => type === 'interruption');
    return vacuous('trueHistory', isCut ? 'the model was not asked again after the cut-in' : 'the caller never cut in');
  }
  const wrong = histories.filter(({ surplusWords }) => Math.abs(surplusWords) > most);
  return [
    ...wrong.map(({ atMs, turn, told, heard: words, surplusWords }) =>
      fault(
        'trueHistory',
        surplusWords > 0
          ? `the model was told of ${surplusWords} words that the caller never heard`
          : `the model was not told of ${-surplusWords} words that the caller heard`,
        { atMs, turn, evidence: `told: ${told || 'nothing'} | heard: ${words || 'nothing'}` },
      ),
    ),
    ...changesIn(scope).map(({ atMs, turn, before, after }) =>
      fault('trueHistory', 'a message from before the cut-in was changed', {
        atMs,
        turn,
        evidence: `${before} | ${after}`,
      }),
    ),
  ];
};
