/** A line that counts what it plays is believed, over what the time of sending says, as far as that can be true. */
import { describe, expect, test } from 'vitest';
import { PlayedCount } from '../../src/speak/played-count.ts';
import { crumbs, MULAW, openPlayback, soundIn } from './helpers/line.ts';
import type { PeerOptions } from '../helpers/peer.ts';

/** 60 ms there, 60 ms back, 200 ms before anything sounds: what no clock of ours can know. */
const FAR: PeerOptions = { wayMs: 60, backMs: 60, startMs: 200, countEveryMs: 100 };

function setUp(peerOptions: PeerOptions = FAR) {
  return openPlayback({ reports: 'samples' }, peerOptions);
}

/** Everything there is of one utterance, at once. */
function speak({ playback, clock }: ReturnType<typeof openPlayback>, track: number, ms: number): Buffer {
  const pieces = crumbs(MULAW, ms, track);
  playback.open(track);
  for (const piece of pieces) playback.push(track, piece, clock.nowMs());
  playback.end(track, clock.nowMs());
  return Buffer.concat(pieces);
}

test('what was heard is what the peer has counted, to the sample, however late it began', () => {
  const line = setUp();
  const { clock, playback, told } = line;
  speak(line, 1, 2_000);
  clock.advanceTo(350);
  expect(playback.heardMs(1, 350)).toBe(0); // by our clock it would be 350
  clock.advanceTo(460);
  expect(playback.heardMs(1, 460)).toBe(140); // at 400 it was, which took 60 ms to come here
  clock.advanceTo(4_000);
  expect(told).toEqual(['started 1 at 360', 'ended 1 at 2360']);
});

test('a pause goes on at the very sample at which the peer fell silent, whatever the way has added', () => {
  const line = setUp();
  const { clock, peer, playback } = line;
  const sound = speak(line, 1, 3_000);
  clock.advanceTo(1_237);
  playback.pause(1_237);
  expect(playback.heardMs(1, 1_237)).toBe(840); // what is known by now
  clock.advanceTo(1_400);
  expect(playback.heardMs(1, 1_400)).toBe(peer.played().length / 8); // what was heard until the clear came
  expect(peer.played().length / 8).toBe(1_037);
  playback.resume(1_400);
  clock.advanceTo(6_000);
  expect(sound.equals(peer.played())).toBe(true);
  expect(playback.tracks).toEqual([]);
});

test('one who resumes before the peer has answered waits for the answer, for nothing is to be heard twice', () => {
  const line = setUp();
  const { clock, peer, playback } = line;
  const sound = speak(line, 1, 3_000);
  clock.advanceTo(1_000);
  playback.pause(1_000);
  clock.advanceTo(1_040);
  playback.resume(1_040);
  clock.advanceTo(6_000);
  expect(sound.equals(peer.played())).toBe(true);
});

test('counts go on behind a clear, over utterances, silence between them, and pauses in each', () => {
  const line = setUp({ ...FAR, startMs: 0 });
  const { clock, peer, playback, told } = line;
  const sounds: Buffer[] = [];
  for (const track of [1, 2, 3]) {
    const sound = speak(line, track, 1_500);
    clock.advanceBy(700);
    playback.pause(clock.nowMs());
    clock.advanceBy(300);
    if (track === 2) {
      const before = Buffer.concat(sounds).length;
      playback.clear(clock.nowMs());
      sounds.push(Buffer.from(peer.played()).subarray(before));
    } else {
      playback.resume(clock.nowMs());
      sounds.push(sound);
      clock.advanceBy(2_000);
    }
  }
  expect(Buffer.concat(sounds).equals(peer.played())).toBe(true);
  expect(told.filter((line) => line.startsWith('ended')).map((line) => line.slice(0, 7))).toEqual([
    'ended 1',
    'ended 3',
  ]);
});

