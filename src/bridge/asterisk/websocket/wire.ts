/**
 * Asterisk's WebSocket channel driver, both ends of it: sound as binary messages, control as texts, which are JSON or, by
 * default and in the first releases, words (`EVENT name:value`). Which of the two, the first text says. Holds no socket.
 * @see https://docs.asterisk.org/Configuration/Channel-Drivers/WebSocket/
 */
import { bytesOf, FRAME_MS, type AudioFormat } from '../../../audio/contract.ts';
import { VoiceError } from '../../../lib/errors.ts';
import { isRecord, parseJson } from '../../../lib/json.ts';
import { StartReader } from '../../start-reader.ts';

export const NAME = 'asterisk-websocket';

/** How control messages are written. */
export type ControlFormat = 'json' | 'plain-text';

export interface MediaStart {
  type: 'start';
  control: ControlFormat;
  /** Of the channel that the WebSocket is; undefined where a first release does not say. */
  channelId: string | undefined;
  format: AudioFormat;
  /** In bytes: what messages are to be multiples of. */
  frameBytes: number;
  /** Asterisk neither cuts nor times what we send, and understands none of the commands about it. */
  isPassthrough: boolean;
  /** The channel's, in JSON alone; the underscores that hand one on are not of its name. */
  variables: Record<string, string>;
  /** Names of what it said besides, and could not be used; absent when there was nothing. */
  leftOut?: readonly string[];
}

/** What Asterisk tells. */
export type ControlEvent =
  | MediaStart
  | { type: 'digit'; digit: string }
  | { type: 'full'; isFull: boolean }
  | { type: 'mark'; name: string }
  | { type: 'drained' }
  | { type: 'error'; text: string };

/** What we tell. */
export type ControlCommand =
  | { command: 'HANGUP' | 'FLUSH_MEDIA' | 'REPORT_QUEUE_DRAINED' | 'START_MEDIA_BUFFERING' | 'GET_STATUS' }
  | { command: 'MARK_MEDIA' | 'STOP_MEDIA_BUFFERING'; correlationId?: string };

