/** E-mail addresses as they are spelled and said: `j o h n dot smith at gmail dot com`, `juan guion bajo perez arroba...`. Pure. */
import { letterAt, spelled } from './letters.ts';
import { isNumberJoint, numberWords } from './number-words.ts';
import { digitsIn } from './digits.ts';
import { NONE, type Reading } from './reading.ts';
import { isCorrection, tokensIn, type CollectLanguage } from './words.ts';

const ADDRESS = /^[a-z0-9](?:[a-z0-9._+-]*[a-z0-9_])?@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/;
const WRITTEN = /[a-z0-9][a-z0-9._+-]*@[a-z0-9-]+(?:\.[a-z0-9-]+)+/i;

/** One or more words that stand for a sign, the longest first. */
const SIGNS: readonly (readonly [words: string, sign: string])[] = [
  ['at the rate of', '@'], ['at the rate', '@'], ['at sign', '@'], ['at', '@'], ['arroba', '@'], ['ऐट द रेट', '@'], ['एट द रेट', '@'],
  ['ऐट', '@'], ['एट', '@'], ['@', '@'],
  ['full stop', '.'], ['period', '.'], ['point', '.'], ['dot', '.'], ['punto', '.'], ['डॉट', '.'], ['बिंदु', '.'], ['.', '.'],
  ['under score', '_'], ['underscore', '_'], ['guion bajo', '_'], ['barra baja', '_'], ['अंडरस्कोर', '_'], ['_', '_'],
  ['hyphen', '-'], ['dash', '-'], ['minus', '-'], ['guion medio', '-'], ['guion', '-'], ['हाइफन', '-'], ['डैश', '-'], ['-', '-'],
  ['plus', '+'], ['mas', '+'], ['प्लस', '+'], ['+', '+'],
]; // prettier-ignore
const SPOKEN_SIGNS = SIGNS.map(([words, sign]) => ({ words: tokensIn(words), sign }));

/** What stands before an address in a sentence. */
const LEAD_INS = new Set(
  "- it it's its is that that's the my email e mail address id correo electronico es mi el la direccion yes yeah sure okay ok so um uh er well si bueno haan ha ji mera meri hai हां जी मेरा मेरी ईमेल मेल है यह वो आईडी पता".split(
    ' ',
  ),
);
/** What is said about letters, and is none of them. */
const ABOUT = new Set(
  'all lowercase lower case capital uppercase small letters together and then space minuscula minusculas mayuscula todo junto letra सब'.split(
    ' ',
  ),
);
const ABOUT_TWO: readonly (readonly string[])[] = [
  'one word',
  'the number',
  'the letter',
  'the word',
  'el numero',
  'la letra',
].map((words) => words.split(' '));
/** Of a sentence that is about something else: `I look at my inbox`. */
const SENTENCE = new Set("i you we they my your don't yo tengo mire estoy main mujhe mein".split(' '));
/** What recognisers of Hindi write in its own script. */
const DEVANAGARI: Readonly<Record<string, string>> = {
  जीमेल: 'gmail', याहू: 'yahoo', हॉटमेल: 'hotmail', आउटलुक: 'outlook', रेडिफमेल: 'rediffmail', कॉम: 'com', इन: 'in', को: 'co', नेट: 'net', ऑर्ग: 'org',
}; // prettier-ignore
const ENDINGS = new Set('com org net in co es mx uk edu gov io info ar us de'.split(' '));

/** The address in what was said; `before` is what was said of it until now. */
export function readEmail(said: string, language: CollectLanguage, before = ''): Reading<string> {
  const text = said.replace(SPELLED_OUT, (letters) => letters.replace(/[.\s-]+/g, ' '));
  const written = WRITTEN.exec(text)?.[0].toLowerCase();
  if (written !== undefined && !hasCorrection(text, language)) return valueOf(written) ?? NONE;
  const address = addressIn(tokensIn(text), language);
  if (address === '') return NONE;
  const whole = valueOf(address) ?? (before === '' ? undefined : valueOf(before + address));
  if (whole) return whole;
  const isBegun =
    /^[a-z0-9._+-]+@?[a-z0-9.-]*$/.test(before + address) &&
    (address.includes('@') || hasSigns(text, language)) &&
    !tokensIn(text).some((token) => SENTENCE.has(token) && !LEAD_INS.has(token));
  return isBegun ? { type: 'part', part: before + address } : NONE;
}

