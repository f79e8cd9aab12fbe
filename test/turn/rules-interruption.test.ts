/** Design section 3, *Interruption*: R11 to R15. A simulated speaker says ten characters a second where one is needed. */
import { describe, expect, test } from 'vitest';
import { play, shortly, type PlayOptions } from './helpers/play.ts';

const voice: PlayOptions = { speaker: { charactersPerSecond: 10 } };
const fenced = ['say', 'flush', 'run-tool', 'request-step', 'hang-up', 'transfer'] as const;

/** Ten words of four letters and a space: a word is heard every half second. */
const LONG = 'aaaa bbbb cccc dddd eeee ffff gggg hhhh iiii jjjj';
const answer = `
    0  caller-turn  "tell me"
  100  text-delta   "${LONG}"
  200  step-end     stop
`;

describe('R11: the caller speaks while the agent is audible', () => {
  test('R11: playback pauses at once', () => {
    const played = play(answer, voice).go('1000 caller-speech start');
    expect(played.at(1_000)).toEqual([{ type: 'pause' }]);
    expect(played.all('clear')).toEqual([]);
    expect(played.reports('interruption')).toEqual([]);
  });

  test('R11: when the agent is silent there is nothing to pause', () => {
    const played = play(answer, voice).go('9000 caller-speech start');
    expect(played.at(9_000)).toEqual([]);
  });

  test('R11: enough words confirm it before the voice has lasted long enough', () => {
    const played = play(answer, voice).go(`
      1000 caller-speech start
      1300 caller-speech words "tomorrow"
      1500 caller-speech words "tomorrow at"
    `);
    expect(played.at(1_300)).toEqual([]);
    expect(played.at(1_500)).toContainEqual({ type: 'clear' });
    expect(played.reports('interruption')).toMatchObject([{ atMs: 1_500, turn: 1 }]);
  });

  test('R11: `interruptWords` words are needed, backchannels not counted', () => {
    const played = play(answer, { ...voice, turn: { interruptWords: 3, interruptMs: 5_000 } }).go(`
      1000 caller-speech start
      1200 caller-speech words "okay tomorrow at"
      1400 caller-speech words "okay tomorrow at nine"
    `);
    expect(played.at(1_200)).toEqual([]);
    expect(played.at(1_400)).toContainEqual({ type: 'clear' });
  });

  test('R11: `interruptMs` of voice confirm it before a word is understood', () => {
    const played = play(answer, voice).go(`
      1000 caller-speech start
      3000 wait
    `);
    expect(played.find('clear')?.atMs).toBe(1_800);
    expect(played.reports('interruption')).toHaveLength(1);
  });

  test('R11: a cough does not: playback resumes where it stopped, and everything is heard, once', () => {
    const played = play(answer, voice).go(`
      1000 caller-speech start
      1300 caller-speech end
      9000 wait
    `);
    expect(played.all('clear')).toEqual([]);
    expect(played.all('pause')).toHaveLength(1);
    expect(played.all('resume')).toHaveLength(1);
    expect(played.find('resume')?.atMs).toBeLessThanOrEqual(1_000 + 2_000);
    expect(played.reports('turn-end')).toMatchObject([{ outcome: 'replied', heard: LONG }]);
    expect(played.all('say').map(({ text }) => text)).toEqual([LONG]);
  });

  test('R11: a pause that nothing confirms and nothing ends is over after `pauseMs`', () => {
    const played = play(answer, { ...voice, turn: { interruptMs: 10_000, pauseMs: 1_500 } }).go(`
      1000 caller-speech start
      9000 wait
    `);
    expect(played.find('resume')?.atMs).toBe(2_500);
    expect(played.reports('turn-end')).toMatchObject([{ outcome: 'replied', heard: LONG }]);
  });

  for (const words of ['mm-hm', 'okay', 'haan', 'Mm-hmm.', 'Okay, yeah', 'uh-huh', 'ji haan']) {
    test(`R11: "${words}" does not interrupt`, () => {
      const played = play(answer, voice).go(`
        1000 caller-speech start
        1300 caller-speech words "${words}"
        1500 caller-speech end
        1900 caller-turn "${words}"
        9000 wait
      `);
      expect(played.all('clear')).toEqual([]);
      expect(played.all('resume')).toHaveLength(1);
      expect(played.requests).toHaveLength(1);
      expect(played.reports('interruption')).toEqual([]);
      expect(played.reports('turn-end')).toMatchObject([{ outcome: 'replied', heard: LONG }]);
    });
  }

  test('R11: "okay" to a question, when all has been heard, is an answer', () => {
    const played = play(answer, voice).go('9000 caller-turn "okay"');
    expect(played.at(9_000)).toMatchObject([{ type: 'request-step', turn: 2 }]);
    expect(played.messages.at(-1)).toEqual({ role: 'user', content: 'okay' });
  });

  test('R11: words that no voice announced interrupt as well', () => {
    const played = play(answer, voice).go('1000 caller-speech words "no stop that"');
    expect(played.at(1_000)).toContainEqual({ type: 'clear' });
  });

  test('R11: nor does a backchannel that no voice announced', () => {
    const played = play(answer, voice).go('1000 caller-speech words "okay" \n 1400 caller-turn "okay" \n 9000 wait');
    expect(played.all('clear')).toEqual([]);
    expect(played.reports('turn-end')).toMatchObject([{ outcome: 'replied', heard: LONG }]);
  });

  test('R11: what comes as a whole turn is one, though its voice was as short as a cough', () => {
    const played = play(answer, voice).go(`
      1000 caller-speech start
      1300 caller-speech end
      1700 caller-turn "and what about Monday"
    `);
    expect(played.at(1_700)).toMatchObject([{ type: 'clear' }, { type: 'request-step', turn: 2 }]);
  });

  test('R11: words after a cough count for themselves', () => {
    const played = play(answer, voice).go(`
      1000 caller-speech start
      1200 caller-speech end
      3500 caller-speech start
      3700 caller-speech words "no no"
    `);
    expect(played.all('pause')).toHaveLength(2);
    expect(played.reports('interruption')).toMatchObject([{ atMs: 3_700 }]);
  });

  test('R11: a voice after a backchannel is judged by itself', () => {
    const played = play(answer, voice).go(`
      1000 caller-speech start
      1200 caller-speech words "okay"
      1300 caller-speech end
      2000 caller-speech start
      3000 wait
    `);
    expect(played.find('clear')?.atMs).toBe(2_800);
  });

  test('R11: so are the words of two voices: one and one are not two', () => {
    const played = play(answer, voice).go(`
      1000 caller-speech start
      1200 caller-speech words "tomorrow"
      1300 caller-speech end
      3500 caller-speech start
      3700 caller-speech words "morning"
      3800 caller-speech end
      9000 wait
    `);
    expect(played.all('clear')).toEqual([]);
    expect(played.reports('turn-end')).toMatchObject([{ outcome: 'replied', heard: LONG }]);
  });

  test('R11: what begins to sound while the caller speaks is paused, and heard when they are done', () => {
    const played = play(
      `
        0  caller-turn    "tell me"
      100  text-delta     "aaaa bbbb"
      110  step-end       stop
      200  caller-speech  start
      700  caller-speech  end
     9000  wait
    `,
      { speaker: { charactersPerSecond: 10, startDelayMs: 300 } },
    );
    expect(played.all('pause').at(-1)?.atMs).toBeLessThanOrEqual(400);
    expect(played.all('clear')).toEqual([]);
    expect(played.reports('turn-end')).toMatchObject([{ outcome: 'replied', heard: 'aaaa bbbb' }]);
  });

  test('R11: what is said while playback is paused waits with it', () => {
    const played = play(
      `
        0  caller-turn    "tell me"
      100  text-delta     "aaaa bbbb "
      500  caller-speech  start
      600  text-delta     "cccc dddd"
      700  caller-speech  end
      800  step-end       stop
     9000  wait
    `,
      voice,
    );
    expect(played.at(600)).toMatchObject([{ type: 'say', text: 'cccc dddd' }]);
    expect(played.reports('turn-end')).toMatchObject([{ outcome: 'replied', heard: 'aaaa bbbb cccc dddd' }]);
  });
});

