/**
 * G.711: mu-law and A-law to 16-bit samples and back, by table, bit-exact with the ITU-T reference (G.191 `g711.c`).
 * Each function fills and returns the buffer that it is given, so that a frame need not allocate.
 */
import type { AudioFormat } from './contract.ts';

/** Digital silence. A buffer of zeros is the loudest negative sample in mu-law. */
export const MULAW_SILENCE = 0xff;
export const ALAW_SILENCE = 0xd5;

/** The byte of which silence is made in a format. */
export function silenceOf({ encoding }: Pick<AudioFormat, 'encoding'>): number {
  if (encoding === 'linear16') return 0;
  return encoding === 'mulaw' ? MULAW_SILENCE : ALAW_SILENCE;
}

/** `out` must hold at least `bytes.length` samples; without it one of that length is made. */
export function decodeMulaw(bytes: Uint8Array, out: Int16Array = new Int16Array(bytes.length)): Int16Array {
  return decode(bytes, out, mulawSamples);
}

/** `out` must hold at least `samples.length` bytes; without it one of that length is made. */
export function encodeMulaw(samples: Int16Array, out: Uint8Array = new Uint8Array(samples.length)): Uint8Array {
  return encode(samples, out, mulawCodes);
}

/** See `decodeMulaw`. */
export function decodeAlaw(bytes: Uint8Array, out: Int16Array = new Int16Array(bytes.length)): Int16Array {
  return decode(bytes, out, alawSamples);
}

/** See `encodeMulaw`. */
export function encodeAlaw(samples: Int16Array, out: Uint8Array = new Uint8Array(samples.length)): Uint8Array {
  return encode(samples, out, alawCodes);
}

function decode(bytes: Uint8Array, out: Int16Array, samplesByCode: Int16Array): Int16Array {
  for (let i = 0; i < bytes.length; i++) out[i] = samplesByCode[bytes[i]!]!;
  return out;
}

function encode(samples: Int16Array, out: Uint8Array, codesBySample: Uint8Array): Uint8Array {
  for (let i = 0; i < samples.length; i++) out[i] = codesBySample[samples[i]! & 0xffff]!;
  return out;
}

const mulawSamples = Int16Array.from({ length: 256 }, (_, code) => expandMulaw(code));
const alawSamples = Int16Array.from({ length: 256 }, (_, code) => expandAlaw(code));
/** By the sample's 16 bits as an unsigned number. */
const mulawCodes = tableOf(compressMulaw, 4);
const alawCodes = tableOf(compressAlaw, 16);

/** So many neighbours have one code, as the law leaves their lowest bits out: sample by sample a start takes 7 ms more. */
function tableOf(compress: (sample: number) => number, neighbours: number): Uint8Array {
  const codes = new Uint8Array(65_536);
  for (let bits = 0; bits < codes.length; bits += neighbours) {
    codes.fill(compress((bits << 16) >> 16), bits, bits + neighbours);
  }
  return codes;
}

function expandMulaw(code: number): number {
  const exponent = (~code >> 4) & 7;
  const step = 8 << exponent;
  const magnitude = (0x80 << exponent) + step * (~code & 0xf) + step / 2 - 132;
  return code & 0x80 ? magnitude : -magnitude;
}

function compressMulaw(sample: number): number {
  const magnitude = Math.min(((sample < 0 ? ~sample : sample) >> 2) + 33, 0x1fff);
  const segment = 32 - Math.clz32(magnitude >> 6) + 1;
  const code = ((8 - segment) << 4) | (0xf - ((magnitude >> segment) & 0xf));
  return sample < 0 ? code : code | 0x80;
}

function expandAlaw(code: number): number {
  const bits = (code ^ 0x55) & 0x7f;
  const exponent = bits >> 4;
  const mantissa = (((bits & 0xf) + (exponent > 0 ? 16 : 0)) << 4) + 8;
  const magnitude = exponent > 1 ? mantissa << (exponent - 1) : mantissa;
  return code & 0x80 ? magnitude : -magnitude;
}

function compressAlaw(sample: number): number {
  const magnitude = (sample < 0 ? ~sample : sample) >> 4;
  const exponent = magnitude > 15 ? 32 - Math.clz32(magnitude) - 4 : 0;
  const bits = exponent > 0 ? (magnitude >> (exponent - 1)) - 16 + (exponent << 4) : magnitude;
  return (sample < 0 ? bits : bits | 0x80) ^ 0x55;
}
