/** A speaker on a real socket, its line played in real time: what the machine is told against what the ear heard. */
import { lettersApart } from '../../../src/testing/heard-words.ts';
import { expect, test } from 'vitest';
import { FrameClock } from '../../../src/audio/frame-clock.ts';
import type { LightningSimulatorOptions } from '../../../src/simulate/lightning/options.ts';
import type { VoiceOptions } from '../../../src/speak/contract.ts';
import { renderPhrases } from '../../../src/speak/phrases.ts';
import { createSpeaker } from '../../../src/speak/speaker.ts';
import { until } from '../../helpers/until.ts';
import { setUpLightning, TIMED_VOICE, VOICE } from '../helpers/lightning.ts';
import { BUFFERED, SimulatedPeer } from '../../helpers/peer.ts';

async function setUp(
  onTestFinished: (check: () => Promise<void>) => void,
  options: LightningSimulatorOptions = {},
  concurrency = 1,
) {
  const world = await setUpLightning(
    { firstByteMs: 100, realTimeFactor: 3.3, concurrency, ...options },
    { concurrency },
  );
  const frameClock = new FrameClock(world.clock);
  onTestFinished(async () => {
    await world.close();
    expect(frameClock.subscribers).toBe(0);
    expect(world.clock.pending).toBe(0);
  });
  const call = (callId: string, voice: VoiceOptions = VOICE, marks = true) => {
    const peer = new SimulatedPeer(world.clock);
    const told: string[] = [];
    const heard = new Map<number, number>();
    const speaker = createSpeaker(
      {
        callId,
        synthesizer: world.lightning,
        voice,
        sink: peer,
        capabilities: { outFormat: peer.format, feed: BUFFERED, clear: true, reports: marks ? 'marks' : 'nothing' },
        clock: world.clock,
        frameClock,
      },
      {
        started: (utterance) => told.push(`started ${utterance}`),
        heard: (utterance, characters) => heard.set(utterance, characters),
        idle: () => told.push('idle'),
        failed: (utterance, error) => told.push(`failed ${utterance} ${error.code}`),
      },
    );
    peer.onMark = (name) => speaker.mark(name);
    return { peer, speaker, told, heard };
  };
  return { ...world, frameClock, call };
}

const words = (peer: SimulatedPeer) => peer.words().map(({ text }) => text);

test.concurrent.for(['close', 'keep'] as const)(
  'R6: filler and answer without a gap when the service does `%s` after complete',
  async (afterComplete, { onTestFinished }) => {
    const { call, frameClock } = await setUp(onTestFinished, { afterComplete });
    const { peer, speaker, told } = call('c');
    speaker.say(1, 'One second, let me look at that.');
    speaker.flush(1);
    await until(() => told.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 300)); // the tool
    speaker.say(2, 'It is ten. ');
    speaker.flush(2);
    await until(() => told.includes('idle'));
    expect(told).toEqual(['started 1', 'started 2', 'idle']);
    expect(words(peer).join(' ')).toBe('One second, let me look at that.It is ten.');
    const stoodStillMs = frameClock.lateness.mostMs; // a machine that is too busy to run us at all
    for (const { forMs } of peer.gaps()) expect(forMs).toBeLessThanOrEqual(20 + stoodStillMs);
    speaker.close();
  },
);

test.concurrent('R22: calls that are interrupted at random instants, on real sockets', async ({ onTestFinished }) => {
  const { call } = await setUp(onTestFinished, {}, 10);
  const answer =
    'There are three trains on that day. The first one leaves at 6:45 in the morning, and it arrives at 9:12. The second ' +
    'one is cheaper, but it stops in every village on the way.';
  const full = answer.split(' ');
  const ways = Array.from({ length: 10 }, (_, i) => ({
    timed: i % 2 === 0,
    marks: i % 4 < 2,
    atMs: 400 + Math.random() * 4_000,
  }));
  const offBy = await Promise.all(
    ways.map(async ({ timed, marks, atMs }, i) => {
      const { peer, speaker, heard } = call(`call-${i}`, timed ? TIMED_VOICE : VOICE, marks);
      for (let at = 0; at < answer.length; at += 7) speaker.say(1, answer.slice(at, at + 7));
      speaker.flush(1);
      await new Promise((resolve) => setTimeout(resolve, atMs));
      speaker.pause();
      expect(peer.aheadMs).toBe(0);
      speaker.clear();
      speaker.close();
      const whole = words(peer).filter((word, index) => word === full[index]).length;
      const toldWords = answer
        .slice(0, heard.get(1) ?? 0)
        .split(/\s+/)
        .filter(Boolean);
      expect(toldWords).toEqual(full.slice(0, toldWords.length));
      return Math.abs(toldWords.length - whole);
    }),
  );
  expect(offBy.filter((words) => words > 1).length).toBeLessThanOrEqual(1);
});

test.concurrent(
  'a greeting that was rendered ahead is on the line in the tick in which it is said',
  async ({ onTestFinished }) => {
    const { service, lightning, call } = await setUp(onTestFinished, { realTimeFactor: 40, firstByteMs: 5 });
    await renderPhrases({
      synthesizer: lightning,
      voice: VOICE,
      texts: ['Hello.'],
      signal: new AbortController().signal,
    });
    const { peer, speaker, told } = call('c');
    speaker.say(1, 'Hello.');
    speaker.flush(1);
    expect(peer.messages.length).toBeGreaterThan(0);
    await until(() => told.includes('idle'));
    expect(words(peer)).toEqual(['Hello.']);
    expect(service.requests).toEqual([]);
    speaker.close();
  },
);

test.concurrent(
  'a service that is cut off in the middle goes on behind what came: all of it is heard, and told',
  async ({ onTestFinished }) => {
    const { service, call } = await setUp(onTestFinished, { realTimeFactor: 20, firstByteMs: 5 });
    service.fail({ type: 'cut', afterMs: 900 });
    const { peer, speaker, told, heard } = call('c');
    speaker.say(1, 'This sentence is cut off somewhere.');
    speaker.flush(1);
    speaker.say(2, 'Sorry.');
    speaker.flush(2);
    await until(() => told.includes('idle'));
    expect(told.filter((line) => !line.startsWith('started'))).toEqual(['idle']);
    expect(service.requests.length).toBe(3); // the first, its rest, the next
    expect(lettersApart('This sentence is cut off somewhere. Sorry.', words(peer).join(' '))).toBeLessThanOrEqual(3);
    expect(heard.get(1)).toBe('This sentence is cut off somewhere.'.length);
    speaker.close();
  },
);
