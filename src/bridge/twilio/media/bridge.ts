/**
 * Twilio Media Streams: a call's audio both ways over one WebSocket that Twilio has opened. Twilio buffers what we send
 * and keeps real time; it returns marks when it has played up to them, and also when it was told to clear.
 */
import type { OpenSocket } from '../../../lib/open-socket.ts';
import { VoiceError } from '../../../lib/errors.ts';
import type { AudioFormat } from '../../../audio/contract.ts';
import type { AudioCapabilities, AudioLine, AudioLineEvent, CallerFacts, LineFeed } from '../../contract.ts';
import { SocketLine, type LineOptions } from '../../socket-line.ts';
import { WebSocketTransport } from '../../web-socket.ts';
import { notAdmitted, readCaller, type Admission } from '../facts.ts';
import type { TwilioRest } from '../rest.ts';
import { MediaCommandWriter, readMediaEvent, type MediaEvent, type MediaStart } from './wire.ts';

export interface MediaOptions extends LineOptions {
  /** The account, for hang-up, transfer and digits. Without it hanging up means closing the socket. */
  rest?: TwilioRest | undefined;
  /** Default: everybody is. */
  admit?: Admission;
  /** TwiML verbs that follow the digits of `sendDigits`, which end the stream. Default: none, and the call ends. */
  afterDigits?: string | ((caller: CallerFacts) => Promise<string>) | undefined;
}

const NAME = 'twilio-media';
const FORMAT: AudioFormat = { encoding: 'mulaw', sampleRateHz: 8000 };
/** Any length will do. Audio of more than a second is cut, so that no message is larger than Twilio's own could be. */
const FEED: LineFeed = { pacing: 'peer', leastBytes: 0, mostBytes: 8_000, multipleOfBytes: 1, tail: 'as-is' };

/**
 * Takes over an accepted socket and is done when Twilio has said `start`.
 * @throws {VoiceError} `connect-timeout`, `frame-invalid`, `unauthorized` or `closed`, the socket being closed then.
 */
export async function acceptMedia(socket: OpenSocket, options: MediaOptions = {}): Promise<AudioLine> {
  const call = new MediaCall(socket, options);
  await call.started;
  return call;
}

class MediaCall implements AudioLine {
  readonly kind = 'audio';
  readonly name = NAME;
  readonly capabilities: AudioCapabilities;
  readonly #line: SocketLine<MediaEvent, AudioLineEvent>;
  readonly #options: MediaOptions;
  #caller: CallerFacts = { carrierCallId: '', from: undefined, to: undefined, parameters: {} };
  #frames = new MediaCommandWriter('');
  #hangUp: Promise<void> | undefined;

  constructor(socket: OpenSocket, options: MediaOptions) {
    const way = options.rest ? 'rest' : 'none';
    this.capabilities = {
      inFormat: FORMAT,
      outFormat: FORMAT,
      feed: FEED,
      clear: true,
      reports: 'marks',
      dtmfOut: way,
      transfer: way,
    };
    this.#options = options;
    const handle = (event: MediaEvent): void => this.#handle(event);
    const protocol = { name: NAME, readText: readMediaEvent, handle };
    this.#line = new SocketLine(new WebSocketTransport(socket), protocol, options);
  }

  get started(): Promise<void> {
    return this.#line.started;
  }

  get caller(): CallerFacts {
    return this.#caller;
  }

  listen(listener: (event: AudioLineEvent) => void): void {
    this.#line.listen(listener);
  }

  sendAudio(audio: Uint8Array): void {
    for (let from = 0; from < audio.length; from += FEED.mostBytes) {
      this.#line.send(this.#frames.audio(audio.subarray(from, from + FEED.mostBytes)));
    }
  }

  sendMark(name: string): void {
    this.#line.send(this.#frames.mark(name));
  }

  clear(): void {
    this.#line.send(this.#frames.clear());
  }

  async sendDigits(digits: string): Promise<void> {
    const rest = this.#account('digits');
    const { afterDigits } = this.#options;
    const next = typeof afterDigits === 'function' ? await afterDigits(this.#caller) : afterDigits;
    await this.#endingBy('digits-sent', () => rest.sendDigits(this.#caller.carrierCallId, digits, { next }));
  }

  async transfer(to: string): Promise<void> {
    const rest = this.#account('a transfer');
    await this.#endingBy('transferred', () => rest.transfer(this.#caller.carrierCallId, to));
  }

  hangUp(what: 'call' | 'line' = 'call'): Promise<void> {
    this.#hangUp ??= what === 'line' ? this.#line.close('hung-up') : this.#end();
    return this.#hangUp;
  }

  /** The socket closes whatever the account says, and with it, unless TwiML follows the stream, the call. */
  async #end(): Promise<void> {
    const wasOpen = this.#line.isOpen;
    this.#line.leave('hung-up');
    const rest = this.#options.rest;
    if (wasOpen && rest) {
      await rest.hangUp(this.#caller.carrierCallId).catch((error: unknown) => {
        this.#line.log.warn({ err: error }, 'hang-up refused; closing the stream instead');
      });
    }
    await this.#line.close('hung-up');
  }

  #account(what: string): TwilioRest {
    const { rest } = this.#options;
    if (!rest)
      throw new VoiceError('request-invalid', `Expected a Twilio account to be configured for ${what}, got none`);
    if (!this.#line.isOpen) throw new VoiceError('closed', `Expected an open call for ${what}, got a closed one`);
    return rest;
  }

  /** New TwiML ends the stream: Twilio says `stop`, perhaps before it has answered our request. */
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

  #handle(event: MediaEvent): void {
    if (event.type !== 'start' && event.type !== 'stop' && !this.#line.isStarted) {
      return this.#line.countBadFrame(`${NAME}: Expected \`start\` first, got \`${event.type}\``);
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

  #start(start: MediaStart): void {
    if (this.#line.isStarted) return this.#line.countBadFrame(`${NAME}: Expected one \`start\`, got a second`);
    this.#line.leftOut(start.leftOut);
    const facts = readCaller(start);
    if (this.#options.admit && !this.#options.admit(facts)) return this.#line.refuse(notAdmitted(NAME));
    this.#caller = facts.caller;
    this.#frames = new MediaCommandWriter(start.streamSid);
    this.#line.start();
  }
}
