/** What goes to a server that speaks OpenAI's transcriptions, and what its answers come to, in each of the ways that servers have. */
import { expect, test } from 'vitest';
import { formFields, TranscriptReader, type Transcription } from '../../../src/listen/openai-transcriptions/wire.ts';

const FIELDS = { model: 'whisper-1', language: 'en', responseFormat: 'json', stream: false, extra: {} } as const;

test('a form has what was set, and nothing that need not be said', () => {
  expect(formFields(FIELDS)).toEqual([
    ['model', 'whisper-1'],
    ['response_format', 'json'],
    ['language', 'en'],
  ]);
  const all = formFields({
    ...FIELDS,
    ...{ language: 'auto', prompt: 'Acme, Rao', responseFormat: 'verbose_json', stream: true },
    extra: { vad_filter: 'true', model: 'not this', file: 'nor this' },
  });
  expect(all).toEqual([
    ['model', 'whisper-1'],
    ['response_format', 'verbose_json'],
    ['prompt', 'Acme, Rao'],
    ['stream', 'true'],
    ['timestamp_granularities[]', 'word'],
    ['vad_filter', 'true'],
  ]);
});

function readAll(contentType: string, pieces: readonly Uint8Array[]): Transcription & { partials: string[] } {
  const reader = new TranscriptReader(contentType);
  const partials = pieces.flatMap((piece) => reader.push(piece) ?? []);
  return { ...reader.end(), partials };
}

const events = (...data: string[]) => data.map((one) => `data: ${one}\n\n`).join('');
const delta = (text: string) => JSON.stringify({ type: 'transcript.text.delta', delta: text });
const chunk = (content: string) => JSON.stringify({ object: 'transcription.chunk', choices: [{ delta: { content } }] });
const SSE = 'text/event-stream';

test.each([
  [
    'OpenAI, streaming',
    SSE,
    events(delta('Guten'), delta(' Täg'), delta('.'), '{"type":"transcript.text.done","text":"Guten Täg."}'),
  ],
  [
    'vLLM, streaming',
    SSE,
    events(chunk(' Guten'), chunk(' Täg.'), '{"choices":[{"delta":{"content":""},"finish_reason":"stop"}]}', '[DONE]'),
  ],
  ['segment by segment', SSE, events('{"text":"Guten"}', '{"text":"Täg."}')],
  ['segment by segment, bare', SSE, events('Guten', 'Täg.')],
  ['OpenAI, whole', 'application/json', '{"text":"Guten Täg.","usage":{"type":"duration","seconds":1}}'],
  ['whisper.cpp, JSON', 'application/json', '{"text":" Guten\\n Täg.\\n"}'],
  ['whisper.cpp, text', 'text/html; charset=utf-8', ' Guten\n Täg.\n'],
  ['text', 'text/plain', 'Guten Täg.'],
  ['a JSON text', 'application/json', '"Guten Täg."'],
  ['segments alone', 'application/json', '{"segments":[{"text":" Guten"},{"text":" Täg."}]}'],
])('%s, cut in two at every byte', (_what, contentType, body) => {
  const bytes = Buffer.from(body);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const { text, partials } = readAll(contentType, [bytes.subarray(0, cut), bytes.subarray(cut)]);
    expect(text).toBe('Guten Täg.');
    for (const partial of partials) expect('Guten Täg.'.startsWith(partial)).toBe(true);
  }
});

test('all that is understood so far is told as it grows', () => {
  const body = [delta('One'), delta(' two'), delta(' three')].map((data) => Buffer.from(events(data)));
  expect(readAll(SSE, body).partials).toEqual(['One', 'One two', 'One two three']);
});

test('how sure the server is, and when each word was said, is read where it is told', () => {
  const body = JSON.stringify({
    text: 'One two.',
    segments: [{ text: ' One two.', no_speech_prob: 0.1, avg_logprob: -0.3, compression_ratio: 0.9, start: 0, end: 1 }],
    words: [
      { word: 'One', start: 0.1, end: 0.4 },
      { word: ' two', start: 0.5, end: 0.9 },
      { word: 'odd', start: 2, end: 1 },
    ],
  });
  expect(readAll('application/json', [Buffer.from(body)])).toMatchObject({
    segments: [{ text: 'One two.', noSpeech: 0.1, logProbability: -0.3, compression: 0.9 }],
    words: [
      { word: 'One', startSeconds: 0.1, endSeconds: 0.4 },
      { word: 'two', startSeconds: 0.5, endSeconds: 0.9 },
    ],
  });
});

test.each([
  [SSE, events(delta('One'), '{"error":{"message":"out of memory","type":"server_error"}}')],
  ['application/json', '{"error":{"message":"out of memory"}}'],
])('an error in an answer of status 200 is told, and no key survives in it (%s)', (contentType, body) => {
  const reader = new TranscriptReader(contentType, 'my-secret');
  reader.push(Buffer.from(body.replace('memory', 'memory for my-secret')));
  reader.end();
  expect(reader.failure?.message).toBe('out of memory for [redacted]');
});

test.each([
  ['application/json', '{"result":1}'],
  ['application/json', '[]'],
  ['text/html', '<!DOCTYPE html><html>Welcome</html>'],
])('what is no answer is refused (%s %s)', (contentType, body) => {
  expect(() => readAll(contentType, [Buffer.from(body)])).toThrow(/Expected a text/);
});

test('an answer that does not end is refused', () => {
  const reader = new TranscriptReader('text/plain');
  const push = () => {
    for (let i = 0; i < 20; i++) reader.push(Buffer.alloc(100_000, 'a'));
  };
  expect(push).toThrow(/does not end/);
});
