/**
 * Rows of digits as they are said: `double nine eight`, `seis doce treinta y cuatro`, `नौ आठ डबल सात`, `98-76`. And a row that
 * is corrected: `five, no, nine`, `5 not 9`, `the last two are 45`. Pure.
 */
import { amountAt, isNumberJoint, numberWords, type NumberWord } from './number-words.ts';
import { partsBetweenCorrections, tokensIn, type CollectLanguage } from './words.ts';

/** What a recogniser writes for a digit when it hears another word; only between digits. */
const MISHEARD: Readonly<Record<string, string>> = {
  o: '0', oh: '0', won: '1', to: '2', too: '2', tree: '3', for: '4', fore: '4', ate: '8', nein: '9', do: '2', so: '6', say: '6',
}; // prettier-ignore
/** Words of everyday that are digits only beside another one: `do you have one?` */
const DOUBTFUL = new Set('do sat das che one ek un una uno bis'.split(' '));
/** Behind these another number begins, which is not asked for. */
const OTHERS = new Set(['extension', 'ext']);

/**
 * The digits in what was said, one behind the other, whatever stands between them. `+` in front where it was said.
 * @param areAmounts Whether "nine hundred fifty" is 950, and not 900 and 50.
 */
export function digitsIn(tokens: readonly string[], language: CollectLanguage, areAmounts = false): string {
  const words = numberWords(language);
  let digits = '';
  let times = 1;
  const add = (more: string): void => {
    digits += more.length === 1 ? more.repeat(times) : more;
    times = 1;
  };
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] ?? '';
    if (OTHERS.has(token) && digits !== '') break;
    if ((token === '+' || token === 'plus' || token === 'mas') && digits === '') digits = '+';
    if (/^\d+$/.test(token)) {
      add(token);
      continue;
    }
    const word = words.get(token);
    if (!word) {
      const misheard = MISHEARD[token];
      const sides = [tokens[at - 1], tokens[at + 1]].filter((side) => isNumber(side, words)).length;
      if (misheard !== undefined && sides >= (misheard === '0' ? 1 : 2)) add(misheard);
      continue;
    }
    if (DOUBTFUL.has(token) && tokens.length > 2 && !isBesideNumber(tokens, at, words)) continue;
    const amount = areAmounts ? largeAt(tokens, at, language) : undefined;
    if (amount) {
      add(String(amount.value));
      at = amount.until - 1;
    } else if (word.type === 'repeat') times = word.times;
    else at = addWord(tokens, at, word, { language, words, add });
  }
  return digits === '+' ? '' : digits;
}

/** An amount of a hundred and more that is said as one. */
function largeAt(
  tokens: readonly string[],
  at: number,
  language: CollectLanguage,
): { value: number; until: number } | undefined {
  const words = numberWords(language);
  const amount = amountAt(tokens, at, language);
  const isLarge = (token: string) => ['scale', 'hundreds'].includes(words.get(token)?.type ?? '');
  return amount && tokens.slice(at, amount.until).some(isLarge) ? amount : undefined;
}

const isNumber = (token: string | undefined, words: ReadonlyMap<string, NumberWord>): boolean =>
  token !== undefined && (/^\d+$/.test(token) || words.has(token) || token === 'o' || token === 'oh');

const isBesideNumber = (tokens: readonly string[], at: number, words: ReadonlyMap<string, NumberWord>): boolean =>
  [tokens[at - 1], tokens[at + 1]].some((side) => isNumber(side, words) || Object.hasOwn(MISHEARD, side ?? ''));

interface Adding {
  language: CollectLanguage;
  words: ReadonlyMap<string, NumberWord>;
  add: (digits: string) => void;
}

/** Adds the number that begins here; returns the last of its tokens. */
function addWord(
  tokens: readonly string[],
  at: number,
  word: Exclude<NumberWord, { type: 'repeat' }>,
  { language, words, add }: Adding,
): number {
  if (word.type === 'scale') {
    add(String(word.value).slice(1)); // "eight hundred": the zeros behind the eight
    return at;
  }
  if (word.type === 'hundreds') {
    const next = words.get(tokens[at + 1] ?? '');
    const isPair = next?.type === 'pair' || next?.type === 'tens';
    if (!isPair) {
      add(String(word.value));
      return at;
    }
    let pair = '';
    const last = addWord(tokens, at + 1, next, { language, words, add: (digits) => (pair = digits) });
    add(String(word.value + Number(pair)));
    return last;
  }
  if (word.type !== 'tens') {
    add(String(word.value));
    return at;
  }
  const behind = isNumberJoint(tokens[at + 1], language) ? at + 2 : at + 1;
  const unit = words.get(tokens[behind] ?? '');
  const joins = unit?.type === 'unit' && unit.value > 0;
  add(String(word.value + (joins ? unit.value : 0)));
  return joins ? behind : at;
}

/** Whether a row is all that is asked for. */
export type IsWhole = (digits: string) => boolean;

/** The row that was meant by an answer in which its speaker corrects themselves. */
export function correctedDigits(text: string, language: CollectLanguage, isWhole: IsWhole): string {
  const rows = partsBetweenCorrections(text, language)
    .flatMap((part) => splitAtNot(part))
    .map((part) => rowMeant(part, language, isWhole));
  return rows.filter((row) => row !== '').reduce((row, more) => (row === '' ? more : replaced(row, more, isWhole)), '');
}

