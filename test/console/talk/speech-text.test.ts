import { expect, test } from 'vitest';
import { Clauses, isEcho } from '../../../src/console/talk/page/speech-text.ts';

/** What is spoken of a text that comes in pieces of so many characters. */
function spokenOf(text: string, size: number): string[] {
  const clauses = new Clauses();
  const spoken: string[] = [];
  for (let at = 0; at < text.length; at += size) spoken.push(...clauses.push(text.slice(at, at + size)));
  return [...spoken, ...clauses.end()];
}

const TEXT =
  'Yes, we are open. On Mondays from nine to six in the evening, on Tuesdays from ten "until late." Which is it?';

test('a text is spoken by sentences and long clauses, however it comes', () => {
  const expected = [
    'Yes, we are open. ',
    'On Mondays from nine to six in the evening, ',
    'on Tuesdays from ten "until late." ',
    'Which is it?',
  ];
  for (let size = 1; size <= TEXT.length; size++) expect(spokenOf(TEXT, size)).toEqual(expected);
});

test('nothing of a text is lost or said twice, and what never ends is said in the end', () => {
  for (const text of [TEXT, 'no end', '3.5 litres of milk, e.g. ', '¿Qué? ¡Sí! Vale…', '你好。 世界', '   ']) {
    expect(spokenOf(text, 2).join('').trim()).toBe(text.trim());
  }
});

test.each([
  ['we are open on Mondays', true],
  ['open on', true],
  ['', true],
  ['no, I said Tuesday', false],
  ['we want to leave', false],
])('`%s` in the microphone is the loudspeaker: %s', (heard, isOwn) => {
  expect(isEcho(heard, 'Yes, we are open on Mondays from nine to six.')).toBe(isOwn);
});
