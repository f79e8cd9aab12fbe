/** That the caller heard a filler before the answer: words of the model before a tool, or the tool's own. */
import { fault, notVisible, ofTurn } from '../findings.ts';
import type { Check } from '../result.ts';
import { isFiller, saidIn } from '../said.ts';
import { heardIn, scopeOf } from '../scope.ts';
import { matches, quoted, type Wanted } from './patterns.ts';
import { whereOf } from './said.ts';

/** @param wanted Default: any filler. */
export const filler: Check<[wanted?: Wanted]> = (call, wanted) => {
  const scope = scopeOf(call);
  if (scope.call.visible === 'outside') return notVisible('filler', 'what was a filler is not told to the caller');
  const words = heardIn(scope);
  const pieces = saidIn(scope.call.events).filter(
    ({ kind, turn }) => isFiller(kind) && (scope.turn === undefined || turn === scope.turn),
  );
  const text = words
    ? words
        .filter(({ kind }) => isFiller(kind))
        .map((word) => word.text)
        .join(' ')
    : pieces.map((piece) => piece.text.trim()).join(' ');
  if (text !== '' && (wanted === undefined || matches(text, wanted))) return [];
  const expected = wanted === undefined ? 'a filler' : `a filler with ${quoted(wanted)}`;
  return [
    fault('filler', `expected ${expected} to be heard${ofTurn(scope.turn)}`, {
      ...whereOf(scope),
      evidence: text === '' ? 'none was heard' : text,
    }),
  ];
};
