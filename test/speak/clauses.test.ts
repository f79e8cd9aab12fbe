import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ClauseCutter } from '../../src/speak/clauses.ts';

function cut(text: string, cuts: number[] = []): string[] {
  const cutter = new ClauseCutter();
  const clauses: string[] = [];
  let from = 0;
  for (const at of [...cuts, text.length].sort((a, b) => a - b)) {
    clauses.push(...cutter.push(text.slice(from, at)));
    from = at;
  }
  return [...clauses, ...cutter.flush()];
}

const SAMPLES: [text: string, clauses: string[]][] = [
  ['Hello there. How are you?', ['Hello there. ', 'How are you?']],
  ['It costs 3.5 dollars. Fine!', ['It costs 3.5 dollars. ', 'Fine!']],
  ['Come at 10:30 to Dr. Smith. Bye.', ['Come at 10:30 to Dr. Smith. ', 'Bye.']],
  [
    'Mail me at jane.doe@acme.co.in, or see acme.com. Thanks.',
    ['Mail me at jane.doe@acme.co.in, ', 'or see acme.com. ', 'Thanks.'],
  ],
  ['No. I cannot do No. 5 today.', ['No. ', 'I cannot do No. 5 today.']],
  ['At 5 p.m. we close. At 5 p.m. We open.', ['At 5 p.m. we close. ', 'At 5 p.m. ', 'We open.']],
  ['It costs Rs. 1,500.50 in all. OK.', ['It costs Rs. 1,500.50 in all. ', 'OK.']],
  ['See e.g. the U.S. office. Done.', ['See e.g. the U.S. office. ', 'Done.']],
  ['J. R. Smith is here. Yes.', ['J. R. Smith is here. ', 'Yes.']],
  ['On Jan. 5 it is. On 5 Jan. We go.', ['On Jan. 5 it is. ', 'On 5 Jan. ', 'We go.']],
  ['1. First one\n2. Second one', ['1. First one\n', '2. Second one']],
  ['नमस्ते। आप कैसे हैं? ठीक।', ['नमस्ते। ', 'आप कैसे हैं? ', 'ठीक।']],
  ['एक।दो।', ['एक।', 'दो।']],
  ['Well, one moment please, while I look.', ['Well, one moment please, ', 'while I look.']],
  ['Wait... what?! "Really?" Yes.', ['Wait... ', 'what?! ', '"Really?" ', 'Yes.']],
  ['... - , !', []],
  ['v3.1.2 is out; 192.168.0.1 is not', ['v3.1.2 is out; 192.168.0.1 is not']],
  ['你好。再见！', ['你好。', '再见！']],
  ['هل تريد موعدا اليوم؟ نعم. لا؛ شكرا', ['هل تريد موعدا اليوم؟ ', 'نعم. ', 'لا؛ شكرا']],
  ['کیا آپ آئیں گے؟ جی ہاں۔ شکریہ۔', ['کیا آپ آئیں گے؟ ', 'جی ہاں۔ ', 'شکریہ۔']],
  ['はい。いいえ！「そう？」ええ｡', ['はい。', 'いいえ！', '「そう？', '」ええ｡']],
  ['네. 언제요? 좋아요!', ['네. ', '언제요? ', '좋아요!']],
  ['Τι θέλετε; Ναι. Όχι;', ['Τι θέλετε; ', 'Ναι. ', 'Όχι;']],
  ['एक॥ दो। तीन', ['एक॥ ', 'दो। ', 'तीन']],
  ['¿Cuándo? ¡Hoy! Да. Нет?', ['¿Cuándo? ', '¡Hoy! ', 'Да. ', 'Нет?']],
  ['Հայերեն։ Այո', ['Հայերեն։ ', 'Այո']],
];

test.each([
  ['Arabic `…اليوم؟ `', 'هل تريد موعدا اليوم؟ '],
  ['Urdu', 'جی ہاں۔ '],
  ['Hindi', 'ठीक है। '],
  ['Chinese `。` with nothing behind it', '好的。'],
  ['Chinese, a question', '什么时候？'],
  ['Japanese', 'わかりました。'],
  ['English', 'Let me look. '],
])('a sentence is cut without waiting for the next: %s', (_name, text) => {
  const cutter = new ClauseCutter();
  expect(cutter.push(text)).toEqual([text]);
});

