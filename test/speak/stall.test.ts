/** A voice that does not come: the speaker says so, and says a phrase meanwhile that was made before. In virtual time. */
import { expect, test } from 'vitest';
import type { AudioFormat } from '../../src/audio/contract.ts';
import { FrameClock } from '../../src/audio/frame-clock.ts';
import { VirtualClock } from '../../src/lib/clock.ts';
import type { SinkCapabilities } from '../../src/speak/feeder.ts';
import { createSpeaker } from '../../src/speak/speaker.ts';
import { BUFFERED, SimulatedPeer } from '../helpers/peer.ts';
import { ToneSynthesizer, type ToneSynthesizerOptions } from '../helpers/synthesizer.ts';

const VOICE = { id: 'magnus', model: 'lightning_v3.1', language: 'en', speed: 1 };
const MULAW: AudioFormat = { encoding: 'mulaw', sampleRateHz: 8_000 };
const HOLD = 'One moment, please.';
const ANSWER = 'It leaves at half past ten from the northern pier.';

async function setUp(synthesizer: Partial<ToneSynthesizerOptions>, capabilities: Partial<SinkCapabilities> = {}) {
  const clock = new VirtualClock();
  const peer = new SimulatedPeer(clock);
  const tones = new ToneSynthesizer({ clock, ...synthesizer });
  await tones.render(HOLD);
  const told: [string, number][] = [];
  const tell = (what: string) => told.push([what, Math.round(clock.nowMs())]);
  const speaker = createSpeaker(
    {
      callId: 'call-1',
      synthesizer: tones,
      voice: VOICE,
      sink: peer,
      capabilities: { outFormat: MULAW, feed: BUFFERED, clear: true, reports: 'marks', ...capabilities },
      clock,
      frameClock: new FrameClock(clock),
    },
    {
      started: (utterance) => tell(`started ${utterance}`),
      heard() {},
      idle: () => tell('idle'),
      failed: (utterance) => tell(`failed ${utterance}`),
      stalled: (quietMs) => tell(`stalled ${quietMs >= 400 ? 'long enough' : 'too soon'}`),
    },
  );
  peer.onMark = (name) => speaker.mark(name);
  const say = (number: number, text: string, isAhead?: boolean) => {
    speaker.say(number, text, isAhead);
    speaker.flush(number);
  };
  return { clock, peer, speaker, told, say, names: () => told.map(([what]) => what) };
}

const wordsAt = (peer: SimulatedPeer) =>
  peer
    .words()
    .map(({ text }) => text)
    .join(' ');

test.each(['peer', 'us'] as const)('a voice in good health never stalls, paced by %s', async (pacing) => {
  const { clock, say, names, peer } = await setUp({}, { feed: { ...BUFFERED, pacing } });
  say(1, 'Let me look.');
  say(2, ANSWER);
  clock.advanceTo(20_000);
  expect(names()).toEqual(['started 1', 'started 2', 'idle']);
  expect(wordsAt(peer).replace(/\s/g, '')).toBe(`Letmelook.${ANSWER.replace(/\s/g, '')}`);
});

test('before the first sound it is told after a second, once, and its end by `started`', async () => {
  const { clock, say, told } = await setUp({ firstByteMs: 3_000 });
  say(1, ANSWER);
  clock.advanceTo(20_000);
  expect(told.map(([what]) => what)).toEqual(['stalled long enough', 'started 1', 'idle']);
  expect(told[0]?.[1]).toBeGreaterThanOrEqual(1_000);
  expect(told[0]?.[1]).toBeLessThan(1_100);
});

test.each(['peer', 'us'] as const)(
  'a phrase that is at hand is heard meanwhile, the answer behind it, paced by %s',
  async (pacing) => {
    const { clock, say, speaker, names, peer } = await setUp({ firstByteMs: 3_000 }, { feed: { ...BUFFERED, pacing } });
    say(1, ANSWER);
    clock.advanceTo(1_500);
    expect(speaker.isAtHand?.(HOLD)).toBe(true);
    expect(speaker.isAtHand?.(ANSWER)).toBe(false);
    say(2, HOLD, true);
    clock.advanceTo(20_000);
    expect(wordsAt(peer).replace(/\s/g, '')).toBe(`${HOLD}${ANSWER}`.replace(/\s/g, ''));
    expect(names()).toEqual(['stalled long enough', 'started 2', 'started 1', 'idle']);
  },
);

test('in the middle of an utterance it is told too; the phrase comes in between, and nothing is lost or heard twice', async () => {
  const { clock, say, names, peer } = await setUp({ realTimeFactor: 0.12 });
  say(1, ANSWER);
  while (!names().includes('stalled long enough')) clock.advanceBy(20);
  say(2, HOLD, true);
  clock.advanceTo(60_000);
  expect(names().at(-1)).toBe('idle');
  const heard = wordsAt(peer).replace(/\s/g, '');
  const hold = HOLD.replace(/\s/g, '');
  expect(heard).toContain(hold);
  expect(heard.indexOf(hold)).toBeGreaterThanOrEqual(0);
  expect(names().filter((what) => what === 'started 2')).toHaveLength(1);
});

test('a pause of the caller, and a clear, are no stall', async () => {
  const { clock, say, speaker, names } = await setUp({});
  say(1, ANSWER);
  clock.advanceTo(800);
  speaker.pause();
  clock.advanceTo(6_000);
  expect(names()).toEqual(['started 1']);
  speaker.resume();
  clock.advanceTo(6_200);
  speaker.clear();
  clock.advanceTo(20_000);
  expect(names()).toEqual(['started 1']);
});
