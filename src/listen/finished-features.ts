/**
 * What is looked at in the words of a turn, and in what was asked, as places in a table of weights: hashed, so that any word
 * of any language has one. Pure; the trainer and the calls look at the very same.
 */
import { givenIn, type Given } from './given.ts';
import { rowOf, type Row, type TokenKind } from './numbers.ts';
import type { Question } from './question.ts';
import { tokensOf, type Speech } from './speech-of.ts';

/** Places in the table; a power of two. */
export const TABLE_SIZE = 16_384;
/** How a turn ends, and how it begins, shows in so many characters. */
const LOOKED_AT = 300;
/** Written without spaces, three characters say what one word does. */
const UNSPACED = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;

const KINDS: Readonly<Record<TokenKind, number>> = {
  digit: 1,
  tens: 2,
  repeat: 3,
  letter: 4,
  code: 5,
  amount: 6,
  joint: 7,
  word: 8,
};

/** FNV-1a. */
function hashOf(text: string, seed = 0x811c9dc5): number {
  let hash = seed;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

const ids = new Map<string, number>();
/** A name that the code gives. */
function idOf(name: string): number {
  let id = ids.get(name);
  if (id === undefined) ids.set(name, (id = hashOf(name)));
  return id;
}

function placeOf(a: number, b: number, c = 0, d = 0): number {
  let hash = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 0x7f4a7c15, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 15), 0x27d4eb2f) ^ Math.imul(c + 0x165667b1, 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 13), 0x85ebca6b) ^ Math.imul(d + 0x2545f491, 0x27d4eb2f);
  hash ^= hash >>> 16;
  return hash & (TABLE_SIZE - 1);
}

/** The end of a text, as it is looked at. */
export interface Reading {
  end: string;
  tokens: readonly string[];
  row: Row;
  given: Given;
}

export function readingOf(text: string, question: Question, speech: Speech): Reading {
  const end = text.length > LOOKED_AT ? text.slice(-LOOKED_AT) : text;
  const tokens = tokensOf(end);
  const row = rowOf(tokens, speech);
  return { end, tokens, row, given: givenIn(question, end, tokens, row, speech) };
}

/** Where the weights of these words lie. Empty for a text without words. */
export function featuresOf({ end, tokens, row, given }: Reading, question: Question, speech: Speech): number[] {
  if (tokens.length === 0) return [];
  const places: number[] = [];
  const add = (name: string, b = 0, c = 0, d = 0) => void places.push(placeOf(idOf(name), b, c, d));
  addWords(tokens, row, speech, idOf(question.kind), add);
  addShape(end, tokens, row, question, add);
  addAnswer(tokens, row, question, given, add);
  addSlots(end, question, given, row, add);
  return places;
}

type Add = (name: string, b?: number, c?: number, d?: number) => void;

/** Its last words, whole and by their endings. */
function addWords(tokens: readonly string[], row: Row, speech: Speech, asked: number, add: Add): void {
  const salt = idOf(speech);
  const hashes = tokens.slice(-3).map((token, i, last) => {
    const kind = row.kinds[tokens.length - last.length + i]!;
    return kind === 'word' || kind === 'joint' ? hashOf(token, salt) : KINDS[kind];
  });
  const [last = 0, second = 1, third = 2] = hashes.reverse();
  const word = tokens.at(-1)!;
  add('last', last);
  add('last two', last, second);
  add('last three', last, second, third);
  add('second', second);
  if (tokens.length <= 3) {
    add('all of it', last, second, third);
    add('all of it, asked', last ^ Math.imul(third, 31), second, asked);
  }
  if (row.kinds.at(-1) === 'word' && word.length > 3) {
    add('ending of 3', hashOf(word.slice(-3), salt));
    add('ending of 2', hashOf(word.slice(-2), salt), second);
  }
  // words that nobody thought of are mostly long, and those that something follows short
  if (row.kinds.at(-1) === 'word') {
    add('letters of the last', Math.min(8, word.length), salt);
    add('letters of the last, asked', Math.min(8, word.length), asked, lengthOf(tokens));
  }
  add('first', hashOf(tokens[0]!, salt), lengthOf(tokens));
  if (tokens.length > 2) add('first two', hashOf(tokens[0]!, salt), hashOf(tokens[1]!, salt));
  if (tokens.at(-1) === tokens.at(-2)) add('said twice');
}

