import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HeardText } from '../../../../src/bridge/twilio/relay/heard.ts';

function sent(...talks: string[]): HeardText {
  const heard = new HeardText();
  for (const talk of talks) heard.sent(talk, true);
  return heard;
}

test("what Twilio reports is told in the characters that were sent, with a word's own punctuation", () => {
  const heard = sent('Sure,  Dr. Smith is  free\nat 10:30, or at noon.');
  expect(heard.until('sure dr smith is free')).toBe('Sure,  Dr. Smith is  free');
  expect(heard.until('Sure, Dr. Smith is free at 10:30')).toBe('Sure,  Dr. Smith is  free\nat 10:30,');
  expect(heard.until('Sure, Dr. Smith is free at 10:30, or at noon.')).toBe(
    'Sure,  Dr. Smith is  free\nat 10:30, or at noon.',
  );
  expect(heard.until('')).toBe('');
});

test('tokens of one talk are one text', () => {
  const heard = new HeardText();
  for (const token of ['Hel', 'lo ', 'there, how', ' are you']) heard.sent(token, false);
  expect(heard.until('Hello there,')).toBe('Hello there,');
});

test('a report of the talk that was cut off is told with the talks before it', () => {
  const heard = sent('One moment, please. ', 'Your order has shipped. ', 'Anything else?');
  expect(heard.until('Your order has')).toBe('One moment, please. Your order has');
  expect(heard.until('Anything')).toBe('One moment, please. Your order has shipped. Anything');
  expect(heard.until('One moment please your order')).toBe('One moment, please. Your order');
});

test('of two talks that begin alike, the one that is being spoken is meant', () => {
  const heard = sent('One moment. ', 'One moment more, please.');
  expect(heard.until('One moment')).toBe('One moment.');
  heard.spoken('One ');
  heard.spoken('moment. ');
  expect(heard.until('One moment')).toBe('One moment. One moment');
});

test('what the caller has answered is no longer part of it', () => {
  const heard = sent('How can I help? ');
  heard.forget();
  heard.sent('Let me look. ', true);
  expect(heard.until('Let me')).toBe('Let me');
});

test('a report that nothing sent can explain is told as it came', () => {
  expect(sent('Hello there').until('Welcome to Acme')).toBe('Welcome to Acme');
  expect(new HeardText().until('Welcome to Acme')).toBe('Welcome to Acme');
});

test('Hindi, Chinese, accents and emoji are found', () => {
  expect(sent('नमस्ते, आप कैसे हैं?').until('नमस्ते आप')).toBe('नमस्ते, आप');
  expect(sent('你好，请稍等。').until('你好请')).toBe('你好，请');
  expect(sent('Cafe\u0301 \u{1f600} ouvert').until('CAFÉ')).toBe('Cafe\u0301');
});

test('any prefix of any text, in any spelling, is found again to the letter', () => {
  const word = fc.string({ unit: fc.constantFrom(...'abcxyz019'), minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 12 }), fc.nat(), (words, cut) => {
      const text = words.join(', ');
      const count = 1 + (cut % words.length);
      const heard = sent(text).until(words.slice(0, count).join(' ').toUpperCase());
      expect(heard).toBe(words.slice(0, count).join(', ') + (count < words.length ? ',' : ''));
    }),
  );
});

test('no report makes it throw', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.string({ unit: 'grapheme' }), (talks, report) => {
      expect(typeof sent(...talks).until(report)).toBe('string');
    }),
    { numRuns: 30 },
  );
});
