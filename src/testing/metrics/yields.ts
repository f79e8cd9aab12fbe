/**
 * Yielding: from the first sound of a cut-in to the end of the agent's last sound before 200 ms of silence or more. A cut-in
 * is what the caller says that begins while the agent sounds.
 */
import { agentStretches, eventsOf, utterancesIn, type Scope } from '../scope.ts';

/** Who speaks on for longer has not yielded. */
export const YIELDED_MS = 2_000;

export interface Yield {
  /** The first sound of the cut-in. */
  atMs: number;
  yieldMs: number;
  /** The part of it from when the agent knew, as `interruption` tells. Undefined when it never did. */
  afterKnownMs?: number;
  text: string;
}

/** Of the cut-ins that begin in this part of the call. */
export function yieldsIn(scope: Scope): Yield[] {
  const sounds = agentStretches(scope.call);
  const known = eventsOf(scope.call, 'interruption');
  return utterancesIn(scope).flatMap(({ fromMs: atMs, toMs, text }) => {
    const over = sounds.find((sound) => sound.fromMs < atMs && sound.toMs > atMs);
    if (!over) return [];
    const told = known.find((event) => event.atMs >= atMs && event.atMs <= Math.max(toMs, atMs + YIELDED_MS));
    const afterKnownMs = told && Math.max(0, over.toMs - told.atMs);
    return [{ atMs, yieldMs: over.toMs - atMs, text, ...(afterKnownMs !== undefined && { afterKnownMs }) }];
  });
}
