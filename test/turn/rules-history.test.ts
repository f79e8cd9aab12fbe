/** Design section 3, *History*: R21 to R23. The player's validator checks them after every event of every script. */
import { describe, expect, test } from 'vitest';
import { findProblems } from '../../src/testing/checks/rules/legality.ts';
import { INSTRUCTIONS, play, shortly, type PlayOptions } from './helpers/play.ts';

const voice: PlayOptions = { speaker: { charactersPerSecond: 10 } };

describe('R21: legal at every instant', () => {
  test('R21: a call that runs has a tool message before its result is there', () => {
    const played = play(`
        0  caller-turn  "look"
      100  tool-call    find_slots {}
      150  wait
    `);
    expect(findProblems(played.messages, { instructions: INSTRUCTIONS })).toEqual([]);
    if (played.messages.some(({ role }) => role === 'assistant'))
      expect(played.messages.at(-1)).toMatchObject({ role: 'tool', tool_call_id: 'call_1' });
  });

  test('R21: no script cut at any event leaves an illegal list', () => {
    const lines = [
      'caller-turn "book nine and ten"',
      'text-delta "Let me "',
      'text-delta "see. "',
      'tool-call book_slot {"at":"9"} #a',
      'tool-call-failed book_slot {} "Broken." #b',
      'tool-call find_slots {} #c',
      'text-delta "One second."',
      'tool-settled #c {"slots":[]}',
      'step-end tool_calls',
      'caller-turn "never mind"',
      'text-delta "Fine."',
      'tool-settled #a {"booked":"9"}',
      'step-failed stream-cut',
      'caller-turn "bye"',
      'tool-call end_call {} #d',
      'step-end tool_calls',
      'tool-settled #d hang-up',
      'hang-up',
    ];
    for (let count = 1; count <= lines.length; count++) {
      for (const ending of ['interrupt', 'hang-up', 'caller-turn "what?"', 'wait']) {
        const script = [...lines.slice(0, count), ending].map((line) => `+100 ${line}`).join('\n');
        for (const options of [{}, voice]) {
          const played = play(script, options); // throws when the validator finds something
          expect(played.messages.length).toBeGreaterThan(0);
        }
      }
    }
  });

  test('R21: at most 200 messages, however many turns there are and however many calls they make', () => {
    let script = '0 caller-turn "start"';
    for (let turn = 0; turn < 60; turn++) {
      script += `
        +10 tool-call find_slots {"n":1}
        +10 tool-call find_slots {"n":2}
        +10 step-end tool_calls
        +10 tool-settled {"n":1}
        +10 tool-settled {"n":2}
        +10 text-delta "Answer ${turn}."
        +10 step-end stop
        +10 caller-turn "question ${turn}"`;
    }
    const played = play(script);
    expect(Math.max(...played.requests.map(({ messages }) => messages.length))).toBeLessThanOrEqual(181);
    expect(played.reports('compaction').length).toBeGreaterThan(0);
  });
});

