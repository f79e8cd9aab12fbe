import { expect, test } from 'vitest';
import { encodeMulaw } from '../../../src/audio/g711.ts';
import { encodeToneSpeech } from '../../../src/audio/tone-speech.ts';
import { AgentEar } from '../../../src/cli/caller/ear.ts';
import { SAMPLES_PER_MS, VoiceTrack } from '../../../src/simulate/phone/voice-track.ts';

const tones = (text: string): Uint8Array => encodeMulaw(encodeToneSpeech(text, 8_000));
const silence = (ms: number): number => ms * SAMPLES_PER_MS;

/** Sound as bytes, silence as a number of samples; looked at every `everyMs`. Times are whole milliseconds. */
function hear(parts: readonly (Uint8Array | number)[], everyMs = 50): string[] {
  const told: string[] = [];
  const heard = new VoiceTrack();
  const at = (what: string) => (ms: number, word?: string) =>
    void told.push(`${Math.round(ms)} ${what}${word === undefined ? '' : ` ${word}`}`);
  const ear = new AgentEar(heard, { agentStarts: at('starts'), agentSays: at('says'), agentEnds: at('ends') });
  const step = everyMs * SAMPLES_PER_MS;
  for (const part of parts) {
    const length = typeof part === 'number' ? part : part.length;
    for (let from = 0; from < length; from += step) {
      const until = Math.min(length, from + step);
      if (typeof part === 'number') heard.writeSilence(until - from);
      else heard.write(part.subarray(from, until));
      ear.listen();
    }
  }
  ear.finish();
  return told;
}

const kinds = (told: string[]): string[] => told.map((one) => one.replace(/^\d+ /, ''));
const timeOf = (told: string[], what: string): number => Number(told.find((one) => one.includes(what))?.split(' ')[0]);

test('the beginning and the end are told to the sample, the words when they are whole', () => {
  const speech = tones('Hello, Ada.');
  const told = hear([silence(300), speech, silence(800)]);
  expect(kinds(told)).toEqual(['starts', 'says Hello,', 'says Ada.', 'ends']);
  expect(timeOf(told, 'starts')).toBeGreaterThanOrEqual(300);
  expect(timeOf(told, 'starts')).toBeLessThan(305);
  const endMs = 300 + speech.length / SAMPLES_PER_MS;
  expect(timeOf(told, 'ends')).toBeGreaterThan(endMs - 20);
  expect(timeOf(told, 'ends')).toBeLessThanOrEqual(endMs);
});

test.each([7, 20, 130, 400])('the same is told however often somebody looks: every %i ms', (everyMs) => {
  const parts = [silence(111), tones('One two.'), silence(900), tones('Three.'), silence(600)];
  expect(hear(parts, everyMs)).toEqual(hear(parts, 50));
});

test('a pause between sentences is no end, silence is', () => {
  const told = hear([tones('One.'), silence(400), tones('Two.'), silence(700), tones('Three.'), silence(600)]);
  expect(kinds(told)).toEqual(['starts', 'says One.', 'says Two.', 'ends', 'starts', 'says Three.', 'ends']);
});

test('two utterances without a space between them are two words', () => {
  expect(kinds(hear([tones('right away.'), tones('Ada is here at 10 a.m. today.')]))).toContain('says away.');
});

test('what is cut off in the middle of a word is told as far as it came', () => {
  const cut = tones('Hello Ada').subarray(0, silence(66.7 * 4));
  expect(kinds(hear([cut, silence(600)]))).toEqual(['starts', 'says Hell', 'ends']);
});

test('a sound that is no tone speech has a beginning and an end, and no words', () => {
  const noise = encodeMulaw(Int16Array.from({ length: silence(900) }, (_, i) => ((i * 7_919) % 4_001) - 2_000));
  expect(kinds(hear([silence(50), noise, silence(700)]))).toEqual(['starts', 'ends']);
});

test('an agent who is silent when somebody is about to speak has finished; one in the middle of a word has not', () => {
  const told: string[] = [];
  const heard = new VoiceTrack();
  const ear = new AgentEar(heard, {
    agentStarts: () => told.push('starts'),
    agentSays: (_, word) => told.push(word),
    agentEnds: () => told.push('ends'),
  });
  const speech = tones('Hello Ada');
  heard.write(speech.subarray(0, silence(200)));
  ear.yieldTurn();
  expect(told).toEqual(['starts']);
  heard.write(speech.subarray(silence(200)));
  heard.writeSilence(silence(250));
  ear.yieldTurn();
  expect(told).toEqual(['starts', 'Hello', 'Ada', 'ends']);
});

test('silence is nothing', () => {
  expect(hear([silence(3_000)])).toEqual([]);
});
