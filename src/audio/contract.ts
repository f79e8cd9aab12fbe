/** What audio is, everywhere in Parley. Always mono. */

export type Encoding = 'mulaw' | 'alaw' | 'linear16';

/** `linear16` is signed, little-endian. */
export interface AudioFormat {
  encoding: Encoding;
  sampleRateHz: number;
}

/** The length of a frame on every line, and the beat of the shared clock. */
export const FRAME_MS = 20;

export const bytesPerSample = (format: AudioFormat): number => (format.encoding === 'linear16' ? 2 : 1);

/** So many whole samples as last for `ms`, in bytes. */
export const bytesOf = (ms: number, format: AudioFormat): number =>
  Math.floor((ms * format.sampleRateHz) / 1_000) * bytesPerSample(format);
