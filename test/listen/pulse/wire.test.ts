import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AudioFormat } from '../../../src/audio/contract.ts';
import { VoiceError } from '../../../src/lib/errors.ts';
import {
  DEFAULT_BASE_URL,
  judgeClose,
  judgeStatus,
  liveUrl,
  placeWords,
  readKeywords,
  readPulseFrame,
  type LiveOptions,
} from '../../../src/listen/pulse/wire.ts';

const mulaw: AudioFormat = { encoding: 'mulaw', sampleRateHz: 8_000 };
const url = (options: Partial<LiveOptions> = {}) =>
  new URL(liveUrl({ baseUrl: DEFAULT_BASE_URL, language: 'en', keywords: [], format: mulaw, ...options }));

describe('the query', () => {
  test('is the recommended one for a phone call, every default written out', () => {
    expect(`${url().origin}${url().pathname}`).toBe('wss://api.smallest.ai/waves/v1/stt/live');
    expect(Object.fromEntries(url().searchParams)).toEqual({
      model: 'pulse',
      language: 'en',
      encoding: 'mulaw',
      sample_rate: '8000',
      endpointing: 'true',
      eou_timeout_ms: '300',
      finalize_on_words: 'false',
      vad_events: 'true',
      word_timestamps: 'true',
      format: 'true',
      itn_normalize: 'false',
    });
  });

  test('carries what was asked for and nothing that was not', () => {
    const { searchParams } = url({
      query: { eouTimeoutMs: 500, redactPii: true, numerals: 'auto', sessionId: 'call-1' },
    });
    expect(searchParams.get('eou_timeout_ms')).toBe('500');
    expect(searchParams.get('redact_pii')).toBe('true');
    expect(searchParams.get('numerals')).toBe('auto');
    expect(searchParams.get('external_session_id')).toBe('call-1');
    expect(searchParams.has('keywords')).toBe(false);
    expect(searchParams.has('max_words')).toBe(false);
  });

  test('keywords go as one plain list, and are left out when there are none', () => {
    expect(url({ keywords: ['Acme:2', 'New Delhi', 'Zoë & Co'] }).searchParams.get('keywords')).toBe(
      'Acme:2,New Delhi,Zoë & Co',
    );
    expect(readKeywords([])).toBe('');
  });

  test.each([
    [['a,b'], 'without a comma, got `a,b`'],
    [[''], 'got ``'],
    [[':2'], 'got `:2`'],
    [['Acme:9'], 'the boost of `Acme` to be above 0 and at most 5, got `9`'],
    [['Acme:'], 'got ``'],
    [['Acme:loud'], 'got `loud`'],
    [Array.from({ length: 101 }, (_, i) => `w${i}`), '100 or fewer, got 101'],
  ])('keywords %j are refused', (keywords, message) => {
    expect(() => url({ keywords })).toThrow(message);
  });

  test.each<[Record<string, unknown>, string]>([
    [{ language: 'multi' }, '`listen.language` to be one of en, hi'],
    [{ language: 'EN' }, 'got `EN`'],
    [{ format: { encoding: 'mulaw', sampleRateHz: 16_000 } }, 'the sampling rate of mulaw to be 8000 Hz'],
    [{ format: { encoding: 'linear16', sampleRateHz: 11_025 } }, 'got `11025`'],
    [{ query: { eouTimeoutMs: 50 } }, 'eouTimeoutMs'],
    [{ query: { sessionId: 'has space' } }, 'sessionId'],
    [{ query: { vadEvent: true } }, 'vadEvent'],
    [{ baseUrl: 'ftp://example.com' }, 'got `ftp://example.com`'],
    [{ baseUrl: 'nonsense' }, 'got `nonsense`'],
  ])('%j is refused before anything is sent', (options, message) => {
    expect(() => url(options)).toThrow(message);
    expect(() => url(options)).toThrow(VoiceError);
  });

  test('http becomes ws, and a base URL may end with a slash', () => {
    expect(url({ baseUrl: 'http://127.0.0.1:9/waves/v1/' }).href).toMatch(
      /^ws:\/\/127\.0\.0\.1:9\/waves\/v1\/stt\/live\?/,
    );
  });
});

describe('regions', () => {
  test('East Asian languages go to the US host when the host is ours to choose', () => {
    for (const language of ['ja', 'ko', 'zh', 'yue', 'multi-asian']) {
      expect(url({ language }).host).toBe('api.us.smallest.ai');
    }
    expect(url({ language: 'ta' }).host).toBe('api.smallest.ai');
  });

  test('South Indian languages on the US host are refused, with the host that serves them', () => {
    const us = { baseUrl: 'https://api.us.smallest.ai/waves/v1' };
    expect(() => url({ ...us, language: 'ta' })).toThrow(
      'Expected the host for `ta` to be api.smallest.ai, got `api.us.smallest.ai`',
    );
    expect(url({ ...us, language: 'hi' }).host).toBe('api.us.smallest.ai');
  });

  test('other hosts are not judged', () => {
    expect(url({ baseUrl: 'http://localhost:1/waves/v1', language: 'ja' }).host).toBe('localhost:1');
  });
});

