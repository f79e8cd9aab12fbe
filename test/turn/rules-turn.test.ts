/** Design section 3, *Turn*: R1 to R10, each by scripts in virtual time. Text counts as heard when it is said. */
import { describe, expect, test } from 'vitest';
import { play, shortly } from './helpers/play.ts';

const RECOVERY = ['Say that again?', 'Once more, please?'];
const withRecovery = { phrases: { recovery: RECOVERY } };

describe('R1: text', () => {
  test('R1: what was thought is taken back: what is not heard of it will not be, and the answer goes on', () => {
    const played = play(
      `
        0  caller-turn      "a table?"
      250  text-delta       "They want a table. "
      260  text-delta       "We are full. "
      300  playback-start   1
      400  heard            1 5
      500  text-taken-back
      500  text-delta       "It is booked."
      510  step-end         stop
      600  playback-start   2
      900  heard            2 13
      950  playback-idle
    `,
      { heardBy: 'reported' },
    );
    expect(played.at(500)).toMatchObject([{ type: 'clear' }, { type: 'say', text: 'It is booked.', utterance: 2 }]);
    expect(played.talk).toEqual(['user: a table?', 'assistant: They It is booked.']);
    const told = { turn: 1, step: 1, heard: 'They', unheard: 'want a table. We are full.' };
    expect(played.reports('text-taken-back')).toMatchObject([told]);
    expect(played.reports('turn-end')).toMatchObject([{ outcome: 'replied', heard: 'They It is booked.' }]);
  });

  test('R1: thoughts that were shown on a line of text stay, and whoever shows them is told that they are none of the answer', () => {
    const played = play(`
        0  caller-turn      "a table?"
      250  text-delta       "They want a table. "
      500  text-taken-back
      500  text-delta       "It is booked."
      510  step-end         stop
    `);
    expect(played.reports('text-taken-back')).toMatchObject([{ step: 1, heard: 'They want a table.', unheard: '' }]);
  });

  test('R1: when only thoughts came, the caller is asked to say it again', () => {
    const played = play(
      `
        0  caller-turn      "a table?"
      250  text-delta       "They want a table. "
      300  text-taken-back
      310  step-end         stop
    `,
      { ...withRecovery, heardBy: 'reported' },
    );
    expect(played.speech).toContain(RECOVERY[0]);
    expect(played.messages.map(({ content }) => content).join(' ')).not.toContain('They want');
  });

  test('R1: a text delta is said in the same tick, as it came', () => {
    const played = play(`
        0  caller-turn  "hello"
      250  text-delta   "Hel"
      260  text-delta   "lo, "
      261  text-delta   "**you**"
    `);
    expect(played.at(250)).toMatchObject([{ type: 'say', text: 'Hel', kind: 'answer', turn: 1, step: 1 }]);
    expect(played.at(260)).toMatchObject([{ type: 'say', text: 'lo, ' }]);
    expect(played.at(261)).toMatchObject([{ type: 'say', text: '**you**' }]);
    expect(new Set(played.all('say').map(({ utterance }) => utterance)).size).toBe(1);
  });

  test('R1: an empty delta says nothing and leaves no message', () => {
    const played = play(`
        0  caller-turn  "hello"
      250  text-delta   ""
    `);
    expect(played.at(250)).toEqual([]);
    expect(played.talk).toEqual(['user: hello']);
  });

  test('R1: white space between two words is said and kept', () => {
    const played = play(`
        0  caller-turn  "hello"
      250  text-delta   "Hello"
      260  text-delta   " "
      270  text-delta   "there."
      280  text-delta   "\\n\\n"
      290  text-delta   "How are you?"
      300  step-end     stop
    `);
    expect(
      played
        .all('say')
        .map(({ text }) => text)
        .join(''),
    ).toBe('Hello there.\n\nHow are you?');
    expect(played.messages.at(-1)?.content).toMatch(/^Hello there\.\s+How are you\?$/);
  });

  test('R1: white space alone is no answer: it leaves no empty assistant message', () => {
    const played = play(
      `
        0  caller-turn  "hello"
      250  text-delta   " "
      300  step-end     stop
    `,
      withRecovery,
    );
    expect(played.speech).toContain(RECOVERY[0]);
    expect(played.reports('turn-end')).toMatchObject([{ outcome: 'failed' }]);
  });

  test("R1: the first request goes out in the tick of the caller's turn, with the list as it stands", () => {
    const played = play(`0 caller-turn "hello"`);
    expect(played.at(0)).toMatchObject([
      {
        type: 'request-step',
        turn: 1,
        step: 1,
        toolChoice: 'auto',
        priority: 'answer',
        messages: [
          { role: 'system', content: played.options.instructions },
          { role: 'user', content: 'hello' },
        ],
      },
    ]);
    expect(played.reports('turn-start')).toMatchObject([{ turn: 1, text: 'hello' }]);
    expect(played.reports('step-start')).toMatchObject([{ turn: 1, step: 1, messages: 2 }]);
  });

  test("R1: when the step ends, what was said is flushed and becomes the assistant's message", () => {
    const played = play(`
        0  caller-turn  "hello"
      250  text-delta   "Hello "
      260  text-delta   "there."
      300  step-end     stop
    `);
    const utterance = played.find('say')?.utterance;
    expect(played.at(300)).toMatchObject([{ type: 'flush', utterance }]);
    expect(played.talk).toEqual(['user: hello', 'assistant: Hello there.']);
    expect(played.reports('step-end')).toMatchObject([{ turn: 1, step: 1, finishReason: 'stop', textKind: 'answer' }]);
    expect(played.reports('turn-end')).toMatchObject([{ turn: 1, outcome: 'replied', heard: 'Hello there.' }]);
  });

  test('R1: turns and steps count from 1, and steps anew in every turn', () => {
    const played = play(`
        0  caller-turn  "one"
      100  text-delta   "First."
      110  step-end     stop
      200  caller-turn  "two"
      300  tool-call    find_slots {}
      310  step-end     tool_calls
      400  tool-settled {"slots":[]}
      500  text-delta   "None."
      510  step-end     stop
    `);
    expect(played.requests.map(({ turn, step }) => [turn, step])).toEqual([
      [1, 1],
      [2, 1],
      [2, 2],
    ]);
    const generations = played.requests.map(({ generation }) => generation);
    expect(generations).toEqual([...new Set(generations)].sort((a, b) => a - b));
  });
});

