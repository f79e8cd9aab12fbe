import { expect, test } from 'vitest';
import { addFeatures, SpeechRate, type SpeechFeatures } from '../../src/speak/speech-rate.ts';

function featuresOf(text: string, from = 0, to = text.length): SpeechFeatures {
  const counts: [number, number, number, number] = [0, 0, 0, 0];
  addFeatures(text, from, to, counts);
  return counts;
}

test('the features of a text: letters, letters that are syllables, digits, and the rest', () => {
  expect(featuresOf('Room 42, café.')).toEqual([8, 0, 2, 4]);
  expect(featuresOf('नमस्ते')).toEqual([0, 6, 0, 0]);
  expect(featuresOf('abc 123', 2, 5)).toEqual([1, 0, 1, 1]);
  const counts: [number, number, number, number] = [1, 1, 1, 1];
  addFeatures('a1', 0, 2, counts); // on top of what is there
  expect(counts).toEqual([2, 1, 2, 1]);
});

test('before any audio an English voice says some 15 characters a second, and a fast one more', () => {
  const text = 'the quick brown fox jumps over the lazy dog';
  const ms = new SpeechRate().expectMs(featuresOf(text));
  expect(ms / text.length).toBeGreaterThan(55);
  expect(ms / text.length).toBeLessThan(75);
  expect(new SpeechRate(2).expectMs(featuresOf(text))).toBeCloseTo(ms / 2);
});

test('a voice of another pace is known after a few phrases: within 4 %', () => {
  const paceOf = ([letters, dense, digits, other]: SpeechFeatures) =>
    90 * letters + 140 * dense + 260 * digits + 40 * other;
  const rate = new SpeechRate();
  for (const text of [
    'Hello, this is the harbour office.',
    'One moment, please.',
    'Your ferry leaves at 10:30 from pier 4.',
    'I am sorry, I did not understand.',
    'The number is 0171 5550199.',
  ]) {
    rate.learn(featuresOf(text), paceOf(featuresOf(text)));
  }
  const unheard = featuresOf('There is a later one at 16:45, which takes 2 hours.');
  expect(Math.abs(rate.expectMs(unheard) / paceOf(unheard) - 1)).toBeLessThan(0.04);
});

test('what is too short, or cannot be the whole text, teaches nothing', () => {
  const text = featuresOf('Your appointment is on Monday, at half past ten.');
  const rate = new SpeechRate();
  const before = rate.expectMs(text);
  rate.learn(featuresOf('Yes.'), 300); // short
  rate.learn(text, before / 3); // cut off
  rate.learn(text, Number.NaN);
  expect(rate.expectMs(text)).toBe(before);
});

test('no pace is ever negative, whatever it is taught', () => {
  const rate = new SpeechRate();
  for (let i = 0; i < 50; i++) rate.learn([1, 0, 0, 30], 450);
  for (let i = 0; i < 50; i++) rate.learn([30, 0, 0, 1], 500);
  for (const features of [
    [10, 0, 0, 0],
    [0, 10, 0, 0],
    [0, 0, 10, 0],
    [0, 0, 0, 10],
  ] as const)
    expect(rate.expectMs(features)).toBeGreaterThanOrEqual(0);
});

test('a copy knows the same, and from then on neither learns from the other', () => {
  const text = featuresOf('Let me check that for you, it will not take long.');
  const rate = new SpeechRate();
  rate.learn(text, 5_000);
  const [one, other] = [rate.copy(), rate.copy()];
  const known = rate.expectMs(text);
  expect(one.expectMs(text)).toBe(known);
  one.learn(text, 3_000);
  expect(one.expectMs(text)).toBeLessThan(known);
  expect(rate.expectMs(text)).toBe(known);
  expect(other.expectMs(text)).toBe(known);
  other.learn(text, 3_000); // the covariance is a copy as well
  expect(other.expectMs(text)).toBe(one.expectMs(text));
});

test('a text is expected to take as long as its features', () => {
  const rate = new SpeechRate();
  const text = 'Your appointment is on Monday.';
  rate.learn(featuresOf(text), 3_500);
  expect(rate.expectMsOf(text)).toBe(rate.expectMs(featuresOf(text)));
});
