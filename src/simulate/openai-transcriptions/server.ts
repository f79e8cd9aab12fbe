/**
 * A stand-in for `POST /audio/transcriptions` on a real port. It understands what it is sent: tone speech by decoding it, and
 * recordings that it knows by heart; it answers as one server or another does. Faults are asked for one by one.
 */
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { z } from 'zod';
import type { SpokenWord } from '../../audio/tone-speech.ts';
import { readWav } from '../../audio/wav.ts';
import { systemClock, type Clock } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import { TRANSCRIPTIONS_PATH } from '../../listen/openai-transcriptions/wire.ts';
import { errorOf, json, startOpenAiServer, type OpenAiServer } from '../openai-server.ts';
import { hear } from '../pulse/files.ts';
import type { KnownAudio } from '../pulse/known-audio.ts';

/**
 * How a server tells a text when it is asked to stream: as OpenAI documents it; as vLLM does, by chunks of a chat; by an event
 * for each segment, in JSON or bare; whole, for it takes no notice; or not at all, for it refuses to.
 */
export type StreamManner = 'openai' | 'vllm' | 'segments' | 'bare' | 'ignored' | 'refused';

/** How the stand-in behaves. Everything optional. */
export interface TranscriptionsSimulatorOptions {
  /** Default 0: any free one. */
  port?: number | undefined;
  host?: string | undefined;
  /** The only key that is let in. Default: any, and none. */
  apiKey?: string | undefined;
  /** Recordings that it knows by heart. Default: none. */
  transcripts?: readonly KnownAudio[] | undefined;
  /** From a request to its answer. Default 150. */
  answerMs?: number;
  /** Between the words of an answer that it streams. Default 5. */
  wordMs?: number;
  /** Default `openai`. */
  streams?: StreamManner;
  clock?: Clock | undefined;
}

/** What goes wrong, once, with the next request. */
export type TranscriptionsFault =
  /** The connection is torn after so many words of a streamed answer, or before any other. */
  | { type: 'cut'; afterWords: number }
  /** This was understood, whatever was said. */
  | { type: 'made-up'; text: string }
  /** Something else in place of an answer, with status 200. */
  | { type: 'instead'; contentType: string; body: string };

const Form = z.object({
  model: z.string().min(1),
  language: z.string().optional(),
  prompt: z.string().optional(),
  response_format: z.enum(['json', 'text', 'srt', 'verbose_json', 'vtt']).default('json'),
  stream: z.literal(['true', 'false']).optional(),
});

/** What was asked: the fields of the form, and how long its sound is. */
export interface TranscriptionRequest extends z.output<typeof Form> {
  lengthMs: number;
  sampleRateHz: number;
}

export interface TranscriptionsSimulator extends OpenAiServer<TranscriptionsFault> {
  /** The last 1,000 that were asked, oldest first. */
  readonly asked: readonly TranscriptionRequest[];
  /** Nothing is answered from now on. */
  mute(): void;
}

const MOST_RECORDED = 1_000;

/** @throws {VoiceError} `file-unreadable`, when the port cannot be opened. */
export async function startTranscriptionsSimulator(
  options: TranscriptionsSimulatorOptions = {},
): Promise<TranscriptionsSimulator> {
  const { port, host, apiKey, transcripts = [] } = options;
  const asked: TranscriptionRequest[] = [];
  let isMute = false;
  const server = await startOpenAiServer<TranscriptionsFault>({
    ...{ port, host, apiKey, path: TRANSCRIPTIONS_PATH, models: ['stt-simulated'] },
    async answer({ headers, body }, response, fault) {
      const read = await readForm(headers, body);
      if (typeof read === 'string') return json(response, 400, errorOf(read, 'invalid_request'));
      const { fields, samples, sampleRateHz } = read;
      const lengthMs = (samples.length * 1_000) / sampleRateHz;
      if (asked.push({ ...fields, lengthMs, sampleRateHz }) > MOST_RECORDED) asked.shift();
      const words = fault?.type === 'made-up' ? [] : hear(samples, sampleRateHz, transcripts);
      const text = fault?.type === 'made-up' ? fault.text : words.map((word) => word.text).join(' ');
      await new Answer(options, response, () => isMute).give({ fields, text, words, lengthMs }, fault);
    },
  });
  return { ...server, asked, mute: () => (isMute = true) };
}

interface ReadForm {
  fields: z.output<typeof Form>;
  samples: Int16Array;
  sampleRateHz: number;
}

