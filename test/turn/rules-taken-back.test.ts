/** R25: a turn that was taken too early is taken back. A simulated speaker says ten characters a second where one is needed. */
import { describe, expect, test } from 'vitest';
import { joinWords } from '../../src/turn/taken-back.ts';
import { play, shortly, type PlayOptions, type Playback } from './helpers/play.ts';

/** The sound of an answer begins 300 ms after its first word. */
const voice: PlayOptions = { speaker: { charactersPerSecond: 10, startDelayMs: 300 } };
const asked = (played: Playback, at = -1) => shortly(played.requests.at(at)?.messages ?? []);
const outcomes = (played: Playback) => played.reports('turn-end').map(({ turn, outcome }) => [turn, outcome]);

describe('R25: the caller goes on before any of the answer was audible', () => {
  for (const [line, options] of [
    ['a voice', voice],
    ['text', {}],
    ['a line that speaks by itself', { heardBy: 'line' }],
  ] as const) {
    test(`R25: in ${line}, words that follow join the same message`, () => {
      const played = play('0 caller-turn "tell me" \n 200 caller-turn "about the weather"', options);
      expect(asked(played)).toEqual(['user: tell me about the weather']);
      expect(played.at(200)).toMatchObject([
        { type: 'abort-step', generation: played.requests[0]?.generation },
        { type: 'request-step', turn: 2, step: 1 },
      ]);
      expect(played.reports('turn-taken-back')).toMatchObject([{ turn: 1, text: 'tell me' }]);
      expect(played.reports('interruption')).toEqual([]);
      expect(played.reports('turn-start').at(-1)?.text).toBe('tell me about the weather');
      expect(outcomes(played)).toEqual([[1, 'interrupted']]);
    });
  }

  test('R25: at its first word, and no sooner: the request is let go, and what it still sends has no effect', () => {
    const played = play(
      `
        0  caller-turn    "my number is"
      200  caller-speech  start
      400  caller-speech  words "four"
      500  text-delta@1   "Thank you."
      510  tool-call@1    book_slot {}
      900  caller-speech  end
     1500  caller-turn    "four seven eleven"
    `,
      voice,
    );
    expect(played.at(200)).toEqual([]);
    expect(played.at(400)).toEqual([{ type: 'abort-step', generation: played.requests[0]?.generation }]);
    expect(played.all('say')).toEqual([]);
    expect(played.all('run-tool')).toEqual([]);
    expect(asked(played)).toEqual(['user: my number is four seven eleven']);
  });

  test('R25: an answer that is on its way to the ear is thrown away', () => {
    const played = play(
      `
        0  caller-turn    "my number is"
      100  text-delta     "What is your number?"
      150  step-end       stop
      200  caller-speech  start
      500  caller-speech  words "four"
      900  caller-turn    "four seven eleven"
    `,
      voice,
    );
    expect(played.all('pause')).toMatchObject([{ atMs: 200 }]);
    expect(played.at(500)).toEqual([{ type: 'clear' }]);
    expect(asked(played)).toEqual(['user: my number is four seven eleven']);
  });

  test('R25: once it was audible it is an interruption', () => {
    const played = play(
      `
        0  caller-turn    "my number is"
      100  text-delta     "What is your number?"
      150  step-end       stop
      500  caller-speech  start
      900  caller-turn    "four seven eleven"
    `,
      voice,
    );
    expect(played.reports('turn-taken-back')).toEqual([]);
    expect(played.reports('interruption')).toHaveLength(1);
    expect(played.talk).toEqual(['user: my number is', 'user: four seven eleven']);
  });

  test('R25: so it is once a phrase was', () => {
    const played = play('0 caller-turn "tell me" \n 2200 caller-turn "about the weather"', voice);
    expect(played.speech).toBe('One moment, please.');
    expect(played.reports('turn-taken-back')).toEqual([]);
  });

  test('R25: again and again, all of it is one message', () => {
    const played = play('0 caller-turn "I" \n 200 caller-turn "I need" \n 400 caller-turn "a taxi"');
    expect(asked(played)).toEqual(['user: I I need a taxi']);
    expect(played.reports('turn-taken-back').map(({ text }) => text)).toEqual(['I', 'I I need']);
  });

  test('R25: "hello?" meanwhile is of that message as well', () => {
    const played = play('0 caller-turn "tell me" \n 20 caller-turn "hello?" \n 30 caller-turn "the weather"', {
      heardBy: 'reported',
    });
    expect(asked(played)).toEqual(['user: tell me hello? the weather']);
  });
});