test.each(['اليوم؟', 'ठीक है।', 'Let me look.', 'Really?', 'Now!"', '네.', 'Τι θέλετε;', 'Wait…'])(
  'a sentence without anything behind it is cut when the writer pauses: %s',
  (text) => {
    const cutter = new ClauseCutter();
    expect(cutter.push(text)).toEqual([]);
    expect(cutter.pause()).toEqual([text]);
    expect(cutter.pause()).toEqual([]);
    expect(cutter.push(' And more. ')).toEqual([' And more. ']);
  },
);

test.each(['It costs 3.', 'Ask Dr.', 'At 5 p.m.', 'See No.', 'Let me look', 'First,', '', '...', 'Mr. J.', '1.'])(
  'what may go on is not cut when the writer pauses: %j',
  (text) => {
    const cutter = new ClauseCutter();
    cutter.push(text);
    expect(cutter.pause()).toEqual([]);
  },
);

test.each(SAMPLES)('%j is cut where a voice may pause', (text, clauses) => {
  expect(cut(text)).toEqual(clauses);
});

test('clauses do not depend on where the deltas are cut', () => {
  for (const [text, clauses] of SAMPLES) {
    for (let at = 0; at <= text.length; at++) expect(cut(text, [at])).toEqual(clauses);
    expect(
      cut(
        text,
        Array.from({ length: text.length }, (_, i) => i + 1),
      ),
    ).toEqual(clauses);
  }
});

test('the first clause is cut at a comma earlier than the others', () => {
  const text = 'Let me have a look at it, and at this one too, and then at the very last of all, please.';
  expect(cut(text)).toEqual([
    'Let me have a look at it, ',
    'and at this one too, and then at the very last of all, ',
    'please.',
  ]);
});

test('a text without punctuation is cut at the last space before 250 characters', () => {
  const clauses = cut('word '.repeat(120));
  expect(clauses.every(({ length }) => length <= 250)).toBe(true);
  expect(clauses[0]).toBe('word '.repeat(50));
  expect(clauses.join('')).toBe('word '.repeat(120));
});

test('R2: a flush gives what is there, whatever its punctuation', () => {
  const cutter = new ClauseCutter();
  expect(cutter.push('One second, checking that')).toEqual([]);
  expect(cutter.flush()).toEqual(['One second, checking that']);
  expect(cutter.flush()).toEqual([]);
});

test('white space that stands alone is carried over to the next clause', () => {
  const cutter = new ClauseCutter();
  expect(cutter.push('Yes.')).toEqual([]);
  expect(cutter.push('  \n')).toEqual(['Yes. ']);
  expect(cutter.flush()).toEqual([]);
  expect([...cutter.push('And no.'), ...cutter.flush()]).toEqual([' \nAnd no.']);
});

const anyText = fc
  .array(
    fc.constantFrom(
      'a',
      'word',
      ' ',
      ' ',
      '.',
      ',',
      '!',
      '?',
      '।',
      '\n',
      'Dr',
      'etc',
      '5',
      '3.5',
      '"',
      'नम',
      'A',
      ':',
      '…',
      'x'.repeat(30),
      '😀',
    ),
    { maxLength: 120 },
  )
  .map((parts) => parts.join(''));

test('any text in any pieces is cut alike; nothing is lost, and no clause is too long', () => {
  fc.assert(
    fc.property(anyText, fc.array(fc.nat(400), { maxLength: 8 }), (text, cuts) => {
      const whole = cut(text);
      expect(
        cut(
          text,
          cuts.filter((at) => at <= text.length),
        ),
      ).toEqual(whole);
      expect(text.startsWith(whole.join(''))).toBe(true);
      expect(text.slice(whole.join('').length)).not.toMatch(/[\p{L}\p{N}]/u);
      for (const clause of whole) expect(clause.length).toBeLessThanOrEqual(250);
    }),
    { numRuns: 500 },
  );
});
