/** Lines are fed as they want to be: message by message, on the wire rules of carriers that are to come. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesOf, type AudioFormat } from '../../src/audio/contract.ts';
import type { LineFeed } from '../../src/bridge/contract.ts';
import { Playback } from '../../src/speak/playback.ts';
import { crumbs, MULAW, openPlayback, soundIn } from './helpers/line.ts';
import { BUFFERED, PACED, SimulatedPeer } from '../helpers/peer.ts';

const LINEAR_8: AudioFormat = { encoding: 'linear16', sampleRateHz: 8_000 };
const LINEAR_16: AudioFormat = { encoding: 'linear16', sampleRateHz: 16_000 };
const LINEAR_24: AudioFormat = { encoding: 'linear16', sampleRateHz: 24_000 };

const sizes = (leastBytes: number, mostBytes: number, multipleOfBytes: number): LineFeed => ({
  ...{ pacing: 'peer', tail: 'pad' },
  ...{ leastBytes, mostBytes, multipleOfBytes },
});

const LINES: [name: string, outFormat: AudioFormat, feed: LineFeed][] = [
  ['any length', MULAW, BUFFERED],
  ['whole frames of 20 ms, up to 30 s', MULAW, sizes(160, 240_000, 160)],
  ['exactly 20 ms', LINEAR_16, sizes(640, 640, 640)],
  ['exactly 20 ms at 24 kHz', LINEAR_24, sizes(960, 960, 960)],
  ['3,200 bytes at least, of 320 each', LINEAR_8, sizes(3_200, 100_000, 320)],
  ['frames of which only every second ends well', MULAW, sizes(0, 8_000, 320)],
  ['exactly 200 ms', MULAW, sizes(1_600, 1_600, 1_600)],
  ['8,000 bytes at most', LINEAR_24, sizes(0, 8_000, 1)],
  ['200 ms of silence behind a tail', LINEAR_16, { ...sizes(0, 650_000, 2), tail: { silenceMs: 200 } }],
];

describe.each(LINES)('a line that takes %s', (_name, outFormat, feed) => {
  const frameBytes = bytesOf(20, outFormat);
  const bytesPerMs = bytesOf(1_000, outFormat) / 1_000;
  const isPadded = feed.tail === 'pad';

  test('gets whole frames in messages of its lengths, however the audio came, and all of it is heard in order', () => {
    const { clock, peer, playback, told } = openPlayback({ outFormat, feed });
    const utterances = [1_333, 58, 777].map((ms, i) => crumbs(outFormat, ms, i));
    for (const [track, pieces] of utterances.entries()) {
      playback.open(track);
      for (const piece of pieces) {
        playback.push(track, piece, clock.nowMs());
        clock.advanceBy(piece.length / bytesPerMs / 3); // three times as fast as it is heard
      }
      playback.end(track, clock.nowMs());
    }
    clock.advanceTo(4_000);
    expect(soundIn(peer.played(), outFormat).equals(Buffer.concat(utterances.flat()))).toBe(true);
    const lengths = peer.messages.map(({ bytes }) => bytes);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(
      Math.min(feed.mostBytes, Math.max(feed.leastBytes, 200 * bytesPerMs)),
    );
    const others = lengths.filter((bytes) => bytes % frameBytes !== 0);
    if (isPadded) {
      expect(others).toEqual([]);
      expect(lengths.filter((bytes) => bytes % feed.multipleOfBytes !== 0)).toEqual([]);
      expect(Math.min(...lengths)).toBeGreaterThanOrEqual(feed.leastBytes);
    } else {
      const tails = utterances.map((pieces) => Buffer.concat(pieces).length % frameBytes);
      expect(others.map((bytes) => bytes % frameBytes)).toEqual(tails); // nothing but tails
    }
    expect(told.filter((line) => line.startsWith('ended'))).toHaveLength(3);
    expect(playback.tracks).toEqual([]);
  });

  test('R6: between two utterances that are there, the caller hears 20 ms of silence at most', () => {
    const { clock, peer, playback } = openPlayback({ outFormat, feed });
    for (const [track, ms] of [333, 401].entries()) {
      playback.open(track);
      for (const piece of crumbs(outFormat, ms, track)) playback.push(track, piece, 0);
      playback.end(track, 0);
    }
    clock.advanceTo(2_000);
    const between = peer.played().subarray(0, (333 + 401) * bytesPerMs + frameBytes * 2);
    const silent = between.length - soundIn(between, outFormat).length;
    expect(silent / bytesPerMs).toBeLessThanOrEqual(20 * 2); // behind the first, and behind the second
    expect(peer.gaps()).toEqual([]);
  });

  test('whatever happens: heard never exceeds what sounded, and nothing is lost or heard twice', () => {
    const step = fc.record({
      kind: fc.constantFrom('push', 'push', 'push', 'next', 'pause', 'resume', 'clear', 'wait', 'wait', 'wait'),
      ms: fc.integer({ min: 1, max: 400 }),
    });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 40 }),
        fc.constantFrom('marks', 'nothing', 'samples'),
        (steps, reports) => {
          const { clock, peer, playback } = openPlayback(
            { outFormat, feed, reports },
            { countEveryMs: reports === 'samples' ? 60 : 0 },
          );
          let track = 0;
          let expected: Uint8Array[] = [];
          const sounded = () => soundIn(peer.played(), outFormat);
          const check = () => {
            const heardMs = playback.tracks.reduce((sum, id) => sum + playback.heardMs(id, clock.nowMs()), 0);
            expect(heardMs).toBeLessThanOrEqual(sounded().length / bytesPerMs + 0.2);
          };
          playback.open(track);
          for (const { kind, ms } of steps) {
            const nowMs = clock.nowMs();
            if (kind === 'push') {
              for (const piece of crumbs(outFormat, ms, ms)) {
                expected.push(piece);
                playback.push(track, piece, nowMs);
              }
            } else if (kind === 'next' || kind === 'clear') {
              playback.end(track, nowMs);
              if (kind === 'clear') {
                playback.clear(nowMs);
                expected = [sounded()];
              }
              playback.open(++track);
            } else if (kind === 'pause') playback.pause(nowMs);
            else if (kind === 'resume') playback.resume(nowMs);
            else clock.advanceBy(ms);
            check();
          }
          playback.resume(clock.nowMs());
          playback.end(track, clock.nowMs());
          clock.advanceBy(60_000);
          expect(sounded().equals(Buffer.concat(expected))).toBe(true);
          expect(playback.tracks).toEqual([]);
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe('a tail that is too short for the line', () => {
  const feed = sizes(1_600, 1_600, 1_600);

  test('waits for the next utterance as long as there is something to hear, and is filled up then', () => {
    const { clock, peer, playback } = openPlayback({ feed });
    playback.open(1);
    for (const piece of crumbs(MULAW, 230)) playback.push(1, piece, 0);
    playback.end(1, 0);
    clock.advanceTo(140);
    expect(peer.messages).toHaveLength(1); // 30 ms wait, and 60 ms are still to be heard
    clock.advanceTo(180);
    expect(peer.messages.map(({ bytes }) => bytes)).toEqual([1_600, 1_600]);
    expect(soundIn(peer.played(230), MULAW)).toHaveLength(230 * 8);
  });

  test('goes with the beginning of the next utterance when that comes in time', () => {
    const { clock, peer, playback } = openPlayback({ feed });
    playback.open(1);
    for (const piece of crumbs(MULAW, 230)) playback.push(1, piece, 0);
    playback.end(1, 0);
    playback.open(2);
    clock.advanceTo(100);
    for (const piece of crumbs(MULAW, 360)) playback.push(2, piece, 100);
    playback.end(2, 100);
    clock.advanceTo(1_000);
    expect(peer.messages.map(({ bytes }) => bytes)).toEqual([1_600, 1_600, 1_600]);
    const heard = peer.played();
    expect(soundIn(heard.subarray(0, 240 * 8), MULAW)).toHaveLength(230 * 8); // filled up to a frame
    expect(soundIn(heard.subarray(240 * 8), MULAW)).toHaveLength(360 * 8);
  });

  test('does not tear the next utterance apart: of that nothing goes into a message that must be filled up', () => {
    const { clock, peer, playback } = openPlayback({ feed });
    playback.open(1);
    for (const piece of crumbs(MULAW, 230)) playback.push(1, piece, 0);
    playback.end(1, 0);
    playback.open(2);
    for (const piece of crumbs(MULAW, 60)) playback.push(2, piece, 0);
    clock.advanceTo(500);
    expect(soundIn(peer.played(), MULAW)).toHaveLength(230 * 8);
  });
});

describe('silence behind a tail', () => {
  const feed: LineFeed = { ...BUFFERED, tail: { silenceMs: 200 } };

  test('goes out before the line runs dry, the mark behind it, and is counted', () => {
    const { clock, peer, playback, told } = openPlayback({ feed });
    playback.open(1);
    for (const piece of crumbs(MULAW, 255)) playback.push(1, piece, 0);
    playback.end(1, 0);
    clock.advanceTo(140);
    expect(peer.messages.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(255 * 8);
    clock.advanceTo(160);
    expect(peer.messages.at(-1)).toEqual({ atMs: 160, bytes: 200 * 8 });
    clock.advanceTo(1_000);
    expect(told).toEqual(['started 1 at 20', 'ended 1 at 455']); // by the mark
    playback.open(2);
    for (const piece of crumbs(MULAW, 100)) playback.push(2, piece, 1_000);
    clock.advanceTo(1_060);
    expect(playback.heardMs(2, 1_060)).toBeCloseTo(60, 0);
  });

  test('is left out when the next utterance follows, whose sound does as well', () => {
    const { clock, peer, playback, told } = openPlayback({ feed });
    for (const track of [1, 2]) {
      playback.open(track);
      for (const piece of crumbs(MULAW, 255, track)) playback.push(track, piece, 0);
      playback.end(track, 0);
    }
    clock.advanceTo(2_000);
    expect(peer.played()).toHaveLength((255 + 255 + 200) * 8);
    expect(told.filter((line) => line.startsWith('ended'))).toEqual(['ended 1 at 255', 'ended 2 at 710']);
  });

  test('is not sent behind what was taken back', () => {
    const { clock, peer, playback } = openPlayback({ feed });
    playback.open(1);
    for (const piece of crumbs(MULAW, 255)) playback.push(1, piece, 0);
    playback.end(1, 0);
    clock.advanceTo(100);
    playback.clear(100);
    clock.advanceTo(1_000);
    expect(peer.played()).toHaveLength(100 * 8);
  });
});

describe('on a line that we pace', () => {
  /** Frames by when they went out, with a beat that comes when `beats` says. */
  function pace(beats: readonly number[]) {
    const { clock, peer, playback } = openPlayback();
    void playback; // its own beat is not used
    const paced = new Playback(
      { sink: peer, capabilities: { ...PACED, outFormat: MULAW }, leadMs: 300 },
      { started() {}, ended() {} },
    );
    paced.open(1);
    for (const piece of crumbs(MULAW, 70_000)) paced.push(1, piece, 0);
    for (const atMs of beats) {
      clock.advanceTo(atMs);
      paced.beat(atMs);
    }
    const atOnce = new Map<number, number>();
    for (const { atMs } of peer.messages) atOnce.set(atMs, (atOnce.get(atMs) ?? 0) + 1);
    return { peer, atOnce, paced };
  }
  const grid = Array.from({ length: 3_000 }, (_, i) => 20 * (i + 1));

  test('60 s are 3,000 frames, one each 20 ms, whether the beats are early or late', () => {
    expect(pace(grid).peer.messages.map(({ atMs }) => atMs)).toEqual(grid);
    const jittery = grid.map((atMs, i) => atMs + (((i * 7_919) % 23) - 1));
    const { peer, atOnce } = pace(jittery);
    expect(peer.messages).toHaveLength(3_000);
    expect(Math.max(...atOnce.values())).toBeLessThanOrEqual(2);
    const drift = peer.messages.map(({ atMs }, i) => atMs - grid[i]!);
    expect(Math.max(...drift)).toBeLessThanOrEqual(23);
    expect(drift.at(-1)).toBe(jittery.at(-1)! - grid.at(-1)!);
  });

  test('after 500 ms in which nothing ran, three frames go out at once and no more; then each 20 ms as before', () => {
    const stalled = grid.filter((atMs) => atMs <= 10_000 || atMs > 10_500);
    // beats that were missed run one after the other, at the same time
    const beats = stalled.flatMap((atMs) => (atMs === 10_520 ? Array.from({ length: 26 }, () => 10_520) : [atMs]));
    const { peer, atOnce } = pace(beats);
    expect(atOnce.get(10_520)).toBe(3);
    expect([...atOnce].filter(([, frames]) => frames > 1)).toEqual([[10_520, 3]]);
    expect([...atOnce.keys()]).toEqual(stalled); // on the same grid as before
    expect(peer.messages).toHaveLength(3_000 - 26 + 3);
    const heard = soundIn(peer.played(), MULAW);
    expect(heard.equals(Buffer.concat(crumbs(MULAW, 70_000)).subarray(0, heard.length))).toBe(true);
  });

  test('a line that stood still does not count what it has not heard', () => {
    const beats = grid.filter((atMs) => atMs <= 1_000 || atMs > 1_500).slice(0, 100);
    const { peer, paced } = pace(beats);
    const heardMs = paced.heardMs(1, beats.at(-1)!);
    expect(heardMs).toBeLessThanOrEqual(peer.played().length / 8);
    expect(heardMs).toBeGreaterThan(peer.played().length / 8 - 20);
  });

  test('silence that was sent in the middle of an utterance is not taken for it', () => {
    const { clock, peer, playback } = openPlayback(PACED);
    playback.open(1);
    const [first, second] = [crumbs(MULAW, 200), crumbs(MULAW, 200, 2)];
    for (const piece of first) playback.push(1, piece, 0);
    clock.advanceTo(600); // it ran dry for 400 ms
    for (const piece of second) playback.push(1, piece, 600);
    clock.advanceTo(700);
    expect(playback.heardMs(1, 700)).toBe(soundIn(peer.played(), MULAW).length / 8);
  });
});