describe('R12: a confirmed interruption', () => {
  test('R12: playback stops, the step is aborted, the history is cut to what was heard', () => {
    const played = play(
      `
        0  caller-turn  "tell me"
      100  text-delta   "aaaa bbbb cccc dddd eeee ffff "
     1300  interrupt
    `,
      voice,
    );
    const generation = played.requests[0]?.generation;
    expect(played.at(1_300)).toHaveLength(2);
    expect(played.at(1_300)).toEqual(expect.arrayContaining([{ type: 'clear' }, { type: 'abort-step', generation }]));
    expect(played.talk).toEqual(['user: tell me', 'assistant: aaaa bbbb']);
    expect(played.reports('interruption')).toMatchObject([
      { turn: 1, heard: 'aaaa bbbb', unheard: expect.stringMatching(/^\s*cccc dddd eeee ffff\s*$/) as string },
    ]);
    expect(played.reports('turn-end')).toMatchObject([{ turn: 1, outcome: 'interrupted', heard: 'aaaa bbbb' }]);
  });

  test('R12: what the aborted step still sends has no effect', () => {
    const played = play(`
        0  caller-turn  "tell me"
      100  text-delta   "Well, "
      200  interrupt
    `);
    const before = JSON.stringify(played.messages);
    for (const late of [
      'text-delta@1 "and so on"',
      'tool-call-start@1',
      'tool-call@1 book_slot {"at":"9"}',
      'tool-call-failed@1 book_slot {} "Broken."',
      'step-end@1 tool_calls',
      'step-failed@1 stream-cut',
    ]) {
      const count = played.effects.length;
      played.go(`+10 ${late}`);
      expect(played.effects.slice(count), late).toEqual([]);
    }
    expect(JSON.stringify(played.messages)).toBe(before);
  });

  test('R12: nor does it when the next turn runs already', () => {
    const played = play(`
        0  caller-turn   "tell me"
      100  text-delta    "Well, "
      200  caller-turn   "no, book it"
      210  text-delta@1  "you see"
      220  step-end@1    stop
      300  text-delta    "All right."
      310  step-failed@1 stream-cut
      320  step-end      stop
    `);
    expect(played.all('say').map(({ text }) => text)).toEqual(['Well, ', 'All right.']);
    expect(played.talk).toEqual(['user: tell me', 'assistant: Well, ', 'user: no, book it', 'assistant: All right.']);
    expect(played.reports('turn-end').map(({ turn, outcome }) => [turn, outcome])).toEqual([
      [1, 'interrupted'],
      [2, 'replied'],
    ]);
  });

  test('R12: a caller who speaks into a turn ends it and begins the next in one tick', () => {
    const played = play(
      `
        0  caller-turn  "tell me"
      100  text-delta   "Well, "
      200  caller-turn  "never mind"
    `,
      voice,
    );
    expect(played.at(200).map(({ type }) => type)).toEqual(
      expect.arrayContaining(['clear', 'abort-step', 'request-step']),
    );
    expect(played.requests[1]).toMatchObject({ turn: 2, step: 1, toolChoice: 'auto', priority: 'answer' });
    expect(played.requests[1]?.generation).toBeGreaterThan(played.requests[0]?.generation ?? Infinity);
  });

  test('R12: said but not heard to a word, the turn leaves no assistant message', () => {
    const played = play(
      `
        0  caller-turn  "tell me"
      100  text-delta   "aaaaaaaaaa bbbb"
      300  interrupt
      400  caller-turn  "stop"
    `,
      voice,
    );
    expect(played.talk).toEqual(['user: tell me', 'user: stop']);
    expect(played.reports('turn-end')).toMatchObject([{ outcome: 'interrupted', heard: '' }]);
  });

  test('R12: an interruption during the filler keeps the calls and cuts the text', () => {
    const played = play(
      `
        0  caller-turn   "where is it?"
      100  text-delta    "aaaa bbbb cccc dddd"
      110  tool-call     find_slots {}
      120  step-end      tool_calls
     1200  interrupt
     2000  caller-turn   "forget it"
    `,
      voice,
    );
    expect(shortly(played.requests.at(-1)?.messages ?? [])).toEqual([
      'user: where is it?',
      'assistant: aaaa bbbb + find_slots#call_1',
      expect.stringMatching(/^tool call_1: .*cancel/) as string,
      'user: forget it',
    ]);
  });

  test('R12: calls without a word heard keep `null` for their text', () => {
    const played = play(
      `
        0  caller-turn   "where is it?"
      100  text-delta    "aaaaaaaaaaaa bbbb"
      110  tool-call     find_slots {}
      120  step-end      tool_calls
      500  interrupt
    `,
      voice,
    );
    expect(played.messages[2]).toMatchObject({ content: null, tool_calls: [{ id: 'call_1' }] });
  });

  test('R12: during the answer, the filler stays whole and the answer is cut', () => {
    const played = play(
      `
        0  caller-turn   "where is it?"
      100  text-delta    "aaaa bbbb. "
      110  tool-call     find_slots {}
      120  step-end      tool_calls
      200  tool-settled  {"slots":[]}
      300  text-delta    "cccc dddd eeee ffff"
      310  step-end      stop
     2300  interrupt
    `,
      voice,
    );
    expect(played.talk).toEqual([
      'user: where is it?',
      'assistant: aaaa bbbb.  + find_slots#call_1',
      'tool call_1: {"slots":[]}',
      'assistant: cccc dddd',
    ]);
  });

  test('R12: during the filler, an answer that waits behind it was never heard', () => {
    const played = play(
      `
        0  caller-turn   "where is it?"
      100  text-delta    "aaaa bbbb cccc. "
      110  tool-call     find_slots {}
      120  step-end      tool_calls
      200  tool-settled  {"slots":[]}
      300  text-delta    "dddd eeee"
      310  step-end      stop
     1200  interrupt
    `,
      voice,
    );
    expect(played.talk).toEqual([
      'user: where is it?',
      'assistant: aaaa bbbb + find_slots#call_1',
      'tool call_1: {"slots":[]}',
    ]);
    expect(played.reports('turn-end')).toMatchObject([{ outcome: 'interrupted', heard: 'aaaa bbbb' }]);
  });

  test('R12: between filler and answer there is nothing to cut, and the follow-up is aborted', () => {
    const played = play(
      `
        0  caller-turn   "where is it?"
      100  text-delta    "aaaa bbbb. "
      110  tool-call     find_slots {}
      120  step-end      tool_calls
     2000  tool-settled  {"slots":[]}
     2100  interrupt
    `,
      voice,
    );
    expect(played.at(2_100)).toContainEqual({ type: 'abort-step', generation: played.requests[1]?.generation });
    expect(played.talk.slice(1)).toEqual(['assistant: aaaa bbbb.  + find_slots#call_1', 'tool call_1: {"slots":[]}']);
  });

  test("R12: at the very instant of the step's end, on either side of it", () => {
    for (const order of [
      ['interrupt', 'step-end stop'],
      ['step-end stop', 'interrupt'],
    ]) {
      const played = play(
        `
          0  caller-turn  "tell me"
        100  text-delta   "aaaa bbbb cccc"
        900  ${order[0]}
        900  ${order[1]}
      `,
        voice,
      );
      expect(played.talk, order.join(', ')).toEqual(['user: tell me', 'assistant: aaaa']);
      expect(played.reports('turn-end')).toMatchObject([{ outcome: 'interrupted' }]);
      expect(played.all('clear')).toHaveLength(1);
    }
  });

  test('R12: two interruptions in a row are one', () => {
    const played = play(answer, voice).go('1000 interrupt');
    const count = played.effects.filter(({ type }) => type !== 'set-timer').length;
    played.go('1001 interrupt');
    expect(played.effects.filter(({ type }) => type !== 'set-timer')).toHaveLength(count);
    expect(played.reports('interruption')).toHaveLength(1);
    expect(played.reports('turn-end')).toHaveLength(1);
  });

  test('R12: an interruption when nothing is said and nothing runs is nothing', () => {
    const played = play(answer, voice).go('9000 interrupt');
    expect(played.at(9_000)).toEqual([]);
    expect(played.reports('interruption')).toEqual([]);
  });

  test('R12: the greeting can be interrupted; the history holds what was heard of it', () => {
    const played = play(
      `
      700  caller-turn  "I need an appointment"
    `,
      { ...voice, greeting: 'aaaa bbbb cccc dddd' },
    );
    expect(shortly(played.requests[0]?.messages ?? [])).toEqual(['assistant: aaaa', 'user: I need an appointment']);
    expect(played.find('clear')?.atMs).toBe(700);
  });

  test('R12: a text bridge that tells what was heard only then is believed', () => {
    const played = play(
      `
        0  caller-turn  "tell me"
      100  text-delta   "aaaa bbbb cccc"
      110  step-end     stop
      900  heard        1 "aaaa"
      900  interrupt
    `,
      { heardBy: 'reported' },
    );
    expect(played.talk).toEqual(['user: tell me', 'assistant: aaaa']);
  });

  test('R12: what a speaker calls done was heard in full, though it never said how much', () => {
    const played = play(
      `
        0  caller-turn    "tell me"
      100  text-delta     "aaaa bbbb cccc"
      110  step-end       stop
      200  playback-start 1
      500  heard          1 "aaaa"
     2000  playback-idle
     2100  caller-turn    "thanks"
    `,
      { heardBy: 'reported' },
    );
    expect(played.talk).toEqual(['user: tell me', 'assistant: aaaa bbbb cccc', 'user: thanks']);
    expect(played.reports('turn-end')).toMatchObject([{ outcome: 'replied', heard: 'aaaa bbbb cccc' }]);
  });

  test('R12: in text, everything that was emitted was heard', () => {
    const played = play(`
        0  caller-turn  "tell me"
      100  text-delta   "aaaa bbbb "
      200  interrupt
      300  caller-turn  "go on"
    `);
    expect(played.talk).toEqual(['user: tell me', 'assistant: aaaa bbbb ', 'user: go on']);
    expect(played.reports('interruption')).toMatchObject([
      { heard: expect.stringMatching(/^aaaa bbbb/) as string, unheard: '' },
    ]);
  });

  test('R12: after an interruption without words the call goes on when the caller speaks', () => {
    const played = play(answer, voice).go(`
      1000 caller-speech start
      1900 caller-speech end
      4000 caller-turn "sorry, go on"
    `);
    expect(played.requests.at(-1)).toMatchObject({ atMs: 4_000, turn: 2 });
  });

  test('R12: a timer of the turn that was interrupted does nothing any more', () => {
    const played = play(`
        0  caller-turn  "where is it?"
      100  tool-call    lookup_order {}
      110  step-end     tool_calls
      200  interrupt
     3000  wait
    `);
    expect(played.all('say')).toEqual([]);
  });
});

