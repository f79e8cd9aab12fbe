/** A list of voices as one: it keeps the contract, wherever the first fails; no word is lost, and none is said twice. */
import { describe, expect, onTestFinished, test } from 'vitest';
import type { AudioFormat } from '../../src/audio/contract.ts';
import { VirtualClock } from '../../src/lib/clock.ts';
import { silentLog } from '../../src/lib/log.ts';
import { optionsOfList, type Successor } from '../../src/lib/succession.ts';
import type { Resumption, SynthesisListener, Synthesizer } from '../../src/speak/contract.ts';
import { createVoiceList } from '../../src/speak/fallback.ts';
import type { LightningFault } from '../../src/simulate/lightning/options.ts';
import { synthesizerContract } from '../contracts/synthesizer.suite.ts';
import { understandTones } from '../contracts/tones.ts';
import { ScriptedVoice } from '../helpers/scripted-voice.ts';
import { CountingClock, setUpLightning, TIMED_VOICE } from './helpers/lightning.ts';

const LINEAR: AudioFormat = { encoding: 'linear16', sampleRateHz: 8_000 };
const MULAW: AudioFormat = { encoding: 'mulaw', sampleRateHz: 8_000 };
const VOICE = { id: 'tones', model: 'tones', language: 'en', speed: 1 };

synthesizerContract('a list of two voices that are well', async () => {
  const clock = new CountingClock();
  const voices = [1, 2].map(() => new ScriptedVoice({ clock, format: LINEAR }));
  const times =
    (of: 'cuts' | 'mutes') =>
    (afterMs: number, count = 1) => {
      for (const voice of voices) voice[of].push(...Array.from({ length: count }, () => afterMs));
    };
  return {
    synthesizer: listOf(voices, clock),
    isList: true,
    voice: VOICE,
    understand: understandTones,
    cut: times('cuts'),
    mute: times('mutes'),
    refuse: () => voices.forEach((voice) => (voice.isRefusing = true)),
    timers: () => clock.pending,
    close: async () => {},
  };
});

const FAILINGS: [name: string, fail: (voice: ScriptedVoice) => void, format: AudioFormat][] = [
  ['refuses its key', (voice) => (voice.isRefusing = true), LINEAR],
  [
    'is cut off before it has said anything',
    (voice) => voice.cuts.push(...Array.from({ length: 99 }, () => 0)),
    LINEAR,
  ],
  ['calls itself done without a sound', (voice) => voice.mutes.push(...Array.from({ length: 99 }, () => 0)), LINEAR],
  ['refuses, and yields another format', (voice) => (voice.isRefusing = true), MULAW],
];
describe.each(FAILINGS)('the first of two %s:', (name, fail, format) => {
  synthesizerContract(`a list whose first ${name}`, async () => {
    const clock = new CountingClock();
    const [first, second] = [new ScriptedVoice({ clock, format }), new ScriptedVoice({ clock, format: LINEAR })];
    fail(first);
    return {
      synthesizer: listOf([first, second], clock),
      isList: true,
      voice: VOICE,
      understand: understandTones,
      cut: (afterMs, count = 1) => void second.cuts.push(...Array.from({ length: count }, () => afterMs)),
      mute: (afterMs, count = 1) => void second.mutes.push(...Array.from({ length: count }, () => afterMs)),
      refuse: () => (second.isRefusing = true),
      timers: () => clock.pending,
      close: async () => {},
    };
  });
});

function listOf(
  voices: readonly Synthesizer[],
  clock: { nowMs(): number; after(ms: number, run: () => void): () => void },
) {
  const named = voices.map((synthesizer, at) => ({ name: ['one', 'two'][at] ?? '', synthesizer }));
  return createVoiceList(named, { clock, log: silentLog });
}

// ---- who speaks, in virtual time ------------------------------------------------------------------------------------

/** Tells what is left behind what it has, by the word times, as a speaker does. */
class Listener implements SynthesisListener {
  readonly events: string[] = [];
  chunks: Uint8Array[] = [];
  words: { word: string; startMs: number; endMs: number }[] = [];
  rest: ((listener: Listener) => Resumption | undefined) | undefined;

