/** Rows of keys. */
import { expect, test } from 'vitest';
import { Keypad } from '../../src/turn/keypad.ts';

test('`#` ends a row, and is one when it stands alone', () => {
  const keypad = new Keypad({ digitsMs: 2_000 });
  expect(['1', '2', '#'].map((key, at) => keypad.press(key, at))).toEqual([undefined, undefined, '12']);
  expect(keypad.dueAtMs).toBeUndefined();
  expect(keypad.press('#', 10)).toBe('#');
});

test('a pause after the last key ends a row, and the next one begins anew', () => {
  const keypad = new Keypad({ digitsMs: 2_000 });
  expect(keypad.dueAtMs).toBeUndefined();
  keypad.press('1', 100);
  keypad.press('*', 900);
  expect(keypad.dueAtMs).toBe(2_900);
  expect([keypad.takeRow(), keypad.dueAtMs]).toEqual(['1*', undefined]);
  keypad.press('7', 3_000);
  expect(keypad.press('#', 3_100)).toBe('7');
});