describe('R13: tools that run when the caller interrupts', () => {
  test('R13: a read is cancelled and has its one result at once', () => {
    const played = play(`
        0  caller-turn   "where is it?"
      100  tool-call     find_slots {}
      110  step-end      tool_calls
      200  interrupt
    `);
    expect(played.at(200)).toContainEqual({ type: 'cancel-tool', callId: 'call_1' });
    expect(played.messages.at(-1)).toMatchObject({
      role: 'tool',
      tool_call_id: 'call_1',
      content: expect.stringMatching(/cancel/i) as string,
    });
    const before = JSON.stringify(played.messages);
    played.go('210 tool-settled failed cancelled');
    expect(JSON.stringify(played.messages)).toBe(before);
    expect(played.all('request-step')).toHaveLength(1);
  });

  test('R13: a write goes on, and the history says so', () => {
    const played = play(`
        0  caller-turn   "book nine"
      100  tool-call     book_slot {"at":"9"}
      110  step-end      tool_calls
      200  interrupt
    `);
    expect(played.all('cancel-tool')).toEqual([]);
    expect(played.messages.at(-1)).toMatchObject({
      role: 'tool',
      tool_call_id: 'call_1',
      content: expect.stringMatching(/still running/i) as string,
    });
  });

  test('R13: each of several parallel calls keeps exactly one result', () => {
    const played = play(`
        0  caller-turn   "everything"
      100  tool-call     find_slots {"n":1} #done
      110  tool-call     find_slots {"n":2} #read
      120  tool-call     book_slot {"n":3} #write
      150  tool-settled  #done {"n":1}
      200  caller-turn   "stop"
    `);
    expect(played.at(200)).toContainEqual({ type: 'cancel-tool', callId: 'read' });
    expect(played.all('cancel-tool')).toHaveLength(1);
    expect(shortly(played.requests[1]?.messages ?? [])).toEqual([
      'user: everything',
      'assistant: - + find_slots#done + find_slots#read + book_slot#write',
      'tool done: {"n":1}',
      expect.stringMatching(/^tool read: .*cancel/i) as string,
      expect.stringMatching(/^tool write: .*still running/i) as string,
      'user: stop',
    ]);
  });

  test('R13: a call that was not complete when the caller interrupted is not in the history', () => {
    const played = play(`
        0  caller-turn      "book nine"
      100  text-delta       "Sure. "
      110  tool-call-start
      200  caller-turn      "ten"
    `);
    expect(shortly(played.requests[1]?.messages ?? [])).toEqual(['user: book nine', 'assistant: Sure. ', 'user: ten']);
  });

  test('R13: the results of steps before stay as they were', () => {
    const played = play(`
        0  caller-turn   "book nine"
      100  tool-call     find_slots {}
      110  step-end      tool_calls
      200  tool-settled  {"slots":["9"]}
      300  tool-call     book_slot {"at":"9"}
      310  step-end      tool_calls
      400  caller-turn   "wait"
    `);
    expect(shortly(played.requests.at(-1)?.messages ?? []).slice(1, 3)).toEqual([
      'assistant: - + find_slots#call_1',
      'tool call_1: {"slots":["9"]}',
    ]);
  });
});

