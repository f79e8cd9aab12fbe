/**
 * Lightning as a `Synthesizer`: one for the process. Calls share its sockets, its one synthesis at a time (on Standard)
 * and the phrases that it has spoken before.
 */
import { Agent } from 'undici';
import { z } from 'zod';
import type { AudioFormat } from '../../audio/contract.ts';
import { systemClock, type Clock } from '../../lib/clock.ts';
import { VoiceError, type ProviderError } from '../../lib/errors.ts';
import { silentLog, type Log } from '../../lib/log.ts';
import { Places } from '../../lib/places.ts';
import { KEY_FORM, SMALLEST_BASE_URL, wrongKey } from '../../lib/smallest.ts';
import { SpeechCleaner } from '../clean.ts';
import type { RenderedSpeech, SynthesisLine, Synthesizer, SynthesizerFigures, VoiceOptions } from '../contract.ts';
import { speakWhole, type LightningAccount } from './http.ts';
import { KeptPhrases } from '../kept-phrases.ts';
import { LightningLine, type LineCounts } from './line.ts';
import { OpenLines } from '../open-lines.ts';
import { SpeechRate } from '../speech-rate.ts';
import { Sockets } from './sockets.ts';
import { readVoice } from './options.ts';
import {
  LIGHTNING_SAMPLE_RATES,
  SOCKETS_PER_SYNTHESIS,
  WORD_TIMESTAMP_VOICES,
  type LightningVoiceOptions,
} from './voices.ts';

const Settings = z.strictObject({
  /** Everything is derived from it, the WebSocket's address too. */
  baseUrl: z.url({ protocol: /^https?$/ }).default(SMALLEST_BASE_URL),
  apiKey: z.string().regex(KEY_FORM, { error: ({ input }) => wrongKey(String(input)) }),
  /** Syntheses at once in the whole account: 1 on Standard. */
  concurrency: z.int().min(1).max(1_000).default(1),
  /** Open sockets, the spare and closing ones counted. Default: 5 for each unit of concurrency. */
  sockets: z.int().min(1).optional(),
  /** Of lines that ask for no rate, and of phrases. */
  sampleRateHz: z.literal([8_000, 16_000, 24_000, 44_100]).default(8_000),
  /** Silence of ours on a socket after which the service closes it. */
  idleTimeoutMs: z.int().min(1_000).max(180_000).default(120_000),
  /** The service speaks what it has buffered after this; 0 would be "never". */
  maxBufferFlushMs: z.int().min(1).max(1_000).default(250),
  /** How long after its last audio the service waits before `complete`. */
  completeBackoffMs: z.int().min(0).max(10_000).default(100),
  connectTimeoutMs: z.int().min(100).default(5_000),
  /** From a clause that went out to the first audio, before it is sent once more. */
  firstAudioMs: z.int().min(100).default(5_000),
  /** Between two pieces of audio, once all text is out. Above the service's own back-off of 4 s, should ours be ignored. */
  stallMs: z.int().min(500).default(6_000),
  /** How long an utterance waits for its turn, retries included. */
  queueMs: z.int().min(0).default(5_000),
  /** Ask for the time of each word, where the voice can tell. */
  wordTimestamps: z.boolean().default(true),
  /** Phrases kept for the process, in bytes of audio. */
  cacheBytes: z
    .int()
    .min(0)
    .default(32 * 1024 * 1024),
});

export interface LightningOptions extends z.input<typeof Settings> {
  /** In place of `concurrency` and `sockets`: those that workers share. */
  places?: { syntheses: Places; sockets: Places };
  clock?: Clock;
  log?: Log;
}

export interface LightningFigures extends SynthesizerFigures {
  /** Connections opened since the start. */
  opened: number;
  active: number;
  /** Utterances that wait for a slot. */
  queued: number;
  /** All waiting for slots since the start. */
  waitedMs: number;
  phrases: number;
}

export interface LightningSynthesizer extends Synthesizer {
  readonly account: LightningAccount;
  figures(): LightningFigures;
}

/** @throws {VoiceError} `options-invalid`, naming the option and what was expected. */
export function createLightning(options: LightningOptions): LightningSynthesizer {
  const { clock = systemClock, log = silentLog, places, ...settings } = options;
  const { success, data, error } = Settings.safeParse(settings);
  if (!success) throw new VoiceError('options-invalid', `Lightning: ${z.prettifyError(error)}`);
  const { concurrency, sockets = SOCKETS_PER_SYNTHESIS * concurrency } = data;
  const own = { syntheses: new Places(concurrency, clock), sockets: new Places(sockets, clock) };
  return new Lightning(data, { clock, log, places: places ?? own });
}

