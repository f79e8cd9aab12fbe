/**
 * What either of Asterisk's lines is asked for beside its sound: keys, a transfer, and its end. By ARI where that is there;
 * a transfer also by letting the dialplan go on, which then asks us where to.
 */
import { VoiceError } from '../../lib/errors.ts';
import type { CallerFacts, LineCapabilities, Meeting, TransferOptions } from '../contract.ts';
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
  setCall(ids: CallIds, caller: CallerFacts): void {
    this.#asks = this.#options.asksFor?.(ids, caller) ?? {};
  }

  get capabilities(): LineCapabilities {
    const { sendDigits, transfer, meet } = this.#asks;
    const byItself = { dtmfOut: sendDigits ? 'inband' : 'none', transfer: transfer ? 'rest' : 'none' } as const;
    return { ...byItself, ...(meet && { meets: 'told' }) };
  }

  async sendDigits(digits: string): Promise<void> {
    const ask = this.#asked('sendDigits', 'digits');
    checkDigits(digits);
    await ask(digits);
  }

  /** What Asterisk does by itself ends the line, perhaps before it has answered. */
  async transfer(to: string, { meeting }: TransferOptions = {}): Promise<void> {
    const { line } = this.#options;
    const ask = meeting ? this.#meeting(meeting) : this.#transferring(to);
    line.expectEnd('transferred');
    try {
      const how = await ask();
      if (how === 'they-end') return line.awaitEnd('transferred');
    } catch (error) {
      line.expectEnd(undefined);
      throw error;
    }
    this.#ending ??= this.#end('transferred');
    await this.#ending;
  }

  #transferring(to: string): () => Promise<'we-end' | 'they-end'> {
    const transfer = this.#asked('transfer', 'a transfer');
    return () => transfer(to);
  }

  #meeting(meeting: Meeting): () => Promise<'we-end'> {
    const meet = this.#asked('meet', 'a meeting');
    return () => meet(meeting);
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

  #asked<What extends 'sendDigits' | 'transfer' | 'meet'>(what: What, said: string): NonNullable<CallAsks[What]> {
    const { line, name } = this.#options;
    const ask = this.#asks[what];
    if (!ask) {
      throw new VoiceError('request-invalid', `${name}: Expected ${LACKS[what]} to be set for ${said}, got none`);
    }
    if (!line.isOpen || this.hasBegun) {
      throw new VoiceError('closed', `Expected an open call for ${said}, got a closed one`);
    }
    return ask;
  }
}

/** What is not set where it cannot be asked for. */
const LACKS = {
  sendDigits: 'ARI, and the channel of the caller,',
  transfer: 'PARLEY_ASTERISK_TRANSFER',
  meet: 'PARLEY_ASTERISK_IN_PERSON',
} as const;
