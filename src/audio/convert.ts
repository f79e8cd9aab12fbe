/**
 * From one audio format to another, piece by piece: decoded, resampled, encoded. Keeps an odd byte of a 16-bit sample
 * until its other half comes. One converter is one stream in one direction.
 */
import type { AudioFormat } from './contract.ts';
import { decodeAlaw, decodeMulaw, encodeAlaw, encodeMulaw } from './g711.ts';
import { createResampler, type Resampler } from './resample.ts';

export interface Converter {
  readonly from: AudioFormat;
  readonly to: AudioFormat;
  /** The result is good until the next call: copy what you keep. With equal formats it is `bytes` itself. */
  convert(bytes: Uint8Array): Uint8Array;
  /** What the resampler still held. Then the stream is over. */
  flush(): Uint8Array;
  /** Gives the resampler's memory back. Safe to call twice. */
  free(): void;
}

/** @throws {VoiceError} `options-invalid`, when a rate is none. */
export function createConverter(from: AudioFormat, to: AudioFormat): Converter {
  return isSameFormat(from, to) ? new SameFormat(from, to) : new FormatConverter(from, to);
}

export function isSameFormat(one: AudioFormat, other: AudioFormat): boolean {
  return one.encoding === other.encoding && one.sampleRateHz === other.sampleRateHz;
}

/** Bytes to samples; keeps an odd byte. The result is good until the next call. */
export class SampleReader {
  readonly #format: AudioFormat;
  #samples = new Int16Array(960);
  /** The first half of a sample whose second half has not come, or -1. */
  #oddByte = -1;

  constructor(format: AudioFormat) {
    this.#format = format;
  }

  read(bytes: Uint8Array): Int16Array {
    if (this.#format.encoding === 'linear16') return this.#readLinear(bytes);
    const samples = this.#room(bytes.length);
    if (this.#format.encoding === 'mulaw') decodeMulaw(bytes, samples);
    else decodeAlaw(bytes, samples);
    return samples.subarray(0, bytes.length);
  }

  #readLinear(bytes: Uint8Array): Int16Array {
    const hasOdd = this.#oddByte >= 0;
    const total = bytes.length + (hasOdd ? 1 : 0);
    const count = total >> 1;
    const samples = this.#room(count);
    let at = 0;
    let i = 0;
    if (hasOdd && count > 0) samples[i++] = this.#oddByte | (bytes[at++]! << 8);
    for (; i < count; i++, at += 2) samples[i] = bytes[at]! | (bytes[at + 1]! << 8);
    if (total & 1) this.#oddByte = bytes.length > 0 ? bytes[bytes.length - 1]! : this.#oddByte;
    else this.#oddByte = -1;
    return samples.subarray(0, count);
  }

  #room(count: number): Int16Array {
    if (this.#samples.length < count) this.#samples = new Int16Array(count * 2);
    return this.#samples;
  }
}

/** Samples to bytes. The result is good until the next call. */
export class SampleWriter {
  readonly #format: AudioFormat;
  #bytes = new Uint8Array(1_920);

  constructor(format: AudioFormat) {
    this.#format = format;
  }

  write(samples: Int16Array): Uint8Array {
    const length = samples.length * (this.#format.encoding === 'linear16' ? 2 : 1);
    if (this.#bytes.length < length) this.#bytes = new Uint8Array(length * 2);
    const bytes = this.#bytes;
    if (this.#format.encoding === 'mulaw') encodeMulaw(samples, bytes);
    else if (this.#format.encoding === 'alaw') encodeAlaw(samples, bytes);
    else {
      for (let i = 0; i < samples.length; i++) {
        bytes[2 * i] = samples[i]! & 0xff;
        bytes[2 * i + 1] = (samples[i]! >> 8) & 0xff;
      }
    }
    return bytes.subarray(0, length);
  }
}

class SameFormat implements Converter {
  readonly from: AudioFormat;
  readonly to: AudioFormat;
  constructor(from: AudioFormat, to: AudioFormat) {
    this.from = from;
    this.to = to;
  }
  convert(bytes: Uint8Array): Uint8Array {
    return bytes;
  }
  flush(): Uint8Array {
    return new Uint8Array(0);
  }
  free(): void {
    // holds nothing
  }
}

class FormatConverter implements Converter {
  readonly from: AudioFormat;
  readonly to: AudioFormat;
  readonly #reader: SampleReader;
  readonly #resampler: Resampler;
  readonly #writer: SampleWriter;

  constructor(from: AudioFormat, to: AudioFormat) {
    this.from = from;
    this.to = to;
    this.#reader = new SampleReader(from);
    this.#resampler = createResampler(from.sampleRateHz, to.sampleRateHz);
    this.#writer = new SampleWriter(to);
  }

  convert(bytes: Uint8Array): Uint8Array {
    return this.#writer.write(this.#resampler.process(this.#reader.read(bytes)));
  }

  flush(): Uint8Array {
    return this.#writer.write(this.#resampler.flush());
  }

  free(): void {
    this.#resampler.free();
  }
}
