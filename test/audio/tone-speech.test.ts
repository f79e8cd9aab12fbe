import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { decodeMulaw, encodeMulaw } from '../../src/audio/g711.ts';
import {
  decodeToneSpeech,
  encodeToneSpeech,
  layOutToneSpeech,
  ToneSpeechDecoder,
  wordsOf,
  type SpokenCharacter,
} from '../../src/audio/tone-speech.ts';

const RATES = [8_000, 16_000, 24_000, 44_100];
const textOf = (characters: SpokenCharacter[]) => characters.map(({ text }) => text).join('');
const overThePhone = (samples: Int16Array) => decodeMulaw(encodeMulaw(samples));

test.each(RATES)('what is spoken at %i Hz is understood, also after mu-law', (rateHz) => {
  const text = 'Hello, your order 4711 will arrive on Tuesday at 10:30. लड्डू नमस्ते — “¿Qué?” 日本 👋🏽 ll  !!\n';
  const samples = encodeToneSpeech(text, rateHz);
  expect(textOf(decodeToneSpeech(samples, rateHz))).toBe(text);
  expect(textOf(decodeToneSpeech(overThePhone(samples), rateHz))).toBe(text);
});

test('every byte value and every pair of neighbours that beats slowest is understood', () => {
  const ascii = String.fromCharCode(...Array.from({ length: 128 }, (_, i) => i));
  expect(textOf(decodeToneSpeech(overThePhone(encodeToneSpeech(ascii, 8_000)), 8_000))).toBe(ascii);
  const beyond = String.fromCodePoint(...Array.from({ length: 1_900 }, (_, i) => 0x80 + i));
  expect(textOf(decodeToneSpeech(overThePhone(encodeToneSpeech(beyond, 8_000)), 8_000))).toBe(beyond);
});

test('any text of whole characters comes back, at any speed that is allowed', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.constantFrom(0.5, 0.8, 1, 1.5, 2),
      fc.constantFrom(8_000, 24_000),
      (text, speed, rateHz) => {
        const samples = overThePhone(encodeToneSpeech(text, rateHz, { speed }));
        expect(textOf(decodeToneSpeech(samples, rateHz))).toBe(text);
      },
    ),
    { numRuns: 30 },
  );
});

test('however the audio is cut into pieces, the same characters come with the same times', () => {
  const samples = overThePhone(encodeToneSpeech('Yes, ठीक है.', 8_000));
  const whole = decodeToneSpeech(samples, 8_000);
  for (const size of [1, 2, 7, 80, 159, 160, 1_000]) {
    const decoder = new ToneSpeechDecoder(8_000);
    const heard: SpokenCharacter[] = [];
    for (let at = 0; at < samples.length; at += size) heard.push(...decoder.push(samples.subarray(at, at + size)));
    heard.push(...decoder.flush());
    expect(heard).toEqual(whole);
  }
});

describe('cut at any sample', () => {
  const text = 'cut me off';
  const samples = overThePhone(encodeToneSpeech(text, 8_000));

  test('an end cut off leaves the beginning of the text, at most the broken character more or less', () => {
    const { characters } = layOutToneSpeech(text);
    for (let cut = 0; cut <= samples.length; cut += 7) {
      const heard = textOf(decodeToneSpeech(samples.subarray(0, cut), 8_000));
      expect(text.startsWith(heard)).toBe(true);
      const whole = characters.filter(({ endMs }) => endMs <= cut / 8).length;
      expect(heard.length - whole).toBeGreaterThanOrEqual(0);
      expect(heard.length - whole).toBeLessThanOrEqual(1);
    }
  });

  test('a decoder that joins in the middle hears the rest', () => {
    const { characters } = layOutToneSpeech(text);
    for (let cut = 0; cut <= samples.length; cut += 7) {
      const heard = textOf(decodeToneSpeech(samples.subarray(cut), 8_000));
      expect(text.endsWith(heard)).toBe(true);
      const whole = characters.filter(({ startMs }) => startMs >= cut / 8).length;
      expect(heard.length - whole).toBeGreaterThanOrEqual(0);
      expect(heard.length - whole).toBeLessThanOrEqual(1);
    }
  });

  test('the head cut off a character of several bytes does not take the next one with it', () => {
    const hindi = encodeToneSpeech('नमस्ते ok', 8_000);
    for (let cut = 0; cut < hindi.length; cut += 11) {
      expect('नमस्ते ok'.endsWith(textOf(decodeToneSpeech(hindi.subarray(cut), 8_000)))).toBe(true);
    }
  });

  test('a splice without any silence between loses at most the two characters at the cut', () => {
    const next = encodeToneSpeech('go on', 8_000);
    for (let cut = 0; cut < samples.length; cut += 29) {
      const spliced = new Int16Array(cut + next.length);
      spliced.set(samples.subarray(0, cut));
      spliced.set(next, cut);
      const heard = textOf(decodeToneSpeech(spliced, 8_000));
      expect(heard.endsWith('o on')).toBe(true);
      const before = heard.slice(0, -4).replace(/g$/, '');
      expect(text.startsWith(before)).toBe(true);
    }
  });
});