describe('R14: results that come late', () => {
  const interrupted = `
      0  caller-turn   "book nine"
    100  tool-call     book_slot {"at":"9"}
    110  step-end      tool_calls
    200  interrupt
  `;
  const DONE = '{"booked":"nine"}';

  test('R14: before any other request, the result takes the place of the note that it was still running', () => {
    const played = play(interrupted).go(`
      300 tool-settled ${DONE}
      400 caller-turn "and?"
    `);
    expect(shortly(played.requests[1]?.messages ?? [])).toEqual([
      'user: book nine',
      'assistant: - + book_slot#call_1',
      `tool call_1: ${DONE}`,
      'user: and?',
    ]);
    expect(played.reports('tool-end')).toMatchObject([{ id: 'call_1', ok: true, result: DONE, isLate: true }]);
  });

  test("R14: after one, the result comes as a note before the caller's next turn", () => {
    const played = play(interrupted).go(`
      300 caller-turn "what are your hours?"
      400 text-delta "Nine to five."
      410 step-end stop
      500 tool-settled ${DONE}
      600 caller-turn "thanks"
    `);
    const sent = played.requests.at(-1)?.messages ?? [];
    expect(sent.at(-1)).toEqual({ role: 'user', content: 'thanks' });
    expect(sent.at(-2)?.role).toBe('system');
    expect(sent.at(-2)?.content).toContain(DONE);
    expect(sent.at(-2)?.content).toContain('book_slot');
    expect(sent.at(-2)?.content).toContain('call_1');
    expect(sent[3]?.content).toMatch(/still running/i);
  });

  test('R14: a late result that came while the next turn was running is not lost', () => {
    const played = play(interrupted).go(`
      300 caller-turn "what are your hours?"
      350 tool-settled ${DONE}
      400 text-delta "Nine to five."
      410 step-end stop
      600 caller-turn "thanks"
    `);
    expect(JSON.stringify(played.requests.at(-1)?.messages)).toContain('nine\\"}');
  });

  test('R14: if the caller says nothing, the result starts a turn of its own', () => {
    const played = play(interrupted, { turn: { lateResultMs: 700 } }).go(`
      300  tool-settled ${DONE}
      5000 wait
    `);
    expect(played.requests[1]).toMatchObject({ atMs: 1_000, turn: 2, step: 1, toolChoice: 'auto' });
    expect(JSON.stringify(played.requests[1]?.messages)).toContain('nine\\"}');
    expect(played.reports('turn-start')).toMatchObject([{ turn: 1 }, { turn: 2, text: '' }]);
    expect(played.requests[1]?.messages.at(-1)?.role).not.toBe('assistant');
  });

  test('R14: so it does after another turn has been and gone', () => {
    const played = play(interrupted).go(`
      300  caller-turn "what are your hours?"
      400  text-delta "Nine to five."
      410  step-end stop
      2000 tool-settled ${DONE}
      2900 wait
    `);
    expect(played.requests).toHaveLength(3);
    expect(played.requests[2]).toMatchObject({ turn: 3 });
    expect(JSON.stringify(played.requests[2]?.messages)).toContain('nine\\"}');
    played.go(`
      +100 text-delta "Nine is booked."
      +10 step-end stop
    `);
    expect(played.reports('turn-end').at(-1)).toMatchObject({ turn: 3, outcome: 'replied', heard: 'Nine is booked.' });
  });

  test('R14: it waits while the caller speaks, and goes with what they say', () => {
    const played = play(interrupted).go(`
      300  tool-settled ${DONE}
      600  caller-speech start
      2600 caller-speech end
      3000 caller-turn "did you book it?"
    `);
    expect(played.requests).toHaveLength(2);
    expect(played.requests[1]).toMatchObject({ atMs: 3_000 });
    expect(JSON.stringify(played.requests[1]?.messages)).toContain('nine\\"}');
  });

  test("R14: it waits for the agent's own words to be heard", () => {
    const played = play(
      `
        0  caller-turn   "book nine"
      100  tool-call     book_slot {"at":"9"}
      110  step-end      tool_calls
      200  interrupt
      300  caller-turn   "what are your hours?"
      400  text-delta    "${LONG}"
      410  step-end      stop
      600  tool-settled  ${DONE}
     4000  wait
    `,
      voice,
    );
    expect(played.requests).toHaveLength(2);
    played.go('9000 wait');
    expect(played.requests).toHaveLength(3);
    expect(played.all('clear').filter(({ atMs }) => atMs > 300)).toEqual([]);
  });

  test('R14: each result is told once', () => {
    const played = play(interrupted).go(`
      300  caller-turn "what are your hours?"
      400  text-delta "Nine to five."
      410  step-end stop
      500  tool-settled ${DONE}
      600  caller-turn "thanks"
      700  text-delta "You are welcome."
      710  step-end stop
      9000 caller-turn "bye"
    `);
    const sent = JSON.stringify(played.requests.at(-1)?.messages);
    expect(sent.split('nine\\"}')).toHaveLength(2);
    expect(played.requests).toHaveLength(4);
  });

  test('R14: a late failure is told as well', () => {
    const played = play(interrupted).go(`
      300 caller-turn "what are your hours?"
      400 text-delta "Nine to five."
      410 step-end stop
      500 tool-settled failed timeout {"error":"The calendar did not answer."}
      600 caller-turn "thanks"
    `);
    expect(JSON.stringify(played.requests.at(-1)?.messages)).toContain('The calendar did not answer.');
    expect(played.reports('tool-end')).toMatchObject([{ ok: false, isLate: true }]);
  });

  test('R14: two late results may come together', () => {
    const played = play(`
        0  caller-turn   "book nine and text me"
      100  tool-call     book_slot {"at":"9"} #book
      110  tool-call     send_sms {"to":"me"} #text
      120  step-end      tool_calls
      200  caller-turn   "what are your hours?"
      400  text-delta    "Nine to five."
      410  step-end      stop
      500  tool-settled  #text {"sent":1}
      600  tool-settled  #book {"booked":2}
     5000  wait
    `);
    const sent = JSON.stringify(played.requests.at(-1)?.messages);
    expect(sent).toContain('sent\\":1');
    expect(sent).toContain('booked\\":2');
    expect(played.requests).toHaveLength(3);
  });

  test('R14: a result after hang-up is recorded', () => {
    const played = play(interrupted).go(`
      300 hang-up
      400 tool-settled ${DONE}
    `);
    expect(played.reports('tool-end')).toMatchObject([{ id: 'call_1', ok: true, isLate: true }]);
    expect(played.requests).toHaveLength(1);
    expect(JSON.stringify(played.messages)).toContain('nine\\"}');
  });

  test("R14: words of a late result's tool are not spoken into another turn", () => {
    const played = play(interrupted).go(`
      300 caller-turn "what are your hours?"
      400 tool-settled say "Your slot is booked."
      500 text-delta "Nine to five."
      510 step-end stop
      5000 wait
    `);
    const sent = JSON.stringify(played.requests.at(-1)?.messages);
    expect(played.at(400)).toEqual([]);
    expect(sent).toContain('Your slot is booked.');
  });
});

