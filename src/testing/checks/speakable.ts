/**
 * That nothing is written which cannot be spoken: links, markup, tables, code, emoji. Parley takes most of it away before it is
 * said, so that what is left of the sentence is often no sentence: the agent should not write it.
 */
import { fault, notVisible, vacuous } from '../findings.ts';
import type { Check } from '../result.ts';
import { saidIn } from '../said.ts';
import { scopeOf } from '../scope.ts';

const UNSPEAKABLE: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['a link', /\bhttps?:\/\/\S+|\bwww\.\S+/i],
  ['code', /```|`[^`\n]+`/],
  ['a link in markdown', /\[[^\]\n]+\]\([^)\n]+\)/],
  ['bold or italic text', /\*\*[^*\n]+\*\*|(?<![\w*])\*[^\s*][^*\n]*\*(?![\w*])|(?<!\w)__[^_\n]+__(?!\w)/],
  ['a heading', /^#{1,6}\s+\S/m],
  ['a list', /^\s*(?:[-*•+]|\d+[.)])\s+\S.*\n\s*(?:[-*•+]|\d+[.)])\s+\S/m],
  ['a table', /^\s*\|.+\|\s*$/m],
  ['markup', /<\/?[a-z][^<>\n]*>/i],
  ['JSON', /[{[]\s*"[^"\n]+"\s*[:,]/],
  ['an emoji', /\p{Extended_Pictographic}(?<![\d#*©®™])/u],
];

export const speakable: Check = (call) => {
  const scope = scopeOf(call);
  if (scope.call.visible === 'outside') return notVisible('speakable', 'what was written is not told to the caller');
  const pieces = saidIn(scope.call.events).filter(({ turn }) => scope.turn === undefined || turn === scope.turn);
  if (pieces.length === 0) return vacuous('speakable', 'the agent said nothing');
  return pieces.flatMap(({ text, atMs, turn }) =>
    UNSPEAKABLE.flatMap(([what, pattern]) => {
      const found = pattern.exec(text)?.[0];
      return found === undefined
        ? []
        : [fault('speakable', `${what} cannot be spoken`, { atMs, turn, evidence: found.trim() })];
    }).slice(0, 1),
  );
};
