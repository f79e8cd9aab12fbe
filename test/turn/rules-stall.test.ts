/** R17 for a voice that stalls: what is said meanwhile, how often, and when it is enough. With the times to the millisecond. */
import { describe, expect, test } from 'vitest';
import { play, type PlayOptions } from './helpers/play.ts';

const HOLD = ['Hold on.', 'Bear with me.'];
const PROGRESS = ['Still on it.', 'Nearly done.'];
const RECOVERY = ['Say that again?'];
const reported: PlayOptions = { heardBy: 'reported', phrases: { hold: HOLD, progress: PROGRESS, recovery: RECOVERY } };

const said = (played: ReturnType<typeof play>) => played.said.map(([atMs, text]) => [Math.round(atMs), text]);

/** An answer whose voice does not begin. */
const unheard = `
    0  caller-turn       "where is it?"
  100  text-delta        "It is on its way."
  110  step-end          stop
 1100  playback-stalled  1000 can-speak
`;

describe('R17: before the voice begins', () => {
  test('R17: a phrase once `silenceMs` have passed, ahead of the answer', () => {
    const played = play(`${unheard} 1600 wait`, reported);
    expect(played.all('say').at(-1)).toMatchObject({ atMs: 1_500, text: HOLD[0], isAhead: true });
  });

  test('R17: one phrase at a time, however long the silence has been when it is told', () => {
    const played = play(
      `
      ${unheard}
     1540  playback-start    2
     2500  heard             2 "Hold on."
     9000  playback-stalled  6500 can-speak
     9100  wait
    `,
      reported,
    );
    expect(played.all('say').filter(({ atMs }) => atMs > 1_600)).toHaveLength(1);
  });

  test('R17: where not even a phrase would come out nothing is said, and time goes by in steps of `progressMs`', () => {
    const played = play(
      `
        0  caller-turn       "where is it?"
      100  text-delta        "It is on its way."
      110  step-end          stop
     8000  playback-stalled  7900
     9000  wait
    `,
      reported,
    );
    expect(said(played)).toEqual([[100, 'It is on its way.']]);
    expect(
      played.all('set-timer').filter(({ timer, atMs }) => timer === 'silence' && atMs >= 8_000).length,
    ).toBeLessThan(4);
  });
});

describe('R17: in the middle of an answer', () => {
  const long = 'aaaa bbbb cccc dddd eeee';
  const middle = (rest: string) => `
        0  caller-turn       "where is it?"
      100  text-delta        "${long}"
      110  step-end          stop
      300  playback-start    1
    30000  heard             1 "aaaa bbbb"
    ${rest}
  `;

  test('R17: the answer is not given up for a short stall, however long ago the model was done with it', () => {
    const played = play(middle(`30400 playback-stalled 400 can-speak \n 33000 wait`), reported);
    expect(played.reports('error')).toEqual([]);
    expect(played.all('say').slice(1)).toMatchObject([{ atMs: 31_500, text: PROGRESS[0], isAhead: true }]);
  });

  test('R17: it is given up once nothing of it has been heard for `giveUpMs`', () => {
    const played = play(
      middle(`
    30400  playback-stalled  400
    60000  wait
      `),
      reported,
    );
    expect(played.reports('error')).toMatchObject([{ code: 'gave-up' }]);
    expect(played.all('say').at(-1)?.text).toBe(RECOVERY[0]);
    const gaveUpAtMs = played.reports('error')[0]!.atMs;
    expect(gaveUpAtMs).toBeGreaterThanOrEqual(50_000);
    expect(gaveUpAtMs).toBeLessThan(54_100);
  });

  test('R22: the phrase stands where it was heard, in the middle of the answer', () => {
    const played = play(
      middle(`
    30400  playback-stalled  400 can-speak
    31540  playback-start    2
    32000  heard             2 "Still on it."
    32100  playback-start    1
    33000  heard             1 "${long}"
    33100  playback-idle
    35000  caller-turn       "thanks"
      `),
      reported,
    );
    const messages = JSON.stringify(played.requests.at(-1)?.messages);
    expect(messages).toContain('aaaa bbbb Still on it. cccc dddd eeee');
  });
});
