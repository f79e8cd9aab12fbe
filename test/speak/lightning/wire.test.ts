import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventReader } from '../../../src/lib/event-reader.ts';
import { readEvent, readFrame, RequestFrames, toId, WholeSamples } from '../../../src/speak/lightning/wire.ts';

const FRAMES = new RequestFrames({
  voice: { id: 'magnus', model: 'lightning_v3.1', language: 'en', speed: 1 },
  sampleRateHz: 24_000,
  sessionId: 'call-7',
  requestId: 'call-7.3',
  maxBufferFlushMs: 250,
  wordTimestamps: false,
});
const FIELDS = {
  voice_id: 'magnus',
  model: 'lightning_v3.1',
  language: 'en',
  sample_rate: 24_000,
  speed: 1,
  session_id: 'call-7',
  request_id: 'call-7.3',
  max_buffer_flush_ms: 250,
};

test('every message carries all its fields', () => {
  expect(JSON.parse(FRAMES.piece('Say "hi"\n'))).toEqual({
    ...FIELDS,
    text: 'Say "hi"\n',
    continue: true,
    flush: false,
  });
  expect(JSON.parse(FRAMES.closing(100))).toEqual({
    ...FIELDS,
    text: '',
    continue: false,
    flush: true,
    complete_backoff_ms: 100,
  });
});

test('reads chunks, words and the end as documented', () => {
  const head = '{"session_id":"ws_a1","request_id":"task_b2","external_request_id":"call-7.turn-3"';
  expect(readFrame(`${head},"status":"chunk","data":{"audio":"AAABAAIA"}}`)).toEqual({
    type: 'audio',
    requestId: 'call-7.turn-3',
    audio: Buffer.from([0, 0, 1, 0, 2, 0]),
  });
  expect(readFrame(`${head},"status":"word_timestamp","data":{"id":0,"word":"Let","start":0.04,"end":0.19}}`)).toEqual({
    type: 'word',
    requestId: 'call-7.turn-3',
    word: 'Let',
    startMs: 40,
    endMs: 190,
  });
  expect(readFrame(`${head},"status":"complete","message":"done","done":true}`)).toEqual({
    type: 'complete',
    requestId: 'call-7.turn-3',
    taskId: 'task_b2',
  });
  expect(readFrame('{"status":"chunk","data":{"audio":""}}')).toEqual({
    type: 'audio',
    requestId: undefined,
    audio: new Uint8Array(0),
  });
});

test.each([
  [
    '{"status":"error","error":{"message":"Invalid Voice ID","code":"custom"}}',
    'refused',
    'Invalid Voice ID',
    'custom',
  ],
  [
    '{"status":"error","message":"Connection timed out after 60 seconds of inactivity"}',
    'idle',
    /inactivity/,
    'unknown',
  ],
  [
    '{"status":"error","errors":[{"code":"invalid_enum_value","path":["output_format"],"message":"bad format"}]}',
    'refused',
    'bad format',
    'invalid_enum_value',
  ],
  ['{"status":"error","error":{"message":"concurrency limit","code":"429"}}', 'over-limit', 'concurrency limit', '429'],
  ['{"status":"error","error":{"message":"Too many requests","code":429}}', 'over-limit', 'Too many requests', '429'],
  ['{"error":"Kind","message":"text"}', 'refused', 'text', 'unknown'],
  ['{"status":"error"}', 'refused', '{"status":"error"}', 'unknown'],
])('reads the error %s', (text, kind, message, code) => {
  const frame = readFrame(text);
  expect(frame).toMatchObject({ type: 'error', kind });
  if (frame.type !== 'error') throw new Error('unreachable');
  expect(frame.facts.message).toMatch(message);
  expect(frame.facts.code).toBe(code);
});

test('an error that repeats our key does not carry it on', () => {
  const frame = readFrame('{"status":"error","message":"bad key sk_verysecret123"}', 'sk_verysecret123');
  expect(JSON.stringify(frame)).not.toContain('verysecret');
});

test('whatever comes, a frame or an event comes out', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.jsonValue().map((value) => JSON.stringify({ status: 'chunk', data: value })),
        fc
          .jsonValue()
          .map((value) => JSON.stringify({ status: 'word_timestamp', data: { word: value, start: value } })),
      ),
      (text) => {
        expect(['audio', 'word', 'complete', 'error', 'unknown']).toContain(readFrame(text).type);
        expect(['audio', 'done', 'error', 'unknown']).toContain(readEvent(text).type);
      },
    ),
    { numRuns: 500 },
  );
});

test('samples are whole, wherever the audio is cut', () => {
  const audio = Uint8Array.from({ length: 41 }, (_, i) => i);
  fc.assert(
    fc.property(fc.array(fc.nat(41), { maxLength: 9 }), (cuts) => {
      const samples = new WholeSamples();
      const pieces: Uint8Array[] = [];
      let from = 0;
      for (const cut of [...cuts, 41].sort((a, b) => a - b)) {
        pieces.push(samples.push(audio.subarray(from, cut)));
        from = cut;
      }
      expect(pieces.every(({ length }) => length % 2 === 0)).toBe(true);
      expect(Buffer.concat(pieces)).toEqual(Buffer.from(audio.subarray(0, 40)));
    }),
  );
});

test('events are the same, wherever the bytes of the stream are cut', () => {
  const body = Buffer.from(
    'event: audio\ndata: {"audio":"AAABAAIA","done":false,"status":"206"}\n\n: comment\r\ndata: {"a":"ä"}\r\n\r\ndata:one\ndata: two\n\ndata: {"status":"200","done":true}\n\n',
  );
  const whole = [
    '{"audio":"AAABAAIA","done":false,"status":"206"}',
    '{"a":"ä"}',
    'one\ntwo',
    '{"status":"200","done":true}',
  ];
  for (let cut = 0; cut <= body.length; cut++) {
    const reader = new EventReader();
    expect([...reader.push(body.subarray(0, cut)), ...reader.push(body.subarray(cut)), ...reader.end()]).toEqual(whole);
  }
  const last = new EventReader();
  expect([...last.push(body.subarray(0, -2)), ...last.end()]).toEqual(whole);
});

test('only `done: true` ends the stream: every chunk has the key', () => {
  expect(readEvent('{"audio":"AAA=","done":false,"status":"206"}').type).toBe('audio');
  expect(readEvent('{"status":"200","done":true}').type).toBe('done');
  expect(readEvent('{"status":"error","error":"x"}').type).toBe('error');
});

test('any name of a call becomes an id that the service takes', () => {
  expect(toId('+49 30/12:34')).toBe('-49-30-12-34');
  expect(toId('')).toBe('call');
  expect(toId('x'.repeat(500))).toHaveLength(128);
});
