/** What a service says that it has heard grows in proportion, in one piece and by the character; and has a longest length. */
import { describe, expect, test } from 'vitest';
import { Endpoint, type EndpointEffect } from '../../src/listen/endpoint.ts';
import { MOST_CHARACTERS } from '../../src/listen/turn-text.ts';
import { growthOf } from './helpers/growth.ts';
import { longTexts } from './helpers/shapes.ts';

const LENGTH = 32 * 1024;
const PATTERNS = [
  ...longTexts([]),
  ...['word ', 'um ', 'yes, ', '4 ', 'one two ', 'a-', '. ', '好', '…', 'ok?   '].map((pattern) => ({
    name: JSON.stringify(pattern),
    text: (length: number) => pattern.repeat(Math.ceil(length / pattern.length)),
  })),
];

interface Segment {
  text: string;
  isFinal: boolean;
}

function hear(segments: Iterable<Segment>, language = 'en'): { turns: string[]; longest: number } {
  const endpoint = new Endpoint({ endpointMs: 500, leastEndpointMs: 250, mostEndpointMs: 3_000, language });
  const turns: string[] = [];
  let longest = 0;
  let atMs = 0;
  const take = (effects: EndpointEffect[]) => {
    for (const effect of effects) {
      if (effect.type === 'turn') turns.push(effect.text);
      if (effect.type === 'speech' && effect.phase === 'words') longest = Math.max(longest, effect.words.length);
    }
  };
  take(endpoint.handle({ type: 'agent-asked', text: 'What is your six digit code?' }, 0));
  take(endpoint.handle({ type: 'voice', phase: 'start' }, 0));
  for (const segment of segments) take(endpoint.handle({ type: 'transcript', ...segment }, (atMs += 0.05)));
  take(endpoint.handle({ type: 'voice', phase: 'end' }, atMs));
  for (let i = 0; i < 9; i++) take(endpoint.handle({ type: 'timer' }, (atMs += 1_000)));
  return { turns, longest };
}

const inOnePiece = (text: string): Segment[] => [
  { text, isFinal: false },
  { text, isFinal: true },
];
const byTheCharacter = (text: string): Segment[] =>
  Array.from(text, (character) => ({ text: character, isFinal: true }));
/** Each interim says all that was said before, and one character more: in proportion once the longest length is reached. */
function* growing(text: string): Generator<Segment> {
  for (let length = 1; length <= text.length; length++) yield { text: text.slice(0, length), isFinal: false };
  yield { text, isFinal: true };
}

describe('the endpoint: time grows as the length does', () => {
  test.each([
    ['in one piece', inOnePiece, LENGTH * 8, 1],
    ['by the character, each a final', byTheCharacter, LENGTH * 2, 1],
    // ten times as dear as the others
    ['by the character, each an interim of all before it', growing, LENGTH * 2, 5],
  ] as const)('%s', { timeout: 240_000 }, (_, cut, length, each) => {
    const slow = PATTERNS.filter((_one, index) => index % each === 0).flatMap(({ name, text }) => {
      const growth = growthOf(text, (whole) => hear(cut(whole)), length);
      return growth === undefined ? [] : [`${name}: ${growth}`];
    });
    expect(slow).toEqual([]);
  });
});

test('a transcript of 900 kB, and 50,000 finals in 3 s: turns of no more than the longest length, in no time', () => {
  const before = process.cpuUsage();
  for (const segments of [
    inOnePiece('so I said to him '.repeat(55_000)),
    inOnePiece('-'.repeat(900_000)),
    Array.from({ length: 50_000 }, (_, i) => ({ text: `word${i}`, isFinal: true })),
    Array.from({ length: 50_000 }, () => ({ text: 'a', isFinal: true })),
  ]) {
    const { turns, longest } = hear(segments);
    expect(turns.length).toBeLessThanOrEqual(2);
    expect(longest).toBeLessThanOrEqual(MOST_CHARACTERS);
    for (const turn of turns) expect(turn.length).toBeLessThanOrEqual(MOST_CHARACTERS);
  }
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1_000).toBeLessThan(6_000);
});

test('an hour of words, at the pace of speech, is kept whole for ten minutes', () => {
  const words = Array.from({ length: 1_500 }, (_, i) => ({ text: `w${i}`, isFinal: true }));
  expect(hear(words).turns[0]).toBe(words.map(({ text }) => text).join(' '));
});
