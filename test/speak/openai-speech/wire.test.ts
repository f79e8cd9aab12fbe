/** What goes to a server that speaks OpenAI's audio API, and how its bytes become samples, wherever they were cut. */
import { expect, test } from 'vitest';
import { encodeToneSpeech } from '../../../src/audio/tone-speech.ts';
import { writeWav } from '../../../src/audio/wav.ts';
import { isText, SpeechReader, speechBody } from '../../../src/speak/openai-speech/wire.ts';
import { understandTones } from '../../contracts/tones.ts';

const bytesOf = (samples: Int16Array) => new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);

function readAll(
  pieces: readonly Uint8Array[],
  { contentType = 'audio/pcm', pcmRateHz = 24_000, rateHz = 24_000 } = {},
) {
  const reader = new SpeechReader({ contentType, pcmRateHz, rateHz });
  try {
    return Buffer.concat([...pieces.map((piece) => reader.push(piece).slice()), reader.end().slice()]);
  } finally {
    reader.free();
  }
}

const understood = (audio: Uint8Array, sampleRateHz: number) =>
  understandTones(Uint8Array.from(audio), { encoding: 'linear16', sampleRateHz });

test('a request has what the voice says, and nothing that need not be said', () => {
  const voice = { id: 'alloy', speed: 1, extra: {} };
  expect(JSON.parse(speechBody('Hello. ', voice, 'tts-1'))).toEqual({
    model: 'tts-1',
    input: 'Hello. ',
    voice: 'alloy',
    response_format: 'pcm',
  });
  const more = { id: 'af_sky', speed: 1.5, instructions: 'Be calm.', extra: { lang_code: 'e', input: 'not this' } };
  expect(JSON.parse(speechBody('Hi', more, 'kokoro'))).toEqual({
    ...{ model: 'kokoro', input: 'Hi', voice: 'af_sky', response_format: 'pcm', speed: 1.5 },
    ...{ instructions: 'Be calm.', lang_code: 'e' },
  });
});

test('bare samples come out as they are, cut in two at every byte, and byte by byte', () => {
  const bytes = bytesOf(Int16Array.from({ length: 40 }, (_, at) => at * 700 - 14_000));
  for (let cut = 0; cut <= bytes.length; cut++)
    expect(readAll([bytes.subarray(0, cut), bytes.subarray(cut)]).equals(Buffer.from(bytes))).toBe(true);
  expect(readAll([...bytes].map((byte) => Uint8Array.of(byte))).equals(Buffer.from(bytes))).toBe(true);
  expect(readAll([bytes.subarray(0, 41)]).length).toBe(40); // half a sample is none
  expect(readAll([bytes.subarray(0, 2)]).length).toBe(2);
  expect(readAll([]).length).toBe(0);
});

test.each([
  ['a WAV file of another rate', 'audio/wav', 22_050, true],
  ['bare samples of the rate that the content type tells', 'audio/pcm;rate=16000', 16_000, false],
])('%s is spoken at the rate that is wanted', (_what, contentType, sampleRateHz, isWav) => {
  const samples = encodeToneSpeech('Good morning.', sampleRateHz);
  const bytes = isWav ? writeWav({ sampleRateHz, channels: [samples] }) : bytesOf(samples);
  for (const size of [1, 7, 1_000, bytes.length]) {
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
      bytes.subarray(at * size, (at + 1) * size),
    );
    const audio = readAll(pieces, { contentType });
    expect(understood(audio, 24_000)).toBe('Good morning.');
    expect(Math.abs(audio.length / 48 - (samples.length * 1_000) / sampleRateHz)).toBeLessThan(2);
  }
});

test.each([
  ['MP3', Buffer.from('ID3\x04junkjunk', 'latin1'), 'audio/mpeg'],
  ['MP3', Buffer.from([0xff, 0xfb, 0x90, 0x00, 1, 2, 3]), 'audio/mpeg'],
  ['Ogg', Buffer.from('OggS\0\0\0\0'), 'audio/ogg'],
  ['FLAC', Buffer.from('fLaC\0\0\0\0'), ''],
])('%s is refused by its name, however it comes', (name, bytes, contentType) => {
  expect(() => readAll([bytes], { contentType })).toThrow(`got ${name}`);
  expect(() =>
    readAll(
      [...bytes].map((byte) => Uint8Array.of(byte)),
      { contentType },
    ),
  ).toThrow(`got ${name}`);
});

test('samples that happen to begin as a frame of MP3 does are samples, where the server says that they are', () => {
  const bytes = Buffer.from([0xff, 0xfb, 0x90, 0x00]);
  expect(readAll([bytes]).equals(bytes)).toBe(true);
});

test('a text is known by its type', () => {
  expect(['application/json', 'text/html; charset=utf-8', 'application/problem+json'].map(isText)).toEqual([
    true,
    true,
    true,
  ]);
  expect(['audio/pcm', 'application/octet-stream', ''].map(isText)).toEqual([false, false, false]);
});
