/** Design section 3, *Ending*: R19 and R20. */
import { describe, expect, test } from 'vitest';
import { play, shortly, type PlayOptions } from './helpers/play.ts';

const voice: PlayOptions = { speaker: { charactersPerSecond: 10 } };

describe('R19: what ends the call waits for the words before it', () => {
  const goodbye = `
      0  caller-turn  "bye"
    100  text-delta   "aaaa bbbb cccc dddd."
    200  tool-call    end_call {}
    210  step-end     tool_calls
  `;

  test('R19: in text, words are heard when they are said: `end_call` is run at once', () => {
    const played = play(goodbye);
    expect(played.all('run-tool')).toMatchObject([{ effect: 'terminal', call: { name: 'end_call' } }]);
    played.go('300 tool-settled hang-up "agent-ended"');
    expect(played.at(300)).toMatchObject([{ type: 'hang-up', reason: 'agent-ended' }]);
    expect(played.requests).toHaveLength(1);
  });

  test('R19: in a voice it is carried out when the last word has been heard, not before', () => {
    const played = play(`${goodbye} 9000 wait`, voice);
    const idleMs = played.events.find(({ type }) => type === 'playback-idle')?.atMs;
    expect(idleMs).toBeGreaterThan(2_000);
    expect(played.all('run-tool')).toMatchObject([{ atMs: idleMs }]);
    expect(played.all('hang-up')).toEqual([]);
    played.go('9100 tool-settled hang-up "agent-ended"');
    expect(played.all('hang-up')).toMatchObject([{ atMs: 9_100, reason: 'agent-ended' }]);
  });

  test('R19: so are the words that come after the call', () => {
    const played = play(
      `
        0  caller-turn  "bye"
      100  tool-call    end_call {}
      150  text-delta   "aaaa bbbb."
      210  step-end     stop
     9000  wait
    `,
      voice,
    );
    const idleMs = played.events.find(({ type }) => type === 'playback-idle')?.atMs;
    expect(played.all('run-tool')).toMatchObject([{ atMs: idleMs }]);
  });

  test('R19: it is carried out before the step has ended neither', () => {
    const played = play(
      `
        0  caller-turn  "bye"
      100  tool-call    end_call {}
      400  wait
    `,
    );
    expect(played.all('hang-up')).toEqual([]);
    played.go(`
      500 text-delta "Goodbye!"
      510 step-end stop
      600 wait
    `);
    expect(played.all('run-tool')).toHaveLength(1);
    expect(played.speech).toBe('Goodbye!');
  });

  test('R19: the caller who interrupts before that revokes it, and the model is told', () => {
    const played = play(goodbye, voice).go('1200 caller-turn "wait, one more thing"').go('9000 wait');
    expect(played.all('run-tool')).toEqual([]);
    expect(played.all('hang-up')).toEqual([]);
    expect(shortly(played.requests.at(-1)?.messages ?? [])).toEqual([
      'user: bye',
      'assistant: aaaa bbbb + end_call#call_1',
      expect.stringMatching(/^tool call_1: .*(revoked|not carried out|interrupt)/i) as string,
      'user: wait, one more thing',
    ]);
  });

  test('R19: the other tools of the step come first', () => {
    const played = play(`
        0  caller-turn   "book it, bye"
      100  tool-call     book_slot {"at":"9"}
      110  tool-call     end_call {}
      120  step-end      tool_calls
    `);
    expect(played.all('run-tool').map(({ call }) => call.name)).toEqual(['book_slot']);
    played.go('300 tool-settled {"booked":true}');
    expect(played.all('run-tool').map(({ atMs, call }) => [atMs, call.name])).toEqual([
      [100, 'book_slot'],
      [300, 'end_call'],
    ]);
    expect(played.requests).toHaveLength(1);
  });

  test('R19: when one of them failed the call is not ended, and the model is told of both', () => {
    const played = play(`
        0  caller-turn   "book it, bye"
      100  tool-call     book_slot {"at":"9"}
      110  tool-call     end_call {}
      120  step-end      tool_calls
      300  tool-settled  failed tool-error {"error":"Nine is taken."}
    `);
    expect(played.all('run-tool').map(({ call }) => call.name)).toEqual(['book_slot']);
    expect(played.requests).toHaveLength(2);
    expect(shortly(played.requests[1]?.messages ?? []).slice(2)).toEqual([
      'tool call_1: {"error":"Nine is taken."}',
      expect.stringMatching(/^tool call_2: /) as string,
    ]);
    expect(played.all('hang-up')).toEqual([]);
  });

  test('R19: a terminal tool that fails is a result like any other', () => {
    const played = play(`
        0  caller-turn   "put me through"
      100  text-delta    "One moment."
      110  tool-call     transfer_call {"to":"desk"}
      120  step-end      tool_calls
      200  tool-settled  failed tool-error {"error":"Nobody is at the desk."}
    `);
    expect(played.requests).toHaveLength(2);
    expect(played.requests[1]?.messages.at(-1)?.content).toBe('{"error":"Nobody is at the desk."}');
    expect(played.all('transfer')).toEqual([]);
  });

  test('R19: `transfer_call` transfers once its words have been heard', () => {
    const played = play(
      `
        0  caller-turn   "put me through"
      100  text-delta    "aaaa bbbb."
      110  tool-call     transfer_call {"to":"desk"}
      120  step-end      tool_calls
     2000  tool-settled  transfer "desk"
     4000  wait
    `,
      voice,
    );
    expect(played.all('transfer')).toMatchObject([{ to: 'desk', atMs: 2_000 }]);
    expect(played.requests).toHaveLength(1);
  });

  test('R19: a transfer that the bridge could not carry out leaves the caller with somebody to talk to', () => {
    const played = play(`
        0  caller-turn      "put me through"
      100  text-delta       "One moment."
      110  tool-call        transfer_call {"to":"desk"}
      120  step-end         tool_calls
      200  tool-settled     transfer "desk"
      900  transfer-failed  "busy"
     3000  wait
    `);
    expect(played.all('transfer')).toHaveLength(1);
    const heardOrAsked = played.effects.filter(
      ({ type, atMs }) => atMs >= 900 && (type === 'say' || type === 'request-step'),
    );
    expect(heardOrAsked.length).toBeGreaterThan(0);
  });

  test('R17, R19: what a caller says while somebody is rung for them puts off no phrase once they are back', () => {
    const played = play(
      `
        0  caller-turn      "put me through"
      110  tool-call        transfer_call {"to":"desk"}
      120  step-end         tool_calls
      200  tool-settled     transfer "desk"
      700  caller-speech    start
      800  caller-turn      "hello?"
      900  transfer-failed  "busy"
     3000  wait
    `,
      { heardBy: 'reported' },
    );
    const [phrase] = played.all('say').filter(({ atMs }) => atMs >= 900);
    expect(phrase).toMatchObject({ kind: 'progress', atMs: 900 + 1_500 });
  });

  test('R14, R19: a late result waits while the caller is being handed over, and is told when that has failed', () => {
    const played = play(
      `
        0  caller-turn      "send it"
      100  tool-call        send_sms {"n":1} #w
      110  step-end         tool_calls
      300  interrupt
      400  caller-turn      "put me through"
      500  tool-call        transfer_call {} #t
      510  step-end         tool_calls
      520  tool-settled     #w {"sent":true}
      600  tool-settled     #t transfer "desk"
      700  timer            late-result
      710  timer            away
      900  transfer-failed  "busy"
    `,
      { timers: 'scripted' },
    );
    expect(played.all('transfer')).toMatchObject([{ to: 'desk', atMs: 600 }]);
    const later = played.effects.filter(({ type, atMs }) => atMs > 600 && (type === 'say' || type === 'request-step'));
    expect(later).toMatchObject([{ type: 'request-step', atMs: 900 }]);
    expect(JSON.stringify(played.requests.at(-1))).toContain('busy');
    expect(JSON.stringify(played.requests.at(-1)).split('sent').length).toBeGreaterThan(1);
  });

  test('a caller whom the program hands over is transferred once that was heard', () => {
    const played = play('0 wait \n 100 say "I am putting you through." "worker-stopped" "desk"').go('5000 wait');
    const [handed] = played.all('transfer');
    expect(handed).toMatchObject({ to: 'desk' });
    expect(handed?.atMs).toBeGreaterThanOrEqual(played.all('say')[0]!.atMs);
    expect(played.all('hang-up')).toEqual([]);
  });

  test('a caller whom the program hands over in vain hears a goodbye before the call ends', () => {
    const played = play('0 wait \n 100 say "I am putting you through." "worker-stopped" "desk"').go(`
      5000  transfer-failed "busy"
      9000  wait
    `);
    const says = played.all('say').map(({ text }) => text);
    expect(says).toEqual(['I am putting you through.', 'Thank you for calling. Goodbye.']);
    expect(played.all('hang-up')).toHaveLength(1);
    expect(played.requests).toEqual([]);
    expect(played.all('report').at(-1)).toMatchObject({ event: { type: 'call-end', reason: 'worker-stopped' } });
  });

  test('R19: a transfer that nobody asked for can not fail', () => {
    const played = play('0 caller-turn "hello" \n 100 text-delta "Hi." \n 200 transfer-failed "busy"');
    expect(played.at(200)).toEqual([]);
  });

  test('R19: after the hang-up was asked for, nothing more is said or asked', () => {
    const played = play(goodbye).go(`
      300   tool-settled hang-up
      400   caller-turn "hello?"
      500   caller-speech start
      90000 wait
    `);
    const later = played.effects.filter(({ atMs, type }) => atMs > 300 && type !== 'report' && type !== 'set-timer');
    expect(later).toEqual([]);
  });

  test('R19: without words before it the call is ended at once', () => {
    const played = play('0 caller-turn "bye" \n 100 tool-call end_call {} \n 110 step-end tool_calls', voice);
    expect(played.all('run-tool')).toHaveLength(1);
  });

  test('R19: an earlier answer that is still playing is among the words before it', () => {
    const played = play(
      `
        0  caller-turn   "check, then bye"
      100  text-delta    "aaaa bbbb cccc dddd. "
      110  tool-call     find_slots {}
      120  step-end      tool_calls
      200  tool-settled  {"slots":[]}
      300  tool-call     end_call {}
      310  step-end      tool_calls
     9000  wait
    `,
      voice,
    );
    const idleMs = played.events.find(({ type }) => type === 'playback-idle')?.atMs;
    expect(played.all('run-tool').map(({ atMs, call }) => [atMs, call.name])).toEqual([
      [110, 'find_slots'],
      [idleMs, 'end_call'],
    ]);
  });

  test('R19: every interruption of a goodbye revokes it, none after it does', () => {
    for (let atMs = 250; atMs <= 2_600; atMs += 50) {
      const played = play(`${goodbye} ${atMs} interrupt \n 5000 wait`, voice);
      const idleMs = played.events.find(({ type }) => type === 'playback-idle')?.atMs ?? Infinity;
      const ran = played.all('run-tool').length;
      expect(ran, `interrupted at ${atMs}, idle at ${idleMs}`).toBe(idleMs <= atMs ? 1 : 0);
    }
  });
});

