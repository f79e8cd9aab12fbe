/** R24: a turn that is answered before it is sure. A simulated speaker says ten characters a second. */
import { describe, expect, test } from 'vitest';
import { play, shortly, type Playback, type PlayOptions } from './helpers/play.ts';

const voice: PlayOptions = { speaker: { charactersPerSecond: 10 } };
const OF_AHEAD = '  0  caller-likely-finished "When can I come?"';
const outcomes = (played: Playback) => played.reports('ahead-end').map(({ atMs, outcome }) => [atMs, outcome]);

describe('R24: the words look finished', () => {
  test('R24: the model is asked, and nothing of it stands in the history', () => {
    const played = play(OF_AHEAD, voice);
    expect(played.requests).toMatchObject([{ turn: 1, step: 1, priority: 'speculation', isAhead: true, atMs: 0 }]);
    expect(shortly(played.requests[0]?.messages ?? [])).toEqual(['user: When can I come?']);
    expect(played.talk).toEqual([]);
    expect(played.reports('step-start')).toMatchObject([{ turn: 1, ahead: true }]);
    expect(played.reports('turn-start')).toEqual([]);
  });

  test('R24: what it says is made sound of, and heard in the tick in which the turn is sure', () => {
    const played = play(
      `${OF_AHEAD}
      200  text-delta   "At nine"
      220  text-delta   " or at ten."
      230  step-end     stop
      300  caller-turn  "when can I come"
     3000  wait`,
      voice,
    );
    expect(played.at(200)).toEqual([{ type: 'prepare', utterance: 1, text: 'At nine' }]);
    expect(played.at(230)).toEqual([{ type: 'prepare', utterance: 1, text: '', isWhole: true }]);
    expect(played.said).toEqual([
      [300, 'At nine', 'answer'],
      [300, ' or at ten.', 'answer'],
    ]);
    expect(played.requests).toHaveLength(1);
    expect(outcomes(played)).toEqual([[300, 'kept']]);
    expect(played.talk).toEqual(['user: When can I come?', 'assistant: At nine or at ten.']);
    expect(played.reports('turn-end')).toMatchObject([{ outcome: 'replied' }]);
  });

  test('R24: what comes after that is said as it comes', () => {
    const played = play(
      `${OF_AHEAD}
      200  text-delta   "At nine"
      300  caller-turn  "When can I come?"
      400  text-delta   " or at ten."
      410  step-end     stop`,
      voice,
    );
    expect(played.said.map(([atMs]) => atMs)).toEqual([300, 400]);
  });

  test('R24: other words throw it away without a trace, and are asked anew', () => {
    const played = play(
      `${OF_AHEAD}
      200  text-delta   "At nine."
      300  caller-turn  "When can I come tomorrow?"
      400  text-delta@1 "Late."`,
      voice,
    );
    expect(played.at(300)).toMatchObject([
      { type: 'abort-step', generation: played.requests[0]?.generation },
      { type: 'unprepare' },
      { type: 'request-step', turn: 1, step: 1, priority: 'answer' },
    ]);
    expect(played.all('say')).toEqual([]);
    expect(outcomes(played)).toEqual([[300, 'dropped']]);
    expect(played.talk).toEqual(['user: When can I come tomorrow?']);
  });

  test('R24: so does a name that is known as one only in the end', () => {
    const played = play(
      `  0  caller-likely-finished "it is for ada"
      300  caller-turn  "It is for Ada."`,
      voice,
    );
    expect(outcomes(played)).toEqual([[300, 'dropped']]);
    expect(played.talk).toEqual(['user: It is for Ada.']);
  });

  test('R24: so do words that go on before the turn is sure; a voice without words does not', () => {
    const played = play(
      `${OF_AHEAD}
      100  caller-speech start
      200  caller-speech end
      300  caller-speech words "When can I come to"`,
      voice,
    );
    expect(outcomes(played)).toEqual([[300, 'dropped']]);
  });

  test('R24: at most `aheadRequests` a turn; the same words are asked once', () => {
    const script = `${OF_AHEAD}
       10  caller-likely-finished "when can I come"
      100  caller-likely-finished "When can I come or"
      200  caller-likely-finished "When can I come or go"
      300  caller-turn "When can I come or go"
      400  text-delta  "At nine."
      410  step-end    stop
     9000  caller-likely-finished "Thanks"`;
    expect(play(script, voice).requests.map(({ atMs }) => atMs)).toEqual([0, 100, 300, 9_000]);
    expect(play(script, { ...voice, turn: { aheadRequests: 0 } }).requests.map(({ atMs }) => atMs)).toEqual([300]);
  });

  test('R24: no room, or any failure, and the turn is asked when it is sure', () => {
    const played = play(
      `${OF_AHEAD}
       20  step-failed  queue-timeout
      300  caller-turn  "When can I come?"`,
      voice,
    );
    expect(outcomes(played)).toEqual([[20, 'failed']]);
    expect(played.reports('error')).toEqual([]);
    expect(played.requests.map(({ priority }) => priority)).toEqual(['speculation', 'answer']);
  });

  for (const [when, script, options] of [
    ['while the agent is heard', '0 say "One thing more, before you go." \n 100 caller-likely-finished "yes"', voice],
    ['in a turn', '0 caller-turn "hi" \n 100 caller-likely-finished "yes"', voice],
    ['on a line that speaks by itself', '100 caller-likely-finished "yes"', { heardBy: 'line' }],
    ['before the facts of the call', '100 caller-likely-finished "yes"', { ...voice, factsWithinMs: 500 }],
    ['once nobody can answer', '0 outage "deaf" \n 100 caller-likely-finished "yes"', voice],
  ] as const) {
    test(`R24: nothing is asked ahead ${when}`, () => {
      expect(play(script, options).requests.filter(({ isAhead }) => isAhead)).toEqual([]);
    });
  }

  test('R24: refused when the turn is sure already, and nothing has come of it: it is asked anew, as any other, and no error is told', () => {
    const played = play(
      `${OF_AHEAD}
      300  caller-turn   "When can I come?"
      350  step-failed@1 rate-limited
      600  text-delta    "At nine."
      610  step-end      stop
     3000  wait`,
      voice,
    );
    expect(played.requests.map(({ atMs, priority }) => [atMs, priority])).toEqual([
      [0, 'speculation'],
      [350, 'answer'],
    ]);
    expect(played.reports('error')).toEqual([]);
    expect(played.talk).toEqual(['user: When can I come?', 'assistant: At nine.']);
  });

  test('R10, R24: cut off when something of it was said, it is not asked anew', () => {
    const played = play(
      `${OF_AHEAD}
      200  text-delta    "At nine "
      300  caller-turn   "When can I come?"
      350  step-failed@1 provider-failed
     9000  wait`,
      voice,
    );
    expect(played.requests).toHaveLength(1);
    expect(played.reports('error')).toHaveLength(1);
    expect(played.reports('turn-end')).toMatchObject([{ outcome: 'cut' }]);
  });

  test('R24: what the program says meanwhile comes first', () => {
    const played = play(`${OF_AHEAD} \n 200 text-delta "At nine." \n 250 say "A moment." \n 3000 wait`, voice);
    expect(played.at(250)).toMatchObject([
      { type: 'abort-step' },
      { type: 'unprepare' },
      { type: 'say' },
      { type: 'flush' },
    ]);
    expect(played.speech).toBe('A moment.');
  });

  test('R24, R20: a hang-up leaves nothing of it', () => {
    const played = play(
      `${OF_AHEAD}
      200  tool-call  lookup_order {}
      300  hang-up`,
      voice,
    );
    expect(played.at(300)).toMatchObject([{ type: 'abort-step' }, { type: 'cancel-tool', callId: 'call_1' }]);
  });

  test('R24, R25: words of a turn that was taken back are asked ahead with those that follow', () => {
    const played = play(
      `
        0  caller-turn             "my number is"
      200  caller-speech           start
      400  caller-speech           words "four"
      900  caller-speech           end
     1100  caller-likely-finished  "four seven eleven"
     1300  caller-turn             "Four, seven, eleven."`,
      voice,
    );
    expect(shortly(played.requests.at(-1)?.messages ?? [])).toEqual(['user: my number is four seven eleven']);
    expect(outcomes(played)).toEqual([[1_300, 'kept']]);
    expect(played.talk).toEqual(['user: my number is four seven eleven']);
  });
});

