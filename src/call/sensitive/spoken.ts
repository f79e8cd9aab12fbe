/**
 * What of a caller's words is a secret, as long as one is asked for: numbers in digits and in words, also as a recogniser mishears
 * them, and letters one by one. It hides a harmless word rather than let a digit pass. Pure.
 */
import { numberWords } from '../collect/number-words.ts';
import { folded, keysIn, type CollectLanguage } from '../collect/words.ts';

/** Of a text: a piece that stays as it is, or one that is a secret. */
export interface SpokenPiece {
  text: string;
  isSecret: boolean;
}

/** What else is heard for digits, and everyday words that are numbers: they count beside another number, or where several follow each other. */
const DOUBTFUL = new Set(
  'o oh won to too tree free for fore ate nein do so say sex tin teen sat das che one ek un una uno bis char art five hive fife nine mine naught not point'.split(
    ' ',
  ),
);
/** So many of those one behind the other are digits that were misheard. */
const MOST_DOUBTFUL = 3;
/** Between two numbers they belong to these. */
const JOINTS = new Set('and y dash hyphen minus plus guion espacio space then'.split(' '));
const REPEATS = new Set('double triple treble doble hundred thousand oh'.split(' '));

type Kind = 'number' | 'doubtful' | 'letter' | 'joint' | 'word';

/** @param language In which numbers are known as words; undefined: in none, and all that is said is a secret. */
export function spokenPieces(text: string, language: CollectLanguage | undefined): SpokenPiece[] {
  if (text.trim() === '') return [{ text, isSecret: false }];
  if (keysIn(text) !== undefined || language === undefined) return [{ text, isSecret: true }];
  const tokens = [...text.matchAll(/\p{N}+|[\p{L}\p{M}'’]+/gu)].map((found) => ({
    from: found.index,
    until: found.index + found[0].length,
    kind: kindOf(folded(found[0]), language),
  }));
  const pieces: SpokenPiece[] = [];
  let done = 0;
  for (const { first, last } of secretRuns(tokens.map(({ kind }) => kind))) {
    const [from, until] = [tokens[first]?.from ?? 0, tokens[last]?.until ?? text.length];
    if (from > done) pieces.push({ text: text.slice(done, from), isSecret: false });
    pieces.push({ text: text.slice(from, until), isSecret: true });
    done = until;
  }
  if (done < text.length) pieces.push({ text: text.slice(done), isSecret: false });
  return pieces;
}

function kindOf(word: string, language: CollectLanguage): Kind {
  if (/^\p{N}/u.test(word)) return 'number';
  if (DOUBTFUL.has(word)) return language === 'en' && numberWords('en').has(word) ? 'number' : 'doubtful';
  if (REPEATS.has(word) || numberWords(language).has(word) || numberWords('en').has(word)) return 'number';
  if (JOINTS.has(word)) return 'joint';
  return [...word].length === 1 ? 'letter' : 'word';
}

/** From the first to the last token of each secret: what is beside a number belongs to it, and so do several doubtful ones in a row. */
function secretRuns(kinds: readonly Kind[]): { first: number; last: number }[] {
  const runs: { first: number; last: number }[] = [];
  for (let at = 0; at < kinds.length;) {
    let end = at;
    while (end < kinds.length && kinds[end] !== 'word') end++;
    const run = trimmed(kinds, at, end - 1);
    if (run) runs.push(run);
    at = Math.max(end, at + 1);
  }
  return runs;
}

/** A joint at either side is none. */
function trimmed(kinds: readonly Kind[], from: number, until: number): { first: number; last: number } | undefined {
  let [first, last] = [from, until];
  while (first <= last && kinds[first] === 'joint') first++;
  while (last >= first && kinds[last] === 'joint') last--;
  const run = kinds.slice(first, last + 1);
  const letters = run.filter((kind) => kind === 'letter').length;
  const doubtful = run.filter((kind) => kind === 'doubtful').length;
  const isSecret = run.includes('number') || letters >= 2 || letters + doubtful >= MOST_DOUBTFUL;
  return isSecret ? { first, last } : undefined;
}
