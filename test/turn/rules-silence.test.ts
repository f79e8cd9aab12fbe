/** Design section 3, *Silence*: R16 to R18, with the times to the millisecond. */
import { describe, expect, test } from 'vitest';
import { CAST, play, type PlayOptions } from './helpers/play.ts';

const HOLD = ['Hold on.', 'Bear with me.'];
const PROGRESS = ['Still on it.', 'Nearly done.'];
const RECOVERY = ['Say that again?', 'Once more, please?'];
const NUDGE = ['Are you there?', 'Hello?'];
const GOODBYE = ['Goodbye.'];
const phrases = { hold: HOLD, progress: PROGRESS, recovery: RECOVERY, nudge: NUDGE, goodbye: GOODBYE };
const FILLERS = CAST[0]?.filler ?? [];
const STEPS = CAST[0]?.progress ?? [];
const voice: PlayOptions = { speaker: { charactersPerSecond: 10 }, phrases };

const lookup = `
    0  caller-turn  "where is it?"
  100  tool-call    lookup_order {"n":1}
  110  step-end     tool_calls
`;
const texts = (played: ReturnType<typeof play>) => played.said.map(([atMs, text]) => [atMs, text]);

describe("R16: the tool's own filler", () => {
  test('R16: it is spoken once `fillerAfterMs` have passed without a result', () => {
    const played = play(`${lookup} 1000 wait`, { phrases });
    expect(played.all('say')).toMatchObject([{ atMs: 450, text: FILLERS[0], kind: 'tool-filler', turn: 1, step: 1 }]);
    expect(played.at(450).at(-1)).toEqual({ type: 'flush', utterance: played.find('say')?.utterance });
  });

  test('R16: it does not wait for the step to end', () => {
    const played = play(
      `
        0  caller-turn  "where is it?"
      100  tool-call    lookup_order {"n":1}
     1000  wait
    `,
      { phrases },
    );
    expect(texts(played)).toEqual([[450, FILLERS[0]]]);
  });

  test('R16: a fast tool gets none', () => {
    const played = play(`${lookup} 449 tool-settled {"n":1} \n 1000 wait`, { phrases });
    expect(played.all('say')).toEqual([]);
  });

  test('R16: nor does a tool of a step that has said something itself', () => {
    const played = play(
      `
        0  caller-turn  "where is it?"
       90  text-delta   "Let me look. "
      100  tool-call    lookup_order {"n":1}
      110  step-end     tool_calls
     1000  wait
    `,
      { phrases },
    );
    expect(played.speech).toBe('Let me look. ');
  });

  test('R16: `fillerAfterMs` is a setting', () => {
    const played = play(`${lookup} 1400 wait`, { phrases, turn: { fillerAfterMs: 900 } });
    expect(texts(played)).toEqual([[1_000, FILLERS[0]]]);
  });

  test('R16: parallel tools get one filler between them', () => {
    const played = play(
      `
        0  caller-turn  "where is it?"
      100  tool-call    lookup_order {"n":1}
      110  tool-call    book_slot {"n":2}
      120  step-end     tool_calls
     1400  wait
    `,
      { phrases },
    );
    expect(played.all('say')).toHaveLength(1);
    expect(played.all('say')[0]?.atMs).toBe(450);
  });

  test("R16: when the first of them has its result, the other one's filler is spoken", () => {
    const played = play(
      `
        0  caller-turn   "where is it?"
      100  tool-call     lookup_order {"n":1} #look
      110  tool-call     book_slot {"n":2} #book
      120  step-end      tool_calls
      200  tool-settled  #look {"n":1}
     1400  wait
    `,
      { phrases },
    );
    expect(played.all('say').map(({ text }) => text)).toEqual([CAST[2]?.filler[0]]);
  });

  test('R16: no phrase is used twice in a row', () => {
    const again = `
      +100 text-delta "There."
      +10  step-end stop
      +100 caller-turn "and the other?"
      +100 tool-call lookup_order {"n":2}
      +10  step-end tool_calls
      +600 tool-settled {"n":2}`;
    const played = play(`${lookup} 900 tool-settled {"n":1} ${again} ${again} ${again}`, { phrases });
    const fillers = played.all('say').filter(({ kind }) => kind === 'tool-filler');
    expect(fillers.map(({ text }) => text)).toEqual([FILLERS[0], FILLERS[1], FILLERS[0], FILLERS[1]]);
  });

  test('R16: every silent step of a chain has the filler of its own tool', () => {
    const played = play(
      `${lookup}
      900  tool-settled  {"n":1}
     1000  tool-call     book_slot {"n":2}
     1010  step-end      tool_calls
     1900  wait
    `,
      { phrases },
    );
    expect(texts(played)).toEqual([
      [450, FILLERS[0]],
      [1_350, CAST[2]?.filler[0]],
    ]);
  });

  test('R16: not even by two tools that share one', () => {
    const tools = ['find_a', 'find_b'].map((name) => ({
      name,
      effect: 'read' as const,
      filler: ['One moment.', 'Let me see.'],
      progress: [],
    }));
    const played = play(
      `
        0  caller-turn   "a, then b"
      100  tool-call     find_a {}
      110  step-end      tool_calls
      900  tool-settled  {}
     1000  tool-call     find_b {}
     1010  step-end      tool_calls
     1900  wait
    `,
      { tools, phrases },
    );
    expect(played.all('say').map(({ text }) => text)).toEqual(['One moment.', 'Let me see.']);
  });

  test('R16: a filler that is due while the last words are still playing does not talk over them', () => {
    const played = play(
      `
        0  caller-turn   "where is it?"
       90  text-delta    "aaaa bbbb cccc dddd eeee ffff. "
      100  tool-call     find_slots {}
      110  step-end      tool_calls
      200  tool-settled  {"n":0}
      300  tool-call     lookup_order {"n":1}
      310  step-end      tool_calls
      900  tool-settled  {"n":1}
     1000  text-delta    "Here it is."
     1010  step-end      stop
     9000  wait
    `,
      voice,
    );
    expect(played.all('clear')).toEqual([]);
    expect(played.reports('turn-end')).toMatchObject([{ outcome: 'replied' }]);
  });

  test("R16: a result that comes before the filler's time cancels it for good", () => {
    const played = play(
      `
        0  caller-turn   "where is it?"
      100  tool-call     lookup_order {"n":1}
      300  tool-settled  {"n":1}
     1200  step-end      tool_calls
    `,
      { phrases },
    );
    expect(played.all('say')).toEqual([]);
  });
});