/** `J. O. H. N.`, `j-o-h-n`: how recognisers write letters that are said one by one. */
const SPELLED_OUT =
  /(?<![\p{L}\d.@_+-])(?:\p{L}(?:\.\s+|-)){2,}\p{L}(?![\p{L}\d])(?:\.(?=\s))?|(?<![\p{L}\d.@_+-])\p{L}\.\s+\p{L}\.(?=\s)/gu;

const hasCorrection = (text: string, language: CollectLanguage): boolean =>
  tokensIn(text).some((token) => isCorrection(token, language));

/** Somebody is spelling: letters by themselves, or names of signs. */
function hasSigns(text: string, language: CollectLanguage): boolean {
  const tokens = tokensIn(text);
  return spelled(tokens, language) !== undefined || tokens.some((_, at) => (signAt(tokens, at)?.count ?? 0) > 0);
}

const valueOf = (address: string): Reading<string> | undefined =>
  ADDRESS.test(address) && !address.includes('..') ? { type: 'value', value: address } : undefined;

/** Parts between corrections: one that has both sides is the address; one that has its end alone goes on behind the name. */
function addressIn(tokens: readonly string[], language: CollectLanguage): string {
  let address = '';
  for (const part of partsOf(tokens, language)) {
    const said = written(part, language);
    if (said === '') continue;
    const [name = '', domain] = said.split('@');
    if (address === '' || (name !== '' && domain !== undefined)) address = said;
    else if (domain !== undefined) address = `${address.split('@')[0] ?? ''}@${domain}`;
    else if (address.includes('@') && said.includes('.')) address = `${address.split('@')[0] ?? ''}@${said}`;
    else return '';
  }
  return withDots(address);
}

