/**
 * A server that speaks OpenAI's transcriptions as a `Transcriber`: one for the process, a line for each call. It hears whole
 * stretches of speech, which are cut by our own voice activity (`segments.ts`); `line.ts` is a call's line.
 */
import { z } from 'zod';
import { systemClock, type Clock } from '../../lib/clock.ts';
import { VoiceError } from '../../lib/errors.ts';
import { silentLog, type Log } from '../../lib/log.ts';
import { checkServer } from '../../lib/openai.ts';
import { Places } from '../../lib/places.ts';
import { ProviderServer } from '../../lib/provider-server.ts';
import type { Transcriber, TranscriberStats, TranscriptionLine, TranscriptListener } from '../contract.ts';
import { OpenLines } from '../open-lines.ts';
import { impatient, RETRY_DELAYS_MS } from '../patience.ts';
import { PROVIDER, type Manners } from './asking.ts';
import { TranscriptionsLine } from './line.ts';
import { readListen, SERVER_NAMES } from './options.ts';

const Settings = z.strictObject({
  /** What `/audio/transcriptions` is appended to. */
  baseUrl: z.string(),
  /** Default: none is shown. */
  apiKey: z.string().optional(),
  /** Of agents that name none. */
  model: z.string().min(1).default('gpt-4o-mini-transcribe'),
  /** Requests at once. */
  concurrency: z.int().min(1).default(100),
  /** How long a stretch of speech waits for one of them. */
  placeWaitMs: z.int().min(0).default(5_000),
  connectTimeoutMs: z.int().min(100).default(5_000),
  /** From a request to its whole answer; as long as the stretch lasted, if that is longer. */
  answerMs: z.int().min(100).default(5_000),
  /** How long `close` waits for the last final. */
  closeTimeoutMs: z.int().min(0).default(3_000),
  /** Before each knock after a failure; no more knocks than delays. Each is shortened at random. */
  retryDelaysMs: z.array(z.number().min(0)).default(RETRY_DELAYS_MS),
});

export interface OpenAiTranscriptionsOptions extends z.input<typeof Settings> {
  /** In place of `concurrency`: those that workers share. */
  places?: Places;
  clock?: Clock;
  log?: Log;
  /** 0 to 1. Default `Math.random`. */
  random?: () => number;
}

/** @throws {VoiceError} `options-invalid`, naming the option and what was expected. */
export function createOpenAiTranscriptions(options: OpenAiTranscriptionsOptions): Transcriber {
  const { clock = systemClock, log = silentLog, random = Math.random, places, ...given } = options;
  const { success, data, error } = Settings.safeParse(given);
  if (!success) throw new VoiceError('options-invalid', `${PROVIDER}: ${z.prettifyError(error)}`);
  checkServer({ baseUrl: data.baseUrl, apiKey: data.apiKey }, SERVER_NAMES);
  return new OpenAiTranscriptions(data, { clock, log, random, places: places ?? new Places(data.concurrency, clock) });
}

interface Kit {
  clock: Clock;
  log: Log;
  places: Places;
  random: () => number;
}

class OpenAiTranscriptions implements Transcriber {
  readonly name = PROVIDER;
  readonly stats: TranscriberStats = { openSockets: 0, reconnects: 0, failures: 0, invalidFrames: 0 };
  readonly #settings: z.output<typeof Settings>;
  readonly #kit: Kit;
  readonly #server: ProviderServer;
  readonly #manners: Manners = { stream: true, ownForm: true };
  readonly #lines = new OpenLines();

  constructor(settings: z.output<typeof Settings>, kit: Kit) {
    const { baseUrl, apiKey, connectTimeoutMs } = settings;
    this.#settings = settings;
    this.#kit = kit;
    this.#server = new ProviderServer({ provider: PROVIDER, baseUrl, apiKey, connectTimeoutMs });
  }

  open(options: Parameters<Transcriber['open']>[0], listener: TranscriptListener): TranscriptionLine {
    const { callId, carrierCallId, format, hasNext = false } = options;
    const { model, apiKey, answerMs, placeWaitMs, connectTimeoutMs, closeTimeoutMs, retryDelaysMs } = this.#settings;
    const { clock, log, places, random } = this.#kit;
    const listen = readListen(options.listen);
    const line = new TranscriptionsLine({
      asking: { server: this.#server, apiKey, listen, model, manners: this.#manners, clock, answerMs },
      ...{ format, listener, places, placeWaitMs, connectTimeoutMs, closeTimeoutMs, retryDelaysMs, random },
      ...(hasNext && impatient({ placeWaitMs, connectTimeoutMs, retryDelaysMs })),
      stats: this.stats,
      log: log.child({ callId, carrierCallId }),
    });
    return this.#lines.start(line);
  }

  async close(): Promise<void> {
    await this.#lines.close();
    await this.#server.close();
  }
}
