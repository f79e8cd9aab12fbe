import { describe, expect, test } from 'vitest';
import { amendedDigits, correctedDigits } from '../../../src/call/collect/digits.ts';
import { amountAt } from '../../../src/call/collect/number-words.ts';
import { amendedPhone, phoneReader } from '../../../src/call/collect/phone.ts';
import { collectLanguageOf, tokensIn, type CollectLanguage } from '../../../src/call/collect/words.ts';

const digits = (text: string, language: CollectLanguage) => correctedDigits(text, language, () => false);

describe('rows of digits, as recognisers write what was said', () => {
  test.each<[CollectLanguage, string, string]>([
    ['en', 'nine eight seven six', '9876'],
    ['en', "it's 98765-43210", '9876543210'],
    ['en', 'double nine eight triple zero', '998000'],
    ['en', 'twenty one forty five', '2145'],
    ['en', 'twenty-one', '21'],
    ['en', 'five oh five', '505'],
    ['en', 'one eight hundred five five five', '1800555'],
    ['en', 'five to three for one', '52341'],
    ['en', 'plus nine one, nine eight', '+9198'],
    ['en', 'uh five five five, um, oh one two three', '5550123'],
    ['hi', 'नौ आठ सात छह पाँच', '98765'],
    ['hi', 'nau aath saat chhe paanch', '98765'],
    ['hi', 'डबल नौ आठ', '998'],
    ['hi', 'अट्ठानवे छिहत्तर', '9876'],
    ['hi', '९८७६', '9876'],
    ['hi', 'nine eight सात six', '9876'],
    ['hi', 'नौ सौ पचास', '90050'],
    ['es', 'seis doce treinta y cuatro cincuenta y seis', '6123456'],
    ['es', 'seiscientos doce treinta y cuatro', '61234'],
    ['es', 'doble siete, cero uno', '7701'],
    ['es', 'veintidós dieciséis', '2216'],
  ])('%s: %s', (language, text, expected) => {
    expect(digits(text, language)).toBe(expected);
  });

  test.each<[CollectLanguage, string, number, string]>([
    ['en', 'nine eight seven five, no, six', 4, '9876'],
    ['en', '9 8 7 5 sorry 9 8 7 6', 4, '9876'],
    ['en', 'one two three, wait, four five six', 3, '456'],
    ['en', 'one two three five I mean four', 4, '1234'],
    ['en', '1235 no sorry 4', 4, '1234'],
    ['hi', 'नौ आठ सात पाँच नहीं छह', 4, '9876'],
    ['hi', 'nau aath saat paanch, sorry, chhe', 4, '9876'],
    ['es', 'uno dos tres cinco, perdón, cuatro', 4, '1234'],
    ['es', 'uno dos tres cinco, no, cuatro', 4, '1234'],
  ])('%s: the caller corrects themselves in one breath: %s', (language, text, length, expected) => {
    expect(correctedDigits(text, language, (row) => row.length === length)).toBe(expected);
  });

  test.each<[CollectLanguage, string, string, string | undefined]>([
    ['en', '9876543210', 'no, 5 not 4', '9876553210'],
    ['en', '9876543210', 'no, it ends in 45', '9876543245'],
    ['en', '9876543210', 'the last digit is 1', '9876543211'],
    ['en', '9876543210', 'it starts with 88', '8876543210'],
    ['en', '9876543210', 'no, something is wrong', undefined],
    ['en', '5555555555', 'five not five', undefined],
    ['en', '9876543210', 'the last four digits are two six seven two', '9876542672'],
    ['en', '9876543210', 'not 4 but 5', '9876553210'],
    ['es', '612345678', 'los dos últimos son 99', '612345699'],
    ['hi', '9876543210', 'चार नहीं नौ', '9876593210'],
    ['hi', '9876543210', 'आखिर में 45 है', '9876543245'],
    ['es', '9876543210', 'no, termina en 45', '9876543245'],
    ['es', '612345678', 'nueve, no cinco', '612349678'],
  ])('%s: %s, after "%s"', (language, known, text, expected) => {
    expect(amendedDigits(known, text, language)).toBe(expected);
  });

  test.each<[CollectLanguage, string, number]>([
    ['en', 'two thousand and five', 2_005],
    ['en', 'nineteen hundred ninety', 1_990],
    ['hi', 'उन्नीस सौ नब्बे', 1_990],
    ['hi', 'दो हज़ार पाँच', 2_005],
    ['es', 'mil novecientos noventa y dos', 1_992],
    ['hi', 'baarah', 12],
    ['es', 'dos mil veintiséis', 2_026],
  ])('%s: an amount: %s', (language, text, expected) => {
    expect(amountAt(tokensIn(text), 0, language)?.value).toBe(expected);
  });
});

