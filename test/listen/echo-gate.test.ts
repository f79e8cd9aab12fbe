import { expect, test } from 'vitest';
import type { AudioFormat } from '../../src/audio/contract.ts';
import { decodeMulaw, encodeMulaw } from '../../src/audio/g711.ts';
import { encodeToneSpeech } from '../../src/audio/tone-speech.ts';
import { EchoGate } from '../../src/listen/echo-gate.ts';

const PCM: AudioFormat = { encoding: 'linear16', sampleRateHz: 16_000 };
const MULAW: AudioFormat = { encoding: 'mulaw', sampleRateHz: 8_000 };
const STORY = 'the harbour was built in the year of the great storm and every family gave a son';
const FRAME = 320;

const bytes = (samples: Int16Array) => new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
const loudness = (samples: Int16Array, db: number) => samples.map((sample) => sample * 10 ** (db / 20));
const at = (samples: Int16Array, frame: number) =>
  frame < 0 ? new Int16Array(FRAME) : Int16Array.from({ length: FRAME }, (_, i) => samples[frame * FRAME + i] ?? 0);
const isSilent = (audio: Uint8Array) => audio.every((byte) => byte === 0);

/** A call of 20 ms frames: the agent's sound goes out ahead, comes back softer and later, beside what the caller says. */
function talk(options: {
  agent: Int16Array;
  aheadMs?: number;
  echoDb?: number;
  delayMs?: number;
  caller?: (frame: number) => Int16Array | undefined;
  frames?: number;
  clearAt?: number;
}): boolean[] {
  const { agent, aheadMs = 300, echoDb = -20, delayMs = 120, clearAt = Infinity } = options;
  const gate = new EchoGate(PCM, PCM);
  const echo = loudness(agent, echoDb);
  const count = options.frames ?? Math.ceil(agent.length / FRAME) + 60;
  let sent = 0;
  return Array.from({ length: count }, (_, frame) => {
    const nowMs = frame * 20;
    for (; frame < clearAt && sent * 20 <= nowMs + aheadMs; sent++) gate.sent(bytes(at(agent, sent)), nowMs);
    if (frame === clearAt) gate.cleared(nowMs);
    const back = frame - delayMs / 20 < clearAt ? at(echo, frame - delayMs / 20) : new Int16Array(FRAME);
    const said = options.caller?.(frame);
    const mixed = said ? back.map((sample, i) => sample + (said[i] ?? 0)) : back;
    return !isSilent(gate.heard(bytes(mixed), nowMs));
  });
}

const agent = encodeToneSpeech(STORY, PCM.sampleRateHz);

test.each([0, 60, 120, 300, 440])(
  'R11: the agent that comes back by 20 dB softer after %i ms is not heard',
  (delayMs) => {
    expect(talk({ agent, delayMs }).filter(Boolean)).toEqual([]);
  },
);

test.each([0, -6])('a caller who speaks over it at %i dB is heard within 40 ms, and to the end', (db) => {
  const voice = loudness(encodeToneSpeech('stop please', PCM.sampleRateHz), db);
  const [from, length] = [50, Math.floor(voice.length / FRAME)];
  const heard = talk({ agent, caller: (frame) => (frame >= from ? at(voice, frame - from) : undefined) });
  expect(heard.slice(0, from).some(Boolean)).toBe(false);
  expect(heard.indexOf(true)).toBeLessThanOrEqual(from + 2);
  expect(heard.slice(from + 2, from + length).every(Boolean)).toBe(true);
});

test('a click is no voice', () => {
  const click = new Int16Array(FRAME).fill(12_000);
  expect(talk({ agent, caller: (frame) => (frame === 50 ? click : undefined) }).filter(Boolean)).toEqual([]);
});

test('once the agent has been silent for a while, everybody is heard, however soft', () => {
  const soft = new Int16Array(FRAME).fill(60);
  const last = Math.ceil(agent.length / FRAME);
  const heard = talk({ agent, caller: (frame) => (frame > last ? soft : undefined), frames: last + 60 });
  expect(heard.indexOf(true) * 20).toBeLessThanOrEqual(last * 20 + 500);
  expect(heard.slice(last + 30).every(Boolean)).toBe(true);
});

test('behind a clear the rest of what was sent echoes no more', () => {
  const soft = new Int16Array(FRAME).fill(60);
  const heard = talk({ agent, aheadMs: 1_000, clearAt: 40, caller: (frame) => (frame > 64 ? soft : undefined) });
  expect(heard.slice(0, 60).some(Boolean)).toBe(false);
  expect(heard.slice(66).every(Boolean)).toBe(true);
});

test('what is silence for one law is silence for it', () => {
  const gate = new EchoGate(MULAW, PCM);
  gate.sent(bytes(agent.subarray(0, 16_000)), 0);
  const soft = encodeMulaw(new Int16Array(160).fill(300));
  expect(decodeMulaw(gate.heard(soft, 200)).every((sample) => sample === 0)).toBe(true);
  expect(gate.heard(soft, 5_000)).toBe(soft);
});
