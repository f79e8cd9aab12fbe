import { expect, test } from 'vitest';
import type { AudioFormat } from '../../src/audio/contract.ts';
import { createConverter } from '../../src/audio/convert.ts';
import { encodeMulaw } from '../../src/audio/g711.ts';
import { decodeToneSpeech, encodeToneSpeech } from '../../src/audio/tone-speech.ts';

const mulaw: AudioFormat = { encoding: 'mulaw', sampleRateHz: 8_000 };
const alaw: AudioFormat = { encoding: 'alaw', sampleRateHz: 8_000 };
const linear = (sampleRateHz: number): AudioFormat => ({ encoding: 'linear16', sampleRateHz });
const FORMATS = [mulaw, alaw, linear(8_000), linear(16_000), linear(24_000), linear(44_100)];

const bytesOf = (samples: Int16Array) => Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);

function convert(bytes: Uint8Array, from: AudioFormat, to: AudioFormat, size: number): Buffer {
  const converter = createConverter(from, to);
  const out: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    out.push(Buffer.from(converter.convert(bytes.subarray(at, at + size))));
  }
  out.push(Buffer.from(converter.flush()));
  converter.free();
  return Buffer.concat(out);
}

test('words survive the way from every format to every other and back to samples', () => {
  const text = 'One way, ठीक.';
  const spoken = bytesOf(encodeToneSpeech(text, 24_000));
  for (const from of FORMATS) {
    const first = convert(spoken, linear(24_000), from, 960);
    for (const to of FORMATS) {
      const second = convert(first, from, to, 333);
      const back = convert(second, to, linear(16_000), 4_096);
      const samples = new Int16Array(back.buffer.slice(back.byteOffset, back.byteOffset + back.length));
      const heard = decodeToneSpeech(samples, 16_000).map((character) => character.text);
      expect(heard.join('')).toBe(text);
    }
  }
});

test('an odd byte waits for its other half: every cutting gives the same bytes', () => {
  const bytes = bytesOf(encodeToneSpeech('odd', 16_000));
  const whole = convert(bytes, linear(16_000), mulaw, bytes.length);
  for (const size of [1, 3, 7, 319, 321]) expect(convert(bytes, linear(16_000), mulaw, size).equals(whole)).toBe(true);
});

test('an empty piece between the two halves of a sample changes nothing', () => {
  const converter = createConverter(linear(8_000), mulaw);
  const bytes = bytesOf(Int16Array.of(-20_000, 300));
  const out = [bytes.subarray(0, 1), bytes.subarray(1, 1), bytes.subarray(1, 4)].map((piece) => [
    ...converter.convert(piece),
  ]);
  expect(out.flat()).toEqual([...encodeMulaw(Int16Array.of(-20_000, 300))]);
});

test('equal formats hand the bytes on untouched', () => {
  const bytes = Uint8Array.of(1, 2, 3);
  expect(createConverter(mulaw, { ...mulaw }).convert(bytes)).toBe(bytes);
});
