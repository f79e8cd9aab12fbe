/** What counts as a gap: silence in what was heard of an answer, from the sound. */
import { expect, test } from 'vitest';
import { silencesIn, tellSilences } from '../../src/cli/silences.ts';
import { VoiceTrack } from '../../src/simulate/phone/voice-track.ts';

/** A track of sounds and silences in turn, in milliseconds. */
function track(...lengthsMs: number[]): VoiceTrack {
  const heard = new VoiceTrack();
  for (const [index, ms] of lengthsMs.entries()) {
    if (index % 2 === 0) heard.write(new Uint8Array(ms * 8).fill(0x00));
    else heard.write(new Uint8Array(ms * 8).fill(0xff)); // sent as audio, and silent all the same
  }
  return heard;
}

test('what counts as a gap: 0.36 s of silence are one, though audio was sent all the time; a breath is none', () => {
  const heard = track(1_000, 150, 1_000, 360, 1_000);
  expect(silencesIn(heard, [{ fromMs: 0, toMs: Infinity }]).map(Math.round)).toEqual([360]);
  expect(tellSilences([360])).toBe(
    'Heard within an answer, as between filler and result: silence of 0.36 s (shorter than 0.20 s is not counted).',
  );
});

test('what counts as a gap: not what lies between two answers, nor before the first', () => {
  const heard = track(500, 2_000, 500, 3_000, 500);
  expect(
    silencesIn(heard, [
      { fromMs: 2_500, toMs: 4_000 },
      { fromMs: 6_000, toMs: Infinity },
    ]),
  ).toEqual([]);
  expect(tellSilences([])).toMatch(/^No silence was heard .*\(shorter than 0\.20 s is not counted\)\.$/);
});
