import { expect, test } from 'vitest';
import { CallerVoice } from '../../../src/simulate/phone/caller-voice.ts';

test('any lengths come out as frames of 20 ms, filled with silence only at the end', async () => {
  const voice = new CallerVoice();
  expect(voice.nextFrame(20)).toBeUndefined();
  const first = voice.say(new Uint8Array(100).fill(1));
  const second = voice.say(new Uint8Array(300).fill(2));
  const frames = [40, 60, 80, 100].map((atMs) => voice.nextFrame(atMs)?.slice());
  expect(frames[0]).toEqual(Uint8Array.from([...new Array<number>(100).fill(1), ...new Array<number>(60).fill(2)]));
  expect(frames[1]).toEqual(new Uint8Array(160).fill(2));
  expect(frames[2]).toEqual(Uint8Array.from([...new Array<number>(80).fill(2), ...new Array<number>(80).fill(0xff)]));
  expect(frames[3]).toBeUndefined();
  expect(await first).toEqual({ fromMs: 20, toMs: 32.5 });
  expect(await second).toEqual({ fromMs: 32.5, toMs: 70 });
});

test('stopping drops the rest, and says how far it came', async () => {
  const voice = new CallerVoice();
  const first = voice.say(new Uint8Array(1_600).fill(1));
  const second = voice.say(new Uint8Array(160));
  voice.nextFrame(20);
  voice.nextFrame(40);
  expect(voice.isSpeaking).toBe(true);
  voice.stop();
  expect(voice.nextFrame(60)).toBeUndefined();
  expect([await first, await second]).toEqual([
    { fromMs: 0, toMs: 40 },
    { fromMs: 0, toMs: 0 },
  ]);
});

test('saying nothing is done at once', async () => {
  expect(await new CallerVoice().say(new Uint8Array(0))).toEqual({ fromMs: 0, toMs: 0 });
});
