/**
 * A text as the words that it is found by: split in every script, without what is written now this way and now that
 * (accents, cases, digits, nuktas), and shortened to what a word has in common with its other forms. The shortening is light
 * on purpose: it is the same for a question and for what is searched, and need not be a word.
 */

/** Vowel signs are marks, so that a word of Devanagari stays one; an apostrophe may stand within a word. */
const WORD = /[\p{L}\p{N}][\p{L}\p{M}\p{N}]*(?:['’][\p{L}\p{M}]+)*/gu;
/** Without spaces between words: these are cut by the system's dictionary. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
/** Accents of Latin, Greek and Cyrillic; vowel points of Arabic and Hebrew; nuktas. None of them tells words apart in what people ask. */
const FOLDED = /[\u0300-\u036f\u064b-\u0652\u0670\u05b0-\u05c7\u093c\u09bc\u0a3c\u0abc\u0b3c]/g;
/** Joiners shape letters, and are typed or not. */
const JOINERS = /[\u200c\u200d\u00ad\u0640]/g;
const DIGIT = /\p{Nd}/gu;
/** Zero of each set of digits whose zero is not at a multiple of 16 counts by tens from here. */
const ZEROS = [0x0660, 0x06f0, 0x0966, 0x09e6, 0x0a66, 0x0ae6, 0x0b66, 0x0be6, 0x0c66, 0x0ce6, 0x0d66, 0x0e50];

let segmenter: Intl.Segmenter | undefined;

/** What words have become: a text has few of its own, and each takes microseconds. Emptied when there are too many. */
const known = new Map<string, string>();
const MOST_KNOWN = 20_000;

/** In order, each as often as it stands there; a word may come in several forms, all of which count. */
export function wordsOf(text: string): string[] {
  const plain = text.normalize('NFKC').toLowerCase().replace(JOINERS, '');
  return (plain.match(WORD) ?? []).flatMap((word) => (UNSPACED.test(word) ? segmentsOf(word) : formOf(word)));
}

function formOf(word: string): string {
  const before = known.get(word);
  if (before !== undefined) return before;
  if (known.size === MOST_KNOWN) known.clear();
  const form = stemOf(folded(word));
  known.set(word, form);
  return form;
}

function segmentsOf(text: string): string[] {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'word' });
  return [...segmenter.segment(text)].flatMap(({ segment, isWordLike }) => (isWordLike ? folded(segment) : []));
}

function folded(word: string): string {
  const bare = word.normalize('NFD').replace(FOLDED, '').normalize('NFC');
  return bare
    .replaceAll('ß', 'ss')
    .replaceAll('\u0901', '\u0902')
    .replace(/['’]s$|['’]/, '')
    .replace(DIGIT, asciiDigit); // a chandrabindu is often an anusvara
}

function asciiDigit(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  const zero = ZEROS.find((one) => code >= one && code < one + 10);
  return zero === undefined ? digit : String(code - zero);
}

/** Letters that a stem keeps at the least; behind a long ending, which may be none, one more. */
const SHORTEST = 3;
const LONG_ENDING = 3;
/** Of English, Spanish and its relatives: longest first. */
const LATIN = [
  ...['aciones', 'iciones', 'amiento', 'imiento', 'ations'],
  ...['acion', 'icion', 'mente', 'iendo', 'ation', 'ement'],
  ...['ando', 'ados', 'adas', 'idos', 'idas', 'aron', 'ment', 'ings'],
  ...['ado', 'ada', 'ido', 'ida', 'ies', 'ing', 'ion'],
  ...['es', 'ed', 'er', 'ar', 'ir', 'as', 'os', 'an', 'en', 'ly'],
  ...['s', 'e', 'a', 'o', 'y', 'i'],
];
/** Of Hindi and Marathi, after Ramanathan and Rao (2003): endings of number, gender, case and tense. */
const DEVANAGARI = [
  ...['ाएंगी', 'ाएंगे', 'ाऊंगी', 'ाऊंगा'],
  ...['ाएगी', 'ाएगा', 'ाओगी', 'ाओगे', 'एंगी', 'एंगे', 'ूंगी', 'ूंगा', 'ियों', 'ियां'],
  ...[
    'ाकर',
    'ाइए',
    'ाईं',
    'ाया',
    'ेगी',
    'ेगा',
    'ोगी',
    'ोगे',
    'ाने',
    'ाना',
    'ाते',
    'ाती',
    'ाता',
    'तीं',
    'ाओं',
    'ाएं',
    'ुओं',
    'ुएं',
    'ुआं',
  ],
  ...['कर', 'ाओ', 'िए', 'ाई', 'ाए', 'ने', 'नी', 'ना', 'ते', 'ीं', 'ती', 'ता', 'ां', 'ों', 'ें', 'ये', 'या', 'यी'],
  ...['ो', 'े', 'ू', 'ु', 'ी', 'ि', 'ा', 'ं'],
];

function stemOf(word: string): string {
  if (/^[a-z]+$/.test(word)) return without(word, LATIN, ({ length }) => SHORTEST + Number(length >= LONG_ENDING));
  return /^[\u0900-\u097f]+$/.test(word) ? without(word, DEVANAGARI, () => 2) : word;
}

/** Without the first of these endings that leaves enough. */
function without(word: string, endings: readonly string[], leastBehind: (ending: string) => number): string {
  const ending = endings.find((one) => word.endsWith(one) && word.length - one.length >= leastBehind(one));
  return ending === undefined ? word : word.slice(0, -ending.length);
}