describe('R16, R17: a phrase is due at its time, whatever has happened before', () => {
  test('R16: when the first call is settled, the filler of the next one is due at once', () => {
    const played = play(
      `
        0  caller-turn   "where is it?"
      100  tool-call     find_slots {}
      110  tool-call     lookup_order {"n":1}
      120  step-end      tool_calls
      700  tool-settled  #call_1 {"slots":[]}
     1000  wait
    `,
      { phrases },
    );
    expect(texts(played)).toEqual([[700, FILLERS[0]]]);
  });

  test('R17: in text, words of the model after a phrase begin the silence anew', () => {
    const played = play(
      `
        0  caller-turn  "where is it?"
     2000  text-delta   "It is "
     4000  wait
    `,
      { phrases },
    );
    expect(texts(played)).toEqual([
      [1_500, HOLD[0]],
      [2_000, 'It is '],
      [3_500, PROGRESS[0]],
    ]);
  });

  test('R17: phrases that say nothing are not said, and not tried again at once', () => {
    const blank = { ...phrases, hold: [' '], progress: [' '] };
    const played = play('0 caller-turn "where is it?" \n 20000 wait', { phrases: blank });
    expect(texts(played)).toEqual([[20_000, RECOVERY[0]]]);
    expect(played.events.filter(({ type }) => type === 'timer').length).toBeLessThan(10);
  });
});

