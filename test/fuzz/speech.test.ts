/**
 * Whatever a model or a tool writes, what stands between its words and the voice costs in proportion to their length: in
 * one piece and by the character, for every pattern that sends a reader back to where it has been.
 */
import { describe, expect, test } from 'vitest';
import type { AudioFormat } from '../../src/audio/contract.ts';
import { plainLine, plainText } from '../../src/lib/plain.ts';
import { hideSecrets } from '../../src/lib/provider-errors.ts';
import { limitSpeech } from '../../src/lib/speech-length.ts';
import { fitsOf } from '../../src/model/electron/overflow.ts';
import { SpokenText } from '../../src/model/spoken-text.ts';
import { Alignment } from '../../src/speak/alignment.ts';
import { ClauseCutter } from '../../src/speak/clauses.ts';
import { SpeechCleaner } from '../../src/speak/clean.ts';
import { lackOfAudio } from '../../src/speak/lost-words.ts';
import { SpeechRate } from '../../src/speak/speech-rate.ts';
import { Dice } from '../helpers/dice.ts';
import { growthOf } from './helpers/growth.ts';

const REPEATED = [
  ...[
    'a',
    'word ',
    ' ',
    '\n',
    '\r',
    '\t',
    '.',
    ',',
    ';',
    '!',
    '?',
    '…',
    ':',
    '"',
    "'",
    ')',
    '(',
    '。',
    '।',
    '؟ ',
    '、',
  ],
  ...['-', '- ', '—', '*', '**', '* ', '_', '__', 'a_', 'a_b', '~', '`', '```', '#', '# ', '=', '+', '>', '> ', '|'],
  ...['| ', '|-', '|-|\n', '[', ']', '[a](', '](', '[^', '![', '<', '<a', '<a ', '<a b', '<b>', '&', '&a', '&amp;'],
  ...['\\', '\\*', '\\_', '*1', '*67 ', '*1*', '#1', '#*', '1#', '1*', '1 * ', 'a@b_', '@', '/', '1. ', '1.', '1) '],
  ...[
    'h',
    'w',
    'www.',
    'http://',
    'http://a.b ',
    'http://a.',
    ':)',
    ':-',
    '😀',
    '\ud83d',
    '\u200d',
    '\ufe0f',
    '\u20e3',
  ],
  ...['Dr. ', 'etc. ', 'etc.', 'A. ', 'No. ', 'p.m. ', 'नमस्ते ', '你好', '...', '." ', '?!'],
  ...[
    '<think>',
    '</think>',
    '<thinking',
    '<t',
    '</',
    '<tool_call>',
    '</tool_call>',
    '<function=',
    '<|',
    '<|a',
    '<|a|>',
  ],
  ...['<|channel|>', '<|message|>', '<|end|>', '<|im_start|>', '<|user|>', '<｜DSML｜', '<think ', '<think a="'],
  ...['[T', '[TOOL_CALLS]', '[THINK]', '[/THINK]', '◁', '◁think▷', '◁/think▷', ' <', ' [', '\n<t'],
];
/** What is begun once and goes on for ever. */
const BEGUN: [beginning: string, fill: string][] = [
  ...['http://', 'http://a.b/', 'www.', '<a', '<a ', '[a](', '[^', '&', '*1', '#1', 'a_', '`', '| '].map(
    (beginning): [string, string] => [beginning, 'a'],
  ),
  ...['http://a', '*', '#', '1', 'a_'].map((beginning): [string, string] => [beginning, '1']),
  ...['etc.', 'No.', '|', '| a', '- ', '#', 'a*', '*', 'a'].map((beginning): [string, string] => [beginning, ' ']),
  ...['http://a', 'a', '"', 'a_b'].map((beginning): [string, string] => [beginning, '.']),
  ...['<think>', '<tool_call>', '[TOOL_CALLS]', '<|channel|>', '<|im_start|>', '<|python_tag|>'].flatMap((beginning) =>
    ['a', '<', '<t', '</', '[', '\n'].map((fill): [string, string] => [beginning, fill]),
  ),
];

/** What patterns are made of: characters that mean something to one of the readers, alone or behind another. */
const SIGNS = [...' \n.,-*_`#|<>/[]():h1a&\\~!"@=T。?;\u001b\'', '😀', 'नि'];
/**
 * Of two, three and five of them, another part each day would be no test that can be repeated: drawn by a seed. The whole
 * space of two, and 2,000 more, was swept once.
 */
const DRAWN = Array.from({ length: 90 }, (_, i) => {
  const dice = new Dice(i + 1);
  return Array.from({ length: [2, 3, 5][i % 3]! }, () => dice.pick(SIGNS)).join('');
});

