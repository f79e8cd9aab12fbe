/**
 * Who is speaking, and is it an answer? R11, R13, R15, R17, R18 where the caller's voice says little or nothing: an answer
 * that comes early, "hello?" to an agent who waits, sound without words, and a call that lasts too long.
 */
import { describe, expect, test } from 'vitest';
import { play, type PlayOptions } from './helpers/play.ts';

const voice: PlayOptions = { speaker: { charactersPerSecond: 10 } };

describe("`yes`, said 1.2 s before the agent's question of 3.9 s has ended: the question is finished, then the turn is `yes`", () => {
  /** 39 characters: 3.9 s, from 100 ms on. */
  const ask = (question: string, kind = 'step-end stop') => `
      0 caller-turn "I would like a table"
    100 text-delta "${question}"
    200 ${kind}
  `;
  const QUESTION = 'Shall I book you a table for two, at 7?';
  const early = (words: string, options: PlayOptions = {}, startMs = 2_800) =>
    play(ask(QUESTION), { ...voice, ...options }).go(`
      ${startMs} caller-speech start
      ${startMs + 250} caller-speech words "${words}"
      ${startMs + 300} caller-speech end
      ${startMs + 800} caller-turn "${words}"
      12000 wait
    `);

  test.each(['yes', 'Yeah, sure.', 'mm-hm', 'okay', 'Of course.'])('%j', (words) => {
    const played = early(words);
    expect(played.reports('interruption')).toEqual([]);
    expect(played.reports('turn-start').map(({ text }) => text)).toEqual(['I would like a table', words]);
    expect(played.reports('turn-end')[0]).toMatchObject({ outcome: 'replied', heard: QUESTION });
    expect(played.requests[1]?.messages.slice(-2)).toMatchObject([
      { role: 'assistant', content: QUESTION },
      { role: 'user', content: words },
    ]);
    expect(played.requests[1]?.atMs).toBeGreaterThan(3_900);
    expect(played.requests[1]?.atMs).toBeLessThan(4_600);
  });

  test.each([
    ['es', 'sí'],
    ['fr', 'oui'],
    ['de', 'ja genau'],
    ['zh', '好的'],
    ['hi', 'हाँ'],
    ['ja', 'はい'],
  ])('%s: %j', (language, words) => {
    expect(early(words, { language }).reports('turn-start').at(-1)?.text).toBe(words);
  });

  test.each(['hmm', 'um', 'oh'])('%j is no answer', (words) => {
    expect(early(words).requests).toHaveLength(1);
  });

  test('said over a statement it is none', () => {
    const played = play(ask('It is a table for two, for tonight, at 7.'), voice).go(`
      2000 caller-turn "yes"
      12000 wait
    `);
    expect(played.requests).toHaveLength(1);
  });

  test('nor over a statement that a question follows some time later', () => {
    const played = play(
      ask('We have a table by the window, and one in the garden. Would you like the one by the window?'),
      voice,
    ).go(`
      1000 caller-turn "yes"
      15000 wait
    `);
    expect(played.requests).toHaveLength(1);
  });

  test('but over the question behind a statement it is', () => {
    const played = play(ask('We have a table by the window. Would you like that one?'), voice).go(`
      4500 caller-turn "yes"
      15000 wait
    `);
    expect(played.requests[1]?.messages.at(-1)).toMatchObject({ role: 'user', content: 'yes' });
  });

  test('what the caller says then is the turn, and the early word is no second one', () => {
    const played = early('yes').go(`
      12100 text-delta "Good."
      12200 step-end stop
      20000 wait
    `);
    expect(played.requests).toHaveLength(2);
    const other = play(ask(QUESTION), voice).go(`
      2800 caller-turn "yes"
      3500 caller-turn "no wait, for three"
      12000 wait
    `);
    expect(other.reports('turn-start').map(({ text }) => text)).toEqual(['I would like a table', 'no wait, for three']);
  });

  test('a greeting that asks is answered early as well', () => {
    const played = play('2000 caller-turn "yes"\n 9000 wait', {
      ...voice,
      greeting: 'Hello, is this Mr Miller speaking?',
    });
    expect(played.reports('turn-start')).toMatchObject([{ text: 'yes' }]);
  });

  test('when the question has been heard, it is an answer at once', () => {
    const played = play(ask(QUESTION), voice).go('5000 caller-turn "yes"');
    expect(played.requests[1]?.atMs).toBe(5_000);
  });
});

