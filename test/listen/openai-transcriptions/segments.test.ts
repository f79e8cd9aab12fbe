/** Stretches of speech are cut where the caller is silent, by the audio's own time, however it comes. */
import { expect, test } from 'vitest';
import { decodeToneSpeech, encodeToneSpeech } from '../../../src/audio/tone-speech.ts';
import { readWav } from '../../../src/audio/wav.ts';
import { MOST_SEGMENT_MS, Segments, type Segment } from '../../../src/listen/openai-transcriptions/segments.ts';
import { MULAW, silence, spoken } from '../../helpers/pulse.ts';

const words = (segment: Segment) => {
  const { channels, sampleRateHz } = readWav(segment.wav());
  expect(sampleRateHz).toBe(16_000);
  return decodeToneSpeech(channels[0]!, sampleRateHz)
    .map(({ text }) => text)
    .join('');
};

function setUp({ interimEveryMs = 1_000, format = MULAW, takes = true } = {}) {
  const closed: Segment[] = [];
  const grown: string[] = [];
  const listener = {
    closed: (segment: Segment) => void closed.push(segment),
    grown: (segment: Segment) => {
      grown.push(words(segment));
      return takes;
    },
  };
  return { segments: new Segments(format, { interimEveryMs, listener }), closed, grown };
}

function push(segments: Segments, audio: Uint8Array, size: number): void {
  for (let at = 0; at < audio.length; at += size) segments.push(audio.subarray(at, at + size));
}

test.each([1, 7, 160, 1_000_000])('two sentences are two stretches, in pieces of %i bytes', (size) => {
  const { segments, closed } = setUp();
  push(
    segments,
    Buffer.concat([silence(2_000), spoken('Hello there.', MULAW, 700), spoken('I am Anna.', MULAW, 700)]),
    size,
  );
  expect(closed.map(words)).toEqual(['Hello there.', 'I am Anna.']);
  const [first, second] = closed as [Segment, Segment];
  expect(first.atMs).toBeGreaterThan(1_400);
  expect(first.atMs).toBeLessThan(2_000);
  expect(first.voiceMs).toBeGreaterThan(700);
  expect(first.voiceMs).toBeLessThan(900);
  expect(second.atMs).toBeGreaterThan(first.atMs + first.lengthMs - 600);
  segments.free();
});

test('16-bit samples at another rate are heard as well, an odd byte among them', () => {
  const format = { encoding: 'linear16', sampleRateHz: 24_000 } as const;
  const { segments, closed } = setUp({ format });
  push(segments, Buffer.concat([spoken('Hello there.', format, 600)]), 333);
  expect(closed.map(words)).toEqual(['Hello there.']);
});

test('what is cut while the caller speaks goes on as another stretch, and nothing of it is lost', () => {
  const { segments, closed } = setUp();
  push(segments, spoken('Stop', MULAW, 40), 160);
  segments.cut();
  expect(closed.map(words)).toEqual(['Stop']);
  segments.cut(); // a moment of silence is no stretch
  push(segments, spoken('Go on.', MULAW, 600), 160);
  expect(closed.map(words)).toEqual(['Stop', 'Go on.']);
  segments.cut();
  expect(closed).toHaveLength(2);
});

test('while a stretch lasts it may be asked for again and again; who does not take it is asked soon', () => {
  const text = 'This is a rather long sentence that goes on and on.';
  const taken = setUp({ interimEveryMs: 1_000 });
  push(taken.segments, spoken(text, MULAW, 600), 160);
  expect(taken.grown.length).toBe(3);
  for (const part of taken.grown) expect(text.startsWith(part)).toBe(true);
  const refused = setUp({ interimEveryMs: 1_000, takes: false });
  push(refused.segments, spoken(text, MULAW, 600), 160);
  expect(refused.grown.length).toBeGreaterThan(50);
});

test('who speaks without a pause is cut at the most quiet place, and every letter is in one of the parts', () => {
  const { segments, closed } = setUp();
  const text = 'on and on it goes and never ends '.repeat(14).trim();
  push(segments, spoken(text, MULAW, 600), 160);
  expect(closed.length).toBe(Math.ceil(encodeToneSpeech(text, 8_000).length / 8 / MOST_SEGMENT_MS));
  expect(closed.map(words).join('')).toBe(text);
  for (const segment of closed) expect(segment.lengthMs).toBeLessThanOrEqual(MOST_SEGMENT_MS + 40);
});

test('silence is no stretch, and is not kept', () => {
  const { segments, closed } = setUp();
  for (let second = 0; second < 600; second++) segments.push(silence(1_000));
  segments.cut();
  expect(closed).toEqual([]);
});
