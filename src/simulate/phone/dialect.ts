/**
 * What a telephone of one carrier's does in its own way: its ids, its handshake, and how it speaks, which may be texts,
 * bytes, or one stream of bytes. `json-speech.ts` is that of the carriers whose audio goes as JSON.
 */
import type { AudioFormat } from '../../audio/contract.ts';
import type { JsonCommand, PeerWire } from '../../bridge/json/peer/wire.ts';
import type { PhoneData } from './link.ts';

/** What every telephone has to know of its carrier. */
export interface CommonDialect {
  newIds(): { callId: string; streamId: string; accountId: string };
  /** Of the upgrade. */
  headersOf(options: {
    url: string;
    signedUrl: string;
    authToken: string | undefined;
    accountSid: string | undefined;
  }): Record<string, string>;
  /** Sub-protocols that it asks for. Default: none. */
  protocols?: readonly string[];
  /** Frames of 20 ms in a message of the caller's audio. Default 1. */
  framesPerMessage?: number;
  /** Why the carrier would not play this message of the agent's audio; undefined when it does. */
  refuses?(audio: Uint8Array, format: AudioFormat): string | undefined;
  /** Whether such a message costs the worker the line. Default false. */
  dropsRefused?: boolean;
}

/** Of any carrier. */
export interface PhoneDialect extends CommonDialect {
  /** How it speaks on one call. */
  speech(call: PhoneCall): PhoneSpeech;
}

/** Where audio goes as JSON: all that differs is data. */
export interface AudioDialect extends CommonDialect {
  wire: PeerWire;
  /** @throws {VoiceError} `frame-invalid`, for what the carrier does not understand. */
  readCommand(text: string): JsonCommand;
  /** What a start calls a format, such as `audio/x-mulaw`. */
  encodingOf(format: AudioFormat): string;
  /** What becomes of marks when what stood before them is cleared. */
  clearedMarks: 'returned' | 'lost';
  /** Whether its start says the numbers itself. Otherwise they are parameters, which the worker's document has handed on. */
  saysNumbers: boolean;
}

/** Who calls whom, and in what sound. */
export interface PhoneCall {
  callId: string;
  streamId: string;
  accountId: string;
  from: string;
  to: string;
  parameters: Readonly<Record<string, string>>;
  formats: LineFormats;
}

/** How a carrier spells what it tells on one call, and what it understands. Where it would say nothing, it writes nothing. */
export interface PhoneSpeech {
  /** Says who calls: what is sent once the worker has accepted. */
  begin(): PhoneData[];
  /** A message of the caller's audio, as the wire has it. `isSilence`: it is the same as every other silent one. */
  audio(audio: Uint8Array, facts: { timestampMs: number; isSilence: boolean }): PhoneData | undefined;
  digit(digit: string): PhoneData | undefined;
  /** All that stood before this mark was played, or cleared. */
  mark(name: string, how: { isCleared: boolean }): PhoneData | undefined;
  /** Answers a clear, which has thrown away so much of what there was to play. */
  cleared(clearedMs: number): PhoneData | undefined;
  /** Says that the call is over, before the line is closed. */
  end(): PhoneData | undefined;
  /** What the worker has sent. @throws {VoiceError} `frame-invalid`, for what the carrier does not understand. */
  read(data: Buffer, isBinary: boolean): PhoneCommand[];
  /** What it says of its own accord, asked every 20 ms. `bufferedMs`: how much it has to play. Default: nothing. */
  beat?(bufferedMs: number): PhoneData[];
}

/** What the worker tells a carrier. */
export type PhoneCommand =
  | { type: 'audio'; audio: Uint8Array }
  | { type: 'mark'; name: string }
  | { type: 'clear' }
  | { type: 'digits'; digits: string }
  /** The carrier says this when it has played all that stood before; never, if that is cleared. */
  | { type: 'when-played'; answer: PhoneData }
  | { type: 'stop' };

/** What the caller's audio is on the wire, and what the agent's is. */
export interface LineFormats {
  inFormat: AudioFormat;
  outFormat: AudioFormat;
}

/** What a telephone speaks, and every carrier does unless it is told otherwise. */
export const MULAW_8: AudioFormat = { encoding: 'mulaw', sampleRateHz: 8_000 };
