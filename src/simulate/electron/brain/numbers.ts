/** Numbers, codes and telephone numbers as people say them: `two hundred and five`, `Q X four one`, `double five three`. */
import { withoutOverlaps, type Found } from './found.ts';
import { tokensOf, type Token } from './words.ts';

const UNITS = new Map(
  `zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
   eighteen nineteen`
    .split(/\s+/)
    .map((word, value) => [word, value] as const),
);
const TENS = new Map(
  'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ').map((word, index) => [word, (index + 2) * 10]),
);
const ORDINALS = new Map<string, number>([
  ...'first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth'
    .split(' ')
    .map((word, index) => [word, index + 1] as const),
  ['thirtieth', 30],
]);

/** `seven` is 7, `oh` is 0 only in a row of digits. */
export function unitOf(word: string): number | undefined {
  return UNITS.get(word);
}

export function tensOf(word: string): number | undefined {
  return TENS.get(word);
}

/** `third` and `3rd` are 3. */
export function ordinalOf(word: string): number | undefined {
  const digits = /^(\d+)(?:st|nd|rd|th)$/.exec(word);
  return digits ? Number(digits[1]) : ORDINALS.get(word);
}

/** Quantities, in the order of the text. */
export function findNumbers(text: string): Found<number>[] {
  const tokens = tokensOf(text);
  const found: Found<number>[] = [];
  for (let at = 0; at < tokens.length;) {
    const read = readNumber(tokens, at, text);
    if (read) found.push(read.found);
    at = read ? read.next : at + 1;
  }
  return found;
}

function readNumber(
  tokens: readonly Token[],
  from: number,
  text: string,
): { found: Found<number>; next: number } | undefined {
  const first = tokens[from];
  if (!first) return undefined;
  if (/^\d/.test(first.text)) {
    if (first.text.includes(':') || /^\p{L}/u.test(text.slice(first.end)) || /\p{L}$/u.test(text.slice(0, first.start)))
      return undefined;
    const digits = Number(first.text.replace(/,(?=\d{3})/g, ''));
    const scale = SCALES.get(tokens[from + 1]?.lower ?? '');
    const last = scale === undefined ? first : (tokens[from + 1] ?? first);
    return Number.isNaN(digits)
      ? undefined
      : {
          found: { value: digits * (scale ?? 1), start: first.start, end: last.end },
          next: from + (scale ? 2 : 1),
        };
  }
  return readWords(tokens, from);
}

const SCALES = new Map([
  ['hundred', 100],
  ['thousand', 1_000],
  ['million', 1_000_000],
]);

/** `a hundred and fifty two thousand`: the largest run of words that is one number. */
function readWords(tokens: readonly Token[], from: number): { found: Found<number>; next: number } | undefined {
  let [total, current, at, last] = [0, 0, from, -1];
  let previous: 'none' | 'unit' | 'tens' | 'scale' = 'none';
  for (; at < tokens.length; at++) {
    const word = tokens[at]?.lower ?? '';
    const unit = UNITS.get(word);
    const tens = TENS.get(word);
    const scale = SCALES.get(word);
    if (
      unit !== undefined &&
      (previous === 'none' || previous === 'scale' || (previous === 'tens' && unit < 10 && unit > 0))
    ) {
      current += unit;
      previous = 'unit';
    } else if (tens !== undefined && (previous === 'none' || previous === 'scale')) {
      current += tens;
      previous = 'tens';
    } else if (scale !== undefined && previous !== 'none') {
      if (scale === 100) current = Math.max(1, current) * 100;
      else [total, current] = [total + Math.max(1, current) * scale, 0];
      previous = 'scale';
    } else if (word === 'a' && previous === 'none' && SCALES.has(tokens[at + 1]?.lower ?? '')) {
      current = 1;
      previous = 'unit';
      continue;
    } else if (word === 'and' && previous === 'scale') continue;
    else break;
    last = at;
  }
  const [first, end] = [tokens[from], tokens[last]];
  if (!first || !end) return undefined;
  return { found: { value: total + current, start: first.start, end: end.end }, next: last + 1 };
}

const NATO = new Map(
  `alpha alfa bravo charlie delta echo foxtrot golf hotel india juliet juliett kilo lima mike november oscar papa quebec
   romeo sierra tango uniform victor whiskey xray yankee zulu`
    .split(/\s+/)
    .map((word) => [word, word.charAt(0).toUpperCase()] as const),
);

/**
 * Ids and references, upper case, without what stands between their parts: `QX41`, `ord-1234`, `B as in Bravo seven`,
 * `one two three four`. The likeliest first: mixed ones, then long rows.
 */
