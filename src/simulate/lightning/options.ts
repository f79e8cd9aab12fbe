/** How the stand-in for Lightning behaves: its pace, its limits, and the sides of the real one that bite. */
import type { Clock } from '../../lib/clock.ts';

/** Says `text`. Mono samples at the rate that was asked for. */
export type SimulatedVoice = (text: string, sampleRateHz: number, speed: number) => Promise<Int16Array>;

/** How the stand-in for Lightning behaves: its voice, pace, limits and faults. Everything optional. */
export interface LightningSimulatorOptions {
  /** Default 0: any free one. */
  port?: number;
  host?: string;
  /** The only key that is let in. Default: any that begins with `sk_`. */
  apiKey?: string;
  /** Default: tone speech, which a test can decode. */
  voice?: SimulatedVoice;
  /** Syntheses at once in the whole account. Default 1. */
  concurrency?: number;
  /** A slot is counted for so long after its socket closed. Default 0. */
  slotLagMs?: number;
  /** From text that may be spoken to its first audio. Default 150. */
  firstByteMs?: number;
  /** How much faster than it plays audio comes. Default 3.3. */
  realTimeFactor?: number;
  /** Sizes of the audio chunks, over and over; odd ones and 0 as in life. */
  chunkBytes?: readonly number[];
  /** What `complete` does to the socket: the documents disagree. Default `close`. */
  afterComplete?: 'close' | 'keep';
  /** After the last audio, when the request does not say otherwise. Default 4,000. */
  completeBackoffMs?: number;
  /** Take no notice of the request's `complete_backoff_ms`. Default false. */
  ignoresBackoff?: boolean;
  /** Buffered text of this length is spoken although more may follow, if timed flushing is on. Default 120. */
  enoughCharacters?: number;
  /** Silence on the client's side that closes a socket, without `?timeout=`. Default 60,000. */
  idleTimeoutMs?: number;
  clock?: Clock;
}

/** What goes wrong, once, with the next connection (`refuse`, `reset`) or the next request. */
export type LightningFault =
  /** The upgrade is answered with an HTTP status and the body of an error. */
  | { type: 'refuse'; status: number; retryAfterSeconds?: number }
  /** The connection is reset before any answer. */
  | { type: 'reset' }
  /** The request is taken and never answered. */
  | { type: 'hang' }
  /** Silence for `forMs` after so much audio. */
  | { type: 'stall'; afterMs: number; forMs: number }
  /** The connection is torn after so much audio. */
  | { type: 'cut'; afterMs: number }
  /** The socket is closed (1000) after so much audio, without `complete`. */
  | { type: 'close'; afterMs: number; code?: number }
  /** Called complete after so much audio, with something else in the place of the rest. Default: nothing. */
  | { type: 'mute'; instead?: MuteKind; afterMs?: number }
  /** Frames that are not JSON, or not documented, before the audio. */
  | { type: 'garbage' }
  /** Audio comes at this factor of real time. */
  | { type: 'slow'; realTimeFactor: number }
  /** An error frame, in each of the shapes that were seen, after so much audio. */
  | { type: 'error'; shape: 'object' | 'message' | 'errors'; message: string; code?: string; afterMs?: number };

/** What comes in the place of audio: pieces without any, text that is no base64, samples as they are, half a sample. */
export type MuteKind = 'nothing' | 'empty' | 'no-base64' | 'binary' | 'half-a-sample';

export type LightningSettings = Required<Omit<LightningSimulatorOptions, 'voice' | 'apiKey'>> &
  Pick<LightningSimulatorOptions, 'voice' | 'apiKey'>;
