/** One reading for every shape in which a provider says no: `wire/errors-and-limits.md` 2. */
import { expect, test } from 'vitest';
import {
  codeOfStatus,
  hideSecrets,
  requestIdOf,
  isPassing,
  readErrorBody,
  readErrorFrame,
  readRetryAfter,
  refusalOf,
  unreachable,
} from '../../src/lib/provider-errors.ts';

const details = [{ code: 'custom', message: 'too long', path: ['text'] }];

test.each<[string, unknown, object]>([
  [
    'Electron',
    { error: { message: 'Invalid input data', type: 'invalid_request_error', details, request_id: 'r1' } },
    { message: 'Invalid input data', code: 'invalid_request_error', details, requestId: 'r1' },
  ],
  ['OpenAI', { error: { message: 'No', type: 'a', code: 'b' } }, { message: 'No', code: 'b' }],
  ['Lightning', { error: 'ValidationError', message: 'Text is empty' }, { message: 'Text is empty', code: 'http_400' }],
  [
    'Lightning, validation',
    { error: [{ code: 'invalid_enum', path: ['voice'], message: 'No such voice' }] },
    {
      message: 'No such voice',
      code: 'invalid_enum',
      details: [{ code: 'invalid_enum', path: ['voice'], message: 'No such voice' }],
    },
  ],
  [
    'Lightning, retired route',
    { status: 'error', error_code: 'MODEL_DEPRECATED', message: 'Gone', recommended_endpoint: '/tts' },
    { message: 'Gone', code: 'MODEL_DEPRECATED' },
  ],
  ['Lightning, dictionaries', { error: 'Bad word', details }, { message: 'Bad word', details }],
  [
    'Lightning, frame',
    { status: 'error', error: { message: 'No', code: 42 }, session_id: 's1' },
    { code: '42', sessionId: 's1' },
  ],
  [
    'Lightning, frame with a list',
    { status: 'error', errors: details },
    { message: 'too long', code: 'custom', details },
  ],
  [
    'Pulse',
    { error: 'Bad audio', request_id: 'r2', details: 'why' },
    { message: 'Bad audio', requestId: 'r2', details: 'why' },
  ],
  [
    'Pulse, frame',
    { type: 'error', error_code: 'LANGUAGE_NOT_ENABLED_IN_REGION', message: 'Elsewhere' },
    { message: 'Elsewhere', code: 'LANGUAGE_NOT_ENABLED_IN_REGION' },
  ],
])('%s: what it says is found', (_name, body, facts) => {
  expect(readErrorBody(400, {}, JSON.stringify(body))).toMatchObject({ status: 400, ...facts });
  expect(readErrorFrame(body, { fallbackCode: 'http_400' })).toMatchObject({ status: undefined, ...facts });
});

test('headers count before the body for ids', () => {
  const headers = { 'x-request-id': 'r-header', 'x-session-id': ['s-header'] };
  const body = '{"error":{"message":"No","request_id":"r-body"},"session_id":"s-body"}';
  expect(readErrorBody(500, headers, body)).toMatchObject({ requestId: 'r-header', sessionId: 's-header' });
});

test.each([
  ['', 'Bad Gateway'],
  ['  ', 'Bad Gateway'],
  ['upstream connect error', 'upstream connect error'],
  ['<html>\n<head><title>502</title></head><body><h1>Bad  gateway</h1></body></html>', '502 Bad gateway'],
  ['x'.repeat(600), 'x'.repeat(500)],
  ['{"error":', '{"error":'],
  ['null', 'null'],
])('a body that is no envelope, %j, is its own message', (text, message) => {
  expect(readErrorBody(502, {}, text)).toMatchObject({ message, code: 'http_502', details: undefined });
});

test('a status without a name is named by its number', () => {
  expect(readErrorBody(599, {}, '').message).toBe('HTTP 599');
});

const NOW = Date.UTC(2026, 0, 1, 12, 0, 0);

