/**
 * Whole calls on lines that carry other formats than a telephone's, in virtual time: the caller's audio, the agent's, what
 * was heard of it, its phrases and its recording all go by the format that each direction has.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as tick } from 'node:timers/promises';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { bytesPerSample, FRAME_MS, type AudioFormat } from '../../src/audio/contract.ts';
import { SampleReader, SampleWriter } from '../../src/audio/convert.ts';
import { decodeToneSpeech, encodeToneSpeech, wordsOf } from '../../src/audio/tone-speech.ts';
import { readWav } from '../../src/audio/wav.ts';
import type { AudioCapabilities, AudioLine, AudioLineEvent } from '../../src/bridge/contract.ts';
import { createAgent } from '../../src/call/agent.ts';
import type { CallEvent, CallEventType } from '../../src/call/events.ts';
import { answer, preparePhrases, type SpeechServices } from '../../src/call/phone.ts';
import { VirtualClock } from '../../src/lib/clock.ts';
import { CallRecording } from '../../src/record/recording.ts';
import { createParley } from '../../src/worker/create-parley.ts';
import { sine, tonesIn } from '../helpers/sine.ts';
import { BUFFERED, SimulatedPeer } from '../helpers/peer.ts';
import { ToneSynthesizer, type ToneSynthesizerOptions } from '../helpers/synthesizer.ts';
import { modelThatSays, TranscriberDouble } from './helpers/doubles.ts';

const MULAW: AudioFormat = { encoding: 'mulaw', sampleRateHz: 8_000 };
const ALAW: AudioFormat = { encoding: 'alaw', sampleRateHz: 8_000 };
const LINEAR_16: AudioFormat = { encoding: 'linear16', sampleRateHz: 16_000 };
const LINEAR_24: AudioFormat = { encoding: 'linear16', sampleRateHz: 24_000 };

/** The agent hums it. */
const GREETING = 'Hmm.';
const HUM = { frequencyHz: 440, durationMs: 900 };
const WHISTLE = { frequencyHz: 1_000, durationMs: 600 };
const ANSWER = 'The lighthouse was built in eighteen hundred and two, and its light is seen from twenty miles away.';
const QUESTION = 'When was it built?';

const folder = mkdtempSync(join(tmpdir(), 'parley-formats-'));
afterAll(() => rmSync(folder, { recursive: true }));

const agent = await createAgent({ name: 'keeper', instructions: 'Tell it.', greeting: GREETING });

/** One process: a clock, a voice, an ear and a model for all of its calls. */
function setUp(voice: Partial<ToneSynthesizerOptions> = {}) {
  const clock = new VirtualClock();
  const sound = (text: string, rateHz: number) =>
    text === GREETING ? sine(HUM.frequencyHz, HUM.durationMs, rateHz) : encodeToneSpeech(text, rateHz);
  const synthesizer = new ToneSynthesizer({ clock, wordTimestamps: true, sound, ...voice });
  const transcriber = new TranscriberDouble(clock);
  const speech: SpeechServices = { synthesizer, transcriber };
  const parley = createParley({ model: modelThatSays(ANSWER, clock), clock });
  onTestFinished(() => parley.close());
  let calls = 0;
  const dial = (inFormat: AudioFormat, outFormat: AudioFormat, sampleRateHz?: number) => {
    const callId = `call-${++calls}`;
    const line = new LineDouble(clock, inFormat, outFormat);
    const options = { directory: mkdtempSync(join(folder, 'calls-')), callId, clock, format: inFormat, sampleRateHz };
    const recording = new CallRecording(options);
    const events: CallEvent[] = [];
    const listen = (call: { on(type: 'event', listener: (event: CallEvent) => void): unknown }) =>
      void call.on('event', (event) => events.push(event));
    const call = answer(parley, line, { agent, speech, recording, callId, listen });
    const eventsOf = <Type extends CallEventType>(type: Type) =>
      events.filter((event): event is Extract<CallEvent, { type: Type }> => event.type === type);
    return { line, call, recording, eventsOf, ear: transcriber.ears.get(callId)! };
  };
  /** In steps, so that what waits for promises comes in between. */
  const advance = async (ms: number) => {
    for (const untilMs = clock.nowMs() + ms; clock.nowMs() < untilMs;) {
      clock.advanceTo(Math.min(untilMs, clock.nowMs() + 20));
      await tick();
    }
  };
  return { clock, synthesizer, speech, dial, advance };
}

/** A line whose two directions carry what they are told to. */
class LineDouble implements AudioLine {
  readonly kind = 'audio';
  readonly name = 'double';
  readonly capabilities: AudioCapabilities;
  readonly caller = { carrierCallId: 'double', from: undefined, to: undefined, parameters: {} };
  /** The caller's end. */
  readonly peer: SimulatedPeer;
  readonly #clock: VirtualClock;
  readonly #inFormat: AudioFormat;
  #listener: ((event: AudioLineEvent) => void) | undefined;

