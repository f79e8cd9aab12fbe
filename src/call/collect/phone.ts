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
  const numberIn = (digits: string): PhoneNumber | undefined => {
    const found = parsePhoneNumberFromString(digits, country) ?? parsePhoneNumberFromString(`+${digits}`);
    return found?.isValid() ? { e164: found.number, national: found.formatNational() } : undefined;
  };
  const isWhole = (digits: string): boolean => numberIn(digits) !== undefined;
  return (text, before = '') => {
    const digits = keysIn(text)?.replace(/\D/g, '') ?? correctedDigits(text, language, isWhole);
    if (digits === '') return NONE;
    const [alone, joined] = [numberIn(digits), before === '' ? undefined : numberIn(before + digits)];
    const value = alone ?? joined;
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
  const amended = amendedDigits(known.e164.replace(/\D/g, ''), text, language);
  const reading = amended === undefined ? NONE : read(`+${amended}`);
  return reading.type === 'value' ? reading.value : undefined;
}
