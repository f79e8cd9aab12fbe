import { expect, test } from 'vitest';
import type { AudioFormat } from '../../src/audio/contract.ts';
import { FrameClock } from '../../src/audio/frame-clock.ts';
import { VirtualClock } from '../../src/lib/clock.ts';
import type { VoiceOptions } from '../../src/speak/contract.ts';
import type { SinkCapabilities } from '../../src/speak/feeder.ts';
import { createSpeaker } from '../../src/speak/speaker.ts';
import { SpeechRate } from '../../src/speak/speech-rate.ts';
import { lettersApart } from '../../src/testing/heard-words.ts';
import { BUFFERED, PACED, SimulatedPeer, type PeerOptions } from '../helpers/peer.ts';
import { ToneSynthesizer, type ToneSynthesizerOptions } from '../helpers/synthesizer.ts';

const VOICE: VoiceOptions = { id: 'magnus', model: 'lightning_v3.1', language: 'en', speed: 1 };
const MULAW: AudioFormat = { encoding: 'mulaw', sampleRateHz: 8_000 };

interface SetUp {
  capabilities?: Partial<SinkCapabilities>;
  peer?: PeerOptions;
  synthesizer?: Partial<ToneSynthesizerOptions>;
  clock?: VirtualClock;
  rate?: SpeechRate;
}

function setUp(options: SetUp = {}) {
  const clock = options.clock ?? new VirtualClock();
  const frameClock = new FrameClock(clock);
  const peer = new SimulatedPeer(clock, options.peer);
  const synthesizer = new ToneSynthesizer({ clock, ...options.synthesizer });
  const told: string[] = [];
  const heard = new Map<number, number>();
  const speaker = createSpeaker(
    {
      callId: 'call-1',
      synthesizer,
      voice: VOICE,
      sink: peer,
      capabilities: { outFormat: MULAW, feed: BUFFERED, clear: true, reports: 'marks', ...options.capabilities },
      clock,
      frameClock,
      ...(options.rate && { rate: options.rate }),
    },
    {
      started: (utterance) => told.push(`started ${utterance}`),
      heard: (utterance, characters) => {
        expect(characters).toBeGreaterThan(heard.get(utterance) ?? 0);
        heard.set(utterance, characters);
      },
      idle: () => told.push('idle'),
      failed: (utterance, error) => told.push(`failed ${utterance} ${error.code}`),
    },
  );
  peer.onMark = (name) => speaker.mark(name);
  return { clock, frameClock, peer, synthesizer, speaker, told, heard };
}

const said = (peer: SimulatedPeer) =>
  peer
    .words()
    .map(({ text }) => text)
    .join(' ');

test('what is said is heard, in order, to its last character', () => {
  const { clock, peer, speaker, told, heard } = setUp();
  speaker.say(1, 'Let me **check** ');
  speaker.say(1, 'that flight. 😀 ');
  speaker.flush(1);
  speaker.say(2, 'It leaves at 10:30.');
  speaker.flush(2);
  clock.advanceTo(20_000);
  expect(said(peer)).toBe('Let me check that flight. It leaves at 10:30.');
  expect(heard.get(1)).toBe('Let me **check** that flight. 😀 '.length);
  expect(heard.get(2)).toBe('It leaves at 10:30.'.length);
  expect(told).toEqual(['started 1', 'started 2', 'idle']);
});

test('R2: a flushed filler is spoken at once, whatever its punctuation', () => {
  const { clock, peer, speaker } = setUp();
  speaker.say(1, 'One second, let me look');
  expect(clock.nowMs()).toBe(0);
  clock.advanceTo(1_000);
  expect(peer.played().length).toBe(0); // no clause is complete
  speaker.flush(1);
  clock.advanceTo(1_000 + 150 + 100);
  expect(peer.played().length).toBeGreaterThan(0);
});

test.each([
  ['Arabic `…اليوم؟ `', 'هل تريد موعدا اليوم؟ '],
  ['Arabic, with nothing behind it', 'هل تريد موعدا اليوم؟'],
  ['Hindi `।`, with nothing behind it', 'एक पल रुकिए।'],
  ['Chinese `。`, with nothing behind it', '请稍等。'],
  ['English, with nothing behind it', 'One moment, please.'],
])('a sentence and then 1.5 s of the model’s silence: at the voice within 0.3 s: %s', (_name, text) => {
  const { clock, synthesizer, speaker } = setUp();
  for (const delta of text) speaker.say(1, delta);
  clock.advanceTo(300);
  expect(synthesizer.clauses).toEqual([text]);
  clock.advanceTo(1_500);
  speaker.say(1, ' And then?');
  speaker.flush(1);
  expect(synthesizer.clauses.join('')).toBe(text.trimEnd() + ' And then?');
});

