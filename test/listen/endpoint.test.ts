import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EndpointEvent } from '../../src/listen/endpoint.ts';
import { oddsOfEnd } from '../../src/listen/finished.ts';
import { asked, expected, final, interim, play, voice } from './helpers/play-endpoint.ts';

describe('with voice activity', () => {
  test('a finished sentence ends 500 ms after the voice, and its last final was asked for before', () => {
    const { log, pending } = play(
      [
        [1_050, voice('start')],
        [1_600, interim('where is')],
        [2_100, interim('where is my order')],
        [2_180, voice('end')],
      ],
      { finals: ['Where is my order?'] },
    );
    expect(log).toEqual([
      '1050 start',
      '1600 words where is',
      '2100 words where is my order',
      '2180 end',
      '2250 finalize',
      '2330 words Where is my order?',
      '2500 turn Where is my order? (500)',
    ]);
    expect(pending).toBe(0);
  });

  test('an open sentence ends 1,100 ms after the voice', () => {
    const { turns } = play(
      [
        [0, voice('start')],
        [900, interim('i want to fly to')],
        [1_180, voice('end')],
      ],
      { finals: ['I want to fly to'] },
    );
    expect(turns).toEqual(['2100 turn I want to fly to (1100)']);
  });

  test('a pause for thought shorter than that leaves one turn', () => {
    const { turns, finalizes } = play(
      [
        [0, voice('start')],
        [900, interim('my name is')],
        [1_180, voice('end')],
        [1_950, voice('start')],
        [2_600, interim('peter')],
        [2_880, voice('end')],
      ],
      { finals: ['My name is', 'Peter.'] },
    );
    // this caller has paused for 900 ms before: they are given a little longer
    expect(turns).toEqual(['3232 turn My name is Peter. (532)']);
    expect(finalizes).toEqual(['1850 finalize', '2982 finalize']);
  });

  test('several finals are one turn, joined with one space, empty ones dropped', () => {
    const { turns } = play(
      [
        [0, voice('start')],
        [800, final('Is flight QX41 ')],
        [900, final('')],
        [1_000, interim('on ti')],
        [1_480, voice('end')],
      ],
      { finals: ['on time?'] },
    );
    expect(turns).toEqual(['1800 turn Is flight QX41 on time? (500)']);
  });

  test('an empty final after finalize completes the handshake and is no turn', () => {
    const { turns, log } = play(
      [
        [0, voice('start')],
        [900, final('Yes please.')],
        [1_080, voice('end')],
      ],
      { finals: [''] },
    );
    expect(turns).toEqual(['1400 turn Yes please. (500)']);
    expect(log.at(-1)).toBe(turns[0]);
  });

  test('a cough is no turn: the final that was asked for is empty', () => {
    const { log, pending } = play(
      [
        [100, voice('start')],
        [400, voice('end')],
      ],
      { finals: [''] },
    );
    expect(log).toEqual(['100 start', '400 end', '400 finalize']);
    expect(pending).toBe(0);
  });

  test('a short word that had no interim is a turn all the same', () => {
    const { turns } = play(
      [
        [100, voice('start')],
        [400, voice('end')],
      ],
      { finals: ['Yes.'] },
    );
    expect(turns).toEqual(['720 turn Yes. (500)']);
  });

  test('a final that is late is waited for, up to 1.5 s; then the last interim will do', () => {
    const script: [number, EndpointEvent][] = [
      [0, voice('start')],
      [800, interim('hello there')],
      [1_180, voice('end')],
    ];
    expect(play(script, { finals: ['Hello there.'], finalMs: 900 }).turns).toEqual(['2150 turn Hello there. (1150)']);
    expect(play(script, { finals: [null] }).turns).toEqual(['2750 turn hello there (1750)']);
  });

  test('the final of words that were taken from an interim is not a second turn', () => {
    const late = (text: string) =>
      play(
        [
          [0, voice('start')],
          [800, interim('book a table for too')],
          [1_180, voice('end')],
          [3_500, final(text)],
        ],
        { finals: [null, ''] },
      ).turns;
    expect(late('Book a table for two.')).toEqual(['2750 turn book a table for too (1750)']);
    expect(late('')).toHaveLength(1);
    expect(late('Book a table for two people tonight.').at(1)).toContain('turn people tonight.');
    expect(late('Something else entirely was said here.')).toHaveLength(1);
  });

  test('words that come in the settle time after the first final belong to the turn', () => {
    const { turns } = play([
      [0, voice('start')],
      [800, interim('cancel my')],
      [1_180, voice('end')],
      [1_900, final('Cancel my')],
      [1_960, final('appointment.')],
    ]);
    expect(turns).toHaveLength(1);
    expect(turns[0]).toContain('turn Cancel my appointment.');
  });

  test('a final of its own on its way is not taken for the answer to two requests', () => {
    const { turns, finalizes } = play([
      [0, voice('start')],
      [500, interim('one table')],
      [1_180, voice('end')],
      [1_300, voice('start')],
      [1_400, final('One table')],
      [1_700, interim('for two')],
      [2_080, voice('end')],
      [2_200, final('for two.')],
    ]);
    expect(finalizes).toEqual(['1250 finalize', '2135 finalize']);
    expect(turns).toEqual(['2385 turn One table for two. (485)']);
  });

  test('a noise that never ends does not keep the turn open: words count', () => {
    const { turns } = play(
      [
        [0, voice('start')],
        [800, interim('turn the television down')],
      ],
      { finals: ['Turn the television down.'] },
    );
    expect(turns).toHaveLength(1);
    expect(Number(turns[0]!.split(' ')[0])).toBeLessThan(3_200);
  });
});