describe('R15: effects happen once', () => {
  test("R15: two equal writes have a result each, also when the second is the journal's", () => {
    const played = play(`
        0  caller-turn   "book nine"
      100  tool-call     book_slot {"at":"9"} #a
      110  tool-call     book_slot {"at":"9"} #b
      120  step-end      tool_calls
      200  tool-settled  #a {"booked":"nine"}
      201  tool-settled  #b journal {"booked":"nine","note":"already done"}
    `);
    expect(played.at(201)).toMatchObject([{ type: 'request-step' }]);
    expect(shortly(played.requests[1]?.messages ?? []).slice(2)).toEqual([
      'tool a: {"booked":"nine"}',
      'tool b: {"booked":"nine","note":"already done"}',
    ]);
  });

  test('R15: the machine asks for each call once, however often its events come again', () => {
    const played = play(`
        0  caller-turn   "book nine"
      100  tool-call     book_slot {"at":"9"} #a
      120  step-end      tool_calls
      200  tool-settled  #a {"booked":"nine"}
      210  tool-settled  #a {"booked":"nine again"}
    `);
    expect(played.all('run-tool')).toHaveLength(1);
    expect(played.at(210)).toEqual([]);
    expect(played.reports('tool-end')).toHaveLength(1);
    expect(JSON.stringify(played.messages)).not.toContain('again');
  });

  test('R15: a result for a call that nobody made is ignored', () => {
    const played = play(`
        0  caller-turn   "book nine"
      100  tool-settled  #ghost {"booked":"nine"}
    `);
    expect(played.at(100)).toEqual([]);
    expect(JSON.stringify(played.messages)).not.toContain('ghost');
  });
});

test('R12: after an interruption nothing of the old turn is carried out', () => {
  for (let atMs = 50; atMs <= 1_000; atMs += 25) {
    const played = play(
      `
        0  caller-turn   "book nine"
      100  text-delta    "Let me book it. "
      150  tool-call     book_slot {"at":"9"}
      200  tool-call     lookup_order {}
      250  step-end      tool_calls
    `
        .split('\n')
        .filter((line) => line.trim() === '' || Number(line.trim().split(' ')[0]) < atMs)
        .join('\n'),
      voice,
    ).go(`${atMs} interrupt`);
    const count = played.effects.length;
    played.go(`${atMs + 400} wait`);
    const later = played.effects.slice(count).filter(({ type }) => (fenced as readonly string[]).includes(type));
    expect(later, `interrupted at ${atMs}`).toEqual([]);
  }
});
