/** What is due between turns, and when. */
import { expect, test } from 'vitest';
import { Idle } from '../../src/turn/idle.ts';
import { TurnOptions } from '../../src/turn/options.ts';

const options = TurnOptions.parse({ awayMs: 15_000, nudges: 2, lateResultMs: 700 });

test('a caller is away `awayMs` after something last happened, and is nudged so often', () => {
  const idle = new Idle(options);
  idle.restart(1_000);
  expect(idle.awayAtMs).toBe(16_000);
  expect([idle.nudge(16_000), idle.awayAtMs]).toEqual([true, 31_000]);
  expect([idle.nudge(31_000), idle.nudge(46_000)]).toEqual([true, false]);
  idle.callerIsThere();
  expect(idle.nudge(61_000)).toBe(true);
});

test('news are due once they could first be told, however often it is looked at', () => {
  const idle = new Idle(options);
  for (const atMs of [1_000, 1_500]) idle.mark(atMs, false); // none have come, or somebody speaks
  expect(idle.newsAtMs).toBeUndefined();
  for (const atMs of [2_000, 2_300, 2_600]) idle.mark(atMs, true);
  expect(idle.newsAtMs).toBe(2_700);
});

test('news that cannot be told when they are due are so again once they can', () => {
  const idle = new Idle(options);
  idle.mark(5_000, true);
  idle.forgetDueNews(); // and somebody speaks just then
  idle.mark(5_700, false);
  expect(idle.newsAtMs).toBeUndefined();
  idle.mark(6_000, true);
  expect(idle.newsAtMs).toBe(6_700);
});

test('a caller who is about to hear news is not away', () => {
  const idle = new Idle(options);
  idle.restart(1_000);
  idle.newsCame(9_000);
  expect(idle.awayAtMs).toBe(24_000);
});

test('a caller who is not understood is told so; when the words will not come, that is the last of it', () => {
  const idle = new Idle(options);
  idle.voiceStarted(0);
  idle.ear(false, 500);
  expect(idle.phraseAtMs).toBeUndefined(); // they still speak
  idle.voiceEnded(1_000);
  expect(idle.phraseAtMs).toBe(1_000 + options.silenceMs);
  expect([idle.takePhrase(2_500), idle.phraseAtMs]).toEqual(['hold', 2_500 + options.progressMs]);
  idle.ear(true, 3_000);
  expect(idle.phraseAtMs).toBe(5_500);
  expect([idle.takePhrase(5_500), idle.phraseAtMs]).toEqual(['recovery', undefined]);
  expect(() => idle.takePhrase(5_600)).toThrow('Expected a caller who waits to be understood');
});

test('words that come end the wait', () => {
  const idle = new Idle(options);
  idle.ear(false, 0);
  idle.voiceStarted(0);
  idle.voiceEnded(1_000);
  idle.understood();
  expect(idle.phraseAtMs).toBeUndefined();
});
