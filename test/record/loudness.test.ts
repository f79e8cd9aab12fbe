import { expect, test } from 'vitest';
import { LoudnessMeter } from '../../src/record/loudness.ts';

const meter = () => new LoudnessMeter({ sampleRateHz: 8_000, startMs: 1_000 });
const frame = (level: number, ms = 20) => new Int16Array(ms * 8).fill(level);

test('frames of a step count as one, as loud as their highest peak', () => {
  const loudness = meter();
  loudness.add('caller', frame(-16_384), 1_000);
  loudness.add('caller', frame(8_192), 1_020);
  loudness.add('caller', frame(-32_768), 1_040);
  expect(loudness.caller).toEqual([0.5, 1]);
  expect(loudness.agent).toEqual([]);
});

test('a long frame is spread over the time in which it is heard, silence before it is silence', () => {
  const loudness = meter();
  loudness.add('agent', frame(16_384, 100), 1_090);
  expect(loudness.agent).toEqual([0, 0, 0.5, 0.5, 0.5]);
});

test('what was cleared was not heard', () => {
  const loudness = meter();
  loudness.add('agent', frame(16_384, 200), 1_000);
  loudness.erase('agent', 1_080);
  loudness.erase('agent', 5_000);
  expect(loudness.agent).toEqual([0.5, 0.5]);
});

test('frames of any length and time land within the call, in bounded steps', () => {
  const loudness = meter();
  for (let index = 0; index < 500; index++) loudness.add('caller', frame(100, index % 7), 990 + index * 3.3);
  expect(loudness.caller.length).toBeLessThanOrEqual(Math.ceil((500 * 3.3) / 40) + 1);
  expect(loudness.caller.every((level) => level > 0)).toBe(true);
});
