/** Caller's audio to what they said. */
import type { AudioFormat } from '../audio/contract.ts';
import type { ProviderError } from '../lib/errors.ts';
import type { Successor, VendorHealth } from '../lib/succession.ts';
import type { Vendor } from '../lib/vendor.ts';

/**
 * What an agent expects to hear: its `listen`, as the vendor's schema has read it. The named fields mean the same
 * everywhere; the rest is the vendor's own.
 */
export interface ListenOptions {
  /** Language code, such as `en`, `hi` or `north_indic`. */
  readonly language: string;
  /** Words to expect, each `word` or `word:boost`. Default: none. */
  readonly keywords?: readonly string[] | undefined;
  readonly [option: string]: unknown;
}

/** What somebody who is asked may be about to say, by the names that people have for it. */
export const EXPECTED_ANSWERS = [
  'name',
  'date-of-birth',
  'date',
  'time',
  'date-and-time',
  'people',
  'address',
  'email',
  'amount',
  'yes-no',
  'phone-number',
  'postcode',
  'card-number',
  'card-expiry',
  'security-code',
  'one-time-code',
  'pin',
  'code',
] as const;

/**
 * What a caller is expected to say next: it decides how long a pause in it may last. `{ code: 8 }`, `{ code: [8, 10] }`: a code of so
 * many digits and letters together, 1 to 64; `'code'`: one of any length.
 */
export type ExpectedAnswer = (typeof EXPECTED_ANSWERS)[number] | { readonly code: number | readonly number[] };

/** How the list of vendors knows a transcriber. */
export type EarVendor = Vendor<ListenOptions, Transcriber | Promise<Transcriber>>;

/** Transcribes speech. One instance serves every call in the process. */
export interface Transcriber {
  readonly name: string;
  /** For metrics; kept up to date. */
  readonly stats?: Readonly<TranscriberStats>;
  /**
   * Opens a line for one call. Reconnects by itself; audio pushed before it is up is kept. `carrierCallId`: for the log.
   * `hasNext`: somebody else can hear the caller, so that it need not try for long before it has `failed`; default false.
   * `asks`, of a list of ears: told each time that one is asked; default: nobody is told.
   */
  open(
    options: {
      callId: string;
      carrierCallId?: string | undefined;
      format: AudioFormat;
      listen: ListenOptions;
      hasNext?: boolean;
      asks?: (who: Successor) => void;
    },
    listener: TranscriptListener,
  ): TranscriptionLine;
  /** Of a list of ears: how each of them is, for metrics. Default: it is one. */
  health?(): readonly VendorHealth[];
  close(): Promise<void>;
}

/** Of all lines together. All but `openSockets` only grow. */
export interface TranscriberStats {
  openSockets: number;
  /** Connections that took the place of one that was lost. */
  reconnects: number;
  /** Connections that were refused or lost. */
  failures: number;
  /** Frames that could not be read. */
  invalidFrames: number;
}

/** One call's line to the transcriber. */
export interface TranscriptionLine {
  /** Caller's audio in the line's format, as it came; any length. Joined to 60..100 ms before it is sent. */
  push(audio: Uint8Array): void;
  /** Asks for a final of what has been heard so far. One answer comes, perhaps empty. */
  finalize(): void;
  /** Asks for the last final, then lets go; lets go at once when nobody answers within 3 s. */
  close(): void;
}

/** When a word was spoken, in milliseconds of audio since the first that was pushed. */
export interface HeardWord {
  word: string;
  startMs: number;
  endMs: number;
}

/** What a line tells, each in the tick in which it is known. Nothing is told after `close`, but the last final. */
export interface TranscriptListener {
  /**
   * `isFinal`: this segment will not change; it may be empty. An interim replaces the interim before it.
   * `words` is there when the service sends times.
   */
  transcript(text: string, isFinal: boolean, words?: readonly HeardWord[]): void;
  /** The service's own voice activity, if it sends any. */
  speech(phase: 'start' | 'end'): void;
  /** Gone for good: no transcript will come any more. */
  failed(error: ProviderError): void;
  /** Down for now: it is tried again, and what is said meanwhile is kept. */
  lost?(): void;
  /** Up, or up again. `reconnects` counts from 0. */
  connected?(reconnects: number): void;
}
