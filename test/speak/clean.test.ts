import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SpeechCleaner } from '../../src/speak/clean.ts';

function clean(text: string, language?: string): string {
  const cleaner = new SpeechCleaner(language);
  return cleaner.push(text) + cleaner.end();
}

/** The same text in pieces that end at `cuts`. */
function cleanInPieces(text: string, cuts: number[], language?: string): { cleaned: string; cleaner: SpeechCleaner } {
  const cleaner = new SpeechCleaner(language);
  let cleaned = '';
  let from = 0;
  for (const cut of [...cuts, text.length].sort((a, b) => a - b)) {
    cleaned += cleaner.push(text.slice(from, cut));
    from = cut;
  }
  return { cleaned: cleaned + cleaner.end(), cleaner };
}

const SAMPLES: [given: string, said: string][] = [
  ['Plain words stay, 3.5 and 10:30 too.', 'Plain words stay, 3.5 and 10:30 too.'],
  ['**Bold** and *italic* and ***both*** and __this__.', 'Bold and italic and both and this.'],
  ['Call `lookup_order` now', 'Call lookup order now'],
  ['~~old~~ new, about ~5', 'old new, about ~5'],
  ['## Your order\nIt is here.', 'Your order.\nIt is here.'],
  ['We have:\n- Milk\n- *Eggs*\n* Bread', 'We have:\nMilk.\nEggs.\nBread'],
  ['1. First\n2. Second', '1. First.\n2. Second'],
  ['- 5 degrees outside', '5 degrees outside'],
  ['It is -5 degrees', 'It is -5 degrees'],
  ['See [our page](https://acme.com/x?y=(1)) now', 'See our page now'],
  ['See [our page](https://acme.com/x) now', 'See our page now'],
  ['![a map](https://acme.com/map.png)', 'a map'],
  ['Go to https://www.acme.com/help/me?id=5.', 'Go to acme.com.'],
  ['Go to www.acme.com, please', 'Go to acme.com, please'],
  ['Mail jane.doe@acme.com today', 'Mail jane.doe@acme.com today'],
  ['<https://acme.com/a> and <b>bold</b><br>next', 'acme.com and bold next'],
  ['5 < 6 and a<b', '5 < 6 and a<b'],
  ['Tom &amp; Jerry & co', 'Tom & Jerry & co'],
  ['Hi 😀 there 👩‍👩‍👧 you 🇮🇳!', 'Hi there you !'],
  ['Great 👍🏽 job ✅ 1️⃣', 'Great job 1'],
  ['Fine :) and 10:30 :-)', 'Fine and 10:30 '],
  ['क्‍ष नमस्ते 🙏 जी।', 'क्‍ष नमस्ते जी।'],
  ['3 * 4 is 12 and 3*4 too', '3 * 4 is 12 and 3*4 too'],
  ['Call (555) 123-4567 (toll-free)', 'Call 555 123-4567 toll-free'],
  ['Sure — one moment', 'Sure — one moment'],
  ['Sure—one moment, 9–5', 'Sure, one moment, 9–5'],
  ['| Name | Price |\n|---|---:|\n| Tea | 5 |', 'Name, Price.\nTea, 5'],
  ['Above\n\n---\n\nBelow', 'Above\nBelow'],
  ['```json\n{"a":1}\n```\ndone', '{"a":1}\ndone'],
  ['> quoted\nnot', 'quoted\nnot'],
  ['A note[^1] here', 'A note here'],
  ['a \\*star\\*', 'a *star*'],
  ['who what http hello www', 'who what http hello www'],
  ['  leading   and   many  spaces ', 'leading and many spaces '],
  ['', ''],
  ['😀', ''],
];

test.each(SAMPLES)('says %j as %j', (given, said) => {
  expect(clean(given)).toBe(said);
});

