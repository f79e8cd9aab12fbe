/** Whether and when to ask again: the table of `wire/errors-and-limits.md` 3. */
import { expect, test } from 'vitest';
import { ProviderError, type ErrorCode, type ProviderFacts } from '../../../src/lib/errors.ts';
import { retryDelayMs } from '../../../src/model/electron/failure.ts';

const failure = (code: ErrorCode, facts: Partial<ProviderFacts> = {}) =>
  new ProviderError('electron', code, 'No', { phase: 'before-first-output', ...facts });
/** The longest delay after each attempt, until it gives up. */
const delays = (error: ProviderError) => [1, 2, 3, 4, 5].map((attempts) => retryDelayMs(error, attempts, 1));

test.each([
  ['429', failure('rate-limited', { status: 429 }), [500, 1_000, 2_000, 4_000, undefined]],
  ['429 with Retry-After', failure('rate-limited', { status: 429, retryAfterMs: 70 }), [70, 70, 70, 70, undefined]],
  ['500', failure('provider-failed', { status: 500 }), [500, undefined, undefined, undefined, undefined]],
  ['502', failure('provider-failed', { status: 502 }), [250, 500, 1_000, 2_000, undefined]],
  ['503 with Retry-After', failure('provider-failed', { status: 503, retryAfterMs: 9 }), [9, 9, 9, 9, undefined]],
  ['no connection', failure('connect-failed', { phase: 'connect' }), [250, 500, 1_000, 2_000, undefined]],
  ['a reset before output', failure('stream-cut'), [250, 500, 1_000, 2_000, undefined]],
])('%s is asked again after these delays', (_name, error, expected) => {
  expect(delays(error)).toEqual(expected);
});

test.each([
  ['400', failure('provider-failed', { status: 400 })],
  ['401', failure('unauthorized', { status: 401 })],
  ['404', failure('provider-failed', { status: 404 })],
  ['an overflow', failure('context-overflow', { status: 400 })],
  ['a time-out', failure('first-token-timeout')],
  ['a connection that takes too long', failure('connect-timeout', { phase: 'connect' })],
  ['the end of the client', failure('closed')],
  ['429 in mid-answer', failure('rate-limited', { phase: 'mid-stream', status: 429 })],
  ['a cut in mid-answer', failure('stream-cut', { phase: 'mid-stream' })],
])('%s is not asked again', (_name, error) => {
  expect(delays(error)).toEqual(Array(5).fill(undefined));
});

test('the whole delay is jitter, but what the provider asks for is kept to', () => {
  expect(retryDelayMs(failure('connect-failed'), 3, 0)).toBe(0);
  expect(retryDelayMs(failure('connect-failed'), 3, 0.5)).toBe(500);
  expect(retryDelayMs(failure('rate-limited', { retryAfterMs: 2_000 }), 1, 0)).toBe(2_000);
});
