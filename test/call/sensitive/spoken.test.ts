import { expect, test } from 'vitest';
import { spokenPieces } from '../../../src/call/sensitive/spoken.ts';
import type { CollectLanguage } from '../../../src/call/collect/words.ts';

const hidden = (text: string, language: CollectLanguage | undefined): string =>
  spokenPieces(text, language)
    .map((piece) => (piece.isSecret ? '*' : piece.text))
    .join('');

test.each<[CollectLanguage, string, string]>([
  ['en', 'my card is 4111-1111 1111.1111, okay?', 'my card is *, okay?'],
  ['en', 'it is four one one one and then double one', 'it is *'],
  ['en', 'won for ate', '*'],
  ['en', 'four to for nine', '*'],
  ['en', 'the code is a b 7', 'the code is *'],
  ['en', 'why do you need to know?', 'why do you need to know?'],
  ['en', 'I would like to stop', 'I would like to stop'],
  ['en', 'yes', 'yes'],
  ['en', '(keypad) 12#', '*'],
  ['hi', 'मेरा नंबर ४१११ है', 'मेरा नंबर * है'],
  ['hi', 'चार एक one one', '*'],
  ['hi', 'mera pin char ek ek sat hai', 'mera pin * hai'],
  ['es', 'es el cuarenta y uno, once', 'es el *'],
  ['es', 'veintitrés y doce por favor', '* por favor'],
])(
  '%s: numbers, letters and what is misheard for them are hidden, and no other words: %s',
  (language, text, expected) => {
    expect(hidden(text, language)).toBe(expected);
  },
);

test('in a language whose numbers are not known, all that is said is hidden', () => {
  expect(hidden('quatre un un un', undefined)).toBe('*');
});
