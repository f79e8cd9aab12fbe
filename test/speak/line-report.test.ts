/** A line's report of how far it is, found again in what it was given. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findReport } from '../../src/speak/line-report.ts';
import { costOf } from '../helpers/cost.ts';

/** What was heard of all texts, as the report says. */
function heardOf(texts: string[], report: string): string | undefined {
  const end = findReport(texts, report);
  return end && texts.slice(0, end.index).join('') + texts[end.index]!.slice(0, end.characters);
}

test('what it reports is found whatever its case, marks and spaces, with the marks that cling to a word', () => {
  const text = 'Sure,  Dr. Smith is  free\nat 10:30, or at noon.';
  expect(heardOf([text], 'sure dr smith is free')).toBe('Sure,  Dr. Smith is  free\n');
  expect(heardOf([text], 'Sure, Dr. Smith is free at 10:30')).toBe('Sure,  Dr. Smith is  free\nat 10:30, ');
  expect(heardOf([text], text)).toBe(text);
  expect(heardOf(['It costs €10. '], 'it costs 1')).toBe('It costs €'); // half a word is not heard
});

test('it may begin with any of the texts, and end in a later one', () => {
  const texts = ['One moment, please. ', 'Your order has shipped. ', 'Anything else?'];
  expect(heardOf(texts, 'Your order has')).toBe('One moment, please. Your order has ');
  expect(heardOf(texts, 'Anything')).toBe('One moment, please. Your order has shipped. Anything ');
  expect(heardOf(texts, 'One moment please your order')).toBe('One moment, please. Your order ');
  expect(heardOf(['One moment. ', 'One moment more.'], 'One moment')).toBe('One moment. ');
});

test('from the middle of a text, and with words of its own for signs and numbers', () => {
  expect(heardOf(['Hello, this is the harbour office.'], 'this is the harbour')).toBe('Hello, this is the harbour ');
  expect(
    heardOf(['Your flight leaves at 10:30 from gate four today.'], 'Your flight leaves at ten thirty from gate'),
  ).toBe('Your flight leaves at 10:30 from gate ');
  expect(heardOf(['Your flight leaves at 10:30 from gate four.'], 'Your flight leaves at ten')).toBe(
    'Your flight leaves at ',
  );
});

test('what explains nothing is not found', () => {
  expect(findReport(['Hello there'], 'Welcome to Acme')).toBeUndefined();
  expect(findReport(['Hello there'], '')).toBeUndefined();
  expect(findReport(['Hello there'], '?!')).toBeUndefined();
  expect(findReport([], 'Hello')).toBeUndefined();
  expect(findReport(['', '...'], 'Hello')).toBeUndefined();
});

test('Hindi, Chinese and accents', () => {
  expect(heardOf(['नमस्ते, आप कैसे हैं?'], 'नमस्ते आप')).toBe('नमस्ते, आप ');
  expect(heardOf(['你好，请稍等。'], '你好请稍等')).toBe('你好，请稍等。');
  expect(heardOf(['Cafe\u0301 \u{1f600} ouvert'], 'CAFÉ')).toBe('Cafe\u0301 \u{1f600} ');
});

test('any prefix of any texts, in any spelling, is found again to the word', () => {
  const word = fc.string({ unit: fc.constantFrom(...'abcxyz019'), minLength: 1, maxLength: 6 });
  const texts = fc.array(fc.array(word, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(texts, fc.nat(), (talks, cut) => {
      const words = talks.flat();
      const said = talks.map((talk) => `${talk.join(', ')}. `);
      const report = words
        .slice(0, 1 + (cut % words.length))
        .join(' ')
        .toUpperCase();
      expect(
        heardOf(said, report)
          ?.toUpperCase()
          .replace(/[^A-Z0-9]/g, ''),
      ).toBe(report.replace(/ /g, ''));
    }),
  );
});

test('no report makes it throw, and a long one costs in proportion', () => {
  const text = fc.string({ unit: 'grapheme' });
  fc.assert(fc.property(fc.array(text), text, (texts, report) => void findReport(texts, report)));
  const spentMs = costOf();
  findReport(['word '.repeat(40_000)], 'word '.repeat(39_999) + 'end');
  findReport(
    Array.from({ length: 16 }, () => 'a'.repeat(10_000)),
    'a'.repeat(100_000) + 'b',
  );
  expect(spentMs()).toBeLessThan(2_000);
});
