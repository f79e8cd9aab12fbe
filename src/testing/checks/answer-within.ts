/**
 * That the caller hears something soon after they have said something: from the last sound of theirs to the first of the
 * agent's, in every turn. With `of: 'answer'`, until the first sound of an answer: a filler does not count.
 */
import { fault, ms, notVisible, vacuous } from '../findings.ts';
import { answerLatencyOf, firstSoundOf } from '../metrics/latency.ts';
import type { Check, Finding, Turn } from '../result.ts';
import { scopeOf } from '../scope.ts';
import { turnsIn } from '../turns.ts';

/** What `answerWithin` counts to. */
export interface AnswerWithinOptions {
  /** Default `sound`. */
  of?: 'sound' | 'answer';
}

export const answerWithin: Check<[mostMs: number, options?: AnswerWithinOptions]> = (
  call,
  mostMs,
  { of = 'sound' } = {},
) => {
  const whole = scopeOf(call).call;
  if (of === 'answer' && whole.visible === 'outside')
    return notVisible('answerWithin', 'what was a filler and what an answer is not told to the caller');
  if (of === 'answer' && !whole.heard) return notVisible('answerWithin', 'the sound of this call cannot be understood');
  if (!whole.agentSound && !whole.heard) return notVisible('answerWithin', 'nothing of what was heard is known');
  const turns = turnsIn(call).filter(isOwed);
  if (turns.length === 0) return vacuous('answerWithin', 'there is no turn in which the caller waited to be answered');
  return turns.flatMap((turn) => lookAt(turn, mostMs, of));
};

/** Who was spoken over as they ended has waited for nothing; who went on speaking did not wait to the end. */
const isOwed = (turn: Turn): boolean =>
  firstSoundOf(scopeOf(turn)) !== 'overlapped' && !(turn.outcome === 'interrupted' && turn.latencyMs === undefined);

function lookAt(turn: Turn, mostMs: number, of: 'sound' | 'answer'): Finding[] {
  const [what, tookMs] = of === 'answer' ? ['an answer', answerLatencyOf(scopeOf(turn))] : ['a sound', turn.latencyMs];
  const where = { atMs: turn.fromMs + (tookMs ?? 0), turn: turn.number, evidence: turn.heard || 'nothing was heard' };
  if (tookMs === undefined) {
    if (of === 'answer' && turn.outcome === 'interrupted') return [];
    return [fault('answerWithin', `expected ${what} within ${ms(mostMs)}, there was none`, where)];
  }
  if (tookMs <= mostMs) return [];
  return [fault('answerWithin', `expected ${what} within ${ms(mostMs)}, it took ${ms(tookMs)}`, where)];
}
