/**
 * A carrier that exists in tests only: audio as binary messages of exactly 20 ms over a WebSocket, 16-bit samples at the
 * rate that its start says, and everything else as JSON. It counts the samples that it has played and cleared.
 */
import type { WebSocket } from 'ws';
import { z } from 'zod';
import { bytesOf, FRAME_MS, type AudioFormat } from '../../../src/audio/contract.ts';
import type { AudioCapabilities, AudioLine, AudioLineEvent, CallerFacts } from '../../../src/bridge/contract.ts';
import { SocketLine, type LineOptions } from '../../../src/bridge/socket-line.ts';
import { StartReader } from '../../../src/bridge/start-reader.ts';
import { WebSocketTransport } from '../../../src/bridge/web-socket.ts';
import { VoiceError } from '../../../src/lib/errors.ts';
import { isRecord, parseJson } from '../../../src/lib/json.ts';

const NAME = 'binary-carrier';
const Control = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('hello'),
    id: z.unknown(),
    from: z.unknown(),
    to: z.unknown(),
    tenant: z.unknown(),
    rate: z.number(),
  }),
  z.object({ type: z.literal('key'), digit: z.string() }),
  z.object({ type: z.literal('played'), samples: z.int().nonnegative() }),
  z.object({ type: z.literal('cleared'), samples: z.int().nonnegative() }),
  z.object({ type: z.literal('bye') }),
]);
type Control = z.output<typeof Control>;
type Frame = Control | { type: 'audio'; audio: Uint8Array };
const TYPES = new Set<unknown>(Control.options.map(({ shape }) => shape.type.value));

function readText(text: string): Frame | undefined {
  const value = parseJson(text);
  if (isRecord(value) && typeof value['type'] === 'string' && !TYPES.has(value['type'])) return undefined;
  const { data, error } = Control.safeParse(value);
  if (error) throw new VoiceError('frame-invalid', `${NAME}: ${z.prettifyError(error)}`);
  return data;
}

/** @throws {VoiceError} as `acceptMedia` does. */
export async function acceptBinary(socket: WebSocket, options: LineOptions = {}): Promise<AudioLine> {
  const call = new BinaryLine(socket, options);
  await call.started;
  return call;
}

class BinaryLine implements AudioLine {
  readonly kind = 'audio';
  readonly name = NAME;
  readonly started: Promise<void>;
  readonly #line: SocketLine<Frame, AudioLineEvent>;
  #hello: Extract<Control, { type: 'hello' }> | undefined;
  #caller: CallerFacts = { carrierCallId: '', from: undefined, to: undefined, parameters: {} };

  constructor(socket: WebSocket, options: LineOptions) {
    const protocol = {
      name: NAME,
      readText,
      readBytes: (audio: Buffer): Frame => ({ type: 'audio', audio }),
      handle: (frame: Frame) => this.#handle(frame),
    };
    this.#line = new SocketLine(new WebSocketTransport(socket), protocol, options);
    this.started = this.#line.started;
  }

  get caller(): CallerFacts {
    return this.#caller;
  }

  get capabilities(): AudioCapabilities {
    const format: AudioFormat = { encoding: 'linear16', sampleRateHz: this.#hello?.rate ?? 8_000 };
    const frame = bytesOf(FRAME_MS, format);
    return {
      inFormat: format,
      outFormat: format,
      feed: { pacing: 'peer', leastBytes: frame, mostBytes: frame, multipleOfBytes: frame, tail: 'pad' },
      clear: true,
      reports: 'samples',
      dtmfOut: 'none',
      transfer: 'none',
    };
  }

  listen(listener: (event: AudioLineEvent) => void): void {
    this.#line.listen(listener);
  }

  sendAudio(audio: Uint8Array): void {
    const { mostBytes } = this.capabilities.feed;
    for (let from = 0; from < audio.length; from += mostBytes) this.#line.send(audio.subarray(from, from + mostBytes));
  }

  sendMark(): void {}

  clear(): void {
    this.#line.send('{"type":"clear"}');
  }

  async sendDigits(): Promise<void> {
    throw new VoiceError('request-invalid', `Expected a carrier that presses keys, got ${NAME}`);
  }

  async transfer(): Promise<void> {
    throw new VoiceError('request-invalid', `Expected a carrier that hands over, got ${NAME}`);
  }

  hangUp(): Promise<void> {
    return this.#line.close('hung-up');
  }

  #begin(hello: Extract<Control, { type: 'hello' }>): void {
    const reader = new StartReader(NAME);
    const { id, from, to, tenant } = hello;
    this.#caller = {
      carrierCallId: reader.requiredId(id, 'id'),
      from: reader.text(from, 'from'),
      to: reader.text(to, 'to'),
      parameters: reader.parameters({ tenant }, 'hello'),
    };
    this.#line.leftOut(reader.leftOut);
    this.#hello = hello;
    this.#line.start();
  }

  #handle(frame: Frame): void {
    switch (frame.type) {
      case 'hello':
        if (this.#hello) return this.#line.countBadFrame(`${NAME}: Expected one hello, got a second`);
        return this.#begin(frame);
      case 'audio':
      case 'played':
      case 'cleared':
        return this.#line.tell(frame);
      case 'key':
        return this.#line.tell({ type: 'digit', digit: frame.digit });
      case 'bye':
        return this.#line.peerLeft('caller-hung-up');
    }
  }
}
