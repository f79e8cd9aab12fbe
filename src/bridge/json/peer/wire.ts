/**
 * The carrier's end of its JSON frames, for stand-ins: reads what a worker tells it, as strictly as the carrier does, and
 * writes what the carrier tells. What differs is data here, too: a `PeerWire`, beside the `JsonWire` of the carrier. Pure.
 */
import { z } from 'zod';
import { decodePayload, frameInvalid, readFields, readObject, toBase64 } from '../wire.ts';

/** How one carrier spells what it tells, and what it understands. */
export interface PeerWire {
  name: string;
  /** What a command of this name means. Any other is an error of its. */
  commands: Readonly<Record<string, JsonCommand['type']>>;
  /** The name under which a command names its stream; undefined where it has to name none. */
  streamId: string | undefined;
  /** Commands that may do without, by name, where others may not. */
  mayOmitStream?: readonly string[];
  /** Where the name of a mark lies, as in the `JsonWire`. */
  markName: 'mark.name' | 'name';
  /** Where the keys of a command lie. */
  digits?: 'dtmf' | 'dtmf.digit';
  /** Whole frames, each with its sequence number, which counts all but `connected`. */
  frames(call: PeerCall): PeerFrames;
}

/** Who the call is, as the carrier says it. */
export interface PeerCall {
  streamId: string;
  callId: string;
  accountId: string;
  from: string;
  to: string;
  parameters: Readonly<Record<string, string>>;
  /** By the carrier's own names, as its start says them. */
  encoding: string;
  sampleRateHz: number;
}

export interface PeerFrames {
  /** Absent where a start is the first frame. */
  connected?(): string;
  start(sequence: number): string;
  audio(payload: string, facts: { sequence: number; chunk: number; timestampMs: number }): string;
  digit(digit: string, sequence: number): string;
  mark(name: string, sequence: number): string;
  /** Answers a clear, where the carrier does. */
  cleared?(sequence: number): string;
  /** Absent where a call ends with its socket alone. */
  stop?(sequence: number): string;
}

/** What the worker tells the carrier. */
export type JsonCommand = { streamId: string | undefined } & (
  | { type: 'audio'; audio: Uint8Array }
  | { type: 'mark'; name: string }
  | { type: 'clear' }
  | { type: 'digits'; digits: string }
  | { type: 'stop' }
);

const Media = z.object({ media: z.object({ payload: z.string() }) });
const NamedMark = z.object({ mark: z.object({ name: z.string() }) });
const NameBeside = z.object({ name: z.string() });
const Digits = z.object({ dtmf: z.string() });
const DigitWithin = z.object({ dtmf: z.object({ digit: z.string() }) });

/** @throws {VoiceError} `frame-invalid`, from what it returns: anything that the carrier does not document is its error. */
export function commandReaderOf(wire: PeerWire): (text: string) => JsonCommand {
  const { name: protocol, markName } = wire;
  const kinds = new Map(Object.entries(wire.commands));
  return (text) => {
    const frame = readObject(protocol, text, 'event');
    const event = String(frame['event']);
    const kind = kinds.get(event);
    const streamId = readStreamId(wire, frame, event);
    switch (kind) {
      case 'audio': {
        const { media } = readFields(protocol, Media, frame);
        return { type: 'audio', streamId, audio: decodePayload(protocol, media.payload) };
      }
      case 'mark': {
        const name =
          markName === 'name'
            ? readFields(protocol, NameBeside, frame).name
            : readFields(protocol, NamedMark, frame).mark.name;
        return { type: 'mark', streamId, name };
      }
      case 'digits': {
        const digits =
          wire.digits === 'dtmf'
            ? readFields(protocol, Digits, frame).dtmf
            : readFields(protocol, DigitWithin, frame).dtmf.digit;
        return { type: 'digits', streamId, digits };
      }
      case 'clear':
      case 'stop':
        return { type: kind, streamId };
      case undefined:
        throw frameInvalid(protocol, `Expected one of ${[...kinds.keys()].join(', ')}, got something else`);
    }
  };
}

function readStreamId(wire: PeerWire, frame: Record<string, unknown>, event: string): string | undefined {
  if (wire.streamId === undefined) return undefined;
  const given = frame[wire.streamId];
  if (typeof given === 'string') return given;
  if (given === undefined && wire.mayOmitStream?.includes(event)) return undefined;
  throw frameInvalid(wire.name, `Expected \`${wire.streamId}\` to be a string, got \`${typeof given}\``);
}

/** Writes the carrier's frames of one stream, counting from 1. */
export class EventWriter {
  readonly #frames: PeerFrames;
  #sequence = 0;
  #chunk = 0;

  constructor(wire: PeerWire, call: PeerCall) {
    this.#frames = wire.frames(call);
  }

  /** Nothing, where the carrier says none. */
  connected(): string | undefined {
    return this.#frames.connected?.();
  }

  start(): string {
    return this.#frames.start(++this.#sequence);
  }

  audio(audio: Uint8Array, timestampMs: number): string {
    return this.audioFromBase64(toBase64(audio), timestampMs);
  }

  /** For frames that are sent again and again, such as silence. */
  audioFromBase64(payload: string, timestampMs: number): string {
    const facts = { sequence: ++this.#sequence, chunk: ++this.#chunk, timestampMs: Math.round(timestampMs) };
    return this.#frames.audio(payload, facts);
  }

  digit(digit: string): string {
    return this.#frames.digit(digit, ++this.#sequence);
  }

  mark(name: string): string {
    return this.#frames.mark(name, ++this.#sequence);
  }

  cleared(): string | undefined {
    return this.#frames.cleared?.(++this.#sequence);
  }

  stop(): string | undefined {
    return this.#frames.stop?.(++this.#sequence);
  }
}
