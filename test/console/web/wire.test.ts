/** The client for browsers has the wire in types of its own, since it has no dependencies: they are those that the line reads. */
import { expect, expectTypeOf, test } from 'vitest';
import {
  readPageCommand,
  readPageEvent,
  STANDARD_RATE_HZ,
  SUBPROTOCOL as LINES_SUBPROTOCOL,
  type PageCommand,
  type PageEvent,
} from '../../../src/bridge/web/wire.ts';
import { RATE_HZ, SUBPROTOCOL, type FromWorker, type ToWorker } from '../../../src/console/web/wire.ts';

const TO_WORKER: Record<ToWorker['type'], ToWorker> = {
  start: { type: 'start', kind: 'audio', inRateHz: 48_000, outRateHz: 24_000 },
  played: { type: 'played', samples: 320 },
  cleared: { type: 'cleared', samples: 320 },
  digit: { type: 'digit', digit: '#' },
  text: { type: 'text', text: 'hello' },
  mute: { type: 'mute', isMuted: true },
  output: { type: 'output', isRunning: false },
  prompt: { type: 'prompt', text: 'hello', isFinal: false },
  interrupt: { type: 'interrupt', heard: 'Hello, th' },
  spoken: { type: 'spoken', text: 'Hello' },
  speaking: { type: 'speaking', who: 'agent', isSpeaking: true },
  ack: { type: 'ack', received: 16 },
  resume: { type: 'resume', received: 16, played: 320 },
  hangup: { type: 'hangup' },
};
const FROM_WORKER: Record<FromWorker['type'], FromWorker> = {
  started: { type: 'started', resume: 'key', resumeForMs: 10_000 },
  resumed: { type: 'resumed', received: 16 },
  ack: { type: 'ack', received: 50 },
  clear: { type: 'clear' },
  say: { type: 'say', text: 'Hello', isLast: true },
  words: { type: 'words', who: 'caller', text: 'hello', isFinal: true },
  speaking: { type: 'speaking', who: 'caller', isSpeaking: false },
  ended: { type: 'ended', reason: 'hung-up' },
};

test('what the client says, the line reads as it is meant, and it knows nothing that the client does not say', () => {
  expectTypeOf<ToWorker['type']>().toEqualTypeOf<Exclude<PageEvent['type'], 'audio'>>();
  for (const said of Object.values(TO_WORKER)) expect(readPageEvent(JSON.stringify(said))).toEqual(said);
});

test('what the line says, the client knows, and a page reads as it is meant', () => {
  expectTypeOf<FromWorker['type']>().toEqualTypeOf<PageCommand['type']>();
  for (const said of Object.values(FROM_WORKER)) expect(readPageCommand(JSON.stringify(said))).toEqual(said);
});

test('they agree on the sub-protocol, and on the rate of who names none', () => {
  expect([SUBPROTOCOL, RATE_HZ]).toEqual([LINES_SUBPROTOCOL, STANDARD_RATE_HZ]);
});
