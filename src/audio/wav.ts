/** WAV files: 16-bit samples whatever they were stored as, and back. One channel is one voice. */
import { VoiceError } from '../lib/errors.ts';
import type { Encoding } from './contract.ts';
import { decodeAlaw, decodeMulaw, encodeAlaw, encodeMulaw } from './g711.ts';

export interface Wav {
  sampleRateHz: number;
  /** All equally long. A stereo recording of a call has the caller in the first, the agent in the second. */
  channels: Int16Array[];
}

export const WAV_HEADER_BYTES = 44;

const FORMAT_PCM = 1;
const FORMAT_FLOAT = 3;
const FORMAT_ALAW = 6;
const FORMAT_MULAW = 7;
/** The real format stands in the first two bytes of the sub-format's GUID. */
const FORMAT_EXTENSIBLE = 0xfffe;

/**
 * Reads PCM of 8, 16, 24 and 32 bits, 32-bit float, mu-law and A-law, at any rate, with any number of channels. Sizes in
 * the header that are wrong, as those of streams are, are read as "up to the end of the file".
 * @throws {VoiceError} `recording-invalid`, saying what the file has that was not expected.
 */
export function readWav(bytes: Uint8Array): Wav {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || tagAt(bytes, 0) !== 'RIFF' || tagAt(bytes, 8) !== 'WAVE') {
    throw invalid(`Expected a WAV file, which begins with \`RIFF\` and \`WAVE\`, got \`${tagAt(bytes, 0)}\``);
  }
  let format: FormatChunk | undefined;
  for (let at = 12; at + 8 <= bytes.length;) {
    const tag = tagAt(bytes, at);
    const size = Math.min(view.getUint32(at + 4, true), bytes.length - at - 8);
    const body = bytes.subarray(at + 8, at + 8 + size);
    if (tag === 'fmt ') format = readFormat(body);
    if (tag === 'data') return readData(format, body);
    at += 8 + size + (size & 1);
  }
  throw invalid('Expected a `data` chunk, got none');
}

/** The whole file. `linear16` unless told otherwise. Channels that are shorter are filled with silence. */
export function writeWav(wav: Wav, encoding: Encoding = 'linear16'): Uint8Array {
  const data = encode(interleave(wav.channels), encoding);
  const header = wavHeader({
    encoding,
    sampleRateHz: wav.sampleRateHz,
    channels: wav.channels.length,
    dataBytes: data.length,
  });
  const file = new Uint8Array(header.length + data.length);
  file.set(header);
  file.set(data, header.length);
  return file;
}

/** The 44 bytes before the samples. `dataBytes` may be what has been written so far. */
export function wavHeader(facts: {
  encoding: Encoding;
  sampleRateHz: number;
  channels: number;
  dataBytes: number;
}): Uint8Array {
  const bytesPerFrame = (facts.encoding === 'linear16' ? 2 : 1) * facts.channels;
  const header = new Uint8Array(WAV_HEADER_BYTES);
  const view = new DataView(header.buffer);
  header.set(ascii.encode('RIFF'), 0);
  view.setUint32(4, WAV_HEADER_BYTES - 8 + facts.dataBytes, true);
  header.set(ascii.encode('WAVEfmt '), 8);
  view.setUint32(16, 16, true);
  view.setUint16(20, { linear16: FORMAT_PCM, alaw: FORMAT_ALAW, mulaw: FORMAT_MULAW }[facts.encoding], true);
  view.setUint16(22, facts.channels, true);
  view.setUint32(24, facts.sampleRateHz, true);
  view.setUint32(28, facts.sampleRateHz * bytesPerFrame, true);
  view.setUint16(32, bytesPerFrame, true);
  view.setUint16(34, facts.encoding === 'linear16' ? 16 : 8, true);
  header.set(ascii.encode('data'), 36);
  view.setUint32(40, facts.dataBytes, true);
  return header;
}

const ascii = new TextEncoder();

