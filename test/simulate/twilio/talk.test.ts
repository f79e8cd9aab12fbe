import { expect, test } from 'vitest';
import { Talk, type TalkOptions } from '../../../src/simulate/twilio/talk.ts';

/** Ten characters a second and no delay, so that a character is 100 ms. */
function openTalk(options: TalkOptions = {}) {
  const log: string[] = [];
  const talk = new Talk(
    {
      speaking: (isSpeaking, atMs) => log.push(`${atMs} ${isSpeaking ? 'begins' : 'ends'}`),
      word: ({ text, fromMs, toMs }) => log.push(`${Math.round(fromMs)}-${Math.round(toMs)} ${text}`),
    },
    { charactersPerSecond: 10, synthesisDelayMs: 0, ...options },
  );
  return { talk, log };
}

test('words are spoken at the pace of a voice, whenever they are looked at', () => {
  for (const step of [1, 20, 77, 5_000]) {
    const { talk, log } = openTalk();
    talk.push({ token: 'Hello to you', last: true }, 0);
    for (let atMs = 0; atMs <= 5_000; atMs += step) talk.advanceTo(atMs);
    expect(log).toEqual(['0 begins', '0-600 Hello ', '600-900 to ', '900-1200 you', '1200 ends']);
  }
});

test('a word is not spoken before it is whole', () => {
  const { talk, log } = openTalk();
  talk.push({ token: 'Hel', last: false }, 0);
  talk.advanceTo(900);
  expect(log).toEqual([]);
  talk.push({ token: 'lo ', last: false }, 1_000);
  talk.advanceTo(2_000);
  expect(log).toEqual(['1000 begins', '1000-1600 Hello ', '1600 ends']);
});

test('the voice rests when the words run out, and goes on when more come', () => {
  const { talk, log } = openTalk();
  talk.push({ token: 'One ', last: false }, 0);
  talk.push({ token: 'two ', last: false }, 1_000);
  talk.push({ token: 'x', last: true }, 1_100);
  talk.advanceTo(3_000);
  expect(log).toEqual([
    '0 begins',
    '0-400 One ',
    '400 ends',
    '1000 begins',
    '1000-1400 two ',
    '1400-1500 x',
    '1500 ends',
  ]);
});

test('one talk follows the other without a pause', () => {
  const { talk, log } = openTalk({ synthesisDelayMs: 200 });
  talk.push({ token: 'One.', last: true }, 0);
  talk.push({ token: 'Two.', last: true }, 100);
  talk.advanceTo(3_000);
  expect(log).toEqual(['200 begins', '200-600 One.', '600-1000 Two.', '1000 ends']);
  expect(talk.isIdle).toBe(true);
});

test('an interruption tells the whole words that were heard, and forgets the rest', () => {
  const { talk, log } = openTalk();
  talk.push({ token: 'Life is a box of chocolates', last: true }, 0);
  expect(talk.interrupt(950)).toEqual({ heard: 'Life is', afterMs: 950 });
  talk.advanceTo(5_000);
  expect(log.at(-1)).toBe('950 ends');
  talk.push({ token: 'Yes? ', last: false }, 6_000);
  expect(talk.interrupt(6_100)).toEqual({ heard: '', afterMs: 100 });
});

test('a later talk cuts one off that said it may be', () => {
  const { talk, log } = openTalk();
  talk.push({ token: 'Please hold the line', last: true, preemptible: true }, 0);
  talk.push({ token: 'Done.', last: true }, 650);
  talk.advanceTo(5_000);
  expect(log).toEqual(
    ['0 begins', '0-700 Please ', '650-1150 Done.', '1150 ends'].filter((line) => !line.includes('Please')),
  );
});