describe('without any voice activity', () => {
  test('words alone begin and end a turn', () => {
    const { log } = play(
      [
        [1_000, interim('where')],
        [1_000, interim('where')],
        [1_200, interim('where is my')],
        [1_400, interim('where is my order')],
        [1_500, interim('where is my order')],
      ],
      { finals: ['Where is my order?'] },
    );
    expect(log).toEqual([
      '1000 start',
      '1000 words where',
      '1200 words where is my',
      '1400 words where is my order',
      '1650 finalize',
      '1730 words Where is my order?',
      '1900 end',
      '1900 turn Where is my order? (500)',
    ]);
  });

  test("the service's finals at silence end a turn that had no interim", () => {
    const { turns } = play([[1_000, final('Hello.')]], { finals: [''] });
    expect(turns).toEqual(['1080 turn Hello. (580)']);
  });

  test('interims that shrink and repeat do no harm', () => {
    const { turns } = play(
      [
        [100, interim('i would')],
        [200, interim('i would like to sea')],
        [300, interim('i would like')],
        [400, interim('')],
        [500, interim('i would like to see')],
        [700, interim('i would like to see a doctor')],
      ],
      { finals: ['I would like to see a doctor.'] },
    );
    expect(turns).toEqual(['1200 turn I would like to see a doctor. (500)']);
  });

  test("the service's own voice activity serves when there is none of ours", () => {
    const { log } = play(
      [
        [500, { type: 'service-voice', phase: 'start' }],
        [900, interim('hello')],
        [1_300, { type: 'service-voice', phase: 'end' }],
      ],
      { finals: ['Hello.'] },
    );
    expect(log[0]).toBe('500 start');
    expect(log.at(-1)).toBe('1500 turn Hello. (500)');
  });
});