test('half a sentence waits for its other half, however long the model is silent', () => {
  const { clock, synthesizer, speaker } = setUp();
  speaker.say(1, 'It costs 3.');
  clock.advanceTo(1_500);
  expect(synthesizer.clauses).toEqual([]);
  speaker.say(1, '50 in all.');
  speaker.flush(1);
  expect(synthesizer.clauses).toEqual(['It costs 3.50 in all.']);
});

test('signs are said in the language of the voice, and heard as what was written', () => {
  const { clock, peer, speaker, heard } = setUp();
  const text = 'Press *, or write to j_d@x.org.';
  speaker.say(1, text);
  speaker.flush(1);
  clock.advanceTo(20_000);
  expect(said(peer)).toBe('Press star, or write to j underscore d@x.org.');
  expect(heard.get(1)).toBe(text.length);
});

test('R6: an answer that is ready in time follows the filler without a gap, and never over it', () => {
  const { clock, peer, speaker } = setUp();
  speaker.say(1, 'One second, let me look at that for you.');
  speaker.flush(1);
  clock.advanceTo(1_200); // the filler still plays when the answer begins to come
  speaker.say(2, 'Your flight leaves at ten. ');
  clock.advanceTo(1_300);
  speaker.say(2, 'Have a good trip.');
  speaker.flush(2);
  clock.advanceTo(20_000);
  expect(peer.gaps()).toEqual([]);
  expect(said(peer)).toBe('One second, let me look at that for you.Your flight leaves at ten. Have a good trip.');
});

test('idle waits for an utterance that is open, and comes once', () => {
  const { clock, speaker, told } = setUp();
  speaker.say(1, 'Hello there. ');
  clock.advanceTo(10_000);
  expect(told).toEqual(['started 1']);
  speaker.flush(1);
  clock.advanceTo(20_000);
  expect(told).toEqual(['started 1', 'idle']);
});

test('an utterance with nothing to say is over without a sound', () => {
  const { clock, peer, speaker, told, heard } = setUp();
  speaker.say(1, '😀 **');
  speaker.flush(1);
  speaker.flush(1);
  clock.advanceTo(1_000);
  expect(told).toEqual(['idle']);
  expect(heard.get(1)).toBe('😀 **'.length);
  expect(peer.messages).toEqual([]);
});

test('R12: clear tells what was heard before it returns, and what comes late is not spoken', () => {
  const { clock, peer, synthesizer, speaker, told, heard } = setUp();
  speaker.say(1, 'This is a long answer that goes on and on for quite some time.');
  speaker.flush(1);
  speaker.say(2, 'And another one.');
  speaker.flush(2);
  clock.advanceTo(2_500);
  speaker.clear();
  const words = said(peer).split(' ');
  expect(synthesizer.aborted).toBe(2);
  expect(
    'This is a long answer that goes on and on for quite some time.'.slice(0, heard.get(1)).split(' ').length,
  ).toBeGreaterThan(3);
  speaker.say(2, 'late');
  speaker.say(1, 'late');
  speaker.flush(2);
  clock.advanceTo(10_000);
  expect(said(peer).split(' ').length).toBe(words.length);
  expect(told).toEqual(['started 1']);
  expect(peer.aheadMs).toBe(0);
});

test('R11: a pause is silent at once; resume goes on at the sample, and everything is heard once', () => {
  const text = 'Your appointment is on Monday at half past ten with Doctor Smith in room five.';
  for (const pauseAtMs of [180, 700, 1_234, 2_001, 3_777, 4_999]) {
    const { clock, peer, speaker, told, heard } = setUp();
    speaker.say(1, text);
    speaker.flush(1);
    clock.advanceTo(pauseAtMs);
    speaker.pause();
    expect(peer.aheadMs).toBe(0);
    const before = heard.get(1) ?? 0;
    clock.advanceTo(pauseAtMs + 900);
    expect(heard.get(1) ?? 0).toBe(before);
    speaker.resume();
    clock.advanceTo(30_000);
    expect(said(peer)).toBe(text);
    expect(told).toEqual(['started 1', 'idle']);
  }
});

