/**
 * A WAV file while it is still coming, as servers stream it: bytes cut anywhere go in, the samples of its first channel
 * come out as soon as they are whole. Sizes that nobody knew when the header was written are read as "up to the end". Pure.
 */
import { VoiceError } from '../lib/errors.ts';
import { decodeSamples, readFormat, tagAt, type FormatChunk } from './wav.ts';

/** What stands before the samples is a few dozen bytes, or a few hundred with the name of who made them. */
const MOST_HEADER_BYTES = 4 * 1024;
/** A size of this or more, or none, is a guess of whoever did not know how long it would be. */
const UNKNOWN_FROM = 0x7fff_0000;

export class WavStream {
  /** Bytes that wait: of the header, then of a sample. */
  #pending: Buffer = Buffer.alloc(0);
  #format: FormatChunk | undefined;
  /** Once the samples have begun: how many bytes of them are to come. */
  #remaining: number | undefined;

  /** Of the samples; undefined until they begin. */
  get sampleRateHz(): number | undefined {
    return this.#remaining === undefined ? undefined : this.#format?.sampleRateHz;
  }

  /**
   * Samples that are whole with these bytes, as 16 bits, whatever they were stored as.
   * @throws {VoiceError} `recording-invalid`, when it is no WAV file, or one that is not read.
   */
  push(bytes: Uint8Array): Int16Array {
    this.#pending = this.#pending.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.#pending, bytes]);
    if (this.#remaining === undefined && !this.#readHeader()) return NOTHING;
    return this.#readSamples(this.#format!);
  }

  /** Whether the samples have begun. */
  #readHeader(): boolean {
    const head = this.#pending;
    if (head.length >= 12 && (tagAt(head, 0) !== 'RIFF' || tagAt(head, 8) !== 'WAVE'))
      throw invalid(`Expected a WAV file, which begins with \`RIFF\` and \`WAVE\`, got \`${tagAt(head, 0)}\``);
    for (let at = 12; at + 8 <= head.length;) {
      const tag = tagAt(head, at);
      const size = head.readUInt32LE(at + 4);
      if (tag === 'data') return this.#begin(at + 8, size);
      const end = at + 8 + size + (size & 1);
      if (end > MOST_HEADER_BYTES) throw invalid('Expected a `data` chunk after the header, got none');
      if (end > head.length) return false;
      if (tag === 'fmt ') this.#format = readFormat(head.subarray(at + 8, at + 8 + size));
      at = end;
    }
    return false;
  }

  #begin(at: number, size: number): boolean {
    if (!this.#format) throw invalid('Expected a `fmt ` chunk before the `data` chunk, got none');
    decodeSamples(this.#format, NO_BYTES); // refused before the first sample, when they cannot be read
    this.#remaining = size === 0 || size >= UNKNOWN_FROM ? Infinity : size;
    this.#pending = this.#pending.subarray(at);
    return true;
  }

  #readSamples(format: FormatChunk): Int16Array {
    const remaining = this.#remaining ?? 0;
    const frameBytes = format.channels * Math.max(1, format.bits >> 3);
    const usable = Math.min(this.#pending.length, remaining);
    const whole = usable - (usable % frameBytes);
    const samples = decodeSamples(format, this.#pending.subarray(0, whole));
    this.#remaining = remaining - whole;
    this.#pending = this.#remaining < frameBytes ? Buffer.alloc(0) : this.#pending.subarray(whole);
    if (format.channels === 1) return samples;
    return Int16Array.from({ length: whole / frameBytes }, (_, at) => samples[at * format.channels]!);
  }
}

const NOTHING = new Int16Array(0);
const NO_BYTES = new Uint8Array(0);

function invalid(message: string): VoiceError {
  return new VoiceError('recording-invalid', `WAV: ${message}`);
}
