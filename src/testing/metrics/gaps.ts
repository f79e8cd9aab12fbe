/** Gaps: silence between two sounds of one turn, such as a filler and the answer. From 20 ms on; nothing of the caller's in it. */
import type { SoundStretch } from '../result.ts';
import type { Scope } from '../scope.ts';
import { silencesIn } from '../sound.ts';
import { soundsOfBoth, soundsOfTurn, waitsForCaller } from './dead-air.ts';

/** Of one turn, in order. */
export function gapsIn(scope: Scope): SoundStretch[] {
  const own = soundsOfTurn(scope);
  const [first, last] = [own[0], own.at(-1)];
  if (!first || !last || first === last) return [];
  const between = { fromMs: first.toMs, toMs: last.fromMs };
  return silencesIn(between, [...soundsOfBoth(scope.call, between), ...waitsForCaller(scope.call)]);
}
