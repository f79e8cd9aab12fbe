/**
 * How long the caller waits. First sound: from the last sound of their utterance to the agent's first sound after it, and
 * only if the agent was silent at that end; else it overlapped, and is not counted. Answer: the same to the first sound of
 * an answer, so that a filler cannot hide that one is slow.
 */
import { isAnswer } from '../said.ts';
import { agentStretches, heardIn, isIn, nextOfCaller, type Scope } from '../scope.ts';

/** `overlapped`: the agent spoke when the caller ended. `none`: it was not heard at all. */
export type FirstSound = { atMs: number; ms: number } | 'overlapped' | 'none';

/** Of one turn. On a line of text what is shown counts as heard. */
export function firstSoundOf(scope: Scope): FirstSound {
  if (scope.turn === 0) return 'none'; // nobody had said anything
  const { call, fromMs } = scope;
  const sounds = call.agentSound ? agentStretches(call) : (heardIn(scope) ?? []);
  if (call.agentSound && sounds.some((sound) => sound.fromMs < fromMs && sound.toMs > fromMs)) return 'overlapped';
  // who has gone on speaking is no longer waiting for an answer to what they had said
  const nextMs = nextOfCaller(scope, fromMs);
  const first = sounds.find((sound) => isIn(scope, sound.fromMs) && sound.fromMs < nextMs);
  return first ? { atMs: first.fromMs, ms: first.fromMs - fromMs } : 'none';
}

/** Of one turn; undefined when no answer was heard, or the words cannot be understood. */
export function answerLatencyOf(scope: Scope): number | undefined {
  if (scope.turn === 0) return undefined;
  const first = heardIn(scope)?.find(({ kind, fromMs }) => isAnswer(kind) && fromMs >= scope.fromMs);
  return first && first.fromMs - scope.fromMs;
}