test.each([
  [{ 'retry-after': '2' }, 2_000],
  [{ 'retry-after': ' 0.5 ' }, 500],
  [{ 'retry-after': '0' }, 0],
  [{ 'retry-after': 'Thu, 01 Jan 2026 12:00:07 GMT' }, 7_000],
  [{ 'retry-after': 'Thu, 01 Jan 2026 11:00:00 GMT' }, 0],
  [{ 'retry-after': 'Thu, 01 Jan 2026 13:00:07 GMT', date: 'Thu, 01 Jan 2026 13:00:00 GMT' }, 7_000], // ours is set back
  [{ 'retry-after': 'Thu, 01 Jan 2026 12:00:07 GMT', date: 'noon' }, 7_000],
  [{ 'retry-after-ms': '350', 'retry-after': '2' }, 350],
  [{ 'retry-after-ms': 'soon', 'retry-after': '2' }, 2_000],
  [{ 'retry-after': ['3', '4'] }, 3_000],
  [{ 'retry-after': 'soon' }, undefined],
  [{ 'retry-after': '-5' }, undefined],
  [{ 'retry-after': '' }, undefined],
  [{}, undefined],
])('%j is read as %s ms', (headers, ms) => {
  expect(readRetryAfter(headers, NOW)).toBe(ms);
  expect(readErrorBody(429, headers, '', { epochMs: NOW }).retryAfterMs).toBe(ms);
});

test('keys are taken out of everything, ours by its text and others by their looks', () => {
  const text = JSON.stringify({
    error: { message: 'Key my+own/key is bad', details: ['sk_abcdefghijkl', 'Bearer abcdefghijkl=='] },
  });
  const facts = readErrorBody(401, {}, text, { secret: 'my+own/key' });
  expect(facts.message).toBe('Key [redacted] is bad');
  expect(facts.details).toEqual(['sk_[redacted]', 'Bearer [redacted]']);
  expect(readErrorFrame({ message: 'Key my+own/key' }, { secret: 'my+own/key' }).message).toBe('Key [redacted]');
  expect(hideSecrets('a risk-taking bearer of news')).toBe('a risk-taking bearer of news');
});

test.each([
  [400, 'provider-failed', false],
  [401, 'unauthorized', false],
  [403, 'unauthorized', false],
  [404, 'provider-failed', false],
  [429, 'rate-limited', true],
  [500, 'provider-failed', true],
  [503, 'provider-failed', true],
])('a status of %i is %s, passing: %s', (status, code, passes) => {
  expect(codeOfStatus(status)).toBe(code);
  const error = refusalOf('acme', readErrorBody(status, { 'x-request-id': 'r1' }, 'no'), { phase: 'connect' });
  expect(error).toMatchObject({
    provider: 'acme',
    message: 'acme: no',
    code,
    status,
    requestId: 'r1',
    phase: 'connect',
  });
  expect(isPassing(error)).toBe(passes);
});

test('what is known better than the status says goes before it', () => {
  const facts = readErrorFrame({ error: { message: 'too long', code: 'context_length_exceeded' } });
  expect(codeOfStatus(undefined)).toBe('provider-failed');
  expect(codeOfStatus(Number(facts.code))).toBe('provider-failed');
  const error = refusalOf('acme', facts, { phase: 'mid-stream', code: 'context-overflow' });
  expect(error).toMatchObject({ code: 'context-overflow', status: undefined, providerCode: 'context_length_exceeded' });
});

test('who is not reached may be reached later; a key in the cause is not shown', () => {
  const error = unreachable('acme', new Error('getaddrinfo ENOTFOUND my+own/key.example'), 'my+own/key');
  expect(error).toMatchObject({ code: 'connect-failed', phase: 'connect', status: undefined });
  expect(error.message).toBe('acme: getaddrinfo ENOTFOUND [redacted].example');
  expect(unreachable('acme', new Error('Connect Timeout Error')).code).toBe('connect-timeout');
  expect(isPassing(error)).toBe(true);
});

test('our key, and who an address names, are in no fact, also where the provider names the request by it', () => {
  const key = 'canary-key-of-mine';
  const headers = { 'x-request-id': `r-${key}`, 'x-session-id': key };
  const body = JSON.stringify({
    error: { message: `no ${key} at https://me:${key}@host`, code: key, request_id: key },
  });
  expect(JSON.stringify(readErrorBody(401, headers, body, { secret: key }))).not.toContain(key);
  expect(requestIdOf({ 'x-request-id': 'sk_live_abcdefghijkl' })).toBe('sk_[redacted]');
  expect(hideSecrets('postgres://me:p@ss@host/db and redis://:word@host')).toBe(
    'postgres://[redacted]@host/db and redis://[redacted]@host',
  );
  expect(hideSecrets('see https://host.example/a@b?page=2&x-api-key=abc#c, mail me@host.example')).toBe(
    'see https://host.example/a@b?page=2&x-api-key=[redacted]#c, mail me@host.example',
  );
});
