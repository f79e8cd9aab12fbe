import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  LONGEST_TEXT,
  readRelayCommand,
  readRelayEvent,
  writeRelayCommand,
  writeRelayEvent,
  type RelayCommand,
  type RelayEvent,
} from '../../../../src/bridge/relay/wire.ts';
import { codeOf } from '../../helpers/twilio/code-of.ts';
import { costOf } from '../../../helpers/cost.ts';

const SETUP = JSON.stringify({
  type: 'setup',
  sessionId: 'VX1',
  accountSid: 'AC1',
  parentCallSid: '',
  callSid: 'CA1',
  from: '+14155550100',
  to: '+14155550101',
  forwardedFrom: '+14155550199',
  callType: 'PSTN',
  callerName: '',
  direction: 'inbound',
  callStatus: 'RINGING',
  customParameters: { tenant: 'acme' },
});
const PROMPT = '{"type":"prompt","voicePrompt":"Where is my order?","lang":"en-US","last":true}';
const DTMF = '{"type":"dtmf","digit":"*"}';
const INTERRUPT = '{"type":"interrupt","utteranceUntilInterrupt":"Life is a","durationUntilInterruptMs":"460"}';
const ERROR = '{"type":"error","description":"Invalid message"}';
const SPEAKING = '{"type":"info","name":"agentSpeaking","value":"on","ts":1721000000000}';
const PLAYED = '{"type":"info","name":"tokensPlayed","value":"Hello "}';
const ALL = [SETUP, PROMPT, DTMF, INTERRUPT, ERROR, SPEAKING, PLAYED];

describe("Twilio's frames", () => {
  test('each is read for what it says', () => {
    expect(readRelayEvent(SETUP)).toEqual({
      type: 'setup',
      sessionId: 'VX1',
      callSid: 'CA1',
      accountSid: 'AC1',
      from: '+14155550100',
      to: '+14155550101',
      facts: { forwardedFrom: '+14155550199', callType: 'PSTN', direction: 'inbound', callStatus: 'RINGING' },
      parameters: { tenant: 'acme' },
    });
    expect(readRelayEvent(PROMPT)).toEqual({
      type: 'prompt',
      text: 'Where is my order?',
      language: 'en-US',
      isLast: true,
    });
    expect(readRelayEvent(DTMF)).toEqual({ type: 'digit', digit: '*' });
    expect(readRelayEvent(INTERRUPT)).toEqual({ type: 'interrupt', heard: 'Life is a', afterMs: 460 });
    expect(readRelayEvent(ERROR)).toEqual({ type: 'error', description: 'Invalid message' });
    expect(readRelayEvent(SPEAKING)).toEqual({
      type: 'speaking',
      who: 'agent',
      isSpeaking: true,
      atEpochMs: 1_721_000_000_000,
    });
    expect(readRelayEvent(PLAYED)).toEqual({ type: 'played', text: 'Hello ' });
    expect(readRelayEvent('{"type":"info","name":"roundTripDelayMs","value":"12.5"}')).toEqual({
      type: 'round-trip',
      delayMs: 12.5,
    });
  });

  test('numbers and numeric strings are the same, and may be absent', () => {
    expect(readRelayEvent(INTERRUPT.replace('"460"', '460'))).toEqual(readRelayEvent(INTERRUPT));
    expect(readRelayEvent('{"type":"interrupt"}')).toEqual({ type: 'interrupt', heard: undefined, afterMs: undefined });
  });

  test('a prompt is the last one unless it says that it is not', () => {
    expect(readRelayEvent(PROMPT.replace(',"last":true', ''))).toMatchObject({ isLast: true });
    expect(readRelayEvent(PROMPT.replace('true', 'false'))).toMatchObject({ isLast: false });
    expect(readRelayEvent(PROMPT.replace('true', '"false"'))).toMatchObject({ isLast: false });
  });

  test('unknown types, unknown names and unknown fields are ignored', () => {
    expect(readRelayEvent('{"type":"weather"}')).toBeUndefined();
    expect(readRelayEvent('{"type":"info","name":"weather","value":{}}')).toBeUndefined();
    expect(readRelayEvent(PROMPT.replace('{', '{"weather":1,'))).toEqual(readRelayEvent(PROMPT));
  });

  test.each([
    ['not JSON', 'hello'],
    ['no type', '{"event":"media"}'],
    ['a setup without a call', '{"type":"setup","sessionId":"VX1"}'],
    ['a prompt without words', '{"type":"prompt","last":true}'],
    ['a digit that no telephone has', '{"type":"dtmf","digit":"10"}'],
    ['speaking, but neither on nor off', SPEAKING.replace('on', 'maybe')],
    ['info without a name', '{"type":"info"}'],
  ])('%s is an invalid frame', (_, frame) => {
    expect(codeOf(() => readRelayEvent(frame))).toBe('frame-invalid');
  });

  test('a frame cut at any place is an invalid frame', () => {
    for (const frame of ALL) {
      for (let end = 0; end < frame.length; end++) {
        expect(codeOf(() => readRelayEvent(frame.slice(0, end)))).toBe('frame-invalid');
      }
    }
  });
});

