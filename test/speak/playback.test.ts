import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../../src/lib/clock.ts';
import { Playback } from '../../src/speak/playback.ts';
import { BUFFERED, PACED, SimulatedPeer } from '../helpers/peer.ts';
import { MULAW, openPlayback } from './helpers/line.ts';

/** Bytes that say where they are from: track in the upper bits, a count in the lower. */
function audio(track: number, ms: number, from = 0): Uint8Array {
  return Uint8Array.from({ length: ms * 8 }, (_, i) => ((track & 3) << 6) | ((from * 8 + i) % 61));
}

/** Of mu-law: what a paced line plays in between. */
const SILENCE = 0xff;

test('the first sound goes out in the tick in which it comes, and never more than the lead', () => {
  const { clock, peer, playback } = openPlayback();
  playback.open(1);
  clock.advanceTo(7);
  playback.push(1, audio(1, 5_000), clock.nowMs());
  expect(peer.messages[0]).toEqual({ atMs: 7, bytes: 200 * 8 });
  for (let atMs = 8; atMs < 4_600; atMs += 13) {
    clock.advanceTo(atMs);
    expect(peer.aheadMs).toBeLessThanOrEqual(300);
    expect(peer.aheadMs).toBeGreaterThan(150);
  }
  expect(peer.messages.length).toBeLessThan(60); // 100 ms each, not 20
});

test('R6: the next track follows without a gap, however it was cut, and starts when it is heard', () => {
  const { clock, peer, playback, told } = openPlayback();
  playback.open(1);
  playback.open(2);
  playback.push(1, audio(1, 333), 0);
  playback.push(2, audio(2, 401), 0);
  expect(peer.messages.length).toBe(2); // the second track waits for the first to be whole
  playback.end(1, 0);
  playback.end(2, 0);
  clock.advanceTo(2_000);
  expect(peer.played()).toEqual(Buffer.concat([audio(1, 333), audio(2, 401)]));
  expect(peer.gaps()).toEqual([]);
  expect(told).toEqual(['started 1 at 20', 'ended 1 at 333', 'started 2 at 340', 'ended 2 at 734']);
});

test('a pause takes back what was not heard, and resume goes on at the very sample', () => {
  const { clock, peer, playback } = openPlayback();
  playback.open(1);
  playback.open(2);
  playback.push(1, audio(1, 1_000), 0);
  playback.end(1, 0);
  playback.push(2, audio(2, 1_000), 0);
  playback.end(2, 0);
  clock.advanceTo(907); // the second track is on the line already
  playback.pause(clock.nowMs());
  clock.advanceTo(2_000);
  expect(playback.heardMs(1, 2_000)).toBe(907);
  expect(peer.played().length).toBe(907 * 8);
  playback.resume(2_000);
  clock.advanceTo(4_000);
  expect(peer.played()).toEqual(Buffer.concat([audio(1, 1_000), audio(2, 1_000)]));
});

test.each([
  ['buffers', {}],
  ['is paced', PACED],
])(
  'R25: what has just begun gives way to what may be a voice, and goes on at the very sample: a line that %s',
  (_, capabilities) => {
    const { clock, peer, playback } = openPlayback(capabilities);
    const sound = () => [...peer.played()].filter((byte) => byte !== SILENCE);
    playback.open(1);
    playback.push(1, audio(1, 1_000), 0);
    playback.end(1, 0);
    clock.advanceTo(60);
    playback.giveWay(true, 60);
    clock.advanceTo(100);
    const heardMs = peer.played().length / 8;
    expect(heardMs).toBeLessThanOrEqual(80);
    playback.giveWay(false, 100);
    clock.advanceTo(300);
    playback.giveWay(true, 300); // it is in the middle of its words now
    clock.advanceTo(2_000);
    expect(sound()).toEqual([...audio(1, 1_000)]);
  },
);

