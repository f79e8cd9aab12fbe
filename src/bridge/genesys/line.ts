/**
 * A call of Genesys' over one WebSocket: it says who calls, is told that we take the sound that it offers, and is answered
 * whatever it asks. It buffers what we send, in messages of 200 ms, and takes about five of them a second; what of it was
 * heard it does not say.
 */
import { VoiceError } from '../../lib/errors.ts';
import type { OpenSocket } from '../../lib/open-socket.ts';
import type { AudioCapabilities, AudioLine, AudioLineEvent, CallerFacts, LineFeed } from '../contract.ts';
import type { Admission } from '../door.ts';
import { notAdmitted } from '../json/facts.ts';
import { SocketLine, type LineOptions } from '../socket-line.ts';
import { WebSocketTransport } from '../web-socket.ts';
import {
  FORMAT,
  MEDIA,
  MESSAGE_BYTES,
  NAME,
  readGenesysEvent,
  TRANSFER_VARIABLE,
  writeCommand,
  type GenesysCommand,
  type GenesysEvent,
  type GenesysOpen,
} from './wire.ts';

export interface GenesysLineOptions extends LineOptions {
  /** Default: everybody is. */
  admit?: Admission | undefined;
}

type Frame = GenesysEvent | { type: 'audio'; audio: Uint8Array };

/** What more comes at once is answered with an error of too many. */
const FEED: LineFeed = {
  ...{ pacing: 'peer', leastBytes: MESSAGE_BYTES, mostBytes: MESSAGE_BYTES, multipleOfBytes: MESSAGE_BYTES },
  ...{ fastest: 1, tail: 'pad' },
};
/** For the end that we have asked for to be said. */
const CLOSE_MS = 2_000;

/**
 * Takes over an accepted socket and is done when Genesys has said who is calling. Undefined: nobody is, it has only looked
 * whether we are there.
 * @throws {VoiceError} `connect-timeout`, `frame-invalid`, `unauthorized` or `closed`, the socket being closed then.
 */
export async function acceptGenesys(
  socket: OpenSocket,
  options: GenesysLineOptions = {},
): Promise<AudioLine | undefined> {
  const line = new GenesysLine(socket, options);
  await line.started;
  return line.isProbe ? undefined : line;
}

class GenesysLine implements AudioLine {
  readonly kind = 'audio';
  readonly name = NAME;
  readonly capabilities: AudioCapabilities = {
    ...{ inFormat: FORMAT, outFormat: FORMAT, feed: FEED, clear: true, reports: 'nothing' },
    ...{ dtmfOut: 'none', transfer: 'inband' },
  };
  readonly #options: GenesysLineOptions;
  readonly #line: SocketLine<Frame, AudioLineEvent>;
  #caller: CallerFacts = { carrierCallId: '', from: undefined, to: undefined, parameters: {} };
  #open: GenesysOpen | undefined;
  #sent = 0;
  #lastSeen = 0;
  #ending: Promise<void> | undefined;
  #closed = (): void => undefined;

  constructor(socket: OpenSocket, options: GenesysLineOptions) {
    this.#options = options;
    const protocol = {
      name: NAME,
      readText: readGenesysEvent,
      readBytes: (audio: Buffer): Frame => ({ type: 'audio', audio }),
      handle: (frame: Frame): void => this.#handle(frame),
    };
    this.#line = new SocketLine(new WebSocketTransport(socket), protocol, options);
    void this.#line.gone.then(() => this.#closed());
  }

  get started(): Promise<void> {
    return this.#line.started;
  }

  get isProbe(): boolean {
    return this.#open?.isProbe ?? false;
  }

  get caller(): CallerFacts {
    return this.#caller;
  }

  listen(listener: (event: AudioLineEvent) => void): void {
    this.#line.listen(listener);
  }

