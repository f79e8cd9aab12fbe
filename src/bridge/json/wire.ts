/**
 * What the carriers have in common that speak JSON text frames over a WebSocket, audio in base64: how such a frame is read
 * and written. What differs from carrier to carrier is data, a `JsonWire`, which each has in its own `wire.ts`. Holds no
 * socket; `line.ts` does. The carrier's end of the same frames is in `peer/wire.ts`.
 */
import { z } from 'zod';
import type { AudioFormat, Encoding } from '../../audio/contract.ts';
import { VoiceError } from '../../lib/errors.ts';
import { isRecord, parseJson } from '../../lib/json.ts';
import type { InbandKeys } from '../line-requests.ts';
import { StartReader } from '../start-reader.ts';

/** How one carrier spells its frames. */
export interface JsonWire {
  /** Bridge name, as errors and logs show it: `plivo-media`. */
  name: string;
  /**
   * The caller's audio as the carrier spells it, which is nearly every frame, its first group being the payload: read in
   * less than half the time that JSON takes. Whatever is spelled in another way is read as JSON.
   */
  audioFrame: RegExp;
  /** Of a carrier that does not keep the order of what it sends: the groups of `audioFrame` that hold what it counts by. */
  counts?: { payload: number; chunk: number; sequence: number };
  /** What an event of this name means. One that is not listed says nothing that we need. */
  events: Readonly<Record<string, JsonEvent['type']>>;
  start: StartPlaces;
  /** Where the name of a mark lies: in `mark.name`, or in `name`. */
  markName: 'mark.name' | 'name';
  /** What the caller's audio may be, by the names that the carrier has for it, in lower case. */
  encodings: Readonly<Record<string, Encoding>>;
  ratesHz: readonly number[];
  /** What the caller's audio is where the start does not say. */
  standard: AudioFormat;
  /** Writes our frames of one stream; `format`: of the agent's audio. */
  commands(streamId: string, format: AudioFormat): CommandWriter;
}

/** Where in a start its facts lie: names within `start`, or beside it. */
export interface StartPlaces {
  /** The first of them that it says, as with all ids. */
  streamId: readonly [string, ...string[]];
  /** By which its REST API knows the call. */
  callId: readonly [string, ...string[]];
  accountId: string;
  /** Of the caller and of who is called. Default: it does not say them. */
  numbers?: { from: string; to: string };
  /** `pairs`: `{a=1;b=2}`, beside `start`. */
  parameters: { name: string; as: 'object' | 'pairs' };
  mediaFormat: { name: string; encoding: string; rate: string; channels: string };
}

/** What the carrier tells. */
export type JsonEvent =
  | JsonStart
  /** `chunk`, and `sequence` among all that it sends: of a carrier that does not keep their order. */
  | { type: 'audio'; audio: Uint8Array; chunk?: number | undefined; sequence?: number | undefined }
  /** Everything before this mark of ours was played, or (with most carriers) cleared. */
  | { type: 'mark'; name: string }
  | { type: 'digit'; digit: string; sequence?: number | undefined }
  | { type: 'stop' }
  /** What it could not make of a frame of ours. */
  | { type: 'error'; code: string; message: string };

export interface JsonStart {
  type: 'start';
  streamId: string;
  callId: string;
  accountId: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
  parameters: Record<string, string>;
  /** Of the caller's audio. */
  format: AudioFormat;
  /** Names of what it said besides, and could not be used; absent when there was nothing. */
  leftOut?: readonly string[];
}

/** Writes what we tell the carrier. */
export interface CommandWriter {
  audio(audio: Uint8Array): string;
  mark(name: string): string;
  clear(): string;
  /** Where the socket takes keys. */
  digits?: InbandKeys;
}

/** Frames that are the same for a whole stream but for what stands between head and tail: everything else is written once. */
export interface CommandPieces {
  audio: readonly [head: string, tail: string];
  mark: readonly [head: string, tail: string];
  clear: string;
  digits?: { head: string; tail: string; each: 'one' | 'all' };
}

/** Under these names our own documents hand over who calls whom, and the one-time token. */
export const PARAMETER_NAMES = { from: 'From', to: 'To', token: 'parleyToken' } as const;

// ---- writing --------------------------------------------------------------------------------------------------------

export function commandsOf({ audio, mark, clear, digits }: CommandPieces): CommandWriter {
  const [audioHead, audioTail] = audio;
  const [markHead, markTail] = mark;
  return {
    audio: (bytes) => audioHead + toBase64(bytes) + audioTail,
    mark: (name) => markHead + JSON.stringify(name) + markTail,
    clear: () => clear,
    ...(digits && {
      digits: { write: (keys: string) => digits.head + JSON.stringify(keys) + digits.tail, each: digits.each },
    }),
  };
}