describe('a line that is full', () => {
  test.each(['peer', 'us'] as const)(
    'gets nothing until there is room, and then goes on where it was: paced by %s',
    (pacing) => {
      const { clock, peer, playback, told } = openPlayback(pacing === 'us' ? PACED : {});
      const pieces = crumbs(MULAW, 3_000);
      playback.open(1);
      for (const piece of pieces) playback.push(1, piece, 0);
      playback.end(1, 0);
      clock.advanceTo(1_000);
      playback.setFull(true, 1_000);
      const sent = peer.messages.length;
      clock.advanceTo(4_000);
      expect(peer.messages).toHaveLength(sent);
      expect(playback.quietMs(4_000)).toBe(0); // nobody is to be asked to speak instead
      playback.setFull(false, 4_000);
      expect(playback.quietMs(4_000)).toBe(0);
      clock.advanceTo(4_020);
      expect(peer.messages.filter(({ atMs }) => atMs > 1_000).length).toBeLessThanOrEqual(3);
      clock.advanceTo(10_000);
      expect(soundIn(peer.played(), MULAW).equals(Buffer.concat(pieces))).toBe(true);
      expect(told).toHaveLength(2);
    },
  );

  test('may say so while it is being sent to', () => {
    const { clock, playback } = openPlayback();
    const peer = new SimulatedPeer(clock);
    const sink = {
      sendAudio(audio: Uint8Array) {
        peer.sendAudio(audio);
        full.setFull(true, clock.nowMs());
      },
      sendMark() {},
      clear() {},
    };
    void playback;
    const full = new Playback(
      {
        sink,
        capabilities: { outFormat: MULAW, feed: sizes(160, 160, 160), clear: true, reports: 'nothing' },
        leadMs: 300,
      },
      { started() {}, ended() {} },
    );
    full.open(1);
    for (const piece of crumbs(MULAW, 1_000)) full.push(1, piece, 0);
    expect(peer.messages).toHaveLength(1);
  });

  test('is still told to clear', () => {
    const { clock, peer, playback } = openPlayback();
    playback.open(1);
    for (const piece of crumbs(MULAW, 1_000)) playback.push(1, piece, 0);
    playback.setFull(true, 0);
    clock.advanceTo(100);
    playback.clear(100);
    expect(peer.clears).toBe(1);
  });
});

