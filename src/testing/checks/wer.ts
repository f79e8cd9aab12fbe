/**
 * That the caller is understood: of the words in the script, the share that was heard wrong, left out or made up. The ear of a
 * stand-in is perfect, so that there is nothing to measure on it.
 */
import { fault, notVisible, vacuous } from '../findings.ts';
import { wordErrorsIn } from '../metrics/word-errors.ts';
import type { Check } from '../result.ts';
import { scopeOf } from '../scope.ts';

/** Whose ear is looked at. */
export interface WerOptions {
  /** Looks at a stand-in's ear too, as one that is told to mishear. Default false. */
  standIn?: boolean;
}

/** @param most From 0 to 1, of all words of the call. */
export const wer: Check<[most: number, options?: WerOptions]> = (call, most, { standIn = false } = {}) => {
  const scope = scopeOf(call);
  if (scope.call.visible === 'outside') return notVisible('wer', 'what the agent understood is not told to the caller');
  if (scope.call.hearing !== 'real' && !standIn) return vacuous('wer', 'the ear of a stand-in is perfect');
  const errors = wordErrorsIn(scope);
  if (errors.words === 0) return vacuous('wer', 'the caller said nothing');
  const share = errors.wrong / errors.words;
  if (share <= most) return [];
  const { said, understood } = errors;
  const percent = (value: number) => `${(value * 100).toFixed(1)} %`;
  return [
    fault('wer', `${percent(share)} of the words were understood wrong, expected at most ${percent(most)}`, {
      evidence: `said: ${said} | understood: ${understood}`,
    }),
  ];
};