export function toBase64(audio: Uint8Array): string {
  return Buffer.from(audio.buffer, audio.byteOffset, audio.byteLength).toString('base64');
}

// ---- reading --------------------------------------------------------------------------------------------------------

/**
 * Reads a frame of the carrier's: `undefined` for what says nothing that we need, such as `connected`, the outbound track,
 * and events that came into the world after this was written. `standard`: what the caller's audio is where the start does
 * not say; default: what it always is with this carrier.
 * @throws {VoiceError} `frame-invalid`, when `text` is not what the carrier documents.
 */
export type ReadEvent = (text: string, standard?: AudioFormat) => JsonEvent | undefined;

export function readerOf(wire: JsonWire): ReadEvent {
  const { name, audioFrame, counts } = wire;
  const payloadAt = counts?.payload ?? 1;
  const kinds = new Map(Object.entries(wire.events));
  return (text, standard = wire.standard) => {
    const found = audioFrame.exec(text);
    if (found !== null) {
      const audio = decodePayload(name, found[payloadAt]);
      if (counts === undefined) return { type: 'audio', audio };
      return { type: 'audio', audio, chunk: Number(found[counts.chunk]), sequence: Number(found[counts.sequence]) };
    }
    const frame = readObject(name, text, 'event');
    switch (kinds.get(String(frame['event']))) {
      case 'audio':
        return readAudio(wire, frame);
      case 'start':
        return readStart(wire, frame, standard);
      case 'mark':
        return { type: 'mark', name: readMark(wire, frame) };
      case 'digit':
        return {
          ...{ type: 'digit', digit: readFields(name, Dtmf, frame).dtmf.digit },
          ...(counts && { sequence: countOf(frame['sequence_number']) }),
        };
      case 'stop':
        return { type: 'stop' };
      case 'error':
        return readError(frame['payload']);
      case undefined:
        return undefined;
    }
  };
}

const NamedMark = z.object({ mark: z.object({ name: z.string() }) });
const NameBeside = z.object({ name: z.string() });

