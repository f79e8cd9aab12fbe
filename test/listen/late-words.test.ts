/** A final that did not come in time was replaced by its interim: what comes late is told by when it was spoken. */
import { describe, expect, test } from 'vitest';
import type { EndpointEvent } from '../../src/listen/endpoint.ts';
import { final, interim, play, spokenFrom, timed, voice } from './helpers/play-endpoint.ts';

/** Said from 0 to 1 s, its finalize never answered: the turn is taken from the interim at 2,750 ms. */
const taken = (said: string): [number, EndpointEvent][] => [
  [0, voice('start')],
  [800, interim(said)],
  [1_180, voice('end')],
];
const textsOf = (turns: string[]) => turns.map((turn) => turn.replace(/^\d+ turn (.*) \(\d+\)$/, '$1'));
const never = Array<null>(9).fill(null);

describe('interim `four four seven one`, no answer to finalize for 2.3 s, then final `4471.`: one turn', () => {
  test.each([
    ['four four seven one', '4471.'],
    ['four four seven one please', '4471, please.'],
    ['twenty one dollars fifty', '$21.50'],
    ['I wanna book a table', 'I want to book a table.'],
    ['recognise speech', 'Wreck a nice beach.'],
    ['नौ आठ सात', '987'],
    ['sieben Uhr dreißig', '7:30 Uhr.'],
    ['half past seven', 'Half'],
  ])('%j, then %j', (said, written) => {
    const { turns, pending } = play([...taken(said), [4_500, final(written)]], { finals: never });
    expect(textsOf(turns)).toEqual([said]);
    expect(pending).toBe(0);
    const withTimes = play([...taken(said), [4_500, timed(100, written, true)]], { finals: never });
    expect(textsOf(withTimes.turns)).toEqual([said]);
  });

  test('also when it comes in two finals, and with an empty one behind it', () => {
    const { turns } = play(
      [...taken('four four seven one'), [4_400, final('44')], [4_500, final('71.')], [4_600, final('')]],
      {
        finals: never,
      },
    );
    expect(textsOf(turns)).toEqual(['four four seven one']);
  });

  test('and when the lost stretch is understood once more from its beginning', () => {
    const { turns } = play(
      [
        ...taken('four four seven one'),
        [4_300, interim('four')],
        [4_400, interim('four four seven')],
        [4_600, final('4471.')],
      ],
      { finals: never },
    );
    expect(textsOf(turns)).toEqual(['four four seven one']);
  });

  test.each([undefined, 4_000])('told by times, it is late although a voice began meanwhile: %s', (voiceAtMs) => {
    const { turns } = play(
      [
        ...taken('four four seven one'),
        ...(voiceAtMs === undefined ? [] : [[voiceAtMs, voice('start')] satisfies [number, EndpointEvent]]),
        [4_300, timed(100, '4471.', true)],
        [4_800, timed(4_000, 'and my name is Peter', false)],
        [5_300, voice('end')],
      ],
      { finals: [null, 'And my name is Peter.'] },
    );
    expect(textsOf(turns).at(-1)).toMatch(/^and my name is peter\.?$/i);
    expect(textsOf(turns).filter((text) => /4471|four/.test(text))).toHaveLength(1);
  });
});

describe('new words are none of the turn before', () => {
  const next = (...events: [number, EndpointEvent][]) =>
    textsOf(play([...taken('yes'), ...events], { finals: [null, ''] }).turns);

  test('the same word said again, by times', () => {
    expect(next([4_000, voice('start')], [4_480, voice('end')], [4_700, timed(4_000, 'Yes.', true)])).toEqual([
      'yes',
      'Yes.',
    ]);
  });

  test('the same word said again, with an interim of its own', () => {
    expect(
      next([4_000, voice('start')], [4_300, interim('yes')], [4_480, voice('end')], [4_700, final('Yes.')]),
    ).toEqual(['yes', 'Yes.']);
  });

  test('other words after another voice', () => {
    expect(next([4_000, voice('start')], [4_480, voice('end')], [4_700, final('Tomorrow.')])).toEqual([
      'yes',
      'Tomorrow.',
    ]);
  });

  test('one segment that holds both, by times: only what is new', () => {
    expect(
      next(
        [4_000, voice('start')],
        [
          4_900,
          {
            type: 'transcript',
            text: 'Yes. tomorrow please',
            isFinal: true,
            words: [...spokenFrom(100, 'Yes.'), ...spokenFrom(4_000, 'tomorrow please')],
          },
        ],
        [5_080, voice('end')],
      ),
    ).toEqual(['yes', 'tomorrow please']);
  });

  test('long after, whatever they are', () => {
    expect(next([15_000, final('Yes.')])).toEqual(['yes', 'Yes.']);
  });

  test('what a turn without an interim is still owed', () => {
    const { turns } = play(
      [
        [0, voice('start')],
        [400, voice('end')],
        [2_700, final('Yes.')],
      ],
      { finals: never },
    );
    expect(textsOf(turns)).toEqual(['Yes.']);
  });
});
