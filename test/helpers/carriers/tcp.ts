/**
 * A carrier that exists in tests only: packets over plain TCP, each a byte for its kind, two for its length, and its
 * payload. 16-bit samples at 8 kHz; it has no buffer, so we keep real time, a frame each 20 ms, and there is nothing to clear.
 */
import type { Socket } from 'node:net';
import { bytesOf, FRAME_MS, type AudioFormat } from '../../../src/audio/contract.ts';
import type { AudioCapabilities, AudioLine, AudioLineEvent, CallerFacts } from '../../../src/bridge/contract.ts';
import { SocketLine, type FrameStream, type LineOptions } from '../../../src/bridge/socket-line.ts';
import { StartReader } from '../../../src/bridge/start-reader.ts';
import { TcpTransport } from '../../../src/bridge/tcp-socket.ts';
import { VoiceError } from '../../../src/lib/errors.ts';
import { isRecord, parseJson } from '../../../src/lib/json.ts';

const NAME = 'tcp-carrier';
export const KINDS = { end: 0x00, start: 0x01, digit: 0x03, audio: 0x10 } as const;
const FORMAT: AudioFormat = { encoding: 'linear16', sampleRateHz: 8_000 };
const FRAME_BYTES = bytesOf(FRAME_MS, FORMAT);
const HEADER_BYTES = 3;

export function packet(kind: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const header = Buffer.from([kind, payload.length >> 8, payload.length & 0xff]);
  return Buffer.concat([header, payload]); // in one piece: a peer may not wait for the second
}

export interface Packet {
  kind: number;
  payload: Buffer;
}

/** Packets of a stream that comes in any pieces. */
export class PacketStream implements FrameStream<Packet> {
  #rest: Buffer = Buffer.alloc(0);

  push(piece: Buffer): void {
    this.#rest = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
  }

  next(): Packet | undefined {
    if (this.#rest.length < HEADER_BYTES) return undefined;
    const length = this.#rest.readUInt16BE(1);
    if (this.#rest.length < HEADER_BYTES + length) return undefined;
    const [kind = 0, payload] = [this.#rest[0], this.#rest.subarray(HEADER_BYTES, HEADER_BYTES + length)];
    this.#rest = this.#rest.subarray(HEADER_BYTES + length);
    const isWhole = kind === KINDS.audio ? length > 0 : kind !== KINDS.digit || length === 1;
    if (!isWhole)
      throw new VoiceError('frame-invalid', `${NAME}: Expected a packet of kind ${kind}, got ${length} bytes`);
    return { kind, payload };
  }
}

/** @throws {VoiceError} as `acceptMedia` does. */
export async function acceptTcp(socket: Socket, options: LineOptions = {}): Promise<AudioLine> {
  const call = new TcpLine(socket, options);
  await call.started;
  return call;
}

class TcpLine implements AudioLine {
  readonly kind = 'audio';
  readonly name = NAME;
  readonly started: Promise<void>;
  readonly capabilities: AudioCapabilities = {
    inFormat: FORMAT,
    outFormat: FORMAT,
    feed: { pacing: 'us', leastBytes: FRAME_BYTES, mostBytes: FRAME_BYTES, multipleOfBytes: FRAME_BYTES, tail: 'pad' },
    clear: false,
    reports: 'nothing',
    dtmfOut: 'none',
    transfer: 'none',
  };
  readonly #line: SocketLine<Packet, AudioLineEvent>;
  #caller: CallerFacts | undefined;

  constructor(socket: Socket, options: LineOptions) {
    const protocol = { name: NAME, stream: new PacketStream(), handle: (frame: Packet) => this.#handle(frame) };
    this.#line = new SocketLine(new TcpTransport(socket), protocol, options);
    this.started = this.#line.started;
  }

  get caller(): CallerFacts {
    return this.#caller ?? { carrierCallId: '', from: undefined, to: undefined, parameters: {} };
  }

  listen(listener: (event: AudioLineEvent) => void): void {
    this.#line.listen(listener);
  }

  sendAudio(audio: Uint8Array): void {
    for (let from = 0; from < audio.length; from += FRAME_BYTES)
      this.#line.send(packet(KINDS.audio, audio.subarray(from, from + FRAME_BYTES)));
  }

  sendMark(): void {}

  clear(): void {}

  async sendDigits(): Promise<void> {
    throw new VoiceError('request-invalid', `Expected a carrier that presses keys, got ${NAME}`);
  }

  async transfer(): Promise<void> {
    throw new VoiceError('request-invalid', `Expected a carrier that hands over, got ${NAME}`);
  }

  hangUp(what: 'call' | 'line' = 'call'): Promise<void> {
    if (what === 'call') this.#line.send(packet(KINDS.end));
    return this.#line.close('hung-up');
  }

  #handle({ kind, payload }: Packet): void {
    switch (kind) {
      case KINDS.start:
        return this.#start(payload);
      case KINDS.audio:
        return this.#line.tell({ type: 'audio', audio: payload });
      case KINDS.digit:
        return this.#line.tell({ type: 'digit', digit: payload.toString() });
      case KINDS.end:
        return this.#line.peerLeft('caller-hung-up');
    }
  }

  #start(payload: Buffer): void {
    const reader = new StartReader(NAME);
    const start = parseJson(payload.toString());
    if (!isRecord(start) || typeof start['id'] !== 'string' || this.#caller) {
      return this.#line.countBadFrame(`${NAME}: Expected one start that says who calls whom`);
    }
    this.#caller = {
      carrierCallId: start['id'],
      from: reader.text(start['from'], 'from'),
      to: reader.text(start['to'], 'to'),
      parameters: reader.parameters({ tenant: start['tenant'] }, 'start'),
    };
    this.#line.leftOut(reader.leftOut);
    this.#line.start();
  }
}
