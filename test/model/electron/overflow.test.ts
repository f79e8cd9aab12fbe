/** Overflow in any server's words. */
import { expect, test } from 'vitest';
import { codeOf } from '../helpers/electron/refusals.ts';
import { OVERFLOW_WORDINGS } from '../../../src/model/electron/overflow.ts';

test.each(OVERFLOW_WORDINGS)('$source: $example', ({ pattern, example }) => {
  expect(example).toMatch(pattern);
  for (const status of [400, 422, 500]) {
    expect(codeOf(status, JSON.stringify({ error: { message: example } }))).toBe('context-overflow');
    expect(codeOf(status, JSON.stringify([{ error: { code: status, message: example } }]))).toBe('context-overflow');
    expect(codeOf(status, JSON.stringify({ detail: example, object: 'error' }))).toBe('context-overflow');
    expect(codeOf(status, example.toUpperCase())).toBe('context-overflow');
  }
});

test.each([
  ['a 413 with nothing to say', 413, ''],
  ['413 `Request too large`', 413, 'Request too large'],
  ['a gateway’s page', 413, '<html><h1>413 Request Entity Too Large</h1></html>'],
  ['the code alone', 400, '{"error":{"code":"context_length_exceeded"}}'],
  ['the type alone', 400, '{"error":{"type":"exceed_context_size_error","n_ctx":8192}}'],
  [
    'OpenAI, one request over a whole minute',
    429,
    '{"error":{"message":"Request too large for gpt-4o in organization org-x on tokens per min (TPM): Limit 30000, Requested 50000. The input or output tokens must be reduced in order to run successfully.","code":"rate_limit_exceeded"}}',
  ],
  [
    'Groq, the same',
    413,
    '{"error":{"message":"Request too large for model `x` on tokens per minute (TPM): Limit 6000, Requested 7411, please reduce your message size and try again.","code":"rate_limit_exceeded"}}',
  ],
])('%s', (_what, status, body) => {
  expect(codeOf(status, body)).toBe('context-overflow');
});

test.each([
  ['a rate', 429, 'Rate limit reached: too many tokens per minute. Please try again in 2s.', 'rate-limited'],
  ['Bedrock, a rate', 400, 'ThrottlingException: Too many tokens, please wait before trying again.', 'provider-failed'],
  ['a field', 400, 'Invalid value for `temperature`', 'provider-failed'],
  [
    'an order of messages',
    400,
    'Conversation roles must alternate user/assistant/user/assistant/...',
    'provider-failed',
  ],
  ['a key', 401, 'context_length_exceeded', 'unauthorized'],
  ['an overloaded server', 503, 'prompt is too long', 'provider-failed'],
])('no overflow: %s', (_what, status, body, code) => {
  expect(codeOf(status, JSON.stringify({ error: { message: body } }))).toBe(code);
});