test('R11: a pause over the last sample holds back nothing of what is said next, whether the line can be cleared or not', () => {
  for (const clear of [true, false]) {
    let overSoon = 0;
    for (let pauseAtMs = 500; pauseAtMs < 2_000; pauseAtMs += 20) {
      const { clock, peer, speaker, told } = setUp({ capabilities: { clear } });
      speaker.say(1, 'It is ten.');
      speaker.flush(1);
      clock.advanceTo(pauseAtMs);
      const wasOver = told.includes('idle');
      speaker.pause();
      clock.advanceTo(pauseAtMs + 400);
      if (wasOver || !told.includes('idle')) continue; // it is held back, as it should be
      overSoon++;
      speaker.say(2, 'Good.');
      speaker.flush(2);
      clock.advanceTo(10_000);
      expect(told).toEqual(['started 1', 'idle', 'started 2', 'idle']);
      expect(said(peer)).toContain('Good.');
    }
    if (!clear) expect(overSoon).toBeGreaterThan(0);
  }
});

test('a known phrase is played from the cache, with nothing asked of the synthesizer', async () => {
  const { clock, peer, synthesizer, speaker, heard } = setUp();
  await synthesizer.render('Hello, Acme Clinic.');
  speaker.say(1, 'Hello, Acme Clinic.');
  speaker.flush(1);
  clock.advanceTo(20);
  expect(peer.messages[0]?.atMs).toBe(0);
  clock.advanceTo(5_000);
  expect(said(peer)).toBe('Hello, Acme Clinic.');
  expect(synthesizer.clauses).toEqual([]);
  expect(heard.get(1)).toBe('Hello, Acme Clinic.'.length);
});

test('a text that only begins like a known phrase is synthesized whole, and one that stays open too', async () => {
  const { clock, peer, synthesizer, speaker } = setUp();
  await synthesizer.render('One moment.');
  speaker.say(1, 'One moment.');
  speaker.say(1, ' I will look.');
  speaker.flush(1);
  speaker.say(2, 'One moment.');
  await Promise.resolve();
  speaker.say(2, ' Or two.');
  speaker.flush(2);
  clock.advanceTo(10_000);
  expect(said(peer)).toBe('One moment. I will look.One moment. Or two.');
  expect(synthesizer.clauses).toEqual(['One moment. ', 'I will look.', 'One moment. ', 'Or two.']);
});

test('a synthesis that is cut before its audio was used comes again, unheard', () => {
  const { clock, peer, speaker, told } = setUp({
    synthesizer: { failures: { afterMs: 500, times: 1, mayResume: true }, firstByteMs: 10 },
  });
  speaker.pause(); // nothing reaches the line
  speaker.say(1, 'The answer is forty two, as always.');
  speaker.flush(1);
  clock.advanceTo(300);
  speaker.resume();
  clock.advanceTo(10_000);
  expect(said(peer)).toBe('The answer is forty two, as always.');
  expect(told).toEqual(['started 1', 'idle']);
});

test('a synthesis that is cut off in the middle goes on behind the words that came: each is heard once, and told', () => {
  const text =
    'The answer is forty two, as it has always been and will be. Nobody knows the question, though many asked.';
  const rate = new SpeechRate();
  const first = setUp({ rate }); // teaches it
  first.speaker.say(1, text);
  first.speaker.flush(1);
  first.clock.advanceTo(20_000);
  for (const wordTimestamps of [true, false]) {
    for (let afterMs = 300; afterMs < 6_500; afterMs += 370) {
      const { clock, peer, speaker, synthesizer, told, heard } = setUp({
        synthesizer: { failures: { afterMs, times: 1, mayResume: true }, firstByteMs: 10, wordTimestamps },
        rate: rate.copy(),
      });
      speaker.say(1, text);
      speaker.flush(1);
      speaker.say(2, 'Yes.');
      speaker.flush(2);
      clock.advanceTo(2_500 + afterMs / 3);
      const early = { heard: heard.get(1) ?? 0, words: said(peer) };
      clock.advanceTo(20_000);
      expect(synthesizer.resumptions.length, `cut after ${afterMs} ms`).toBe(1);
      // without timestamps a word's end is known to a letter or two
      const off = lettersApart(`${text}Yes.`, said(peer));
      expect(off, `cut after ${afterMs} ms: ${said(peer)}`).toBeLessThanOrEqual(wordTimestamps ? 0 : 3);
      expect(told).toEqual(['started 1', 'started 2', 'idle']);
      expect(heard.get(1)).toBe(text.length);
      // R22 also while it is said: to a word
      const words = (part: string) => part.trim().split(/\s+/).length;
      expect(Math.abs(words(text.slice(0, early.heard)) - words(early.words))).toBeLessThanOrEqual(1);
    }
  }
});