describe('R11: a word that began over the last second of an answer, and is known to be a whole one once that has ended', () => {
  const STATEMENT = 'Your table for two is booked, for 7.';
  const QUESTION = 'There is one for two. Shall I book it?';
  /** Heard from 100 ms on, ten characters a second. */
  const late = (words: string, said: string, options: PlayOptions & { startMs?: number } = {}) => {
    const startMs = options.startMs ?? 100 + said.length * 100 - 500;
    return play(
      `
        0 caller-turn "I would like a table"
      100 text-delta "${said}"
      200 step-end stop
    `,
      { ...voice, ...options },
    ).go(`
      ${startMs} caller-speech start
      ${startMs + 100} caller-speech words "${words}"
      ${startMs + 150} caller-speech end
      ${startMs + 900} caller-likely-finished "${words}"
      ${startMs + 1_200} caller-turn "${words}"
      12000 wait
    `);
  };
  const turns = (played: ReturnType<typeof late>) => played.reports('turn-start').map(({ text }) => text);

  test.each([
    ['en', 'okay'],
    ['en', 'mm-hm'],
    ['en', 'Right.'],
    ['en', 'hmm'],
    ['es', 'vale'],
    ['hi', 'ठीक है'],
    ['ja', 'はい'],
  ])('%s: %j over a statement is no turn, and nothing is asked for it', (language, words) => {
    const played = late(words, STATEMENT, { language });
    expect(played.reports('turn-end')).toMatchObject([{ outcome: 'replied', heard: STATEMENT }]);
    expect(played.requests).toHaveLength(1);
  });

  test.each([
    ['en', 'yes'],
    ['en', 'okay'],
    ['es', 'sí, claro'],
    ['hi', 'हाँ'],
  ])('%s: %j over a question answers it', (language, words) => {
    expect(turns(late(words, QUESTION, { language }))).toEqual(['I would like a table', words]);
  });

  test('nor does a question that is not the last sentence have to wait: "Is that right? Say yes or no."', () => {
    expect(turns(late('yes', 'Is that right? Say yes or no.'))).toHaveLength(2);
    expect(turns(late('yes', 'How nice, is it not? It is yours. It is at 7.'))).toHaveLength(1);
  });

  test('"hmm" over a question is no answer: who thinks is waited for', () => {
    expect(turns(late('hmm', QUESTION))).toHaveLength(1);
  });

  test('what says more is a turn, whenever it began', () => {
    expect(turns(late('thursday', STATEMENT, { turn: { interruptWords: 2 } }))).toEqual([
      'I would like a table',
      'thursday',
    ]);
  });

  test('what began behind the answer is a turn', () => {
    expect(turns(late('okay', STATEMENT, { startMs: 4_000 }))).toEqual(['I would like a table', 'okay']);
  });

  test('so is a second word behind it, whatever was said over it', () => {
    const played = play(
      `
        0 caller-turn "I would like a table"
      100 text-delta "${STATEMENT}"
      200 step-end stop
     3300 caller-speech start
     3500 caller-speech end
     4500 caller-speech start
     4700 caller-speech end
     5200 caller-turn "mm-hm okay"
    `,
      voice,
    );
    expect(turns(played)).toEqual(['I would like a table', 'mm-hm okay']);
  });

  test("on a line that has stopped for it, it is no listener's: the caller has cut in, and is answered", () => {
    const over = `
        0 caller-turn "I would like a table"
      100 text-delta "${STATEMENT}"
      200 step-end stop
      300 playback-start 1
     3300 caller-speech start
     3500 caller-speech end
     3600 heard 1 36
     3650 playback-idle
    `;
    const goesOn = play(over, { heardBy: 'line' }).go('4700 caller-turn "okay"');
    const hasStopped = play(over, { heardBy: 'line' }).go('4600 interrupt 1').go('4700 caller-turn "okay"');
    expect([turns(goesOn), turns(hasStopped)]).toEqual([['I would like a table'], ['I would like a table', 'okay']]);
  });

  test('what was asked ahead for more than that is let go', () => {
    const played = play(
      `
        0 caller-turn "I would like a table"
      100 text-delta "${STATEMENT}"
      200 step-end stop
     3300 caller-speech start
     3500 caller-speech end
     4300 caller-likely-finished "okay and"
     4600 caller-turn "okay"
    `,
      voice,
    );
    expect(played.reports('ahead-end')).toMatchObject([{ outcome: 'dropped', atMs: 4_600 }]);
    expect(turns(played)).toHaveLength(1);
  });
});