  sendAudio(audio: Uint8Array): void {
    if (this.#ending) return;
    for (let from = 0; from < audio.length; from += MESSAGE_BYTES) {
      this.#line.send(audio.subarray(from, from + MESSAGE_BYTES));
    }
  }

  sendMark(): void {}

  clear(): void {
    if (!this.#ending) this.#tell({ type: 'event', parameters: { entities: [{ type: 'barge_in', data: {} }] } });
  }

  sendDigits(): Promise<never> {
    return Promise.reject(new VoiceError('request-invalid', `${NAME}: Genesys presses no keys for a line`));
  }

  /** The flow goes on behind us, and is told by a variable whom to. */
  async transfer(to: string): Promise<void> {
    if (!this.#line.isOpen || this.#ending) {
      throw new VoiceError('closed', 'Expected an open call for a transfer, got a closed one');
    }
    this.#ending = this.#disconnect('transferred', { [TRANSFER_VARIABLE]: to.trim() });
    await this.#ending;
  }

  hangUp(what: 'call' | 'line' = 'call'): Promise<void> {
    this.#ending ??= what === 'line' ? this.#line.close('hung-up') : this.#disconnect('hung-up');
    return this.#ending;
  }

  /** Genesys answers with `close`, and goes on in its flow. */
  async #disconnect(reason: string, outputVariables: Record<string, string> = {}): Promise<void> {
    this.#line.expectEnd(reason);
    if (this.#line.isOpen) {
      const closed = new Promise<void>((resolve) => (this.#closed = resolve));
      this.#tell({ type: 'disconnect', parameters: { reason: 'completed', outputVariables } });
      const stop = this.#line.clock.after(CLOSE_MS, this.#closed);
      await closed;
      stop();
    }
    await this.#line.close(reason);
  }

  #tell(command: GenesysCommand): void {
    const { id = '' } = this.#open ?? {};
    this.#line.send(writeCommand(command, { id, seq: ++this.#sent, clientseq: this.#lastSeen }));
  }

  // ---- what Genesys tells -------------------------------------------------------------------------------------------

  #handle(frame: Frame): void {
    if (frame.type === 'audio') return this.#ending ? undefined : this.#line.tell(frame);
    this.#lastSeen = frame.seq;
    if (frame.type === 'open') return this.#begin(frame);
    if (!this.#open) return this.#line.countBadFrame(`${NAME}: Expected \`open\` first, got \`${frame.type}\``);
    switch (frame.type) {
      case 'ping':
        return this.#tell({ type: 'pong', parameters: {} });
      case 'digit':
        return this.#ending ? undefined : this.#line.tell(frame);
      case 'close':
        return this.#close();
      case 'error':
        return this.#line.log.warn({ code: frame.code, why: frame.message }, 'Genesys has refused something of ours');
      case 'other':
        return;
    }
  }

  #begin(open: GenesysOpen): void {
    if (this.#open) return this.#line.countBadFrame(`${NAME}: Expected one \`open\`, got a second`);
    this.#line.leftOut(open.leftOut);
    this.#open = open;
    const { conversationId: carrierCallId, from, to, parameters } = open;
    this.#caller = { carrierCallId, from, to, parameters };
    if (!open.isProbe && !open.hasMedia) return this.#turnAway('one channel of PCMU is what we take', 'frame-invalid');
    if (!open.isProbe && this.#options.admit?.({ caller: this.#caller, token: undefined }) === false) {
      return this.#turnAway('the call was not let in', 'unauthorized');
    }
    this.#tell({ type: 'opened', parameters: { startPaused: false, media: open.isProbe ? [] : [MEDIA] } });
    this.#line.start();
  }

  #turnAway(info: string, code: 'frame-invalid' | 'unauthorized'): void {
    this.#tell({ type: 'disconnect', parameters: { reason: 'error', info } });
    this.#line.refuse(code === 'unauthorized' ? notAdmitted(NAME) : new VoiceError(code, `${NAME}: ${info}`));
  }

  /** It has ended, or we have asked for that: the socket is closed once that is said. */
  #close(): void {
    this.#tell({ type: 'closed', parameters: {} });
    if (this.#ending) return this.#closed();
    this.#line.peerLeft('caller-hung-up');
  }
}