describe('R19: a voice that is gone', () => {
  const lost = `
       0  playback-start  1
     100  speech-failed   1 provider-failed
     110  playback-idle
   15110  timer           away
   15200  speech-failed   2 provider-failed
   15210  playback-idle
  `;
  const options: PlayOptions = { heardBy: 'reported', greeting: 'Hello.', timers: 'scripted' };

  test('R19: lost twice while no turn runs, the goodbye is said, and the call ends once it was heard', () => {
    const played = play(lost, options);
    expect(played.all('say').at(-1)).toMatchObject({ atMs: 15_210, kind: 'verbatim' });
    expect(played.all('hang-up')).toEqual([]);
    played.go('18000 playback-start 3 \n 20000 playback-idle');
    expect(played.all('clear')).toEqual([]);
    expect(played.all('hang-up')).toMatchObject([{ atMs: 20_000, reason: 'speech-failed' }]);
  });

  test('R19: a goodbye that is lost too ends the call all the same', () => {
    const played = play(lost, options).go('15300 speech-failed 3 provider-failed \n 15310 playback-idle');
    expect(played.all('hang-up')).toMatchObject([{ atMs: 15_310, reason: 'speech-failed' }]);
  });
});

describe('R20: hang-up', () => {
  const END = 'caller-hung-up';

  test('R20: an open request is aborted, and nothing is said any more', () => {
    const played = play(`
        0  caller-turn  "hello"
      100  text-delta   "Hi, "
      200  hang-up
    `);
    expect(played.at(200)).toContainEqual({ type: 'abort-step', generation: played.requests[0]?.generation });
    expect(played.reports('call-end')).toMatchObject([{ atMs: 200, reason: END }]);
    expect(played.machine.isEnded).toBe(true);
    expect(played.at(200).filter(({ type }) => type === 'say' || type === 'request-step')).toEqual([]);
    expect(played.reports('turn-end')).toMatchObject([{ atMs: 200, outcome: 'interrupted' }]);
  });

  test('R20: no timer is left', () => {
    for (const script of [
      '100 hang-up',
      '0 caller-turn "a" \n 100 hang-up',
      '0 caller-turn "a" \n 50 tool-call lookup_order {} \n 100 hang-up',
      '0 caller-turn "a" \n 50 tool-call book_slot {} \n 60 interrupt \n 70 tool-settled {} \n 100 hang-up',
      '0 digit 1 \n 100 hang-up',
      '0 caller-turn "a" \n 50 text-delta "b" \n 60 caller-speech start \n 100 hang-up',
    ]) {
      const played = play(script, { greeting: 'Hello.' });
      expect([...played.timers.keys()], script).toEqual([]);
    }
  });

  test('R20: reads are cancelled, writes finish and are recorded, and only then has the call ended', () => {
    const played = play(`
        0  caller-turn  "do it"
      100  tool-call    find_slots {} #read
      110  tool-call    book_slot {} #write
      120  step-end     tool_calls
      200  hang-up
    `);
    expect(played.at(200)).toContainEqual({ type: 'cancel-tool', callId: 'read' });
    expect(played.all('cancel-tool')).toHaveLength(1);
    expect(played.reports('call-end')).toEqual([]);
    played.go(`
      210 tool-settled #read failed cancelled
      900 tool-settled #write {"booked":true}
    `);
    expect(played.reports('tool-end')).toContainEqual(
      expect.objectContaining({ atMs: 900, id: 'write', ok: true, result: '{"booked":true}' }),
    );
    expect(played.reports('call-end')).toMatchObject([{ atMs: 900, reason: END }]);
    expect(
      played.messages.find((message) => message.role === 'tool' && message.tool_call_id === 'write'),
    ).toMatchObject({ content: '{"booked":true}' });
  });

  test('R20: whatever comes afterwards has no effect', () => {
    const played = play(`
        0  caller-turn  "hello"
      100  text-delta   "Hi, "
      200  hang-up
    `);
    for (const late of [
      'text-delta "there"',
      'tool-call book_slot {}',
      'step-end stop',
      'step-failed stream-cut',
      'caller-turn "still here"',
      'caller-speech start',
      'interrupt',
      'digit 1',
      'say "hello"',
      'playback-idle',
      'timer silence',
      'hang-up',
    ]) {
      const count = played.effects.length;
      played.go(`+10 ${late}`);
      expect(played.effects.slice(count), late).toEqual([]);
    }
  });

  test('R20: while a write still runs, nothing but its end has an effect either', () => {
    const played = play(`
        0  caller-turn  "book it"
      100  tool-call    book_slot {}
      110  step-end     tool_calls
      200  hang-up
    `);
    for (const late of ['caller-turn "hello"', 'interrupt', 'say "x"', 'digit 1', 'timer silence', 'hang-up']) {
      const count = played.effects.length;
      played.go(`+10 ${late}`);
      expect(played.effects.slice(count), late).toEqual([]);
    }
    played.go('+10 tool-settled {"booked":true}');
    expect(played.reports('call-end')).toHaveLength(1);
    expect(played.all('request-step')).toHaveLength(1);
    expect(played.all('say')).toEqual([]);
  });

  test('R20: the history of the record holds what was heard', () => {
    const played = play(
      `
        0  caller-turn  "tell me"
      100  text-delta   "aaaa bbbb cccc"
      900  heard        1 "aaaa"
      910  hang-up
    `,
      { heardBy: 'reported' },
    );
    expect(played.talk).toEqual(['user: tell me', 'assistant: aaaa']);
  });

  test('R20: a write of a turn that was interrupted is waited for too', () => {
    const played = play(`
        0  caller-turn   "book it"
      100  tool-call     book_slot {}
      110  step-end      tool_calls
      200  caller-turn   "and tell me the time"
      300  hang-up
      900  tool-settled  {"booked":true}
    `);
    expect(played.reports('call-end')).toMatchObject([{ atMs: 900 }]);
  });

  test('R20: a call that the agent ended ends like any other', () => {
    const played = play(`
        0  caller-turn   "bye"
      100  text-delta    "Goodbye."
      110  tool-call     end_call {}
      120  step-end      tool_calls
      200  tool-settled  hang-up "agent-ended"
      250  hang-up       "agent-ended"
    `);
    expect(played.reports('call-end')).toMatchObject([{ reason: 'agent-ended' }]);
    expect(played.machine.isEnded).toBe(true);
    expect(played.reports('turn-end')).toMatchObject([{ outcome: 'replied', heard: 'Goodbye.' }]);
  });

  test('R20: at any instant of a turn, it leaves no step open and no timer set', () => {
    const script = [
      [0, 'caller-turn "book it"'],
      [100, 'text-delta "Let me see. "'],
      [150, 'tool-call find_slots {}'],
      [160, 'tool-call book_slot {}'],
      [200, 'step-end tool_calls'],
      [300, 'tool-settled #call_1 {"slots":[]}'],
      [700, 'tool-settled #call_2 {"ok":true}'],
      [900, 'text-delta "Done."'],
      [950, 'step-end stop'],
    ] as const;
    for (let atMs = 0; atMs <= 3_000; atMs += 50) {
      const before = script.flatMap(([ms, line]) => (ms <= atMs ? [`${ms} ${line}`] : []));
      const played = play(before.join('\n'), voice).go(`${atMs} hang-up`);
      expect([...played.timers.keys()], `hung up at ${atMs}`).toEqual([]);
      const steps = played.reports('step-end').length + played.all('abort-step').length;
      expect(steps, `hung up at ${atMs}`).toBe(played.requests.length);
    }
  });
});