const MOST_VALUES = 512;
const EVENT = /^[A-Z][A-Z_0-9]{0,63}$/;
const DIGIT = /^[0-9A-D*#]$/;
const SLIN = /^slin(\d{0,3})$/;
/** By the number behind `slin`, where it is not that of thousands a second. */
const SLIN_RATES: Readonly<Record<string, number>> = { '': 8_000, '44': 44_100 };
const SLIN_THOUSANDS = new Set(['12', '16', '24', '32', '48', '96', '192']);

/**
 * `undefined` for what says nothing that we need, and for events that came into the world later.
 * @throws {VoiceError} `frame-invalid`, for what is neither form.
 */
export function readControl(text: string): ControlEvent | undefined {
  const isJson = text.trimStart().startsWith('{');
  const fields = isJson ? readJsonFields(text) : readPlainFields(text);
  switch (fields.event) {
    case 'MEDIA_START':
      return readStart(fields, isJson ? 'json' : 'plain-text');
    case 'DTMF_END':
      return { type: 'digit', digit: readDigit(fields.values['digit']) };
    case 'MEDIA_XOFF':
    case 'MEDIA_XON':
      return { type: 'full', isFull: fields.event === 'MEDIA_XOFF' };
    case 'MEDIA_MARK_PROCESSED':
      return { type: 'mark', name: isJson ? textOf(fields.values['correlation_id']) : fields.rest };
    case 'QUEUE_DRAINED':
      return { type: 'drained' };
    case 'ERROR':
      return { type: 'error', text: isJson ? textOf(fields.values['error_text']) : fields.rest };
    default:
      return undefined;
  }
}

interface Fields {
  event: string;
  values: Readonly<Record<string, unknown>>;
  /** Of words: all that stands behind the event. */
  rest: string;
}

function readJsonFields(text: string): Fields {
  const values = parseJson(text, { mostValues: MOST_VALUES });
  if (!isRecord(values)) throw invalid(`Expected a JSON object of at most ${MOST_VALUES} values`);
  const { event } = values;
  if (typeof event !== 'string') throw invalid(`Expected \`event\` to be a string, got \`${typeof event}\``);
  return { event, values, rest: '' };
}

/** A channel's name may hold colons: the first of a word ends the name of its field. */
function readPlainFields(text: string): Fields {
  const [event = '', ...words] = text.trim().split(' ');
  if (!EVENT.test(event)) throw invalid('Expected an event in words or JSON, got something else');
  const pairs = words.flatMap((word) => {
    const at = word.indexOf(':');
    return at > 0 && !word.startsWith('__proto__:') ? [[word.slice(0, at), word.slice(at + 1)]] : [];
  });
  return { event, values: Object.fromEntries(pairs) as Record<string, unknown>, rest: words.join(' ') };
}

function readStart({ values }: Fields, control: ControlFormat): MediaStart {
  const reader = new StartReader(NAME);
  const format = formatOf(reader.requiredId(values['format'], 'format'));
  const channelId = reader.id(values['channel_id'], 'channel_id') ?? reader.id(values['channel'], 'channel');
  reader.id(values['connection_id'], 'connection_id'); // of no use: a client's name, or what opens the door
  const size = reader.text(values['optimal_frame_size'], 'optimal_frame_size');
  const said = /^\d{1,5}$/.test(size ?? '') ? Number(size) : undefined;
  const variables = reader.parameters(values['channel_variables'], 'channel_variables');
  const start: MediaStart = {
    ...{ type: 'start', control, channelId, format, frameBytes: frameBytesOf(said, format) },
    isPassthrough: said === 0 || isTrue(values['passthrough']) || isTrue(values['unbuffered']),
    variables: Object.fromEntries(
      Object.entries(variables).map(([name, value]) => [name.replace(/^_{1,2}/, ''), value]),
    ),
  };
  return reader.withLeftOut(start);
}

/** What makes no whole messages, with frames of 20 ms, is what 20 ms are. */
function frameBytesOf(said: number | undefined, format: AudioFormat): number {
  const standard = bytesOf(FRAME_MS, format);
  const isUsable = said !== undefined && said > 0 && said % bytesOf(10, format) === 0 && 2 * said <= MOST_MESSAGE_BYTES;
  return isUsable ? said : standard;
}

/** A frame that takes Asterisk more reads than ten costs the call; behind a proxy of short buffers each is a few kilobytes. */
export const MOST_MESSAGE_BYTES = 8_000;

const isTrue = (value: unknown): boolean => value === true || value === 'true';
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

function formatOf(name: string): AudioFormat {
  if (name === 'ulaw') return { encoding: 'mulaw', sampleRateHz: 8_000 };
  if (name === 'alaw') return { encoding: 'alaw', sampleRateHz: 8_000 };
  const number = SLIN.exec(name)?.[1];
  const rateHz = number === undefined ? undefined : (SLIN_RATES[number] ?? thousands(number));
  if (rateHz !== undefined) return { encoding: 'linear16', sampleRateHz: rateHz };
  throw invalid('Expected `format` to be ulaw, alaw or one of slin, such as slin16, got something else: set it by c()');
}

const thousands = (number: string): number | undefined =>
  SLIN_THOUSANDS.has(number) ? Number(number) * 1_000 : undefined;

/** What a stand-in calls a format. */
export function formatName({ encoding, sampleRateHz }: AudioFormat): string {
  if (encoding !== 'linear16') return encoding === 'mulaw' ? 'ulaw' : 'alaw';
  return sampleRateHz === 8_000 ? 'slin' : `slin${Math.floor(sampleRateHz / 1_000)}`;
}

function readDigit(digit: unknown): string {
  if (typeof digit === 'string' && DIGIT.test(digit)) return digit;
  throw invalid('Expected `digit` to be one of 0-9, A-D, * and #, got something else');
}

const invalid = (message: string): VoiceError => new VoiceError('frame-invalid', `${NAME}: ${message}`);

/** Of at most 128 bytes, or Asterisk passes it over: names of marks have to be shorter than 60. */
export function writeCommand(given: ControlCommand, control: ControlFormat): string {
  const { command } = given;
  const id = 'correlationId' in given ? given.correlationId : undefined;
  if (control === 'plain-text') return id === undefined ? command : `${command} ${id}`;
  return JSON.stringify({ command, ...(id !== undefined && { correlation_id: id }) });
}

// ---- Asterisk's end, for stand-ins ----------------------------------------------------------------------------------

/** @throws {VoiceError} `frame-invalid`, for what Asterisk does not know, or passes over for its length. */
export function readCommand(text: string, control: ControlFormat): { command: string; correlationId: string } {
  if (Buffer.byteLength(text) > 128) throw invalid('Expected a control message of at most 128 bytes, got a longer one');
  if (control === 'plain-text') {
    const [, command = '', id = ''] = /^(\S+)(?: (.*))?$/s.exec(text) ?? [];
    return { command, correlationId: id };
  }
  const values = parseJson(text);
  if (!isRecord(values) || typeof values['command'] !== 'string') throw invalid('Unable to parse JSON command');
  return { command: values['command'], correlationId: textOf(values['correlation_id']) };
}

/** An event as Asterisk spells it. `word`: what stands alone behind the event, where control is in words. */
export function writeEvent(
  event: string,
  fields: Readonly<Record<string, string | number | Readonly<Record<string, string>>>>,
  control: ControlFormat,
  word?: string,
): string {
  if (control === 'json') return JSON.stringify({ event, ...fields });
  if (word !== undefined) return word === '' ? event : `${event} ${word}`;
  const words = Object.entries(fields).flatMap(([name, value]) =>
    typeof value === 'object' ? [] : `${name}:${value}`,
  );
  return [event, ...words].join(' ');
}