describe('R24: tools', () => {
  test('R24: what only reads runs, and its result waits', () => {
    const played = play(
      `${OF_AHEAD}
      100  tool-call     lookup_order {"n":1}
      110  step-end      tool_calls
      200  tool-settled  {"at":"home"}
      300  caller-turn   "When can I come?"`,
      voice,
    );
    expect(played.all('run-tool')).toMatchObject([{ atMs: 100, effect: 'read' }]);
    expect(played.reports('tool-start')).toMatchObject([{ atMs: 300, id: 'call_1' }]);
    expect(played.at(300)).toMatchObject([{ type: 'request-step', turn: 1, step: 2, priority: 'tool-follow-up' }]);
    expect(played.talk.slice(1)).toEqual(['assistant: - + lookup_order#call_1', 'tool call_1: {"at":"home"}']);
  });

  test('R24: what writes, and what ends the call, waits until the turn is sure', () => {
    const played = play(
      `${OF_AHEAD}
      100  tool-call    book_slot {}
      110  tool-call    end_call {}
      120  step-end     tool_calls
      300  caller-turn  "When can I come?"
      400  tool-settled #call_1 {"ok":true}`,
      voice,
    );
    expect(played.all('run-tool').map(({ atMs, effect }) => [atMs, effect])).toEqual([
      [300, 'write'],
      [400, 'terminal'],
    ]);
  });

  test('R24: a read of an answer that is dropped is let go, and its name is not used again', () => {
    const played = play(
      `${OF_AHEAD}
      100  tool-call     lookup_order {"n":1} #a
      200  caller-turn   "Never mind"
      300  tool-settled  #a failed cancelled {}
      400  tool-call     lookup_order {"n":1} #a`,
      voice,
    );
    expect(played.at(200)).toContainEqual({ type: 'cancel-tool', callId: 'a' });
    expect(played.all('run-tool').map(({ call }) => call.id)).toEqual(['a', 'a-2']);
    expect(played.reports('tool-start').map(({ id }) => id)).toEqual(['a-2']);
  });
});
