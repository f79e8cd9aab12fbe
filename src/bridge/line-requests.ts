/**
 * What a line asks its carrier for beside its sound: keys, a hand-over, the end. By its socket where that takes it, else by
 * the carrier's REST API; and what becomes of the line then, which is the same whatever it speaks.
 */
import { VoiceError } from '../lib/errors.ts';
import type { CallerFacts, LineCapabilities, TransferOptions } from './contract.ts';
import type { SocketLine } from './socket-line.ts';

/** What may be asked of the carrier's REST API for one caller. Each rejects with a `ProviderError`. */
export interface LineRest {
  hangUp(caller: CallerFacts): Promise<void>;
  transfer?(caller: CallerFacts, to: string, options?: TransferOptions): Promise<void>;
  /** SIP headers go with a transfer. Default false. */
  passesHeaders?: boolean;
  /** A transfer may be to a meeting. Default: none can. */
  meets?: LineCapabilities['meets'];
  sendDigits?(caller: CallerFacts, digits: string): Promise<void>;
  /** Keys that it presses leave the line open. Default false: they end it. */
  keepsLine?: boolean;
}

/** Keys, where the socket takes them: `one` in each message, or `all` of them. */
export interface InbandKeys {
  write(digits: string): string;
  each: 'one' | 'all';
}

/** A pause between keys, which `w` stands for, in milliseconds. */
const PAUSE_MS = 500;
const DIGITS = /^[0-9A-D*#wW]{1,64}$/;

/** What of a line they are asked by, and end. */
type RequestedLine = Pick<
  SocketLine<unknown>,
  'isOpen' | 'clock' | 'log' | 'send' | 'leave' | 'close' | 'expectEnd' | 'awaitEnd'
>;

export class LineRequests {
  readonly #line: RequestedLine;
  readonly #name: string;
  readonly #rest: LineRest | undefined;
  #hangUp: Promise<void> | undefined;

  /** `name`: of the bridge, for errors. */
  constructor(line: RequestedLine, name: string, rest: LineRest | undefined) {
    this.#line = line;
    this.#name = name;
    this.#rest = rest;
  }

  async sendDigits(caller: CallerFacts, digits: string, inband: InbandKeys | undefined): Promise<void> {
    if (inband) return this.#pressInband(digits, inband);
    const sendDigits = this.#account('sendDigits', 'digits');
    if (this.#rest?.keepsLine) {
      this.#check(digits);
      return sendDigits(caller, digits);
    }
    await this.#endingBy('digits-sent', () => sendDigits(caller, digits));
  }

  async transfer(caller: CallerFacts, to: string, options?: TransferOptions): Promise<void> {
    const transfer = this.#account('transfer', 'a transfer');
    await this.#endingBy('transferred', () => transfer(caller, to, options));
  }

  hangUp(caller: CallerFacts, what: 'call' | 'line' = 'call'): Promise<void> {
    this.#hangUp ??= what === 'line' ? this.#line.close('hung-up') : this.#end(caller);
    return this.#hangUp;
  }

  /** The socket closes whatever the account says, and with it, where nothing follows the stream, the call. */
  async #end(caller: CallerFacts): Promise<void> {
    const wasOpen = this.#line.isOpen;
    this.#line.leave('hung-up');
    if (wasOpen && this.#rest) {
      await this.#rest.hangUp(caller).catch((error: unknown) => {
        this.#line.log.warn({ err: error }, 'hang-up refused; closing the stream instead');
      });
    }
    await this.#line.close('hung-up');
  }

  #account<What extends 'transfer' | 'sendDigits'>(what: What, said: string): NonNullable<LineRest[What]> {
    const rest = this.#rest;
    const ask = rest?.[what]?.bind(rest);
    if (!ask) {
      throw new VoiceError(
        'request-invalid',
        `Expected an account of ${this.#name} to be configured for ${said}, got none`,
      );
    }
    if (!this.#line.isOpen) throw new VoiceError('closed', `Expected an open call for ${said}, got a closed one`);
    return ask;
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

  #check(digits: string): void {
    checkDigits(digits);
    if (!this.#line.isOpen) throw new VoiceError('closed', 'Expected an open call for digits, got a closed one');
  }

  /** The socket knows no pauses, so we make them. */
  async #pressInband(digits: string, inband: InbandKeys): Promise<void> {
    this.#check(digits);
    for (const part of digits.split(/([wW])/)) {
      if (/^[wW]$/.test(part)) await new Promise<void>((resolve) => this.#line.clock.after(PAUSE_MS, resolve));
      else
        for (const keys of inband.each === 'one' ? part : [part]) if (keys !== '') this.#line.send(inband.write(keys));
    }
  }
}

/** @throws {VoiceError} `request-invalid`, for what are no keys. */
export function checkDigits(digits: string): void {
  if (DIGITS.test(digits)) return;
  throw new VoiceError('request-invalid', 'Expected 1 to 64 digits of 0-9, *, #, A-D and w, got something else');
}

/** What such a line can be asked for. */
export function requestsOf(rest: LineRest | undefined, inband: InbandKeys | undefined): LineCapabilities {
  const byRest = rest?.keepsLine ? 'inband' : 'rest';
  return {
    dtmfOut: inband ? 'inband' : rest?.sendDigits ? byRest : 'none',
    transfer: rest?.transfer ? 'rest' : 'none',
    ...(rest?.passesHeaders && { transferHeaders: true }),
    ...(rest?.meets && { meets: rest.meets }),
  };
}