  audio(audio: Uint8Array): void {
    this.chunks.push(audio.slice());
  }
  word(word: string, startMs: number, endMs: number): void {
    this.words.push({ word, startMs, endMs });
  }
  done(): void {
    this.events.push('done');
  }
  failed({ code }: { code: string }): void {
    this.events.push(`failed ${code}`);
  }
  resume(): Resumption | undefined {
    return this.rest?.(this);
  }

  get ms(): number {
    return Buffer.concat(this.chunks).length / 16;
  }
  get understood(): string {
    return understandTones(Uint8Array.from(Buffer.concat(this.chunks)), LINEAR);
  }
}

function setUp({ formats = [LINEAR, LINEAR] }: { formats?: AudioFormat[] } = {}) {
  const clock = new VirtualClock();
  const voices = formats.map((format, at) => new ScriptedVoice({ name: ['one', 'two'][at]!, clock, format }));
  const list = listOf(voices, clock);
  const who: Successor[] = [];
  const line = list.open({
    callId: 'a',
    voice: optionsOfList([VOICE, { ...VOICE, id: 'other' }]),
    asks: (one) => who.push(one),
  });
  onTestFinished(async () => {
    await list.close();
    expect(clock.pending).toBe(0);
  });
  const speak = (...clauses: string[]) => {
    const listener = new Listener();
    const synthesis = line.begin(listener);
    for (const clause of clauses) synthesis.speak(clause);
    synthesis.end();
    return listener;
  };
  return { clock, first: voices[0]!, second: voices[1]!, list, line, speak, who };
}

test('refused before a sound, the utterance is spoken whole by the next, and the one behind it after it, by the same', () => {
  const { clock, first, speak, who } = setUp();
  first.isRefusing = true;
  const [one, two] = [speak('Let me see. ', 'One moment.'), speak('Here it is.')];
  clock.advanceBy(100);
  expect([one.understood, two.understood]).toEqual(['Let me see. One moment.', 'Here it is.']);
  expect([one.events, two.events]).toEqual([['done'], ['done']]);
  expect(who.map(({ at }) => at)).toEqual([0, 0, 1, 1]);
});

test('broken off for good in the middle, it goes on in the other voice from the first word that was not there', () => {
  const { clock, first, speak } = setUp();
  first.cuts.push(1_000, 1_000, 1_000);
  const listener = speak('One. ', 'Two. ', 'Three. ', 'Four.');
  listener.rest = ({ words, ms }) => {
    const whole = words.filter(({ endMs }) => endMs <= ms);
    const keptMs = whole.at(-1)?.endMs ?? 0;
    listener.chunks = [Uint8Array.from(Buffer.concat(listener.chunks).subarray(0, Math.floor(keptMs * 8) * 2))];
    listener.words = whole;
    return { clauses: ['One. ', 'Two. ', 'Three. ', 'Four.'].slice(whole.length), keptMs };
  };
  clock.advanceBy(1_000);
  expect(listener.events).toEqual(['done']);
  expect(listener.words.map(({ word }) => word)).toEqual(['One.', 'Two.', 'Three.', 'Four.']);
  const startsMs = listener.words.map(({ startMs }) => startMs);
  expect(startsMs).toEqual([...startsMs].sort((a, b) => a - b));
  expect(listener.words.at(-1)!.endMs).toBeLessThanOrEqual(listener.ms + 1);
});

test('what another voice yields in another format comes in the one that the line has told', () => {
  const { clock, first, line, speak } = setUp({ formats: [LINEAR, MULAW] });
  first.isRefusing = true;
  const listener = speak('Good morning.');
  clock.advanceBy(100);
  expect(line.format).toEqual(LINEAR);
  expect([listener.understood, listener.events]).toEqual(['Good morning.', ['done']]);
});

