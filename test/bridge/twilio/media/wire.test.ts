import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { afterRelay } from '../../../../src/bridge/twilio/twiml.ts';
import { EventWriter } from '../../../../src/bridge/json/peer/wire.ts';
import {
  readMediaCommand,
  readMediaEvent,
  TWILIO_PEER,
  TWILIO_WIRE,
} from '../../../../src/bridge/twilio/media/wire.ts';
import { codeOf } from '../../helpers/twilio/code-of.ts';

const MULAW_8 = { encoding: 'mulaw', sampleRateHz: 8_000 } as const;
const CALL = {
  ...{ streamId: 'MZ1', callId: 'CA1', accountId: 'AC1', from: '', to: '', parameters: {} },
  ...{ encoding: 'audio/x-mulaw', sampleRateHz: 8_000 },
};
const CONNECTED = '{"event":"connected","protocol":"Call","version":"1.0.0"}';
const START = JSON.stringify({
  event: 'start',
  sequenceNumber: '1',
  streamSid: 'MZ1',
  start: {
    accountSid: 'AC1',
    streamSid: 'MZ1',
    callSid: 'CA1',
    tracks: ['inbound'],
    mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
    customParameters: { From: '+14155550100', tenant: 'acme' },
  },
});
const MEDIA =
  '{"event":"media","sequenceNumber":"4","streamSid":"MZ1","media":{"track":"inbound","chunk":"2","timestamp":"5","payload":"/////w=="}}';
const DTMF = '{"event":"dtmf","streamSid":"MZ1","sequenceNumber":"5","dtmf":{"track":"inbound_track","digit":"#"}}';
const MARK = '{"event":"mark","sequenceNumber":"6","streamSid":"MZ1","mark":{"name":"u1:3"}}';
const STOP = '{"event":"stop","sequenceNumber":"7","streamSid":"MZ1","stop":{"accountSid":"AC1","callSid":"CA1"}}';

function change(frame: string, path: string, value: unknown): string {
  const json = JSON.parse(frame) as Record<string, unknown>;
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  const place = keys.reduce((object, key) => object[key] as Record<string, unknown>, json);
  if (value === undefined) delete place[last];
  else place[last] = value;
  return JSON.stringify(json);
}

function outcomeOf(text: string): unknown {
  try {
    return readMediaEvent(text);
  } catch (error) {
    return codeOf(() => {
      throw error;
    });
  }
}