describe('R2: the filler is flushed', () => {
  test('R2: the first fragment of a tool call flushes the text before it, whatever its punctuation', () => {
    const played = play(`
        0  caller-turn      "where is my order?"
      250  text-delta       "Let me look"
      280  tool-call-start
      700  tool-call        lookup_order {"orderNumber":"123456"}
    `);
    expect(played.at(280)).toEqual([{ type: 'flush', utterance: played.find('say')?.utterance }]);
    expect(played.all('flush')).toHaveLength(1);
  });

  test('R2: without text there is nothing to flush', () => {
    const played = play(`
        0  caller-turn  "where is my order?"
      280  tool-call    lookup_order {"orderNumber":"123456"}
    `);
    expect(played.all('flush')).toEqual([]);
  });

  test('R2: text after a call is said behind the filler, in an utterance of its own, and is in the same message', () => {
    const played = play(`
        0  caller-turn  "where is my order?"
      250  text-delta   "Let me look. "
      280  tool-call    lookup_order {"orderNumber":"1"}
      290  text-delta   "Just a second."
      300  step-end     tool_calls
    `);
    const [filler, more] = played.all('say');
    expect(more?.text).toBe('Just a second.');
    expect(more?.utterance).toBeGreaterThan(filler?.utterance ?? Infinity);
    expect(played.at(300)).toMatchObject([{ type: 'flush', utterance: more?.utterance }]);
    const message = played.messages.find(({ role }) => role === 'assistant');
    expect(message).toMatchObject({ content: 'Let me look. Just a second.', tool_calls: [{ id: 'call_1' }] });
  });

  test('R2: from the first call on it is known to be the filler', () => {
    const played = play(`
        0  caller-turn  "where is my order?"
      250  text-delta   "Let me look. "
      280  tool-call    lookup_order {"orderNumber":"1"}
      290  text-delta   "Just a second."
    `);
    expect(played.all('say').map(({ kind }) => kind)).toEqual(['answer', 'filler']);
  });

  test("R2: the step's end says that its text was the filler", () => {
    const played = play(`
        0  caller-turn  "where is my order?"
      250  text-delta   "Let me look. "
      280  tool-call    lookup_order {"orderNumber":"1"}
      300  step-end     tool_calls
    `);
    expect(played.reports('step-end')).toMatchObject([{ textKind: 'filler' }]);
  });
});

