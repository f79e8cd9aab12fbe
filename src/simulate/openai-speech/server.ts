/**
 * A stand-in for `POST /audio/speech` on a real port. It speaks tones that a test decodes at the caller's end, or any voice
 * that it is given, at a voice's pace, in pieces that are cut in the middle of samples; it answers as one server or another
 * does. Faults are asked for one by one.
 */
import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { encodeToneSpeech } from '../../audio/tone-speech.ts';
import { wavHeader } from '../../audio/wav.ts';
import { systemClock, type Clock } from '../../lib/clock.ts';
import { parseJson } from '../../lib/json.ts';
import { LONGEST_INPUT, PCM_RATE_HZ, SPEECH_PATH } from '../../speak/openai-speech/wire.ts';
import type { SimulatedVoice } from '../lightning/options.ts';
import { errorOf, json, startOpenAiServer, type OpenAiServer } from '../openai-server.ts';

/** How the stand-in behaves. Everything optional. */
export interface SpeechSimulatorOptions {
  /** Default 0: any free one. */
  port?: number | undefined;
  host?: string | undefined;
  /** The only key that is let in. Default: any, and none. */
  apiKey?: string | undefined;
  /** Default: tone speech. */
  voice?: SimulatedVoice | undefined;
  /** From a request to its first sound. Default 150. */
  firstByteMs?: number;
  /** How much faster than it plays sound comes. Default 3.3; Infinity: all at once. */
  realTimeFactor?: number;
  /** Sizes of the pieces, over and over; odd ones as in life. */
  chunkBytes?: readonly number[];
  /** `wav`: with a header, of sizes that nobody knows, whatever was asked for. Default `pcm`. */
  answers?: 'pcm' | 'wav';
  /** Of its samples. Default 24,000. */
  rateHz?: number;
  clock?: Clock | undefined;
}

/** What goes wrong, once, with the next request. */
export type SpeechFault =
  /** The connection is torn after so much sound. */
  | { type: 'cut'; afterMs: number }
  /** Whole after so much sound, as if all had been spoken. */
  | { type: 'mute'; afterMs: number }
  /** Silence for `forMs` after so much sound. */
  | { type: 'stall'; afterMs: number; forMs: number }
  /** Something else in place of samples, with status 200. */
  | { type: 'instead'; contentType: string; body: string };

const Request = z.looseObject({
  model: z.string().min(1),
  input: z.string().min(1).max(LONGEST_INPUT),
  voice: z.string().min(1),
  response_format: z.enum(['mp3', 'opus', 'aac', 'flac', 'wav', 'pcm']).default('mp3'),
  speed: z.number().min(0.25).max(4).default(1),
  instructions: z.string().optional(),
});
/** What was asked. */
export type SpeechRequest = z.output<typeof Request>;

export interface SpeechSimulator extends OpenAiServer<SpeechFault> {
  /** The last 1,000 that were asked, oldest first. */
  readonly asked: readonly SpeechRequest[];
  /** Answers that the client broke off. */
  readonly brokenOff: number;
}

const MOST_RECORDED = 1_000;
const PIECES: readonly number[] = [1_365, 2_048, 3_001, 1, 1_024, 777];

/** @throws {VoiceError} `file-unreadable`, when the port cannot be opened. */
export async function startSpeechSimulator(options: SpeechSimulatorOptions = {}): Promise<SpeechSimulator> {
  const { port, host, apiKey } = options;
  const asked: SpeechRequest[] = [];
  let brokenOff = 0;
  const server = await startOpenAiServer<SpeechFault>({
    ...{ port, host, apiKey, path: SPEECH_PATH, models: ['tts-simulated'] },
    async answer({ body }, response, fault) {
      const { success, data, error } = Request.safeParse(parseJson(body.toString()));
      if (!success) return json(response, 400, errorOf(z.prettifyError(error), 'invalid_request'));
      if (asked.push(data) > MOST_RECORDED) asked.shift();
      response.once('close', () => {
        if (!response.writableEnded && fault?.type !== 'cut') brokenOff++;
      });
      if (data.response_format !== 'pcm' && data.response_format !== 'wav')
        return json(response, 400, errorOf('This stand-in speaks pcm and wav', 'unsupported_format'));
      await new Answer(options, data, response).play(fault);
    },
  });
  return Object.defineProperty({ ...server, asked, brokenOff }, 'brokenOff', { get: () => brokenOff });
}

/** One answer, at its pace. */
class Answer {
  readonly #options: SpeechSimulatorOptions;
  readonly #request: SpeechRequest;
  readonly #response: ServerResponse;
  readonly #clock: Clock;

  constructor(options: SpeechSimulatorOptions, request: SpeechRequest, response: ServerResponse) {
    this.#options = options;
    this.#request = request;
    this.#response = response;
    this.#clock = options.clock ?? systemClock;
  }

  async play(fault: SpeechFault | undefined): Promise<void> {
    const { rateHz = PCM_RATE_HZ, firstByteMs = 150 } = this.#options;
    const audio = await this.#audio(rateHz);
    await this.#wait(firstByteMs);
    if (fault?.type === 'instead') {
      this.#response.writeHead(200, { 'content-type': fault.contentType });
      return void this.#response.end(fault.body);
    }
    const isWav = this.#options.answers === 'wav' || this.#request.response_format === 'wav';
    this.#response.writeHead(200, {
      'content-type': isWav ? 'audio/wav' : 'audio/pcm',
      'x-request-id': 'req_simulated',
    });
    this.#response.flushHeaders();
    if (isWav)
      this.#response.write(
        wavHeader({ encoding: 'linear16', sampleRateHz: rateHz, channels: 1, dataBytes: 0xffff_ff00 }),
      );
    await this.#send(audio, rateHz, fault);
  }

  async #audio(rateHz: number): Promise<Buffer> {
    const { input, speed } = this.#request;
    const { voice } = this.#options;
    const samples = voice ? await voice(input, rateHz, speed) : encodeToneSpeech(input, rateHz, { speed });
    return Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
  }

  async #send(audio: Buffer, rateHz: number, fault: SpeechFault | undefined): Promise<void> {
    const { chunkBytes = PIECES, realTimeFactor = 3.3 } = this.#options;
    const most = fault && 'afterMs' in fault ? Math.round((fault.afterMs * rateHz) / 1_000) * 2 : Infinity;
    let hasStalled = false;
    for (let at = 0, piece = 0; at < audio.length && !this.#response.destroyed; piece++) {
      if (at >= most && fault && !hasStalled) {
        if (fault.type === 'cut') return void this.#response.destroy();
        if (fault.type === 'mute') break;
        if (fault.type === 'stall') await this.#wait(fault.forMs);
        hasStalled = true;
      }
      const size = Math.min(chunkBytes[piece % chunkBytes.length] ?? 1, hasStalled ? Infinity : Math.max(1, most - at));
      this.#response.write(audio.subarray(at, at + size));
      at += size;
      if (realTimeFactor !== Infinity) await this.#wait((size * 500) / rateHz / realTimeFactor);
    }
    this.#response.end();
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.#clock.after(ms, resolve));
  }
}
