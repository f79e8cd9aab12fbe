/**
 * A call's audio both ways as JSON over one WebSocket that the carrier has opened. The carrier buffers what we send and
 * keeps real time; it returns marks when it has played up to them. One implementation for every carrier that speaks so:
 * what differs is a `JsonDialect`, which is data.
 */
import type { OpenSocket } from '../../lib/open-socket.ts';
import { VoiceError } from '../../lib/errors.ts';
import { bytesOf, bytesPerSample, type AudioFormat } from '../../audio/contract.ts';
import type { AudioCapabilities, AudioLine, AudioLineEvent, CallerFacts, LineCapabilities } from '../contract.ts';
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

/** What may be asked of the carrier's REST API for one caller. Each rejects with a `ProviderError`. */
export interface LineRest {
  hangUp(caller: CallerFacts): Promise<void>;
  transfer?(caller: CallerFacts, to: string): Promise<void>;
  sendDigits?(caller: CallerFacts, digits: string): Promise<void>;
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

/** A pause between keys, which `w` stands for, in milliseconds. */
const PAUSE_MS = 500;
const DIGITS = /^[0-9A-D*#wW]{1,64}$/;

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
  #caller: CallerFacts = { carrierCallId: '', from: undefined, to: undefined, parameters: {} };
  #write: CommandWriter;
  #capabilities: AudioCapabilities;
  #hangUp: Promise<void> | undefined;

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

  async sendDigits(digits: string): Promise<void> {
    if (this.#write.digits) return this.#pressInband(digits, this.#write.digits);
    const sendDigits = this.#account('sendDigits', 'digits');
    await this.#endingBy('digits-sent', () => sendDigits(digits));
  }

  async transfer(to: string): Promise<void> {
    const transfer = this.#account('transfer', 'a transfer');
    await this.#endingBy('transferred', () => transfer(to));
  }

  hangUp(what: 'call' | 'line' = 'call'): Promise<void> {
    this.#hangUp ??= what === 'line' ? this.#line.close('hung-up') : this.#end();
    return this.#hangUp;
  }

  /** The socket closes whatever the account says, and with it, where nothing follows the stream, the call. */
  async #end(): Promise<void> {
    const wasOpen = this.#line.isOpen;
    this.#line.leave('hung-up');
    const { rest } = this.#options;
    if (wasOpen && rest) {
      await rest.hangUp(this.#caller).catch((error: unknown) => {
        this.#line.log.warn({ err: error }, 'hang-up refused; closing the stream instead');
      });
    }
    await this.#line.close('hung-up');
  }

  // ---- what is asked of the carrier ---------------------------------------------------------------------------------

  #capabilitiesOf(format: AudioFormat): AudioCapabilities {
    const { rest } = this.#options;
    const dtmfOut: LineCapabilities['dtmfOut'] = this.#write.digits ? 'inband' : rest?.sendDigits ? 'rest' : 'none';
    return {
      ...{ inFormat: format, outFormat: format, dtmfOut, transfer: rest?.transfer ? 'rest' : 'none' },
      ...{ clear: true, reports: 'marks' },
      feed: {
        ...{ pacing: 'peer', leastBytes: 0, mostBytes: bytesOf(this.#dialect.mostMs, format) },
        ...{ multipleOfBytes: bytesPerSample(format), tail: 'as-is' },
      },
    };
  }

  #account<What extends 'transfer' | 'sendDigits'>(what: What, said: string): (argument: string) => Promise<void> {
    const { rest } = this.#options;
    const ask = rest?.[what]?.bind(rest);
    if (!ask) {
      throw new VoiceError(
        'request-invalid',
        `Expected an account of ${this.name} to be configured for ${said}, got none`,
      );
    }
    if (!this.#line.isOpen) throw new VoiceError('closed', `Expected an open call for ${said}, got a closed one`);
    return (argument) => ask(this.#caller, argument);
  }

  /** The carrier ends the stream for it, perhaps before it has answered our request. */
  async #endingBy(reason: string, update: () => Promise<void>): Promise<void> {
    this.#line.expectEnd(reason);
    try {
      await update();
    } catch (error) {
      this.#line.expectEnd(undefined);
      throw error;
    }
    this.#line.awaitEnd(reason);
  }

  /** The socket knows no pauses, so we make them. */
  async #pressInband(digits: string, inband: NonNullable<CommandWriter['digits']>): Promise<void> {
    if (!DIGITS.test(digits)) {
      throw new VoiceError('request-invalid', 'Expected 1 to 64 digits of 0-9, *, #, A-D and w, got something else');
    }
    if (!this.#line.isOpen) throw new VoiceError('closed', 'Expected an open call for digits, got a closed one');
    for (const part of digits.split(/([wW])/)) {
      if (/^[wW]$/.test(part)) await new Promise<void>((resolve) => this.#line.clock.after(PAUSE_MS, resolve));
      else
        for (const keys of inband.each === 'one' ? part : [part]) if (keys !== '') this.#line.send(inband.write(keys));
    }
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
      from: known?.from,
      to: known?.to,
      facts: known?.parameters,
    });
    if (this.#options.admit && !this.#options.admit(facts)) return this.#line.refuse(notAdmitted(this.name));
    this.#caller = facts.caller;
    this.#write = this.#dialect.wire.commands(start.streamId, start.format);
    this.#capabilities = this.#capabilitiesOf(start.format);
    this.#line.start();
  }
}
