/** The beep of an answering machine: every pitch and loudness of it, in any format and cutting, and nothing else. */
import { describe, expect, test } from 'vitest';
import type { AudioFormat } from '../../src/audio/contract.ts';
import { encodeAlaw, encodeMulaw } from '../../src/audio/g711.ts';
import { encodeToneSpeech } from '../../src/audio/tone-speech.ts';
import { BeepDetector } from '../../src/listen/beep.ts';

const MULAW: AudioFormat = { encoding: 'mulaw', sampleRateHz: 8_000 };

function encode(samples: Int16Array, { encoding }: AudioFormat): Uint8Array {
  if (encoding === 'mulaw') return encodeMulaw(samples);
  return encoding === 'alaw' ? encodeAlaw(samples) : new Uint8Array(samples.slice().buffer);
}

/** A sum of tones, between two silences with this much noise in all of it. */
function sound(hz: number[], { ms = 400, amplitude = 6_000, noise = 0, rateHz = 8_000 } = {}): Int16Array {
  let seed = 1;
  const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647 - 0.5;
  const silent = (300 * rateHz) / 1_000;
  const length = (ms * rateHz) / 1_000;
  return Int16Array.from({ length: length + 2 * silent }, (_, n) => {
    const isOn = n >= silent && n < silent + length;
    const tone = isOn ? hz.reduce((sum, one) => sum + Math.sin((2 * Math.PI * one * n) / rateHz), 0) : 0;
    return Math.round(tone * amplitude + 2 * noise * random());
  });
}

function beepsIn(samples: Int16Array, format = MULAW, cut = 160): number {
  let beeps = 0;
  const detector = new BeepDetector(format, () => beeps++);
  const audio = encode(samples, format);
  for (let at = 0; at < audio.length; at += cut) detector.push(audio.subarray(at, at + cut));
  return beeps;
}

describe('a beep', () => {
  test.each([400, 440, 600, 850, 1_000, 1_400, 2_000])('of %i Hz, soft and loud, in noise', (hz) => {
    for (const [amplitude, noise] of [
      [900, 0],
      [6_000, 60],
      [20_000, 150],
    ] as const) {
      expect(beepsIn(sound([hz], { amplitude, noise }))).toBe(1);
    }
  });

  test.each([
    { encoding: 'mulaw', sampleRateHz: 8_000 },
    { encoding: 'alaw', sampleRateHz: 8_000 },
    { encoding: 'linear16', sampleRateHz: 8_000 },
    { encoding: 'linear16', sampleRateHz: 16_000 },
    { encoding: 'linear16', sampleRateHz: 24_000 },
  ] satisfies AudioFormat[])('in $encoding at $sampleRateHz Hz, cut anywhere', (format) => {
    const samples = sound([1_000], { rateHz: format.sampleRateHz });
    for (const cut of [1, 7, 160, 100_000]) expect(beepsIn(samples, format, cut)).toBe(1);
  });

  test('of 0.2 s is one, of 2 s too', () => {
    expect(beepsIn(sound([1_000], { ms: 220 }))).toBe(1);
    expect(beepsIn(sound([1_000], { ms: 2_000 }))).toBe(1);
  });
});

describe('no beep', () => {
  test.each([
    ['silence', sound([])],
    ['noise', sound([], { noise: 8_000 })],
    ['a click of a tone', sound([1_000], { ms: 80 })],
    ['a dial tone, which does not end', sound([425], { ms: 4_000 })],
    ['the two tones of a key', sound([770, 1_336], { ms: 300 })],
    ['the ringing of North America', sound([440, 480], { ms: 2_000 })],
    ['a hum', sound([100], { ms: 500 })],
    [
      'a voice of the stand-in',
      encodeToneSpeech('Please leave a message after the tone, and we will call you back.', 8_000),
    ],
  ])('is %s', (_, samples) => {
    expect(beepsIn(samples)).toBe(0);
  });

  test('is a vowel, of a pitch with its overtones', () => {
    for (const pitch of [110, 150, 220]) {
      const overtones = Array.from({ length: 8 }, (_, n) => pitch * (n + 1));
      expect(beepsIn(sound(overtones, { amplitude: 1_500 }))).toBe(0);
    }
  });
});