describe('R17: never silent for long', () => {
  test('R17: a slow model: a phrase at `silenceMs`, progress every `progressMs`, recovery at `giveUpMs`', () => {
    const played = play('0 caller-turn "hello" \n 30000 wait', { phrases, turn: { awayMs: 60_000 } });
    expect(texts(played)).toEqual([
      [1_500, HOLD[0]],
      [5_500, PROGRESS[0]],
      [9_500, PROGRESS[1]],
      [13_500, PROGRESS[0]],
      [17_500, PROGRESS[1]],
      [20_000, RECOVERY[0]],
    ]);
    expect(played.at(20_000)).toContainEqual({ type: 'abort-step', generation: played.requests[0]?.generation });
    expect(played.reports('turn-end')).toMatchObject([{ atMs: 20_000, outcome: 'failed' }]);
    expect(played.reports('error')).toMatchObject([{ atMs: 20_000, turn: 1, step: 1 }]);
    expect(played.all('transfer')).toEqual([]);
  });

  test('R17: a slow tool: its filler, then its own progress phrases', () => {
    const played = play(`${lookup} 10000 tool-settled {"n":1}`, { phrases });
    expect(texts(played)).toEqual([
      [450, FILLERS[0]],
      [4_450, STEPS[0]],
      [8_450, STEPS[1]],
    ]);
    expect(played.all('say').map(({ kind }) => kind)).toEqual(['tool-filler', 'progress', 'progress']);
    expect(played.at(10_000)).toMatchObject([{ type: 'request-step' }]);
  });

  test('R17: a tool without phrases of its own uses the general ones', () => {
    const played = play(
      `
        0  caller-turn  "where is it?"
      100  tool-call    find_slots {}
      110  step-end     tool_calls
     6000  wait
    `,
      { phrases },
    );
    const [first, second] = texts(played);
    expect(first?.[0]).toBeLessThanOrEqual(1_500);
    expect(HOLD).toContain(first?.[1]);
    expect(second?.[0]).toBe(Number(first?.[0]) + 4_000);
    expect(PROGRESS).toContain(second?.[1]);
  });

  test('R17: what a tool itself reports as progress is told, and breaks the silence', () => {
    const played = play(
      `${lookup}
      4000 tool-progress "Found the order, reading it."
      7000 wait
    `,
      { phrases },
    );
    expect(played.reports('tool-progress')).toMatchObject([
      { atMs: 4_000, id: 'call_1', name: 'lookup_order', text: 'Found the order, reading it.' },
    ]);
    expect(played.speech).toContain('Found the order, reading it.');
  });

  test('R17: silence is measured from the last word, so a model that speaks is left alone', () => {
    let script = '0 caller-turn "tell me all"';
    for (let i = 0; i < 10; i++) script += '\n +1400 text-delta "word "';
    const played = play(script, { phrases });
    expect(played.all('say').every(({ kind }) => kind === 'answer')).toBe(true);
  });

  test('R17: in a voice it begins when the last word has been heard', () => {
    const played = play(
      `
        0  caller-turn   "where is it?"
      100  text-delta    "aaaa bbbb cccc dddd."
      110  tool-call     find_slots {}
      120  step-end      tool_calls
     8000  wait
    `,
      voice,
    );
    const idleMs = played.events.find(({ type }) => type === 'playback-idle')?.atMs ?? 0;
    expect(idleMs).toBeCloseTo(2_110, -2);
    expect(played.all('say')[1]?.atMs).toBeCloseTo(idleMs + 1_500, -1);
  });

  test('R17: giving up on a tool: reads are cancelled, the recovery phrase is spoken, the turn has failed', () => {
    const played = play(`${lookup} 25000 wait`, { phrases, turn: { awayMs: 60_000 } });
    expect(played.all('say').at(-1)).toMatchObject({ text: RECOVERY[0], kind: 'recovery' });
    expect(played.all('cancel-tool')).toMatchObject([{ callId: 'call_1' }]);
    expect(played.reports('turn-end')).toMatchObject([{ outcome: 'failed' }]);
    const gaveUpMs = played.reports('turn-end')[0]?.atMs ?? 0;
    expect(gaveUpMs).toBeGreaterThanOrEqual(20_000);
    expect(gaveUpMs).toBeLessThanOrEqual(20_500);
    expect(played.requests).toHaveLength(1);
  });

  test('R17: in a voice the turn is over when the recovery phrase has been heard', () => {
    const played = play(`${lookup} 40000 wait`, { ...voice, turn: { awayMs: 60_000 } });
    const idleMs = played.events.filter(({ type }) => type === 'playback-idle').at(-1)?.atMs;
    expect(played.all('say').at(-1)).toMatchObject({ text: RECOVERY[0], kind: 'recovery' });
    expect(played.reports('turn-end')).toMatchObject([{ atMs: idleMs, outcome: 'failed' }]);
    expect(idleMs).toBeLessThan(24_000);
  });

  test('R17: a model that falls silent in the middle of a sentence is filled in for', () => {
    const played = play(
      `
        0  caller-turn   "where is it?"
      100  text-delta    "aaaa bbbb "
     9000  wait
    `,
      voice,
    );
    const lastWordMs = played.events.find((event) => event.type === 'heard' && event.characters === 9)?.atMs;
    expect(played.all('say')[1]?.atMs).toBeCloseTo((lastWordMs ?? 0) + 1_500, -1);
    expect([...HOLD, ...PROGRESS]).toContain(played.all('say')[1]?.text);
  });

  test('R17: giving up on a write does not stop it: its result is told later', () => {
    const played = play(
      `
        0  caller-turn   "book nine"
      100  tool-call     book_slot {"at":"9"}
      110  step-end      tool_calls
    22000  tool-settled  {"booked":"nine"}
    25000  wait
    `,
      { phrases, turn: { awayMs: 60_000 } },
    );
    expect(played.all('cancel-tool')).toEqual([]);
    expect(played.reports('turn-end')[0]).toMatchObject({ outcome: 'failed' });
    expect(JSON.stringify(played.requests.at(-1)?.messages)).toContain('booked\\":\\"nine');
  });

  test('R17: a caller who speaks over the recovery phrase stays on the line', () => {
    const played = play(
      '0 caller-turn "hello" \n 20900 caller-turn "never mind, tell me the time" \n 22000 text-delta "Ten." \n 22010 step-end stop \n 30000 wait',
      {
        ...voice,
        turn: { transferTo: 'desk', awayMs: 60_000 },
      },
    );
    expect(played.all('say').find(({ kind }) => kind === 'recovery')).toBeDefined();
    expect(played.all('transfer')).toEqual([]);
  });

  test('R17: with somewhere to go, the caller is transferred when the recovery phrase has been heard', () => {
    const played = play('0 caller-turn "hello" \n 40000 wait', {
      ...voice,
      turn: { transferTo: '+4915112345678', awayMs: 60_000 },
    });
    const recovery = played.all('say').find(({ kind }) => kind === 'recovery');
    const idle = played.events.filter(({ type }) => type === 'playback-idle').at(-1);
    expect(recovery).toBeDefined();
    expect(played.all('transfer')).toMatchObject([{ to: '+4915112345678', atMs: idle?.atMs }]);
  });

  test('R17: phrases are in the history, so that the model knows of them', () => {
    const played = play(
      `
        0  caller-turn  "hello"
     2000  text-delta   "Hi."
     2010  step-end     stop
     3000  caller-turn  "bye"
    `,
      { phrases },
    );
    const [, , assistant] = played.requests[1]?.messages ?? [];
    expect(assistant).toEqual({ role: 'assistant', content: `${HOLD[0]} Hi.` });
  });

  test('R17: phrases do not count as an answer', () => {
    const played = play('0 caller-turn "hello" \n 2000 step-end stop', { phrases });
    expect(played.all('say').at(-1)).toMatchObject({ atMs: 2_000, kind: 'recovery' });
    expect(played.reports('turn-end')).toMatchObject([{ outcome: 'failed' }]);
  });

  test('R17: no phrase while the caller is speaking', () => {
    const played = play(
      `
        0  caller-turn    "hello"
     1400  caller-speech  start
     2200  caller-speech  end
     2300  wait
    `,
      { phrases, turn: { interruptMs: 2_000 } },
    );
    expect(played.all('say').filter(({ atMs }) => atMs < 2_200)).toEqual([]);
  });

  test('R17: silence is attributed to what the caller was waiting for', () => {
    const played = play(
      `
        0  caller-turn   "where is it?"
      400  tool-call     find_slots {}
      410  step-end      tool_calls
     1410  tool-settled  {"slots":[]}
     1710  text-delta    "None."
     1720  step-end      stop
    `,
      { phrases, turn: { silenceMs: 5_000 } },
    );
    const latency = played.reports('turn-end')[0]?.latency;
    expect(latency).toMatchObject({ firstWordMs: 1_710, totalMs: 1_720 });
    expect(latency?.silence.toolMs).toBeGreaterThanOrEqual(1_000);
    expect(latency?.silence.toolMs).toBeLessThanOrEqual(1_010);
    expect(latency?.silence.modelMs).toBeGreaterThanOrEqual(690);
    expect(latency?.silence.modelMs).toBeLessThanOrEqual(720);
    const { endpointingMs = 0, queueMs = 0, modelMs = 0, toolMs = 0, speechMs = 0 } = latency?.silence ?? {};
    const sum = endpointingMs + queueMs + modelMs + toolMs + speechMs;
    expect(sum).toBeGreaterThanOrEqual(1_710);
    expect(sum).toBeLessThanOrEqual(1_720);
  });

  test("R17: waiting for the end of the caller's turn and for the quota have names of their own", () => {
    const played = play(
      `
        0  caller-turn   "where is it?" 600
     1000  text-delta    "Right here."
     1010  step-end      stop queue 300
    `,
      { phrases },
    );
    const silence = played.reports('turn-end')[0]?.latency.silence;
    expect(silence).toMatchObject({ endpointingMs: 600, queueMs: 300, toolMs: 0 });
    expect(silence?.modelMs).toBeGreaterThanOrEqual(700);
    expect(silence?.modelMs).toBeLessThanOrEqual(710);
  });

  test('R17: a noise on the line that never ends does not keep the caller waiting for a model that is stuck', () => {
    const played = play('0 caller-turn "hello" \n 100 caller-speech start \n 60000 wait', { phrases });
    expect(played.all('say').length).toBeGreaterThan(0);
    expect(played.reports('turn-end')).toMatchObject([{ outcome: 'failed' }]);
  });

  test('R17: in a voice, what is said and not yet audible is silence of the speech', () => {
    const played = play(
      `
        0  caller-turn   "where is it?"
      400  text-delta    "Right here."
      410  step-end      stop
     5000  wait
    `,
      { phrases, speaker: { charactersPerSecond: 10, startDelayMs: 200 } },
    );
    expect(played.reports('turn-end')[0]?.latency).toMatchObject({
      firstWordMs: 600,
      silence: { modelMs: 400, speechMs: 200, toolMs: 0 },
    });
  });

  test.each([
    ['an answer', '', 'stop', ''],
    ['a goodbye', '405 tool-call end_call {}', 'tool_calls', '2300 tool-settled hang-up'],
  ])(
    'R17: between the last word of %s and the end of its sound nobody is waited for',
    (_what, call, reason, settled) => {
      const played = play(
        `
        0  caller-turn     "where is it?"
      400  text-delta      "Right here."
      ${call}
      410  step-end        ${reason}
      600  playback-start  1
     2000  heard           1 11
     2300  playback-idle
      ${settled}
    `,
        { phrases, heardBy: 'reported' },
      );
      expect(played.reports('turn-end')[0]?.latency).toMatchObject({
        firstWordMs: 600,
        totalMs: 2_300,
        silence: { modelMs: 400, speechMs: 200, toolMs: 0 },
      });
    },
  );

  test("R17: the model's progress is no silence of the tool that runs behind the filler", () => {
    const played = play(
      `
        0  caller-turn   "where is it?"
      100  text-delta    "aaaa bbbb cccc dddd eeee "
      110  tool-call     find_slots {}
      120  step-end      tool_calls
      600  tool-settled  {"slots":[]}
     1000  text-delta    "None."
     1010  step-end      stop
     9000  wait
    `,
      voice,
    );
    expect(played.reports('turn-end')[0]?.latency.silence).toMatchObject({ toolMs: 0, speechMs: 0 });
  });
});

