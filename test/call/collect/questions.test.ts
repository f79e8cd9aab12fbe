/** What the ready-made tasks ask is understood by whoever waits for the answer: a number of ten digits is not taken after four. */
import { expect, test } from 'vitest';
import { expectedQuestion } from '../../../src/listen/expected.ts';
import { questionIn } from '../../../src/listen/question.ts';
import { speechOf } from '../../../src/listen/speech-of.ts';
import type { ExpectedAnswer } from '../../../src/listen/contract.ts';
import { QUESTIONS, READ_BACKS, type CollectKind } from '../../../src/call/collect/phrases.ts';
import type { CollectLanguage } from '../../../src/call/collect/words.ts';

const LANGUAGES: readonly CollectLanguage[] = ['en', 'hi', 'es'];
const OFFERS: Readonly<Record<CollectLanguage, string>> = {
  en: 'small or large',
  hi: 'छोटा या बड़ा',
  es: 'pequeño o grande',
};
/** What a tool would say that it expects, to ask the same. */
const EXPECTED: readonly [CollectKind, ExpectedAnswer][] = [
  ['name', 'name'],
  ['phone', 'phone-number'],
  ['email', 'email'],
  ['date', 'date'],
  ['time', 'time'],
  ['address', 'address'],
  ['card', 'card-number'],
  ['cardExpiry', { code: 4 }],
  ['cardCode', 'security-code'],
  ['confirm', 'yes-no'],
];

test.each(LANGUAGES.flatMap((language) => EXPECTED.map(([kind, answer]) => ({ language, kind, answer }))))(
  'in $language the question for $kind is heard as one',
  ({ language, kind, answer }) => {
    const speech = speechOf(language);
    expect(questionIn(QUESTIONS[kind][language], speech)).toEqual(expectedQuestion(answer, speech));
  },
);

test.each(LANGUAGES)('in %s what is offered is heard as one of two, and what is read back as yes or no', (language) => {
  const speech = speechOf(language);
  expect(questionIn(QUESTIONS.choice[language].replace('{}', OFFERS[language]), speech).kind).toBe('either');
  for (const template of Object.values(READ_BACKS)) {
    expect(questionIn(template[language].replace('{}', '4 7 1 1'), speech).kind).toBe('yes-no');
  }
});
