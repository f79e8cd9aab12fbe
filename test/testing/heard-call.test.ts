/** What a caller tells of a call to somebody else's worker, by its sound alone: whose turn it is, and how it ended. */
import { expect, test } from 'vitest';
import type { CallEvent } from '../../src/call/events.ts';
import { VirtualClock } from '../../src/lib/clock.ts';
import type { CallEnd } from '../../src/simulate/phone/connect.ts';
import { SAMPLES_PER_MS, VoiceTrack } from '../../src/simulate/phone/voice-track.ts';
import { HeardCall } from '../../src/testing/heard-call.ts';
import type { Utterance } from '../../src/testing/scope.ts';

const LOUD = 0x00;

/** A line on which the agent sounds at these times, in milliseconds; a caller hears it as time goes on. */
function aCall(sounds: readonly (readonly [fromMs: number, toMs: number])[]) {
  const clock = new VirtualClock();
  const heard = new VoiceTrack();
  let leave: (end: CallEnd) => void = () => {};
  const ended = new Promise<CallEnd>((resolve) => (leave = resolve));
  const troubles: string[] = [];
  const call = new HeardCall({
    ...{ clock, agent: 'ws://there', from: '+1', to: '+2', doneAfterMs: 2_000, trouble: (what) => troubles.push(what) },
    caller: {
      ...{ callSid: 'CA1', heard, ended },
      get nowMs() {
        return clock.nowMs();
      },
      get hasUnheard() {
        return sounds.some(([fromMs, toMs]) => fromMs <= clock.nowMs() && clock.nowMs() < toMs);
      },
    },
  });
  const events: CallEvent[] = [];
  call.on('event', (event) => events.push(event));
  call.start();
  /** To this instant, frame by frame, as they come to the caller. */
  const goTo = async (untilMs: number) => {
    while (clock.nowMs() < untilMs) {
      const fromMs = heard.durationMs;
      const isLoud = sounds.some((sound) => sound[0] <= fromMs && fromMs < sound[1]);
      if (isLoud) heard.write(new Uint8Array(20 * SAMPLES_PER_MS).fill(LOUD));
      else heard.writeSilence(20 * SAMPLES_PER_MS);
      clock.advanceTo(fromMs + 20);
      await Promise.resolve();
    }
  };
  return { call, clock, events, troubles, goTo, leave };
}

const says = (fromMs: number, toMs: number): Utterance => ({ kind: 'utterance', text: 'Hello?', fromMs, toMs });

/** Whether and how it has been settled, and when. */
function watched(work: Promise<unknown>, clock: VirtualClock) {
  const state: { atMs?: number; came?: unknown } = {};
  const note = (came: unknown) => Object.assign(state, { atMs: clock.nowMs(), came });
  work.then(note, (error: Error) => note(error.message));
  return state;
}

test('a greeting is over when it was followed by silence; who hears none speaks first', async () => {
  const greeted = aCall([[300, 1_500]]);
  const quiet = watched(greeted.call.whenQuiet(), greeted.clock);
  await greeted.goTo(6_000);
  expect(quiet.atMs).toBe(3_500);
  const silent = aCall([]);
  const spoken = watched(silent.call.whenQuiet(), silent.clock);
  await silent.goTo(6_000);
  expect(spoken.atMs).toBe(5_000);
});

test('a turn is over when the agent has been silent long enough behind an answer, and not between a filler and it', async () => {
  const { call, clock, events, goTo } = aCall([[300, 1_000], [5_000, 6_000], [7_800, 9_000]]); // prettier-ignore
  await goTo(4_200);
  const said = says(3_200, 4_200);
  const turn = watched(call.said(said), clock);
  expect(call.isTurnRunning).toBe(true);
  await goTo(12_000);
  expect(turn).toEqual({ came: 1, atMs: 11_000 });
  expect(said.doneMs).toBe(11_000);
  expect(call.isTurnRunning).toBe(false);
  const audio = events.filter(({ type }) => type.startsWith('reply-audio')).map(({ type, atMs }) => [type, atMs]);
  expect(audio.slice(2)).toEqual([
    ['reply-audio-start', 5_000],
    ['reply-audio-end', 6_000],
    ['reply-audio-start', 7_800],
    ['reply-audio-end', 9_000],
  ]);
});

test('the rest of what was cut into is no answer to the cut-in', async () => {
  const { call, clock, goTo } = aCall([[1_000, 3_500], [5_000, 6_000]]); // prettier-ignore
  await goTo(3_200);
  const turn = watched(call.said(says(2_600, 3_200)), clock); // the agent yields 300 ms later
  await goTo(4_900);
  expect(turn.atMs).toBeUndefined();
  await goTo(9_000);
  expect(turn).toEqual({ came: 1, atMs: 8_000 });
});

test('what nothing is heard of within 15 s was not answered', async () => {
  const { call, clock, goTo } = aCall([[300, 1_000]]);
  await goTo(4_000);
  const turn = watched(call.said(says(3_000, 4_000)), clock);
  await goTo(20_000);
  expect(turn.came).toBe('Expected the agent to answer "Hello?" within 15 s, but nothing was heard of it');
});

test('a caller who has pressed a key waits for what comes of it', async () => {
  const { call, clock, goTo } = aCall([[300, 1_000], [4_800, 5_500]]); // prettier-ignore
  await goTo(4_000);
  call.pressed();
  const quiet = watched(call.whenQuiet(), clock);
  await goTo(9_000);
  expect(quiet.atMs).toBe(7_500);
});

test.each<[Partial<CallEnd>, string, string | undefined]>([
  [{ by: 'caller' }, 'caller-hung-up', undefined],
  [{ code: 1000, words: 'hung-up' }, 'agent-hung-up', undefined],
  [{ code: 1005 }, 'agent-hung-up', undefined],
  [{ code: 1000, words: 'transferred' }, 'transferred', undefined],
  [
    { code: 1000, words: 'worker-stopped' },
    'worker-stopped',
    'the worker was stopped in the middle of the call (worker-stopped)',
  ],
  [{ code: 1006 }, 'socket-lost', 'the call was cut off: the connection broke (code 1006)'],
  [
    { code: 1011, words: 'internal-error' },
    'internal-error',
    'the call was cut off: the worker failed (code 1011: internal-error)',
  ],
  [{ code: 4000 }, 'socket-lost', 'the call was cut off: the worker closed the line (code 4000)'],
])('%j ends it as %s, and only a line that broke is no doing of the agent', async (end, reason, trouble) => {
  const { call, clock, events, troubles, goTo, leave } = aCall([[300, 1_000]]);
  await goTo(2_000);
  const turn = watched(call.said(says(1_500, 2_000)), clock);
  leave({ by: 'worker', code: 1000, atMs: 2_000, ...end });
  await call.ended;
  await Promise.resolve();
  expect(events.at(-1)).toMatchObject({ type: 'call-end', reason, atMs: 2_000 });
  expect(troubles).toEqual(trouble === undefined ? [] : [trouble]);
  expect(turn.came).toBe(`Expected the agent to answer, but the call ended: ${reason}`);
});
