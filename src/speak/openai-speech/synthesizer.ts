/**
 * A server that speaks OpenAI's audio API as a `Synthesizer`: one for the process. Calls share its connections, the places
 * that it has for requests, and the phrases that it has spoken before.
 */
import { z } from 'zod';
import type { AudioFormat } from '../../audio/contract.ts';
import { systemClock, type Clock } from '../../lib/clock.ts';
import type { ProviderError } from '../../lib/errors.ts';
import { VoiceError } from '../../lib/errors.ts';
import { silentLog, type Log } from '../../lib/log.ts';
import { checkServer } from '../../lib/openai.ts';
import { Places } from '../../lib/places.ts';
import { ProviderServer } from '../../lib/provider-server.ts';
import { SpeechCleaner } from '../clean.ts';
import type { RenderedSpeech, SynthesisLine, Synthesizer, SynthesizerFigures, VoiceOptions } from '../contract.ts';
import { KeptPhrases } from '../kept-phrases.ts';
import { OpenLines } from '../open-lines.ts';
import { SpeechRate } from '../speech-rate.ts';
import { PROVIDER, speakOnce, type Asking } from './asking.ts';
import { SpeechLine, type LineCounts } from './line.ts';
import { readSpeechVoice, type SpeechVoice, SERVER_NAMES } from './options.ts';
import { LONGEST_INPUT, PCM_RATE_HZ } from './wire.ts';

const Settings = z.strictObject({
  /** What `/audio/speech` is appended to. */
  baseUrl: z.string(),
  /** Default: none is shown. */
  apiKey: z.string().optional(),
  /** Of voices that name none. */
  model: z.string().min(1).default('gpt-4o-mini-tts'),
  /** Requests at once. */
  concurrency: z.int().min(1).default(100),
  connectTimeoutMs: z.int().min(100).default(5_000),
  /** From a request to its first sound; as long as its words take to say, if that is longer. */
  firstAudioMs: z.int().min(100).default(5_000),
  /** Between two pieces of sound. */
  stallMs: z.int().min(100).default(6_000),
  /** How long a request waits for its turn, tries that were refused for a moment included. */
  queueMs: z.int().min(0).default(5_000),
  /** Phrases kept for the process, in bytes of audio. */
  cacheBytes: z
    .int()
    .min(0)
    .default(32 * 1024 * 1024),
});

export interface OpenAiSpeechOptions extends z.input<typeof Settings> {
  /** In place of `concurrency`: those that workers share. */
  places?: Places;
  clock?: Clock;
  log?: Log;
}

/** @throws {VoiceError} `options-invalid`, naming the option and what was expected. */
export function createOpenAiSpeech(options: OpenAiSpeechOptions): Synthesizer {
  const { clock = systemClock, log = silentLog, places, ...given } = options;
  const { success, data, error } = Settings.safeParse(given);
  if (!success) throw new VoiceError('options-invalid', `${PROVIDER}: ${z.prettifyError(error)}`);
  checkServer({ baseUrl: data.baseUrl, apiKey: data.apiKey }, SERVER_NAMES);
  return new OpenAiSpeech(data, { clock, log, places: places ?? new Places(data.concurrency, clock) });
}

class OpenAiSpeech implements Synthesizer {
  readonly name = PROVIDER;
  readonly format: AudioFormat = { encoding: 'linear16', sampleRateHz: PCM_RATE_HZ };
  readonly #settings: z.output<typeof Settings>;
  readonly #kit: { clock: Clock; log: Log; places: Places };
  readonly #server: ProviderServer;
  readonly #phrases: KeptPhrases;
  readonly #counts: LineCounts = { reconnects: 0, resent: 0, retried: 0, truncated: 0, failed: 0, unspoken: 0 };
  readonly #lines = new OpenLines();

  constructor(settings: z.output<typeof Settings>, kit: { clock: Clock; log: Log; places: Places }) {
    const { baseUrl, apiKey, connectTimeoutMs, cacheBytes: mostBytes } = settings;
    const { clock, places } = kit;
    this.#settings = settings;
    this.#kit = kit;
    this.#server = new ProviderServer({ provider: PROVIDER, baseUrl, apiKey, connectTimeoutMs });
    this.#phrases = new KeptPhrases({ provider: PROVIDER, places, clock, mostBytes });
  }

  /** @throws {VoiceError} `options-invalid`, when the voice is not right. */
  open({ callId, carrierCallId, voice, expectMs }: Parameters<Synthesizer['open']>[0]): SynthesisLine {
    const { queueMs } = this.#settings;
    const { places, log } = this.#kit;
    const asking = this.#asking(readSpeechVoice(voice), expectMs);
    const line = new SpeechLine({ callId, carrierCallId, asking, places, queueMs, counts: this.#counts, log });
    return this.#lines.add(line);
  }

  async render(text: string, options: VoiceOptions, signal: AbortSignal): Promise<RenderedSpeech> {
    const voice = readSpeechVoice(options);
    const asking = this.#asking(voice);
    return this.#phrases.render(this.#keyOf(text, asking), signal, async (own) => ({
      format: { encoding: 'linear16', sampleRateHz: asking.rateHz },
      audio: await this.#speakWhole(text, asking, own),
    }));
  }

  rendered(text: string, voice: VoiceOptions): RenderedSpeech | undefined {
    return this.#phrases.rendered(this.#keyOf(text, this.#asking(readSpeechVoice(voice))));
  }

  figures(): SynthesizerFigures {
    return { sockets: this.#server.sockets, ...this.#counts };
  }

  async close(): Promise<void> {
    this.#phrases.close();
    this.#lines.close();
    await this.#server.close();
  }

  #asking(voice: SpeechVoice, expectMs?: (text: string) => number): Asking {
    const { firstAudioMs, stallMs, model } = this.#settings;
    const rate = new SpeechRate(voice.speed);
    return {
      server: this.#server,
      voice,
      model: voice.model ?? model,
      rateHz: voice.sampleRateHz,
      clock: this.#kit.clock,
      deadlines: { firstAudioMs, stallMs },
      expectMs: expectMs ?? ((text) => rate.expectMsOf(text)),
    };
  }

  /** Asked once more when it broke off, was refused for a moment, or came back without its sound. */
  async #speakWhole(text: string, asking: Asking, signal: AbortSignal): Promise<Uint8Array> {
    const cleaner = new SpeechCleaner(asking.voice.language);
    const said = cleaner.push(text) + cleaner.end();
    if (said.length > LONGEST_INPUT)
      throw new VoiceError(
        'request-invalid',
        `Expected a text of 1 to ${LONGEST_INPUT} characters, got ${said.length}`,
      );
    const once = async () => {
      const pieces: Uint8Array[] = [];
      const ending = await speakOnce(asking, said, { signal, audio: (samples) => pieces.push(samples) });
      if (ending.type === 'unspoken') this.#noteUnspoken(ending.error);
      return { ending, audio: Buffer.concat(pieces) };
    };
    let { ending, audio } = await once();
    if (ending.type !== 'whole' && ending.type !== 'refused') ({ ending, audio } = await once());
    if (ending.type === 'whole') return audio;
    throw ending.error;
  }

  #noteUnspoken(error: ProviderError): void {
    this.#counts.unspoken++;
    const { code, requestId } = error;
    this.#kit.log.warn({ code, requestId, err: error }, 'a phrase came back without its sound');
  }

  #keyOf(text: string, { voice, model, rateHz }: Asking): string {
    const { id, language, speed, instructions, extra } = voice;
    return JSON.stringify([id, model, language, speed, instructions, extra, rateHz, text]);
  }
}
