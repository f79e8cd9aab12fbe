/**
 * jambonz's control socket, both ends of it: it hears and speaks, and text goes both ways as JSON. What it asks has an id, and
 * must be acknowledged within five seconds, or the call is over. Pure.
 * @see https://docs.jambonz.org/reference/websocket-api
 */
import { z } from 'zod';
import { isRecord, parseJson } from '../../../lib/json.ts';
import { Digit, frameInvalid, readFields, Text } from '../../json/wire.ts';
import { StartReader } from '../../start-reader.ts';
import type { Verb } from '../wire.ts';

export const JAMBONZ_CONTROL = 'jambonz-control';

/** What jambonz tells. `msgid`: what it asks by, and has to be acknowledged. */
export type ControlEvent =
  | ControlStart
  /** The caller has said this, or pressed these. */
  | { type: 'heard'; msgid: string; text: string; isFinal: boolean }
  | { type: 'digits'; msgid: string; digits: string }
  /** Anything else that waits for an answer. */
  | { type: 'ask'; msgid: string }
  /** What became of tokens of ours. `full`: they are to be sent again when it goes on. */
  | { type: 'tokens'; id: string; result: 'taken' | 'full' | 'failed' }
  /** Its buffer of tokens is full, or takes some again; or the caller has cut in, and it has thrown all away. */
  | { type: 'stream'; what: 'paused' | 'resumed' | 'interrupted' }
  | { type: 'over' }
  /** It did not understand a message of ours. */
  | { type: 'error'; message: string };

export interface ControlStart {
  type: 'start';
  msgid: string;
  /** The session has begun; else it goes on, on another socket or by another leg, and may be known already. */
  isNew: boolean;
  callSid: string;
  from: string | undefined;
  to: string | undefined;
  parameters: Record<string, string>;
  /** Names of what it said besides, and could not be used; absent when there was nothing. */
  leftOut?: readonly string[];
}

/** A parsed INVITE is among the first message. */
const MOST_VALUES = 2_000;
/** What the caller says in one go: longer is cut. In characters. */
const LONGEST_TEXT = 10_000;
const OVER = new Set(['completed', 'failed', 'busy', 'no-answer']);
const STARTS = new Set<unknown>(['session:new', 'session:reconnect', 'session:redirect', 'session:adulting']);
const STREAM: Readonly<Record<string, 'paused' | 'resumed' | 'interrupted'>> = {
  stream_paused: 'paused',
  stream_resumed: 'resumed',
  stream_open: 'resumed',
  user_interruption: 'interrupted',
};

const Asked = z.object({ msgid: Text });
const Speech = z.object({
  is_final: z.boolean().default(true),
  alternatives: z.tuple([z.object({ transcript: z.string() })]).rest(z.unknown()),
});
const Result = z.object({
  data: z.object({
    id: z.union([z.string(), z.number()]).transform(String),
    status: z.string(),
    reason: z.unknown().optional(),
  }),
});
const StreamEvent = z.object({ data: z.object({ event_type: z.string() }) });
const Digits = z.union([z.string(), z.int().nonnegative().transform(String)]);

/**
 * Reads a text of jambonz's: `undefined` for what says nothing that we need.
 * @throws {VoiceError} `frame-invalid`, when it is not what jambonz documents.
 */