  constructor(clock: VirtualClock, inFormat: AudioFormat, outFormat: AudioFormat) {
    this.#clock = clock;
    this.#inFormat = inFormat;
    this.peer = new SimulatedPeer(clock, { format: outFormat });
    this.peer.onMark = (name) => this.#listener?.({ type: 'mark', name });
    this.capabilities = {
      inFormat,
      outFormat,
      feed: BUFFERED,
      clear: true,
      reports: 'marks',
      dtmfOut: 'none',
      transfer: 'none',
    };
  }

  /** The caller says, hums or keeps silent: a frame each 20 ms, from now on. Returns how many bytes that is. */
  speak(samples: Int16Array): number {
    const bytes = new SampleWriter(this.#inFormat).write(samples);
    const { sampleRateHz } = this.#inFormat;
    const step = (bytesPerSample(this.#inFormat) * sampleRateHz * FRAME_MS) / 1_000;
    for (let at = 0, frame = 0; at < bytes.length; at += step, frame++) {
      this.#clock.after(frame * FRAME_MS, () =>
        this.#listener?.({ type: 'audio', audio: bytes.subarray(at, at + step) }),
      );
    }
    return bytes.length;
  }

  /** The same of words, with the silence behind them that ends a turn. */
  say(text: string): number {
    const words = encodeToneSpeech(text, this.#inFormat.sampleRateHz);
    const samples = new Int16Array(words.length + 2 * this.#inFormat.sampleRateHz);
    samples.set(words);
    return this.speak(samples);
  }

  listen(listener: (event: AudioLineEvent) => void): void {
    this.#listener = listener;
  }
  sendAudio(audio: Uint8Array): void {
    this.peer.sendAudio(audio);
  }
  sendMark(name: string): void {
    this.peer.sendMark(name);
  }
  clear(): void {
    this.peer.clear();
  }
  async sendDigits(): Promise<void> {}
  async transfer(): Promise<void> {}
  async hangUp(): Promise<void> {
    this.#listener?.({ type: 'closed', reason: 'hung-up' });
  }
}

const textOf = (words: readonly { text: string }[]): string => words.map(({ text }) => text).join(' ');
const wordsIn = (samples: Int16Array, rateHz: number) => wordsOf(decodeToneSpeech(samples, rateHz));

const LINES: [name: string, inFormat: AudioFormat, outFormat: AudioFormat, voice: Partial<ToneSynthesizerOptions>][] = [
  ['16 kHz linear16 in and 24 kHz linear16 out', LINEAR_16, LINEAR_24, { obeys: true }],
  ['16 kHz in and 24 kHz out, with a voice that knows 8 kHz alone', LINEAR_16, LINEAR_24, {}],
  ['A-law in and mu-law out, with a voice that speaks mu-law', ALAW, MULAW, { obeys: true }],
  ['mu-law in and A-law out, with a voice of 24 kHz', MULAW, ALAW, { format: LINEAR_24 }],
];

test.each(LINES)('a call with %s', async (_name, inFormat, outFormat, voice) => {
  const { speech, dial, advance, clock } = setUp(voice);
  await preparePhrases(agent, speech, { format: outFormat });
  const { line, call, ear, recording, eventsOf } = dial(inFormat, outFormat, 16_000);
  expect(line.peer.messages[0]?.atMs).toBe(0); // the greeting was made ahead for this very line
  await advance(1_500);
  expect(eventsOf('reply-audio-end')).toMatchObject([{ turn: 0 }]);
  const greetingBytes = line.peer.played().length;
  const [hum, ...others] = tonesIn(new SampleReader(outFormat).read(line.peer.played()), outFormat.sampleRateHz);
  expect(others).toEqual([]);
  expect(Math.abs(hum!.frequencyHz - HUM.frequencyHz)).toBeLessThan(1);
  expect(Math.abs(hum!.durationMs - HUM.durationMs)).toBeLessThan(5);

  // the ear gets what the line carries, byte for byte, and says what was said
  const askedMs = clock.nowMs();
  const askedBytes = line.say(QUESTION);
  await advance(12_000);
  expect(ear).toEqual({ format: inFormat, bytes: askedBytes });
  expect(eventsOf('turn-start')).toMatchObject([{ text: QUESTION }]);
  expect(textOf(line.peer.words(greetingBytes))).toBe(ANSWER);
  expect(eventsOf('turn-end').at(-1)).toMatchObject({ turn: 1, outcome: 'replied', heard: ANSWER });

  // R22: cut off in the middle, what is told is what was heard
  const playedBytes = line.peer.played().length;
  line.say(QUESTION);
  while (line.peer.played().length === playedBytes) await advance(20);
  await advance(3_745); // all of its audio has come, and more than half of it was heard
  line.speak(encodeToneSpeech('No, wait, please.', inFormat.sampleRateHz));
  await advance(3_000);
  const cut = eventsOf('interruption');
  expect(cut).toHaveLength(1);
  const heardWords = textOf(line.peer.words(playedBytes)).split(' ');
  const toldWords = cut[0]!.heard.trim().split(' ');
  expect(toldWords.length).toBeGreaterThan(4);
  expect(toldWords).toEqual(ANSWER.split(' ').slice(0, toldWords.length));
  const wholeWords = heardWords.filter((word, at) => word === ANSWER.split(' ')[at]).length; // the last may be cut
  expect(Math.abs(wholeWords - toldWords.length)).toBeLessThanOrEqual(1);

  await advance(8_000);
  const whistledMs = clock.nowMs();
  line.speak(sine(WHISTLE.frequencyHz, WHISTLE.durationMs, inFormat.sampleRateHz));
  await advance(2_000);
  call.hangUp();
  await call.ended;

  // both sides lie in the recording where they were, as long and as high as they were
  const { audio } = await recording.done;
  const { sampleRateHz, channels } = readWav(readFileSync(audio!));
  expect(sampleRateHz).toBe(16_000);
  expect(channels[0]).toHaveLength(Math.round(clock.nowMs() * 16));
  const whistle = tonesIn(channels[0]!.subarray((whistledMs - 200) * 16), 16_000)[0]!;
  expect(Math.abs(whistle.frequencyHz - WHISTLE.frequencyHz)).toBeLessThan(1);
  expect(Math.abs(whistle.durationMs - WHISTLE.durationMs)).toBeLessThan(5);
  expect(Math.abs(whistle.startMs - 200)).toBeLessThan(25);
  const recordedHum = tonesIn(channels[1]!, 16_000)[0]!;
  expect(Math.abs(recordedHum.frequencyHz - HUM.frequencyHz)).toBeLessThan(1);
  expect(Math.abs(recordedHum.durationMs - HUM.durationMs)).toBeLessThan(5);
  expect(recordedHum.startMs).toBeLessThan(5);
  const left = wordsIn(channels[0]!, 16_000);
  expect(textOf(left).startsWith(QUESTION)).toBe(true);
  expect(Math.abs(left[0]!.startMs - askedMs)).toBeLessThan(100);
  expect(textOf(wordsIn(channels[1]!, 16_000)).startsWith(ANSWER)).toBe(true);
});

test('two lines of different rates in one process: each has the phrases at its own rate, and nothing of the other', async () => {
  const { synthesizer, speech, dial, advance } = setUp({ obeys: true });
  await Promise.all([MULAW, LINEAR_24].map((format) => preparePhrases(agent, speech, { format })));
  const phrases = [...synthesizer.phrases.values()].map(({ format }) => format.sampleRateHz);
  expect(phrases.filter((rateHz) => rateHz === 8_000)).toHaveLength(phrases.length / 2);
  expect(phrases.filter((rateHz) => rateHz === 24_000)).toHaveLength(phrases.length / 2);
  const calls = [dial(ALAW, MULAW), dial(LINEAR_16, LINEAR_24)];
  expect(calls.map(({ line }) => line.peer.messages[0]?.atMs)).toEqual([0, 0]);
  await advance(1_500);
  for (const { line, eventsOf } of calls) {
    const [hum] = tonesIn(new SampleReader(line.peer.format).read(line.peer.played()), line.peer.format.sampleRateHz);
    expect(Math.abs(hum!.frequencyHz - HUM.frequencyHz)).toBeLessThan(1);
    expect(Math.abs(hum!.durationMs - HUM.durationMs)).toBeLessThan(5);
    const greetingBytes = line.peer.played().length;
    line.say(QUESTION);
    await advance(12_000);
    expect(textOf(line.peer.words(greetingBytes))).toBe(ANSWER);
    expect(eventsOf('turn-end').at(-1)).toMatchObject({ outcome: 'replied', heard: ANSWER });
  }
  expect(synthesizer.clauses.join('')).toBe(ANSWER + ANSWER); // no phrase was spoken live
});

test('a call does not depend on which calls came before it', async () => {
  const { speech, dial, advance } = setUp({
    wordTimestamps: false,
    // live it is faster than in its phrases, which a call learns, and no other
    sound: (text, rateHz) => encodeToneSpeech(text, rateHz, { speed: ANSWER.includes(text.trim()) ? 1.5 : 1 }),
  });
  await preparePhrases(agent, speech, { format: MULAW });
  /** What is told as heard by a caller who cuts in `afterMs` into the answer. */
  const heardAfter = async (afterMs: number): Promise<string> => {
    const { line, call, eventsOf } = dial(MULAW, MULAW);
    await advance(1_500);
    line.say(QUESTION);
    while (eventsOf('reply-audio-start').length < 2) await advance(20);
    await advance(afterMs);
    line.speak(encodeToneSpeech('No, wait, please.', 8_000));
    await advance(1_500);
    call.hangUp();
    await advance(1_000);
    return eventsOf('interruption')[0]!.heard;
  };
  const first = await heardAfter(700);
  for (let calls = 0; calls < 5; calls++) {
    const { line, call } = dial(MULAW, MULAW);
    await advance(1_500);
    line.say(QUESTION);
    await advance(12_000); // all of it is heard, and teaches
    call.hangUp();
    await advance(1_000);
  }
  expect(await heardAfter(700)).toBe(first);
});
