/**
 * Vonage's WebSocket legs, both ends of them, which Infobip speaks too: audio as binary messages of exactly 20 ms, events as
 * texts. What the leg was given as `headers` lies at the top level of the first text, beside `event` and `content-type`.
 * @see https://developer.vonage.com/en/voice/voice-api/concepts/websockets
 */
import { z } from 'zod';
import { bytesOf, FRAME_MS, type AudioFormat } from '../../../audio/contract.ts';
import { isRecord } from '../../../lib/json.ts';
import { LooseDigit, readFields, readObject } from '../../json/wire.ts';
import { StartReader } from '../../start-reader.ts';
import { linear16, type BinaryEvent, type BinaryStart, type LineFormats, type ReadText } from '../wire.ts';

/** What `content-type` may be, and what goes both ways then. The samples are little-endian. */
export const CONTENT_TYPES = {
  'audio/l16;rate=8000': linear16(8_000),
  'audio/l16;rate=16000': linear16(16_000),
  'audio/l16;rate=24000': linear16(24_000),
} as const satisfies Record<string, AudioFormat>;
export type ContentType = keyof typeof CONTENT_TYPES;

/** Under these names the leg is told whose call it is, since its own id is another one. */
export const HEADER_NAMES = { callId: 'call_uuid', from: 'from', to: 'to' } as const;

/** So long a message is, neither more nor less. */
export const messageBytesOf = (format: AudioFormat): number => bytesOf(FRAME_MS, format);

const Dtmf = z.object({ digit: LooseDigit });

/** `isIdRequired`: the leg has to say the id of its call; else it may have none. */
export function vonageReader(name: string, { isIdRequired }: { isIdRequired: boolean }): ReadText {
  return (text, standard) => {
    const frame = readObject(name, text, 'event');
    switch (frame['event']) {
      case 'websocket:connected':
        return readStart(name, frame, standard, isIdRequired);
      case 'websocket:dtmf':
        return { type: 'digit', digit: readFields(name, Dtmf, frame).digit };
      case 'websocket:notify':
        return readNotify(frame['payload']);
      default: // `websocket:cleared` among them: nothing waits for it
        return undefined;
    }
  };
}

/** What we have not asked to be told is none of our marks. */
function readNotify(payload: unknown): BinaryEvent | undefined {
  const mark = isRecord(payload) ? payload['mark'] : undefined;
  return typeof mark === 'string' ? { type: 'mark', name: mark } : undefined;
}

function readStart(
  name: string,
  frame: Record<string, unknown>,
  { inFormat }: LineFormats,
  isIdRequired: boolean,
): BinaryStart {
  const reader = new StartReader(name);
  const { event: _event, 'content-type': type, ...headers } = frame;
  const { [HEADER_NAMES.callId]: id, [HEADER_NAMES.from]: from, [HEADER_NAMES.to]: to, ...others } = headers;
  const said = typeof type === 'string' ? type.toLowerCase().replace(/\s+/g, '') : type;
  const format = reader.oneOf(said, 'content-type', CONTENT_TYPES) ?? inFormat;
  const start: BinaryStart = {
    ...{ type: 'start', inFormat: format, outFormat: format },
    callId: isIdRequired ? reader.requiredId(id, HEADER_NAMES.callId) : (reader.id(id, HEADER_NAMES.callId) ?? ''),
    from: reader.text(from, HEADER_NAMES.from),
    to: reader.text(to, HEADER_NAMES.to),
    parameters: reader.parameters(others, 'headers'),
  };
  return reader.withLeftOut(start);
}

// ---- the other end --------------------------------------------------------------------------------------------------

export type VonageCommand = { type: 'clear' } | { type: 'mark'; name: string };

const Action = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('clear') }),
  z.strictObject({ action: z.literal('notify'), payload: z.object({ mark: z.string() }) }),
]);

/** Reads a text of the worker's, as the carrier does. @throws {VoiceError} `frame-invalid` */
export function readVonageCommand(name: string, text: string): VonageCommand {
  const action = readFields(name, Action, readObject(name, text, 'action'));
  return action.action === 'clear' ? { type: 'clear' } : { type: 'mark', name: action.payload.mark };
}

/** Writes the carrier's texts. */
export const vonageEvents = {
  connected: (format: AudioFormat, headers: Readonly<Record<string, string>>): string =>
    JSON.stringify({
      ...{ event: 'websocket:connected', 'content-type': `audio/l16;rate=${format.sampleRateHz}` },
      ...headers,
    }),
  digit: (digit: string): string => JSON.stringify({ event: 'websocket:dtmf', digit, duration: 260 }),
  notify: (mark: string): string => JSON.stringify({ event: 'websocket:notify', payload: { mark } }),
  cleared: (): string => '{"event":"websocket:cleared"}',
};