export function readControlEvent(text: string): ControlEvent | undefined {
  const frame = parseJson(text, { mostValues: MOST_VALUES });
  if (!isRecord(frame) || typeof frame['type'] !== 'string') {
    throw frameInvalid(JAMBONZ_CONTROL, 'Expected a JSON object whose `type` is a string');
  }
  const data = isRecord(frame['data']) ? frame['data'] : {};
  if (STARTS.has(frame['type'])) return readStart(frame, data);
  switch (frame['type']) {
    case 'verb:hook':
      return readHook(readFields(JAMBONZ_CONTROL, Asked, frame).msgid, data);
    case 'dial:confirm':
      return { type: 'ask', msgid: readFields(JAMBONZ_CONTROL, Asked, frame).msgid };
    case 'call:status':
      return OVER.has(String(data['call_status'])) ? { type: 'over' } : undefined;
    case 'tts:tokens-result': {
      const { id, status, reason } = readFields(JAMBONZ_CONTROL, Result, frame).data;
      return { type: 'tokens', id, result: status === 'ok' ? 'taken' : reason === 'full' ? 'full' : 'failed' };
    }
    case 'tts:streaming-event': {
      const { event_type: name } = readFields(JAMBONZ_CONTROL, StreamEvent, frame).data;
      const what = Object.hasOwn(STREAM, name) ? STREAM[name] : undefined;
      return what && { type: 'stream', what };
    }
    case 'jambonz:error':
      return { type: 'error', message: JSON.stringify(frame['data'] ?? '').slice(0, 500) };
    default:
      return undefined;
  }
}

/** The result of a verb: whatever it cannot be read as it is acknowledged. */
function readHook(msgid: string, data: Record<string, unknown>): ControlEvent {
  const speech = Speech.safeParse(data['speech']).data;
  if (speech) {
    const [{ transcript }] = speech.alternatives;
    return { type: 'heard', msgid, text: transcript.slice(0, LONGEST_TEXT), isFinal: speech.is_final };
  }
  const digits = Digits.safeParse(data['digits']).data ?? '';
  const keys = [...digits].filter((key) => Digit.safeParse(key).success).slice(0, 64);
  return keys.length > 0 ? { type: 'digits', msgid, digits: keys.join('') } : { type: 'ask', msgid };
}

function readStart(frame: Record<string, unknown>, data: Record<string, unknown>): ControlStart {
  const reader = new StartReader(JAMBONZ_CONTROL);
  const start: ControlStart = {
    type: 'start',
    msgid: reader.requiredId(frame['msgid'], 'msgid'),
    isNew: frame['type'] === 'session:new',
    callSid: reader.id(data['call_sid'], 'data.call_sid') ?? reader.requiredId(frame['call_sid'], 'call_sid'),
    from: reader.text(data['from'], 'data.from'),
    to: reader.text(data['to'], 'data.to'),
    parameters: {
      ...reader.parameters(data['env_vars'], 'data.env_vars'),
      ...reader.parameters(data['customerData'] ?? data['customer_data'], 'data.customerData'),
    },
  };
  return reader.withLeftOut(start);
}

// ---- what we tell ---------------------------------------------------------------------------------------------------

/** Where the caller's words and keys are told. */
const HEARD_HOOK = '/heard';

/** Answers, hears the caller all the time, lets them cut in, and speaks what is sent as it comes. */
export const TALK: readonly Verb[] = [
  { verb: 'answer' },
  {
    verb: 'config',
    ttsStream: { enable: true },
    bargeIn: { enable: true, sticky: true, input: ['speech', 'digits'], actionHook: HEARD_HOOK },
  },
];

export const ack = (msgid: string, verbs: readonly Verb[] = []): string =>
  JSON.stringify({ type: 'ack', msgid, data: verbs });

const command = (name: string, more: object = {}): string =>
  JSON.stringify({ type: 'command', command: name, ...more });

export const COMMANDS = {
  tokens: (id: number, tokens: string): string => command('tts:tokens', { data: { id, tokens } }),
  flush: command('tts:flush'),
  clear: command('tts:clear'),
  hangUp: command('call:status', { data: { call_status: 'completed' } }),
  /** Whatever runs is over, and these run. */
  redirect: (verbs: readonly Verb[]): string => command('redirect', { queueCommand: false, data: verbs }),
  /** Releases look for the key in either place. */
  digit: (digit: string): string => command('dtmf', { data: { digit, dtmf: { digit } } }),
} as const;

// ---- the other end --------------------------------------------------------------------------------------------------