test('a line whose messages cannot hold a frame is refused', () => {
  expect(() => openPlayback({ feed: sizes(0, 100, 1) })).toThrow(/hold 160 bytes, got one of at most 100/);
});

describe('a line that takes sound no faster than 1.1 times as it sounds', () => {
  const PACED_AHEAD: LineFeed = { ...sizes(3_200, 100_000, 320), fastest: 1.1 };
  const BYTES_PER_MS = 16;

  /** What was sent, beside the last message, as a part of the time since the first: the most that it ever was. */
  function mostOf(messages: { atMs: number; bytes: number }[]): number {
    const [first] = messages;
    let sentMs = 0;
    const rates = messages.map(({ atMs, bytes }) => {
      const rate = sentMs === 0 ? 0 : sentMs / (atMs - (first?.atMs ?? 0));
      sentMs += bytes / BYTES_PER_MS;
      return rate;
    });
    return Math.max(...rates);
  }

  test('is never sent more, however fast the speech comes, and hears it all without a break', () => {
    const { clock, peer, playback } = openPlayback({ outFormat: LINEAR_8, feed: PACED_AHEAD });
    const pieces = crumbs(LINEAR_8, 10_000);
    playback.open(1);
    for (const piece of pieces) playback.push(1, piece, clock.nowMs());
    playback.end(1, clock.nowMs());
    clock.advanceTo(15_000);
    expect(soundIn(peer.played(), LINEAR_8).equals(Buffer.concat(pieces))).toBe(true);
    expect(mostOf(peer.messages)).toBeLessThanOrEqual(1.1);
    expect(mostOf(peer.messages)).toBeGreaterThan(1); // and yet it gets ahead
    const gaps = peer.messages.slice(1).map(({ atMs }, index) => {
      const { atMs: beforeMs, bytes } = peer.messages[index]!;
      return atMs - beforeMs - bytes / BYTES_PER_MS;
    });
    expect(Math.max(...gaps)).toBeLessThanOrEqual(0);
  });

  test('counts anew behind a pause and behind a clear: neither saves up a burst, nor costs one', () => {
    const { clock, peer, playback } = openPlayback({ outFormat: LINEAR_8, feed: PACED_AHEAD });
    const say = (track: number, ms: number) => {
      playback.open(track);
      for (const piece of crumbs(LINEAR_8, ms)) playback.push(track, piece, clock.nowMs());
      playback.end(track, clock.nowMs());
    };
    say(1, 600);
    clock.advanceTo(30_000);
    const from = peer.messages.length;
    say(2, 5_000);
    clock.advanceTo(32_000);
    expect(mostOf(peer.messages.slice(from))).toBeLessThanOrEqual(1.1);
    playback.clear(clock.nowMs());
    const cleared = peer.messages.length;
    say(3, 3_000);
    clock.advanceTo(32_040);
    expect(peer.messages.length).toBe(cleared + 1); // at once
    clock.advanceTo(40_000);
    expect(mostOf(peer.messages.slice(cleared))).toBeLessThanOrEqual(1.1);
  });
});
