/**
 * Which piece of what was said each heard word is of. Words are heard in the order in which they were said, some are never
 * heard, and a line that runs dry may garble one: so each is looked for a little ahead of the one before.
 */
import type { CallEvent } from '../call/events.ts';
import type { HeardWord, SoundStretch } from './result.ts';
import { saidIn, type SaidPiece } from './said.ts';

interface SaidWord {
  text: string;
  piece: SaidPiece;
}

/** The same words with their turn and kind, where those can be told. `words` in the order in which they were heard. */
export function withKinds(
  words: readonly (SoundStretch & { text: string })[],
  events: readonly CallEvent[],
): HeardWord[] {
  const said = saidIn(events).flatMap((piece) => wordsOf(piece.text).map((text) => ({ text, piece })));
  let at = 0;
  return words.map(({ text, fromMs, toMs }, index) => {
    const found = find(said, at, words.slice(index, index + LOOKED_AT), toMs);
    // a word that was garbled on the line, or is spoken otherwise than it is written, is of what comes next
    const piece = said[found ?? at]?.piece ?? said.at(-1)?.piece;
    if (found !== undefined) at = found + 1;
    return piece && piece.atMs <= toMs
      ? { text, fromMs, toMs, turn: piece.turn, kind: piece.kind }
      : { text, fromMs, toMs };
  });
}

/** So many words are compared to find the place of the first. */
const LOOKED_AT = 3;

/** Where the first of `words` stands, from `from` on: the place where most of them follow each other, the nearest of equals. */
function find(
  said: readonly SaidWord[],
  from: number,
  words: readonly { text: string }[],
  heardAtMs: number,
): number | undefined {
  let best: number | undefined;
  let bestFits = 0;
  for (let at = from; at < said.length; at++) {
    if ((said[at]?.piece.atMs ?? 0) > heardAtMs) break; // nothing is heard before it is said
    if (!isSame(said[at]?.text, words[0]?.text ?? '')) continue;
    const fits = words.filter(({ text }, index) => isSame(said[at + index]?.text, text)).length;
    if (fits <= bestFits) continue;
    best = at;
    bestFits = fits;
    if (at === from || fits === words.length) break;
  }
  return best;
}

/** A word that was cut off is the beginning of the one that was said. */
function isSame(said: string | undefined, heard: string): boolean {
  if (said === undefined) return false;
  const [one, other] = [lettersOf(said), lettersOf(heard)];
  return one === other || (other.length > 0 && one.startsWith(other));
}

const lettersOf = (word: string): string => word.toLowerCase().replace(/[^\p{L}\p{M}\p{N}]/gu, '');

/** Whether a word is the last of a sentence. */
export const endsSentence = (word: string): boolean => /[.!?…।。]["')\]]*$/u.test(word);

/** The words of a text, without what stands between them. */
export const wordsOf = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');