describe('what the agent has asked', () => {
  const waited = (question: string, said: string, finalText: string) => {
    const { turns } = play(
      [
        [0, asked(question)],
        [1_000, voice('start')],
        [1_500, interim(said)],
        [2_180, voice('end')],
      ],
      { finals: [finalText], oddsOfEnd },
    );
    return Number(/\((\d+)\)/.exec(turns[0]!)![1]);
  };

  test('yes or no: a plain answer ends sooner than one that goes on', () => {
    expect(waited('Shall I book it?', 'yes please', 'Yes, please.')).toBeLessThan(500);
    expect(waited('Shall I book it?', 'yes but', 'Yes, but')).toBeGreaterThan(700);
  });

  test('a number: digits wait for digits until all have come', () => {
    const half = waited('What is your six digit code?', 'nine eight', '98');
    const whole = waited('What is your six digit code?', '987 654', '987654');
    expect(half).toBeGreaterThan(1_000);
    expect(whole).toBeLessThan(400);
  });

  test('R26: what a tool expects is asked for, whatever the agent says', () => {
    const lengths: string[] = [];
    const { turns } = play(
      [
        [0, expected({ code: 8 })],
        [500, asked('Go ahead, I am listening.')],
        [1_000, voice('start')],
        [1_500, interim('four four seven one')],
        [1_980, voice('end')],
        [3_200, voice('start')],
        [3_700, interim('four four seven one nine two two six')],
        [4_080, voice('end')],
        [9_000, asked('Thank you, all is well.')],
        [10_000, voice('start')],
        [10_400, interim('good')],
        [10_480, voice('end')],
      ],
      {
        finals: ['44719226', 'Good.'],
        oddsOfEnd: (text, question, speech) => {
          lengths.push(question.lengths?.join() ?? question.kind);
          return oddsOfEnd(text, question, speech);
        },
      },
    );
    expect(turns.map((turn) => turn.replace(/^\d+ | \(\d+\)$/g, ''))).toEqual(['turn 44719226', 'turn Good.']);
    expect([lengths[0], lengths.at(-1)]).toEqual(['8', 'statement']); // one answer, and no other
  });

  test('R24: what a tool expects that runs ahead of the end of a turn is asked for behind that turn', () => {
    const judged: string[] = [];
    play(
      [
        [1_000, voice('start')],
        [1_400, interim('I want to pay')],
        [1_480, voice('end')],
        [1_800, expected('card-number')],
        [5_000, voice('start')],
        [5_900, interim('four two four two')],
        [5_980, voice('end')],
      ],
      {
        finals: ['I want to pay.', '4242'],
        oddsOfEnd: (text, { kind }) => (judged.push(`${text}: ${kind}`), 0),
      },
    );
    expect(judged.find((line) => line.startsWith('I want'))).toBe('I want to pay: statement');
    expect(judged.filter((line) => line.includes('pay')).every((line) => line.endsWith('statement'))).toBe(true);
    expect(judged.at(-1)).toBe('4242: code');
  });

  test('digits in groups with pauses of a second are one turn', () => {
    const { turns } = play(
      [
        [0, asked('Please give me your ten digit mobile number.')],
        [1_000, voice('start')],
        [1_900, interim('98 45')],
        [2_080, voice('end')],
        [3_000, voice('start')],
        [3_700, interim('98 45 123')],
        [3_980, voice('end')],
        [5_000, voice('start')],
        [5_700, interim('98 45 123 678')],
        [5_980, voice('end')],
      ],
      { finals: ['9845123678'], oddsOfEnd },
    );
    expect(turns.map((turn) => turn.replace(/^\d+ | \(\d+\)$/g, ''))).toEqual(['turn 9845123678']);
  });

  test('a question counts for one answer only', () => {
    const questions: string[] = [];
    play(
      [
        [0, asked('Shall I book it?')],
        [1_000, voice('start')],
        [1_480, voice('end')],
        [5_000, voice('start')],
        [5_480, voice('end')],
      ],
      { finals: ['Yes.', 'Yes.'], oddsOfEnd: (_text, { kind }) => (questions.push(kind), 0) },
    );
    expect(questions).toEqual(['yes-no', 'statement']);
  });

  test('R25: who goes on soon after a turn that was taken too early still answers what was asked', () => {
    const judged: string[] = [];
    play(
      [
        [0, asked('What is your six digit code?')],
        [1_000, voice('start')],
        [1_500, interim('four four seven')],
        [1_980, voice('end')],
        [2_900, voice('start')],
        [3_300, interim('one nine two')],
        [3_700, voice('end')],
      ],
      {
        finals: ['four four seven', 'one nine two'],
        oddsOfEnd: (text, { lengths }) => (judged.push(`${text} of ${lengths?.join()}`), 0),
      },
    );
    expect(judged.at(-1)).toBe('four four seven one nine two of 6');
  });

  test('R25: who goes on with the same word is judged by both', () => {
    const judged: string[] = [];
    play(
      [
        [1_000, voice('start')],
        [1_500, interim('no')],
        [1_980, voice('end')],
        [2_900, voice('start')],
        [3_300, interim('no')],
        [3_700, voice('end')],
      ],
      { finals: ['no', 'no'], oddsOfEnd: (text) => (judged.push(text), 9) },
    );
    expect(judged).toEqual(['no', 'no no']);
  });
});

