import { expect, test } from 'vitest';
import { bytesPerSample, type AudioFormat } from '../../src/audio/contract.ts';
import { SampleWriter } from '../../src/audio/convert.ts';
import { ALAW_SILENCE, MULAW_SILENCE } from '../../src/audio/g711.ts';
import { encodeToneSpeech, layOutToneSpeech, wordsOf } from '../../src/audio/tone-speech.ts';
import { Alignment } from '../../src/speak/alignment.ts';
import { findSystemVoice } from '../../src/simulate/system-voice.ts';
import { SpeechRate } from '../../src/speak/speech-rate.ts';

const RATE_HZ = 8_000;
const LINEAR: AudioFormat = { encoding: 'linear16', sampleRateHz: RATE_HZ };
const TEXTS = [
  'Hello, this is Acme Clinic. How can I help you today?',
  'Your appointment with Dr. Smith is on Monday at 10:30, in room 42.',
  'One moment please, I am looking for flight 1234 on 5 March.',
  'Let me check that for you, it will not take long at all.',
];
const LONG =
  'The first train leaves at 6:45 and arrives at 9:12. The second one, which is cheaper, leaves at 7:30; it stops in ' +
  'every village on the way, so it takes until 11:05. If you would rather sleep, there is a night train at 23:50 as well.';

const bytesOf = (samples: Int16Array) => new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);

function learned(): SpeechRate {
  const rate = new SpeechRate();
  for (const text of TEXTS) {
    const alignment = new Alignment(rate);
    alignment.addText(text);
    alignment.addAudio(bytesOf(encodeToneSpeech(text, RATE_HZ)), LINEAR);
    alignment.complete(true);
  }
  return rate;
}

/** The greatest number of words by which the alignment is off, over the whole text. */
function worstError(alignment: Alignment, text: string, offsetMs = 0, scale = 1): number {
  const words = wordsOf(layOutToneSpeech(text).characters);
  let worst = 0;
  for (let index = 0; index < words.length; index++) {
    const atMs = offsetMs + words[index]!.endMs * scale + 30;
    const found = text.slice(0, alignment.charactersAt(atMs)).split(/\s+/).filter(Boolean).length;
    worst = Math.max(worst, Math.abs(found - (index + 1)));
  }
  return worst;
}

test('a voice that was heard before is known to the word while its audio still comes', () => {
  const alignment = new Alignment(learned());
  alignment.addText(LONG);
  const audio = bytesOf(encodeToneSpeech(LONG, RATE_HZ));
  alignment.addAudio(audio.subarray(0, (audio.length >> 2) * 2), LINEAR);
  expect(worstError(alignment, LONG)).toBeLessThanOrEqual(1);
});

test('with all of its audio even a voice never heard before is known to the word or two', () => {
  const alignment = new Alignment(new SpeechRate());
  const text = LONG.replaceAll(/\d/g, 'x');
  alignment.addText(text);
  alignment.addAudio(bytesOf(encodeToneSpeech(text, RATE_HZ)), LINEAR);
  alignment.complete(true);
  expect(worstError(alignment, text)).toBeLessThanOrEqual(2);
  expect(alignment.charactersAt(alignment.audioMs)).toBe(text.length);
});

test('word timestamps are followed exactly, and gone on from where they end', () => {
  const alignment = new Alignment(learned());
  alignment.addText(LONG);
  const words = wordsOf(layOutToneSpeech(LONG).characters);
  alignment.addAudio(bytesOf(encodeToneSpeech(LONG, RATE_HZ)), LINEAR);
  const timed = Math.floor(words.length * 0.8);
  for (const { text, endMs } of words.slice(0, timed)) alignment.addWord(text, endMs);
  for (let index = 0; index < timed; index++) {
    const found = LONG.slice(0, alignment.charactersAt(words[index]!.endMs)).split(/\s+/).length;
    expect(found).toBe(index + 1);
    const before = LONG.slice(0, alignment.charactersAt(words[index]!.endMs - 12))
      .split(/\s+/)
      .filter(Boolean).length;
    expect(before).toBe(index);
  }
  expect(worstError(alignment, LONG)).toBeLessThanOrEqual(1);
});

test('timestamps with words of their own, or none at all, do not lead it astray', () => {
  const alignment = new Alignment(learned());
  const text = 'It costs $100 in all, and not a cent more.';
  alignment.addText(text);
  alignment.addAudio(bytesOf(encodeToneSpeech(text, RATE_HZ)), LINEAR);
  const words = wordsOf(layOutToneSpeech(text).characters);
  for (const { text: word, endMs } of words)
    alignment.addWord(word === '$100' ? 'hundred' : word.replace(/\W/g, ''), endMs);
  alignment.complete(true);
  expect(worstError(alignment, text)).toBe(0);
});

test('pauses in the audio are not taken for speech, and lie at punctuation', () => {
  const parts = [
    'Well, ',
    'that will be a little difficult to do. ',
    'Let us try it all the same; ',
    'perhaps it works.',
  ];
  const pauseMs = 400;
  const alignment = new Alignment(new SpeechRate()); // knows nothing of this voice, which is 10% slower than expected
  const clauses: Uint8Array[] = [];
  for (const part of parts) {
    alignment.addText(part);
    clauses.push(bytesOf(encodeToneSpeech(part.trimEnd(), RATE_HZ, { speed: 0.9 })), new Uint8Array(pauseMs * 16));
  }
  const all = Buffer.concat(clauses);
  for (let at = 0; at < all.length; at += 1_364) alignment.addAudio(all.subarray(at, at + 1_364), LINEAR);
  alignment.complete(true);
  let atMs = 0;
  let characters = 0;
  for (const part of parts) {
    atMs += layOutToneSpeech(part.trimEnd(), { speed: 0.9 }).durationMs;
    characters += part.length;
    expect(alignment.charactersAt(atMs + 60)).toBe(characters - (part.endsWith(' ') ? 1 : 0));
    expect(alignment.charactersAt(atMs + pauseMs - 60)).toBe(characters - (part.endsWith(' ') ? 1 : 0));
    atMs += pauseMs;
  }
});

