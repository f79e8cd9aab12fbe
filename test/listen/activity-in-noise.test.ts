/** Voices in noise that fills their holes, and the same noise alone: hiss, rumble, a hum of tones and music. */
import { describe, expect, test } from 'vitest';
import type { AudioFormat } from '../../src/audio/contract.ts';
import { encodeMulaw } from '../../src/audio/g711.ts';
import { encodeToneSpeech } from '../../src/audio/tone-speech.ts';
import { ActivityDetector } from '../../src/listen/activity.ts';

const mulaw: AudioFormat = { encoding: 'mulaw', sampleRateHz: 8_000 };
type Sound = (ms: number) => Float64Array;

function random(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647 - 0.5;
}

const samplesOf = (ms: number, next: (i: number) => number) => Float64Array.from({ length: ms * 8 }, (_, i) => next(i));

const hiss: Sound = (ms) => samplesOf(ms, random(5));
/** Falls by 3 dB an octave, as most rooms and lines do. */
const rumble: Sound = (ms) => {
  const next = random(7);
  let [low, middle, high] = [0, 0, 0];
  return samplesOf(ms, () => {
    const white = next();
    low = 0.99765 * low + white * 0.099046;
    middle = 0.963 * middle + white * 0.2965164;
    high = 0.57 * high + white * 1.0526913;
    return low + middle + high + white * 0.1848;
  });
};
/** Falls by 6 dB an octave from 130 Hz on, and swells by 10 dB in 3 s and ebbs again, as traffic does. */
const street: Sound = (ms) => {
  const next = random(13);
  let last = 0;
  return samplesOf(ms, (i) => {
    last = 0.9 * last + 0.1 * next();
    return last * 10 ** ((5 * Math.sin((2 * Math.PI * i) / 48_000)) / 20);
  });
};
const tones: Sound = (ms) =>
  samplesOf(ms, (i) =>
    [300, 437, 611, 800].reduce((sum, hz) => sum + Math.sin((2 * Math.PI * hz * i) / 8_000 + hz), 0),
  );
/** Three notes of a scale each 300 ms, struck and dying away. */
const music: Sound = (ms) => {
  const next = random(11);
  const scale = [220, 262, 330, 392, 440, 523, 659];
  const out = new Float64Array(ms * 8);
  for (let at = 0; at < out.length; at += 2_400) {
    const chord = [0, 1, 2].map(() => scale[Math.floor((next() + 0.5) * scale.length)]!);
    for (let i = 0; i < 7_200 && at + i < out.length; i++) {
      const seconds = i / 8_000;
      const envelope = Math.exp(-seconds * 3) * (1 - Math.exp(-seconds * 200));
      for (const hz of chord) {
        for (let harmonic = 1; harmonic < 4; harmonic++)
          out[at + i]! += (envelope * Math.sin(2 * Math.PI * hz * harmonic * seconds)) / harmonic;
      }
    }
  }
  return out;
};

/** Syllables of different length, loudness and vowel under a moving pitch. `holeMs`: between them, at most. */
function speech(holeMs: number): Sound {
  return (ms) => {
    const next = random(3);
    const out = new Float64Array(ms * 8);
    let [phase, from, lengthMs, loudness, restMs, formant] = [0, 0, 0, 0, 0, 0];
    for (let i = 0; i < out.length; i++) {
      if (i - from >= lengthMs * 8) {
        from = i;
        lengthMs = 120 + (next() + 0.5) * 160;
        loudness = 0.9 + next();
        restMs = (holeMs * (next() + 1.5)) / 2;
        formant = 650 + next() * 500;
      }
      const hz = 120 + 25 * Math.sin((i / 8_000) * 2.1);
      phase += (2 * Math.PI * hz) / 8_000;
      const place = (i - from) / 8 / (lengthMs - restMs);
      if (place > 1) continue;
      const envelope = holeMs === 0 ? 0.55 + 0.45 * Math.sin(Math.PI * place) : Math.sin(Math.PI * place);
      for (let harmonic = 1; harmonic < 25; harmonic++) {
        const level = Math.exp(-(((harmonic * hz - formant) / 400) ** 2)) + 0.08;
        out[i]! += loudness * envelope * level * Math.sin(harmonic * phase);
      }
    }
    return out;
  };
}
const toneSpeech: Sound = (ms) =>
  Float64Array.from(encodeToneSpeech('I would like a table for two on Friday please '.repeat(9), 8_000)).subarray(
    0,
    ms * 8,
  );

/** So many dB below full scale, by its root mean square. */
function at(db: number, sound: Float64Array): Float64Array {
  const power = sound.reduce((sum, sample) => sum + sample * sample, 0) / sound.length;
  const factor = (32_768 * 10 ** (db / 20)) / Math.sqrt(power);
  return sound.map((sample) => sample * factor);
}