/** What is wrong with it, in words, where something is. */
async function readForm(headers: IncomingHttpHeaders, body: Buffer): Promise<ReadForm | string> {
  try {
    const form = await new Response(Uint8Array.from(body), {
      headers: { 'content-type': headers['content-type'] ?? '' },
    }).formData();
    const file = form.get('file');
    if (!(file instanceof Blob)) return 'file is required';
    const { success, data, error } = Form.safeParse(Object.fromEntries(form));
    if (!success) return z.prettifyError(error);
    const { channels, sampleRateHz } = readWav(new Uint8Array(await file.arrayBuffer()));
    return { fields: data, samples: channels[0] ?? new Int16Array(0), sampleRateHz };
  } catch (thrown) {
    return `The form cannot be read: ${messageOf(thrown)}`;
  }
}

interface Understood {
  fields: z.output<typeof Form>;
  text: string;
  words: readonly SpokenWord[];
  lengthMs: number;
}

/** One answer, at its pace. */
class Answer {
  readonly #options: TranscriptionsSimulatorOptions;
  readonly #response: ServerResponse;
  readonly #isMute: () => boolean;

  constructor(options: TranscriptionsSimulatorOptions, response: ServerResponse, isMute: () => boolean) {
    this.#options = options;
    this.#response = response;
    this.#isMute = isMute;
  }

  async give(understood: Understood, fault: TranscriptionsFault | undefined): Promise<void> {
    const { answerMs = 150, streams = 'openai' } = this.#options;
    await this.#wait(answerMs);
    if (this.#isMute()) return;
    if (fault?.type === 'instead') {
      this.#response.writeHead(200, { 'content-type': fault.contentType });
      return void this.#response.end(fault.body);
    }
    const isAsked = understood.fields.stream === 'true';
    if (isAsked && streams === 'refused')
      return json(
        this.#response,
        400,
        errorOf("Unrecognized request argument supplied: 'stream'", 'unknown_parameter'),
      );
    if (isAsked && streams !== 'ignored') return this.#stream(understood.text, streams, fault);
    if (fault?.type === 'cut') return void this.#response.socket?.resetAndDestroy();
    this.#whole(understood);
  }

  #whole({ fields, text, words, lengthMs }: Understood): void {
    if (fields.response_format === 'text') {
      this.#response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }); // as whisper.cpp has it
      return void this.#response.end(` ${text}\n`);
    }
    if (fields.response_format !== 'verbose_json') return json(this.#response, 200, { text });
    const segment = { id: 0, text, no_speech_prob: text === '' ? 0.9 : 0.01, avg_logprob: -0.2, compression_ratio: 1 };
    const timed = words.map((word) => ({ word: word.text, start: word.startMs / 1_000, end: word.endMs / 1_000 }));
    const facts = { task: 'transcribe', language: fields.language ?? 'english', duration: lengthMs / 1_000 };
    json(this.#response, 200, { ...facts, text, segments: text === '' ? [] : [segment], words: timed });
  }

  async #stream(text: string, manner: StreamManner, fault: TranscriptionsFault | undefined): Promise<void> {
    const { wordMs = 5 } = this.#options;
    this.#response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    this.#response.flushHeaders();
    const words = text === '' ? [] : text.split(' ');
    for (const [at, word] of words.entries()) {
      if (fault?.type === 'cut' && at >= fault.afterWords) return void this.#response.destroy();
      this.#send(eventOf(at === 0 ? word : ` ${word}`, manner));
      await this.#wait(wordMs);
    }
    if (fault?.type === 'cut') return void this.#response.destroy();
    if (manner === 'openai') this.#send(JSON.stringify({ type: 'transcript.text.done', text }));
    if (manner === 'vllm') this.#send('[DONE]');
    if (!this.#isMute()) this.#response.end();
  }

  #send(data: string): void {
    if (!this.#isMute() && !this.#response.destroyed) this.#response.write(`data: ${data}\n\n`);
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => (this.#options.clock ?? systemClock).after(ms, resolve));
  }
}

function eventOf(delta: string, manner: StreamManner): string {
  if (manner === 'openai') return JSON.stringify({ type: 'transcript.text.delta', delta });
  if (manner === 'segments') return JSON.stringify({ text: delta.trim() });
  if (manner === 'bare') return delta.trim();
  return JSON.stringify({ object: 'transcription.chunk', choices: [{ delta: { content: delta } }] });
}