/** Of the ways in which a part may be meant the first that is whole; else all of its digits. */
function rowMeant(part: readonly string[], language: CollectLanguage, isWhole: IsWhole): string {
  const plain = digitsIn(part, language);
  if (plain === '' || isWhole(plain)) return plain;
  const others = [digitsIn(part, language, true), ...rowsApart(part, language)];
  return others.find((row) => row !== '' && isWhole(row)) ?? plain;
}

/** These may stand within a row: "four one five, and then, five five five". */
const WITHIN = new Set(
  'uh um er and then area code y luego entonces aur phir fir और फिर - . + / ( )'.split(' '), // prettier-ignore
);

/** Each row by itself where other words stand between them: "415 555 2671, after 5", "4111..., and it expires 12 27". */
function rowsApart(part: readonly string[], language: CollectLanguage): string[] {
  const words = numberWords(language);
  const rows: string[][] = [[]];
  for (const token of part) {
    if (isNumber(token, words) || Object.hasOwn(MISHEARD, token) || WITHIN.has(token)) rows.at(-1)?.push(token);
    else rows.push([]);
  }
  return rows.map((row) => digitsIn(row, language));
}

/** In "five not nine" the nine is what was not meant. */
function splitAtNot(part: readonly string[]): readonly string[][] {
  const at = part.indexOf('not');
  return [at === -1 ? [...part] : part.slice(0, at)];
}

/** `more` was said in place of the end of `row`: as much of it as makes a whole one, else as much as was said anew. */
function replaced(row: string, more: string, isWhole: IsWhole): string {
  if (isWhole(more)) return more;
  const lengths = [more.length, ...Array.from(row, (_, i) => i + 1)];
  const fitting = lengths.find((length) => length <= row.length && isWhole(row.slice(0, row.length - length) + more));
  if (fitting !== undefined) return row.slice(0, row.length - fitting) + more;
  return more.length >= row.length ? more : row.slice(0, row.length - more.length) + more;
}

const AT_END = new Set(
  'last end ends ending आखिरी आखिर अंत aakhri akhri aakhiri ultimo ultimos ultima ultimas termina acaba final'.split(
    ' ',
  ),
);
const AT_START = new Set(
  'first starts begins beginning start पहले पहला शुरू pehle pehla shuru primero primeros empieza'.split(' '),
);
/** Between what was meant and what was not. */
const NOT = new Set('not no but nahi nahin sino नहीं नही बल्कि'.split(' '));
/** What a number counts behind which one of these stands: "the last four digits". */
const DIGITS = new Set(
  'digit digits number numbers ones are is cifra cifras digito digitos numeros son es अंक ank hain है हैं'.split(' '),
);

/**
 * A row that was read back, as it is after what was said to that: `it ends in 45`, `5 not 9`. Undefined when nothing tells
 * which of its digits are meant.
 */
export function amendedDigits(known: string, text: string, language: CollectLanguage): string | undefined {
  const tokens = withoutCounts(tokensIn(text), language);
  const rows: string[] = [];
  let part: string[] = [];
  for (const token of [...tokens, 'not']) {
    if (!NOT.has(token)) {
      part.push(token);
      continue;
    }
    const row = digitsIn(part, language);
    if (row !== '') rows.push(row);
    part = [];
  }
  const [first, second, ...rest] = rows;
  if (first === undefined || rest.length > 0) return undefined;
  // "not 4 but 5" says the wrong one first
  const isWrongFirst = second !== undefined && /\b(?:not|no) \S+ (?:but|sino)\b/.test(tokens.join(' '));
  if (second !== undefined)
    return isWrongFirst && isOnceIn(known, first)
      ? known.replace(first, second)
      : exchanged(known, first, second, language);
  if (first.length >= known.length) return undefined;
  if (tokens.some((token) => AT_END.has(token))) return known.slice(0, known.length - first.length) + first;
  if (tokens.some((token) => AT_START.has(token))) return first + known.slice(first.length);
  return undefined;
}

/** "The last four digits are": the four is none of them. */
function withoutCounts(tokens: readonly string[], language: CollectLanguage): string[] {
  return tokens.filter((_, at) => {
    const amount = amountAt(tokens, at, language);
    const isBeside = [AT_END, AT_START].some(
      (side) => side.has(tokens[at - 1] ?? '') || side.has(tokens[at + 1] ?? ''),
    );
    const isCount = amount !== undefined && amount.value < 10 && amount.until === at + 1 && isBeside;
    return !(isCount && (DIGITS.has(tokens[at + 1] ?? '') || DIGITS.has(tokens[at + 2] ?? '')));
  });
}

/** Of two, the one that was read back is not meant; of both, what is said first is meant in English and Spanish. */
function exchanged(known: string, first: string, second: string, language: CollectLanguage): string | undefined {
  const [hasFirst, hasSecond] = [isOnceIn(known, first), isOnceIn(known, second)];
  const wrongIsSecond = hasSecond && (!known.includes(first) || language !== 'hi');
  if (wrongIsSecond) return known.replace(second, first);
  return hasFirst ? known.replace(first, second) : undefined;
}

const isOnceIn = (known: string, part: string): boolean => known.split(part).length === 2;
