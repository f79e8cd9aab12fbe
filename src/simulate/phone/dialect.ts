/** What a telephone of one carrier's does in its own way, where audio goes as JSON: its frames, its ids, its handshake. */
import type { AudioFormat } from '../../audio/contract.ts';
import type { JsonCommand, PeerWire } from '../../bridge/json/peer/wire.ts';

export interface AudioDialect {
  wire: PeerWire;
  /** @throws {VoiceError} `frame-invalid`, for what the carrier does not understand. */
  readCommand(text: string): JsonCommand;
  /** What a start calls a format, such as `audio/x-mulaw`. */
  encodingOf(format: AudioFormat): string;
  /** What becomes of marks when what stood before them is cleared. */
  clearedMarks: 'returned' | 'lost';
  newIds(): { callId: string; streamId: string; accountId: string };
  /** Of the upgrade. */
  headersOf(options: { url: string; signedUrl: string; authToken: string | undefined }): Record<string, string>;
  /** Whether its start says the numbers itself. Otherwise they are parameters, which the worker's document has handed on. */
  saysNumbers: boolean;
  /** Frames of 20 ms in a message of the caller's audio. Default 1. */
  framesPerMessage?: number;
  /** Why the carrier would not play this message of the agent's audio; undefined when it does. */
  refuses?(audio: Uint8Array, format: AudioFormat): string | undefined;
}

/** What the caller's audio is on the wire, and what the agent's is. */
export interface LineFormats {
  inFormat: AudioFormat;
  outFormat: AudioFormat;
}

/** What a telephone speaks, and every carrier does unless it is told otherwise. */
export const MULAW_8: AudioFormat = { encoding: 'mulaw', sampleRateHz: 8_000 };
