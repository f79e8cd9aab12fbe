/**
 * The line of a web page, both ends of it: text frames are JSON with a `type`, binary ones are 16-bit samples, little-endian,
 * mono, of the caller one way and of the agent the other. Holds no socket; `line.ts` does, and the simulated page.
 * `docs/lines/web.md` says it for people; the client for browsers is in `console/web/`.
 */
import { z } from 'zod';
import { Digit, readFields, readObject } from '../json/wire.ts';
import { StartReader } from '../start-reader.ts';
import type { LineNews } from '../contract.ts';

export const NAME = 'web';
/** The sub-protocol that is agreed on; the others that a page offers are its credentials. */
export const SUBPROTOCOL = 'parley.v1';
/** Those: the token of a call that was announced, or the key of one that is there and lost its network. */
export const TOKEN_PREFIX = 'token.';
export const RESUME_PREFIX = 'resume.';

/** What pages may send and be sent, in samples a second. */
export const RATES_HZ = [8_000, 16_000, 22_050, 24_000, 44_100, 48_000] as const;
export const STANDARD_RATE_HZ = 16_000;

/** What somebody says or types in one go; longer is cut. In characters. */
const LONGEST_TEXT = 10_000;

/** What a page tells the worker. */
export type PageEvent =
  | PageStart
  | { type: 'audio'; audio: Uint8Array }
  /** So many samples of the agent have sounded since the call began; those that were cleared are not among them. */
  | { type: 'played'; samples: number }
  /** So many messages have come since the line began, or since the page was loaded. */
  | { type: 'ack'; received: number }
  /** In place of `start`, and not counted: a line that is there goes on. */
  | PageReturn
  /** The same, and the rest of what was sent before `clear` is gone. */
  | { type: 'cleared'; samples: number }
  | { type: 'digit'; digit: string }
  /** On a line of sound: typed. */
  | { type: 'text'; text: string }
  /** The microphone sends silence, or does not any more. For the log. */
  | { type: 'mute'; isMuted: boolean }
  /** Whether the page plays what it is sent: a browser may suspend its sound. */
  | { type: 'output'; isRunning: boolean }
  /** On a line of text: what was said, what was heard when it was cut in, what has been spoken. */
  | { type: 'prompt'; text: string; isFinal: boolean }
  | { type: 'interrupt'; heard: string | undefined }
  | { type: 'spoken'; text: string }
  | { type: 'speaking'; who: 'agent' | 'caller'; isSpeaking: boolean }
  | { type: 'hangup' };

/** The first that it tells. */
export interface PageStart {
  type: 'start';
  /** `text`: the page hears and speaks by itself. */
  kind: 'audio' | 'text';
  /** Of the caller's samples, and of the agent's. */
  inRateHz: number;
  outRateHz: number;
  /** What it said besides and could not be used; absent when there was nothing. */
  leftOut?: readonly string[];
}

/** The first that a page tells which comes back. */
export interface PageReturn {
  type: 'resume';
  /** Messages of the worker's that have come. */
  received: number;
  /** It has been loaded again and has nothing but this: so many samples had been heard. Else undefined. */
  played?: number | undefined;
}

/** What the worker tells a page, beside samples. */
export type PageCommand =
  /** `resume`: by which the page may come back to its line, within so long; absent where it may not. */
  | { type: 'started'; resume?: string | undefined; resumeForMs?: number | undefined }
  /** It is back: so many of its messages have come. Not counted. */
  | { type: 'resumed'; received: number }
  | { type: 'ack'; received: number }
  | { type: 'clear' }
  | { type: 'say'; text: string; isLast: boolean }
  | { type: 'ended'; reason: string }
  | LineNews;

const isFlag = z.boolean();
const samples = z.int().nonnegative();
const text = z.string().transform((value) => value.slice(0, LONGEST_TEXT));
const heard = z
  .string()
  .nullish()
  .transform((value) => value?.slice(0, LONGEST_TEXT));
const who = z.enum(['agent', 'caller']);

const EVENTS = {
  ack: z.object({ type: z.literal('ack'), received: samples }),
  resume: z.object({ type: z.literal('resume'), received: samples, played: samples.optional() }),
  played: z.object({ type: z.literal('played'), samples }),
  cleared: z.object({ type: z.literal('cleared'), samples }),
  digit: z.object({ type: z.literal('digit'), digit: Digit }),
  text: z.object({ type: z.literal('text'), text }),
  mute: z.object({ type: z.literal('mute'), isMuted: isFlag }),
  output: z.object({ type: z.literal('output'), isRunning: isFlag }),
  prompt: z.object({ type: z.literal('prompt'), text, isFinal: isFlag.default(true) }),
  interrupt: z.object({ type: z.literal('interrupt'), heard }),
  spoken: z.object({ type: z.literal('spoken'), text }),
  speaking: z.object({ type: z.literal('speaking'), who, isSpeaking: isFlag }),
  hangup: z.object({ type: z.literal('hangup') }),
} as const;

/**
 * Reads a text frame of a page's. `undefined` for types that came into the world after this was written.
 * @throws {VoiceError} `frame-invalid`
 */
export function readPageEvent(frame: string): PageEvent | undefined {
  const value = readObject(NAME, frame, 'type');
  const type = value['type'] as string;
  if (type === 'start') return readStart(value);
  if (!Object.hasOwn(EVENTS, type)) return undefined;
  return readFields(NAME, EVENTS[type as keyof typeof EVENTS], value);
}

function readStart(frame: Record<string, unknown>): PageStart {
  const reader = new StartReader(NAME);
  const kind = reader.oneOf(frame['kind'], 'kind', { audio: 'audio', text: 'text' } as const) ?? 'audio';
  const inRateHz = readRate(reader, frame['inRateHz'], 'inRateHz');
  const outRateHz = readRate(reader, frame['outRateHz'], 'outRateHz');
  const start = { type: 'start', kind, inRateHz, outRateHz } as const;
  return reader.withLeftOut(start);
}

/** One that is none is left out; one that cannot be had, refused: the page would play and send at another. */
function readRate(reader: StartReader, value: unknown, field: string): number {
  const known = Object.fromEntries(RATES_HZ.map((rateHz) => [String(rateHz), rateHz]));
  return reader.oneOf(value, field, known) ?? STANDARD_RATE_HZ;
}

/** Fields that are not set are not written. */
export function writePageCommand(command: PageCommand): string {
  return JSON.stringify(command);
}

/** A text frame of a page's; `audio` goes as it is, in a binary one. */
export function writePageEvent(event: Exclude<PageEvent, { type: 'audio' }>): string {
  return JSON.stringify(event);
}

const Command = z.discriminatedUnion('type', [
  z.object({ type: z.literal('started'), resume: z.string().optional(), resumeForMs: z.number().optional() }),
  z.object({ type: z.literal('resumed'), received: samples }),
  z.object({ type: z.literal('ack'), received: samples }),
  z.strictObject({ type: z.literal('clear') }),
  z.strictObject({ type: z.literal('say'), text: z.string(), isLast: isFlag }),
  z.strictObject({ type: z.literal('ended'), reason: z.string() }),
  z.strictObject({ type: z.literal('words'), who, text: z.string(), isFinal: isFlag }),
  z.strictObject({ type: z.literal('speaking'), who, isSpeaking: isFlag }),
]);

/**
 * Reads a text frame of the worker's, as a page does.
 * @throws {VoiceError} `frame-invalid`
 */
export function readPageCommand(frame: string): PageCommand {
  return readFields(NAME, Command, readObject(NAME, frame, 'type'));
}
