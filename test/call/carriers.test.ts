/**
 * Whole calls on carriers that exist in tests only, one for each kind of wire: real sockets, and the time of the call in
 * the hands of the test. Nothing outside of a carrier's own file knows of it.
 */
import { setImmediate as tick } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { bytesOf, FRAME_MS, type AudioFormat } from '../../src/audio/contract.ts';
import { SampleReader, SampleWriter } from '../../src/audio/convert.ts';
import { decodeToneSpeech, encodeToneSpeech, wordsOf } from '../../src/audio/tone-speech.ts';
import type { AudioLine } from '../../src/bridge/contract.ts';
import { createAgent } from '../../src/call/agent.ts';
import type { Call } from '../../src/call/call.ts';
import type { CallEvent, CallEventType } from '../../src/call/events.ts';
import { answer, preparePhrases } from '../../src/call/phone.ts';
import { VirtualClock } from '../../src/lib/clock.ts';
import { createParley } from '../../src/worker/create-parley.ts';
import { openBinaryPeer, openJsonPeer, openTcpPeer, type CarrierPeer } from '../helpers/carriers/peers.ts';
import { SimulatedPeer } from '../helpers/peer.ts';
import { ToneSynthesizer } from '../helpers/synthesizer.ts';
import { modelThatSays, TranscriberDouble } from './helpers/doubles.ts';

const GREETING = 'Good day.';
const ANSWER = 'The lighthouse was built in eighteen hundred and two, and its light is seen from twenty miles away.';
const QUESTION = 'When was it built?';

const KEEPER = { name: 'keeper', instructions: 'Tell it.', greeting: GREETING };
const keeper = await createAgent(KEEPER);
const impatient = await createAgent({ ...KEEPER, turn: { awayMs: 1_000, nudges: 0 } });

type Open = (options: { clock: VirtualClock }) => Promise<CarrierPeer>;

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** A call that has been answered, a telephone behind its carrier, and a caller who holds it. */
async function dial(open: Open, agent = keeper) {
  const clock = new VirtualClock();
  const carrier = await open({ clock });
  cleanUps.push(() => carrier.cleanUp());
  const parley = createParley({ model: modelThatSays(ANSWER, clock), clock });
  cleanUps.push(() => parley.close());
  const accepting = carrier.accept();
  carrier.start();
  const line = await accepting;
  const { inFormat, outFormat } = line.capabilities;
  const synthesizer = new ToneSynthesizer({ clock, wordTimestamps: true });
  const speech = { synthesizer, transcriber: new TranscriberDouble(clock) };
  await preparePhrases(agent, speech, { format: outFormat });
  const events: CallEvent[] = [];
  const listen = (call: Call) => void call.on('event', (event) => events.push(event));
  const call = answer(parley, line, { agent, speech, listen });
  const telephone = telephoneBehind(carrier, line, clock);
  /** In frames, each of which has arrived before the next. */
  const advance = async (ms: number) => {
    for (const untilMs = clock.nowMs() + ms; clock.nowMs() < untilMs;) {
      await carrier.settle();
      telephone.play();
      await carrier.settle();
      clock.advanceTo(Math.min(untilMs, clock.nowMs() + FRAME_MS));
      await tick();
    }
  };
  const eventsOf = <Type extends CallEventType>(type: Type) =>
    events.filter((event): event is Extract<CallEvent, { type: Type }> => event.type === type);
  const say = (text: string) => speakInto(carrier, clock, inFormat, text);
  return { clock, carrier, call, line, telephone, advance, eventsOf, say };
}

/** Plays what the carrier is sent, and has the carrier say so in the way it does. */
function telephoneBehind(carrier: CarrierPeer, line: AudioLine, clock: VirtualClock) {
  const { outFormat, reports } = line.capabilities;
  const peer = new SimulatedPeer(clock, { format: outFormat, countEveryMs: reports === 'samples' ? 100 : 0 });
  peer.onMark = (name) => carrier.played(name);
  peer.onPlayed = (samples) => carrier.counted('played', samples);
  peer.onCleared = (samples) => carrier.counted('cleared', samples);
  let taken = 0;
  return {
    peer,
    play() {
      for (const message of carrier.received().slice(taken)) {
        taken++;
        if (message.type === 'audio') peer.sendAudio(message.audio);
        else if (message.type === 'mark') peer.sendMark(message.name);
        else if (message.type === 'clear') peer.clear();
      }
    },
    heard: (fromByte = 0) => textOf(new SampleReader(outFormat).read(peer.played().subarray(fromByte)), outFormat),
  };
}

