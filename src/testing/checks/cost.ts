/** That a call costs no more than this, by the prices that are given: the agent's own tokens, characters and seconds. */
import { fault, notVisible, vacuous } from '../findings.ts';
import { costOf, type Prices } from '../metrics/cost.ts';
import type { Check } from '../result.ts';
import { scopeOf } from '../scope.ts';

/** @param most In the currency of the prices. */
export const cost: Check<[most: number, prices: Prices]> = (call, most, prices) => {
  const whole = scopeOf(call).call;
  if (whole.visible === 'outside') return notVisible('cost', 'what a call used is not told to the caller');
  const found = costOf(whole, prices);
  if (found === undefined) return vacuous('cost', 'the call has not ended: what it used is not known');
  if (found.total <= most) return [];
  const parts = Object.entries(found.parts).map(([name, value]) => `${name} ${value.toFixed(4)}`);
  return [
    fault('cost', `the call costs ${found.total.toFixed(4)}, expected at most ${most}`, { evidence: parts.join(', ') }),
  ];
};