/** How long it is, and what is written behind it. */
function addShape(text: string, tokens: readonly string[], row: Row, { kind }: Question, add: Add): void {
  const mark = markOf(text);
  const last = row.kinds.at(-1)!;
  add('always');
  add('length', lengthOf(tokens));
  add('length, asked', lengthOf(tokens), idOf(kind));
  add('mark', mark);
  add('mark, last', mark, hashOf(last === 'word' ? tokens.at(-1)! : last));
  add('mark, asked', mark, idOf(kind));
  add('mark, length', mark, lengthOf(tokens));
}

/** Numbers, and whether they are all that was asked for. */
function addAnswer(tokens: readonly string[], row: Row, { kind, lengths }: Question, given: Given, add: Add): void {
  const asked = idOf(kind);
  const kinds = row.kinds.slice(-3).map((one) => KINDS[one]);
  const count = row.digits + row.letters;
  add('asked', asked);
  add('asked, last', asked, KINDS[row.kinds.at(-1)!]);
  add('kinds', kinds[0] ?? 0, kinds[1] ?? 0, kinds[2] ?? 0);
  add('given', asked, idOf(given.state));
  add('given, last', asked, idOf(given.state), KINDS[row.kinds.at(-1)!]);
  if (row.isOpen) add('open row');
  const inRow = Math.min(20, row.lastDigits + row.lastLetters);
  if (kind === 'code' || inRow >= 3) add('row', inRow, asked);
  if (row.lastLetters > 0) add('letters', Math.min(8, row.lastLetters), Math.min(8, row.lastDigits), asked);
  if (kind === 'code' && !lengths) add('code so far', Math.min(20, count));
  if (tokens.length <= 4) add('short', asked, tokens.length, KINDS[row.kinds[0]!]);
}

/** Whether all that was asked for is there. */
function addSlots(text: string, { kind }: Question, { state, missing, ofCode }: Given, row: Row, add: Add): void {
  const mark = markOf(text);
  for (const slot of missing) add('missing', idOf(slot));
  add('given, mark', idOf(state), mark, idOf(kind));
  if (ofCode === undefined) return;
  const part = Math.floor(ofCode * 4);
  add('of code', part, row.digits + row.letters > 0 ? 1 : 0);
  add('of code, mark', part, mark);
  add('of code, last', part, KINDS[row.kinds.at(-1)!]);
}

const LENGTHS = [1, 2, 3, 4, 6, 9, 13, 20];
function lengthOf(tokens: readonly string[]): number {
  const words = UNSPACED.test(tokens[0]!) ? Math.ceil(tokens.length / 2) : tokens.length;
  const at = LENGTHS.findIndex((most) => words <= most);
  return at === -1 ? LENGTHS.length : at;
}

/** 1 to 5: what is written behind the last word. 6: nothing, where marks or capitals are written; 0: they are not. */
function markOf(text: string): number {
  const last = /[^\s"'”’»」』)\]]\s*["'”’»」』)\]]*$/u.exec(text)?.[0].charAt(0) ?? '';
  if (/[.!।。！]/u.test(last)) return /(\.\.|…)$/u.test(text.trimEnd()) ? 4 : 1;
  if (/[?？]/u.test(last)) return 2;
  if (/[,，、;:]/u.test(last)) return 3;
  if (/[-–—…]/u.test(last)) return 4;
  return /[\p{Lu},?।。]|\.(\s|$)/u.test(text) ? 6 : 0;
}