test('a synthesis that fails for good in the middle: what came is heard and told, what is missing is not, and idle comes', () => {
  const { clock, peer, speaker, told, heard } = setUp({
    synthesizer: { failures: { afterMs: 1_000, times: 1, mayResume: false }, firstByteMs: 10 },
  });
  const text = 'The answer is forty two, as it has always been and will be.';
  speaker.say(1, text);
  speaker.flush(1);
  speaker.say(2, 'Sorry.');
  speaker.flush(2);
  clock.advanceTo(10_000);
  expect(told).toEqual(['started 1', 'failed 1 stream-cut', 'started 2', 'idle']);
  expect(heard.get(1)).toBeGreaterThan(5);
  expect(heard.get(1)).toBeLessThan(25);
  expect(said(peer)).toMatch(/^The answer is.*Sorry\.$/);
  expect(heard.get(2)).toBe('Sorry.'.length);
});

test('any rate and encoding of the line: the words arrive', () => {
  const formats: AudioFormat[] = [
    { encoding: 'mulaw', sampleRateHz: 8_000 },
    { encoding: 'alaw', sampleRateHz: 8_000 },
    { encoding: 'linear16', sampleRateHz: 16_000 },
    { encoding: 'linear16', sampleRateHz: 24_000 },
  ];
  for (const outFormat of formats) {
    for (const sampleRateHz of [8_000, 16_000, 24_000, 44_100]) {
      const { clock, peer, speaker } = setUp({
        capabilities: { outFormat },
        peer: { format: outFormat },
        synthesizer: { format: { encoding: 'linear16', sampleRateHz } },
      });
      speaker.say(1, 'Numbers: 12, 34.');
      speaker.flush(1);
      clock.advanceTo(5_000);
      expect(said(peer)).toBe('Numbers: 12, 34.');
    }
  }
});

test('close leaves no timer and no beat, and nothing is told afterwards', () => {
  const clock = new VirtualClock();
  const { frameClock, speaker, told } = setUp({ clock });
  speaker.say(1, 'This is a long answer that goes on and on.');
  clock.advanceTo(1_000);
  speaker.close();
  speaker.close();
  speaker.say(2, 'late');
  expect(frameClock.subscribers).toBe(0);
  const before = told.length;
  clock.advanceTo(60_000);
  expect(told.length).toBe(before);
  expect(clock.pending).toBe(0);
});

test('a silent line costs no beat, unless we pace it', () => {
  const buffering = setUp();
  buffering.speaker.say(1, 'Hi.');
  buffering.speaker.flush(1);
  expect(buffering.frameClock.subscribers).toBe(1);
  buffering.clock.advanceTo(5_000);
  expect(buffering.frameClock.subscribers).toBe(0);
  const paced = setUp({ capabilities: PACED });
  paced.clock.advanceTo(1_000);
  expect(paced.peer.messages.length).toBe(50);
});

// ---- what is told against what was heard ----------------------------------------------------------------------------

function random(seed: number): () => number {
  let state = seed * 2_654_435_761;
  return () => {
    state = (state ^ (state << 13)) >>> 0;
    state = (state ^ (state >>> 17)) >>> 0;
    state = (state ^ (state << 5)) >>> 0;
    return state / 2 ** 32;
  };
}

const ANSWER =
  'There are three trains on that day. The first one leaves at 6:45 in the morning, and it arrives at 9:12. The second ' +
  'one is **cheaper**, but it stops in every village on the way, so it takes until 11:05. If you would rather sleep, there ' +
  'is also a night train, which leaves at 23:50 and has beds for 42 guests. Which one would you like me to book for you?';

