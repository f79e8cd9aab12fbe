/**
 * A call's audio both ways as JSON over one WebSocket that the carrier has opened. The carrier buffers what we send and
 * keeps real time; it returns marks when it has played up to them. One implementation for every carrier that speaks so:
 * what differs is a `JsonDialect`, which is data.
 */
import type { OpenSocket } from '../../lib/open-socket.ts';
import { bytesOf, bytesPerSample, type AudioFormat } from '../../audio/contract.ts';
import { isWorthALine } from '../bad-frames.ts';
import type {
  AudioCapabilities,
  AudioLine,
  AudioLineEvent,
  CallerFacts,
  LineFeed,
  TransferOptions,
} from '../contract.ts';
import { LineRequests, requestsOf, type LineRest } from '../line-requests.ts';
import { SocketLine, type LineOptions } from '../socket-line.ts';
import { WebSocketTransport } from '../web-socket.ts';
import { notAdmitted, readCaller, type Admission } from './facts.ts';
import { EventOrder } from './order.ts';
import type { CommandWriter, JsonEvent, JsonStart, JsonWire, ReadEvent } from './wire.ts';

/** Who calls whom, and with what, as far as it is known. */
export interface CallFacts {
  from?: string | undefined;
  to?: string | undefined;
  parameters?: Readonly<Record<string, string>> | undefined;
  /** By what its webhook called it, where the line says other names. */
  ids?: Readonly<Record<string, string>> | undefined;
}

/** How one carrier's lines differ from another's. */
export interface JsonDialect {
  wire: JsonWire;
  /** Reads its frames. */
  read: ReadEvent;
  /** The longest message of the agent's audio, in milliseconds: what is longer goes out in several. */
  mostMs: number;
  /** What every message is a multiple of, and at least; the tail of an utterance is filled up to that. Default: anything. */
  frames?: (format: AudioFormat) => Pick<LineFeed, 'leastBytes' | 'multipleOfBytes'>;
  /** How fast it takes them, as a `LineFeed` says. */
  fastest?: number;
}

export interface JsonLineOptions extends LineOptions {
  /** Without it hanging up means closing the socket. */
  rest?: LineRest | undefined;
  /** Default: everybody is. */
  admit?: Admission | undefined;
  /** What a webhook had said of the call before its line came: numbers and parameters that the start does not say count. */
  known?: CallFacts | undefined;
  /** Of the audio, both ways, where the start does not say. Default: what it always is with this carrier. */
  inFormat?: AudioFormat | undefined;
  /** Of the agent's audio. Default: that of the caller's. */
  outFormat?: AudioFormat | undefined;
  /** Samples of 16 bits have their high byte first, both ways. Default false. */
  isBigEndian?: boolean | undefined;
  /** Told once, when the line of a call that had begun is gone and nobody has ended it: the carrier may open another. */
  onLost?: (() => void) | undefined;
}

type JsonAudio = Extract<JsonEvent, { type: 'audio' }>;
type JsonKey = Extract<JsonEvent, { type: 'digit' }>;

const BEFORE_THE_START: ReadonlySet<JsonEvent['type']> = new Set(['start', 'stop', 'error']);

/**
 * Takes over an accepted socket and is done when the carrier has said who is calling.
 * @throws {VoiceError} `connect-timeout`, `frame-invalid`, `unauthorized` or `closed`, the socket being closed then.
 */
export async function acceptJsonLine(
  dialect: JsonDialect,
  socket: OpenSocket,
  options: JsonLineOptions = {},
): Promise<AudioLine> {
  const call = new JsonLine(dialect, socket, options);
  await call.started;
  return call;
}

class JsonLine implements AudioLine {
  readonly kind = 'audio';
  readonly name: string;
  readonly #dialect: JsonDialect;
  readonly #options: JsonLineOptions;
  readonly #line: SocketLine<JsonEvent, AudioLineEvent>;
  readonly #requests: LineRequests;
  #caller: CallerFacts = { carrierCallId: '', from: undefined, to: undefined, parameters: {} };
  #write: CommandWriter;
  #capabilities: AudioCapabilities;
  /** Of a carrier that does not keep it. */
  readonly #order: EventOrder | undefined;
  /** The carrier has said goodbye, or we have. */
  #isOver = false;
  #hasBegun = false;
  /** Frames of ours that the carrier could make nothing of. */
  #refusals = 0;

