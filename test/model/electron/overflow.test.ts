/** Overflow in any server's words. */
import { expect, test } from 'vitest';
import { codeOf } from '../helpers/electron/refusals.ts';
import { fitsOf, OVERFLOW_WORDINGS } from '../../../src/model/electron/overflow.ts';

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

test.each([
  [
    "This model's maximum context length is 8192 tokens. However, you requested 9001 tokens (8501 in the messages, 500 in the completion).",
    8192 / 9001,
  ],
  ['prompt is too long: 226360 tokens > 200000 maximum', 200_000 / 226_360],
  ['input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000', 188_240 / 200_000],
  ['request (9411 tokens) exceeds the available context size (8192 tokens), try increasing it', 8192 / 9411],
  ['greater than the context length (n_keep: 5312 >= n_ctx: 4096)', 4096 / 5312],
  [
    'Prompt contains 40012 tokens and 0 draft tokens, too large for model with 32768 maximum context length',
    32_768 / 40_012,
  ],
  [
    'The input token count (1,196,265) exceeds the maximum number of tokens allowed (1,048,575).',
    1_048_575 / 1_196_265,
  ],
  ["This model's maximum prompt length is 131072 but the request contains 137812 tokens.", 131_072 / 137_812],
  ['Current length is 9412 while limit is 8192', 8192 / 9412],
  [
    '`inputs` tokens + `max_new_tokens` must be <= 8193. Given: 9002 `inputs` tokens and 512 `max_new_tokens`',
    8193 / 9002,
  ],
  ['tokens per min (TPM): Limit 30000, Requested 50000.', 0.6],
  ['{"error":{"message":"maximum context length is 8192 tokens, got 81920"}}', 0.4],
  ['invalid params, context window exceeds limit (2013)', undefined],
  ['request exceeded model token limit: 131072', undefined],
  ['413 Request too large', undefined],
  ['', undefined],
])('how much of it would have fitted: %s', (words, fits) => {
  if (fits === undefined) expect(fitsOf(words)).toBeUndefined();
  else expect(fitsOf(words)).toBeCloseTo(fits, 5);
});

test('words without end are looked at for a moment only', () => {
  for (const words of ['1,'.repeat(500_000), 'limit '.repeat(200_000), '> '.repeat(500_000)])
    expect(fitsOf(words)).toBeUndefined();
});