test('times of characters and words are those of the plan, to 2 ms, behind silence of any length', () => {
  const text = 'Is flight QX41 on time?';
  const planned = wordsOf(layOutToneSpeech(text).characters);
  const silence = 1_234;
  const samples = new Int16Array(silence + Math.ceil((layOutToneSpeech(text).durationMs * 8_000) / 1_000) + 400);
  samples.set(encodeToneSpeech(text, 8_000), silence);
  const heard = wordsOf(decodeToneSpeech(overThePhone(samples), 8_000));
  expect(heard.map(({ text: word }) => word)).toEqual(['Is', 'flight', 'QX41', 'on', 'time?']);
  heard.forEach((word, i) => {
    expect(Math.abs(word.startMs - silence / 8 - planned[i]!.startMs)).toBeLessThan(2);
    expect(Math.abs(word.endMs - silence / 8 - planned[i]!.endMs)).toBeLessThan(2);
  });
});

test('the pace is that of a voice: 14 to 16 characters a second, and speed divides it', () => {
  const text = 'The quick brown fox jumps over the lazy dog.';
  const seconds = encodeToneSpeech(text, 16_000).length / 16_000;
  expect(text.length / seconds).toBeGreaterThan(14);
  expect(text.length / seconds).toBeLessThan(16);
  expect(encodeToneSpeech(text, 16_000, { speed: 1.5 }).length / 16_000).toBeCloseTo(seconds / 1.5, 2);
});

test('a line with noise 20 dB below the voice is understood', () => {
  const text = 'Noisy, but clear: 1234567890';
  const samples = encodeToneSpeech(text, 8_000);
  const noise = randomNumbers(7);
  const noisy = samples.map((sample) => sample + Math.round((noise() - 0.5) * 2 * 950));
  expect(textOf(decodeToneSpeech(overThePhone(noisy), 8_000))).toBe(text);
});

test('silence, noise and voice-like sounds say nothing', () => {
  const random = randomNumbers(3);
  const noise = Int16Array.from({ length: 80_000 }, () => (random() - 0.5) * 20_000);
  const vowels = Int16Array.from({ length: 80_000 }, (_, i) => {
    const pitch = 110 + 30 * Math.sin(i / 3_000);
    const loudness = Math.max(0, Math.sin(i / 900));
    let sum = 0;
    for (let harmonic = 1; harmonic < 20; harmonic++)
      sum += Math.sin((2 * Math.PI * pitch * harmonic * i) / 8_000) / harmonic;
    return sum * 5_000 * loudness;
  });
  for (const samples of [new Int16Array(80_000), noise, vowels]) {
    expect(textOf(decodeToneSpeech(overThePhone(samples), 8_000))).toBe('');
  }
  const decoder = new ToneSpeechDecoder(8_000);
  decoder.push(noise);
  decoder.push(new Int16Array(800));
  expect(textOf(decoder.push(encodeToneSpeech('still here ', 8_000)))).toBe('still here ');
});

/** A small generator with a seed, so that a failure can be looked at again. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
}
