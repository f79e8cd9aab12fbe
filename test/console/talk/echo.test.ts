import { expect, test } from 'vitest';
import { isEcho } from '../../../src/console/talk/page/echo.ts';

test.each([
  ['we are open on Mondays', true],
  ['open on', true],
  ['', true],
  ['no, I said Tuesday', false],
  ['we want to leave', false],
])('`%s` in the microphone is the loudspeaker: %s', (heard, isOwn) => {
  expect(isEcho(heard, 'Yes, we are open on Mondays from nine to six.')).toBe(isOwn);
});
