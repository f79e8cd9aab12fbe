/**
 * Pulse as a `Transcriber`: one for the process, a line for each call. `line.ts` is a call's line, `wire.ts` reads and
 * writes its frames.
 */
import type { AudioFormat } from '../../audio/contract.ts';
import { systemClock, type Clock } from '../../lib/clock.ts';
import { VoiceError } from '../../lib/errors.ts';
import { silentLog, type Log } from '../../lib/log.ts';
import { Places } from '../../lib/places.ts';
import { KEY_FORM, wrongKey } from '../../lib/smallest.ts';
import type { ListenOptions, Transcriber, TranscriptionLine, TranscriptListener } from '../contract.ts';
import { OpenLines } from '../open-lines.ts';
import { impatient, RETRY_DELAYS_MS } from '../patience.ts';
import { PulseLine, type LineSettings, type PulseStats } from './line.ts';
import { DEFAULT_BASE_URL, liveUrl, MOST_SOCKETS, type PulseQuery } from './wire.ts';

export interface PulseOptions {
  apiKey: string;
  /** Default `https://api.smallest.ai/waves/v1`. */
  baseUrl?: string;
  /** What else to ask of the service, the same for every call. */
  query?: PulseQuery;
  clock?: Clock;
  log?: Log;
  /** Live sockets at once. Default: the 100 of an account, for this process alone. */
  places?: Places;
  /** How long a line waits for one of them, its audio kept. Default 5,000. */
  placeWaitMs?: number;
  /** From the first byte to an open socket. Default 5,000. */
  connectTimeoutMs?: number;
  /** How long `close` waits for the last final. Default 3,000. */
  closeTimeoutMs?: number;
  /** Before each try after a drop; no more tries than delays. Each is shortened at random. Default 0 to 2,400. */
  retryDelaysMs?: readonly number[];
  /** 0 to 1. Default `Math.random`. */
  random?: () => number;
}

export interface Pulse extends Transcriber {
  readonly stats: Readonly<PulseStats>;
  /** @throws {VoiceError} `options-invalid`, when a call with these options could not be opened. */
  check(options: { format: AudioFormat; listen: ListenOptions }): void;
}

/** @throws {VoiceError} `options-invalid`, when the key is none. */
export function createPulse(options: PulseOptions): Pulse {
  const { apiKey } = options;
  if (!KEY_FORM.test(apiKey)) throw new VoiceError('options-invalid', `pulse: ${wrongKey(apiKey)}`);
  return new PulseTranscriber(options);
}

class PulseTranscriber implements Pulse {
  readonly name = 'pulse';
  readonly stats: PulseStats = { openSockets: 0, connects: 0, reconnects: 0, failures: 0, invalidFrames: 0 };
  readonly #settings: LineSettings & { baseUrl: string };
  readonly #query: PulseQuery | undefined;
  readonly #lines = new OpenLines();

  constructor(options: PulseOptions) {
    this.#query = options.query;
    this.#settings = {
      apiKey: options.apiKey,
      baseUrl: options.baseUrl ?? DEFAULT_BASE_URL,
      clock: options.clock ?? systemClock,
      log: options.log ?? silentLog,
      places: options.places ?? new Places(MOST_SOCKETS, options.clock ?? systemClock),
      placeWaitMs: options.placeWaitMs ?? 5_000,
      connectTimeoutMs: options.connectTimeoutMs ?? 5_000,
      closeTimeoutMs: options.closeTimeoutMs ?? 3_000,
      retryDelaysMs: options.retryDelaysMs ?? RETRY_DELAYS_MS,
      random: options.random ?? Math.random,
    };
  }

  check({ format, listen }: { format: AudioFormat; listen: ListenOptions }): void {
    this.#url(format, listen);
  }

  open(options: Parameters<Transcriber['open']>[0], listener: TranscriptListener): TranscriptionLine {
    const { callId, carrierCallId, hasNext = false } = options;
    const log = this.#settings.log.child({ callId, carrierCallId });
    const line = new PulseLine({
      settings: { ...this.#settings, ...(hasNext && impatient(this.#settings)), log },
      url: this.#url(options.format, options.listen),
      format: options.format,
      listener,
      stats: this.stats,
    });
    return this.#lines.start(line);
  }

  close(): Promise<void> {
    return this.#lines.close();
  }

  #url(format: AudioFormat, { language, keywords }: ListenOptions): string {
    const { baseUrl } = this.#settings;
    return liveUrl({ baseUrl, language, keywords: keywords ?? [], format, ...(this.#query && { query: this.#query }) });
  }
}