describe("Twilio's frames", () => {
  test('each is read for what it says', () => {
    expect(readMediaEvent(CONNECTED)).toBeUndefined();
    expect(readMediaEvent(START)).toEqual({
      type: 'start',
      streamId: 'MZ1',
      callId: 'CA1',
      accountId: 'AC1',
      from: undefined,
      to: undefined,
      parameters: { From: '+14155550100', tenant: 'acme' },
      format: MULAW_8,
    });
    expect(readMediaEvent(MEDIA)).toEqual({ type: 'audio', audio: Buffer.alloc(4, 0xff) });
    expect(readMediaEvent(DTMF)).toEqual({ type: 'digit', digit: '#' });
    expect(readMediaEvent(MARK)).toEqual({ type: 'mark', name: 'u1:3' });
    expect(readMediaEvent(STOP)).toEqual({ type: 'stop' });
  });

  test('numbers and numeric strings are the same', () => {
    expect(readMediaEvent(change(MEDIA, 'media.timestamp', 5))).toEqual(readMediaEvent(MEDIA));
    expect(readMediaEvent(change(START, 'start.mediaFormat.sampleRate', '8000'))).toEqual(readMediaEvent(START));
    expect(readMediaEvent(change(START, 'sequenceNumber', 1))).toEqual(readMediaEvent(START));
  });

  test('the inbound track goes by both of its names; the outbound one is not the caller', () => {
    for (const track of ['inbound', 'inbound_track', undefined]) {
      expect(readMediaEvent(change(MEDIA, 'media.track', track))).toMatchObject({ type: 'audio' });
    }
    expect(readMediaEvent(change(MEDIA, 'media.track', 'outbound'))).toBeUndefined();
  });

  test('audio may have any length, none too, padded or not', () => {
    for (const length of [0, 1, 2, 3, 160, 240, 640, 8_001]) {
      const audio = Buffer.from(Array.from({ length }, (_, i) => i % 256));
      for (const payload of [audio.toString('base64'), audio.toString('base64').replace(/=+$/, '')]) {
        expect(readMediaEvent(change(MEDIA, 'media.payload', payload))).toMatchObject({ audio });
      }
    }
  });

  test('audio says the same however it is spelled', () => {
    const json = JSON.parse(MEDIA) as object;
    const last =
      '{"event":"media","sequenceNumber":"4","media":{"track":"inbound","chunk":"2","timestamp":"5","payload":"/////w=="},"streamSid":"MZ1"}';
    const others = [
      last,
      JSON.stringify(json, null, 1),
      MEDIA.replace('/////w', '\\/\\/\\/\\/\\/w'),
      MEDIA.replace('"4"', '4'),
    ];
    for (const text of others) expect(readMediaEvent(text)).toEqual(readMediaEvent(MEDIA));
    for (const payload of ['/////w=', '////', '/////', '=', '//==//', '/////w===', '"']) {
      const [plain, spaced] = [
        MEDIA.replace('/////w==', payload),
        MEDIA.replace('/////w==', payload).replace(':', ': '),
      ];
      expect(outcomeOf(plain)).toEqual(outcomeOf(spaced));
    }
  });

  test('a value with a length of its own is refused like any other that is no text', () => {
    const hostile = { length: { toString: false } };
    expect(codeOf(() => readMediaEvent(change(START, 'start.callSid', hostile)))).toBe('frame-invalid');
    expect(afterRelay(JSON.stringify({ action: 'transfer', to: hostile }))).toBe(afterRelay(undefined));
  });

  test('unknown events and unknown fields are ignored', () => {
    expect(readMediaEvent('{"event":"weather","streamSid":"MZ1"}')).toBeUndefined();
    expect(readMediaEvent(change(START, 'start.weather', { is: 'fine' }))).toEqual(readMediaEvent(START));
  });

  test('parameters may be absent, and are text whatever a proxy made of them', () => {
    expect(readMediaEvent(change(START, 'start.customParameters', undefined))).toMatchObject({ parameters: {} });
    expect(readMediaEvent(change(START, 'start.customParameters', { a: 1, b: true }))).toMatchObject({
      parameters: { a: '1', b: 'true' },
    });
  });

  test.each([
    ['not JSON', 'hello'],
    ['not an object', '["media"]'],
    ['no event', '{}'],
    ['an event that is no text', '{"event":7}'],
    ['media without media', '{"event":"media"}'],
    ['a payload that is no text', change(MEDIA, 'media.payload', 7)],
    ['a payload that is no base64', change(MEDIA, 'media.payload', '!!not base64!!')],
    ['a track that is no text', change(MEDIA, 'media.track', 7)],
    ['a start without a call', change(START, 'start.callSid', undefined)],
    ['a start without a stream', change(change(START, 'start.streamSid', undefined), 'streamSid', undefined)],
    ['an encoding that is not ours', change(START, 'start.mediaFormat.encoding', 'audio/l16')],
    ['a rate that is not ours', change(START, 'start.mediaFormat.sampleRate', 16000)],
    ['a digit that no telephone has', change(DTMF, 'dtmf.digit', 'x')],
    ['two digits at once', change(DTMF, 'dtmf.digit', '12')],
    ['a mark without a name', change(MARK, 'mark.name', undefined)],
  ])('%s is an invalid frame', (_, frame) => {
    expect(codeOf(() => readMediaEvent(frame))).toBe('frame-invalid');
  });

  test('the error says what was expected and not what the caller said', () => {
    const frame = change(DTMF, 'dtmf.digit', '4929123456781234');
    expect(() => readMediaEvent(frame)).toThrow(/dtmf\.digit/);
    expect(() => readMediaEvent(frame)).not.toThrow(/4929/);
  });

  test('a frame cut at any place is an invalid frame', () => {
    for (const frame of [CONNECTED, START, MEDIA, DTMF, MARK, STOP]) {
      for (let end = 0; end < frame.length; end++) {
        expect(codeOf(() => readMediaEvent(frame.slice(0, end)))).toBe('frame-invalid');
      }
    }
  });
});

