/** What the weights have learned, as far as it must hold: none of these sentences is one that they were made of. */
import { expect, test } from 'vitest';
import { CallerPauses } from '../../src/listen/caller-pauses.ts';
import { featuresOf, readingOf, TABLE_SIZE } from '../../src/listen/finished-features.ts';
import { oddsOfEnd } from '../../src/listen/finished.ts';
import { questionIn } from '../../src/listen/question.ts';
import type { Speech } from '../../src/listen/speech-of.ts';
import { waitFor } from '../../src/listen/wait.ts';

const odds = (asked: string, said: string, speech: Speech = 'en') => oddsOfEnd(said, questionIn(asked, speech), speech);

test.each<[asked: string, open: string, whole: string, speech?: Speech]>([
  ['How can I help you?', 'my dishwasher is', 'my dishwasher is leaking'],
  ['How can I help you?', 'I would like to cancel the', 'I would like to cancel the subscription.'],
  ['What is your name?', 'my name is', 'my name is gregory house'],
  ['What is your phone number?', 'six one seven', 'six one seven five five five oh one double two'],
  ['Please read me the six digit code.', '48 1', '48 19 03'],
  ['What is your booking reference?', "it's k l", "it's k l four four nine two"],
  ['For which day and what time?', 'on wednesday', 'on wednesday at half past nine'],
  ['Shall I book it?', 'um', 'yes please'],
  ['Shall I book it?', 'yes but', 'yes please'],
  ['आप कब आना चाहेंगे?', 'वो मेरा', 'बुधवार को', 'in'],
  ['Aap kab aayenge?', 'main soch raha tha ki', 'somvar shaam ko', 'in'],
  ['Aapka naam?', 'mera naam', 'mera naam Gaurav hai', 'in'],
  ['¿En qué puedo ayudarle?', 'quería cambiar la', 'quería cambiar la fecha de mi vuelo', 'es'],
  ['¿Cuál es su número de teléfono?', 'seis cinco cuatro', 'seis cinco cuatro uno dos tres siete ocho nueve', 'es'],
])('asked %j, %j is more open than %j', (asked, open, whole, speech) => {
  expect(odds(asked, whole, speech) - odds(asked, open, speech)).toBeGreaterThan(0.9);
});

test.each<[asked: string, open: string, whole: string, speech: Speech]>([
  ['Wie ist Ihr Name?', 'mein Name ist', 'mein Name ist Becker', 'de'],
  ['Comment puis-je vous aider ?', 'je voudrais', 'ma carte ne marche pas', 'fr'],
  ['Come posso aiutarla?', 'vorrei', 'il pacco non è arrivato', 'it'],
  ['Como posso ajudar?', 'eu queria saber se', 'meu cartão não funciona', 'pt'],
  ['Hoe kan ik u helpen?', 'ik wilde weten of', 'mijn pas werkt niet', 'nl'],
  ['Чем могу помочь?', 'дело в том что', 'посылка не пришла', 'ru'],
  ['お名前をお願いします。', 'あの', '田中です。', 'asia'],
])('in a language of fewer sentences: asked %j, %j is more open than %j', (asked, open, whole, speech) => {
  expect(odds(asked, whole, speech) - odds(asked, open, speech)).toBeGreaterThan(0.9);
});

test.each<[asked: string, said: string, speech?: Speech]>([
  ['Shall I move it to Friday?', 'yes'],
  ['Is the parcel still sealed?', 'no'],
  ['Is there anything else?', 'no'],
  ['¿Está de acuerdo?', 'no', 'es'],
])('asked %j, %j is as good as all of it, although the service writes no mark', (asked, said, speech) => {
  expect(waitFor(odds(asked, said, speech), { endpointMs: 500, mostMs: 3_000 })).toBeLessThanOrEqual(300);
});

test('who begins with it and says more is judged by that', () => {
  const goesOn = waitFor(odds('Shall I move it to Friday?', 'yes but'), { endpointMs: 500, mostMs: 3_000 });
  expect(goesOn).toBeGreaterThan(1_000);
});

