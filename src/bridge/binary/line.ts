/**
 * A call's audio both ways as binary messages over one WebSocket that the peer has opened, everything else as JSON texts. One
 * implementation for every peer that speaks so: what differs is a `BinaryDialect`, which is data.
 */
import type { OpenSocket } from '../../lib/open-socket.ts';
import type { AudioFormat } from '../../audio/contract.ts';
import type {
  AudioCapabilities,
  AudioLine,
  AudioLineEvent,
  CallerFacts,
  LineFeed,
  TransferOptions,
} from '../contract.ts';
import type { Admission } from '../door.ts';
import { LineRequests, requestsOf, type LineRest } from '../line-requests.ts';
import { SocketLine, type LineOptions } from '../socket-line.ts';
import { WebSocketTransport } from '../web-socket.ts';
import { notAdmitted, readCaller } from '../json/facts.ts';
import type { CallFacts } from '../json/line.ts';
import type { BinaryEvent, BinaryStart, LineFormats, ReadText } from './wire.ts';

/** How one peer's lines differ from another's. */
export interface BinaryDialect {
  /** Bridge name, as errors and logs show it: `vonage-media`. */
  name: string;
  read: ReadText;
  /** `format`: of the agent's audio. */
  feed: (format: AudioFormat) => LineFeed;
  /** Asks to be told when everything sent so far was played. Absent where there are no marks. */
  mark?: (name: string) => string;
  /** Throws away what was not played. Absent where that cannot be asked. */
  clear?: string;
  /** Says that the call is over, before the socket closes. Absent where closing it is all. */
  bye?: string;
  /** Hands the caller over, where the peer does so when the line asks it to. */
  transfer?: (to: string) => string;
}

export interface BinaryLineOptions extends LineOptions {
  /** Of the audio, where the start does not say. */
  formats: LineFormats;
  /** Without it hanging up means closing the socket. */
  rest?: LineRest | undefined;
  /** Default: everybody is. */
  admit?: Admission | undefined;
  /** What was said of the call before its line came: numbers and parameters that the start does not say count. */
  known?: CallFacts | undefined;
}

/** Four times what samples of 16 bits at 64 kHz are, the most that any of these lines carries. */
const BYTES_PER_SECOND = 512_000;

/**
 * Takes over an accepted socket and is done when the peer has said who is calling.
 * @throws {VoiceError} `connect-timeout`, `frame-invalid`, `unauthorized` or `closed`, the socket being closed then.
 */
export async function acceptBinaryLine(
  dialect: BinaryDialect,
  socket: OpenSocket,
  options: BinaryLineOptions,
): Promise<AudioLine> {
  const call = new BinaryLine(dialect, socket, options);
  await call.started;
  return call;
}

class BinaryLine implements AudioLine {
  readonly kind = 'audio';
  readonly name: string;
  readonly #dialect: BinaryDialect;
  readonly #options: BinaryLineOptions;
  readonly #line: SocketLine<BinaryEvent, AudioLineEvent>;
  readonly #requests: LineRequests;
  #caller: CallerFacts = { carrierCallId: '', from: undefined, to: undefined, parameters: {} };
  #capabilities: AudioCapabilities;

  constructor(dialect: BinaryDialect, socket: OpenSocket, options: BinaryLineOptions) {
    const { name, read } = dialect;
    this.name = name;
    this.#dialect = dialect;
    this.#options = options;
    this.#capabilities = this.#capabilitiesOf(options.formats);
    const protocol = {
      name,
      readText: (text: string) => read(text, options.formats),
      readBytes,
      handle: (event: BinaryEvent): void => this.#handle(event),
    };
    const limits = { bytesPerSecond: BYTES_PER_SECOND, ...options };
    this.#line = new SocketLine(new WebSocketTransport(socket), protocol, limits);
    this.#requests = new LineRequests(this.#line, name, this.#rest());
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
    for (let from = 0; from < audio.length; from += mostBytes) this.#line.send(audio.subarray(from, from + mostBytes));
  }

  sendMark(name: string): void {
    if (this.#dialect.mark) this.#line.send(this.#dialect.mark(name));
  }

  clear(): void {
    if (this.#dialect.clear !== undefined) this.#line.send(this.#dialect.clear);
  }

  sendDigits(digits: string): Promise<void> {
    return this.#requests.sendDigits(this.#caller, digits, undefined);
  }

  transfer(to: string, options?: TransferOptions): Promise<void> {
    return this.#requests.transfer(this.#caller, to, options);
  }

  hangUp(what: 'call' | 'line' = 'call'): Promise<void> {
    if (what === 'call' && this.#dialect.bye !== undefined) this.#line.send(this.#dialect.bye);
    return this.#requests.hangUp(this.#caller, what);
  }

  /** What may be asked of the carrier; where it hands over because the line says so, that is asked of the line. */
  #rest(): LineRest | undefined {
    const { transfer } = this.#dialect;
    const { rest } = this.#options;
    if (!transfer || rest?.transfer) return rest;
    return {
      hangUp: async (caller) => rest?.hangUp(caller),
      transfer: async (_caller, to) => this.#line.send(transfer(to)),
    };
  }

  #capabilitiesOf({ inFormat, outFormat }: LineFormats): AudioCapabilities {
    const { clear, mark, feed } = this.#dialect;
    return {
      ...requestsOf(this.#rest(), undefined),
      ...{ inFormat, outFormat, feed: feed(outFormat) },
      ...{ clear: clear !== undefined, reports: mark ? 'marks' : 'nothing' },
    };
  }

  // ---- what the peer tells ------------------------------------------------------------------------------------------

  /** Audio may come before the start: it is kept then, and told behind it. */
  #handle(event: BinaryEvent): void {
    if ((event.type === 'mark' || event.type === 'digit') && !this.#line.isStarted) {
      return this.#line.countBadFrame(`${this.name}: Expected a start first, got \`${event.type}\``);
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

  #start(start: BinaryStart): void {
    if (this.#line.isStarted) return this.#line.countBadFrame(`${this.name}: Expected one start, got a second`);
    this.#line.leftOut(start.leftOut);
    const { known, admit } = this.#options;
    const { from = known?.from, to = known?.to } = start;
    const facts = readCaller(start, { from, to, facts: known?.parameters });
    if (admit && !admit(facts)) return this.#line.refuse(notAdmitted(this.name));
    this.#caller = facts.caller;
    this.#capabilities = this.#capabilitiesOf(start);
    this.#line.start();
  }
}

/** An empty message is how some say goodbye, and holds nothing. */
function readBytes(audio: Buffer): BinaryEvent | undefined {
  return audio.length === 0 ? undefined : { type: 'audio', audio };
}