describe('our frames', () => {
  const write = TWILIO_WIRE.commands('MZ1', MULAW_8);

  test('each carries the stream and is what Twilio documents', () => {
    expect(JSON.parse(write.audio(Buffer.alloc(4, 0xff)))).toEqual({
      event: 'media',
      streamSid: 'MZ1',
      media: { payload: '/////w==' },
    });
    expect(JSON.parse(write.mark('a "b"'))).toEqual({ event: 'mark', streamSid: 'MZ1', mark: { name: 'a "b"' } });
    expect(JSON.parse(write.clear())).toEqual({ event: 'clear', streamSid: 'MZ1' });
  });

  test('audio that is a window into a larger buffer is sent as the window', () => {
    const large = Uint8Array.from({ length: 100 }, (_, i) => i);
    expect(readMediaCommand(write.audio(large.subarray(10, 13)))).toMatchObject({ audio: Buffer.from([10, 11, 12]) });
  });

  test('what Twilio would refuse is refused', () => {
    for (const frame of [
      '{"event":"play","streamSid":"MZ1"}',
      '{"event":"clear"}',
      '{"event":"media","streamSid":"MZ1"}',
    ]) {
      expect(codeOf(() => readMediaCommand(frame))).toBe('frame-invalid');
    }
  });
});

test('the simulated Twilio counts its frames as text, from 1', () => {
  const events = new EventWriter(TWILIO_PEER, { ...CALL, parameters: {} });
  const frames = [
    events.start(),
    events.audio(Buffer.alloc(160), 0),
    events.audio(Buffer.alloc(160), 20),
    events.stop(),
  ];
  expect(frames.map((frame) => JSON.parse(frame ?? '') as unknown)).toMatchObject([
    { event: 'start', sequenceNumber: '1', streamSid: 'MZ1', start: { tracks: ['inbound'], callSid: 'CA1' } },
    { event: 'media', sequenceNumber: '2', media: { track: 'inbound', chunk: '1', timestamp: '0' } },
    { event: 'media', sequenceNumber: '3', media: { track: 'inbound', chunk: '2', timestamp: '20' } },
    { event: 'stop', sequenceNumber: '4', stop: { callSid: 'CA1' } },
  ]);
});

describe('for any input', () => {
  const sid = fc.string({ minLength: 1 });

  test('what one end writes the other end reads', () => {
    fc.assert(
      fc.property(sid, fc.uint8Array({ maxLength: 400 }), fc.string(), (streamId, audio, name) => {
        const write = TWILIO_WIRE.commands(streamId, MULAW_8);
        expect(readMediaCommand(write.audio(audio))).toEqual({ type: 'audio', streamId, audio: Buffer.from(audio) });
        expect(readMediaCommand(write.mark(name))).toEqual({ type: 'mark', streamId, name });
        expect(readMediaCommand(write.clear())).toEqual({ type: 'clear', streamId });
        const events = new EventWriter(TWILIO_PEER, { ...CALL, streamId, parameters: { name } });
        expect(readMediaEvent(events.start())).toMatchObject({ streamId, parameters: { name } });
        expect(readMediaEvent(events.audio(audio, 40))).toEqual({ type: 'audio', audio: Buffer.from(audio) });
        expect(readMediaEvent(events.mark(name))).toEqual({ type: 'mark', name });
      }),
    );
  });
});