class Lightning implements LightningSynthesizer {
  readonly name = 'lightning';
  readonly format: AudioFormat;
  readonly account: LightningAccount;
  readonly #agent = new Agent({ keepAliveTimeout: 60_000 });
  readonly #settings: z.output<typeof Settings>;
  readonly #log: Log;
  readonly #slots: Places;
  readonly #sockets: Sockets;
  readonly #counts: LineCounts = { reconnects: 0, resent: 0, retried: 0, truncated: 0, failed: 0, unspoken: 0 };
  readonly #lines = new OpenLines();
  readonly #phrases: KeptPhrases;

  constructor(
    settings: z.output<typeof Settings>,
    { clock, log, places }: { clock: Clock; log: Log; places: { syntheses: Places; sockets: Places } },
  ) {
    this.#settings = settings;
    this.#log = log;
    const { baseUrl, apiKey, sampleRateHz, idleTimeoutMs, connectTimeoutMs } = settings;
    this.account = { baseUrl: baseUrl.replace(/\/+$/, ''), apiKey, clock, dispatcher: this.#agent };
    this.format = { encoding: 'linear16', sampleRateHz };
    this.#slots = places.syntheses;
    const { cacheBytes: mostBytes } = settings;
    this.#phrases = new KeptPhrases({ provider: this.name, places: places.syntheses, clock, mostBytes });
    this.#sockets = new Sockets({
      url: `${this.account.baseUrl.replace(/^http/, 'ws')}/tts/live`,
      apiKey,
      clock,
      log,
      places: places.sockets,
      idleTimeoutMs,
      connectTimeoutMs,
    });
  }

  /** @throws {VoiceError} `options-invalid`, when the voice does not go with its model or language. */
  open(options: Parameters<Synthesizer['open']>[0]): SynthesisLine {
    const { callId, carrierCallId, wanted, expectMs } = options;
    const voice = readVoice(options.voice);
    const rate = new SpeechRate(voice.speed);
    const line = new LightningLine({
      callId,
      carrierCallId,
      voice,
      expectMs: expectMs ?? ((text) => rate.expectMsOf(text)),
      sampleRateHz: this.#formatFor(wanted).sampleRateHz,
      apiKey: this.#settings.apiKey,
      timings: this.#settings,
      wordTimestamps: this.#settings.wordTimestamps && WORD_TIMESTAMP_VOICES.has(voice.id),
      sockets: this.#sockets,
      slots: this.#slots,
      counts: this.#counts,
      log: this.#log,
    });
    return this.#lines.add(line);
  }

  async render(
    text: string,
    options: VoiceOptions,
    signal: AbortSignal,
    wanted?: AudioFormat,
  ): Promise<RenderedSpeech> {
    const format = this.#formatFor(wanted);
    const voice = readVoice(options);
    return this.#phrases.render(keyOf(text, voice, format), signal, async (own) => ({
      format,
      audio: await this.#speakWhole(text, voice, format, own),
    }));
  }

  rendered(text: string, voice: VoiceOptions, wanted: AudioFormat): RenderedSpeech | undefined {
    return this.#phrases.rendered(keyOf(text, readVoice(voice), this.#formatFor(wanted)));
  }

  figures(): LightningFigures {
    return {
      sockets: this.#sockets.size,
      opened: this.#sockets.opened,
      active: this.#slots.taken,
      queued: this.#slots.counts.queued,
      waitedMs: this.#slots.counts.waitedMs,
      ...this.#counts,
      phrases: this.#phrases.size,
    };
  }

  async close(): Promise<void> {
    this.#phrases.close();
    this.#lines.close();
    await Promise.all([this.#sockets.close(), this.#agent.destroy()]);
  }

  #speakWhole(
    text: string,
    voice: LightningVoiceOptions,
    { sampleRateHz }: AudioFormat,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    const cleaner = new SpeechCleaner(voice.language);
    const said = cleaner.push(text) + cleaner.end();
    const unspoken = (error: ProviderError) => this.#noteUnspoken(error);
    return speakWhole(this.account, said, { voice, sampleRateHz, signal, unspoken });
  }

  #noteUnspoken(error: ProviderError): void {
    this.#counts.unspoken++;
    const { code, requestId } = error;
    this.#log.warn({ code, requestId, err: error }, 'a phrase came back without its sound');
  }

  /** The service's own rate nearest above what the line carries; always 16-bit samples. */
  #formatFor(wanted: AudioFormat | undefined): AudioFormat {
    const wantedHz = wanted?.sampleRateHz ?? this.#settings.sampleRateHz;
    const sampleRateHz = LIGHTNING_SAMPLE_RATES.find((rateHz) => rateHz >= wantedHz) ?? 44_100;
    return { encoding: 'linear16', sampleRateHz };
  }
}

function keyOf(text: string, voice: LightningVoiceOptions, { encoding, sampleRateHz }: AudioFormat): string {
  const { id, model, language, speed, pronunciations = [] } = voice;
  return JSON.stringify([id, model, language, speed, pronunciations, encoding, sampleRateHz, text]);
}