test('silence before the first word is not heard as words', () => {
  const alignment = new Alignment(learned());
  alignment.addText(TEXTS[0]!);
  alignment.addAudio(new Uint8Array(700 * 16), LINEAR);
  alignment.addAudio(bytesOf(encodeToneSpeech(TEXTS[0]!, RATE_HZ)), LINEAR);
  expect(alignment.charactersAt(700)).toBe(0);
  expect(worstError(alignment, TEXTS[0]!, 700)).toBeLessThanOrEqual(1);
});

test('audio that was cut short is not stretched over all of the text', () => {
  const alignment = new Alignment(learned());
  alignment.addText(LONG);
  const audio = bytesOf(encodeToneSpeech(LONG, RATE_HZ));
  alignment.addAudio(audio.subarray(0, (audio.length >> 3) * 2), LINEAR);
  alignment.complete(false);
  const share = alignment.charactersAt(alignment.audioMs) / LONG.length;
  expect(share).toBeGreaterThan(0.2);
  expect(share).toBeLessThan(0.3);
});

test('a rate learns letters, digits and Indic letters apart, and is not upset by one odd text', () => {
  const rate = learned();
  const hindi = 'नमस्ते, मैं आपकी क्या सहायता कर सकता हूँ? कृपया अपना नाम बताइए।';
  const toMs = (text: string) => layOutToneSpeech(text).durationMs;
  for (let i = 0; i < 2; i++) {
    const alignment = new Alignment(rate);
    alignment.addText(hindi);
    alignment.addAudio(bytesOf(encodeToneSpeech(hindi, RATE_HZ)), LINEAR);
    alignment.complete(true);
  }
  rate.learn([10, 0, 0, 0], 30_000);
  for (const text of [...TEXTS, LONG, hindi]) {
    const alignment = new Alignment(rate);
    alignment.addText(text);
    expect(Math.abs(alignment.expectedMs / toMs(text) - 1)).toBeLessThan(0.06);
  }
});

test('a human-like voice that was never heard before: two words off at most where its sentences end', async ({
  skip,
}) => {
  const system = await findSystemVoice();
  if (!system) return skip('neither flite nor espeak-ng is here');
  const sentences = [
    'There are three trains on that day.',
    'The first one leaves at 6:45 in the morning, and it arrives at 9:12.',
    'The second one is cheaper, but it stops in every village on the way, so it takes until 11:05.',
    'Which one would you like me to book for you?',
  ];
  const text = sentences.join(' ');
  const samples = await system.voice(text, RATE_HZ, 1);
  const alignment = new Alignment(new SpeechRate());
  alignment.addText(text);
  alignment.addAudio(bytesOf(samples.subarray(0, Math.floor(samples.length * 0.9))), LINEAR); // the rest is still to come
  for (let count = 1; count < sentences.length; count++) {
    const head = sentences.slice(0, count).join(' ');
    const endMs = (await system.voice(head, RATE_HZ, 1)).length / (RATE_HZ / 1_000); // with its closing pause
    const words = text
      .slice(0, alignment.charactersAt(endMs - 60))
      .split(/\s+/)
      .filter(Boolean).length;
    expect(Math.abs(words - head.split(' ').length)).toBeLessThanOrEqual(2);
  }
});

test.each<AudioFormat>([
  { encoding: 'mulaw', sampleRateHz: 8_000 },
  { encoding: 'alaw', sampleRateHz: 8_000 },
  { encoding: 'mulaw', sampleRateHz: 16_000 },
  { encoding: 'linear16', sampleRateHz: 24_000 },
  { encoding: 'linear16', sampleRateHz: 44_100 },
])('$encoding at $sampleRateHz Hz counts as what it is, however it is cut', (format) => {
  const alignment = new Alignment(learned());
  alignment.addText(LONG);
  const audio = new SampleWriter(format).write(encodeToneSpeech(LONG, format.sampleRateHz));
  const { durationMs } = layOutToneSpeech(LONG);
  for (let at = 0; at < audio.length; at += 1_001) alignment.addAudio(audio.subarray(at, at + 1_001), format);
  alignment.complete(true);
  expect(alignment.audioMs).toBeCloseTo(durationMs, 0);
  expect(worstError(alignment, LONG)).toBeLessThanOrEqual(1);
});

test('silence is silence in every encoding', () => {
  for (const [encoding, code] of [
    ['mulaw', MULAW_SILENCE],
    ['alaw', ALAW_SILENCE],
    ['linear16', 0],
  ] as const) {
    const rate = new SpeechRate();
    const alignment = new Alignment(rate);
    alignment.addText('And that was all there was to be said about it.');
    const expectedMs = alignment.expectedMs;
    const format: AudioFormat = { encoding, sampleRateHz: 8_000 };
    alignment.addAudio(new Uint8Array(16_000 * bytesPerSample(format)).fill(code), format); // two seconds
    expect(alignment.audioMs).toBe(2_000);
    alignment.complete(true);
    const again = new Alignment(rate);
    again.addText('And that was all there was to be said about it.');
    expect(again.expectedMs).toBe(expectedMs); // nothing was spoken, so nothing was learned
  }
});
