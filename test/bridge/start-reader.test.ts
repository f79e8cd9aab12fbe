/** What a start may hold: what cannot be used is left out, and only what a call cannot do without is asked for. */
import { expect, test } from 'vitest';
import { readMediaEvent } from '../../src/bridge/twilio/media/wire.ts';
import { readRelayEvent } from '../../src/bridge/relay/wire.ts';
import { StartReader } from '../../src/bridge/start-reader.ts';
import { costOf } from '../helpers/cost.ts';

const media = (start: object) =>
  readMediaEvent(JSON.stringify({ event: 'start', streamSid: 'MZ1', start: { callSid: 'CA1', ...start } }));
const relay = (setup: object) => readRelayEvent(JSON.stringify({ type: 'setup', callSid: 'CA1', ...setup }));

test('media: a parameter that is null is left out and named, the others are kept', () => {
  expect(media({ customParameters: { From: null, tenant: 'acme', count: 2, list: [] } })).toEqual({
    ...{ type: 'start', streamId: 'MZ1', callId: 'CA1', accountId: undefined, from: undefined, to: undefined },
    format: { encoding: 'mulaw', sampleRateHz: 8_000 },
    parameters: { tenant: 'acme', count: '2' },
    leftOut: ['start.customParameters.From', 'start.customParameters.list'],
  });
});

test.each([[[]], [''], ['text'], [7], [true]])('`customParameters` %j is none, on either line', (customParameters) => {
  expect(media({ customParameters })).toMatchObject({ parameters: {}, leftOut: ['start.customParameters'] });
  expect(relay({ customParameters })).toMatchObject({ parameters: {}, leftOut: ['customParameters'] });
});

test('relay: `From: null` and empty facts are as Twilio sends them, and nothing is left out', () => {
  expect(relay({ from: null, to: null, callerName: null, forwardedFrom: '', customParameters: null })).toEqual({
    ...{ type: 'setup', sessionId: '', callSid: 'CA1', accountSid: undefined, from: undefined, to: undefined },
    ...{ facts: {}, parameters: {} },
  });
});

test('an id of more than 128 characters is none: a call cannot do without its own', () => {
  const long = 'x'.repeat(129);
  expect(() => media({ callSid: long })).toThrow(
    'twilio-media: Expected `start.callSid` to be text of 1 to 128 characters, got 129 characters',
  );
  expect(() => relay({ callSid: long })).toThrow('Expected `callSid` to be text of 1 to 128 characters');
  expect(media({ callSid: long.slice(1) })).toMatchObject({ callId: long.slice(1) });
  expect(media({ streamSid: long, accountSid: long })).toMatchObject({
    ...{ streamId: 'MZ1', accountId: undefined },
    leftOut: ['start.accountSid', 'start.streamSid'].sort((one) => (one.endsWith('accountSid') ? 1 : -1)),
  });
});

test('a format that says something else is believed, one that says nothing of use is what it always is', () => {
  expect(media({ mediaFormat: { encoding: null, sampleRate: '8000', channels: {} } })).toMatchObject({
    callId: 'CA1',
  });
  for (const mediaFormat of [{ encoding: 'audio/l16' }, { sampleRate: 16_000 }, { channels: '2' }]) {
    expect(() => media({ mediaFormat })).toThrow('Expected `start.mediaFormat.');
  }
});

test('80,000 wrong parameters cost in proportion, eight are named, and no more than 100 are kept', () => {
  const many = (value: unknown) =>
    Object.fromEntries(Array.from({ length: 80_000 }, (_, index) => [`p${index}`, value]));
  const spentMs = costOf();
  const [wrong, right] = [new StartReader('x'), new StartReader('x')];
  expect(wrong.parameters(many({ a: 1 }), 'start')).toEqual({});
  expect(Object.keys(right.parameters(many('a'), 'start'))).toHaveLength(100);
  expect([wrong.leftOut.length, right.leftOut.length]).toEqual([8, 8]);
  expect(spentMs()).toBeLessThan(1_000);
});

test('nothing that a start names lands in a prototype', () => {
  const reader = new StartReader('x');
  const read = reader.parameters(JSON.parse('{"__proto__":"a","constructor":"b"}'), 'start');
  expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
  expect(Object.entries(read)).toEqual([['constructor', 'b']]);
});