/** One key of a telephone. */
export const Digit = z.string().regex(/^[0-9A-D*#]$/, 'expected one of 0-9, A-D, * and #');
/** Some write `5` for `"5"`. */
export const LooseDigit = z.union([Digit, z.int().min(0).max(9).transform(String)]);
const Dtmf = z.object({ dtmf: z.object({ digit: Digit }) });

function readMark({ name, markName }: JsonWire, frame: Record<string, unknown>): string {
  if (markName === 'name') return readFields(name, NameBeside, frame).name;
  return readFields(name, NamedMark, frame).mark.name;
}

/** By hand, not by schema: this is the one frame that comes fifty times a second for every call. */
function readAudio({ name, counts }: JsonWire, frame: Record<string, unknown>): JsonEvent | undefined {
  const { media } = frame;
  if (!isRecord(media)) throw frameInvalid(name, 'Expected `media` to be an object');
  const { track, payload } = media;
  if (track !== undefined && track !== 'inbound' && track !== 'inbound_track') {
    if (typeof track === 'string') return undefined;
    throw frameInvalid(name, `Expected \`media.track\` to be a string, got \`${typeof track}\``);
  }
  const audio = decodePayload(name, payload);
  if (counts === undefined) return { type: 'audio', audio };
  return { type: 'audio', audio, chunk: countOf(media['chunk']), sequence: countOf(frame['sequence_number']) };
}

/** A number, or one in a text; undefined for anything else, which counts nothing. */
function countOf(value: unknown): number | undefined {
  const count = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof count === 'number' && Number.isSafeInteger(count) ? count : undefined;
}

/** `{ code, title, detail }` */
function readError(payload: unknown): JsonEvent {
  const { code, title, detail } = isRecord(payload) ? payload : {};
  const words = [title, detail].filter((one): one is string => typeof one === 'string');
  return {
    type: 'error',
    code: typeof code === 'string' || typeof code === 'number' ? String(code).slice(0, LONGEST_CODE) : 'unknown',
    message: words.join(': ').slice(0, LONGEST_MESSAGE),
  };
}

/** Of an error, for the log. */
const LONGEST_CODE = 40;
const LONGEST_MESSAGE = 200;

/** One copy, the decoding itself. Node skips what is not base64, so the length tells whether anything was skipped. */
export function decodePayload(protocol: string, payload: unknown): Uint8Array {
  if (typeof payload !== 'string') {
    throw frameInvalid(protocol, `Expected \`media.payload\` to be a string, got \`${typeof payload}\``);
  }
  const audio = Buffer.from(payload, 'base64');
  const padding = payload.endsWith('==') ? 2 : payload.endsWith('=') ? 1 : 0;
  if (audio.length !== Math.floor(((payload.length - padding) * 3) / 4)) {
    throw frameInvalid(protocol, 'Expected `media.payload` to be base64');
  }
  return audio;
}

function readStart(wire: JsonWire, frame: Record<string, unknown>, standard: AudioFormat): JsonStart {
  const reader = new StartReader(wire.name);
  const within = frame['start'];
  if (!isRecord(within)) throw frameInvalid(wire.name, 'Expected `start` to be an object');
  const { streamId, callId, accountId, numbers, parameters } = wire.start;
  const start: JsonStart = {
    type: 'start',
    format: readFormat(wire, reader, within, standard),
    streamId: requiredId(reader, within, frame, streamId),
    callId: requiredId(reader, within, frame, callId),
    accountId: reader.id(within[accountId], `start.${accountId}`) ?? reader.id(frame[accountId], accountId),
    parameters:
      parameters.as === 'object'
        ? reader.parameters(within[parameters.name], `start.${parameters.name}`)
        : reader.pairs(frame[parameters.name] ?? within[parameters.name], parameters.name),
    ...(numbers && {
      from: reader.text(within[numbers.from], `start.${numbers.from}`),
      to: reader.text(within[numbers.to], `start.${numbers.to}`),
    }),
  };
  return reader.withLeftOut(start);
}

/** The first that is said, within `start` or beside it; one of no use is left out where a good one follows. */
function requiredId(
  reader: StartReader,
  start: Record<string, unknown>,
  frame: Record<string, unknown>,
  names: readonly [string, ...string[]],
): string {
  const places = names.flatMap((name) => [
    { value: start[name] ?? undefined, field: `start.${name}` },
    { value: frame[name] ?? undefined, field: name },
  ]);
  const said = places.filter(({ value }) => value !== undefined);
  const last = said.pop() ?? { value: undefined, field: `start.${names[0]}` };
  for (const { value, field } of said) {
    const id = reader.id(value, field);
    if (id !== undefined) return id;
  }
  return reader.requiredId(last.value, last.field);
}

/** `audio/x-mulaw`, or `audio/x-mulaw;rate=8000`: some say the rate in both places. */
function readFormat(
  { start, encodings, ratesHz }: JsonWire,
  reader: StartReader,
  within: Record<string, unknown>,
  standard: AudioFormat,
): AudioFormat {
  const { name, ...keys } = start.mediaFormat;
  const field = `start.${name}`;
  const format = reader.object(within[name], field) ?? {};
  const said = format[keys.encoding];
  const [base, rate] = typeof said === 'string' ? said.toLowerCase().split(/\s*;\s*rate=/) : [said, undefined];
  const rates = Object.fromEntries(ratesHz.map((hz) => [String(hz), hz]));
  reader.onlyIf(format[keys.channels], `${field}.${keys.channels}`, 1);
  return {
    encoding: reader.oneOf(base, `${field}.${keys.encoding}`, encodings) ?? standard.encoding,
    sampleRateHz: reader.oneOf(format[keys.rate] ?? rate, `${field}.${keys.rate}`, rates) ?? standard.sampleRateHz,
  };
}

// ---- what every frame goes through ----------------------------------------------------------------------------------

/** Carriers write counters as numbers in one message and as strings in the next. */
export const LooseNumber = z.union([
  z.number(),
  z
    .string()
    .regex(/^-?\d{1,18}(\.\d{1,9})?$/)
    .transform(Number),
]);

/**
 * Text that is not empty. Not by its length: zod looks at that of whatever has one, and `{"length":{"toString":0}}` makes it
 * throw.
 */
export const Text = z.string().regex(/[^]/, 'expected text that is not empty');

/** In a frame; a start has a few dozen. */
const MOST_VALUES = 256;

/**
 * @throws {VoiceError} `frame-invalid`, when `text` is not a JSON object of a sensible size whose `discriminator`, where there
 * is one, is a string.
 */
export function readObject(protocol: string, text: string, discriminator?: string): Record<string, unknown> {
  const value = parseJson(text, { mostValues: MOST_VALUES });
  if (!isRecord(value)) throw frameInvalid(protocol, `Expected a JSON object of at most ${MOST_VALUES} values`);
  if (discriminator !== undefined && typeof value[discriminator] !== 'string') {
    throw frameInvalid(
      protocol,
      `Expected \`${discriminator}\` to be a string, got \`${typeof value[discriminator]}\``,
    );
  }
  return value;
}

/** @throws {VoiceError} `frame-invalid`, naming the first field that is wrong and never what it held. */
export function readFields<Schema extends z.ZodType>(
  protocol: string,
  schema: Schema,
  value: unknown,
): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.slice(0, 1); // a peer may get thousands of fields wrong
  throw frameInvalid(protocol, z.prettifyError({ issues }));
}

export function frameInvalid(protocol: string, message: string): VoiceError {
  return new VoiceError('frame-invalid', `${protocol}: ${message}`);
}