describe('phone numbers', () => {
  test.each<[CollectLanguage, string, string, string]>([
    ['en', 'US', 'my number is two oh two, five five five, oh one four three', '+12025550143'],
    ['en', 'US', '(202) 555-0143', '+12025550143'],
    ['en', 'US', '+44 20 7946 0018', '+442079460018'],
    ['en', 'US', '(keypad) 2025550143', '+12025550143'],
    ['en', 'US', 'two oh two five five five oh one four, no sorry, oh one four three', '+12025550143'],
    ['hi', 'IN', 'मेरा नंबर है नौ आठ सात छह पाँच चार तीन दो एक शून्य', '+919876543210'],
    ['hi', 'IN', 'mera number hai nau aath saat chhe paanch char teen do ek zero', '+919876543210'],
    ['hi', 'IN', 'अट्ठानवे छिहत्तर चौवन बत्तीस दस', '+919876543210'],
    ['hi', 'IN', '(keypad) 09876543210', '+919876543210'],
    ['es', 'ES', 'seis doce treinta y cuatro cincuenta y seis setenta y ocho', '+34612345678'],
    ['es', 'ES', 'es el 612 34 56 78', '+34612345678'],
    ['en', 'US', 'you can reach me at 415 555 2671 after 5', '+14155552671'],
    ['en', 'US', '0049 151 23456789', '+4915123456789'],
    ['hi', 'IN', '091 98765 43210', '+919876543210'],
    ['es', 'MX', 'cincuenta y cinco, doce treinta y cuatro, cincuenta y seis setenta y ocho', '+525512345678'],
  ])('%s, %s: %s', (language, country, text, expected) => {
    expect(phoneReader(country, language)(text)).toMatchObject({ type: 'value', value: { e164: expected } });
  });

  test('one that comes in parts is put together, and what is no number is told why', () => {
    const read = phoneReader('IN', 'hi');
    expect(read('98765')).toEqual({ type: 'part', part: '98765' });
    expect(read('43210', '98765')).toMatchObject({ type: 'value', value: { e164: '+919876543210' } });
    expect(read('9876543210', '98765')).toMatchObject({ type: 'value', value: { e164: '+919876543210' } });
    expect(read('1234512345123451234512')).toEqual({ type: 'wrong', why: 'too-long' });
    expect(read('0000000000')).toMatchObject({ type: 'wrong' });
    expect(read('मुझे पता नहीं')).toEqual({ type: 'none' });
    expect(read('what do you need it for?')).toEqual({ type: 'none' });
  });

  test('an unknown country is said, with what was expected', () => {
    expect(() => phoneReader('Germany', 'en')).toThrow('two letters such as `US` or `IN`, got `Germany`');
  });

  test('a digit that was misheard is corrected by the caller', () => {
    const read = phoneReader('IN', 'hi');
    const known = { e164: '+919876543219', national: '098765 43219', callingCode: '91' };
    expect(amendedPhone(known, 'नहीं, आखिर में 10 है', 'hi', read)?.e164).toBe('+919876543210');
    const american = { e164: '+14155552671', national: '(415) 555-2671', callingCode: '1' };
    const inUs = phoneReader('US', 'en');
    expect(amendedPhone(american, 'no, area code 510', 'en', inUs)?.e164).toBe('+15105552671');
    expect(amendedPhone(american, 'it starts with 510', 'en', inUs)?.e164).toBe('+15105552671');
  });
});

test('what is listened for decides in which language values are read', () => {
  expect(['en', 'en-IN', 'hi', 'multi', 'es', 'es-MX', 'de', undefined].map((code) => collectLanguageOf(code))).toEqual(
    [...['en', 'en', 'hi', 'hi', 'es', 'es', 'en', 'en']],
  );
});
