/**
 * ConversationRelay, both ends of it: JSON text frames to typed events and back. The carrier hears and speaks; text goes
 * over the socket. Twilio's, which Telnyx speaks too. Holds no socket; `line.ts` does, and the stand-ins.
 * @see https://www.twilio.com/docs/voice/conversationrelay/websocket-messages
 */
import { z } from 'zod';
import { StartReader } from '../start-reader.ts';
import { Digit, LooseNumber, readFields, readObject, Text } from '../json/wire.ts';

const PROTOCOL = 'relay';

/** What the caller says in one go, ten minutes of speech, and what Twilio says of it: longer is cut. In characters. */
export const LONGEST_TEXT = 10_000;
const cut = (text: string): string => text.slice(0, LONGEST_TEXT);

/** What Twilio tells the worker. */
export type RelayEvent =
  | RelaySetup
  /** What the caller said; a partial one holds the utterance so far. */
  | { type: 'prompt'; text: string; language: string | undefined; isLast: boolean }
  | { type: 'digit'; digit: string }
  /** The caller cut in, `afterMs` into the talk, having heard `heard` of it, as far as Twilio says. */
  | { type: 'interrupt'; heard: string | undefined; afterMs: number | undefined }
  /** Twilio did not understand a message of ours. */
  | { type: 'error'; description: string }
  /** The `speaker-events` and `tokens-played` subscriptions. */
  | { type: 'speaking'; who: 'agent' | 'caller'; isSpeaking: boolean; atEpochMs: number | undefined }
  | { type: 'played'; text: string }
  | { type: 'round-trip'; delayMs: number };

export interface RelaySetup {
  type: 'setup';
  sessionId: string;
  /** By which the carrier knows the call: Telnyx's `callControlId` before any other. */
  callSid: string;
  accountSid: string | undefined;
  from: string | undefined;
  to: string | undefined;
  /** `forwardedFrom`, `callType`, `callerName`, `direction`, `callStatus`, `parentCallSid`, as far as they came. */
  facts: Record<string, string>;
  parameters: Record<string, string>;
  /** Names of what it said besides, and could not be used; absent when there was nothing. */
  leftOut?: readonly string[];
}

/** What the worker tells Twilio. */
export type RelayCommand =
  | {
      type: 'text';
      token: string;
      last?: boolean | undefined;
      lang?: string | undefined;
      interruptible?: boolean | undefined;
      preemptible?: boolean | undefined;
    }
  | {
      type: 'play';
      source: string;
      /** Default 1; 0 goes on and on. */
      loop?: number | undefined;
      interruptible?: boolean | undefined;
      preemptible?: boolean | undefined;
    }
  | { type: 'sendDigits'; digits: string }
  | { type: 'language'; ttsLanguage?: string | undefined; transcriptionLanguage?: string | undefined }
  | { type: 'end'; handoffData?: string | undefined };

const FACTS = ['forwardedFrom', 'callType', 'callerName', 'direction', 'callStatus', 'parentCallSid'] as const;
const text = z.string().nullish();
const LooseBoolean = z.union([z.boolean(), z.enum(['true', 'false']).transform((value) => value === 'true')]);
const Prompt = z.object({ voicePrompt: z.string(), lang: text, last: LooseBoolean.default(true) });
const Dtmf = z.object({ digit: Digit });
const Interrupt = z.object({
  utteranceUntilInterrupt: z.string().nullish(),
  durationUntilInterruptMs: LooseNumber.nullish(),
});
const Failure = z.object({ description: z.string().default('') });
const Info = z.object({ name: z.string() });
const Speaking = z.object({ value: z.enum(['on', 'off']), ts: LooseNumber.nullish() });
const Played = z.object({ value: z.string() });
const RoundTrip = z.object({ value: LooseNumber });

/**
 * Reads a frame of Twilio's. `undefined` for types and `info` names that came into the world after this was written.
 * @throws {VoiceError} `frame-invalid`, when `text` is not what Twilio documents.
 */
export function readRelayEvent(text: string): RelayEvent | undefined {
  const frame = readObject(PROTOCOL, text, 'type');
  switch (frame['type']) {
    case 'setup':
      return readSetup(frame);
    case 'prompt': {
      const { voicePrompt, lang, last } = readFields(PROTOCOL, Prompt, frame);
      return { type: 'prompt', text: cut(voicePrompt), language: lang ?? undefined, isLast: last };
    }
    case 'dtmf':
      return { type: 'digit', digit: readFields(PROTOCOL, Dtmf, frame).digit };
    case 'interrupt': {
      const { utteranceUntilInterrupt, durationUntilInterruptMs } = readFields(PROTOCOL, Interrupt, frame);
      return {
        type: 'interrupt',
        heard: typeof utteranceUntilInterrupt === 'string' ? cut(utteranceUntilInterrupt) : undefined,
        afterMs: durationUntilInterruptMs ?? undefined,
      };
    }
    case 'error':
      return { type: 'error', description: cut(readFields(PROTOCOL, Failure, frame).description) };
    case 'info':
      return readInfo(frame);
    default:
      return undefined;
  }
}