const WAYS: [name: string, options: SetUp][] = [
  ['with marks', {}],
  ['without marks', { capabilities: { reports: 'nothing' } }],
  ['with word timestamps', { synthesizer: { wordTimestamps: true } }],
  [
    'with word timestamps, without marks',
    { capabilities: { reports: 'nothing' }, synthesizer: { wordTimestamps: true } },
  ],
  ['behind a network of 60 ms with marks', { peer: { wayMs: 60, backMs: 60, startMs: 20 } }],
  ['on a line that we pace', { capabilities: PACED }],
];

test.each(WAYS)('R22: interrupted at random instants, %s, the words told are the words heard', (name, options) => {
  const offBy: number[] = [];
  const next = random(7 + name.length);
  for (let run = 0; run < 12; run++) {
    const clock = new VirtualClock();
    const { peer, speaker, heard } = setUp({ ...options, clock });
    const greeting = 'Hello, this is Acme Travel. How can I help you today, at 10:30?';
    speaker.say(1, greeting);
    speaker.flush(1);
    clock.advanceTo(7_000);
    const before = peer.played().length;
    for (let at = 0; at < ANSWER.length; at += 5) {
      const delta = ANSWER.slice(at, at + 5);
      clock.after(at * 4, () => speaker.say(2, delta)); // 250 characters a second
    }
    clock.after(ANSWER.length * 4 + 10, () => speaker.flush(2));
    const atMs = 7_000 + next() * 24_000;
    clock.advanceTo(atMs);
    speaker.pause();
    clock.advanceTo(atMs + 700);
    speaker.clear();
    const heardWords = peer.words(before).map(({ text }) => text);
    const toldWords = ANSWER.slice(0, heard.get(2) ?? 0)
      .replaceAll('**', '')
      .split(/\s+/)
      .filter(Boolean);
    const full = ANSWER.replaceAll('**', '').split(/\s+/);
    const whole = heardWords.filter((word, index) => word === full[index]).length; // the last one may be cut in the middle
    expect(toldWords).toEqual(full.slice(0, toldWords.length));
    offBy.push(Math.abs(toldWords.length - whole));
    speaker.close();
  }
  offBy.sort((a, b) => a - b);
  expect(offBy[Math.floor(offBy.length * 0.95)]).toBeLessThanOrEqual(1);
  expect(offBy.at(-1)).toBeLessThanOrEqual(2);
});

test('R24: the first clause of what is prepared is made, and sounds in the frame in which it is said', () => {
  const { clock, peer, synthesizer, speaker, told, heard } = setUp();
  speaker.prepare?.(1, 'At nine. Or at ten');
  speaker.prepare?.(1, ', if you like. Or ');
  clock.advanceTo(2_000);
  expect(synthesizer.clauses).toEqual(['At nine. ']);
  expect(peer.played().length).toBe(0);
  expect(told).toEqual([]);
  speaker.say(1, 'At nine. Or at ten');
  speaker.say(1, ', if you like. Or ');
  clock.advanceTo(2_060);
  expect(peer.played().length).toBeGreaterThan(0);
  speaker.say(1, 'never.');
  speaker.flush(1);
  clock.advanceTo(20_000);
  expect(said(peer)).toBe('At nine. Or at ten, if you like. Or never.');
  expect(heard.get(1)).toBe('At nine. Or at ten, if you like. Or never.'.length);
  expect(told).toEqual(['started 1', 'idle']);
});

test('R24: a whole answer without a space behind it is made at once', () => {
  const { synthesizer, speaker } = setUp();
  speaker.prepare?.(1, 'At nine.');
  expect(synthesizer.clauses).toEqual([]);
  speaker.prepare?.(1, '', true);
  expect(synthesizer.clauses).toEqual(['At nine.']);
});

test.each([
  ['to a peer that buffers', {}],
  ['on a line that we pace', PACED],
])('R24: what is not said leaves nothing, %s', (_, capabilities) => {
  const { clock, peer, speaker, told } = setUp({ capabilities });
  speaker.prepare?.(1, 'At nine. ');
  clock.advanceTo(1_000);
  speaker.unprepare?.();
  clock.advanceTo(2_000);
  speaker.say(1, 'At ten.');
  speaker.flush(1);
  clock.advanceTo(20_000);
  expect(said(peer)).toBe('At ten.');
  expect(told).toEqual(['started 1', 'idle']);
});
