import { expect, test } from 'vitest';
import { encodeMulaw } from '../../../src/audio/g711.ts';
import { VoiceTrack } from '../../../src/simulate/phone/voice-track.ts';

/** A voice of so many milliseconds. */
function sound(ms: number, amplitude = 8_000): Uint8Array {
  return encodeMulaw(Int16Array.from({ length: ms * 8 }, (_, i) => (i % 8 < 4 ? amplitude : -amplitude)));
}

test('it is as long as what was written, and silent where nothing was', () => {
  const line = new VoiceTrack();
  line.writeSilence(80);
  line.write(sound(10));
  line.writeSilence(12_000);
  line.write(sound(10));
  expect(line.length).toBe(80 + 80 + 12_000 + 80);
  expect(line.durationMs).toBe(1_530);
  const audio = line.read();
  expect([...audio.subarray(0, 80)].every((code) => code === 0xff)).toBe(true);
  expect(audio.subarray(80, 160)).toEqual(sound(10));
  expect([...audio.subarray(160, 12_160)].every((code) => code === 0xff)).toBe(true);
  expect(audio.subarray(12_160)).toEqual(sound(10));
  expect(line.readSamples(10, 11)).toHaveLength(8);
});

test('reading any window is reading that part of the whole', () => {
  const line = new VoiceTrack();
  const audio = Uint8Array.from({ length: 20_000 }, (_, i) => (i * 7) % 256);
  for (let at = 0, size = 1; at < audio.length; at += size, size = (size * 3) % 1_009)
    line.write(audio.subarray(at, at + size));
  for (const [from, to] of [
    [0, 2_500],
    [0.125, 0.25],
    [999, 1_001],
    [2_499, 9_999],
    [3_000, 4_000],
  ] as const) {
    expect(line.read(from, to)).toEqual(audio.subarray(from * 8, to * 8));
  }
});

test('sounds are found to the sample, and pauses shorter than asked for do not part them', () => {
  const line = new VoiceTrack();
  for (const pause of [100, 50, 300]) {
    line.writeSilence(pause * 8);
    line.write(sound(40));
  }
  expect(line.stretches({ minGapMs: 20 })).toEqual([
    { fromMs: 100, toMs: 140 },
    { fromMs: 190, toMs: 230 },
    { fromMs: 530, toMs: 570 },
  ]);
  expect(line.stretches()).toEqual([
    { fromMs: 100, toMs: 230 },
    { fromMs: 530, toMs: 570 },
  ]);
  expect(line.lastSoundMs).toBe(570);
});

test('the next sound is the one that is going on, or the one to come', () => {
  const line = new VoiceTrack();
  line.writeSilence(800);
  line.write(sound(40));
  line.writeSilence(800);
  line.write(sound(40));
  expect([0, 100, 110, 140, 200, 250].map((ms) => line.nextSoundMs(ms))).toEqual([100, 100, 110, 240, 240, 250]);
  expect(line.nextSoundMs(280)).toBeUndefined();
});

test('noise of the line is no sound', () => {
  const line = new VoiceTrack();
  line.write(sound(100, 150));
  line.write(encodeMulaw(new Int16Array(800)));
  expect(line.stretches()).toEqual([]);
  line.write(sound(20, 500));
  expect(line.stretches()).toHaveLength(1);
});

test('without keeping the samples it still knows where there was sound', () => {
  const line = new VoiceTrack(false);
  line.write(sound(40));
  expect(line.stretches()).toEqual([{ fromMs: 0, toMs: 40 }]);
  expect(line.read()).toEqual(new Uint8Array(320).fill(0xff));
});
