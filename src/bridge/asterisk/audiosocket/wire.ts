/**
 * AudioSocket, both ends of it: packets of a kind, a length and a payload in one stream of bytes. Samples are 16 bits,
 * little-endian; the kind says their rate. Holds no socket; `line.ts` does.
 * @see https://docs.asterisk.org/Configuration/Channel-Drivers/AudioSocket/
 */
import { VoiceError } from '../../../lib/errors.ts';
import type { FrameStream } from '../../socket-line.ts';

export const KINDS = { hangUp: 0x00, uuid: 0x01, digit: 0x03, error: 0xff } as const;

/** The kind of audio at each rate. Releases before 20.17, 22.7 and 23.1 know 8 kHz alone, and hang up on the others. */
export const AUDIO_KINDS: ReadonlyMap<number, number> = new Map([
  ...([
    [8_000, 0x10],
    [12_000, 0x11],
    [16_000, 0x12],
    [24_000, 0x13],
    [32_000, 0x14],
    [44_100, 0x15],
    [48_000, 0x16],
    [96_000, 0x17],
    [192_000, 0x18],
  ] as const),
]);
const RATES: ReadonlyMap<number, number> = new Map([...AUDIO_KINDS].map(([rateHz, kind]) => [kind, rateHz]));

export type AudioSocketPacket =
  | { type: 'uuid'; uuid: string }
  | { type: 'audio'; audio: Uint8Array; sampleRateHz: number }
  | { type: 'digit'; digit: string }
  | { type: 'hang-up' }
  /** Something went wrong at the peer. `code`: the application's own. */
  | { type: 'error'; code: number | undefined };

const HEADER_BYTES = 3;
const UUID_BYTES = 16;
const DIGIT = /^[0-9A-D*#]$/;

/** Finds the packets in what comes, however the network has cut it: no byte is copied but of a packet that came in parts. */
export class AudioSocketReader implements FrameStream<AudioSocketPacket> {
  #pieces: Buffer[] = [];
  #bytes = 0;

  push(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#bytes += piece.length;
  }

  /** Kinds that came into the world later are passed over. @throws {VoiceError} `frame-invalid` */
  next(): AudioSocketPacket | undefined {
    for (let packet = this.#take(); packet; packet = this.#take()) {
      const read = readPacket(packet.kind, packet.payload);
      if (read) return read;
    }
    return undefined;
  }

  #take(): { kind: number; payload: Buffer } | undefined {
    if (this.#bytes < HEADER_BYTES) return undefined;
    const header = this.#join(HEADER_BYTES);
    const length = HEADER_BYTES + header.readUInt16BE(1);
    if (this.#bytes < length) return undefined;
    const whole = this.#join(length);
    const packet = { kind: whole.readUInt8(0), payload: whole.subarray(HEADER_BYTES, length) };
    this.#bytes -= length;
    if (whole.length > length) this.#pieces[0] = whole.subarray(length);
    else this.#pieces.shift();
    return packet;
  }

  /** The first piece, when it holds so many bytes; else as many of them in one as do. */
  #join(bytes: number): Buffer {
    const [first] = this.#pieces;
    if (first && first.length >= bytes) return first;
    let count = 0;
    for (let sum = 0; sum < bytes; count++) sum += this.#pieces[count]?.length ?? bytes;
    const joined = Buffer.concat(this.#pieces.splice(0, count));
    this.#pieces.unshift(joined);
    return joined;
  }
}

function readPacket(kind: number, payload: Buffer): AudioSocketPacket | undefined {
  const sampleRateHz = RATES.get(kind);
  if (sampleRateHz !== undefined) return { type: 'audio', audio: payload, sampleRateHz };
  switch (kind) {
    case KINDS.uuid:
      requireLength('a UUID', payload, UUID_BYTES);
      return { type: 'uuid', uuid: uuidOf(payload) };
    case KINDS.digit:
      return { type: 'digit', digit: readDigit(payload) };
    case KINDS.hangUp:
      requireLength('a hang-up', payload, 0);
      return { type: 'hang-up' };
    case KINDS.error:
      return { type: 'error', code: payload[0] };
    default:
      return undefined;
  }
}

function readDigit(payload: Buffer): string {
  requireLength('a digit', payload, 1);
  const digit = payload.toString('latin1');
  if (DIGIT.test(digit)) return digit;
  throw invalid('Expected a digit to be one of 0-9, A-D, * and #, got something else');
}

function requireLength(what: string, { length }: Buffer, expected: number): void {
  if (length !== expected) throw invalid(`Expected ${what} to be ${expected} bytes long, got ${length}`);
}

const invalid = (message: string): VoiceError => new VoiceError('frame-invalid', `asterisk-audiosocket: ${message}`);

/** In the order in which it is written. */
function uuidOf(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** One packet, to be written as one: the parts of a split one may come too late. */
export function packetOf(kind: number, payload: Uint8Array = new Uint8Array(0)): Buffer {
  const packet = Buffer.allocUnsafe(HEADER_BYTES + payload.length);
  packet.writeUInt8(kind, 0);
  packet.writeUInt16BE(payload.length, 1);
  packet.set(payload, HEADER_BYTES);
  return packet;
}

/** `uuid`: as text. */
export const uuidPacketOf = (uuid: string): Buffer =>
  packetOf(KINDS.uuid, Buffer.from(uuid.replaceAll('-', ''), 'hex'));
