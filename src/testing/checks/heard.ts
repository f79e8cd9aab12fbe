/** That the caller heard this, in their own end of the line: what was said and cut off before it was played was not heard. */
import { fault, notVisible, ofTurn } from '../findings.ts';
import type { Check } from '../result.ts';
import { eventsOf, heardIn, scopeOf, type Scope } from '../scope.ts';
import { matches, quoted, type Wanted } from './patterns.ts';
import { whereOf } from './said.ts';

export const heard: Check<[wanted: Wanted]> = (call, wanted) => {
  const scope = scopeOf(call);
  const text = heardTextIn(scope);
  if (text === undefined) return notVisible('heard', 'the sound of this call cannot be understood');
  if (matches(text, wanted)) return [];
  return [
    fault('heard', `expected ${quoted(wanted)} to be heard${ofTurn(scope.turn)}`, {
      ...whereOf(scope),
      evidence: text || 'nothing was heard',
    }),
  ];
};

/** From the sound; where that cannot be understood, as the call itself knows it; else undefined. */
export function heardTextIn(scope: Scope): string | undefined {
  const words = heardIn(scope);
  if (words !== undefined) return words.map(({ text }) => text).join(' ');
  if (scope.call.visible === 'outside') return undefined;
  const ends = eventsOf(scope.call, 'turn-end').filter(({ turn }) => scope.turn === undefined || turn === scope.turn);
  return ends.map((end) => end.heard).join(' ');
}