function partsOf(tokens: readonly string[], language: CollectLanguage): string[][] {
  const parts: string[][] = [[]];
  for (const token of tokens) {
    if (isCorrection(token, language)) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts.map((part) => withoutLeadIn(part, language));
}

/** From behind the last word before the `@` that belongs to the sentence. */
function withoutLeadIn(part: readonly string[], language: CollectLanguage): string[] {
  const signs = part.flatMap((_, i) => (signAt(part, i)?.sign === '@' ? [i] : []));
  const until = signs.at(-1) ?? part.length;
  // of two the first is a word of the sentence: "write me at john at gmail dot com"
  let from = signs.length > 1 && signs[0] !== undefined ? signs[0] + 1 : 0;
  while (from < until && LEAD_INS.has(part[from] ?? '')) from += 1;
  // "my address, that would be john at...": all up to a verb
  const verbs = VERBS[language];
  for (let i = from; i < until - 1; i++) if (verbs.includes(part[i] ?? '')) from = i + 1;
  if (part[from] === '-' || part[from] === '.') from++;
  return part.slice(from).filter((token, i, all) => !ABOUT.has(token) && !isAboutTwo(all, i));
}

const VERBS: Readonly<Record<CollectLanguage, readonly string[]>> = { en: ['is', 'be'], hi: ['is', 'hai'], es: ['es'] };

const isAboutTwo = (tokens: readonly string[], at: number): boolean =>
  ABOUT_TWO.some(([first, second]) =>
    [at, at - 1].some((from) => tokens[from] === first && tokens[from + 1] === second),
  );

function signAt(tokens: readonly string[], at: number): { sign: string; count: number } | undefined {
  for (const { words, sign } of SPOKEN_SIGNS) {
    if (words.every((word, i) => tokens[at + i] === word)) return { sign, count: words.length };
  }
  return undefined;
}

function written(tokens: readonly string[], language: CollectLanguage): string {
  let address = '';
  for (let at = 0; at < tokens.length;) {
    const sign = signAt(tokens, at);
    const isEnd = at + (sign?.count ?? 0) >= tokens.length;
    if (sign) {
      if (!(sign.sign === '.' && isEnd)) address += sign.sign; // the full stop of a sentence
      at += sign.count;
      continue;
    }
    const digits = numberAt(tokens, at, language);
    const letter = digits ? undefined : letterAt(tokens, at, language);
    if (digits) [address, at] = [address + digits.digits, digits.until];
    else if (letter && isSpelling(tokens, at, letter.until, language))
      [address, at] = [address + letter.letters, letter.until];
    else {
      const word = tokens[at++] ?? '';
      address += DEVANAGARI[word] ?? word;
    }
  }
  return address.includes('@') ? joinedDomain(address, tokens) : address;
}

/**
 * A letter's name is one where it is written as a letter, or a letter stands beside it. Spanish letters are written by their names, which
 * mean nothing else beside each other; in English "see you" is none.
 */
function isSpelling(tokens: readonly string[], at: number, until: number, language: CollectLanguage): boolean {
  const token = tokens[at] ?? '';
  if (token.length === 1 || until > at + 1 || /[^\x00-\x7f]/.test(token)) return true;
  const beside = [tokens[at - 1], tokens[until]];
  if (beside.some(isSingle)) return true;
  const isBeside = [at - 1, until].some((i) => i >= 0 && letterAt(tokens, i, language) !== undefined);
  return language === 'es' && (isBeside || tokens[at - 1] === 'doble');
}

const isSingle = (token: string | undefined): boolean => token !== undefined && /^[a-z]$/.test(token);

/** Numbers said in words: `john forty two`. Words such as `do` and `one` in a name are left alone unless a number stands beside them. */
function numberAt(
  tokens: readonly string[],
  at: number,
  language: CollectLanguage,
): { digits: string; until: number } | undefined {
  const words = numberWords(language);
  const isOne = (token = '') => /^\d+$/.test(token) || (words.has(token) && words.get(token)?.type !== 'repeat');
  const isRepeated = words.get(tokens[at] ?? '')?.type === 'repeat' && isOne(tokens[at + 1]); // "double seven", not "double l"
  if (!isOne(tokens[at]) && !isRepeated) return undefined;
  let until = at + 1;
  while (
    isOne(tokens[until]) ||
    (isNumberJoint(tokens[until], language) && tokens[until] !== '-' && isOne(tokens[until + 1]))
  )
    until++;
  return { digits: digitsIn(tokens.slice(at, until), language), until };
}

/** `gmail com` lacks its dot. */
function joinedDomain(address: string, tokens: readonly string[]): string {
  const last = tokens.at(-1) ?? '';
  const [, domain = ''] = address.split('@');
  return !domain.includes('.') && ENDINGS.has(last) && domain.length > last.length
    ? `${address.slice(0, -last.length)}.${last}`
    : address;
}

const withDots = (address: string): string => address.replace(/\.+$/, '').replace(/[^\x21-\x7e]/g, '?');

/** An address that was read back, as it is after what was said to that: a spelled name or a domain. Undefined when nothing tells. */
export function amendedEmail(known: string, text: string, language: CollectLanguage): string | undefined {
  const [name = '', domain = ''] = known.split('@');
  const tokens = tokensIn(text).filter((token) => !isCorrection(token, language));
  const said = written(withoutLeadIn(tokens, language), language);
  if (said.startsWith('@')) return ADDRESS.test(name + said) ? name + said : undefined;
  if (ADDRESS.test(`${name}@${said}`) && said.includes('.') && ENDINGS.has(tokens.at(-1) ?? ''))
    return `${name}@${said}`;
  // "john dot smith": the name with its signs
  const isName = /^[a-z0-9]+(?:[._+-][a-z0-9]+)+$/.test(said);
  if (isName && isNear(bare(name), bare(said))) return `${said}@${domain}`;
  const letters = spelled(withoutLeadIn(tokens, language), language);
  if (letters === undefined) return undefined;
  const parts = name.split(/([._+-])/);
  const near = parts.map((part, at) => ({ at, far: distance(part, letters) })).sort((a, b) => a.far - b.far)[0];
  if (!near || !isNear(parts[near.at] ?? '', letters)) return undefined;
  parts[near.at] = letters;
  return `${parts.join('')}@${domain}`;
}

const bare = (name: string): string => name.replace(/[._+-]/g, '');

/** What was misheard is like what was meant. */
const isNear = (heard: string, meant: string): boolean =>
  distance(heard, meant) <= Math.max(1, Math.floor(meant.length / 3));

/** How many letters differ, counted as exchanged, added or left out. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, i) => i);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const exchange = row[j - 1]! + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min(exchange, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[other.length]!;
}
