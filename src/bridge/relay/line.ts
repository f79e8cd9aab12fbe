/**
 * ConversationRelay: the carrier hears and speaks, and text goes both ways over one WebSocket that it has opened.
 * It stops speaking by itself when the caller cuts in, and says so; there is nothing to clear. What we send after that it
 * takes for a new talk.
 */
import type { OpenSocket } from '../../lib/open-socket.ts';
import { VoiceError } from '../../lib/errors.ts';
import type { CallerFacts, LineCapabilities, TextLine, TextLineEvent, TransferOptions } from '../contract.ts';
import { isWorthALine } from '../bad-frames.ts';
import { SocketLine, type LineOptions } from '../socket-line.ts';
import { WebSocketTransport } from '../web-socket.ts';
import { notAdmitted, readCaller, type Admission } from '../json/facts.ts';
import type { CarrierRest } from '../door.ts';
import { readRelayEvent, writeRelayCommand, type RelayCommand, type RelayEvent, type RelaySetup } from './wire.ts';

export interface RelayOptions extends LineOptions {
  /** Bridge name, as logs and metrics show it: `twilio-relay`. */
  name: string;
  /** The account. */
  rest?: RelayRest | undefined;
  /**
   * What `end` says to whoever goes on with the call when the session is over. Default: nobody does, and without the account
   * nobody can be handed over.
   */
  handoff?: ((what: Handoff) => string) | undefined;
  /** SIP headers go with a transfer. Default false. */
  passesHeaders?: boolean | undefined;
  /** The account can take a call to a meeting. Default: it cannot. */
  meets?: LineCapabilities['meets'];
  /** Default: everybody is. */
  admit?: Admission;
}

export type RelayRest = Pick<CarrierRest, 'hangUp'> & Required<Pick<CarrierRest, 'transfer'>>;

/** What is to become of the call behind a session that we have ended. */
export type Handoff = ({ action: 'transfer'; to: string } & TransferOptions) | { action: 'hang-up' };

/** What this line can do beside what every line can. */
export interface RelayCall extends TextLine {
  /** The carrier's id of the session. */
  readonly sessionId: string;
  /** Speaks and listens in another language from now on; each must have been named in the document. */
  setLanguage(language: { speech?: string; transcription?: string }): void;
  /** Plays a file of the web behind everything sent before. `loop`: how often, 1 by default, 0 without end. */
  playFile(url: string, options?: { loop?: number }): void;
  /** Ends the session; the document goes on at the action URL, where it names one, which is told `handoffData`. */
  end(handoffData?: string): void;
}

/**
 * Takes over an accepted socket and is done when the carrier has said `setup`.
 * @throws {VoiceError} `connect-timeout`, `frame-invalid`, `unauthorized` or `closed`, the socket being closed then.
 */
export async function acceptRelay(socket: OpenSocket, options: RelayOptions): Promise<RelayCall> {
  const call = new RelaySession(socket, options);
  await call.started;
  return call;
}

class RelaySession implements RelayCall {
  readonly kind = 'text';
  readonly name: string;
  readonly capabilities: LineCapabilities;
  readonly #line: SocketLine<RelayEvent, TextLineEvent>;
  readonly #options: RelayOptions;
  #caller: CallerFacts = { carrierCallId: '', from: undefined, to: undefined, parameters: {} };
  #sessionId = '';
  /** Text was sent whose `last` was not. */
  #isTalkOpen = false;
  /** Messages of ours that were not understood. */
  #refusals = 0;
  #hangUp: Promise<void> | undefined;

  constructor(socket: OpenSocket, options: RelayOptions) {
    this.name = options.name;
    this.capabilities = {
      ...{ dtmfOut: 'inband', transfer: options.rest ? 'rest' : options.handoff ? 'inband' : 'none' },
      ...(options.passesHeaders && { transferHeaders: true }),
      ...(options.meets && { meets: options.meets }),
    };
    this.#options = options;
    const handle = (event: RelayEvent): void => this.#handle(event);
    const protocol = { name: this.name, readText: readRelayEvent, handle };
    this.#line = new SocketLine(new WebSocketTransport(socket), protocol, options);
  }

  get started(): Promise<void> {
    return this.#line.started;
  }

  get caller(): CallerFacts {
    return this.#caller;
  }

  get sessionId(): string {
    return this.#sessionId;
  }

  listen(listener: (event: TextLineEvent) => void): void {
    this.#line.listen(listener);
  }

