/**
 * What the lines have in common whose audio goes as binary messages, samples of 16 bits, and everything else as JSON texts:
 * what such a text means, whoever wrote it. Pure; `line.ts` holds the socket, and each carrier brings its own reader.
 */
import type { AudioFormat } from '../../audio/contract.ts';

/** What the peer tells. */
export type BinaryEvent =
  | BinaryStart
  | { type: 'audio'; audio: Uint8Array }
  /** Everything before this mark of ours was played. One that was cleared is not told. */
  | { type: 'mark'; name: string }
  | { type: 'digit'; digit: string }
  | { type: 'stop' };

/** Of the caller's audio, and of the agent's. */
export interface LineFormats {
  inFormat: AudioFormat;
  outFormat: AudioFormat;
}

export interface BinaryStart extends LineFormats {
  type: 'start';
  callId: string;
  from: string | undefined;
  to: string | undefined;
  parameters: Record<string, string>;
  /** Names of what it said besides, and could not be used; absent when there was nothing. */
  leftOut?: readonly string[];
}

/**
 * Reads a text of the peer's: `undefined` for what says nothing that we need. `standard`: what the audio is where the start
 * does not say.
 * @throws {VoiceError} `frame-invalid`, when it is not what the peer documents.
 */
export type ReadText = (text: string, standard: LineFormats) => BinaryEvent | undefined;

/** Samples of 16 bits, little-endian as on all of these lines. */
export const linear16 = (sampleRateHz: number): AudioFormat => ({ encoding: 'linear16', sampleRateHz });