/** Signs that mean something where they stand, in the language of the voice. */
const SIGNS: [given: string, said: string, language?: string][] = [
  ['Press *, then your PIN. To go back press *.', 'Press star, then your PIN. To go back press star.'],
  ['Press * now or press *', 'Press star now or press star'],
  ['Press "*" or (#) or `*`.', 'Press "star" or hash or star.'],
  ['Press the star key (*).', 'Press the star key .'],
  ['Press \\*. Or \\# now.', 'Press star. Or hash now.'],
  ['**Press \\*** now', 'Press star now'],
  ['Press # when done, or 1#.', 'Press hash when done, or 1 hash.'],
  ['Your PIN and #: 1234#', 'Your PIN and hash: 1234 hash'],
  ['Dial *67 to block it, or *123#.', 'Dial star 67 to block it, or star 123 hash.'],
  ['Dial *#06#, or #21#', 'Dial star hash 06 hash, or hash 21 hash'],
  ['Use */# keys', 'Use star/hash keys'],
  ['A 5* hotel', 'A 5 star hotel'],
  ['Open *24 hours* a day, *really*, *yes!* and *5th*.', 'Open 24 hours a day, really, yes! and 5th.'],
  ['*Hello,* she said', 'Hello, she said'],
  ['It is free* now. *Only today.', 'It is free now. Only today.'],
  ['3 * 4, (1 + 2) * 3 and 3*4', '3 * 4, 1 + 2 * 3 and 3*4'],
  ['Issue #5, C# and #trending', 'Issue #5, C# and #trending'],
  ['Pulse * para volver.', 'Pulse asterisco para volver.', 'es'],
  ['Appuyez sur *, puis #.', 'Appuyez sur étoile, puis dièse.', 'fr-CA'],
  ['Drücken Sie *.', 'Drücken Sie Stern.', 'de'],
  ['वापस जाने के लिए * दबाएं।', 'वापस जाने के लिए स्टार दबाएं।', 'hi'],
  ['वापस जाने के लिए * दबाएं।', 'वापस जाने के लिए स्टार दबाएं।', 'auto'],
  ['返回请按*键，或按*。', '返回请按星号键，或按星号。', 'zh'],
  ['这是*重点*内容', '这是重点内容', 'zh'],
  ['اضغط * للعودة', 'اضغط نجمة للعودة', 'ar'],
  ['Write to john_doe@example.com.', 'Write to john underscore doe@example.com.'],
  ['**john_doe@example.com**, _really_', 'john underscore doe@example.com, really'],
  ['[john_doe@example.com](mailto:john_doe@example.com)', 'john underscore doe@example.com'],
  ['<john_doe@example.com> or <a@b.co>', 'john underscore doe@example.com or a@b.co'],
  ['john\\_doe@example.com', 'john underscore doe@example.com'],
  ['john_@x.org and a_b_c@x.org', 'john underscore@x.org and a underscore b underscore c@x.org'],
  ['Follow @john_doe now', 'Follow @john underscore doe now'],
  [
    'Your user name is john_doe, your login: max_m',
    'Your user name is john underscore doe, your login: max underscore m',
  ],
  ['See my_shop.example.com/new_in', 'See my underscore shop.example.com/new underscore in'],
  ['The code is AB_12', 'The code is AB underscore 12'],
  ['It is out_for_delivery in look_up', 'It is out for delivery in look up'],
  ['Schreiben Sie an max_m@web.de', 'Schreiben Sie an max Unterstrich m@web.de', 'de'],
  ['A+ and/or B & C = 5% @ 3 ~5', 'A+ and/or B & C = 5% @ 3 ~5'],
];

test.each(SIGNS)('a sign is heard: %j is said %j', (given, said, language) => {
  expect(clean(given, language)).toBe(said);
  const everywhere = Array.from({ length: given.length }, (_, i) => i + 1);
  expect(cleanInPieces(given, everywhere, language).cleaned).toBe(said);
  for (let cut = 0; cut <= given.length; cut++) expect(cleanInPieces(given, [cut], language).cleaned).toBe(said);
});

test('what was heard of the word for a sign is told as the sign', () => {
  const given = 'Press *, then john_doe@x.org';
  const { cleaned, cleaner } = cleanInPieces(given, []);
  const heard = (said: string) => given.slice(0, cleaner.originalLength(cleaned.indexOf(said) + said.length));
  expect(heard('Press')).toBe('Press');
  expect(heard('star')).toBe('Press *');
  expect(heard('john')).toBe('Press *, then john');
  expect(heard('underscore')).toBe('Press *, then john_');
});

test('what is said does not depend on where the deltas are cut', () => {
  for (const [given] of SAMPLES) {
    const whole = clean(given);
    for (let cut = 0; cut <= given.length; cut++) expect(cleanInPieces(given, [cut]).cleaned).toBe(whole);
    const everywhere = Array.from({ length: given.length }, (_, i) => i + 1);
    expect(cleanInPieces(given, everywhere).cleaned).toBe(whole);
  }
});

const anyText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...'*_~`#-|[]()<>!\\&:;\n\n  .—•h@/5'.split(''),
        '**',
        '```',
        '- ',
        '](',
        'https://a.bc/d ',
        '&amp;',
        '😀',
        '\u200d',
        '\ufe0f',
        'www.',
        '<b>',
        '[^1]',
        '1. ',
        ':)',
      ),
      fc.string({ maxLength: 4 }),
      fc.constantFrom('hello ', 'order ', 'नमस्ते ', '42 '),
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(''));

test('any text in any pieces is cleaned alike, and never throws', () => {
  fc.assert(
    fc.property(anyText, fc.array(fc.nat(200), { maxLength: 8 }), (text, cuts) => {
      const inside = cuts.filter((cut) => cut <= text.length);
      expect(cleanInPieces(text, inside).cleaned).toBe(clean(text));
    }),
    { numRuns: 600 },
  );
});

test('every cleaned position maps to one in the given text, in order, and the whole to the whole', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const { cleaned, cleaner } = cleanInPieces(text, []);
      let last = 0;
      for (let count = 0; count <= cleaned.length; count++) {
        const original = cleaner.originalLength(count);
        expect(original).toBeGreaterThanOrEqual(last);
        last = original;
      }
      expect(last).toBe(cleaned === '' ? cleaner.originalLength(0) : text.length);
    }),
    { numRuns: 200 },
  );
});

test('a heard word is the given word with the markup that closes behind it', () => {
  const given = 'I **really** like [this page](https://acme.com/x) 😀 a lot';
  const { cleaned, cleaner } = cleanInPieces(given, []);
  const heard = (word: string) => given.slice(0, cleaner.originalLength(cleaned.indexOf(word) + word.length));
  expect(heard('really')).toBe('I **really**');
  expect(heard('page')).toBe('I **really** like [this page](https://acme.com/x)');
  expect(heard('lot')).toBe(given);
});

test('words are handed on at once; only what may be markup waits', () => {
  const cleaner = new SpeechCleaner();
  expect(cleaner.push('Let me ')).toBe('Let me ');
  expect(cleaner.push('see')).toBe('see');
  expect(cleaner.push('.')).toBe('.');
  expect(cleaner.push(' *')).toBe(' ');
  expect(cleaner.push('no')).toBe('no');
});
