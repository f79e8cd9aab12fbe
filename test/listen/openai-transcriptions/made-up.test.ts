/** What recognizers make up where nobody speaks is not heard; what callers say is. */
import { expect, test } from 'vitest';
import { saidIn } from '../../../src/listen/openai-transcriptions/made-up.ts';

const said = (text: string, voiceMs = 5_000, prompt?: string) =>
  saidIn({ text, segments: [], words: [] }, { voiceMs, prompt });

test.each([
  ['Thank you for watching!', 5_000],
  ['Subtitles by the Amara.org community', 5_000],
  ['ご視聴ありがとうございました', 5_000],
  ['Продолжение следует...', 5_000],
  ['[BLANK_AUDIO]', 1_000],
  ['[Music] ♪♪', 1_000],
  ['(wind blowing)', 1_000],
  ['*coughs*', 1_000],
  ['<|nospeech|>', 1_000],
  ['. . .', 1_000],
  ['', 1_000],
  ['So I will see you all in the next one.', 200], // a click has no room for it
])('`%s` in %i ms of voice is made up', (text, voiceMs) => {
  expect(said(text, voiceMs)).toBe('');
});

test.each([
  ['Yes.', 120],
  ['Thank you.', 400],
  ['Thanks for watching my dog yesterday, I am Anna Rao.', 3_000],
  ['My number is (555) 010-0199', 4_000],
  ['हाँ', 150],
  ['はい', 150],
])('`%s` in %i ms of voice is said', (text, voiceMs) => {
  expect(said(text, voiceMs)).toBe(text);
});

test('notes beside words are left out', () => {
  expect(said('[noise] Hello there ♪')).toBe('Hello there');
});

test('what it was told to expect, and no more than that, is not what was said', () => {
  expect(said('Acme, Rao.', 5_000, 'Acme, Rao')).toBe('');
  expect(said('Acme', 5_000, 'Acme, Rao')).toBe('Acme');
});

test('stretches of which the server itself is not sure are left out', () => {
  const sure = { text: 'I am Anna.', noSpeech: 0.1, logProbability: -0.2, compression: 1.1 };
  const silent = { text: 'Bye bye.', noSpeech: 0.8, logProbability: -1.4, compression: 1 };
  const stuck = { text: 'go go go go go go', noSpeech: 0.1, logProbability: -0.2, compression: 4 };
  const quiet = { text: 'Hello.', noSpeech: 0.8, logProbability: -0.3, compression: 1 };
  const hear = (...segments: (typeof sure)[]) =>
    saidIn({ text: segments.map(({ text }) => text).join(' '), segments, words: [] }, { voiceMs: 5_000 });
  expect(hear(sure, silent)).toBe('I am Anna.');
  expect(hear(stuck)).toBe('');
  expect(hear(quiet, sure)).toBe('Hello. I am Anna.');
});
