/** The agent on hold itself: silent, without a request, until a person speaks, a menu wants a key, or it was long enough. */
import { describe, expect, test } from 'vitest';
import { whoSaysSo } from '../../src/turn/hold-words.ts';
import { play, type PlayOptions } from './helpers/play.ts';

const WAITING = `
      0  caller-turn  "Please hold while I look for somebody."
    100  tool-call    wait_on_hold {}
    200  step-end     tool_calls
    250  tool-settled hold
`;
const hold = (options: PlayOptions = {}) => play(WAITING, options);
const requests = (played: ReturnType<typeof play>) => played.all('request-step').length;

test('hold: nothing is said and nothing is asked while recordings play, however long, and nobody is nudged', () => {
  const played = hold().go(`
      5000  caller-speech start
      8000  caller-speech end
      8000  caller-turn "Your call is important to us. Please stay on the line."
     60000  caller-turn "You are number two in the queue."
    600000  wait
  `);
  expect(requests(played)).toBe(1);
  expect(played.all('say')).toEqual([]);
  expect(played.reports('hold-start')).toMatchObject([{ turn: 1, atMs: 250 }]);
  expect(played.reports('turn-end')).toMatchObject([{ turn: 1, outcome: 'replied' }]);
});

test('hold: a person ends it in the tick in which they have spoken, and the model knows what it has missed', () => {
  const played = hold().go(`
      9000  caller-turn "You are number two in the queue."
     70250  caller-turn "Hello, this is Ann, how can I help you?"
  `);
  const [request] = played.at(70_250).filter(({ type }) => type === 'request-step');
  const told = JSON.stringify(request);
  expect(told).toContain('You were on hold for 70 s. Recordings said: ');
  expect(told).toContain('number two in the queue');
  expect(told).toContain('Hello, this is Ann');
  expect(played.reports('hold-end')).toMatchObject([{ turn: 1, heldMs: 70_000, why: 'person' }]);
});

test('hold: a menu ends it too', () => {
  const played = hold().go(`9000 caller-turn "To leave your number, press one. To stay on the line, press two."`);
  expect(played.reports('hold-end')).toMatchObject([{ why: 'menu' }]);
  expect(requests(played)).toBe(2);
});

test('hold: after `mostHoldMs` the model is asked whether to go on', () => {
  const played = hold({ turn: { mostHoldMs: 30_000 } }).go('40000 wait');
  expect(played.reports('hold-end')).toMatchObject([{ atMs: 30_250, heldMs: 30_000, why: 'too-long' }]);
  expect(JSON.stringify(played.all('request-step').at(-1))).toContain('Nobody has come');
});

test('R20: a call that ends on hold ends as any other', () => {
  const played = hold().go('9000 hang-up');
  expect(played.reports('hold-end')).toMatchObject([{ why: 'call-ended' }]);
  expect(played.reports('call-end')).toHaveLength(1);
});

test('R19: who speaks over the words before it takes the wait back', () => {
  const played = play(
    `
      0  caller-turn "Please hold."
    100  text-delta  "I will wait. "
    150  tool-call   wait_on_hold {}
    200  step-end    tool_calls
    400  caller-turn "No, wait, who are you calling for?"
  `,
    { speaker: { charactersPerSecond: 10 } },
  );
  expect(played.reports('hold-start')).toEqual([]);
  expect(played.reports('tool-end')).toMatchObject([{ name: 'wait_on_hold', ok: false, failure: 'cancelled' }]);
});

test('R14: a result that comes while the agent is on hold is told when that is over, and breaks no silence', () => {
  const played = play(`
      0  caller-turn  "Book it, and hold the line."
     50  tool-call    book_slot {} #book
     60  step-end     tool_calls
    100  caller-turn  "Please hold on, will you?"
    200  tool-call    wait_on_hold {} #wait
    250  step-end     tool_calls
    300  tool-settled #wait hold
   5000  tool-settled #book {"booked":true}
  30000  wait
  `);
  const before = requests(played);
  played.go('40000 caller-turn "Hello, who is this?"');
  expect(requests(played)).toBe(before + 1);
  expect(JSON.stringify(played.all('request-step').at(-1))).toContain('booked');
});

describe('what is said to somebody on hold', () => {
  test.each([
    ['Thank you for calling Acme. Your call is important to us.', 'recording'],
    ['All of our agents are busy. Please stay on the line.', 'recording'],
    ['Bitte bleiben Sie in der Leitung. Der nächste freie Mitarbeiter ist für Sie da.', 'recording'],
    ['Veuillez patienter, un conseiller va prendre votre appel.', 'recording'],
    ['Todos nuestros agentes están ocupados. Por favor, espere.', 'recording'],
    ['कृपया लाइन पर बने रहें।', 'recording'],
    [Array.from({ length: 60 }, (_, i) => `word${i}`).join(' '), 'recording'],
    ['For opening hours, press 3.', 'menu'],
    ['Für Fragen zu Ihrer Rechnung drücken Sie die Zwei.', 'menu'],
    ['Para español, oprima dos.', 'menu'],
    ['Pour le service commercial, tapez 1.', 'menu'],
    ['Hello?', 'person'],
    ['Thank you for holding, this is Ann.', 'person'],
    ['Thank you for your patience, my name is Joe, how can I help?', 'person'],
    ['Sales, Ann speaking.', 'person'],
    ['Ja, Müller am Apparat.', 'person'],
    ['हाँ जी, बोलिए।', 'person'],
  ])('%s: %s', (text, who) => {
    expect(whoSaysSo(text)).toBe(who);
  });
});
