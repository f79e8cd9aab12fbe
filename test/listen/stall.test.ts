/** A line that brings no frames for a while: a stall is no silence, and a peer that sends no silence is heard all the same. */
import { describe, expect, test } from 'vitest';
import { encodeMulaw } from '../../src/audio/g711.ts';
import { encodeToneSpeech } from '../../src/audio/tone-speech.ts';
import { VirtualClock } from '../../src/lib/clock.ts';
import type { Transcriber, TranscriptListener } from '../../src/listen/contract.ts';
import { createEar } from '../../src/listen/ear.ts';
import { MULAW, silence } from '../helpers/pulse.ts';

const speech = (text: string) => encodeMulaw(encodeToneSpeech(text, 8_000));

/** A caller on a line whose service understands at once what the test says; `finalize` is answered with the last interim. */
function callerOn() {
  const clock = new VirtualClock();
  let listener: TranscriptListener | undefined;
  let [said, closed] = ['', ''];
  const transcriber: Transcriber = {
    name: 'scripted',
    open: (_options, given) => {
      listener = given;
      return {
        push: () => {},
        finalize: () =>
          void clock.after(120, () => {
            const segment = said.slice(closed.length).trim();
            closed = said;
            given.transcript(segment, true);
          }),
        close: () => {},
      };
    },
    close: async () => {},
  };
  const turns: { atMs: number; text: string }[] = [];
  const ear = createEar(
    {
      callId: 'c',
      transcriber,
      format: MULAW,
      listen: { language: 'en', keywords: [] },
      endpointMs: 500,
      leastEndpointMs: 250,
      mostEndpointMs: 3_000,
      clock,
    },
    {
      speech: () => {},
      turn: (text) => turns.push({ atMs: clock.nowMs(), text }),
      failed: (error) => expect.unreachable(error.message),
    },
  );
  const frames = (audio: Uint8Array, everyMs: number) => {
    for (let at = 0; at < audio.length; at += 160) {
      clock.advanceBy(everyMs);
      ear.push(audio.subarray(at, at + 160));
    }
  };
  return {
    turns,
    clock,
    /** Frame by frame, in time. */
    play: (audio: Uint8Array) => frames(audio, 20),
    /** All at once. */
    burst: (audio: Uint8Array) => frames(audio, 0),
    /** No frames for so long. */
    nothing: (ms: number) => clock.advanceBy(ms),
    /** All that has been said in this turn; what a final has closed is not repeated. */
    understood: (text: string) => {
      if (!text.startsWith(closed)) closed = '';
      said = text;
      listener!.transcript(text.slice(closed.length).trim(), false);
    },
  };
}

describe('network stall of 2.5 s in mid-sentence, then a burst: one turn', () => {
  test.each([
    ['in the middle of a word', 0, 2_500],
    ['in a pause of 250 ms', 250, 2_500],
    ['in a pause of 420 ms', 420, 2_500],
    ['of 1 s', 100, 1_000],
    ['of 600 ms, in a pause of 350 ms', 350, 600],
  ])('%s', (_, pauseMs, stallMs) => {
    const { turns, play, burst, nothing, understood } = callerOn();
    play(silence(400));
    play(speech('I want to fly'));
    understood('I want to fly');
    play(silence(pauseMs));
    nothing(stallMs);
    burst(silence(Math.max(0, 450 - pauseMs)));
    const rest = speech('home on Friday with my two cats and a dog');
    burst(rest.subarray(0, (stallMs - 450) * 8));
    understood('I want to fly home');
    const [middle, end] = [Math.max(0, stallMs - 450) * 8, rest.length - 8_000];
    if (middle < end) play(rest.subarray(middle, end));
    understood('I want to fly home on Friday with my two');
    play(rest.subarray(Math.max(middle, end)));
    understood('I want to fly home on Friday with my two cats and a dog');
    play(silence(1_500));
    expect(turns.map(({ text }) => text)).toEqual(['I want to fly home on Friday with my two cats and a dog']);
  });

  test('a burst that is understood a second later', () => {
    const { turns, play, burst, nothing, understood } = callerOn();
    play(speech('I want to fly'));
    understood('I want to fly');
    nothing(2_500);
    burst(speech('home on Friday with my two cats').subarray(0, 2_500 * 8));
    play(speech('a dog and a mouse'));
    understood('I want to fly home on Friday with my two cats a dog and a mouse');
    play(silence(3_500));
    expect(turns).toHaveLength(1);
  });

  test('a stall in the silence behind the sentence delays the turn by no more than the stall', () => {
    const { turns, play, burst, nothing, understood, clock } = callerOn();
    play(speech('I want to fly home'));
    understood('I want to fly home');
    const endMs = clock.nowMs();
    play(silence(200));
    nothing(2_500);
    burst(silence(2_500));
    play(silence(1_000));
    expect(turns).toHaveLength(1);
    expect(turns[0]!.atMs - endMs).toBeLessThan(3_300);
  });

  test('the audio of the stall is lost: the sentence goes on, one turn', () => {
    const { turns, play, nothing, understood } = callerOn();
    play(speech('I want to fly'));
    understood('I want to fly');
    nothing(2_500);
    play(speech('on Friday'));
    understood('I want to fly on Friday');
    play(silence(3_500));
    expect(turns.map(({ text }) => text)).toEqual(['I want to fly on Friday']);
  });
});

describe('a peer that sends nothing while the caller is silent', () => {
  const say = (caller: ReturnType<typeof callerOn>, text: string, silenceMs: number) => {
    caller.play(speech(text));
    caller.understood(text);
    const endMs = caller.clock.nowMs();
    caller.play(silence(silenceMs));
    caller.nothing(9_000);
    return caller.turns.at(-1)!.atMs - endMs;
  };

  test.each([260, 60])(
    '%i ms of silence are sent: the first turn comes within 6 s, the next ones at once',
    (sentMs) => {
      const caller = callerOn();
      caller.play(silence(400));
      expect(say(caller, 'Where is my order?', sentMs)).toBeLessThan(sentMs > 200 ? 4_000 : 6_800);
      const most = sentMs > 200 ? 900 : 3_400;
      expect(say(caller, 'No, thank you.', sentMs)).toBeLessThan(most);
      expect(say(caller, 'Thank you very much.', sentMs)).toBeLessThan(most);
      expect(caller.turns.map(({ text }) => text)).toEqual([
        'Where is my order?',
        'No, thank you.',
        'Thank you very much.',
      ]);
    },
  );

  test('a line that ends without a word more does not keep its last turn', () => {
    const caller = callerOn();
    caller.play(speech('goodbye'));
    caller.understood('goodbye');
    caller.nothing(8_000);
    expect(caller.turns.map(({ text }) => text)).toEqual(['goodbye']);
  });
});

test('audio far ahead of time is not heard: an hour of it at once costs no more than some seconds', () => {
  const { turns, burst, play, understood } = callerOn();
  const hour = new Uint8Array(8_000 * 60);
  hour.fill(0xff);
  const before = process.cpuUsage();
  for (let i = 0; i < 60; i++) burst(hour);
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1_000).toBeLessThan(3_000);
  play(silence(15_000));
  play(speech('Where is my order?'));
  understood('Where is my order?');
  play(silence(1_000));
  expect(turns.map(({ text }) => text)).toEqual(['Where is my order?']);
});
