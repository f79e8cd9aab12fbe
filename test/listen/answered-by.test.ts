/** Who has answered a call that we placed: a person, a machine or nobody, by what is heard and when. */
import { describe, expect, test } from 'vitest';
import { AnswerJudge, type AnswerEffect, type AnswerEvent } from '../../src/listen/answered-by.ts';
import { machineWordsIn, personWordsIn } from '../../src/listen/answering-words.ts';

const VOICE = { type: 'voice', phase: 'start' } as const;
const QUIET = { type: 'voice', phase: 'end' } as const;
const BEEP = { type: 'beep' } as const;
const words = (text: string) => ({ type: 'words', text }) as const;

/** What the judge says of what is heard, with its timer, each with its time. */
function judge(heard: [atMs: number, event: AnswerEvent][], untilMs = 70_000): [atMs: number, string][] {
  const one = new AnswerJudge(0);
  const found: [number, string][] = [];
  const note = (effects: AnswerEffect[], atMs: number) => {
    for (const effect of effects) {
      found.push([atMs, effect.type === 'answered-by' ? `${effect.who} by ${effect.sign}` : effect.type]);
    }
  };
  const waitUntil = (limitMs: number) => {
    for (let due = one.dueAtMs; due !== undefined && due <= limitMs; due = one.dueAtMs) {
      note(one.handle({ type: 'timer' }, due), due);
    }
  };
  for (const [atMs, event] of heard) {
    waitUntil(atMs - 1);
    note(one.handle(event, atMs), atMs);
  }
  waitUntil(untilMs);
  return found;
}

describe('a person', () => {
  test.each([
    [
      'says a word and waits',
      [
        [400, VOICE],
        [900, QUIET],
      ],
      [1_600, 'person by pause'],
    ],
    [
      'was understood to have finished',
      [
        [400, VOICE],
        [900, QUIET],
        [1_200, { type: 'finished', text: 'Hello?' }],
      ],
      [1_200, 'person by pause'],
    ],
    [
      'says a name and a question in one breath',
      [
        [300, VOICE],
        [2_900, words('Acme dental, Julia speaking')],
        [3_000, QUIET],
        [3_000, words('Acme dental, Julia speaking, how can I help')],
      ],
      [3_000, 'person by words'],
    ],
    [
      'pauses between two words',
      [
        [400, VOICE],
        [800, QUIET],
        [1_200, VOICE],
        [1_500, QUIET],
      ],
      [2_200, 'person by pause'],
    ],
    ['says nothing', [], [2_500, 'unknown by silence']],
    [
      'is told by the carrier',
      [[900, { type: 'carrier', who: 'person', mayLeave: false }]],
      [900, 'person by carrier'],
    ],
  ] satisfies [string, [number, AnswerEvent][], [number, string]][])('who %s', (_, heard, found) => {
    expect(judge(heard)).toEqual([found]);
  });
});

describe('a machine', () => {
  test.each([
    [
      'goes on talking',
      [
        [300, VOICE],
        [9_000, QUIET],
      ],
      [
        [3_500, 'machine by length'],
        [11_500, 'may-leave'],
      ],
    ],
    [
      'says what only machines say, and beeps',
      [
        [300, VOICE],
        [1_500, words('please leave a message')],
        [4_000, QUIET],
        [4_700, BEEP],
      ],
      [
        [1_500, 'machine by words'],
        [5_000, 'may-leave'],
      ],
    ],
    [
      'has a hole in its greeting that is no end',
      [
        [300, VOICE],
        [2_000, words('nach dem Signalton')],
        [3_000, QUIET],
        [4_500, VOICE],
        [6_000, QUIET],
        [6_500, BEEP],
      ],
      [
        [2_000, 'machine by words'],
        [6_800, 'may-leave'],
      ],
    ],
    [
      'goes on behind a beep',
      [
        [300, VOICE],
        [1_000, words('voicemail')],
        [2_000, QUIET],
        [2_200, BEEP],
        [2_300, VOICE],
        [5_000, QUIET],
        [5_400, BEEP],
      ],
      [
        [1_000, 'machine by words'],
        [5_700, 'may-leave'],
      ],
    ],
    [
      'beeps at once',
      [[800, BEEP]],
      [
        [800, 'machine by beep'],
        [1_100, 'may-leave'],
      ],
    ],
    [
      'is found out late, when a person was greeted already',
      [
        [300, VOICE],
        [700, QUIET],
        [2_000, VOICE],
        [4_000, words('the person you are trying to reach is not available')],
        [5_000, QUIET],
      ],
      [
        [1_400, 'person by pause'],
        [4_000, 'machine by words'],
        [7_500, 'may-leave'],
      ],
    ],
    [
      'is told by the carrier, when its beep is over',
      [
        [300, VOICE],
        [2_000, { type: 'carrier', who: 'machine', mayLeave: true }],
      ],
      [
        [2_000, 'machine by carrier'],
        [2_000, 'may-leave'],
      ],
    ],
    [
      'never ends its greeting',
      [[300, VOICE]],
      [
        [3_500, 'machine by length'],
        [63_500, 'give-up'],
      ],
    ],
  ] satisfies [string, [number, AnswerEvent][], [number, string][]][])('that %s', (_, heard, found) => {
    expect(judge(heard)).toEqual(found);
  });

  test('is none once the first seconds are over: a caller may speak of their voicemail', () => {
    const found = judge([
      [300, VOICE],
      [700, QUIET],
      [20_000, words('I left you a voicemail')],
      [21_000, BEEP],
    ]);
    expect(found).toEqual([[1_400, 'person by pause']]);
  });
});

test.each([
  'Hi, you have reached Ann. Please leave a message after the tone.',
  'Der Teilnehmer ist zur Zeit nicht erreichbar. Bitte hinterlassen Sie eine Nachricht nach dem Signalton!',
  'Bonjour, laissez-moi un message après le bip.',
  'Deje su mensaje después de la señal.',
  'Lasciate un messaggio dopo il segnale acustico',
  'Deixe sua mensagem após o sinal.',
  'Spreek een bericht in na de piep',
  'कृपया बीप के बाद अपना संदेश छोड़ें',
])('words of a machine: %s', (text) => {
  expect(machineWordsIn(text)).toBe(true);
  expect(personWordsIn(text)).toBe(false);
});

test.each([
  'Hello?',
  'Ja, Schmidt?',
  'Allô, oui ?',
  'Yes, this is Ann.',
  'Who is this?',
  'हाँ, कौन बोल रहे हैं?',
  'The message was clear',
])('no words of a machine: %s', (text) => expect(machineWordsIn(text)).toBe(false));