describe('our frames', () => {
  test.each<[RelayCommand, string]>([
    [{ type: 'text', token: 'Hi "you" ', last: false }, '{"type":"text","token":"Hi \\"you\\" ","last":false}'],
    [{ type: 'text', token: '', last: true }, '{"type":"text","token":"","last":true}'],
    [{ type: 'play', source: 'https://h/a.wav', loop: undefined }, '{"type":"play","source":"https://h/a.wav"}'],
    [{ type: 'sendDigits', digits: '9w1#' }, '{"type":"sendDigits","digits":"9w1#"}'],
    [{ type: 'language', ttsLanguage: 'hi-IN' }, '{"type":"language","ttsLanguage":"hi-IN"}'],
    [{ type: 'end', handoffData: '{"a":1}' }, '{"type":"end","handoffData":"{\\"a\\":1}"}'],
  ])('%j is what Twilio documents', (command, frame) => {
    expect(writeRelayCommand(command)).toBe(frame);
    expect(writeRelayCommand(readRelayCommand(frame))).toBe(frame);
  });

  test.each([
    '{"type":"clear"}',
    '{"type":"text"}',
    '{"type":"text","token":"a","isLast":true}',
    '{"type":"text","token":"a","last":"true"}',
    '{"type":"play","source":"/tmp/a.wav"}',
    '{"type":"sendDigits","digits":"1-2"}',
    '{"type":"end","handoffData":{"a":1}}',
  ])('%s would be refused by Twilio', (frame) => {
    expect(codeOf(() => readRelayCommand(frame))).toBe('frame-invalid');
  });
});

describe('for any input', () => {
  const text = fc.string({ unit: 'grapheme' });
  const some = fc.string({ minLength: 1 });
  const event: fc.Arbitrary<RelayEvent> = fc.oneof(
    fc.record({
      type: fc.constant('setup' as const),
      sessionId: some,
      callSid: some,
      accountSid: some,
      from: some,
      to: some,
      facts: fc.record({ direction: some, callType: some }),
      parameters: fc.dictionary(
        some.filter((name) => name !== '__proto__'), // left out by the reader, on purpose
        text,
      ),
    }),
    fc.record({ type: fc.constant('prompt' as const), text, language: some, isLast: fc.boolean() }),
    fc.record({ type: fc.constant('interrupt' as const), heard: text, afterMs: fc.nat() }),
    fc.record({ type: fc.constant('played' as const), text }),
    fc.record({
      type: fc.constant('speaking' as const),
      who: fc.constantFrom('agent' as const, 'caller' as const),
      isSpeaking: fc.boolean(),
      atEpochMs: fc.nat(),
    }),
  );

  test('what one end writes the other end reads', () => {
    fc.assert(
      fc.property(event, (one) => {
        expect(readRelayEvent(writeRelayEvent(one))).toEqual(one);
      }),
    );
    fc.assert(
      fc.property(text, fc.boolean(), (token, last) => {
        const command: RelayCommand = { type: 'text', token, last };
        expect(readRelayCommand(writeRelayCommand(command))).toEqual(command);
      }),
    );
  });
});

test('what comes in has a longest length', () => {
  const long = 'word '.repeat(180_000);
  const spentMs = costOf();
  for (const frame of [
    { type: 'prompt', voicePrompt: long, last: true },
    { type: 'interrupt', utteranceUntilInterrupt: long },
    { type: 'error', description: long },
    { type: 'info', name: 'tokensPlayed', value: long },
  ]) {
    const event = readRelayEvent(JSON.stringify(frame));
    expect(JSON.stringify(event).length).toBeLessThan(LONGEST_TEXT + 200);
  }
  expect(spentMs()).toBeLessThan(200);
});
