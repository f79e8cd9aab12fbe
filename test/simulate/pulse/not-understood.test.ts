/** A human WAV to stand-ins: when it is certain that somebody speaks whom they do not understand. */
import { expect, test } from 'vitest';
import { encodeToneSpeech } from '../../../src/audio/tone-speech.ts';
import { Hearing } from '../../../src/simulate/pulse/hearing.ts';
import { NotUnderstood } from '../../../src/simulate/pulse/not-understood.ts';

const RATE_HZ = 8_000;

/** As a voice is, and no tone speech: loud and soft by turns, of many frequencies. */
function voice(ms: number): Int16Array {
  return Int16Array.from({ length: (ms * RATE_HZ) / 1_000 }, (_, index) => {
    const t = index / RATE_HZ;
    const loud = 0.6 + 0.4 * Math.sin(2 * Math.PI * 4 * t);
    return (
      loud * (4_000 * Math.sin(2 * Math.PI * 140 * t) + 2_500 * Math.sin(2 * Math.PI * 433 * t + 3 * Math.sin(t * 9)))
    );
  });
}

const silence = (ms: number): Int16Array => new Int16Array((ms * RATE_HZ) / 1_000);

/** When it was certain, in milliseconds. */
function certainAt(samples: Int16Array[], known: { text: string; samples: Int16Array }[] = []): number[] {
  const recordings = known.map((one) => ({ ...one, sampleRateHz: RATE_HZ }));
  const hearing = new Hearing({ encoding: 'linear16', sampleRateHz: RATE_HZ }, recordings);
  const judge = new NotUnderstood();
  const times: number[] = [];
  for (const part of samples) {
    hearing.push(
      new Uint8Array(part.buffer, part.byteOffset, part.byteLength),
      (event) => judge.hear(event),
      (heardMs) => judge.isCertain(heardMs) && times.push(heardMs),
    );
  }
  return times;
}

test('a human WAV to the stand-in: it is certain a moment after the sentence, or while one does not end', () => {
  expect(certainAt([voice(2_000), silence(3_000)])).toHaveLength(1);
  expect(certainAt([voice(20_000)]).length).toBeGreaterThanOrEqual(1);
});

test('a human WAV to the stand-in: tones, a known recording, a cough and silence say nothing of it', () => {
  expect(certainAt([encodeToneSpeech('How are you today?', RATE_HZ), silence(3_000)])).toEqual([]);
  expect(certainAt([voice(300), silence(3_000)])).toEqual([]);
  expect(certainAt([silence(10_000)])).toEqual([]);
  const samples = voice(2_000);
  expect(certainAt([samples, silence(3_000)], [{ text: 'I know this one', samples }])).toEqual([]);
});
