import { expect, test } from 'vitest';
import { answerIn } from '../../src/call/consult-words.ts';

test.each([
  ['Yes.', 'yes'],
  ['Yeah, put them through.', 'yes'],
  ["Sure, I'll take it.", 'yes'],
  ['Ja, gerne.', 'yes'],
  ['Oui, passez-la-moi.', 'yes'],
  ['Sí, claro.', 'yes'],
  ['हाँ जी', 'yes'],
  ['No.', 'no'],
  ["Sorry, I can't right now.", 'no'],
  ['Okay, but not now.', 'no'],
  ['Nein, später.', 'no'],
  ['Ahora no.', 'no'],
  ['अभी नहीं', 'no'],
  ['Who is this?', undefined],
  ['Hello?', undefined],
  ['Yesterday.', undefined],
  ['Nobody told me.', undefined],
])('whether they take the call: %s: %s', (text, answer) => {
  expect(answerIn(text)).toBe(answer);
});
