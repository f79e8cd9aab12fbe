/** Values for the ear: digits in groups, letters one by one, dates and times as they are said where the caller lives. Pure. */
import type { Day } from './calendar.ts';
import type { TimeOfDay } from './time.ts';
import type { CollectLanguage } from './words.ts';

/** `9 8 7, 6 5 4`: a voice says them digit by digit, and rests between the groups. */
export function digitsAloud(written: string): string {
  const groups = written.match(/\d+/g) ?? [];
  return groups
    .flatMap(inGroups)
    .map((group) => group.split('').join(' '))
    .join(', ');
}

/** More than five in a row are not remembered: they are said by threes and fours. */
function inGroups(digits: string): string[] {
  if (digits.length <= 5) return [digits];
  const groups: string[] = [];
  let rest = digits;
  while (rest.length > 4) {
    const size = rest.length === 8 || rest.length % 4 === 0 ? 4 : 3;
    groups.push(rest.slice(0, size));
    rest = rest.slice(size);
  }
  return [...groups, rest].filter((group) => group !== '');
}

const SIGNS: Readonly<Record<CollectLanguage, Readonly<Record<string, string>>>> = {
  en: { '.': 'dot', '@': 'at', _: 'underscore', '-': 'hyphen', '+': 'plus' },
  hi: { '.': 'डॉट', '@': 'ऐट', _: 'अंडरस्कोर', '-': 'हाइफन', '+': 'प्लस' },
  es: { '.': 'punto', '@': 'arroba', _: 'guion bajo', '-': 'guion', '+': 'más' },
};

/** What everybody knows how to write. */
const KNOWN_DOMAINS = new Set('gmail hotmail outlook yahoo icloud live proton rediffmail'.split(' '));

/** The name letter by letter, and so is the domain unless everybody knows it. */
export function emailAloud(address: string, language: CollectLanguage): string {
  const signs = SIGNS[language];
  const [name = '', domain = ''] = address.split('@');
  const parts = domain
    .split('.')
    .map((part, at) => (at > 0 || KNOWN_DOMAINS.has(part) ? part : lettersAloud(part, language)));
  return `${lettersAloud(name, language)}, ${signs['@'] ?? '@'} ${parts.join(` ${signs['.'] ?? '.'} `)}`;
}

/** `J, O, H, N`. */
export function lettersAloud(text: string, language: CollectLanguage): string {
  return [...text].map((sign) => SIGNS[language][sign] ?? sign.toUpperCase()).join(', ');
}

const LOCALES: Readonly<Record<CollectLanguage, string>> = { en: 'en-US', hi: 'hi-IN', es: 'es-ES' };
const formats = new Map<CollectLanguage, Intl.DateTimeFormat>();

/** `Thursday, March 5, 2026`. */
export function dateAloud(day: Day, language: CollectLanguage): string {
  let format = formats.get(language);
  const parts = { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' } as const;
  if (!format) formats.set(language, (format = new Intl.DateTimeFormat(LOCALES[language], parts)));
  return format.format(new Date(Date.parse(day)));
}

/** `5:30 in the afternoon`. */
export function timeAloud(time: TimeOfDay, language: CollectLanguage): string {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  const face = `${hours % 12 || 12}${minutes === 0 ? '' : `:${String(minutes).padStart(2, '0')}`}`;
  return TIMES[language](face, hours);
}

const TIMES: Readonly<Record<CollectLanguage, (face: string, hours: number) => string>> = {
  en: (face, hours) => `${face} ${hours < 12 ? 'a.m.' : 'p.m.'}`,
  hi: (face, hours) =>
    `${hours < 4 ? 'रात' : hours < 12 ? 'सुबह' : hours < 16 ? 'दोपहर' : hours < 20 ? 'शाम' : 'रात'} ${face} बजे`,
  es: (face, hours) =>
    `${/^1(:|$)/.test(face) ? 'la' : 'las'} ${face} ${hours < 12 ? 'de la mañana' : hours < 20 ? 'de la tarde' : 'de la noche'}`,
};

/** The numbers of an address digit by digit where they are long: 12 is a house, 560001 a postal code. */
export function addressAloud(text: string): string {
  return text.replace(/\d{5,}/g, (digits) => digitsAloud(digits));
}
