/**
 * Genesys AudioHook, both ends of it: sound as binary messages, everything else as JSON texts with a `type` and a number of
 * their own, counted from 1 each way. Holds no socket.
 * @see https://developer.genesys.cloud/devapps/audiohook and purecloudlabs/audiohook-reference-implementation
 */
import { z } from 'zod';
import type { AudioFormat } from '../../audio/contract.ts';
import { frameInvalid, readFields, readObject } from '../json/wire.ts';
import { StartReader } from '../start-reader.ts';

export const NAME = 'genesys-audiohook';
export const VERSION = '2';
/** The one of what is offered that we take: one channel, of the caller. */
export const FORMAT: AudioFormat = { encoding: 'mulaw', sampleRateHz: 8_000 };
export const MEDIA = { type: 'audio', format: 'PCMU', channels: ['external'], rate: 8_000 } as const;
/** Of every message of sound, either way: 200 ms. */
export const MESSAGE_BYTES = 1_600;
/** Of conversation and participant, of a connection that only looks whether we are there. */
const NOBODY = /^[0-]*$/;
/** Under this name of the output variables the flow is told whom a caller is to be handed over to. */
export const TRANSFER_VARIABLE = 'parleyTransferTo';

/** What Genesys tells. `seq`: its number. */
export type GenesysEvent = { seq: number } & (
  | GenesysOpen
  | { type: 'ping' }
  | { type: 'digit'; digit: string }
  | { type: 'close'; reason: string }
  | { type: 'error'; code: number; message: string }
  /** Nothing that we need, such as `paused`; its number counts. */
  | { type: 'other' }
);

export interface GenesysOpen {
  type: 'open';
  /** Of the session. */
  id: string;
  conversationId: string;
  /** It only looks whether we are there, and is no call. */
  isProbe: boolean;
  /** The offers have one that we take. */
  hasMedia: boolean;
  from: string | undefined;
  to: string | undefined;
  parameters: Record<string, string>;
  leftOut?: readonly string[];
}

const Base = z.object({
  type: z.string(),
  seq: z.int().min(1),
  parameters: z.record(z.string(), z.unknown()).default({}),
});
const Open = z.object({
  id: z.string(),
  parameters: z.object({ media: z.array(z.unknown()).max(100).default([]) }),
});
const Media = z.object({
  ...{ type: z.literal('audio'), format: z.literal('PCMU'), rate: z.literal(8_000) },
  channels: z.tuple([z.literal('external')]),
});
const Dtmf = z.object({ parameters: z.object({ digit: z.string().regex(/^[0-9A-D*#]$/) }) });
const Failure = z.object({ code: z.number().catch(0), message: z.string().catch('') });

/** @throws {VoiceError} `frame-invalid`, when a text is not what Genesys documents. */
export function readGenesysEvent(text: string): GenesysEvent {
  const frame = readObject(NAME, text, 'type');
  const { type, seq, parameters } = readFields(NAME, Base, frame);
  switch (type) {
    case 'open':
      return { seq, ...readOpen(frame) };
    case 'ping':
      return { seq, type };
    case 'dtmf':
      return { seq, type: 'digit', digit: readFields(NAME, Dtmf, frame).parameters.digit };
    case 'close':
      return { seq, type, reason: typeof parameters['reason'] === 'string' ? parameters['reason'] : '' };
    case 'error': {
      const { code, message } = Failure.parse(parameters);
      return { seq, type, code, message };
    }
    default:
      return { seq, type: 'other' };
  }
}

function readOpen(frame: Record<string, unknown>): GenesysOpen {
  const { id, parameters: given } = readFields(NAME, Open, frame);
  const reader = new StartReader(NAME);
  const parameters = reader.object(frame['parameters'], 'parameters') ?? {};
  const participant = reader.object(parameters['participant'], 'participant') ?? {};
  const conversationId = reader.requiredId(parameters['conversationId'], 'conversationId');
  const facts = {
    from: numberOf(reader.text(participant['ani'], 'ani')),
    to: numberOf(reader.text(participant['dnis'], 'dnis')),
    parameters: reader.parameters(parameters['inputVariables'], 'inputVariables'),
  };
  return reader.withLeftOut({
    ...{ type: 'open', id, conversationId, isProbe: NOBODY.test(conversationId), ...facts },
    hasMedia: given.media.some((offer) => Media.safeParse(offer).success),
  });
}

/** `tel:+15550100` is a number. */
const numberOf = (given: string | undefined): string | undefined => given?.replace(/^tel:/i, '');

// ---- what we tell ---------------------------------------------------------------------------------------------------

export type GenesysCommand =
  | { type: 'opened'; parameters: { startPaused: false; media: readonly (typeof MEDIA)[] } }
  | { type: 'pong' | 'closed'; parameters: Record<string, never> }
  /** Throws away what has not been played. */
  | { type: 'event'; parameters: { entities: [{ type: 'barge_in'; data: Record<string, never> }] } }
  | {
      type: 'disconnect';
      parameters: { reason: 'completed' | 'error'; info?: string; outputVariables?: Record<string, string> };
    };

/** `seq`: its own number. `clientseq`: that of the last that has come. */
export const writeCommand = (command: GenesysCommand, ids: { id: string; seq: number; clientseq: number }): string =>
  JSON.stringify({ version: VERSION, ...ids, ...command });

const Numbered = z.object({
  ...{ version: z.literal(VERSION), id: z.string().min(1), seq: z.int().min(1), clientseq: z.int().min(0) },
});
const entity = z.object({ type: z.literal('barge_in'), data: z.object({}) });
const Command = z.discriminatedUnion('type', [
  Numbered.extend({
    type: z.literal('opened'),
    parameters: z.object({ startPaused: z.boolean(), media: z.array(Media).max(1) }),
  }),
  Numbered.extend({ type: z.literal('pong'), parameters: z.object({}) }),
  Numbered.extend({ type: z.literal('closed'), parameters: z.object({}) }),
  Numbered.extend({ type: z.literal('event'), parameters: z.object({ entities: z.tuple([entity]) }) }),
  Numbered.extend({
    type: z.literal('disconnect'),
    parameters: z.object({
      reason: z.enum(['completed', 'unauthorized', 'error']),
      info: z.string().optional(),
      outputVariables: z.record(z.string(), z.string()).optional(),
    }),
  }),
]);
export type NumberedCommand = z.output<typeof Command>;

/** What Genesys makes of it: anything that it does not document is an error. @throws {VoiceError} `frame-invalid` */
export function readGenesysCommand(text: string): NumberedCommand {
  const { data } = Command.safeParse(readObject(NAME, text, 'type'));
  if (data) return data;
  throw frameInvalid(NAME, 'Expected a message that AudioHook documents, got something else');
}
