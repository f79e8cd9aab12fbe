/**
 * Signs that mean something where they stand, and have to be heard: a key of the telephone (`press *`, `*67`), the
 * underscore of an address or a name (`john_doe@example.com`). Whether one is such, from what is around it, and its word
 * in the language of the voice. The same characters as markdown are `clean.ts`'s to leave out.
 */

export type Sign = '*' | '_' | '#';

type Words = readonly [star: string, underscore: string, hash: string];

const WORDS: Readonly<Record<string, Words>> = {
  en: ['star', 'underscore', 'hash'],
  es: ['asterisco', 'guion bajo', 'almohadilla'],
  fr: ['étoile', 'tiret bas', 'dièse'],
  de: ['Stern', 'Unterstrich', 'Raute'],
  it: ['asterisco', 'trattino basso', 'cancelletto'],
  nl: ['sterretje', 'laag streepje', 'hekje'],
  sv: ['stjärna', 'understreck', 'fyrkant'],
  pt: ['asterisco', 'sublinhado', 'cerquilha'],
  pl: ['gwiazdka', 'podkreślenie', 'krzyżyk'],
  ru: ['звёздочка', 'нижнее подчёркивание', 'решётка'],
  hi: ['स्टार', 'अंडरस्कोर', 'हैश'],
  mr: ['स्टार', 'अंडरस्कोर', 'हॅश'],
  gu: ['સ્ટાર', 'અંડરસ્કોર', 'હેશ'],
  pa: ['ਸਟਾਰ', 'ਅੰਡਰਸਕੋਰ', 'ਹੈਸ਼'],
  bn: ['স্টার', 'আন্ডারস্কোর', 'হ্যাশ'],
  or: ['ଷ୍ଟାର', 'ଅଣ୍ଡରସ୍କୋର', 'ହ୍ୟାସ'],
  ta: ['ஸ்டார்', 'அண்டர்ஸ்கோர்', 'ஹாஷ்'],
  te: ['స్టార్', 'అండర్స్కోర్', 'హాష్'],
  kn: ['ಸ್ಟಾರ್', 'ಅಂಡರ್ಸ್ಕೋರ್', 'ಹ್ಯಾಶ್'],
  ml: ['സ്റ്റാർ', 'അണ്ടർസ്കോർ', 'ഹാഷ്'],
  el: ['αστερίσκος', 'κάτω παύλα', 'δίεση'],
  fi: ['tähti', 'alaviiva', 'ruutu'],
  no: ['stjerne', 'understrek', 'firkant'],
  zh: ['星号', '下划线', '井号'],
  ja: ['アスタリスク', 'アンダーバー', 'シャープ'],
  ko: ['별표', '밑줄', '우물 정'],
  id: ['bintang', 'garis bawah', 'pagar'],
  ms: ['bintang', 'garis bawah', 'pagar'],
  vi: ['sao', 'gạch dưới', 'thăng'],
  tr: ['yıldız', 'alt çizgi', 'kare'],
  ar: ['نجمة', 'شرطة سفلية', 'مربع'],
};
const SIGNS: readonly Sign[] = ['*', '_', '#'];
/** Other words for them, for whoever writes the word and the sign. */
const OTHER_WORDS: Readonly<Record<Sign, string>> = { '*': 'asterisk', _: 'underscore', '#': 'pound' };

/** What a voice without a language of its own (`auto`) speaks, by the script of the last letter. */
const LANGUAGE_BY_SCRIPT: readonly [script: RegExp, language: string][] = [
  [/\p{Script=Devanagari}/u, 'hi'],
  [/\p{Script=Gujarati}/u, 'gu'],
  [/\p{Script=Gurmukhi}/u, 'pa'],
  [/\p{Script=Bengali}/u, 'bn'],
  [/\p{Script=Oriya}/u, 'or'],
  [/\p{Script=Tamil}/u, 'ta'],
  [/\p{Script=Telugu}/u, 'te'],
  [/\p{Script=Kannada}/u, 'kn'],
  [/\p{Script=Malayalam}/u, 'ml'],
  [/\p{Script=Greek}/u, 'el'],
  [/\p{Script=Cyrillic}/u, 'ru'],
  [/\p{Script=Arabic}/u, 'ar'],
  [/\p{Script=Hangul}/u, 'ko'],
  [/[\p{Script=Hiragana}\p{Script=Katakana}]/u, 'ja'],
  [/\p{Script=Han}/u, 'zh'],
];

/** The word for a sign. `before`: the text that it stands behind. */
export function wordOf(sign: Sign, language: string | undefined, before: string): string {
  const base = language?.toLowerCase().split(/[-_]/)[0] ?? 'auto';
  const words = WORDS[base === 'auto' ? languageOf(before) : base] ?? WORDS['en']!;
  return words[SIGNS.indexOf(sign)]!;
}

function languageOf(before: string): string {
  const letter = /\p{L}(?=\P{L}*$)/u.exec(before)?.[0] ?? '';
  return LANGUAGE_BY_SCRIPT.find(([script]) => script.test(letter))?.[1] ?? 'en';
}

/** Whether the word that is to be said for a sign in brackets was said just before: `the star key (*)`. */
export function isSaidAlready(sign: Sign, word: string, before: string): boolean {
  const text = before.slice(-24).toLowerCase();
  return before.endsWith('(') && (text.includes(word.toLowerCase()) || text.includes(OTHER_WORDS[sign]));
}

// ---- whether it is to be heard --------------------------------------------------------------------------------------

