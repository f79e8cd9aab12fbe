/**
 * A call's audio both ways as JSON over one WebSocket that the carrier has opened. The carrier buffers what we send and
 * keeps real time; it returns marks when it has played up to them. One implementation for every carrier that speaks so:
 * what differs is a `JsonDialect`, which is data.
 */
import type { OpenSocket } from '../../lib/open-socket.ts';
import { bytesOf, bytesPerSample, type AudioFormat } from '../../audio/contract.ts';
import type { AudioCapabilities, AudioLine, AudioLineEvent, CallerFacts } from '../contract.ts';
import { LineRequests, requestsOf, type LineRest } from '../line-requests.ts';
import { SocketLine, type LineOptions } from '../socket-line.ts';
import { WebSocketTransport } from '../web-socket.ts';
import { notAdmitted, readCaller, type Admission } from './facts.ts';
import type { CommandWriter, JsonEvent, JsonStart, JsonWire, ReadEvent } from './wire.ts';

/** Who calls whom, and with what, as far as it is known. */
export interface CallFacts {
  from?: string | undefined;
  to?: string | undefined;
  parameters?: Readonly<Record<string, string>> | undefined;
}

/** How one carrier's lines differ from another's. */
export interface JsonDialect {
  wire: JsonWire;
  /** Reads its frames. */
  read: ReadEvent;
  /** The longest message of the agent's audio, in milliseconds: what is longer goes out in several. */
  mostMs: number;
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
}

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
  readonly #requests: LineRequests<JsonEvent>;
  #caller: CallerFacts = { carrierCallId: '', from: undefined, to: undefined, parameters: {} };
  #write: CommandWriter;
  #capabilities: AudioCapabilities;

  constructor(dialect: JsonDialect, socket: OpenSocket, options: JsonLineOptions) {
    const { wire, read } = dialect;
    const { inFormat } = options;
    this.name = wire.name;
    this.#dialect = dialect;
    this.#options = options;
    this.#write = wire.commands('', inFormat ?? wire.standard);
    this.#capabilities = this.#capabilitiesOf(inFormat ?? wire.standard);
    const readText = (text: string) => read(text, inFormat);
    const protocol = { name: wire.name, readText, handle: (event: JsonEvent): void => this.#handle(event) };
    this.#line = new SocketLine(new WebSocketTransport(socket), protocol, options);
    this.#requests = new LineRequests(this.#line, wire.name, options.rest);
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
      this.#line.send(this.#write.audio(audio.subarray(from, from + mostBytes)));
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

  transfer(to: string): Promise<void> {
    return this.#requests.transfer(this.#caller, to);
  }

  hangUp(what?: 'call' | 'line'): Promise<void> {
    return this.#requests.hangUp(this.#caller, what);
  }

  #capabilitiesOf(format: AudioFormat): AudioCapabilities {
    return {
      ...requestsOf(this.#options.rest, this.#write.digits),
      ...{ inFormat: format, outFormat: format, clear: true, reports: 'marks' },
      feed: {
        ...{ pacing: 'peer', leastBytes: 0, mostBytes: bytesOf(this.#dialect.mostMs, format) },
        ...{ multipleOfBytes: bytesPerSample(format), tail: 'as-is' },
      },
    };
  }

  // ---- what the carrier tells ---------------------------------------------------------------------------------------

  #handle(event: JsonEvent): void {
    if (event.type !== 'start' && event.type !== 'stop' && !this.#line.isStarted) {
      return this.#line.countBadFrame(`${this.name}: Expected \`start\` first, got \`${event.type}\``);
    }
    switch (event.type) {
      case 'start':
        return this.#start(event);
      case 'audio':
      case 'mark':
      case 'digit':
        return this.#line.tell(event);
      case 'stop':
        return this.#line.peerLeft('caller-hung-up');
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
    this.#write = this.#dialect.wire.commands(start.streamId, start.format);
    this.#capabilities = this.#capabilitiesOf(start.format);
    this.#line.start();
  }
}
