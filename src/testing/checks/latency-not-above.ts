/** That callers do not wait longer than in another call, such as the recording that this one was made from. */
import { fault, ms, vacuous } from '../findings.ts';
import type { CallResult, Check, Turn } from '../result.ts';
import { turnsIn, turnsOf } from '../turns.ts';

/** How much longer than in the other call is allowed. */
export interface LatencyNotAboveOptions {
  /** So many times as long is allowed. Default 1.2. */
  factor?: number;
}

/** Compares the middle one of all first sounds. @param other A call, or its middle latency in milliseconds. */
export const latencyNotAbove: Check<[other: CallResult | number, options?: LatencyNotAboveOptions]> = (
  call,
  other,
  { factor = 1.2 } = {},
) => {
  const own = middle(turnsIn(call));
  const theirs = typeof other === 'number' ? other : middle(turnsOf(other).filter(({ number }) => number > 0));
  if (own === undefined) return vacuous('latencyNotAbove', 'no turn of this call has a latency');
  if (theirs === undefined) return vacuous('latencyNotAbove', 'no turn of the other call has a latency');
  if (own <= theirs * factor) return [];
  return [
    fault('latencyNotAbove', `the caller waits for ${ms(own)}, expected at most ${ms(theirs * factor)}`, {
      evidence: `the other call: ${ms(theirs)}, times ${factor}`,
    }),
  ];
};

/** By nearest rank: one that was measured. */
function middle(turns: readonly Turn[]): number | undefined {
  const sorted = turns.flatMap(({ latencyMs }) => latencyMs ?? []).toSorted((one, another) => one - another);
  return sorted[Math.ceil(sorted.length / 2) - 1];
}