function readSetup(frame: Record<string, unknown>): RelaySetup {
  const reader = new StartReader(PROTOCOL);
  const known = FACTS.flatMap((name) => {
    const value = reader.text(frame[name], name);
    return value === undefined ? [] : [[name, value] as const];
  });
  const setup: RelaySetup = {
    type: 'setup',
    sessionId: reader.id(frame['sessionId'], 'sessionId') ?? '',
    callSid: reader.id(frame['callControlId'], 'callControlId') ?? reader.requiredId(frame['callSid'], 'callSid'),
    accountSid: reader.id(frame['accountSid'], 'accountSid'),
    from: reader.text(frame['from'], 'from'),
    to: reader.text(frame['to'], 'to'),
    facts: Object.fromEntries(known),
    parameters: reader.parameters(frame['customParameters'], 'customParameters'),
  };
  return reader.withLeftOut(setup);
}

function readInfo(frame: Record<string, unknown>): RelayEvent | undefined {
  const { name } = readFields(PROTOCOL, Info, frame);
  switch (name) {
    case 'agentSpeaking':
    case 'clientSpeaking': {
      const { value, ts } = readFields(PROTOCOL, Speaking, frame);
      const who = name === 'agentSpeaking' ? 'agent' : 'caller';
      return { type: 'speaking', who, isSpeaking: value === 'on', atEpochMs: ts ?? undefined };
    }
    case 'tokensPlayed':
      return { type: 'played', text: cut(readFields(PROTOCOL, Played, frame).value) };
    case 'roundTripDelayMs':
      return { type: 'round-trip', delayMs: readFields(PROTOCOL, RoundTrip, frame).value };
    default:
      return undefined;
  }
}

/** Fields that are not set are not written. */
export function writeRelayCommand(command: RelayCommand): string {
  return JSON.stringify(command);
}

const flag = z.boolean().optional();
const language = Text.optional();
const Command = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('text'),
    token: z.string(),
    last: flag,
    lang: language,
    interruptible: flag,
    preemptible: flag,
  }),
  z.strictObject({
    type: z.literal('play'),
    source: z.url({ protocol: /^https?$/ }),
    loop: z.int().min(0).max(1000).optional(),
    interruptible: flag,
    preemptible: flag,
  }),
  z.strictObject({ type: z.literal('sendDigits'), digits: z.string().regex(/^[0-9*#w]+$/) }),
  z.strictObject({ type: z.literal('language'), ttsLanguage: language, transcriptionLanguage: language }),
  z.strictObject({ type: z.literal('end'), handoffData: z.string().optional() }),
]);

/**
 * Reads a frame of the worker's, as Twilio does: anything that is not documented is its error 64107.
 * @throws {VoiceError} `frame-invalid`
 */
export function readRelayCommand(text: string): RelayCommand {
  return readFields(PROTOCOL, Command, readObject(PROTOCOL, text, 'type'));
}

/** Writes Twilio's frames, with the names that it uses. */
export function writeRelayEvent(event: RelayEvent): string {
  switch (event.type) {
    case 'setup': {
      const { facts, parameters, type, ...rest } = event;
      return JSON.stringify({ type, ...rest, ...facts, customParameters: parameters });
    }
    case 'prompt':
      return JSON.stringify({ type: 'prompt', voicePrompt: event.text, lang: event.language, last: event.isLast });
    case 'interrupt':
      return JSON.stringify({
        type: 'interrupt',
        utteranceUntilInterrupt: event.heard,
        durationUntilInterruptMs: event.afterMs,
      });
    case 'digit':
      return JSON.stringify({ type: 'dtmf', digit: event.digit });
    case 'error':
      return JSON.stringify(event);
    case 'speaking':
      return JSON.stringify({
        type: 'info',
        name: event.who === 'agent' ? 'agentSpeaking' : 'clientSpeaking',
        value: event.isSpeaking ? 'on' : 'off',
        ts: event.atEpochMs,
      });
    case 'played':
      return JSON.stringify({ type: 'info', name: 'tokensPlayed', value: event.text });
    case 'round-trip':
      return JSON.stringify({ type: 'info', name: 'roundTripDelayMs', value: event.delayMs });
  }
}