const TEXTS: { name: string; make: (length: number) => string }[] = [
  ...[...REPEATED, ...DRAWN].map((pattern) => ({
    name: JSON.stringify(pattern),
    make: (length: number) => pattern.repeat(Math.ceil(length / pattern.length)),
  })),
  ...BEGUN.map(([beginning, fill]) => ({
    name: `${JSON.stringify(beginning)} and then ${JSON.stringify(fill)}`,
    make: (length: number) => beginning + fill.repeat(Math.ceil(length / fill.length)),
  })),
];

/** For what reads no markup. */
const WORDS = TEXTS.filter(({ name }) => /^"(?:a|word |\W{1,3}|नमस्ते |你好)"$/.test(name)).slice(0, 24);

function clean(pieces: readonly string[]): void {
  const cleaner = new SpeechCleaner('en');
  for (const piece of pieces) cleaner.originalLength(cleaner.push(piece).length);
  cleaner.end();
}

function cut(pieces: readonly string[]): void {
  const cutter = new ClauseCutter();
  for (const piece of pieces) cutter.push(piece);
  cutter.pause();
  cutter.flush();
}

function hear(pieces: readonly string[]): void {
  const text = new SpokenText();
  for (const piece of pieces) text.push(piece);
  text.callStarts();
  text.end(true);
}

function hearThinker(pieces: readonly string[]): void {
  const text = new SpokenText({ beginsInThought: true });
  for (const piece of pieces) text.push(piece);
  text.end(true);
}

/** What is logged and shown of it, cut to a length, and whether its sound came. */
const WHOLE_TEXT = [
  plainLine,
  plainText,
  hideSecrets,
  limitSpeech,
  fitsOf,
  (text: string) => lackOfAudio(text, 1, (words) => words.length),
];

function align(pieces: readonly string[]): void {
  const alignment = new Alignment(new SpeechRate());
  for (const piece of pieces) alignment.addText(piece);
  alignment.complete(true);
}

describe.each([
  { name: 'cleaning', read: clean, texts: TEXTS },
  { name: 'clauses', read: cut, texts: TEXTS },
  { name: 'what is for the ears', read: hear, texts: TEXTS },
  { name: 'what is for the ears, of a model that begins in thought', read: hearThinker, texts: TEXTS },
  { name: 'alignment, of its text', read: align, texts: WORDS },
])('$name grows in proportion', { timeout: 240_000 }, ({ read, texts }) => {
  test('in one piece', () => {
    const slow = texts.flatMap(({ name, make }) => {
      const growth = growthOf((length) => [make(length)], read);
      return growth === undefined ? [] : [`${name}: ${growth}`];
    });
    expect(slow).toEqual([]);
  });

  test('by the character', () => {
    const slow = texts.flatMap(({ name, make }) => {
      const growth = growthOf((length) => make(length).split(''), read);
      return growth === undefined ? [] : [`${name}: ${growth}`];
    });
    expect(slow).toEqual([]);
  });
});

test('what reads a text as a whole grows in proportion', { timeout: 240_000 }, () => {
  const slow = TEXTS.flatMap(({ name, make }) => {
    const growth = growthOf(make, (text) => WHOLE_TEXT.map((read) => read(text)), 256 * 1024);
    return growth === undefined ? [] : [`${name}: ${growth}`];
  });
  expect(slow).toEqual([]);
});

describe('alignment grows in proportion', { timeout: 240_000 }, () => {
  const FORMAT: AudioFormat = { encoding: 'linear16', sampleRateHz: 8_000 };
  const LOUD = new Uint8Array(new Int16Array(400).fill(4_000).buffer);
  const SILENT = new Uint8Array(2_400);

  /** Words with their audio, and what was heard of them asked for every word, as while they are played. */
  function play(words: readonly string[], { isTimed = false, hasPauses = false }): number {
    const alignment = new Alignment(new SpeechRate());
    let characters = 0;
    for (const word of words) alignment.addText(word);
    for (const word of words) {
      alignment.addAudio(LOUD, FORMAT);
      if (isTimed) alignment.addWord(word.trim(), alignment.audioMs);
      if (hasPauses) alignment.addAudio(SILENT, FORMAT);
      characters += alignment.charactersAt(alignment.audioMs / 2);
    }
    alignment.complete(true);
    return characters;
  }

  test.each([
    ['with pauses at commas', 'word, ', { hasPauses: true }],
    ['with pauses where none is expected', 'word ', { hasPauses: true }],
    ['with word timestamps', 'word ', { isTimed: true }],
    ['without anything to go by', 'word ', {}],
  ])('with its audio, %s', (_name, word, options) => {
    const words = (length: number) => Array.from({ length: length / 16 }, () => word);
    expect(growthOf(words, (input) => play(input, options))).toBeUndefined();
  });
});
