/**
 * A carrier that exists in tests only: JSON over a WebSocket. Its start says the formats of both directions, its audio may
 * come before that, its marks come back by name, it says when its queue is full, and it takes whole frames of 20 ms.
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

const NAME = 'json-carrier';
const Format = z.object({ encoding: z.enum(['mulaw', 'alaw', 'linear16']), sampleRateHz: z.number() });
const Frame = z.discriminatedUnion('event', [
  z.object({
    event: z.literal('start'),
    call: z.record(z.string(), z.unknown()), // read kindly, when it starts
    hears: Format,
    says: Format,
  }),
  z.object({ event: z.literal('audio'), payload: z.base64() }),
  z.object({ event: z.literal('mark'), name: z.string() }),
  z.object({ event: z.literal('digit'), digit: z.string() }),
  z.object({ event: z.literal('queue'), isFull: z.boolean() }),
  z.object({ event: z.literal('stop') }),
]);
type Frame = z.output<typeof Frame>;
const EVENTS = new Set<unknown>(Frame.options.map(({ shape }) => shape.event.value));

function readFrame(text: string): Frame | undefined {
  const value = parseJson(text);
  if (isRecord(value) && typeof value['event'] === 'string' && !EVENTS.has(value['event'])) return undefined;
  const { data, error } = Frame.safeParse(value);
  if (error) throw new VoiceError('frame-invalid', `${NAME}: ${z.prettifyError(error)}`);
  return data;
}

/** @throws {VoiceError} as `acceptMedia` does. */
export async function acceptJson(socket: WebSocket, options: LineOptions = {}): Promise<AudioLine> {
  const call = new JsonLine(socket, options);
  await call.started;
  return call;
}

class JsonLine implements AudioLine {
  readonly kind = 'audio';
  readonly name = NAME;
  readonly started: Promise<void>;
  readonly #line: SocketLine<Frame, AudioLineEvent>;
  #start: Extract<Frame, { event: 'start' }> | undefined;
  #caller: CallerFacts = { carrierCallId: '', from: undefined, to: undefined, parameters: {} };

  constructor(socket: WebSocket, options: LineOptions) {
    const protocol = { name: NAME, readText: readFrame, handle: (frame: Frame) => this.#handle(frame) };
    this.#line = new SocketLine(new WebSocketTransport(socket), protocol, options);
    this.started = this.#line.started;
  }

  get caller(): CallerFacts {
    return this.#caller;
  }

  get capabilities(): AudioCapabilities {
    const outFormat: AudioFormat = this.#start?.hears ?? { encoding: 'mulaw', sampleRateHz: 8_000 };
    const frame = bytesOf(FRAME_MS, outFormat);
    return {
      inFormat: this.#start?.says ?? outFormat,
      outFormat,
      feed: { pacing: 'peer', leastBytes: frame, mostBytes: 50 * frame, multipleOfBytes: frame, tail: 'pad' },
      clear: true,
      reports: 'marks',
      dtmfOut: 'inband',
      transfer: 'none',
    };
  }

  listen(listener: (event: AudioLineEvent) => void): void {
    this.#line.listen(listener);
  }

  sendAudio(audio: Uint8Array): void {
    const { mostBytes } = this.capabilities.feed;
    for (let from = 0; from < audio.length; from += mostBytes)
      this.#send({ event: 'audio', payload: Buffer.from(audio.subarray(from, from + mostBytes)).toString('base64') });
  }

  sendMark(name: string): void {
    this.#send({ event: 'mark', name });
  }

  clear(): void {
    this.#send({ event: 'clear' });
  }

  async sendDigits(digits: string): Promise<void> {
    if (!/^[0-9*#w]+$/.test(digits)) throw new VoiceError('request-invalid', 'Expected digits, got something else');
    if (!this.#line.isOpen) throw new VoiceError('closed', 'Expected an open call, got a closed one');
    this.#send({ event: 'digits', digits });
  }

  async transfer(): Promise<void> {
    throw new VoiceError('request-invalid', `Expected a carrier that hands over, got ${NAME}`);
  }

  hangUp(): Promise<void> {
    return this.#line.close('hung-up');
  }

  #begin(frame: Extract<Frame, { event: 'start' }>): void {
    const reader = new StartReader(NAME);
    const { id, from, to, facts } = frame.call;
    this.#caller = {
      carrierCallId: reader.requiredId(id, 'call.id'),
      from: reader.text(from, 'call.from'),
      to: reader.text(to, 'call.to'),
      parameters: reader.parameters(facts, 'call.facts'),
    };
    this.#line.leftOut(reader.leftOut);
    this.#start = frame;
    this.#line.start();
  }

  #send(command: Record<string, unknown>): void {
    this.#line.send(JSON.stringify(command));
  }

  #handle(frame: Frame): void {
    switch (frame.event) {
      case 'start':
        if (this.#start) return this.#line.countBadFrame(`${NAME}: Expected one start, got a second`);
        return this.#begin(frame);
      case 'audio':
        return this.#line.tell({ type: 'audio', audio: Buffer.from(frame.payload, 'base64') });
      case 'mark':
        return this.#line.tell({ type: 'mark', name: frame.name });
      case 'digit':
        return this.#line.tell({ type: 'digit', digit: frame.digit });
      case 'queue':
        return this.#line.peerFull(frame.isFull);
      case 'stop':
        return this.#line.peerLeft('caller-hung-up');
    }
  }
}