export type ControlCommand =
  | { type: 'ack'; msgid: string; verbs: Verb[] }
  | { type: 'tokens'; id: string | number; tokens: string }
  | { type: 'flush' | 'clear' | 'hang-up' }
  | { type: 'redirect'; verbs: Verb[] }
  | { type: 'digit'; digit: string };

const Verbs = z.array(z.looseObject({ verb: z.string() }));
const Command = z.discriminatedUnion('command', [
  z.strictObject({
    type: z.literal('command'),
    command: z.literal('tts:tokens'),
    data: z.strictObject({ id: z.union([z.string(), z.number()]), tokens: Text }),
  }),
  z.strictObject({ type: z.literal('command'), command: z.literal('tts:flush') }),
  z.strictObject({ type: z.literal('command'), command: z.literal('tts:clear') }),
  z.strictObject({
    type: z.literal('command'),
    command: z.literal('call:status'),
    data: z.strictObject({ call_status: z.literal('completed') }),
  }),
  z.strictObject({
    type: z.literal('command'),
    command: z.literal('redirect'),
    queueCommand: z.boolean(),
    data: Verbs,
  }),
  z.strictObject({
    type: z.literal('command'),
    command: z.literal('dtmf'),
    data: z.looseObject({ dtmf: z.object({ digit: Digit }) }),
  }),
]);
const Ack = z.strictObject({ type: z.literal('ack'), msgid: Text, data: Verbs });

/** Reads a text of the worker's, as jambonz does. @throws {VoiceError} `frame-invalid` */
export function readControlCommand(text: string): ControlCommand {
  const frame = parseJson(text, { mostValues: MOST_VALUES });
  if (isRecord(frame) && frame['type'] === 'ack') {
    const { msgid, data } = readFields(JAMBONZ_CONTROL, Ack, frame);
    return { type: 'ack', msgid, verbs: data };
  }
  const read = readFields(JAMBONZ_CONTROL, Command, frame);
  switch (read.command) {
    case 'tts:tokens':
      return { type: 'tokens', ...read.data };
    case 'tts:flush':
      return { type: 'flush' };
    case 'tts:clear':
      return { type: 'clear' };
    case 'call:status':
      return { type: 'hang-up' };
    case 'redirect':
      return { type: 'redirect', verbs: read.data };
    case 'dtmf':
      return { type: 'digit', digit: read.data.dtmf.digit };
  }
}

/** Writes jambonz's texts. */
export const controlEvents = {
  start(
    call: { msgid: string; callSid: string; from: string; to: string; parameters: object },
    type = 'session:new',
  ): string {
    const { msgid, callSid, from, to, parameters } = call;
    const sip = { headers: { 'X-Tenant': 'acme' }, method: 'INVITE' };
    const facts = {
      call_sid: callSid,
      direction: 'inbound',
      from,
      to,
      call_status: 'trying',
      sip,
      env_vars: parameters,
    };
    return JSON.stringify({ type, msgid, call_sid: callSid, data: facts });
  },
  heard: (msgid: string, transcript: string): string =>
    hook(msgid, {
      reason: 'speechDetected',
      speech: { is_final: true, language_code: 'en-US', alternatives: [{ transcript, confidence: 0.9 }] },
    }),
  digits: (msgid: string, digits: string): string => hook(msgid, { reason: 'dtmfDetected', digits }),
  tokensResult: (id: string | number, reason?: string): string =>
    JSON.stringify({ type: 'tts:tokens-result', data: { id, status: reason ? 'failed' : 'ok', reason } }),
  stream: (event_type: string): string => JSON.stringify({ type: 'tts:streaming-event', data: { event_type } }),
  status: (call_status: string): string => JSON.stringify({ type: 'call:status', data: { call_status } }),
};

const hook = (msgid: string, data: object): string =>
  JSON.stringify({ type: 'verb:hook', msgid, hook: HEARD_HOOK, data });