/** How far a sign looks ahead, and back. */
export const LOOK_AHEAD = 64;

const OPENS = /[\s([{"'“‘«„/#*,،、，:：-]|^$/;
const CLOSES = /[\s.,;:!?…)\]}/।॥؟،؛۔。、，！？；：]|^$/;
const QUOTES: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  '“': '”',
  '‘': '’',
  '«': '»',
  '„': '“',
  '`': '`',
  '(': ')',
};
/** What stands behind the star in Chinese, Japanese and Korean, which put no space before it. */
const KEY_BEHIND = /^(?:键|鍵|号|號|キー|ボタン|を|키|버튼|를|을)/;
/** Scripts without spaces between words. */
export const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;

/** `wait`: the characters that tell have not come. */
export type Verdict = boolean | 'wait';

/** What is around a sign. */
export interface Around {
  /** What stands before it, the last `LOOK_AHEAD` characters; empty at the beginning of the text. */
  before: string;
  /** What stands behind it, the next `LOOK_AHEAD` characters. */
  behind: string;
  /** More of what stands behind it may come. */
  isOpen: boolean;
}

const lastOf = (text: string): string => text.slice(-1);

/** It stands by itself, in quotes or brackets or between spaces and punctuation. */
export function standsAlone({ before, behind, isOpen }: Around): Verdict {
  const left = lastOf(before);
  const right = behind.slice(0, 1);
  if (right === '' && isOpen) return 'wait';
  if (left !== '' && QUOTES[left] === right) return true;
  return OPENS.test(left) && CLOSES.test(right);
}

/** A star: `press *`, `a 5* hotel`, `按*键`. `isEmphasisOpen`: it may be the end of what another star began. */
export function isStarHeard(around: Around, isEmphasisOpen: boolean): Verdict {
  const { before, behind, isOpen } = around;
  const isEnd = isEmphasisOpen && /\S$/.test(before);
  const isAlone = isEnd ? false : standsAlone(around);
  if (isAlone !== false || isEmphasisOpen) return isAlone;
  if (KEY_BEHIND.test(behind)) return true;
  if (isOpen && behind.length < 2 && UNSPACED.test(behind)) return 'wait';
  const isRating = /(?:^|\s)[1-7]$/.test(before);
  return CLOSES.test(behind.slice(0, 1)) && (isRating || UNSPACED.test(lastOf(before)));
}

/** A star between spaces that is an operator: `3 * 4`. */
export function isTimes({ before, behind, isOpen }: Around): Verdict {
  if (!/[\d)]$/.test(before.trimEnd())) return false;
  if (isOpen && behind.trim() === '') return 'wait';
  return /^[\d(]/.test(behind.trimStart());
}

/** How long a code of keys is that begins here, sign included: `*67`, `*123#`, `#21#`; 0 when none does. */
export function keyCodeLength(sign: Sign, around: Around): number | 'wait' {
  const { before, behind, isOpen } = around;
  if (!OPENS.test(lastOf(before))) return 0;
  const code = /^[\d*#]*/.exec(behind)![0];
  if (code === behind && isOpen) return 'wait';
  if (!/\d/.test(code)) return 0;
  if (/\d[\d*]*#$/.test(code)) return 1 + code.length;
  if (sign === '#' || !/\d$/.test(code)) return 0;
  const ends = endsEmphasis(behind.slice(code.length), isOpen);
  if (ends === 'wait') return 'wait';
  return ends ? 0 : 1 + code.length;
}

/** Whether a star further on in the sentence makes of what is before it emphasis: `*24 hours*`. */
function endsEmphasis(text: string, isOpen: boolean): Verdict {
  if (/^[\p{L}_]/u.test(text)) return true; // `*5th`
  const end = /\*|\n|[.!?](?=\s|$)/.exec(text);
  if (!end || (end.index === text.length - 1 && end[0] !== '*')) return isOpen ? 'wait' : false;
  return end[0] === '*' && /\S$/.test(text.slice(0, end.index));
}

const IN_TOKEN = /^[\p{L}\p{N}\p{M}_.%+@/-]*/u;
const TOKEN_BEFORE = /[\p{L}\p{N}\p{M}_.%+@/\\-]*$/u;
/** Words that a name is told with which has to be typed as it is. */
const NAMES_A_NAME =
  /(?:user ?-?name|user|handle|log-?in(?: name)?|nick ?name|screen name|account(?: name)?|password|skype|telegram|instagram|twitter|benutzername|usuario|usuário|utilisateur|identifiant|wachtwoord|यूज़रनेम|यूज़र ?नेम|id)\W{1,3}(?:(?:is|are|ist|es|est|è|é|hai|है)\W{1,3})?$/iu;

/** An underscore between two words: of an address, a handle or a code; else it stands for a space (`look_up`). */
export function isUnderscoreHeard({ before, behind, isOpen }: Around): Verdict {
  const ahead = IN_TOKEN.exec(behind)![0];
  if (ahead === behind && isOpen) return 'wait';
  const start = TOKEN_BEFORE.exec(before)![0];
  const token = `${start}_${ahead}`.replace(/[.%+/-]+$/, '');
  if (/@|[\p{L}\p{N}]\/[\p{L}\p{N}]|[\p{L}\p{N}_]\.\p{L}{2,}$/u.test(token)) return true;
  if (/\d/.test(token) && /[A-Z]/.test(token) && !/[a-z]/.test(token)) return true;
  return NAMES_A_NAME.test(before.slice(0, before.length - start.length));
}
