import { describe, expect, test } from 'vitest';
import { amendedCardNumber, readCardExpiry, readCardNumber, readSecurityCode } from '../../../src/call/collect/card.ts';
import type { CollectLanguage } from '../../../src/call/collect/words.ts';

describe("a card's number", () => {
  test.each<[CollectLanguage, string, string]>([
    ['en', '4111 1111 1111 1111', '4111111111111111'],
    ['en', "it's four one one one, one one one one, one one one one, triple one one", '4111111111111111'],
    ['en', '(keypad) 378282246310005', '378282246310005'],
    ['en', '5555 5555 5555 4445, no sorry, 4444', '5555555555554444'],
    ['hi', 'चार एक एक एक एक एक एक एक एक एक एक एक एक एक एक एक', '4111111111111111'],
    ['es', 'cuarenta y uno once, once once, once once, once once', '4111111111111111'],
    ['es', 'cuatro mil ciento once, mil ciento once, mil ciento once, mil ciento once', '4111111111111111'],
    ['en', "it's a visa, 4111111111111111, and it expires 12 27", '4111111111111111'],
  ])('%s: %s', (language, text, value) => {
    expect(readCardNumber(text, language)).toEqual({ type: 'value', value });
  });

  test('comes in parts, has the length of its brand, and a check digit', () => {
    const part = readCardNumber('four one one one, one one one one', 'en');
    expect(part).toEqual({ type: 'part', part: '41111111' });
    expect(readCardNumber('1111 1111', 'en', '41111111')).toEqual({ type: 'value', value: '4111111111111111' });
    expect(readCardNumber('4111 1111 1111 1112', 'en')).toEqual({ type: 'wrong', why: 'no-such-card' });
    expect(readCardNumber('(keypad) 3782822463100051', 'en')).toEqual({ type: 'wrong', why: 'too-long' });
    expect(readCardNumber('why do you need that', 'en')).toEqual({ type: 'none' });
  });

  test('is amended by its end only to one that there is', () => {
    expect(amendedCardNumber('4111111111111111', 'no, it ends in 46', 'en')).toBeUndefined();
    expect(amendedCardNumber('5555555555554444', 'no, it ends in 5557', 'en')).toBe('5555555555555557');
  });
});

describe('until when it is good', () => {
  const today = '2026-01-05';
  test.each<[CollectLanguage, string, string]>([
    ['en', '(keypad) 1227', '2027-12'],
    ['en', '12/27', '2027-12'],
    ['en', 'twelve twenty seven', '2027-12'],
    ['en', 'December 2027', '2027-12'],
    ['en', 'January twenty twenty six', '2026-01'],
    ['en', 'december two thousand twenty seven', '2027-12'],
    ['en', 'zero five twenty eight', '2028-05'],
    ['en', '11/27, no, 12/27', '2027-12'],
    ['hi', 'बारह सत्ताईस', '2027-12'],
    ['hi', 'दिसंबर 2027', '2027-12'],
    ['es', 'diciembre de dos mil veintisiete', '2027-12'],
    ['es', 'doce veintisiete', '2027-12'],
  ])('%s: %s', (language, text, value) => {
    expect(readCardExpiry(text, language, today)).toEqual({ type: 'value', value });
  });

  test('a month that is over, or that there is none, is said to be so', () => {
    expect(readCardExpiry('12/25', 'en', today)).toEqual({ type: 'wrong', why: 'card-expired' });
    expect(readCardExpiry('13/27', 'en', today)).toEqual({ type: 'wrong', why: 'no-such-day' });
    expect(readCardExpiry('12/77', 'en', today)).toEqual({ type: 'wrong', why: 'no-such-day' });
  });
});

test('a security code has the length that its card wants', () => {
  const amex = '378282246310005';
  expect(readSecurityCode('one two three', 'en', '4111111111111111')).toEqual({ type: 'value', value: '123' });
  expect(readSecurityCode('uno dos tres cuatro', 'es', amex)).toEqual({ type: 'value', value: '1234' });
  expect(readSecurityCode('(keypad) 123', 'en', amex)).toEqual({ type: 'wrong', why: 'no-such-code' });
  expect(readSecurityCode('एक दो तीन', 'hi', undefined)).toEqual({ type: 'value', value: '123' });
  for (const [language, said, value] of [
    ['en', 'one hundred twenty three', '123'],
    ['en', 'nine hundred and five', '905'],
    ['es', 'novecientos cinco', '905'],
    ['hi', 'एक सौ तेईस', '123'],
  ] as const)
    expect(readSecurityCode(said, language, '4111111111111111')).toEqual({ type: 'value', value });
});