describe('R26: no cost that is the same for everybody', () => {
  const said = (finalText: string, ...more: [number, EndpointEvent][]) =>
    play([[0, voice('start')], [900, interim('where is my order')], ...more, [1_180, voice('end')]], {
      finals: [finalText],
      finalMs: 60,
      oddsOfEnd: () => 9,
    }).turns;

  test('a turn that is sure ends with its least silence, once its final says what was known, or nothing', () => {
    expect(said('Where is my order?')).toEqual(['1250 turn Where is my order? (250)']);
    expect(said('', [1_100, final('Where is my order?')])).toEqual(['1250 turn Where is my order? (250)']);
  });

  test('also when it says more; one that says less may be of the words before, and another is given its time', () => {
    expect(said('Where is my order of Friday?')).toEqual(['1250 turn Where is my order of Friday? (250)']);
    expect(said('Where is')).toEqual(['1340 turn Where is (340)']);
  });
});

test('R26: a final that says the same in figures is no shorter, and costs nothing', () => {
  const spoken = 'it is four four seven one nine two';
  const { turns } = play(
    [
      [0, voice('start')],
      [900, interim(spoken)],
      [1_180, voice('end')],
    ],
    {
      finals: ['It is 447192.'],
      finalMs: 60,
      oddsOfEnd: () => 9,
    },
  );
  expect(turns).toEqual(['1250 turn It is 447192. (250)']);
});

describe('R26: a service that is late', () => {
  test('its first words come 1.4 s into a voice: that voice is none of noise', () => {
    const { turns } = play(
      [
        [0, voice('start')],
        [1_400, interim('the number')],
        [1_580, voice('end')],
        [2_000, final('The number is')],
        [2_100, voice('start')],
        [3_500, interim('four four seven one')],
        [4_280, voice('end')],
      ],
      { finals: [null, 'four four seven one.'] },
    );
    expect(turns.map((turn) => turn.replace(/^\d+ | \(\d+\)$/g, ''))).toEqual([
      'turn The number is four four seven one.',
    ]);
  });
});

test('a lone hesitation is given time', () => {
  const { turns } = play(
    [
      [0, voice('start')],
      [400, interim('um')],
      [580, voice('end')],
      [2_000, voice('start')],
      [2_500, interim('um two tickets')],
      [2_780, voice('end')],
    ],
    { finals: ['Um, two tickets.'] },
  );
  expect(turns).toEqual(['3153 turn Um, two tickets. (553)']);
});

test('a language without spaces is joined without them', () => {
  const { turns } = play(
    [
      [0, voice('start')],
      [500, final('予約を')],
      [900, final('お願いします。')],
      [1_080, voice('end')],
    ],
    { finals: [''], language: 'ja' },
  );
  expect(turns[0]).toContain('turn 予約をお願いします。');
});

test('whatever is heard in whatever order: no word of a final is lost or told twice, and nothing is left waiting', () => {
  const event = fc.oneof(
    fc.constantFrom<EndpointEvent>(voice('start'), voice('end'), { type: 'service-voice', phase: 'start' }, final('')),
    fc.nat(1_000).map((n) => interim(`w${n}`)),
    fc.nat(1_000).map((n) => final(`final${n}`)),
    fc.constantFrom(asked('Is it?'), asked('Your number please?')),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(900), event), { maxLength: 40 }), (steps) => {
      let atMs = 0;
      const script = steps.map(([gapMs, one]): [number, EndpointEvent] => [(atMs += gapMs), one]);
      script.push([atMs + 1, voice('end')]);
      const { turns, pending } = play(script, { finals: Array<string>(100).fill('') });
      const said = script.flatMap(([, one]) =>
        one.type === 'transcript' && one.isFinal && one.text !== '' ? [one.text] : [],
      );
      const heard = turns.flatMap((turn) => turn.match(/final\d+/g) ?? []);
      expect(heard).toEqual(said);
      expect(pending).toBe(0);
    }),
    { numRuns: 300 },
  );
});