describe('"hello?" every 3 s during a read of 3.5 s: the read\'s answer comes', () => {
  const looking = (words: string, options: PlayOptions = voice) =>
    play(
      `
         0 caller-turn "where is my order?"
       300 tool-call lookup_order {"n":1}
       310 step-end tool_calls
      3000 caller-speech start
      3300 caller-speech words "${words}"
      3350 caller-speech end
      3500 caller-turn "${words}"
      3800 tool-settled {"status":"sent"}
      4100 text-delta "It was sent."
      4200 step-end stop
      9000 wait
    `,
      options,
    );

  test.each(['hello?', 'Hello? Hello?', 'Are you there?', 'hello, are you still there', 'Can you hear me?'])(
    '%j',
    (words) => {
      const played = looking(words);
      expect(played.all('run-tool')).toHaveLength(1);
      expect(played.all('cancel-tool')).toEqual([]);
      expect(played.requests.map(({ atMs }) => atMs)).toEqual([0, 3_800]);
      expect(played.speech).toContain('It was sent.');
      expect(played.reports('turn-end')).toMatchObject([{ outcome: 'replied' }]);
      expect(played.requests[1]?.messages.slice(-2)).toMatchObject([
        { role: 'tool', content: '{"status":"sent"}' },
        { role: 'user', content: words },
      ]);
    },
  );

  test.each([
    ['es', '¿Hola?'],
    ['fr', 'Allô ?'],
    ['de', 'Hallo, sind Sie noch da?'],
    ['hi', 'हेलो'],
    ['ja', 'もしもし'],
    ['zh', '喂，你好'],
    ['ko', '여보세요'],
    ['it', 'Pronto?'],
    ['ru', 'Алло?'],
  ])('%s: %j', (language, words) => {
    expect(looking(words, { ...voice, language }).requests).toHaveLength(2);
  });

  test('they are told at once that the agent is still at it', () => {
    const played = looking('hello?');
    expect(played.said.filter(([atMs]) => atMs > 3_000 && atMs <= 3_500)).toMatchObject([
      [expect.any(Number), expect.any(String), 'progress'],
    ]);
  });

  test('three times, and while the model has not said a word', () => {
    const played = play(
      `
         0 caller-turn "where is my order?"
      1000 caller-turn "hello?"
      2000 caller-turn "hello?"
      3000 caller-turn "are you there?"
      3200 text-delta "It was sent."
      3300 step-end stop
      9000 wait
    `,
      voice,
    );
    expect(played.requests).toHaveLength(1);
    expect(played.all('abort-step')).toEqual([]);
    expect(played.reports('turn-end')).toMatchObject([{ outcome: 'replied' }]);
    expect(played.talk.filter((line) => line.startsWith('user:'))).toEqual([
      'user: where is my order?',
      'user: hello?',
      'user: hello?',
      'user: are you there?',
    ]);
  });

  test('what asks something new is a turn of its own', () => {
    const played = looking('hello? never mind, cancel it');
    expect(played.requests[1]?.atMs).toBe(3_500);
    expect(played.all('cancel-tool')).toHaveLength(1);
  });

  test('over an answer that is being said it interrupts, as ever', () => {
    const played = play(
      `
         0 caller-turn "where is my order?"
       100 text-delta "It was sent yesterday and it will be with you tomorrow."
       200 step-end stop
      1000 caller-turn "hello?"
    `,
      voice,
    );
    expect(played.reports('interruption')).toHaveLength(1);
  });
});