describe('the embedding program has the agent say something', () => {
  test('it is said at once and is in the history', () => {
    const played = play('500 say "Your taxi is here."');
    expect(played.at(500)).toMatchObject([{ type: 'say', text: 'Your taxi is here.' }, { type: 'flush' }]);
    played.go('900 caller-turn "thanks"');
    expect(shortly(played.requests[0]?.messages ?? [])).toEqual(['assistant: Your taxi is here.', 'user: thanks']);
  });

  test('nothing to say is not said', () => {
    const played = play('500 say "" \n 600 say "  "');
    expect(played.all('say')).toEqual([]);
    expect(played.talk).toEqual([]);
  });

  test('in the middle of an answer it comes in between, and nothing of the answer is lost', () => {
    const played = play(`
        0  caller-turn  "tell me"
      100  text-delta   "The first is"
      200  say          "Your taxi is here."
      300  text-delta   " on Monday."
      310  step-end     stop
    `);
    expect(played.speech).toBe('The first is|Your taxi is here.| on Monday.');
    expect(played.talk).toEqual(['user: tell me', 'assistant: The first is Your taxi is here. on Monday.']);
    expect(played.reports('turn-end')).toMatchObject([{ outcome: 'replied' }]);
  });

  test('while a tool runs it does not end the turn, and stands with the words of its step', () => {
    const played = play(`
        0  caller-turn   "book it"
      100  text-delta    "Wait. "
      110  tool-call     book_slot {}
      120  step-end      tool_calls
      300  say           "Your taxi is here."
      500  tool-settled  {"booked":true}
    `);
    expect(shortly(played.requests[1]?.messages ?? [])).toEqual([
      'user: book it',
      'assistant: Wait. Your taxi is here. + book_slot#call_1',
      'tool call_1: {"booked":true}',
    ]);
  });

  test('R19: with a reason to hang up, the line is kept until its last words have been heard', () => {
    const played = play('500 say "aaaa bbbb cccc" "drained" \n 9000 wait', voice);
    const idleMs = played.events.find(({ type }) => type === 'playback-idle')?.atMs;
    expect(idleMs).toBeGreaterThan(1_800);
    expect(played.all('hang-up')).toMatchObject([{ atMs: idleMs, reason: 'drained' }]);
  });

  test('R19: in text they are heard when they are said', () => {
    const played = play('500 say "Goodbye." "drained"');
    expect(played.at(500).map(({ type }) => type)).toEqual(['say', 'flush', 'hang-up']);
  });

  test('R19: a caller who speaks over it is listened to', () => {
    const played = play('500 say "aaaa bbbb cccc" "drained" \n 1200 caller-turn "wait, please" \n 9000 wait', voice);
    expect(played.all('hang-up')).toEqual([]);
    expect(played.requests).toMatchObject([{ atMs: 1_200 }]);
    expect(played.talk.slice(0, 2)).toEqual(['assistant: aaaa', 'user: wait, please']);
  });

  test('R19: and the line is not given up later for that goodbye', () => {
    const played = play(
      '500 say "aaaa bbbb cccc" "drained" \n 1200 interrupt \n 3000 say "Go on, please." \n 9000 wait',
      voice,
    );
    expect(played.all('hang-up')).toEqual([]);
  });

  test('R19: said over a running turn, the goodbye ends the call all the same, and its writes finish', () => {
    const played = play(`
        0  caller-turn   "book it"
      110  tool-call     book_slot {}
      120  step-end      tool_calls
      300  say           "We have to close. Goodbye." "drained"
     1000  wait
    `);
    expect(played.all('hang-up')).toHaveLength(1);
    expect(played.reports('call-end')).toEqual([]);
    played.go('2000 tool-settled {"booked":true}');
    expect(played.reports('call-end')).toHaveLength(1);
  });
});

test('what a program has it say is as long as an answer may be, and no longer', () => {
  const played = play(`0 wait \n 100 say "${'word '.repeat(3_000).trim()}"`);
  const said = played.all('say').map(({ text }) => text.length);
  expect(said).toEqual([8_000]);
});
