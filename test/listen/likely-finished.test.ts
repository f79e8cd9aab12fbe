/** R24: when the words look finished, an answer may be asked for before the turn is sure. */
import { expect, test } from 'vitest';
import { waitFor } from '../../src/listen/wait.ts';
import { interim, play, voice } from './helpers/play-endpoint.ts';

/** The voice of these ends at 1,000 ms, which is known at 1,180. */
const at = (turn: string | undefined) => Number(turn?.split(' ')[0]);

test('R24: words are told before the turn is sure; each text once', () => {
  const { finished, turns } = play([
    [50, voice('start')],
    [900, interim('when can I')],
    [1_180, voice('end')],
    [1_190, interim('when can I come')],
  ]);
  expect(finished.map(([, text]) => text)).toEqual(['when can I come']);
  expect(finished[0]?.[0]).toBeGreaterThanOrEqual(1_230);
  expect(at(turns[0])).toBeGreaterThan(finished[0]?.[0] ?? Infinity);
});

test('R24: with an answer on its way the turn is sure when that could be heard; without, as ever', () => {
  const script: Parameters<typeof play>[0] = [
    [50, voice('start')],
    [1_100, interim('when can I come')],
    [1_180, voice('end')],
  ];
  const [atMs = 0] = play(script).finished[0] ?? [];
  const isAsked = (isAsked: boolean, ms: number): (typeof script)[number] => [ms, { type: 'asked-ahead', isAsked }];
  const sureMs = at(play(script).turns[0]);
  expect(at(play([...script, isAsked(true, atMs + 1)]).turns[0])).toBeGreaterThanOrEqual(Math.max(sureMs, atMs + 400));
  expect(at(play([...script, isAsked(true, atMs + 1), isAsked(false, atMs + 5)]).turns[0])).toBe(sureMs);
});

test('R26: where the plan has no room to ask ahead the silence is longer, for a request in vain is one that another turn lacks', () => {
  const script: Parameters<typeof play>[0] = [
    [50, voice('start')],
    [1_100, interim('when can I come')],
    [1_180, voice('end')],
  ];
  const finals = { finals: ['when can I come', 'when can I come to the office'] };
  const { finished, turns } = play(script, finals);
  const [atMs = 0] = finished[0] ?? [];
  const refused: (typeof script)[number] = [atMs + 1, { type: 'asked-ahead', isAsked: false, noRoom: true }];
  expect(at(turns[0])).toBe(1_500);
  expect(at(play([...script, refused], finals).turns[0])).toBe(1_000 + 1.6 * 500);
  const goesOn: typeof script = [
    [1_700, voice('start')],
    [2_100, interim('when can I come to the office')],
    [2_180, voice('end')],
  ];
  expect(play([...script, ...goesOn], finals).turns).toHaveLength(2);
  expect(play([...script, refused, ...goesOn], finals).turns).toHaveLength(1);
});

test('R24: of a service that is late nothing is told before the last word of the voice can have come', () => {
  const late: Parameters<typeof play>[0] = [
    [50, voice('start')],
    [1_180, voice('end')],
    [1_200, interim('can I')],
    [1_500, interim('can I come')],
    [5_050, voice('start')],
    [6_180, voice('end')],
    [6_200, interim('on')],
    [6_500, interim('on Monday')],
  ];
  const { finished, turns } = play(late, { finals: ['Can I come?', 'On Monday.'], finalMs: 360, oddsOfEnd: () => 9 });
  expect(turns.map((turn) => turn.replace(/^\d+ | \(\d+\)$/g, ''))).toEqual(['turn Can I come?', 'turn On Monday.']);
  expect(finished.map(([, text]) => text)).toEqual(['Can I come?', 'on Monday', 'On Monday.']);
});

test('R24: nothing is told while the voice is on, nor of a voice without words', () => {
  const script: Parameters<typeof play>[0] = [
    [50, voice('start')],
    [1_180, voice('end')],
  ];
  expect(play(script).finished).toEqual([]);
  expect(play([script[0]!, [700, interim('yes')]]).finished).toEqual([]);
});

test.each([
  ['sure', 9],
  ['likely', 2],
  ['open', -2],
])(
  'R24: a text that is %s is told some 20 ms before its silence is over, and as soon as its last words are there',
  (_, odds) => {
    const script: Parameters<typeof play>[0] = [
      [50, voice('start')],
      [600, interim('when can I')],
      [1_170, interim('when can I come')],
      [1_180, voice('end')],
    ];
    const before = script.map(([ms, event]): (typeof script)[number] => [ms + 8_000, event]);
    const finals = ['when can I come', 'when can I come'];
    const { finished } = play([...script, ...before], { finals, finalMs: 60, oddsOfEnd: () => odds });
    const likelyMs = waitFor(odds, { endpointMs: 500, mostMs: 3_000 }) - 20;
    expect(finished.map(([ms]) => ms).filter((ms) => ms > 8_000)).toEqual([
      9_000 + Math.round(Math.max(180, likelyMs)),
    ]);
  },
);