function detect(sound: Float64Array): [startMs: number, endMs: number][] {
  const runs: [number, number][] = [];
  const detector = new ActivityDetector(mulaw, (phase, atMs) => {
    if (phase === 'start') runs.push([atMs, sound.length / 8]);
    else runs.at(-1)![1] = atMs;
  });
  const clipped = Int16Array.from(sound, (sample) => Math.max(-32_768, Math.min(32_767, Math.round(sample))));
  const bytes = encodeMulaw(clipped);
  for (let i = 0; i < bytes.length; i += 160) detector.push(bytes.subarray(i, i + 160));
  return runs;
}

/** Six seconds of a voice from 4 to 10 s, in noise that is there all the time. */
function heardShare(voice: Sound, noise: Sound, snrDb: number): number {
  const sound = at(-22 - snrDb, noise(12_000));
  at(-22, voice(6_000)).forEach((sample, i) => (sound[32_000 + i]! += sample));
  const heardMs = detect(sound).reduce(
    (sum, [startMs, endMs]) => sum + Math.max(0, Math.min(endMs, 10_000) - Math.max(startMs, 4_000)),
    0,
  );
  return heardMs / 6_000;
}

const NOISES: [string, Sound][] = [
  ['hiss', hiss],
  ['rumble', rumble],
  ['a hum of tones', tones],
  ['music', music],
  ['a street', street],
];
const VOICES: [string, Sound][] = [
  ['a voice with holes', speech(80)],
  ['a voice without holes', speech(0)],
  ['tone speech', toneSpeech],
];

describe("steady noise under the caller's voice (a hiss or music line): the voice is still heard as a voice", () => {
  const cases = NOISES.flatMap(([under, noise]) =>
    VOICES.flatMap(([name, voice]) => [10, 15].map((snrDb) => ({ name, under, snrDb, voice, noise }))),
  );
  test.each(cases)('$name, $snrDb dB over $under, for six seconds', ({ voice, noise, snrDb }) => {
    expect(heardShare(voice, noise, snrDb)).toBeGreaterThan(0.9);
  });

  test.each(NOISES)('a voice with holes, 6 dB over %s', (_, noise) => {
    expect(heardShare(speech(80), noise, 6)).toBeGreaterThan(0.9);
  });

  test('it ends when the voice does, although the noise goes on', () => {
    for (const noise of [hiss, rumble, tones]) {
      const sound = at(-32, noise(9_000));
      at(-22, speech(80)(3_000)).forEach((sample, i) => (sound[24_000 + i]! += sample));
      const runs = detect(sound);
      expect(runs).toHaveLength(1);
      expect(Math.abs(runs[0]![0] - 3_000)).toBeLessThan(250);
      expect(Math.abs(runs[0]![1] - 6_000)).toBeLessThan(150);
    }
  });

  test('several sentences with pauses, over a hiss: each is heard, and no pause is', () => {
    const sound = at(-30, hiss(16_000));
    for (const fromMs of [2_000, 6_000, 10_000])
      at(-22, speech(80)(2_500)).forEach((sample, i) => (sound[fromMs * 8 + i]! += sample));
    const runs = detect(sound);
    expect(runs.map(([startMs]) => Math.round((startMs - 2_000) / 4_000))).toEqual([0, 1, 2]);
    for (const [startMs, endMs] of runs) expect(Math.abs(endMs - startMs - 2_500)).toBeLessThan(400);
  });
});

describe('the same noise alone', () => {
  test.each([-25, -35, -45])('hiss, rumble and a hum of tones at %i dB are no voice', (db) => {
    for (const noise of [hiss, rumble, tones]) expect(detect(at(db, noise(20_000)))).toEqual([]);
  });

  test.each([
    ['swells by 4 dB twice a second', (i: number) => 4 * Math.sin((2 * Math.PI * 2 * i) / 8_000)],
    ['swells by 6 dB each five seconds', (i: number) => 6 * Math.sin((2 * Math.PI * 0.2 * i) / 8_000)],
    ['gets louder by 3 dB at once, and softer again', (i: number) => (Math.floor(i / 40_000) % 2) * 3],
    ['gets louder by 6 dB at once, and softer again', (i: number) => (Math.floor(i / 40_000) % 2) * 6],
  ])('hiss that %s is none', (_, levelDb) => {
    for (const db of [-28, -40]) {
      const sound = at(db, hiss(30_000)).map((sample, i) => sample * 10 ** (levelDb(i) / 20));
      expect(detect(sound)).toEqual([]);
    }
  });

  test.each([-15, -25, -40])('a street at %i dB, which swells for three seconds, is none', (db) => {
    expect(detect(at(db, street(60_000)))).toEqual([]);
  });

  test('rumble that sets in is taken for a voice for less than two seconds, and then no more', () => {
    const sound = at(-62, hiss(12_000));
    at(-34, rumble(9_000)).forEach((sample, i) => (sound[24_000 + i]! += sample));
    const runs = detect(sound);
    expect(runs.length).toBeLessThanOrEqual(1);
    for (const [startMs, endMs] of runs) expect(endMs - startMs).toBeLessThan(2_000);
  });
});