test('who is down is passed over, tried when its time is over, and speaks again when it is well', () => {
  const { clock, first, list, speak, who } = setUp();
  first.isRefusing = true;
  speak('One.');
  clock.advanceBy(100);
  speak('Two.');
  clock.advanceBy(100);
  expect(who.map(({ at }) => at)).toEqual([0, 1, 1]);
  expect(list.health?.().map(({ isWell }) => isWell)).toEqual([false, true]);
  first.isRefusing = false;
  clock.advanceBy(10_000);
  const back = speak('Three.');
  clock.advanceBy(100);
  expect([back.understood, who.at(-1)?.at]).toEqual(['Three.', 0]);
  expect(list.health?.().every(({ isWell }) => isWell)).toBe(true);
});

test('a trial that is silent goes over after a second and a half', () => {
  const { clock, first, speak } = setUp();
  first.isRefusing = true;
  speak('One.');
  clock.advanceBy(10_100);
  first.isRefusing = false;
  Object.assign(first.options, { firstByteMs: 60_000 });
  const tried = speak('Two.');
  clock.advanceBy(1_400);
  expect(tried.chunks).toEqual([]);
  clock.advanceBy(200);
  expect([tried.understood, tried.events]).toEqual(['Two.', ['done']]);
});

test('when both fail it fails once, and what comes behind it is tried anew', () => {
  const { clock, first, second, speak } = setUp();
  first.isRefusing = second.isRefusing = true;
  const [one, two] = [speak('One.'), speak('Two.')];
  clock.advanceBy(100);
  expect([one.events, two.events]).toEqual([['failed unauthorized'], ['failed unauthorized']]);
});

test('a phrase is at hand in the voice that speaks: of the first, then of the next, once that has taken over', async () => {
  const { clock, first, second, list, speak } = setUp();
  const voice = optionsOfList([VOICE, { ...VOICE, id: 'other' }]);
  const { signal } = new AbortController();
  await list.render('One moment.', voice, signal, LINEAR);
  expect(second.rendered('One moment.', VOICE, LINEAR)).toBeUndefined();
  first.isRefusing = true;
  speak('Hello.');
  clock.advanceBy(100);
  await new Promise(setImmediate);
  const own = second.rendered('One moment.', VOICE, LINEAR);
  expect(own).toBeDefined();
  expect(list.rendered?.('One moment.', voice, LINEAR)).toBe(own);
});

// ---- on real sockets ------------------------------------------------------------------------------------------------

const REAL: [name: string, fault: LightningFault][] = [
  ['refuses', { type: 'refuse', status: 503 }],
  ['allows no more', { type: 'refuse', status: 429, retryAfterSeconds: 5 }],
  ['resets', { type: 'reset' }],
  ['says nothing', { type: 'hang' }],
  ['falls silent in the middle', { type: 'stall', afterMs: 300, forMs: 60_000 }],
  ['is torn in the middle, again and again', { type: 'cut', afterMs: 300 }],
  ['calls itself complete too early', { type: 'mute', afterMs: 100 }],
];
test.each(REAL)('two addresses: when the first %s, every word is spoken once, at the second', async (_, fault) => {
  const [one, two] = [await setUpLightning({}, { firstAudioMs: 300, stallMs: 500 }), await setUpLightning({})];
  one.service.fail(fault, 100);
  const list = listOf([one.lightning, two.lightning], one.clock);
  onTestFinished(async () => {
    await list.close();
    await Promise.all([one.service.close(), two.service.close()]);
  });
  const line = list.open({ callId: 'a', voice: optionsOfList([TIMED_VOICE, TIMED_VOICE]) });
  const clauses = ['Let me check ', 'that flight, ', 'and the one after it.'];
  const listener = new Listener();
  listener.rest = () => {
    listener.chunks = [];
    return { clauses, keptMs: 0 };
  };
  const synthesis = line.begin(listener);
  for (const clause of clauses) synthesis.speak(clause);
  synthesis.end();
  await expect.poll(() => listener.events, { timeout: 10_000 }).toEqual(['done']);
  expect(listener.understood).toBe(clauses.join(''));
});
