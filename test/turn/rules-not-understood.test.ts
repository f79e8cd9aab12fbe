/** R17 for a caller whose words do not come, because what understands them was lost. With the times to the millisecond. */
import { describe, expect, test } from 'vitest';
import { play, type PlayOptions } from './helpers/play.ts';

const HOLD = ['Hold on.', 'Bear with me.'];
const PROGRESS = ['Still on it.', 'Nearly done.'];
const RECOVERY = ['Say that again?'];
const reported: PlayOptions = { heardBy: 'reported', phrases: { hold: HOLD, progress: PROGRESS, recovery: RECOVERY } };

const said = (played: ReturnType<typeof play>) => played.said.map(([atMs, text]) => [Math.round(atMs), text]);

describe('R17: the caller has spoken, and the ear is down', () => {
  test('R17: a phrase `silenceMs` after their voice, then one every `progressMs`', () => {
    const played = play(
      `
        0  caller-speech   start
      500  ear-up          no
     1000  caller-speech   end
     2600  playback-start  1
     3000  playback-idle
     7100  playback-start  2
     7500  playback-idle
    11000  wait
    `,
      reported,
    );
    expect(said(played)).toEqual([
      [2_500, HOLD[0]],
      [7_000, PROGRESS[0]],
    ]);
  });

  test('R17: lost a moment after they had spoken is no different', () => {
    const played = play(
      `
        0  caller-speech   start
     1000  caller-speech   end
     1900  ear-up          no
     1950  ear-up          yes
     3000  wait
    `,
      reported,
    );
    expect(said(played)).toEqual([[2_500, HOLD[0]]]);
  });

  test('R17: late words end the phrase, and are answered', () => {
    const played = play(
      `
        0  caller-speech   start
      500  ear-up          no
     1000  caller-speech   end
     2520  playback-start  1
     2600  ear-up          yes
     2700  caller-speech   start
     2700  caller-speech   words "where is it please"
     2750  caller-turn     "where is it please"
     2900  text-delta      "On its way."
     3000  step-end        stop
    `,
      reported,
    );
    expect(played.all('clear')).toMatchObject([{ atMs: 2_700 }]);
    expect(said(played).map(([, text]) => text)).toEqual([HOLD[0], 'On its way.']);
  });

  test('R17: it is back and the words do not come: the caller is asked to say it again', () => {
    const played = play(
      `
        0  caller-speech   start
      500  ear-up          no
     1000  caller-speech   end
     2520  playback-start  1
     2600  ear-up          yes
     3000  playback-idle
     9000  wait
    `,
      reported,
    );
    expect(said(played)).toEqual([
      [2_500, HOLD[0]],
      [5_100, RECOVERY[0]],
    ]);
  });

  test('words that come in time are answered, and nothing else is said', () => {
    const played = play(
      `
        0  caller-speech   start
      500  ear-up          no
      600  ear-up          yes
     1000  caller-speech   end
     1400  caller-turn     "where is it?"
     1500  text-delta      "On its way."
     1600  step-end        stop
     1700  playback-start  1
     2400  playback-idle
     9000  wait
    `,
      reported,
    );
    expect(said(played)).toEqual([[1_500, 'On its way.']]);
  });

  test('a line that is lost while nobody waits is lost without a word', () => {
    const played = play(
      `
        0  caller-speech   start
      300  caller-speech   end
     4000  ear-up          no
     9000  ear-up          yes
    12000  wait
    `,
      reported,
    );
    expect(said(played)).toEqual([]);
  });
});