describe('frames', () => {
  const transcript = (facts: object) => ({
    type: 'transcript',
    text: '',
    isFinal: false,
    isLast: false,
    sessionId: undefined,
    language: undefined,
    words: [],
    ...facts,
  });

  test.each([
    [
      '{"type":"transcription","status":"success","session_id":"s","transcript":"book a","is_final":false,"is_last":false}',
      transcript({ text: 'book a', sessionId: 's' }),
    ],
    ['{"transcript":"no type","is_final":true}', transcript({ text: 'no type', isFinal: true })],
    ['{"transcription":"other field"}', transcript({ text: 'other field' })],
    ['{"type":"transcription","transcription":"fallback"}', transcript({ text: 'fallback' })],
    ['{"type":"transcription","transcript":null,"is_final":"true","language":null}', transcript({ isFinal: true })],
    [
      '{"type":"transcription","transcript":"","is_final":true,"is_last":true,"language":"en"}',
      transcript({ isFinal: true, isLast: true, language: 'en' }),
    ],
    ['{"type":"speech_started","session_id":"s","timestamp":1.2}', { type: 'speech', phase: 'start', atSeconds: 1.2 }],
    ['{"type":"speech_ended","timestamp":"3.86"}', { type: 'speech', phase: 'end', atSeconds: 3.86 }],
    ['{"type":"speech_ended"}', { type: 'speech', phase: 'end', atSeconds: undefined }],
    ['{"type":"metadata"}', { type: 'other', name: 'metadata' }],
    ['{}', { type: 'other', name: 'unnamed' }],
  ])('%s', (text, expected) => {
    expect(readPulseFrame(text)).toEqual(expected);
  });

  test('words keep their times; what is no word is left out', () => {
    const event = readPulseFrame(
      '{"transcript":"Book a","words":[{"word":"Book","start":0.42,"end":0.61,"confidence":1,"speaker":0},{"word":"a","start":"0.7","end":0.8,"speaker":"speaker_0"},{"word":"x"},null,7]}',
    );
    expect(event).toMatchObject({
      words: [
        { word: 'Book', startSeconds: 0.42, endSeconds: 0.61 },
        { word: 'a', startSeconds: 0.7, endSeconds: 0.8 },
      ],
    });
    expect(event.type === 'transcript' && placeWords(event.words, 10_000)[0]).toEqual({
      word: 'Book',
      startMs: 10_420,
      endMs: 10_610,
    });
  });

  test.each([
    ['{"type":"error","status":"error","message":"model overloaded"}', 'model overloaded', 'unknown', false],
    ['{"status":"error","message":"bad","error_code":"X_1"}', 'bad', 'X_1', false],
    [
      '{"type":"error","error_code":"LANGUAGE_NOT_ENABLED_IN_REGION","message":"language ta is not served here"}',
      'language ta is not served here',
      'LANGUAGE_NOT_ENABLED_IN_REGION',
      true,
    ],
    ['{"error_code":"INTERNAL"}', '{"error_code":"INTERNAL"}', 'INTERNAL', false],
    ['{"status":"error","error":{"message":"no","code":401}}', 'no', '401', true],
    ['{"status":"error","error":{"message":"slow down","code":429}}', 'slow down', '429', false],
    ['{"type":"error","errors":[{"code":"invalid_api_key","message":"wrong"}]}', 'wrong', 'invalid_api_key', true],
  ])('error %s', (text, message, code, isFatal) => {
    expect(readPulseFrame(text)).toMatchObject({ type: 'error', isFatal, facts: { message, code } });
  });

  test.each([
    ['authentication_error', 401, true],
    ['FORBIDDEN', 403, true],
    ['MODEL_DEPRECATED', 410, true],
    ['http_404', 404, true],
    ['rate_limit_exceeded', 429, false],
    ['service_unavailable', 503, false],
    ['INTERNAL', 500, false],
    ['408', 408, false],
    ['X_1', undefined, false],
  ])('the code %s is judged as the status %s', (code, status, isFatal) => {
    const frame = { type: 'error', error_code: code, message: 'no' };
    expect(readPulseFrame(JSON.stringify(frame))).toMatchObject({ isFatal, facts: { code, status } });
  });

  test('a key that the service repeats does not survive', () => {
    const event = readPulseFrame('{"type":"error","message":"key sk_verysecret1 is wrong"}', 'sk_verysecret1');
    expect(JSON.stringify(event)).not.toContain('verysecret1');
  });

  test('what is no JSON object is refused, and nothing else is ever thrown', () => {
    for (const text of ['', 'null', '7', '"x"', '[]', '<html>', '{"type":']) {
      expect(() => readPulseFrame(text)).toThrow(VoiceError);
    }
    const names = [
      'type',
      'status',
      'transcript',
      'transcription',
      'is_final',
      'is_last',
      'words',
      'timestamp',
      'error_code',
      'error',
      'errors',
      'message',
    ];
    const values = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom('error', 'transcription', 'speech_started', 'success', 'true', ''),
      fc.array(fc.record({ word: fc.jsonValue(), start: fc.jsonValue(), end: fc.jsonValue() })),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.dictionary(fc.constantFrom(...names), values).map((frame) => JSON.stringify(frame)),
        ),
        (text) => {
          try {
            expect(readPulseFrame(text)).toHaveProperty('type');
          } catch (thrown) {
            if (!(thrown instanceof VoiceError)) throw thrown;
            expect(thrown.code).toBe('frame-invalid');
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

test('closes and statuses are judged as the reference says', () => {
  expect(judgeClose({ code: 1008, openMs: 10, frames: 0 })).toBe('retry-slowly');
  expect(judgeClose({ code: 1006, openMs: 400, frames: 0 })).toBe('retry-twice');
  expect(judgeClose({ code: 1011, openMs: 400, frames: 0 })).toBe('retry');
  expect(judgeClose({ code: 1006, openMs: 5_000, frames: 0 })).toBe('retry');
  expect(judgeClose({ code: 1000, openMs: 400, frames: 3 })).toBe('retry');
  expect([400, 401, 403, 404, 410].map(judgeStatus)).toEqual(Array(5).fill('fatal'));
  expect([408, 500, 502, 503].map(judgeStatus)).toEqual(Array(4).fill('retry'));
  expect(judgeStatus(429)).toBe('retry-slowly');
});