describe('R22: what was heard', () => {
  const text = 'The first opening is on Thursday at nine, and there is another one on Friday. ';
  const script = `
      0  caller-turn   "when?"
    100  text-delta    "${text}"
    110  tool-call     find_slots {}
    120  step-end      tool_calls
    600  tool-settled  {"slots":[]}
    700  text-delta    "That is all that we have "
    800  text-delta    "this week."
    810  step-end      stop
  `;

  test('R22: cut at 50 instants, to the word', () => {
    for (let i = 1; i <= 50; i++) {
      const atMs = 900 + i * 220;
      const played = play(script, voice).go(`${atMs} caller-turn "hm, no"`);
      const heard = played.events.flatMap((event) => (event.type === 'heard' ? [event] : []));
      const sent = played.requests.at(-1)?.messages ?? [];
      const words = sent
        .flatMap((message) => (message.role === 'assistant' ? [message.content ?? ''] : []))
        .join(' ')
        .split(/\s+/)
        .filter(Boolean);
      const said = `${text} That is all that we have this week.`.split(/\s+/);
      expect(words, `at ${atMs}`).toEqual(said.slice(0, words.length));
      // ten characters a second since 110, all but the last word that had not been finished
      const characters = Math.min(said.join(' ').length + 1, (atMs - 110) / 100);
      expect(Math.abs(words.join(' ').length - characters), `at ${atMs}`).toBeLessThanOrEqual(10);
      expect(heard.length).toBeGreaterThan(0);
    }
  });

  test('R22: in text, exactly what was emitted', () => {
    const played = play(`
        0  caller-turn  "when?"
      100  text-delta   "The first is on "
      150  text-delta   "Thurs"
      200  caller-turn  "Thursday?"
    `);
    expect(shortly(played.requests[1]?.messages ?? [])).toEqual([
      'user: when?',
      'assistant: The first is on Thurs',
      'user: Thursday?',
    ]);
  });

  describe('when the voice fails', () => {
    const reported: PlayOptions = { heardBy: 'reported' };

    test('R22: what it gave up was not heard', () => {
      const played = play(
        `
          0  caller-turn    "when?"
        100  text-delta     "aaaa bbbb cccc"
        110  step-end       stop
        200  playback-start 1
        900  heard          1 "aaaa"
       1000  speech-failed  1 provider-failed
       1000  playback-idle
      `,
        reported,
      );
      expect(played.reports('error')).toMatchObject([{ code: 'provider-failed' }]);
      played.go('5000 caller-turn "hello?"');
      const sent = shortly(played.requests.at(-1)?.messages ?? []);
      expect(sent[1]).toMatch(/^assistant: aaaa/);
      expect(JSON.stringify(sent)).not.toContain('bbbb');
    });

    test('R22: what is said after that stands in the history', () => {
      const played = play(
        `
          0  caller-turn    "when?"
       1600  wait
       1700  speech-failed  1 provider-failed
       1700  playback-idle
       3000  text-delta     "aaaa bbbb"
       3010  step-end       stop
       3100  playback-start 2
       3900  heard          2 "aaaa bbbb"
       3900  playback-idle
       5000  caller-turn    "thanks"
      `,
        reported,
      );
      expect(played.all('say')[0]?.atMs).toBe(1_500);
      expect(shortly(played.requests.at(-1)?.messages ?? [])).toEqual([
        'user: when?',
        expect.stringMatching(/^assistant: .*aaaa bbbb Sorry, .*$/) as string,
        'user: thanks',
      ]);
    });

    test('R14: so do the calls of its step, and their results', () => {
      const played = play(
        `
          0  caller-turn    "when?"
        100  text-delta     "aaaa bbbb. "
        200  speech-failed  1 provider-failed
        300  tool-call-start
        310  playback-idle
        400  tool-call      book_slot {}
        410  step-end       tool_calls
        600  tool-settled   {"booked":true}
      `,
        reported,
      );
      expect(shortly(played.requests[1]?.messages ?? []).slice(-2)).toEqual([
        expect.stringMatching(/book_slot#call_1$/) as string,
        'tool call_1: {"booked":true}',
      ]);
    });
  });

  test("R22: what a nudge, a program and a recovery phrase said is the assistant's text too", () => {
    const played = play(
      `
     1000  say          "Your taxi is here."
    17000  wait
    17100  caller-turn  "thanks"
    17200  step-failed  rate-limited
    18000  caller-turn  "what?"
    `,
      { phrases: { nudge: ['Are you there?'], recovery: ['Say that again?'] }, greeting: 'Hello.' },
    );
    const words = JSON.stringify(played.requests.at(-1)?.messages);
    for (const said of ['Hello.', 'Your taxi is here.', 'Are you there?', 'Say that again?'])
      expect(words).toContain(said);
  });
});

describe('R23: the list only grows', () => {
  const turn = (n: number, words = `Answer ${n}.`) => `
    +1000 caller-turn "question ${n}"
    +100  text-delta  "One moment. "
    +10   tool-call   find_slots {"n":${n}} #t${n}
    +10   step-end    tool_calls
    +100  tool-settled #t${n} {"n":${n}}
    +100  text-delta  "${words}"
    +10   step-end    stop`;

  test('R23: each request begins with the one before, byte for byte', () => {
    const played = play(Array.from({ length: 10 }, (_, n) => turn(n)).join(''), {
      greeting: 'Hello.',
      facts: 'The caller is +4915112345678.',
    });
    const bodies = played.requests.map(({ messages }) => JSON.stringify(messages).slice(0, -1));
    for (let i = 1; i < bodies.length; i++) expect(bodies[i]?.startsWith(bodies[i - 1] ?? '?')).toBe(true);
    expect(bodies).toHaveLength(20);
  });

  test('R23: the system prompt is first, verbatim, and the facts of the call come after it', () => {
    const played = play(turn(1), { instructions: '  Speak.\n\n', facts: 'The caller is 7.' });
    expect(played.requests[0]?.messages.slice(0, 2)).toMatchObject([
      { role: 'system', content: '  Speak.\n\n' },
      { role: 'system', content: expect.stringContaining('The caller is 7.') as string },
    ]);
  });

  test('R23: a request that was handed out never changes', () => {
    const played = play(turn(1));
    const before = played.requests.map(({ messages }) => JSON.stringify(messages));
    played.go(`${turn(2)}\n +10 caller-turn "no" \n +10 interrupt \n +10 hang-up`);
    expect(played.requests.slice(0, before.length).map(({ messages }) => JSON.stringify(messages))).toEqual(before);
  });

  test('R23: an interruption changes nothing before the turn that it cut', () => {
    const played = play(`${turn(1)} ${turn(2, 'aaaa bbbb cccc dddd eeee ffff')}`, voice);
    const before = played.requests.at(-1)?.messages ?? [];
    played.go('+2000 caller-turn "stop"');
    const after = played.requests.at(-1)?.messages ?? [];
    const start = before.findLastIndex(({ role }) => role === 'user');
    expect(JSON.stringify(after.slice(0, start))).toBe(JSON.stringify(before.slice(0, start)));
  });

  test('R23: at `compactAtMessages` old turns are dropped in one large step, whole, down to half', () => {
    const played = play(Array.from({ length: 30 }, (_, n) => turn(n)).join(''), {
      turn: { compactAtMessages: 40 },
      facts: 'The caller is 7.',
      greeting: 'Hello.',
    });
    const compactions = played.reports('compaction');
    expect(compactions.length).toBeGreaterThanOrEqual(3);
    expect(compactions.length).toBeLessThanOrEqual(8);
    for (const { droppedMessages, keptMessages } of compactions) {
      expect(droppedMessages).toBeGreaterThanOrEqual(15);
      expect(keptMessages).toBeLessThanOrEqual(26);
      expect(keptMessages).toBeGreaterThanOrEqual(12);
    }
    for (const { messages } of played.requests) {
      expect(messages.length).toBeLessThanOrEqual(41);
      expect(messages[0]).toEqual({ role: 'system', content: INSTRUCTIONS });
      expect(messages[1]?.content).toContain('The caller is 7.');
    }
    const grown = played.requests.filter(
      ({ messages }, index) =>
        index > 0 &&
        JSON.stringify(messages).startsWith(JSON.stringify(played.requests[index - 1]?.messages).slice(0, -1)),
    );
    expect(grown).toHaveLength(played.requests.length - 1 - compactions.length);
  });

  test('R23: at `compactAtTokens` too', () => {
    const words = 'word '.repeat(200);
    const played = play(Array.from({ length: 12 }, (_, n) => turn(n, words)).join(''), {
      turn: { compactAtTokens: 2_000 },
    });
    expect(played.reports('compaction').length).toBeGreaterThan(0);
    expect(Math.max(...played.requests.map(({ messages }) => JSON.stringify(messages).length))).toBeLessThan(10_000);
  });

  test('R23: what requests really cost counts, not what they were thought to', () => {
    const talk = (tokens: string) =>
      Array.from(
        { length: 12 },
        (_, n) => `
        +1000 caller-turn "question ${n}"
        +100  text-delta  "${'word '.repeat(40)}"
        +10   step-end    stop ${tokens}`,
      ).join('');
    const options = { turn: { compactAtTokens: 1_500 } };
    const thought = play(talk(''), options).reports('compaction').length;
    const real = play(talk('tokens 1400'), options).reports('compaction').length;
    expect(real).toBeGreaterThan(thought);
  });

  test('R23: the turn that runs is never dropped', () => {
    let script = '0 caller-turn "all of it"';
    for (let step = 1; step <= 10; step++)
      script += `
        +10 tool-call find_slots {"n":${step}}
        +10 step-end tool_calls
        +10 tool-settled {"n":${step}}`;
    const played = play(script, { turn: { compactAtMessages: 10, maxSteps: 12 } });
    const last = played.requests.at(-1)?.messages ?? [];
    expect(last[1]).toEqual({ role: 'user', content: 'all of it' });
    expect(last).toHaveLength(2 + 20);
  });

  test('R23: a result that no request has told outlives a compaction, and comes before the words of the caller', () => {
    const script = `${turn(0)} ${turn(1)} ${turn(2)} ${turn(3)}
      +1000 caller-turn  "book nine"
      +100  tool-call    book_slot {"at":"9"} #book
      +10   tool-call    find_slots {} #find
      +10   step-end     tool_calls
      +50   tool-settled #find {"found":"ten"}
      +100  caller-turn  "and what is the time?"
      +50   tool-settled #book {"booked":"nine"}
      +50   caller-turn  "hello?"`;
    for (let compactAtMessages = 10; compactAtMessages <= 24; compactAtMessages++) {
      const played = play(script, { turn: { compactAtMessages } });
      const sent = played.requests.at(-1)?.messages ?? [];
      expect(sent.at(-1), `limit ${compactAtMessages}`).toEqual({ role: 'user', content: 'hello?' });
      const told = JSON.stringify(played.requests.map(({ messages }) => messages));
      expect(told, `limit ${compactAtMessages}`).toContain('booked\\":\\"nine');
      expect(told, `limit ${compactAtMessages}`).toContain('found\\":\\"ten');
      expect(played.requests.map(({ messages }) => messages.at(-1)?.role)).not.toContain('system');
    }
  });

  test('R23: a write that still runs is not forgotten by a compaction', () => {
    let script = `
        0  caller-turn  "book nine"
      100  tool-call    book_slot {"at":"9"}
      110  step-end     tool_calls`;
    for (let n = 0; n < 10; n++) script += turn(n);
    const played = play(`${script}\n +10 tool-settled #call_1 {"booked":"nine"} ${turn(11)}`, {
      turn: { compactAtMessages: 14 },
    });
    expect(played.reports('compaction').length).toBeGreaterThan(0);
    expect(JSON.stringify(played.requests.at(-1)?.messages)).toContain('booked\\":\\"nine');
  });
});

test('determinism: the same events give the same effects, byte for byte', () => {
  const script = `
      0  caller-turn    "book nine"
    100  text-delta     "Let me book it. "
    150  tool-call      book_slot {"at":"9"}
    200  tool-call      lookup_order {}
    250  step-end       tool_calls
    900  caller-speech  start
   1300  caller-speech  words "no wait"
   1500  caller-turn    "no, wait"
   1800  text-delta     "All right, I wait."
   1900  step-end       stop
   4000  tool-settled   #call_1 {"booked":true}
  30000  wait
  `;
  const first = play(script, voice);
  const second = play(script, voice);
  expect(JSON.stringify(second.effects)).toBe(JSON.stringify(first.effects));
});