test('R25: what gave way to a voice that is one stays silent until it is let go', () => {
  const { clock, peer, playback } = openPlayback();
  playback.open(1);
  playback.push(1, audio(1, 1_000), 0);
  playback.end(1, 0);
  clock.advanceTo(60);
  playback.giveWay(true, 60);
  playback.pause(90);
  playback.giveWay(false, 90);
  clock.advanceTo(1_000);
  expect(peer.played().length).toBe(60 * 8);
  playback.resume(1_000);
  clock.advanceTo(3_000);
  expect(peer.played()).toEqual(Buffer.from(audio(1, 1_000)));
});

test('a mark that answers a clear proves nothing', () => {
  const { clock, peer, playback } = openPlayback();
  playback.open(1);
  playback.push(1, audio(1, 3_000), 0);
  playback.end(1, 0);
  clock.advanceTo(650);
  playback.pause(650);
  clock.advanceTo(1_000); // all marks of the cleared audio have come back
  expect(peer.clears).toBe(1);
  expect(playback.heardMs(1, 1_000)).toBe(650);
});

test('clear throws away everything, in the peer too; what comes afterwards is played at once', () => {
  const { clock, peer, playback, told } = openPlayback();
  playback.open(1);
  playback.push(1, audio(1, 2_000), 0);
  clock.advanceTo(500);
  playback.clear(500);
  expect(peer.aheadMs).toBe(0);
  playback.push(1, audio(1, 2_000), 510); // late
  clock.advanceTo(600);
  playback.open(2);
  playback.push(2, audio(2, 100), 600);
  playback.end(2, 600);
  clock.advanceTo(1_000);
  expect(peer.played()).toEqual(Buffer.concat([audio(1, 500), audio(2, 100)]));
  expect(told).toEqual(['started 1 at 20', 'started 2 at 620', 'ended 2 at 700']);
});

test('nothing is cleared on a line that has been silent for long', () => {
  const { clock, peer, playback } = openPlayback();
  playback.open(1);
  playback.push(1, audio(1, 100), 0);
  playback.end(1, 0);
  clock.advanceTo(3_000);
  playback.clear(3_000);
  expect(peer.clears).toBe(0);
});

test('after the line ran dry it goes on with some audio in hand, not with every crumb', () => {
  const { clock, peer, playback } = openPlayback();
  playback.open(1);
  playback.push(1, audio(1, 100), 0);
  clock.advanceTo(500);
  playback.push(1, audio(1, 40, 100), 500);
  clock.advanceTo(520);
  expect(peer.messages.length).toBe(1);
  playback.push(1, audio(1, 60, 140), 520);
  expect(peer.messages.length).toBe(2);
  playback.push(1, audio(1, 10, 200), 520);
  playback.end(1, 520);
  clock.advanceTo(1_000);
  expect(peer.played()).toEqual(Buffer.from(audio(1, 210)));
  expect(playback.tracks).toEqual([]);
});

test('a line that we pace gets a frame every 20 ms, silence between the words, and no track is cut into', () => {
  const { clock, peer, playback, told } = openPlayback(PACED);
  clock.advanceTo(200);
  playback.open(1);
  playback.push(1, audio(1, 90), 200);
  playback.end(1, 200);
  playback.open(2);
  playback.push(2, audio(2, 40), 200);
  playback.end(2, 200);
  clock.advanceTo(1_000);
  expect(peer.messages.every(({ bytes }) => bytes === 160)).toBe(true);
  expect(peer.messages.map(({ atMs }) => atMs)).toEqual(Array.from({ length: 50 }, (_, i) => 20 * (i + 1)));
  const heard = peer.played().filter((byte) => byte !== 0xff);
  expect(Buffer.from(heard)).toEqual(Buffer.concat([audio(1, 90), audio(2, 40)]));
  expect(told).toEqual(['started 1 at 240', 'ended 1 at 320', 'started 2 at 340', 'ended 2 at 360']);
});

test('a pause on a line that we pace is silent at the next frame and loses nothing', () => {
  const { clock, peer, playback } = openPlayback(PACED);
  playback.open(1);
  playback.push(1, audio(1, 400), 0);
  playback.end(1, 0);
  clock.advanceTo(130);
  playback.pause(130);
  clock.advanceTo(400);
  const before = peer.played(400).filter((byte) => byte !== 0xff).length;
  expect(before).toBe(120 * 8);
  playback.resume(400);
  clock.advanceTo(1_000);
  expect(Buffer.from(peer.played().filter((byte) => byte !== 0xff))).toEqual(Buffer.from(audio(1, 400)));
});