describe('R18: a caller who says nothing', () => {
  test('R18: nudged after `awayMs`, and after `nudges` the call ends politely', () => {
    const played = play('60000 wait', { greeting: 'Hello, Acme.', phrases });
    expect(texts(played)).toEqual([
      [0, 'Hello, Acme.'],
      [15_000, NUDGE[0]],
      [30_000, NUDGE[1]],
      [45_000, GOODBYE[0]],
    ]);
    expect(
      played
        .all('say')
        .map(({ kind }) => kind)
        .slice(0, 3),
    ).toEqual(['greeting', 'nudge', 'nudge']);
    expect(played.all('hang-up')).toMatchObject([{ atMs: 45_000 }]);
    expect(played.requests).toEqual([]);
  });

  test('R18: with `awayEnds: false` the call waits for them after the last nudge, and asks again once they were there', () => {
    const played = play(
      '300000 wait \n 300000 caller-turn "hello" \n 300100 text-delta "Hi." \n 300200 step-end stop \n 600000 wait',
      {
        phrases,
        turn: { awayEnds: false, nudges: 1 },
      },
    );
    expect(texts(played)).toEqual([
      [15_000, NUDGE[0]],
      [300_100, 'Hi.'],
      [315_200, NUDGE[1]],
    ]);
    expect(played.all('hang-up')).toEqual([]);
  });

  test('R18: without a greeting the caller has as long', () => {
    const played = play('20000 wait', { phrases });
    expect(texts(played)).toEqual([[15_000, NUDGE[0]]]);
  });

  test('R18: in a voice the time runs from the last word heard, and the line is kept until the goodbye has been', () => {
    const played = play('90000 wait', { ...voice, greeting: 'aaaa bbbb cccc dddd eeee' });
    const idles = played.events.filter(({ type }) => type === 'playback-idle').map(({ atMs }) => atMs);
    const [greeting, first, second, goodbye] = played.all('say');
    expect(greeting?.atMs).toBe(0);
    expect(first?.atMs).toBeCloseTo((idles[0] ?? 0) + 15_000, -1);
    expect(second?.atMs).toBeCloseTo((idles[1] ?? 0) + 15_000, -1);
    expect(goodbye?.atMs).toBeCloseTo((idles[2] ?? 0) + 15_000, -1);
    expect(played.all('hang-up')).toMatchObject([{ atMs: idles[3] }]);
  });

  test('R18: it does not run while a tool runs or the model is asked', () => {
    const played = play(`${lookup} 18000 tool-settled {"n":1}`, { phrases });
    expect(played.all('say').filter(({ kind }) => kind === 'nudge')).toEqual([]);
  });

  test('R18: a caller who speaks is here: the count starts anew', () => {
    const played = play(
      `
    16000  caller-turn  "yes"
    16100  text-delta   "Good."
    16110  step-end     stop
    80000  wait
    `,
      { phrases },
    );
    expect(
      played
        .all('say')
        .filter(({ kind }) => kind === 'nudge')
        .map(({ atMs }) => atMs),
    ).toEqual([15_000, 31_110, 46_110]);
    expect(played.all('hang-up')).toMatchObject([{ atMs: 61_110 }]);
  });

  test('R18: it does not run while a write goes on that the caller talked over', () => {
    const played = play(
      `
        0  caller-turn   "book nine"
      100  tool-call     book_slot {"at":"9"}
      110  step-end      tool_calls
      200  interrupt
    60000  tool-settled  {"booked":"nine"}
    `,
      { phrases },
    );
    expect(played.all('say').filter(({ kind }) => kind === 'nudge')).toEqual([]);
  });

  test('R18: what the program says starts the time anew', () => {
    const played = play('10000 say "Your taxi is here." \n 25000 wait', { phrases });
    expect(texts(played)).toEqual([
      [10_000, 'Your taxi is here.'],
      [25_000, NUDGE[0]],
    ]);
  });

  test('R18: so does an interruption', () => {
    const played = play('5000 say "aaaa bbbb cccc dddd" \n 6000 interrupt \n 21000 wait', voice);
    expect(played.all('say').slice(1)).toMatchObject([{ atMs: 21_000, text: NUDGE[0] }]);
  });

  test('R18: not nudged in the middle of a word', () => {
    const played = play(
      `
    14900  caller-speech  start
    17000  caller-speech  end
    17500  caller-turn    "sorry, I was looking for my papers"
    `,
      { phrases },
    );
    expect(played.all('say')).toEqual([]);
  });

  test('R18: a voice that never ends and says no word does not keep the call for ever', () => {
    const played = play('1000 caller-speech start \n 180000 wait', { phrases });
    expect(played.all('hang-up')).toHaveLength(1);
  });

  test('R18: a key that is pressed is a sign of life', () => {
    const played = play('14000 digit 5 \n 16500 wait', { phrases });
    expect(played.all('say').filter(({ kind }) => kind === 'nudge')).toEqual([]);
  });

  test('R18: `nudges: 0` ends the call after the first silence', () => {
    const played = play('20000 wait', { phrases, turn: { nudges: 0 } });
    expect(texts(played)).toEqual([[15_000, GOODBYE[0]]]);
    expect(played.all('hang-up')).toHaveLength(1);
  });

  test('R18: a nudge can be spoken over like anything else', () => {
    const played = play('15600 caller-turn "yes I am here" \n', {
      ...voice,
      phrases: { ...phrases, nudge: 'aaaa bbbb cccc' },
    });
    expect(played.find('clear')?.atMs).toBe(15_600);
    expect(played.talk).toEqual(['assistant: aaaa', 'user: yes I am here']);
  });

  test('R18: a caller who speaks into the goodbye keeps the call', () => {
    const played = play('45000 wait', {
      ...voice,
      turn: { nudges: 0 },
      phrases: { ...phrases, goodbye: 'aaaa bbbb cccc dddd eeee' },
    });
    expect(played.all('hang-up')).toHaveLength(1);
    const kept = play('15700 caller-turn "wait, I am here"', {
      ...voice,
      turn: { nudges: 0 },
      phrases: { ...phrases, goodbye: 'aaaa bbbb cccc dddd eeee' },
    }).go('20000 wait');
    expect(kept.all('hang-up')).toEqual([]);
    expect(kept.requests).toHaveLength(1);
  });
});