describe('R25: the voice holds the answer', () => {
  const held = `
        0  caller-turn    "my number is"
      100  text-delta     "What is your number?"
      150  step-end       stop
      200  caller-speech  start
  `;
  test('R25: nothing begins to sound while it is on, and a word that adds nothing lets it go on', () => {
    const played = play(`${held} 600 caller-speech words "mm-hm" \n 1000 caller-speech end \n 5000 wait`, voice);
    expect(played.all('pause')).toMatchObject([{ atMs: 200 }]);
    expect(played.all('resume')).toMatchObject([{ atMs: 1_000 }]);
    expect(played.events.find(({ type }) => type === 'playback-start')?.atMs).toBeGreaterThanOrEqual(1_000);
    expect(outcomes(played)).toEqual([[1, 'replied']]);
  });

  test('R25: nor does sound without words take anything back, however long', () => {
    const played = play(`${held} 1800 caller-speech end \n 9000 wait`, voice);
    expect(played.reports('turn-taken-back')).toEqual([]);
    expect(played.all('clear')).toEqual([]);
    expect(played.all('resume')).toMatchObject([{ atMs: 1_800 + 350 }]);
    expect(played.requests).toHaveLength(1);
    expect(outcomes(played)).toEqual([[1, 'replied']]);
  });

  test('R25: for `pauseMs` at most', () => {
    const played = play(`${held} 9000 wait`, { ...voice, turn: { pauseMs: 1_500 } });
    expect(played.find('resume')?.atMs).toBe(1_700);
  });

  test('R25: words of which no turn comes lose nothing: what was said before is asked again', () => {
    const played = play(`${held} 500 caller-speech words "to" \n 700 caller-speech end \n 9000 wait`, voice);
    expect(played.requests).toHaveLength(2);
    expect(played.requests[1]?.atMs).toBe(4_700);
    expect(asked(played)).toEqual(['user: my number is']);
    expect(played.reports('turn-start').map(({ text }) => text)).toEqual(['my number is', 'my number is']);
  });

  test('R25: but not when the caller has cut in beyond doubt', () => {
    const played = play('0 caller-turn "book it" \n 100 interrupt \n 9000 wait \n 9000 caller-turn "tomorrow"');
    expect(played.reports('turn-taken-back')).toMatchObject([{ atMs: 100 }]);
    expect(played.requests.map(({ atMs }) => atMs)).toEqual([0, 9_000]);
    expect(asked(played)).toEqual(['user: book it tomorrow']);
  });
});

describe('R25: tools of a turn that is taken back', () => {
  test('R25: a write that had begun goes on, and its result keeps its place', () => {
    const played = play(`
        0  caller-turn   "book it"
      100  tool-call     book_slot {}
      110  step-end      tool_calls
      200  caller-turn   "for tomorrow"
      300  tool-settled  {"booked":true}
    `);
    expect(played.all('cancel-tool')).toEqual([]);
    expect(played.all('run-tool')).toHaveLength(1);
    expect(asked(played)).toEqual([
      'user: book it',
      'assistant: - + book_slot#call_1',
      expect.stringMatching(/^tool call_1: .*Still running/) as string,
      'user: for tomorrow',
    ]);
    expect(played.reports('tool-end')).toMatchObject([{ id: 'call_1', ok: true, isLate: true }]);
  });

  test('R25: the result stands behind its call when it came before the words', () => {
    const played = play(
      `
        0  caller-turn    "book it"
      100  tool-call      book_slot {}
      110  step-end       tool_calls
      150  caller-speech  start
      200  caller-speech  words "for"
      300  tool-settled   {"booked":true}
      500  caller-turn    "for tomorrow"
    `,
      voice,
    );
    expect(asked(played).slice(2)).toEqual(['tool call_1: {"booked":true}', 'user: for tomorrow']);
  });

  test('R25: what only read is cancelled, and was never asked', () => {
    const played = play(`
        0  caller-turn   "where is"
      100  tool-call     lookup_order {"n":1}
      200  caller-turn   "my order"
    `);
    expect(played.at(200)).toContainEqual({ type: 'cancel-tool', callId: 'call_1' });
    expect(asked(played)).toEqual(['user: where is my order']);
    expect(played.reports('tool-end')).toMatchObject([{ id: 'call_1', failure: 'cancelled' }]);
  });

  test('R25: a result that is in stays, and the words stand behind it', () => {
    const played = play(`
        0  caller-turn   "where is"
      100  tool-call     lookup_order {"n":1}
      110  step-end      tool_calls
      150  tool-settled  {"at":"home"}
      200  caller-turn   "my order"
    `);
    expect(asked(played)).toEqual([
      'user: where is',
      'assistant: - + lookup_order#call_1',
      'tool call_1: {"at":"home"}',
      'user: my order',
    ]);
  });
});

test.each([
  ['tell me', 'about it', 'tell me about it'],
  ['ありがとう。', '明日', 'ありがとう。明日'],
  ['我要', 'two tickets', '我要 two tickets'],
  ['一、', '二', '一、二'],
  ['tell me', '', 'tell me'],
])('words in two goes, %j and %j, are %j', (before, behind, whole) => {
  expect(joinWords(before, behind)).toBe(whole);
});