  sendText(text: string, isLast: boolean): void {
    if (text === '' && !(isLast && this.#isTalkOpen)) return;
    this.#isTalkOpen = !isLast;
    this.#send({ type: 'text', token: text, last: isLast });
  }

  clear(): void {
    this.#isTalkOpen = false;
  }

  async sendDigits(digits: string): Promise<void> {
    if (!/^[0-9*#w]+$/.test(digits)) {
      throw new VoiceError('request-invalid', 'Expected digits to be 0-9, *, # and w, got something else');
    }
    this.#requireOpen('digits');
    this.#send({ type: 'sendDigits', digits });
  }

  async transfer(to: string, options: TransferOptions = {}): Promise<void> {
    this.#requireOpen('a transfer');
    this.#line.expectEnd('transferred');
    const { rest, handoff } = this.#options;
    try {
      if (rest) await rest.transfer(this.#caller.carrierCallId, to, options);
      else if (handoff) this.end(handoff({ action: 'transfer', to, ...options }));
      else throw new VoiceError('request-invalid', `${this.name}: Expected an account to hand callers over, got none`);
    } catch (error) {
      this.#line.expectEnd(undefined);
      throw error;
    }
    this.#line.awaitEnd('transferred');
  }

  hangUp(what: 'call' | 'line' = 'call'): Promise<void> {
    this.#hangUp ??= what === 'line' ? this.#line.close('hung-up') : this.#leave();
    return this.#hangUp;
  }

  setLanguage({ speech, transcription }: { speech?: string; transcription?: string }): void {
    this.#send({ type: 'language', ttsLanguage: speech, transcriptionLanguage: transcription });
  }

  playFile(url: string, { loop }: { loop?: number } = {}): void {
    this.#send({ type: 'play', source: url, loop });
  }

  end(handoffData?: string): void {
    this.#send({ type: 'end', handoffData });
  }

  /** `end` goes out in any case; the carrier closes the socket on it, and we do when it does not. */
  async #leave(): Promise<void> {
    const wasOpen = this.#line.isOpen;
    if (wasOpen) this.end(this.#options.handoff?.({ action: 'hang-up' }));
    this.#line.leave('hung-up');
    const { rest } = this.#options;
    if (wasOpen && rest) {
      await rest.hangUp(this.#caller.carrierCallId).catch((error: unknown) => {
        this.#line.log.warn({ err: error }, 'hang-up refused; ending the session instead');
      });
    }
    await this.#line.close('hung-up');
  }

  #requireOpen(what: string): void {
    if (!this.#line.isOpen) throw new VoiceError('closed', `Expected an open call for ${what}, got a closed one`);
  }

  #send(command: RelayCommand): void {
    this.#line.send(writeRelayCommand(command));
  }

  #countRefusal(message: string): void {
    const refusals = ++this.#refusals;
    if (isWorthALine(refusals)) this.#line.log.warn({ message, refusals }, 'message refused');
  }

  #handle(event: RelayEvent): void {
    if (event.type !== 'setup' && !this.#line.isStarted) {
      return this.#line.countBadFrame(`${this.name}: Expected \`setup\` first, got \`${event.type}\``);
    }
    switch (event.type) {
      case 'setup':
        return this.#start(event);
      case 'prompt':
        return this.#line.tell({ type: 'prompt', text: event.text, isFinal: event.isLast });
      case 'interrupt':
        return this.#line.tell({ type: 'interrupt', heard: event.heard });
      case 'digit':
        return this.#line.tell(event);
      case 'played':
        return this.#line.tell({ type: 'spoken', text: event.text });
      case 'speaking':
        return this.#line.tell({ type: 'speaking', who: event.who, isSpeaking: event.isSpeaking });
      case 'error':
        return this.#countRefusal(event.description);
      case 'round-trip':
        return this.#line.log.debug({ delayMs: event.delayMs }, 'round trip');
    }
  }

  #start(setup: RelaySetup): void {
    if (this.#line.isStarted) return this.#line.countBadFrame(`${this.name}: Expected one \`setup\`, got a second`);
    this.#line.leftOut(setup.leftOut);
    const facts = readCaller({ callId: setup.callSid, parameters: setup.parameters }, setup);
    if (this.#options.admit && !this.#options.admit(facts)) return this.#line.refuse(notAdmitted(this.name));
    this.#caller = facts.caller;
    this.#sessionId = setup.sessionId;
    this.#line.start();
  }
}
