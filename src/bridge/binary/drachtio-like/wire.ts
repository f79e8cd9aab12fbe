/**
 * FreeSWITCH's `mod_audio_fork`, both ends of it, which jambonz's `listen` is made of: the first text says whose call it is,
 * in camelCase, with the metadata that the line was given beside it; audio of any length both ways; marks that say whether
 * they were played or cleared.
 * @see https://github.com/jambonz/freeswitch-modules/tree/main/mod_audio_fork
 */
import { z } from 'zod';
import type { AudioFormat } from '../../../audio/contract.ts';
import { bytesOf } from '../../../audio/contract.ts';
import { isRecord } from '../../../lib/json.ts';
import { frameInvalid, LooseDigit, readFields, readObject } from '../../json/wire.ts';
import { StartReader } from '../../start-reader.ts';
import type { LineFeed } from '../../contract.ts';
import { linear16, type BinaryEvent, type BinaryStart, type LineFormats, type ReadText } from '../wire.ts';

/** Its play-out waits for so many samples: a shorter tail is not played until more comes, and its mark is told at once. */
const TAIL_MS = 200;
/** Far below the 650 kB that a message may hold. */
const MOST_MS = 1_000;

export const drachtioFeed = (format: AudioFormat): LineFeed => ({
  ...{ pacing: 'peer', leastBytes: 0, mostBytes: bytesOf(MOST_MS, format), multipleOfBytes: 2 },
  tail: { silenceMs: TAIL_MS },
});

const KILOHERTZ = [8, 12, 16, 24, 32, 48, 64];
const RATES: Readonly<Record<string, AudioFormat>> = Object.fromEntries(
  KILOHERTZ.flatMap((kHz) => [
    [`${kHz}000`, linear16(kHz * 1_000)],
    [`${kHz}k`, linear16(kHz * 1_000)],
  ]),
);

/** What a start says of a call that needs no place among its parameters. */
const OWN = ['callSid', 'from', 'to', 'sampleRate', 'outSampleRate', 'mixType'] as const;

const Mark = z.object({ data: z.object({ name: z.string(), event: z.string() }) });
const Dtmf = z.object({ dtmf: LooseDigit });

/** What one peer writes into its first text in a way of its own. */
export interface DrachtioStart {
  /** Names of what it says of the call, which are no parameters. Default: none. */
  facts?: readonly string[];
  /** What a parameter means. Default: what it is. */
  readParameter?: (text: string) => string;
}

export function drachtioReader(name: string, own: DrachtioStart = {}): ReadText {
  return (text, standard) => {
    const frame = readObject(name, text);
    if (frame['type'] === 'mark') return readMark(name, frame);
    if (frame['event'] === 'dtmf') return { type: 'digit', digit: readFields(name, Dtmf, frame).dtmf };
    if (frame['callSid'] !== undefined) return readStart(name, frame, standard, own);
    if (typeof frame['type'] === 'string' || typeof frame['event'] === 'string') return undefined; // `playDone`, and later ones
    throw frameInvalid(name, 'Expected a text with `callSid`, `type` or `event`');
  };
}

/** A mark that was cleared was not played: nothing is told of it. */
function readMark(name: string, frame: Record<string, unknown>): BinaryEvent | undefined {
  const { data } = readFields(name, Mark, frame);
  return data.event === 'playout' ? { type: 'mark', name: data.name } : undefined;
}

function readStart(
  name: string,
  frame: Record<string, unknown>,
  { inFormat, outFormat }: LineFormats,
  { facts = [], readParameter = (text) => text }: DrachtioStart,
): BinaryStart {
  const reader = new StartReader(name);
  const { callSid, from, to, sampleRate, outSampleRate, mixType } = frame;
  reader.oneOf(mixType, 'mixType', { mono: true, mixed: true }); // two channels would be heard as noise
  const known = new Set<string>([...OWN, ...facts]);
  const others = Object.entries(frame).filter(([key, value]) => !known.has(key) && !isRecord(value));
  const parameters = reader.parameters(Object.fromEntries(others), 'metadata');
  const start: BinaryStart = {
    type: 'start',
    callId: reader.requiredId(callSid, 'callSid'),
    from: reader.text(from, 'from'),
    to: reader.text(to, 'to'),
    inFormat: reader.oneOf(sampleRate, 'sampleRate', RATES) ?? inFormat,
    outFormat: reader.oneOf(outSampleRate, 'outSampleRate', RATES) ?? outFormat,
    parameters: Object.fromEntries(Object.entries(parameters).map(([key, value]) => [key, readParameter(value)])),
  };
  return reader.withLeftOut(start);
}

/** What we tell it. */
export const drachtioCommands = {
  mark: (name: string): string => JSON.stringify({ type: 'mark', data: { name } }),
  clear: '{"type":"killAudio"}',
  bye: '{"type":"disconnect"}',
};

// ---- the other end --------------------------------------------------------------------------------------------------

export type DrachtioCommand =
  { type: 'clear' } | { type: 'mark'; name: string } | { type: 'bye' } | { type: 'transfer'; to: string };

const Command = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('killAudio') }),
  z.strictObject({ type: z.literal('mark'), data: z.strictObject({ name: z.string() }) }),
  z.strictObject({ type: z.literal('disconnect') }),
  z.strictObject({ type: z.literal('transfer'), data: z.strictObject({ to: z.string() }) }),
]);

/** Reads a text of the worker's, as the module does. @throws {VoiceError} `frame-invalid` */
export function readDrachtioCommand(name: string, text: string): DrachtioCommand {
  const command = readFields(name, Command, readObject(name, text));
  switch (command.type) {
    case 'killAudio':
      return { type: 'clear' };
    case 'disconnect':
      return { type: 'bye' };
    case 'mark':
      return { type: 'mark', name: command.data.name };
    case 'transfer':
      return { type: 'transfer', to: command.data.to };
  }
}

/** Writes the module's texts. A duration is in ticks of RTP, eight a millisecond, and a text. */
export const drachtioEvents = {
  digit: (digit: string): string => JSON.stringify({ event: 'dtmf', dtmf: digit, duration: '1600' }),
  mark: (name: string, event: 'playout' | 'cleared'): string => JSON.stringify({ type: 'mark', data: { name, event } }),
};
