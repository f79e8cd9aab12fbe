/** Promises of our own. */
import { expect, test } from 'vitest';
import { assert, needed } from '../../src/lib/assert.ts';

const internal = expect.objectContaining({ code: 'internal', message: 'Expected a turn' }) as Error;

test('a promise that is kept is silent; one that is broken says what was expected', () => {
  assert(true, 'a turn');
  expect(() => assert(false, 'a turn')).toThrow(internal);
});

test('what is needed is there, whatever it is', () => {
  expect([needed(0, 'a turn'), needed('', 'a turn'), needed(null, 'a turn')]).toEqual([0, '', null]);
  expect(() => needed(undefined, 'a turn')).toThrow(internal);
});