describe('R3: tools start at once', () => {
  test('R3: a complete call runs in that tick, long before the step ends', () => {
    const played = play(`
        0  caller-turn  "where is my order?"
      280  tool-call    lookup_order {"orderNumber":"123456"}
      600  step-end     tool_calls
    `);
    expect(played.at(280)).toMatchObject([
      {
        type: 'run-tool',
        effect: 'read',
        turn: 1,
        step: 1,
        call: { id: 'call_1', name: 'lookup_order', arguments: '{"orderNumber":"123456"}' },
      },
    ]);
    expect(played.reports('tool-start')).toMatchObject([
      { atMs: 280, id: 'call_1', name: 'lookup_order', arguments: '{"orderNumber":"123456"}', effect: 'read' },
    ]);
    expect(played.all('run-tool')).toHaveLength(1);
  });

  test('R3: parallel calls start each on its own', () => {
    const played = play(`
        0  caller-turn  "book it and text me"
      200  tool-call    book_slot {"at":"9"}
      450  tool-call    send_sms {"to":"me"}
      470  tool-call    find_slots {}
      480  step-end     tool_calls
    `);
    expect(played.all('run-tool').map(({ atMs, call, effect }) => [atMs, call.name, effect])).toEqual([
      [200, 'book_slot', 'write'],
      [450, 'send_sms', 'write'],
      [470, 'find_slots', 'read'],
    ]);
  });

  test('R3: arguments stand in the history byte for byte', () => {
    const played = play(`
        0  caller-turn  "book it"
      200  tool-call    book_slot { "at" :"9", "note":"\\u00e9" }
      210  step-end     tool_calls
      300  tool-settled {"ok":true}
    `);
    expect(played.messages.find(({ role }) => role === 'assistant')).toEqual({
      role: 'assistant',
      content: null,
      tool_calls: [
        {
          id: 'call_1',
          type: 'function',
          function: { name: 'book_slot', arguments: '{ "at" :"9", "note":"\\u00e9" }' },
        },
      ],
    });
  });

  test('R3: a call id that came before is told apart, and its result goes to the right call', () => {
    const played = play(`
        0  caller-turn  "one"
      100  tool-call    find_slots {"day":1} #same
      110  step-end     tool_calls
      200  tool-settled {"day":1}
      300  tool-call    find_slots {"day":2} #same
      310  step-end     tool_calls
      400  tool-settled {"day":2}
    `);
    const ids = played.all('run-tool').map(({ call }) => call.id);
    expect(new Set(ids).size).toBe(2);
    expect(played.messages.filter(({ role }) => role === 'tool')).toMatchObject([
      { tool_call_id: ids[0], content: '{"day":1}' },
      { tool_call_id: ids[1], content: '{"day":2}' },
    ]);
  });

  test('R3: a call id that is still in use by a running write is told apart', () => {
    const played = play(`
        0  caller-turn  "book nine"
      100  tool-call    book_slot {"at":"9"} #same
      110  step-end     tool_calls
      200  caller-turn  "and ten as well"
      300  tool-call    book_slot {"at":"10"} #same
      310  step-end     tool_calls
    `);
    const [first, second] = played.all('run-tool').map(({ call }) => call.id);
    expect(first).not.toBe(second);
    played.go(`
      400  tool-settled #${second} {"booked":"10"}
      500  tool-settled #${first} {"booked":"9"}
      600  text-delta "Both."
      610  step-end stop
      700  caller-turn "thanks"
    `);
    const sent = JSON.stringify(played.requests.at(-1)?.messages);
    expect(sent).toContain('\\"booked\\":\\"10\\"');
    expect(sent).toContain('\\"booked\\":\\"9\\"');
  });
});

