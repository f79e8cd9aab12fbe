/** Pre-recorded audio over HTTP, with both shapes of answer. `wire/pulse.md` 9. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { SampleWriter } from '../../audio/convert.ts';
import { readWav } from '../../audio/wav.ts';
import type { SpokenWord } from '../../audio/tone-speech.ts';
import { messageOf } from '../../lib/errors.ts';
import { Hearing } from './hearing.ts';
import type { KnownAudio } from './known-audio.ts';

const MOST_BYTES = 250 * 1024 * 1024;

export interface FileContext {
  refusal: { status: number; body: string | undefined } | undefined;
  transcripts: readonly KnownAudio[];
}

export function answerFile(request: IncomingMessage, response: ServerResponse, context: FileContext): void {
  const chunks: Buffer[] = [];
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= MOST_BYTES) chunks.push(chunk);
  });
  request.on('error', () => response.destroy());
  request.on('end', () => {
    const { refusal } = context;
    if (refusal) return answer(response, refusal.status, refusal.body ?? '{}');
    if (size > MOST_BYTES) return refuse(response, 413, 'File is larger than 250 MB');
    const parameters = new URL(request.url ?? '/', 'http://localhost').searchParams;
    transcribe(Buffer.concat(chunks), { parameters, request, response, transcripts: context.transcripts });
  });
}

interface Transcription {
  parameters: URLSearchParams;
  request: IncomingMessage;
  response: ServerResponse;
  transcripts: readonly KnownAudio[];
}

function transcribe(body: Buffer, { parameters, request, response, transcripts }: Transcription): void {
  const model = parameters.get('model') ?? 'pulse';
  const language = parameters.get('language');
  if (model !== 'pulse' && model !== 'pulse-pro') return refuse(response, 400, `model is not supported: ${model}`);
  if (!language) return refuse(response, 400, 'language is required');
  if (model === 'pulse-pro' && language !== 'en') return refuse(response, 400, 'pulse-pro supports en only');
  if (/json/.test(request.headers['content-type'] ?? '')) {
    return refuse(response, 400, model === 'pulse-pro' ? 'pulse-pro takes bytes only' : 'NoSuchKey');
  }
  try {
    const wav = readWav(body);
    const samples = wav.channels[0]!;
    const words = hear(samples, wav.sampleRateHz, transcripts);
    answer(
      response,
      200,
      JSON.stringify(
        success(words, { model, language, parameters, bytes: body.length, seconds: samples.length / wav.sampleRateHz }),
      ),
    );
  } catch (thrown) {
    refuse(response, 400, messageOf(thrown));
  }
}

/** The words that a whole recording holds. */
export function hear(samples: Int16Array, sampleRateHz: number, transcripts: readonly KnownAudio[]): SpokenWord[] {
  const format = { encoding: 'linear16', sampleRateHz } as const;
  const hearing = new Hearing(format, transcripts);
  const writer = new SampleWriter(format);
  const words: SpokenWord[] = [];
  const silence = new Int16Array(sampleRateHz);
  for (const piece of [samples, silence]) {
    hearing.push(
      writer.write(piece),
      (event) => event.type === 'word' && words.push(event),
      () => {},
    );
  }
  return words;
}

function success(
  words: readonly SpokenWord[],
  facts: { model: string; language: string; parameters: URLSearchParams; bytes: number; seconds: number },
): Record<string, unknown> {
  const transcription = words.map((word) => word.text).join(' ');
  const hasWords = facts.parameters.get('word_timestamps') === 'true';
  const timed = hasWords
    ? words.map(({ text, startMs, endMs }) => ({
        word: text,
        start: startMs / 1_000,
        end: endMs / 1_000,
        confidence: 0.97,
      }))
    : [];
  if (facts.model === 'pulse') {
    const utterances =
      hasWords && words.length > 0
        ? [{ text: transcription, start: words[0]!.startMs / 1_000, end: words.at(-1)!.endMs / 1_000 }]
        : [];
    const metadata = { duration: facts.seconds, fileSize: facts.bytes };
    return { status: 'success', transcription, words: timed, utterances, metadata };
  }
  return {
    status: 'success',
    transcription,
    words: timed,
    language: facts.language,
    request_id: randomUUID(),
    totalBytes: facts.bytes,
    metadata: { duration: facts.seconds, processing_time_ms: 1, rtfx: facts.seconds * 1_000, num_chunks: 1 },
  };
}

function refuse(response: ServerResponse, status: number, message: string): void {
  answer(response, status, JSON.stringify({ error: message, request_id: randomUUID() }));
}

function answer(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(body);
}