test('late beats are made up for on a line that we pace', () => {
  const { clock, peer, playback } = openPlayback(PACED);
  playback.open(1);
  playback.push(1, audio(1, 1_000), 0);
  clock.advanceTo(100);
  const stuck = new VirtualClock();
  expect(stuck.nowMs()).toBe(0);
  playback.beat(197); // as if nothing had run for 97 ms
  expect(peer.messages.length).toBe(5 + 3);
});

test('without marks, and when marks are lost, a track ends all the same', () => {
  const without = openPlayback({ reports: 'nothing' });
  const losing = openPlayback({}, { losesMarks: true });
  for (const { clock, playback, told } of [without, losing]) {
    playback.open(1);
    playback.push(1, audio(1, 200), 0);
    playback.end(1, 0);
    clock.advanceTo(3_000);
    expect(told.length).toBe(2);
  }
  expect(without.told[1]).toBe('ended 1 at 200');
  expect(losing.told[1]).toBe('ended 1 at 1200');
});

test('the network on the way does not make what was heard wrong: a clear takes it too', () => {
  const { clock, peer, playback } = openPlayback({}, { wayMs: 80, backMs: 80 });
  playback.open(1);
  playback.push(1, audio(1, 10_000), 0);
  clock.advanceTo(4_000);
  playback.pause(4_000);
  const heardMs = playback.heardMs(1, 4_000);
  clock.advanceTo(5_000);
  const playedMs = peer.played().length / 8;
  expect(Math.abs(heardMs - playedMs)).toBeLessThanOrEqual(81); // half of what the echo takes, by which we are careful
  expect(heardMs).toBeLessThanOrEqual(playedMs);
});

test('a peer whose marks stay away is known to be behind', () => {
  const { clock, peer, playback } = openPlayback();
  playback.open(1);
  playback.push(1, audio(1, 10_000), 0);
  clock.advanceTo(3_000);
  peer.onMark = () => {}; // from here on it is stuck
  clock.advanceTo(3_900);
  expect(playback.heardMs(1, 3_900)).toBeLessThan(3_600);
});

interface Step {
  kind: 'push' | 'end' | 'open' | 'pause' | 'resume' | 'clear' | 'give-way' | 'wait';
  ms: number;
}
const steps = fc.array(
  fc.record<Step>({
    kind: fc.constantFrom(
      'push',
      'push',
      'push',
      'end',
      'open',
      'pause',
      'resume',
      'clear',
      'give-way',
      'wait',
      'wait',
      'wait',
    ),
    ms: fc.integer({ min: 1, max: 700 }),
  }),
  { maxLength: 60 },
);

test('whatever happens: heard never exceeds played, never shrinks, and what was played is in order and whole', () => {
  fc.assert(
    fc.property(steps, fc.boolean(), (script, marks) => {
      const { clock, peer, playback } = openPlayback({ reports: marks ? 'marks' : 'nothing' });
      let open = 0;
      let pushedMs = 0;
      let isOpen = false;
      let isDoubtful = false;
      let settled: Uint8Array = new Uint8Array(0);
      let pending: Uint8Array[] = [];
      const heard = new Map<number, number>();
      const check = () => {
        let sum = 0;
        for (const track of playback.tracks) {
          const heardMs = playback.heardMs(track, clock.nowMs());
          expect(heardMs).toBeGreaterThanOrEqual(heard.get(track) ?? 0);
          heard.set(track, heardMs);
          sum += heardMs;
        }
        expect(sum).toBeLessThanOrEqual(peer.played().length / 8 + 0.2);
      };
      for (const { kind, ms } of script) {
        const nowMs = clock.nowMs();
        if (kind === 'open') {
          playback.end(open, nowMs);
          playback.open(++open);
          pushedMs = 0;
          isOpen = true;
        } else if (kind === 'push' && isOpen) {
          const bytes = audio(open, ms, pushedMs);
          pushedMs += ms;
          pending.push(bytes);
          playback.push(open, bytes, nowMs);
        } else if (kind === 'end') {
          playback.end(open, nowMs);
          isOpen = false;
        } else if (kind === 'pause') playback.pause(nowMs);
        else if (kind === 'give-way') playback.giveWay((isDoubtful = !isDoubtful), nowMs);
        else if (kind === 'resume') playback.resume(nowMs);
        else if (kind === 'wait') clock.advanceBy(ms);
        else if (kind === 'clear') {
          check();
          playback.clear(nowMs);
          isOpen = false;
          const played = peer.played();
          const all = Buffer.concat([settled, ...pending]);
          expect(Buffer.from(played)).toEqual(all.subarray(0, played.length));
          settled = played;
          pending = [];
        }
        check();
      }
      playback.resume(clock.nowMs());
      playback.giveWay(false, clock.nowMs());
      playback.end(open, clock.nowMs());
      clock.advanceBy(60_000);
      expect(Buffer.from(peer.played())).toEqual(Buffer.concat([settled, ...pending]));
      expect(playback.tracks).toEqual([]);
    }),
    { numRuns: 150 },
  );
});