describe('R4: the next step', () => {
  test('R4: the next step is requested while the filler is still playing', () => {
    const played = play(
      `
        0  caller-turn   "where is my order?"
      250  text-delta    "Let me look that up for you right now. "
      280  tool-call     lookup_order {"orderNumber":"123456"}
      300  step-end      tool_calls
      800  tool-settled  {"status":"shipped"}
    `,
      { speaker: { charactersPerSecond: 15 } },
    );
    expect(played.at(800)).toMatchObject([
      { type: 'request-step', turn: 1, step: 2, toolChoice: 'auto', priority: 'tool-follow-up' },
    ]);
    expect(played.events.find(({ type }) => type === 'playback-idle')).toBeUndefined();
  });

  test('R4: a result that comes before the step has ended waits for its end, and for nothing else', () => {
    const played = play(`
        0  caller-turn   "where is my order?"
      280  tool-call     lookup_order {"orderNumber":"1"}
      290  tool-settled  {"status":"shipped"}
      500  step-end      tool_calls
    `);
    expect(played.at(290)).toEqual([]);
    expect(played.at(500)).toMatchObject([{ type: 'request-step', step: 2 }]);
    expect(played.reports('tool-end')).toMatchObject([{ atMs: 290, ok: true, result: '{"status":"shipped"}' }]);
    expect(played.reports('tool-end')[0]?.isLate ?? false).toBe(false);
  });

  test('R4: with parallel calls the last result asks, whichever it is; the history holds them in call order', () => {
    const played = play(`
        0  caller-turn   "all of it"
      200  tool-call     find_slots {"day":1} #a
      210  tool-call     find_slots {"day":2} #b
      220  tool-call     find_slots {"day":3} #c
      230  step-end      tool_calls
      300  tool-settled  #c {"day":3}
      400  tool-settled  #a {"day":1}
      500  tool-settled  #b {"day":2}
    `);
    expect(played.at(300)).toEqual([]);
    expect(played.at(400)).toEqual([]);
    expect(played.at(500)).toMatchObject([{ type: 'request-step' }]);
    expect(shortly(played.requests[1]?.messages ?? [], 3)).toEqual([
      'tool a: {"day":1}',
      'tool b: {"day":2}',
      'tool c: {"day":3}',
    ]);
  });

  test('R4: a call that can not run does not hold up the others', () => {
    const played = play(`
        0  caller-turn       "all of it"
      200  tool-call         find_slots {} #a
      210  tool-call-failed  find_slots {} "Arguments must be a JSON object." #b
      230  step-end          tool_calls
      300  tool-settled      #a {"slots":[]}
    `);
    expect(played.at(300)).toMatchObject([{ type: 'request-step' }]);
  });

  test("R4: when every call failed before it could run, the next step is requested at the step's end", () => {
    const played = play(`
        0  caller-turn       "find it"
      210  tool-call-failed  find_slots {} "Arguments must be a JSON object."
      230  step-end          tool_calls
    `);
    expect(played.at(230)).toMatchObject([{ type: 'request-step', step: 2, priority: 'tool-follow-up' }]);
    expect(played.all('run-tool')).toEqual([]);
  });

  test('R4: a chain of steps goes on and on, each with the results before it', () => {
    const played = play(`
        0  caller-turn   "do it"
      100  tool-call     find_slots {"n":1}
      110  step-end      tool_calls
      200  tool-settled  {"n":1}
      300  tool-call     find_slots {"n":2}
      310  step-end      tool_calls
      400  tool-settled  {"n":2}
      500  text-delta    "Done."
      510  step-end      stop
    `);
    expect(played.requests.map(({ atMs }) => atMs)).toEqual([0, 200, 400]);
    expect(played.talk).toEqual([
      'user: do it',
      'assistant: - + find_slots#call_1',
      'tool call_1: {"n":1}',
      'assistant: - + find_slots#call_2',
      'tool call_2: {"n":2}',
      'assistant: Done.',
    ]);
    expect(played.reports('turn-end')).toMatchObject([{ outcome: 'replied', heard: 'Done.' }]);
  });
});