/** What a `fmt ` chunk says of the samples. */
export interface FormatChunk {
  format: number;
  channels: number;
  sampleRateHz: number;
  bits: number;
}

/** Four letters, such as `RIFF`; what is no letter is shown as `?`. */
export function tagAt(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4)).replace(/[^ -~]/g, '?');
}

/** @throws {VoiceError} `recording-invalid`, when it is too short, or says what no file can be. */
export function readFormat(body: Uint8Array): FormatChunk {
  if (body.length < 16) throw invalid(`Expected a \`fmt \` chunk of 16 bytes or more, got ${body.length}`);
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const format = view.getUint16(0, true);
  const read = {
    format: format === FORMAT_EXTENSIBLE && body.length >= 26 ? view.getUint16(24, true) : format,
    channels: view.getUint16(2, true),
    sampleRateHz: view.getUint32(4, true),
    bits: view.getUint16(14, true),
  };
  if (read.channels < 1) throw invalid('Expected 1 channel or more, got `0`');
  if (read.sampleRateHz < 1) throw invalid('Expected a sampling rate of 1 Hz or more, got `0`');
  return read;
}

function readData(format: FormatChunk | undefined, body: Uint8Array): Wav {
  if (!format) throw invalid('Expected a `fmt ` chunk before the `data` chunk, got none');
  const samples = decodeSamples(format, body);
  const length = Math.floor(samples.length / format.channels);
  const channels = Array.from({ length: format.channels }, (_, channel) =>
    format.channels === 1 ? samples : Int16Array.from({ length }, (_, i) => samples[i * format.channels + channel]!),
  );
  return { sampleRateHz: format.sampleRateHz, channels };
}

/**
 * Samples of all channels, one after the other; what is left of a last one is left out.
 * @throws {VoiceError} `recording-invalid`, when they are stored in a way that is not read.
 */
export function decodeSamples({ format, bits }: FormatChunk, body: Uint8Array): Int16Array {
  if (format === FORMAT_MULAW && bits === 8) return decodeMulaw(body);
  if (format === FORMAT_ALAW && bits === 8) return decodeAlaw(body);
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const read = (bytes: number, sampleAt: (at: number) => number) =>
    Int16Array.from({ length: Math.floor(body.length / bytes) }, (_, i) => sampleAt(i * bytes));
  if (format === FORMAT_PCM && bits === 8) return read(1, (at) => (view.getUint8(at) - 128) << 8);
  if (format === FORMAT_PCM && bits === 16) return read(2, (at) => view.getInt16(at, true));
  if (format === FORMAT_PCM && bits === 24) return read(3, (at) => view.getInt16(at + 1, true));
  if (format === FORMAT_PCM && bits === 32) return read(4, (at) => view.getInt16(at + 2, true));
  if (format === FORMAT_FLOAT && bits === 32) {
    return read(4, (at) => Math.round(Math.max(-1, Math.min(1, view.getFloat32(at, true))) * 32_767));
  }
  throw invalid(`Expected PCM of 8, 16, 24 or 32 bits, float, mu-law or A-law, got format ${format} of ${bits} bits`);
}

function interleave(channels: Int16Array[]): Int16Array {
  if (channels.length === 1) return channels[0]!;
  const length = Math.max(0, ...channels.map((channel) => channel.length));
  const samples = new Int16Array(length * channels.length);
  channels.forEach((channel, offset) => {
    for (let i = 0; i < channel.length; i++) samples[i * channels.length + offset] = channel[i]!;
  });
  return samples;
}

function encode(samples: Int16Array, encoding: Encoding): Uint8Array {
  if (encoding === 'mulaw') return encodeMulaw(samples);
  if (encoding === 'alaw') return encodeAlaw(samples);
  const bytes = new Uint8Array(samples.length * 2);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < samples.length; i++) view.setInt16(i * 2, samples[i]!, true);
  return bytes;
}

function invalid(message: string): VoiceError {
  return new VoiceError('recording-invalid', `WAV: ${message}`);
}