describe.each(['peer', 'us'] as const)(
  'caller speaks when playback starts: nothing is played under their voice (%s paces)',
  (pacing) => {
    /** Asked before the first sound of each track; `answer` may pause or clear. */
    function asked(answer: (track: number, playback: Playback) => boolean) {
      const clock = new VirtualClock();
      const peer = new SimulatedPeer(clock);
      const feed = pacing === 'us' ? PACED.feed : BUFFERED;
      const capabilities = { outFormat: MULAW, feed, clear: true, reports: 'marks' } as const;
      const asks: [number, number][] = [];
      const playback: Playback = new Playback(
        { sink: peer, capabilities, leadMs: 300 },
        {
          mayStart(track) {
            asks.push([track, clock.nowMs()]);
            return answer(track, playback);
          },
          started: () => {},
          ended: () => {},
        },
      );
      const beat = () => {
        playback.beat(clock.nowMs());
        clock.after(20, beat);
      };
      clock.after(20, beat);
      const sounded = () => peer.played().some((byte) => byte !== 0xff);
      return { clock, peer, playback, asks, sounded };
    }

    test('a pause from within holds it back whole: not 20 ms of it are heard', () => {
      const { clock, playback, asks, sounded, peer } = asked((_, playback) => (playback.pause(0), true));
      playback.open(1);
      playback.push(1, audio(1, 400), 0);
      playback.end(1, 0);
      clock.advanceTo(900);
      expect([sounded(), asks.length]).toEqual([false, 1]);
      playback.resume(clock.nowMs());
      clock.advanceTo(940);
      expect(asks.length).toBe(2);
      expect(peer.played().filter((byte) => byte !== 0xff)).toHaveLength(0);
    });

    test('what may not start yet is asked again, and heard whole then', () => {
      let isSpeaking = true;
      const { clock, playback, asks, peer } = asked(() => !isSpeaking);
      playback.open(1);
      playback.push(1, audio(1, 400), 0);
      playback.end(1, 0);
      clock.advanceTo(300);
      expect(asks.length).toBeGreaterThan(5);
      isSpeaking = false;
      clock.advanceTo(1_500);
      expect(Buffer.from(peer.played()).includes(Buffer.from(audio(1, 400)))).toBe(true);
    });

    test('cleared from within, nothing of it is heard; the next track is asked for by itself', () => {
      const { clock, playback, asks, peer } = asked((track, playback) => {
        if (track === 1) playback.clear(0);
        return true;
      });
      playback.open(1);
      playback.push(1, audio(1, 400), 0);
      clock.advanceTo(40);
      playback.open(2);
      playback.push(2, audio(2, 400), 40);
      playback.end(2, 40);
      clock.advanceTo(1_500);
      const played = Buffer.from(peer.played());
      expect(played.includes(Buffer.from(audio(1, 20)))).toBe(false);
      expect(played.includes(Buffer.from(audio(2, 400)))).toBe(true);
      expect(asks.filter(([track]) => track === 2)).toHaveLength(1);
    });
  },
);