describe('200 ms of sound each 1.1 s, never a word; `awayMs` 2,000: nudged, then ended, as without noise', () => {
  const sounds = (fromMs: number, everyMs: number, soundMs: number, count: number) =>
    Array.from({ length: count }, (_, i) => fromMs + i * everyMs)
      .flatMap((atMs) => [`${atMs} caller-speech start`, `${atMs + soundMs} caller-speech end`])
      .join('\n');
  const alone = (script: string, options: PlayOptions = {}) =>
    play(`${script}\n 60000 wait`, { ...voice, ...options, turn: { awayMs: 2_000, nudges: 2, ...options.turn } });
  const without = alone('').find('hang-up')?.atMs ?? 0;

  test.each([
    [0, 1_100, 200],
    [500, 1_100, 200],
    [100, 700, 300],
    [0, 900, 650],
    [300, 3_000, 1_000],
    [0, 2_050, 200],
    [0, 5_000, 4_000],
  ])('from %i ms, each %i ms, for %i ms', (fromMs, everyMs, soundMs) => {
    const played = alone(sounds(fromMs, everyMs, soundMs, Math.floor(40_000 / everyMs)));
    expect(played.find('hang-up')).toMatchObject({ reason: 'caller-away' });
    expect(played.said.filter(([, , kind]) => kind === 'nudge')).toHaveLength(2);
    expect(played.find('hang-up')!.atMs).toBeGreaterThanOrEqual(without);
    expect(played.find('hang-up')!.atMs).toBeLessThan(without + 14_000);
  });

  test('the row itself: ended within 16 s', () => {
    expect(alone(sounds(0, 1_100, 200, 36)).find('hang-up')?.atMs).toBeLessThan(16_000);
  });

  test('a sound that never ends: no deadline waits for longer than 2.5 s', () => {
    const played = alone('100 caller-speech start');
    expect(played.said.find(([, , kind]) => kind === 'nudge')?.[0]).toBe(2_600);
    expect(played.find('hang-up')).toMatchObject({ reason: 'caller-away' });
  });

  test('a voice whose words are on their way is waited for', () => {
    const played = alone(`
      1600 caller-speech start
      1900 caller-speech end
      2400 caller-speech words "hello"
      2450 caller-turn "I would like a table please"
    `);
    expect(played.said.filter(([atMs]) => atMs < 2_450)).toEqual([]);
    expect(played.requests[0]?.atMs).toBe(2_450);
  });

  test('a caller who speaks in words is never nudged, however long', () => {
    const words = Array.from({ length: 20 }, (_, i) => `${500 + i * 900} caller-speech words "word ${i}"`);
    const played = alone(['400 caller-speech start', ...words].join('\n'));
    expect(played.said.filter(([atMs, , kind]) => kind === 'nudge' && atMs < 18_000)).toEqual([]);
  });

  test('the silence of a turn is broken as well: a filler does not wait for a hum', () => {
    const script = (hum: string) => `
      0 caller-turn "where is my order?"
      ${hum}
      100 tool-call lookup_order {"n":1}
      110 step-end tool_calls
      6000 wait
    `;
    const first = (hum: string) => play(script(hum), voice).said[0]?.[0] ?? Infinity;
    expect(first('50 caller-speech start')).toBeLessThanOrEqual(2_600);
    expect(first('')).toBeLessThan(600);
  });
});

describe('a longest call, said goodbye to politely', () => {
  const long: PlayOptions = { ...voice, turn: { longestCallMs: 20_000, awayMs: 600_000 } };

  test('between turns it is ended at once, with a phrase', () => {
    const played = play('30000 wait', long);
    expect(played.said).toEqual([[20_000, expect.stringContaining('Goodbye'), 'verbatim']]);
    expect(played.find('hang-up')).toMatchObject({ reason: 'call-too-long' });
  });

  test('a turn that runs is finished first, and heard', () => {
    const played = play(
      `
      19000 caller-turn "where is my order?"
      19500 text-delta "It was sent yesterday."
      20500 step-end stop
      40000 wait
    `,
      long,
    );
    expect(played.reports('turn-end')).toMatchObject([{ outcome: 'replied', heard: 'It was sent yesterday.' }]);
    expect(played.said.at(-1)?.[1]).toContain('Goodbye');
    expect(played.find('hang-up')).toMatchObject({ reason: 'call-too-long' });
  });

  test('whoever speaks over the goodbye does not put it off; nor is anybody put through', () => {
    const played = play(
      `
      20500 caller-speech start
      20900 caller-turn "but I need another table"
      40000 wait
    `,
      { ...long, turn: { ...long.turn, transferTo: 'desk' } },
    );
    expect(played.requests).toEqual([]);
    expect(played.all('transfer')).toEqual([]);
    expect(played.find('hang-up')).toMatchObject({ reason: 'call-too-long' });
  });

  test('two hours unless told otherwise, and never with `none`', () => {
    expect(play('10 wait').timers.get('longest-call')).toBe(7_200_000);
    expect(play('10 wait', { turn: { longestCallMs: 'none' } }).timers.has('longest-call')).toBe(false);
  });
});