test('a part of a number whose length is known is waited for, whatever else is known', () => {
  expect(odds('Please read me the six digit code.', 'Four, four, seven.')).toBeLessThanOrEqual(-3.5);
  expect(odds('What is your booking reference?', 'k l')).toBeLessThanOrEqual(-3.5);
  expect(odds('What is your booking reference?', 'I do not have it.')).toBeGreaterThan(-3);
});

test.each<[asked: string, part: string, whole: string, speech?: Speech]>([
  ['Please read me the nineteen digit number on the SIM card.', '8991 1010 2030 4050', '8991 1010 2030 4050 607'],
  ['What is the long number on your card?', '6304 1010 2030 4050 60', '6304 1010 2030 4050 607'],
  ['What is the ICCID?', 'eight nine one one zero one zero two', 'eight nine one one zero one zero two 0304 0506 070'],
  ['Uska unnis ank ka number bataiye.', 'aath nau ek ek 1010 2030 4050', 'aath nau ek ek 1010 2030 4050 607', 'in'],
  ['Dígame el número de diecinueve cifras.', 'ocho nueve uno uno 1010', 'ocho nueve uno uno 1010 2030 4050 607', 'es'],
])('numbers of 19 digits are waited for: asked %j, %j is a part', (asked, part, whole, speech) => {
  expect(odds(asked, part, speech)).toBeLessThanOrEqual(-3.5);
  expect(odds(asked, whole, speech)).toBeGreaterThan(-1);
});

test('a digit too many in front of a whole number does not make it a part of a longer one', () => {
  const asked = 'What is your card number?';
  expect(odds(asked, 'one moment please it is 4242 4242 4242 4242')).toBeGreaterThan(0);
  expect(odds(asked, 'one moment please it is 4242 4242')).toBeLessThanOrEqual(-3.5);
});

test('a full stop behind a word that nobody stops at is doubted', () => {
  expect(odds('Where to?', 'I want to.')).toBeLessThan(odds('Where to?', 'I want to go to Boston.') - 1);
});

const IS_IT = questionIn('Is it?');
const placesOf = (text: string) => featuresOf(readingOf(text, IS_IT, 'en'), IS_IT, 'en');

test('every word has a place in the table, and a text without words none', () => {
  for (const text of ['yes', '予約をお願いします', 'x'.repeat(5_000), '٣٤٥ 🙂', 'a '.repeat(3_000)]) {
    const places = placesOf(text);
    expect(places.length).toBeGreaterThan(10);
    expect(places.every((place) => Number.isInteger(place) && place >= 0 && place < TABLE_SIZE)).toBe(true);
    expect(Number.isFinite(oddsOfEnd(text, IS_IT, 'en'))).toBe(true);
  }
  expect(placesOf(' … ')).toEqual([]);
});

test('R26: the wait falls with the odds, is shifted by `endpointMs`, and is never over the most', () => {
  const options = { endpointMs: 500, mostMs: 2_000 };
  const waits = [-9, -3, -1, 0, 1, 2, 9].map((each) => waitFor(each, options));
  expect(waits).toEqual([...waits].sort((one, other) => other - one));
  expect(waits[0]).toBe(2_000);
  expect(waits.at(-1)).toBe(0);
  expect(waitFor(0, { ...options, endpointMs: 800 })).toBeCloseTo(waitFor(0, options) * 1.6);
});

test('R26: a caller who pauses long is waited for longer, within bounds', () => {
  const pauses = new CallerPauses();
  expect(pauses.factor).toBe(1);
  pauses.heard(900);
  expect(pauses.factor).toBeGreaterThan(1);
  for (let i = 0; i < 50; i++) pauses.heard(2_500);
  expect(pauses.factor).toBe(1.25);
  const quick = new CallerPauses();
  for (let i = 0; i < 50; i++) quick.heard(210);
  expect(quick.factor).toBe(0.9);
});