const textOf = (samples: Int16Array, { sampleRateHz }: AudioFormat): string =>
  wordsOf(decodeToneSpeech(samples, sampleRateHz))
    .map(({ text }) => text)
    .join(' ');

/** Words and the silence behind them that ends a turn, a frame each 20 ms, until the returned function is called. */
function speakInto(carrier: CarrierPeer, clock: VirtualClock, format: AudioFormat, text: string): () => void {
  const words = encodeToneSpeech(text, format.sampleRateHz);
  const samples = new Int16Array(words.length + 2 * format.sampleRateHz);
  samples.set(words);
  const bytes = new SampleWriter(format).write(samples).slice();
  const step = bytesOf(FRAME_MS, format);
  const stops: (() => void)[] = [];
  for (let at = 0, frame = 0; at < bytes.length; at += step, frame++)
    stops.push(clock.after(frame * FRAME_MS, () => carrier.speak(bytes.subarray(at, at + step))));
  return () => stops.forEach((stop) => stop());
}

const CARRIERS: [name: string, open: Open][] = [
  ['JSON over a WebSocket, A-law in, 16 kHz out, marks', openJsonPeer],
  ['binary messages over a WebSocket, 16 kHz, counts of samples', openBinaryPeer],
  ['packets over TCP, paced by us', openTcpPeer],
];

test.each(CARRIERS)('a call over %s: greeting, question, answer, an interruption, and its end', async (_name, open) => {
  const { carrier, call, line, telephone, advance, eventsOf, say } = await dial(open);
  const { feed, outFormat } = line.capabilities;
  await advance(2_000);
  expect(telephone.heard()).toBe(GREETING);
  expect(eventsOf('reply-audio-end')).toMatchObject([{ turn: 0 }]);

  const greetingBytes = telephone.peer.played().length;
  say(QUESTION);
  await advance(12_000);
  expect(eventsOf('turn-start')).toMatchObject([{ text: QUESTION }]);
  expect(telephone.heard(greetingBytes)).toBe(ANSWER);
  expect(eventsOf('turn-end').at(-1)).toMatchObject({ turn: 1, outcome: 'replied', heard: ANSWER });

  // R11, R12, R22: the caller cuts in; the line falls silent, and what was heard is what is told
  const answeredBytes = telephone.peer.played().length;
  say(QUESTION);
  while (eventsOf('reply-audio-start').length < 3) await advance(20);
  await advance(3_000);
  const stop = say('No, wait, please.');
  while (eventsOf('interruption').length === 0) await advance(20);
  const told = eventsOf('interruption')[0]!.heard.trim();
  expect(ANSWER.startsWith(told)).toBe(true);
  await advance(200);
  const heard = telephone.heard(answeredBytes);
  const words = (text: string) => text.split(' ').length;
  expect(words(told)).toBeGreaterThan(4);
  expect(Math.abs(words(told) - words(heard))).toBeLessThanOrEqual(1); // the last word may have been cut

  const lengths = new Set(telephone.peer.messages.map(({ bytes }) => bytes));
  expect([...lengths].filter((bytes) => bytes % bytesOf(FRAME_MS, outFormat) !== 0)).toEqual([]);
  expect(Math.max(...lengths)).toBeLessThanOrEqual(feed.mostBytes);

  stop();
  carrier.hangUp();
  expect((await call.ended).reason).toBe('caller-hung-up');
  await carrier.closed;
  expect(carrier.leftovers()).toMatchObject({ handlers: 0, isSocketOpen: false });
});

test.each(CARRIERS)('a call over %s is hung up by the agent when nobody says anything', async (_name, open) => {
  const { carrier, call, eventsOf, advance } = await dial(open, impatient);
  while (eventsOf('call-end').length === 0) await advance(200);
  expect((await call.ended).reason).toBe('caller-away');
  await carrier.closed;
  expect(carrier.leftovers()).toMatchObject({ handlers: 0, isSocketOpen: false });
});
