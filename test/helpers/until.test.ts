import { expect, test } from 'vitest';
import { until } from './until.ts';

test('what is looked for is returned once it is there', async () => {
  let looks = 0;
  expect(await until('a third look', () => (++looks < 3 ? undefined : `look ${looks}`))).toBe('look 3');
  expect(await until('nothing at all', () => Promise.resolve(0))).toBe(0);
});

test('a check holds once it neither throws nor is false', async () => {
  let checks = 0;
  await until(() => expect(++checks).toBe(3));
  await until(async () => Promise.resolve(++checks > 60)); // more often than it is eager
  expect(checks).toBe(61);
});

test('in vain, it says for what, and why not', async () => {
  await expect(until('Godot', () => undefined, 20)).rejects.toThrow('Waited in vain for Godot, for 20 ms');
  const failure = until(() => expect(1).toBe(2), 20);
  await expect(failure).rejects.toThrow(/^Waited in vain for `.*toBe\(2\)`, for 20 ms$/);
  await expect(failure).rejects.toHaveProperty('cause.message', expect.stringContaining('expected 1 to be 2'));
});

test('what looking throws is thrown: it will not be found any more', async () => {
  const look = () => {
    throw new Error('the process has ended');
  };
  await expect(until('its address', look)).rejects.toThrow('the process has ended');
});
