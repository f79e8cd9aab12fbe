import { expect, test } from 'vitest';
import { SentAudio } from '../../../src/bridge/web/sent-audio.ts';

const MESSAGE = Buffer.alloc(96_000);

test('of a page that never says what it has played the latest sound is kept, and not all of a long call', () => {
  const audio = new SentAudio();
  for (let second = 0; second < 3_600; second++) audio.add(MESSAGE);
  const kept = audio.rest(0);
  expect(kept.length).toBeGreaterThan(30); // seconds, of the highest rate
  expect(kept.length).toBeLessThan(60);
  const played = (3_600 - 2) * (MESSAGE.length / 2) + 1_000;
  expect(audio.rest(played).map(({ length }) => length)).toEqual([MESSAGE.length - 2_000, MESSAGE.length]);
});
