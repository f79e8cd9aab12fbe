/** That the agent said this: wrote it to be spoken, whether the caller heard it or not. */
import { fault, notVisible, ofTurn } from '../findings.ts';
import type { Check } from '../result.ts';
import { saidIn } from '../said.ts';
import { scopeOf, type Scope } from '../scope.ts';
import { matches, quoted, type Wanted } from './patterns.ts';

export const said: Check<[wanted: Wanted]> = (call, wanted) => {
  const scope = scopeOf(call);
  if (scope.call.visible === 'outside')
    return notVisible('said', 'what was written is not told to the caller: `heard` is');
  const text = textIn(scope);
  if (matches(text, wanted)) return [];
  return [
    fault('said', `expected ${quoted(wanted)} to be said${ofTurn(scope.turn)}`, {
      ...whereOf(scope),
      evidence: text || 'nothing was said',
    }),
  ];
};

/** Everything that was written to be spoken. */
export function textIn(scope: Scope): string {
  const pieces = saidIn(scope.call.events).filter(({ turn }) => scope.turn === undefined || turn === scope.turn);
  return pieces.map(({ text }) => text.trim()).join(' ');
}

/** Where a turn stands in the call. */
export const whereOf = ({ turn, fromMs }: Scope): { atMs?: number; turn?: number } =>
  turn === undefined ? {} : { atMs: Math.max(0, fromMs), turn };