  constructor(dialect: JsonDialect, socket: OpenSocket, options: JsonLineOptions) {
    const { wire, read } = dialect;
    const { inFormat = wire.standard } = options;
    this.name = wire.name;
    this.#dialect = dialect;
    this.#options = options;
    this.#order = wire.counts && new EventOrder();
    this.#write = wire.commands('', options.outFormat ?? inFormat);
    this.#capabilities = this.#capabilitiesOf(inFormat);
    const readText = (text: string) => read(text, inFormat);
    const protocol = { name: wire.name, readText, handle: (event: JsonEvent): void => this.#handle(event) };
    this.#line = new SocketLine(new WebSocketTransport(socket), protocol, options);
    this.#requests = new LineRequests(this.#line, wire.name, options.rest);
    if (options.onLost) void this.#line.gone.then(() => this.#gone());
  }

  get started(): Promise<void> {
    return this.#line.started;
  }

  get caller(): CallerFacts {
    return this.#caller;
  }

  get capabilities(): AudioCapabilities {
    return this.#capabilities;
  }

  listen(listener: (event: AudioLineEvent) => void): void {
    this.#line.listen(listener);
  }

  sendAudio(audio: Uint8Array): void {
    const { mostBytes } = this.#capabilities.feed;
    for (let from = 0; from < audio.length; from += mostBytes) {
      this.#line.send(this.#write.audio(this.#onWire(audio.subarray(from, from + mostBytes), 'outFormat')));
    }
  }

  sendMark(name: string): void {
    this.#line.send(this.#write.mark(name));
  }

  clear(): void {
    this.#line.send(this.#write.clear());
  }

  sendDigits(digits: string): Promise<void> {
    return this.#requests.sendDigits(this.#caller, digits, this.#write.digits);
  }

  async transfer(to: string, options?: TransferOptions): Promise<void> {
    await this.#requests.transfer(this.#caller, to, options);
    this.#isOver = true;
  }

  hangUp(what?: 'call' | 'line'): Promise<void> {
    this.#isOver = true;
    return this.#requests.hangUp(this.#caller, what);
  }

  #capabilitiesOf(inFormat: AudioFormat): AudioCapabilities {
    const { rest, outFormat = inFormat } = this.#options;
    const { mostMs, frames, fastest } = this.#dialect;
    const { leastBytes, multipleOfBytes } = frames?.(outFormat) ?? {
      ...{ leastBytes: 0, multipleOfBytes: bytesPerSample(outFormat) },
    };
    const mostBytes = Math.floor(bytesOf(mostMs, outFormat) / multipleOfBytes) * multipleOfBytes;
    const sizes = { leastBytes, mostBytes: Math.max(leastBytes, mostBytes), multipleOfBytes };
    return {
      ...requestsOf(rest, this.#write.digits),
      ...{ inFormat, outFormat, clear: true, reports: 'marks' },
      feed: { pacing: 'peer', ...sizes, ...(fastest !== undefined && { fastest }), tail: frames ? 'pad' : 'as-is' },
    };
  }

  /** In the order of bytes that the wire has. */
  #onWire(audio: Uint8Array, way: 'inFormat' | 'outFormat'): Uint8Array {
    if (!this.#options.isBigEndian || this.#capabilities[way].encoding !== 'linear16') return audio;
    return Buffer.from(audio.subarray(0, audio.length & ~1)).swap16();
  }

  #gone(): void {
    if (this.#hasBegun && !this.#isOver) this.#options.onLost?.();
  }

  // ---- what the carrier tells ---------------------------------------------------------------------------------------

  #handle(event: JsonEvent): void {
    if (!BEFORE_THE_START.has(event.type) && !this.#line.isStarted) {
      return this.#line.countBadFrame(`${this.name}: Expected \`start\` first, got \`${event.type}\``);
    }
    switch (event.type) {
      case 'start':
        return this.#start(event);
      case 'audio':
      case 'digit':
        if (!this.#order && !this.#options.isBigEndian) return this.#line.tell(event);
        return this.#tellAll(this.#order?.push(event) ?? [event]);
      case 'mark':
        return this.#line.tell(event);
      case 'stop':
        this.#isOver = true;
        this.#tellAll(this.#order?.flush() ?? []);
        return this.#line.peerLeft('caller-hung-up');
      case 'error':
        return this.#countRefusal(event);
    }
  }

  #tellAll(events: readonly (JsonAudio | JsonKey)[]): void {
    for (const event of events) {
      if (event.type === 'digit') this.#line.tell({ type: 'digit', digit: event.digit });
      else this.#line.tell({ type: 'audio', audio: this.#onWire(event.audio, 'inFormat') });
    }
  }

  #countRefusal({ code, message }: Extract<JsonEvent, { type: 'error' }>): void {
    const refusals = ++this.#refusals;
    if (isWorthALine(refusals)) {
      this.#line.log.warn({ code, why: message, refusals }, 'the carrier refused a frame of ours');
    }
  }

  #start(start: JsonStart): void {
    if (this.#line.isStarted) return this.#line.countBadFrame(`${this.name}: Expected one \`start\`, got a second`);
    this.#line.leftOut(start.leftOut);
    const { known } = this.#options;
    const facts = readCaller(start, {
      from: start.from ?? known?.from,
      to: start.to ?? known?.to,
      facts: known?.parameters,
    });
    if (this.#options.admit && !this.#options.admit(facts)) return this.#line.refuse(notAdmitted(this.name));
    this.#caller = facts.caller;
    this.#write = this.#dialect.wire.commands(start.streamId, this.#options.outFormat ?? start.format);
    this.#capabilities = this.#capabilitiesOf(start.format);
    this.#hasBegun = true;
    this.#line.start();
  }
}