describe('R5 and R6: filler and answer', () => {
  const script = `
      0  caller-turn   "where is my order?"
    250  text-delta    "Let me look. "
    280  tool-call     lookup_order {"orderNumber":"1"}
    300  step-end      tool_calls
    400  tool-settled  {"status":"shipped"}
    600  text-delta    "It is on its way."
    650  step-end      stop
  `;

  test('R5: the filler is in the history before the next request is built', () => {
    const played = play(script);
    expect(played.requests[1]?.messages.slice(1)).toEqual([
      { role: 'user', content: 'where is my order?' },
      {
        role: 'assistant',
        content: 'Let me look. ',
        tool_calls: [
          { id: 'call_1', type: 'function', function: { name: 'lookup_order', arguments: '{"orderNumber":"1"}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'call_1', content: '{"status":"shipped"}' },
    ]);
  });

  test('R5: it is there too when the caller has not heard it yet', () => {
    const played = play(script, { speaker: { charactersPerSecond: 5 } });
    expect(played.requests[1]?.messages[2]).toMatchObject({ role: 'assistant', content: 'Let me look. ' });
  });

  test('R5: a phrase that Parley itself spoke while the tool ran is in the history as well', () => {
    const played = play(`
        0  caller-turn   "where is my order?"
      280  tool-call     lookup_order {"orderNumber":"1"}
      300  step-end      tool_calls
     1000  tool-settled  {"status":"shipped"}
    `);
    expect(played.requests[1]?.messages[2]).toMatchObject({
      role: 'assistant',
      content: 'One moment while I look.',
      tool_calls: [{ id: 'call_1' }],
    });
  });

  test('R5: a step that said nothing has `null` for its text', () => {
    const played = play(`
        0  caller-turn   "where is my order?"
      280  tool-call     lookup_order {"orderNumber":"1"}
      300  step-end      tool_calls
      310  tool-settled  {"status":"shipped"}
    `);
    expect(played.requests[1]?.messages[2]).toMatchObject({ role: 'assistant', content: null });
  });

  test('R6: the answer is a new utterance behind the filler; nothing is cleared, paused or said twice', () => {
    const played = play(script, { speaker: { charactersPerSecond: 10 } }).go('9000 wait');
    const [filler, answer] = played.all('say');
    expect(answer?.utterance).toBeGreaterThan(filler?.utterance ?? Infinity);
    expect(played.all('say')).toHaveLength(2);
    for (const type of ['clear', 'pause', 'resume'] as const) expect(played.all(type)).toEqual([]);
  });

  test('R6: there is no gap in the playback when the answer is ready before the filler has been heard', () => {
    const played = play(script, { speaker: { charactersPerSecond: 10 } }).go('9000 wait');
    const starts = played.events.flatMap((event) => (event.type === 'playback-start' ? [event.atMs] : []));
    const idle = played.events.filter(({ type }) => type === 'playback-idle');
    // 13 characters of filler from 280 on (it is flushed by the call), then 17 of the answer, ten a second
    expect(starts[1]).toBeCloseTo((starts[0] ?? 0) + 1_300, -1);
    expect(idle).toHaveLength(1);
    expect(played.reports('turn-end')).toMatchObject([{ outcome: 'replied' }]);
  });

  test('R6: a turn whose answer is still being heard is not over', () => {
    const played = play(script, { speaker: { charactersPerSecond: 10 } });
    expect(played.reports('turn-end')).toEqual([]);
    played.go('9000 wait');
    expect(played.reports('turn-end')).toMatchObject([
      { outcome: 'replied', heard: expect.stringMatching(/^Let me look\.\s+It is on its way\.$/) as string },
    ]);
  });
});

describe('R7: how a step ends', () => {
  for (const reason of ['stop', 'length', 'content_filter', 'unknown', 'tool_calls']) {
    test(`R7: a step with calls goes on, though it ended with \`${reason}\``, () => {
      const played = play(`
          0  caller-turn   "where?"
        280  tool-call     find_slots {}
        300  step-end      ${reason}
        400  tool-settled  {"slots":[]}
      `);
      expect(played.at(400)).toMatchObject([{ type: 'request-step', step: 2 }]);
      expect(played.all('say')).toEqual([]);
    });
  }

  for (const reason of ['stop', 'unknown', 'tool_calls']) {
    test(`R7: a step without calls ends the turn, though it ended with \`${reason}\``, () => {
      const played = play(`
          0  caller-turn  "where?"
        280  text-delta   "Here."
        300  step-end     ${reason}
      `);
      expect(played.requests).toHaveLength(1);
      expect(played.reports('turn-end')).toMatchObject([{ outcome: 'replied', heard: 'Here.' }]);
    });
  }

  test('R7: `length` ends the turn as cut, and what was said stays', () => {
    const played = play(`
        0  caller-turn  "where?"
      280  text-delta   "It is a long"
      300  step-end     length
    `);
    expect(played.reports('turn-end')).toMatchObject([{ outcome: 'cut' }]);
    expect(played.requests).toHaveLength(1);
    expect(played.talk[1]).toMatch(/^assistant: It is a long/);
  });

  test('R7: `content_filter` ends the turn with the recovery phrase', () => {
    const played = play(
      `
        0  caller-turn  "where?"
      280  text-delta   "I think "
      300  step-end     content_filter
    `,
      withRecovery,
    );
    expect(played.all('say').at(-1)).toMatchObject({ text: RECOVERY[0], kind: 'recovery' });
    expect(played.reports('turn-end')).toHaveLength(1);
    expect(played.reports('turn-end')[0]?.outcome).not.toBe('replied');
    expect(played.requests).toHaveLength(1);
  });
});

describe('R8: the step limit', () => {
  const chain = (steps: number) => {
    let script = '0 caller-turn "go on for ever"';
    for (let step = 1; step <= steps; step++) {
      script += `
        +50 tool-call find_slots {"n":${step}}
        +10 step-end tool_calls
        +40 tool-settled {"n":${step}}`;
    }
    return script;
  };

  test('R8: the sixth request of a turn is the last, with tool choice `none`', () => {
    const played = play(chain(5));
    expect(played.requests.map(({ toolChoice }) => toolChoice)).toEqual([
      'auto',
      'auto',
      'auto',
      'auto',
      'auto',
      'none',
    ]);
    played.go(`
      +50 text-delta "I could not find it."
      +10 step-end stop
    `);
    expect(played.requests).toHaveLength(6);
    expect(played.reports('turn-end')).toMatchObject([{ outcome: 'step-limit' }]);
  });

  test('R8: calls that come all the same are neither run nor remembered', () => {
    const played = play(chain(2), { turn: { maxSteps: 3 }, ...withRecovery }).go(`
      +50 text-delta "Sorry. "
      +10 tool-call book_slot {"at":"9"}
      +10 step-end tool_calls
      +900 wait
    `);
    expect(played.requests).toHaveLength(3);
    expect(played.all('run-tool')).toHaveLength(2);
    expect(JSON.stringify(played.messages)).not.toContain('book_slot');
    expect(played.talk.at(-1)).toMatch(/^assistant: Sorry\./);
    expect(played.reports('turn-end')).toHaveLength(1);
  });

  test('R8: when nothing but calls come, the caller still hears something', () => {
    const played = play(chain(2), { turn: { maxSteps: 3 }, ...withRecovery }).go(`
      +50 tool-call book_slot {"at":"9"}
      +10 step-end tool_calls
    `);
    expect(played.all('say').at(-1)).toMatchObject({ text: RECOVERY[0], kind: 'recovery' });
    expect(played.reports('turn-end')).toHaveLength(1);
    expect(played.all('run-tool')).toHaveLength(2);
  });

  test('R8: with a limit of 1 the first request is the last', () => {
    const played = play('0 caller-turn "hello"', { turn: { maxSteps: 1 } });
    expect(played.requests).toMatchObject([{ toolChoice: 'none', priority: 'answer' }]);
  });

  test('R8: the next turn counts anew', () => {
    const played = play(chain(2), { turn: { maxSteps: 3 } }).go(`
      +50 text-delta "Done."
      +10 step-end stop
      +10 caller-turn "again"
    `);
    expect(played.requests.at(-1)).toMatchObject({ turn: 2, step: 1, toolChoice: 'auto' });
  });
});

describe('R9: failures that the model reads', () => {
  test('R9: a tool that nobody knows is a result that names what went wrong, and the turn goes on', () => {
    const played = play(`
        0  caller-turn  "fly me to the moon"
      100  tool-call    launch_rocket {"to":"moon"}
      110  step-end     tool_calls
    `);
    if (played.find('run-tool'))
      played.go('120 tool-settled failed unknown-tool {"error":"There is no launch_rocket."}');
    else played.go('120 wait');
    expect(played.requests).toHaveLength(2);
    const result = played.requests[1]?.messages.at(-1);
    expect(result).toMatchObject({ role: 'tool', tool_call_id: 'call_1' });
    expect(result?.content).toMatch(/launch_rocket|unknown|no such|not a tool/i);
  });

  for (const failure of ['invalid-arguments', 'tool-error', 'internal-error', 'timeout', 'invalid-result']) {
    test(`R9: \`${failure}\` is a result like any other`, () => {
      const played = play(`
          0  caller-turn   "find it"
        100  tool-call     find_slots {"day":"?"}
        110  step-end      tool_calls
        200  tool-settled  failed ${failure} {"error":"Expected a day."}
      `);
      expect(played.at(200)).toMatchObject([{ type: 'request-step', step: 2, toolChoice: 'auto' }]);
      expect(played.requests[1]?.messages.at(-1)).toEqual({
        role: 'tool',
        tool_call_id: 'call_1',
        content: '{"error":"Expected a day."}',
      });
      expect(played.reports('tool-end')).toMatchObject([
        { id: 'call_1', name: 'find_slots', ok: false, error: '{"error":"Expected a day."}', durationMs: 100 },
      ]);
    });
  }

  test('R9: a call whose arguments are broken keeps a legal `{}` and tells why it did not run', () => {
    const played = play(`
        0  caller-turn       "find it"
      100  tool-call-failed  find_slots {} "The arguments were cut off."
      110  step-end          tool_calls
    `);
    expect(played.requests[1]?.messages.slice(-2)).toMatchObject([
      { role: 'assistant', content: null, tool_calls: [{ function: { name: 'find_slots', arguments: '{}' } }] },
      { role: 'tool', content: expect.stringContaining('The arguments were cut off.') as string },
    ]);
  });

  const invalid = (day: string) => `
    +50  tool-call     find_slots {"day":"${day}"}
    +10  step-end      tool_calls
    +40  tool-settled  failed invalid-arguments {"error":"Expected a day."}`;

  test('R9: the same invalid call twice in a turn ends tool use for that turn', () => {
    const played = play(`0 caller-turn "find it" ${invalid('?')} ${invalid('?')}`);
    expect(played.requests.map(({ toolChoice }) => toolChoice)).toEqual(['auto', 'auto', 'none']);
    played.go(`
      +50 text-delta "Which day?"
      +10 step-end stop
      +50 caller-turn "Monday"
    `);
    expect(played.requests.at(-1)).toMatchObject({ turn: 2, toolChoice: 'auto' });
  });

  test('R9: so it does when both come in one step', () => {
    const played = play(`
        0  caller-turn   "find it"
      100  tool-call     find_slots {"day":"?"} #a
      110  tool-call     find_slots {"day":"?"} #b
      120  step-end      tool_calls
      200  tool-settled  #a failed invalid-arguments {"error":"Expected a day."}
      210  tool-settled  #b failed invalid-arguments {"error":"Expected a day."}
    `);
    expect(played.requests.map(({ toolChoice }) => toolChoice)).toEqual(['auto', 'none']);
  });

  test('R9: two different invalid calls do not', () => {
    const played = play(`0 caller-turn "find it" ${invalid('?')} ${invalid('!')}`);
    expect(played.requests.map(({ toolChoice }) => toolChoice)).toEqual(['auto', 'auto', 'auto']);
  });

  test('R9: nor do the same ones in two turns', () => {
    const played = play(`
      0 caller-turn "find it" ${invalid('?')}
      +50 text-delta "Which day?"
      +10 step-end stop
      +50 caller-turn "some day" ${invalid('?')}
    `);
    expect(played.requests.map(({ toolChoice }) => toolChoice)).toEqual(['auto', 'auto', 'auto', 'auto']);
  });

  test('R9: nor does a tool that fails twice for reasons of its own', () => {
    const failing = `
      +50  tool-call     find_slots {"day":"1"}
      +10  step-end      tool_calls
      +40  tool-settled  failed tool-error {"error":"The calendar is down."}`;
    const played = play(`0 caller-turn "find it" ${failing} ${failing}`);
    expect(played.requests.map(({ toolChoice }) => toolChoice)).toEqual(['auto', 'auto', 'auto']);
  });

  test('R9: a phrase that a tool returns is spoken as it is and ends the turn without another request', () => {
    const played = play(`
        0  caller-turn   "what are your hours?"
      100  tool-call     find_slots {}
      110  step-end      tool_calls
      200  tool-settled  say "We are open from nine to five."
    `);
    expect(played.at(200)).toMatchObject([
      { type: 'say', text: 'We are open from nine to five.', kind: 'verbatim' },
      { type: 'flush' },
    ]);
    expect(played.requests).toHaveLength(1);
    expect(played.reports('turn-end')).toMatchObject([{ outcome: 'replied' }]);
    played.go('300 caller-turn "thanks"');
    expect(played.requests).toHaveLength(2);
    expect(JSON.stringify(played.requests[1]?.messages)).toContain('We are open from nine to five.');
  });

  test('R9: it waits for the other results of the step', () => {
    const played = play(`
        0  caller-turn   "what are your hours?"
      100  tool-call     find_slots {} #a
      105  tool-call     send_sms {} #b
      110  step-end      tool_calls
      200  tool-settled  #a say "We are open from nine to five."
      300  tool-settled  #b {"sent":true}
    `);
    expect(played.at(200)).toEqual([]);
    expect(played.at(300)).toMatchObject([{ type: 'say', kind: 'verbatim' }, { type: 'flush' }]);
    expect(played.requests).toHaveLength(1);
  });
});

describe('R10: streams that break', () => {
  test('R10: complete calls run and the turn goes on, whatever became of the stream', () => {
    const played = play(`
        0  caller-turn   "where is my order?"
      250  text-delta    "Let me look. "
      280  tool-call     lookup_order {"orderNumber":"1"}
      300  step-failed   stream-cut
      400  tool-settled  {"status":"shipped"}
    `);
    expect(played.at(400)).toMatchObject([{ type: 'request-step', step: 2 }]);
    expect(played.speech).toBe('Let me look. ');
    expect(played.reports('error')).toMatchObject([{ turn: 1, step: 1, code: 'stream-cut' }]);
    expect(played.requests[1]?.messages.slice(-2)).toMatchObject([
      { role: 'assistant', content: 'Let me look. ', tool_calls: [{ id: 'call_1' }] },
      { role: 'tool', content: '{"status":"shipped"}' },
    ]);
  });

  test('R10: so they do when the result was there before the cut', () => {
    const played = play(`
        0  caller-turn   "where is my order?"
      280  tool-call     lookup_order {"orderNumber":"1"}
      290  tool-settled  {"status":"shipped"}
      300  step-end      unknown truncated
    `);
    expect(played.at(300)).toMatchObject([{ type: 'request-step', step: 2 }]);
    expect(played.all('say')).toEqual([]);
  });

  for (const end of ['step-failed stream-cut', 'step-end unknown truncated']) {
    test(`R10: cut in the middle of the text (${end}): the recovery phrase, once, and nothing again`, () => {
      const played = play(
        `
          0  caller-turn  "where is my order?"
        250  text-delta   "Your order is on its"
        300  ${end}
        900  caller-turn  "what?"
      `,
        withRecovery,
      );
      expect(played.said.map(([, text, kind]) => [text, kind])).toEqual([
        ['Your order is on its', 'answer'],
        [RECOVERY[0], 'recovery'],
      ]);
      expect(played.reports('turn-end')).toMatchObject([{ turn: 1, outcome: 'cut' }]);
      expect(played.requests).toHaveLength(2);
      expect(played.requests[1]?.messages.slice(-2)).toEqual([
        { role: 'assistant', content: `Your order is on its ${RECOVERY[0]}` },
        { role: 'user', content: 'what?' },
      ]);
    });

    test(`R10: with nothing said (${end}): the recovery phrase, and the turn has failed`, () => {
      const played = play(
        `
          0  caller-turn  "where is my order?"
        300  ${end}
      `,
        withRecovery,
      );
      expect(played.at(300)).toMatchObject([{ type: 'say', text: RECOVERY[0], kind: 'recovery' }, { type: 'flush' }]);
      expect(played.reports('turn-end')).toMatchObject([{ outcome: 'failed' }]);
    });
  }

  test('R10: a call that was open when the stream was cut is dropped', () => {
    const played = play(
      `
        0  caller-turn      "where is my order?"
      250  text-delta       "Let me look. "
      280  tool-call-start
      300  step-failed      stream-cut
    `,
      withRecovery,
    );
    expect(played.speech).toBe(`Let me look. |${RECOVERY[0]}`);
    expect(played.talk).toEqual(['user: where is my order?', `assistant: Let me look. ${RECOVERY[0]}`]);
    expect(played.reports('turn-end')).toMatchObject([{ outcome: 'cut' }]);
  });

  test('R10: an answer without text or calls does not loop: the recovery phrase, failed', () => {
    const played = play(
      `
        0  caller-turn  "hello"
      300  step-end     stop
     5000  wait
    `,
      withRecovery,
    );
    expect(played.requests).toHaveLength(1);
    expect(played.speech).toBe(RECOVERY[0]);
    expect(played.reports('turn-end')).toMatchObject([{ outcome: 'failed' }]);
  });

  test('R10: an empty answer after tools does not loop either', () => {
    const played = play(
      `
        0  caller-turn   "hello"
      100  tool-call     find_slots {}
      110  step-end      tool_calls
      200  tool-settled  {"slots":[]}
      300  step-end      stop
    `,
      withRecovery,
    );
    expect(played.requests).toHaveLength(2);
    expect(played.speech).toBe(RECOVERY[0]);
    expect(played.reports('turn-end')).toMatchObject([{ outcome: 'failed' }]);
  });

  test('R10: two failed turns in a row do not use the same words', () => {
    const played = play(
      `
        0  caller-turn  "hello"
      300  step-failed  first-token-timeout
     1000  caller-turn  "hello?"
     1300  step-failed  rate-limited
    `,
      withRecovery,
    );
    expect(played.all('say').map(({ text }) => text)).toEqual(RECOVERY);
    expect(played.reports('error').map(({ code }) => code)).toEqual(['first-token-timeout', 'rate-limited']);
  });

  test('R10: a step that failed after others had said something leaves their words and results', () => {
    const played = play(
      `
        0  caller-turn   "book nine"
      100  text-delta    "One second. "
      120  tool-call     book_slot {"at":"9"}
      130  step-end      tool_calls
      200  tool-settled  {"booked":true}
      300  step-failed   provider-failed
      900  caller-turn   "did it work?"
    `,
      withRecovery,
    );
    expect(played.reports('turn-end')).toMatchObject([{ turn: 1, outcome: 'failed' }]);
    expect(shortly(played.requests[2]?.messages ?? [])).toEqual([
      'user: book nine',
      'assistant: One second.  + book_slot#call_1',
      'tool call_1: {"booked":true}',
      `assistant: ${RECOVERY[0]}`,
      'user: did it work?',
    ]);
  });
});
