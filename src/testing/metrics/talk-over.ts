/**
 * Talk-over: sound of the agent that begins while the caller is in the middle of an utterance, the pauses in it included: the
 * script says where it ends, nobody guesses.
 */
import { agentStretches, isIn, isUtterance, type Scope } from '../scope.ts';
import { overlapMs } from '../sound.ts';

export interface TalkOver {
  atMs: number;
  /** How long both went on together, the pauses of the utterance included. */
  overlapMs: number;
  /** What the caller was saying. */
  text: string;
}

export function talkOversIn(scope: Scope): TalkOver[] {
  const utterances = scope.call.caller.filter(isUtterance);
  return agentStretches(scope.call).flatMap((sound) => {
    const { fromMs } = sound;
    const over = utterances.find((utterance) => fromMs > utterance.fromMs && fromMs < utterance.toMs);
    if (!over || !isIn(scope, fromMs)) return [];
    return [{ atMs: fromMs, overlapMs: overlapMs(sound, over), text: over.text }];
  });
}