export function findCodes(text: string): Found<string>[] {
  return withoutOverlaps([...findWrittenCodes(text), ...findSpokenCodes(text), ...findDigitRows(text)]);
}

function findWrittenCodes(text: string): Found<string>[] {
  const mixed = /(?<![\p{L}\p{N}])(?=[A-Za-z\d-]*\d)(?=[A-Za-z\d-]*[A-Za-z])[A-Za-z\d]+(?:-[A-Za-z\d]+)*/gu;
  return [...text.matchAll(mixed)]
    .filter(([code]) => !/^\d+(?:st|nd|rd|th|am|pm|h)$/i.test(code))
    .map((match) => ({ value: match[0].toUpperCase(), start: match.index, end: match.index + match[0].length }));
}

/** `12 34-56` is one row, `at 10, 2 people` are two. */
function findDigitRows(text: string): Found<string>[] {
  return [...text.matchAll(/(?<![\p{L}\d.,:])\d(?:\d|[ -](?=\d))*(?!\d|\p{L}|[.,:]\d)/gu)].map((match) => ({
    value: match[0].replace(/\D/g, ''),
    start: match.index,
    end: match.index + match[0].length,
  }));
}

/** Rows of spelled letters and spoken digits, two or more. */
function findSpokenCodes(text: string): Found<string>[] {
  const tokens = tokensOf(text);
  const found: Found<string>[] = [];
  for (let at = 0; at < tokens.length;) {
    const { value, parts, next } = readSpelled(tokens, at);
    const [first, last] = [tokens[at], tokens[next - 1]];
    const isRow = parts >= 3 || (parts === 2 && !/^(?:a|i)$/.test(first?.lower ?? '') && /[A-Z]/.test(value));
    if (first && last && isRow) found.push({ value, start: first.start, end: last.end });
    at = isRow ? next : at + 1;
  }
  return found;
}

function readSpelled(tokens: readonly Token[], from: number): { value: string; parts: number; next: number } {
  let [value, parts, at] = ['', 0, from];
  while (at < tokens.length) {
    const word = tokens[at]?.lower ?? '';
    const times = word === 'double' ? 2 : word === 'triple' ? 3 : 1;
    if (times > 1) at++;
    const part = spelledPart(tokens, at);
    if (!part) {
      if (times > 1) at--;
      break;
    }
    value += part.text.repeat(times);
    parts += times;
    at += part.tokens;
  }
  return { value, parts, next: at };
}

function spelledPart(tokens: readonly Token[], at: number): { text: string; tokens: number } | undefined {
  const word = tokens[at]?.lower ?? '';
  const next = tokens[at + 1]?.lower ?? '';
  if (/^[a-z]$/.test(word)) {
    const isExplained = next === 'as' && tokens[at + 2]?.lower === 'in';
    return {
      text: word.toUpperCase(),
      tokens: isExplained ? 4 : next === 'for' && isNatoOf(word, tokens[at + 2]) ? 3 : 1,
    };
  }
  const letter = NATO.get(word);
  if (letter) return { text: letter, tokens: 1 };
  if (word === 'oh' || word === 'nought') return { text: '0', tokens: 1 };
  const unit = UNITS.get(word);
  if (unit !== undefined) return { text: String(unit), tokens: 1 };
  const tens = TENS.get(word);
  if (tens !== undefined) {
    const ones = UNITS.get(next);
    return ones !== undefined && ones > 0 && ones < 10
      ? { text: String(tens + ones), tokens: 2 }
      : { text: String(tens), tokens: 1 };
  }
  return /^\d+$/.test(word) ? { text: word, tokens: 1 } : undefined;
}

function isNatoOf(letter: string, token: Token | undefined): boolean {
  return NATO.get(token?.lower ?? '') === letter.toUpperCase();
}

/** Seven digits or more, with `+` when one was said. */
export function findPhones(text: string): Found<string>[] {
  const written = [...text.matchAll(/(?<![\p{L}\d])\+?\(?\d(?:[\d\s().-]{5,}\d)/gu)].map((match) => ({
    value: `${match[0].startsWith('+') ? '+' : ''}${match[0].replace(/\D/g, '')}`,
    start: match.index,
    end: match.index + match[0].length,
  }));
  const spoken = findSpokenCodes(text).map((found) => {
    const isPlus = /\bplus\s+$/i.test(text.slice(0, found.start));
    return { ...found, value: `${isPlus ? '+' : ''}${found.value}` };
  });
  return withoutOverlaps([...written, ...spoken].filter(({ value }) => /^\+?\d{7,15}$/.test(value)));
}
