/** Phone numbers, by voice and by keys. What is one in a country is known by `libphonenumber-js`, an optional peer, loaded when it is asked for. */
import { createRequire } from 'node:module';
import type * as Library from 'libphonenumber-js/min';
import { VoiceError } from '../../lib/errors.ts';
import { amendedDigits, correctedDigits } from './digits.ts';
import { NONE, type Reading } from './reading.ts';
import { keysIn, type CollectLanguage } from './words.ts';

/** A number that could be called. */
export interface PhoneNumber {
  /** `+919876543210`. */
  e164: string;
  /** As it is written where it belongs: `098765 43210`. */
  national: string;
  /** Of its country: `91`. */
  callingCode: string;
}

export type PhoneReader = (text: string, before?: string) => Reading<PhoneNumber>;

/** Where a caller is taken to be by the language they speak, when nothing else is said. */
export const HOME_COUNTRY: Readonly<Record<CollectLanguage, string>> = { en: 'US', hi: 'IN', es: 'ES' };

let library: typeof Library | undefined;

/** @throws {VoiceError} `options-invalid`, when the package is not there. */
function phoneLibrary(): typeof Library {
  try {
    library ??= createRequire(import.meta.url)('libphonenumber-js/min') as typeof Library;
    return library;
  } catch (cause) {
    const message = 'Phone numbers are checked with `libphonenumber-js`: npm install libphonenumber-js';
    throw new VoiceError('options-invalid', message, { cause });
  }
}

/** Shorter is the beginning of a number. */
const LEAST_DIGITS = 7;

/**
 * @param country Where a number is taken to be that is said without its country's code; two capital letters.
 * @throws {VoiceError} `options-invalid`, when the country is not known, or `libphonenumber-js` is not installed.
 */
export function phoneReader(country: string, language: CollectLanguage): PhoneReader {
  const { parsePhoneNumberFromString, isSupportedCountry, validatePhoneNumberLength } = phoneLibrary();
  if (!isSupportedCountry(country)) {
    const message = `Expected \`country\` to be two letters such as \`US\` or \`IN\`, got \`${country}\``;
    throw new VoiceError('options-invalid', message);
  }
  const asNumber = (...ways: string[]): PhoneNumber | undefined => {
    const found = ways.map((way) => parsePhoneNumberFromString(way, country)).find((number) => number?.isValid());
    if (!found) return undefined;
    return { e164: found.number, national: found.formatNational(), callingCode: found.countryCallingCode };
  };
  const known = (digits: string) => asNumber(digits, ...(digits.startsWith('00') ? [`+${digits.slice(2)}`] : []));
  // with its country's code, and nothing that tells it from a number of this country: "nine one...", "zero nine one..."
  const foreign = (digits: string) => asNumber(`+${digits.replace(/^[+0]+/, '')}`);
  const isWhole = (digits: string): boolean => known(digits) !== undefined;
  return (text, before = '') => {
    const digits = keysIn(text)?.replace(/\D/g, '') ?? correctedDigits(text, language, isWhole);
    if (digits === '') return NONE;
    const ways = before === '' ? [digits] : [digits, before + digits];
    const value = [known, foreign]
      .flatMap((read) => ways.map((way) => read(way)))
      .find((number) => number !== undefined);
    if (value) return { type: 'value', value };
    const whole = before + digits;
    if (validatePhoneNumberLength(whole, country) === 'TOO_LONG') {
      return before !== '' && digits.length >= LEAST_DIGITS
        ? { type: 'part', part: digits }
        : { type: 'wrong', why: 'too-long' };
    }
    const isShort = whole.length < LEAST_DIGITS || validatePhoneNumberLength(whole, country) === 'TOO_SHORT';
    return isShort ? { type: 'part', part: whole } : { type: 'wrong', why: 'no-such-number' };
  };
}

/** What was read back, as it is after the caller's "no, it ends in 45"; undefined when that does not tell. */
export function amendedPhone(
  known: PhoneNumber,
  text: string,
  language: CollectLanguage,
  read: PhoneReader,
): PhoneNumber | undefined {
  // what is heard is the number without its country's code
  const { e164, callingCode } = known;
  const code = `+${callingCode}`;
  const amended = amendedDigits(e164.slice(code.length), inFront(text), language);
  const reading = amended === undefined ? NONE : read(code + amended);
  return reading.type === 'value' ? reading.value : undefined;
}

/** An area code is what a number begins with. */
const inFront = (text: string): string => text.replace(/\b(?:the )?area code(?: is)?\b/gi, 'starts with');
