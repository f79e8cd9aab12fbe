/**
 * What either of Asterisk's lines is asked for beside its sound: keys, a transfer, and its end. By ARI where that is there;
 * a transfer also by letting the dialplan go on, which then asks us where to.
 */
import { VoiceError } from '../../lib/errors.ts';
import type { LineCapabilities } from '../contract.ts';
import { checkDigits } from '../line-requests.ts';
import type { AsksFor, CallAsks, CallIds } from './calls.ts';

/** Of a line, whatever it runs on. */
export interface EndingLine {
  readonly isOpen: boolean;
  expectEnd(reason: string | undefined): void;
  awaitEnd(reason: string): void;
  close(reason: string): Promise<void>;
  readonly log: { warn(facts: object, message: string): void };
}

export interface FarewellOptions {
  name: string;
  line: EndingLine;
  asksFor: AsksFor | undefined;
  /** Done when what was sent has been played, or was waited for long enough. */
  played: () => Promise<void>;
  /** Says, on the line, that the call is over. */
  goodbye: () => void;
}

export class Farewell {
  readonly #options: FarewellOptions;
  #asks: CallAsks = {};
  #ending: Promise<void> | undefined;

  constructor(options: FarewellOptions) {
    this.#options = options;
  }

  /** Nothing more is to be told or sent. */
  get hasBegun(): boolean {
    return this.#ending !== undefined;
  }

  /** Once it is known which call it is. */
  setCall(ids: CallIds): void {
    this.#asks = this.#options.asksFor?.(ids) ?? {};
  }

  get capabilities(): LineCapabilities {
    const { sendDigits, transfer } = this.#asks;
    return { dtmfOut: sendDigits ? 'inband' : 'none', transfer: transfer ? 'rest' : 'none' };
  }

  async sendDigits(digits: string): Promise<void> {
    const ask = this.#asked('sendDigits', 'digits');
    checkDigits(digits);
    await ask(digits);
  }

  /** What Asterisk does by itself ends the line, perhaps before it has answered. */
  async transfer(to: string): Promise<void> {
    const { line } = this.#options;
    const ask = this.#asked('transfer', 'a transfer');
    line.expectEnd('transferred');
    try {
      const how = await ask(to);
      if (how === 'they-end') return line.awaitEnd('transferred');
    } catch (error) {
      line.expectEnd(undefined);
      throw error;
    }
    this.#ending ??= this.#end('transferred');
    await this.#ending;
  }

  hangUp(what: 'call' | 'line'): Promise<void> {
    const { line } = this.#options;
    this.#ending ??= what === 'line' ? line.close('hung-up') : this.#end('hung-up', this.#asks.hangUp);
    return this.#ending;
  }

  /** `before`: ends the caller's channel itself, so that they do not hear what the dialplan has behind our line. */
  async #end(reason: string, before: CallAsks['hangUp'] = undefined): Promise<void> {
    const { line, played, goodbye } = this.#options;
    line.expectEnd(reason);
    if (line.isOpen) {
      await played();
      await before?.().catch((error: unknown) => {
        line.log.warn({ err: error }, 'hang-up refused; closing the line instead');
      });
      goodbye();
    }
    await line.close(reason);
  }

  #asked<What extends 'sendDigits' | 'transfer'>(what: What, said: string): NonNullable<CallAsks[What]> {
    const { line, name } = this.#options;
    const ask = this.#asks[what];
    if (!ask) {
      const lack = what === 'transfer' ? 'PARLEY_ASTERISK_TRANSFER' : 'ARI, and the channel of the caller,';
      throw new VoiceError('request-invalid', `${name}: Expected ${lack} to be set for ${said}, got none`);
    }
    if (!line.isOpen || this.hasBegun) {
      throw new VoiceError('closed', `Expected an open call for ${said}, got a closed one`);
    }
    return ask;
  }
}
