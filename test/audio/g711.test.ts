import { expect, test } from 'vitest';
import { WaveFile } from 'wavefile';
import { decodeAlaw, decodeMulaw, encodeAlaw, encodeMulaw } from '../../src/audio/g711.ts';

const everySample = Int16Array.from({ length: 65_536 }, (_, i) => i - 32_768);
const everyCode = Uint8Array.from({ length: 256 }, (_, i) => i);

/** ITU-T G.191 `ulaw_compress`, as it stands there: with loops instead of a table. */
function referenceMulaw(sample: number): number {
  const magnitude = Math.min((sample < 0 ? ~sample >> 2 : sample >> 2) + 33, 0x1fff);
  let segment = 1;
  for (let rest = magnitude >> 6; rest !== 0; rest >>= 1) segment++;
  const code = ((8 - segment) << 4) | (15 - ((magnitude >> segment) & 15));
  return sample >= 0 ? code | 0x80 : code;
}

/** ITU-T G.191 `alaw_compress`. */
function referenceAlaw(sample: number): number {
  let bits = (sample < 0 ? ~sample : sample) >> 4;
  if (bits > 15) {
    let exponent = 1;
    for (; bits > 31; bits >>= 1) exponent++;
    bits += (exponent << 4) - 16;
  }
  return (sample >= 0 ? bits | 0x80 : bits) ^ 0x55;
}

test('mu-law and A-law are bit-exact with the reference for all 65,536 samples', () => {
  expect(Buffer.compare(encodeMulaw(everySample), Uint8Array.from(everySample, referenceMulaw))).toBe(0);
  expect(Buffer.compare(encodeAlaw(everySample), Uint8Array.from(everySample, referenceAlaw))).toBe(0);
});

test('both laws expand every code as an independent library does', () => {
  expect([...decodeMulaw(everyCode)]).toEqual(library('8m', everyCode, (wav) => wav.fromMuLaw()));
  expect([...decodeAlaw(everyCode)]).toEqual(library('8a', everyCode, (wav) => wav.fromALaw()));
});

test('both laws compress as an independent library does, but for negative samples on the edge between two codes', () => {
  // G.191 takes the ones' complement of negative samples, that library the two's: they part where all low bits are 0.
  const mulaw = library('16', everySample, (wav) => wav.toMuLaw());
  const alaw = library('16', everySample, (wav) => wav.toALaw());
  const ownMulaw = encodeMulaw(everySample);
  const ownAlaw = encodeAlaw(everySample);
  const isEdge = (i: number, lowBits: number) => everySample[i]! < 0 && (everySample[i]! & lowBits) === 0;
  expect(mulaw.findIndex((code, i) => code !== ownMulaw[i] && !isEdge(i, 3))).toBe(-1);
  expect(alaw.findIndex((code, i) => code !== ownAlaw[i] && !isEdge(i, 15))).toBe(-1);
});

function library(bitDepth: string, samples: Int16Array | Uint8Array, convert: (wav: WaveFile) => void): number[] {
  const wav = new WaveFile();
  wav.fromScratch(1, 8_000, bitDepth, samples);
  convert(wav);
  return Array.from({ length: samples.length }, (_, i) => wav.getSample(i));
}

test('known codes: silence, the extremes and the first steps', () => {
  expect([...encodeMulaw(Int16Array.of(0, -1, 32_767, -32_768))]).toEqual([0xff, 0x7f, 0x80, 0x00]);
  expect([...encodeAlaw(Int16Array.of(0, -1, 32_767, -32_768))]).toEqual([0xd5, 0x55, 0xaa, 0x2a]);
  expect([...decodeMulaw(Uint8Array.of(0xff, 0x7f, 0x80, 0x00))]).toEqual([0, -0, 32_124, -32_124].map((x) => x + 0));
  expect([...decodeAlaw(Uint8Array.of(0xd5, 0x55, 0xaa, 0x2a))]).toEqual([8, -8, 32_256, -32_256]);
});

test('what was decoded encodes to the same code again, except the second zero of mu-law', () => {
  const again = encodeMulaw(decodeMulaw(everyCode));
  expect([...everyCode].filter((code) => again[code] !== code)).toEqual([0x7f]);
  expect([...encodeAlaw(decodeAlaw(everyCode))]).toEqual([...everyCode]);
});

test('a given buffer is filled from its start and returned, and nothing behind the frame is touched', () => {
  const out = new Int16Array(5).fill(7);
  expect(decodeMulaw(Uint8Array.of(0xff, 0x80), out)).toBe(out);
  expect([...out]).toEqual([0, 32_124, 7, 7, 7]);
});
