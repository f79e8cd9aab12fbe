/** Addresses as they are said. What belongs where in one differs by country: the words are kept, the postal code found. Pure. */
import { correctedDigits, digitsIn } from './digits.ts';
import { numberWords } from './number-words.ts';
import { NONE, type Reading } from './reading.ts';
import { isQuestion, keysIn, tokensIn, wordsIn, type CollectLanguage } from './words.ts';

export interface Address {
  /** All of it, as it was said, in one line. */
  text: string;
  /** Where one was said. */
  postalCode: string | undefined;
}

const LEAD_IN =
  /^(?:(?:no|nope|nahi|नहीं|yes|yeah|sure|okay|ok|so|um|uh|it's|it is|my (?:home |postal |full )?address is|the address is|i live (?:at|in|on)|i'm at|mi dirección es|vivo en|es|sí|si|मेरा पता(?: है)?|पता है|मैं|mera (?:pata|address)(?: hai)?|hum|main)[ ,:]+)+/iu;
/** What a postal code looks like. A number at the head is a house's, unless another one follows. */
const CODES = [
  /(?<!^)\b\d{5}(?:-\d{4})?\b(?!.*\b\d{5}\b)|^\d{5}\b(?=.*\d)(?!.*\b\d{5}\b)/,
  /(?<!^)\b\d{3} ?\d{3}\b(?!.*\b\d{3} ?\d{3}\b)|^\d{6}\b(?=.*\d)/,
  /\b[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2}\b/i,
];
const LEAST_WORDS = 3;
/** Digits of a postal code: the numbers of houses are shorter. */
const LEAST_OF_CODE = 5;
/** With these begins what is no address, though a number stands in it: "I have two of them", "one moment please". */
const SENTENCE =
  /^(?:i|i'm|i'd|we|you|can|could|may|have|want|need|please|wait|hold|just|let|give|there|tengo|quiero|puedo|necesito|espere|no (?:se|quiero|tengo)|mujhe|मुझे|kya|क्या|(?:one|a|un|ek|एक) (?:moment|second|minute|sec|momento|segundo|minuto|मिनट)) /u;

/** The address in an answer; its parts may come one after the other. */
export function readAddress(text: string, language: CollectLanguage, before = ''): Reading<Address> {
  const keys = keysIn(text);
  if (keys !== undefined) return before === '' ? NONE : whole(`${before} ${keys.replace(/\D/g, '')}`, language);
  const said = text
    .trim()
    .replace(LEAD_IN, '')
    .replace(/\s*(?:है|hai)[.।]?$/u, '')
    .replace(/[.।]$/u, '')
    .trim();
  if (said === '' || /\?$/.test(text) || SENTENCE.test(wordsIn(said)) || isQuestion(said)) return NONE;
  return whole(before === '' ? said : `${before}, ${said}`, language);
}

/** It has the number of a house, or another, and words beside it. */
function whole(text: string, language: CollectLanguage): Reading<Address> {
  const tokens = tokensIn(text);
  const words = tokens.filter(
    (token) => (token.match(/\p{L}/gu) ?? []).length >= 2 && !numberWords(language).has(token),
  );
  const hasNumber = digitsIn(tokens, language) !== '';
  if (hasNumber && words.length >= LEAST_WORDS - 1) return { type: 'value', value: { text, postalCode: codeIn(text) } };
  return hasNumber ? { type: 'part', part: text } : NONE;
}

const codeIn = (text: string): string | undefined =>
  CODES.map((code) => code.exec(text)?.[0]).find((found) => found !== undefined);

/** An address that was read back, with the one number that was said to be another. Undefined when nothing tells. */
export function amendedAddress(known: Address, text: string, language: CollectLanguage): Address | undefined {
  const again = readAddress(text.replace(/^(?:no|nahi|नहीं)[, ]+/iu, ''), language);
  if (again.type === 'value') return again.value;
  const digits = correctedDigits(text, language, () => false);
  const isCode = known.postalCode !== undefined && digits.length >= LEAST_OF_CODE;
  const numbers = known.text.match(/\d+/g) ?? [];
  const [number, ...others] = numbers.filter((one) => (one === known.postalCode) === isCode);
  if (number === undefined || digits === '' || others.length > 0) return undefined;
  const amended = known.text.replace(number, digits);
  return { text: amended, postalCode: codeIn(amended) };
}
