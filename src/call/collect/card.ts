/** Payment cards, by voice and by keys: the number by its brand's lengths and its check digit, the date by the clock. Pure. */
import { yearOf, monthOf, type Day } from './calendar.ts';
import { DATE_WORDS } from './date-words.ts';
import { amendedDigits, correctedDigits, digitsIn } from './digits.ts';
import { NONE, type Reading } from './reading.ts';
import { keysIn, partsBetweenCorrections, type CollectLanguage } from './words.ts';

interface Brand {
  /** How its numbers begin. */
  starts: RegExp;
  lengths: readonly number[];
  /** Of its security code. */
  codeLength: 3 | 4;
}

/** The first that fits counts. */
const BRANDS: readonly Brand[] = [
  { starts: /^3[47]/, lengths: [15], codeLength: 4 }, // American Express
  { starts: /^3(?:0[0-59]|[689])/, lengths: [14, 16], codeLength: 3 }, // Diners Club
  { starts: /^35/, lengths: [16], codeLength: 3 }, // JCB
  { starts: /^4/, lengths: [16, 19], codeLength: 3 }, // Visa
  { starts: /^(?:5[1-5]|2(?:2[2-9]|[3-6]|7[01]|720))/, lengths: [16], codeLength: 3 }, // Mastercard
  { starts: /^(?:508|60|65|81|82)/, lengths: [16, 19], codeLength: 3 }, // RuPay, Discover
  { starts: /^62/, lengths: [16, 17, 18, 19], codeLength: 3 }, // UnionPay
  { starts: /^(?:5|6)/, lengths: [12, 13, 14, 15, 16, 17, 18, 19], codeLength: 3 }, // Maestro
];
const OTHER: Brand = { starts: /^/, lengths: [16], codeLength: 3 };
const LONGEST = 19;

const brandOf = (number: string): Brand => BRANDS.find(({ starts }) => starts.test(number)) ?? OTHER;

/** The last digit follows from the others, which finds one that was misheard, and two that changed places. */
function hasCheckDigit(number: string): boolean {
  const sum = [...number].reverse().reduce((total, digit, at) => {
    const value = Number(digit) * (at % 2 === 0 ? 1 : 2);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}

const isCard = (number: string): boolean =>
  brandOf(number).lengths.includes(number.length) && hasCheckDigit(number) && !/^0+$/.test(number);

/** A card's number; it may come in parts. */
export function readCardNumber(text: string, language: CollectLanguage, before = ''): Reading<string> {
  const digits = digitsOf(text, language, (row) => isCard(row) || isCard(before + row));
  if (digits === '') return NONE;
  const whole = before + digits;
  const found = [whole, digits].find(isCard);
  if (found !== undefined) return { type: 'value', value: found };
  const isBegunAnew = before !== '' && whole.length > LONGEST;
  const row = isBegunAnew ? digits : whole;
  const { lengths } = brandOf(row);
  if (row.length > Math.max(...lengths)) return { type: 'wrong', why: 'too-long' };
  // what could be whole and is not was misheard: the longer ones of a brand are rare
  return row.length < Math.min(...lengths) ? { type: 'part', part: row } : { type: 'wrong', why: 'no-such-card' };
}

/** One that was read back by its last digits, with what was said to that: "no, it ends in 45". */
export function amendedCardNumber(known: string, text: string, language: CollectLanguage): string | undefined {
  const amended = amendedDigits(known, text, language);
  return amended !== undefined && isCard(amended) ? amended : undefined;
}

/** Until when a card is good, `2027-12`: the month and the year that stand on it. */
export function readCardExpiry(text: string, language: CollectLanguage, today: Day): Reading<string> {
  const digits = monthAndYear(text, language);
  if (digits === '') return NONE;
  const found = /^(0?[1-9]|1[0-2])(?:20)?(\d{2})$/.exec(digits);
  if (!found) return { type: 'wrong', why: 'no-such-day' };
  const [month, year] = [Number(found[1]), 2_000 + Number(found[2])];
  const isPast = year < yearOf(today) || (year === yearOf(today) && month < monthOf(today));
  if (isPast) return { type: 'wrong', why: 'card-expired' };
  if (year > yearOf(today) + MOST_YEARS) return { type: 'wrong', why: 'no-such-day' };
  return { type: 'value', value: `${year}-${String(month).padStart(2, '0')}` };
}

/** No card is good for longer. */
const MOST_YEARS = 20;

/** `1227`, whether the month was named or numbered. */
function monthAndYear(text: string, language: CollectLanguage): string {
  const keys = keysIn(text);
  if (keys !== undefined) return keys.replace(/\D/g, '');
  const { months } = DATE_WORDS[language];
  for (const part of partsBetweenCorrections(text, language).reverse()) {
    const at = part.findIndex((token) => months.has(token));
    const year = at === -1 ? '' : yearIn(part.slice(at + 1), language);
    if (year !== '') return `${months.get(part[at] ?? '') ?? 0}${year}`;
    const digits = yearIn(part, language);
    if (digits !== '') return digits;
  }
  return '';
}

/** "Two thousand and twenty seven", "dos mil veintisiete" are one number; else digit by digit, or in pairs. */
function yearIn(part: readonly string[], language: CollectLanguage): string {
  const at = part.findIndex((token) => THOUSAND.has(token));
  if (at === -1) return digitsIn(part, language);
  const before = digitsIn(part.slice(0, at), language).replace(/2$/, '');
  return before + digitsIn(part.slice(at + 1), language).padStart(2, '0');
}

const THOUSAND = new Set(['thousand', 'mil', 'hazar', 'hazaar', 'हजार']);

/** The three digits on the back of a card, or the four on the front. `number`: of which card. */
export function readSecurityCode(text: string, language: CollectLanguage, number: string | undefined): Reading<string> {
  const lengths = number === undefined ? [3, 4] : [brandOf(number).codeLength];
  const digits = digitsOf(text, language, (row) => lengths.includes(row.length));
  if (digits === '') return NONE;
  return lengths.includes(digits.length) ? { type: 'value', value: digits } : { type: 'wrong', why: 'no-such-code' };
}

const digitsOf = (text: string, language: CollectLanguage, isWhole: (row: string) => boolean): string =>
  (keysIn(text) ?? correctedDigits(text, language, isWhole)).replace(/\D/g, '');