describe('digits', () => {
  test("a row of digits is a turn of the caller's after `digitsMs`", () => {
    const played = play(
      `
     1000  digit  1
     1500  digit  2
     2000  digit  3
     5000  wait
    `,
      { phrases },
    );
    expect(played.requests).toMatchObject([{ atMs: 4_000, turn: 1 }]);
    expect(played.requests[0]?.messages.at(-1)).toEqual({ role: 'user', content: '(keypad) 123' });
    expect(played.reports('digit').map(({ digit }) => digit)).toEqual(['1', '2', '3']);
  });

  test('`#` ends it at once', () => {
    const played = play('1000 digit 7 \n 1200 digit # \n 5000 wait', { phrases });
    expect(played.requests).toHaveLength(1);
    expect(played.requests).toMatchObject([{ atMs: 1_200 }]);
    expect(played.requests[0]?.messages.at(-1)?.content).toContain('7');
  });
});

test('R17: silence counts from the last word, not from the end of the sound behind it', () => {
  const played = play(
    `
      0  caller-turn     "where is it?"
    100  text-delta      "One moment. "
    110  tool-call       lookup_order {"n":1} #c
    120  step-end        tool_calls
    300  playback-start  1
    800  heard           1 11
   1200  heard           1 12
   1200  playback-idle
   4000  wait
  `,
    { heardBy: 'reported' },
  );
  const phrase = played.all('say').find(({ kind }) => kind === 'progress');
  expect(phrase?.atMs).toBe(800 + 1_500);
});