test('silence that fills up a tail is counted by both', () => {
  const feed = { pacing: 'peer', leastBytes: 160, mostBytes: 160, multipleOfBytes: 160, tail: 'pad' } as const;
  const line = openPlayback({ reports: 'samples', feed }, { ...FAR, startMs: 0 });
  const { clock, peer, playback } = line;
  speak(line, 1, 205);
  speak(line, 2, 1_000);
  clock.advanceTo(960);
  const soundMs = soundIn(peer.played(900), MULAW).length / 8; // as it was when the last count was sent
  expect(playback.tracks).toEqual([2]);
  expect(playback.heardMs(2, 960)).toBe(soundMs - 205);
});

describe('a count that contradicts itself', () => {
  function playing() {
    const line = setUp({ countEveryMs: 0 });
    speak(line, 1, 5_000);
    line.clock.advanceTo(1_000);
    return line;
  }

  test('never falls', () => {
    const { playback } = playing();
    playback.played(4_000, 1_000);
    playback.played(1_600, 1_000);
    expect(playback.heardMs(1, 1_000)).toBe(500);
  });

  test('is never more than was sent, and gives no credit for what is sent later', () => {
    const { clock, playback } = playing();
    playback.played(1_000_000, 1_000);
    const sentMs = playback.heardMs(1, 1_000);
    expect(sentMs).toBeLessThanOrEqual(1_300);
    clock.advanceTo(1_500);
    expect(playback.heardMs(1, 1_500)).toBe(sentMs);
  });

  test('a clear that was answered with less than was played before keeps what was heard', () => {
    const { clock, playback } = playing();
    playback.played(4_000, 1_000);
    playback.pause(1_000);
    playback.cleared(1_600, 1_100);
    expect(playback.heardMs(1, 1_100)).toBe(500);
    playback.resume(1_200);
    clock.advanceTo(1_400);
    playback.played(4_800, 1_400);
    expect(playback.heardMs(1, 1_400)).toBe(600);
  });

  test('a clear that nobody asked for is a count like any other', () => {
    const { playback, peer } = playing();
    const sent = peer.messages.length;
    playback.cleared(4_000, 1_000);
    expect(playback.heardMs(1, 1_000)).toBe(500);
    expect(peer.messages).toHaveLength(sent);
  });

  test('a peer that never counts is reckoned by the time of sending, a second after it should have told', () => {
    const line = setUp({ countEveryMs: 0 });
    const { clock, playback, told } = line;
    speak(line, 1, 500);
    clock.advanceTo(980);
    expect(playback.heardMs(1, 980)).toBe(0);
    clock.advanceTo(3_000);
    expect(told).toEqual(['started 1 at 1020', 'ended 1 at 1020']);
  });

  test('a clear that is never answered holds nothing up for longer than 500 ms, nor the counts behind it', () => {
    const { clock, playback, peer, told } = playing();
    playback.played(8_000, 1_000);
    playback.pause(1_000);
    clock.advanceTo(1_100);
    playback.resume(1_100);
    const sent = peer.messages.length;
    clock.advanceTo(1_480);
    expect(peer.messages).toHaveLength(sent);
    clock.advanceTo(1_500);
    expect(peer.messages.length).toBeGreaterThan(sent);
    clock.advanceTo(2_500);
    playback.played(8_000 + 4_000, 2_500);
    expect(playback.heardMs(1, 2_500)).toBe(1_500);
    clock.advanceTo(20_000);
    expect(told.at(-1)).toMatch(/^ended 1/);
  });
});

test('two clears at once are answered in order', () => {
  const count = new PlayedCount<string>();
  count.sent(1_000, 0);
  count.cut('first', 100);
  count.sent(500, 100);
  count.cut('second', 150);
  count.sent(200, 150);
  expect(count.cleared(300, 200)).toEqual({ stretch: 'first', played: 300 });
  expect(count.played(200)).toBe(0);
  expect(count.cleared(340, 210)).toEqual({ stretch: 'second', played: 40 });
  count.told(400, 220);
  expect(count.played(220)).toBe(60);
  expect(count.cleared(401, 230)).toBeUndefined();
});
