/** One WebSocket to Lightning, and what it is to the pool (`sockets.ts`): whose it is, since when nothing was sent on it. */
import type { Clock } from '../../lib/clock.ts';
import type { ProviderError } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import { ProviderSocket } from '../../lib/provider-socket.ts';

/** Who speaks on a socket, or keeps it. */
export interface SocketUser {
  message(text: string): void;
  /** The socket is gone, and we did not close it. */
  closed(code: number): void;
}

export interface LightningSocketOptions {
  url: string;
  apiKey: string;
  clock: Clock;
  log: Log;
  connectTimeoutMs: number;
}

/** `spare`: open, nobody's. `parked`: open, kept by a call for its next turn. */
export type LightningSocketState = 'connecting' | 'spare' | 'taken' | 'parked' | 'closing';

export interface LightningSocketListener {
  opened(): void;
  /** It has never been open. */
  failed(error: ProviderError): void;
  /** It was open, and we did not close it; `was`: its state until then. */
  closed(was: LightningSocketState, code: number): void;
}

/** How long a socket may take to close in peace. */
const CLOSE_MS = 300;
const MOST_FRAME_BYTES = 16 * 1024 * 1024;

export class LightningSocket {
  readonly openedMs: number;
  readonly #clock: Clock;
  readonly #socket: ProviderSocket;
  #lastSentMs: number;
  state: LightningSocketState = 'connecting';
  user: SocketUser | undefined;
  /** Something has been asked on it. */
  isUsed = false;

  constructor({ apiKey, ...options }: LightningSocketOptions, listener: LightningSocketListener) {
    this.#clock = options.clock;
    this.openedMs = this.#lastSentMs = options.clock.nowMs();
    const headers = { authorization: `Bearer ${apiKey}` };
    this.#socket = new ProviderSocket(
      { ...options, provider: 'lightning', headers, secret: apiKey, mostFrameBytes: MOST_FRAME_BYTES },
      {
        opened: () => {
          this.#lastSentMs = this.#clock.nowMs();
          this.state = 'spare';
          listener.opened();
        },
        message: (text) => this.user?.message(text),
        failed: (error) => {
          this.state = 'closing';
          listener.failed(error);
        },
        closed: (code) => {
          const was = this.state;
          this.state = 'closing';
          listener.closed(was, code);
        },
      },
    );
  }

  /** Since we last sent something, or since it was opened. */
  get idleMs(): number {
    return this.#clock.nowMs() - this.#lastSentMs;
  }

  get isOpen(): boolean {
    return this.#socket.isOpen;
  }

  send(text: string): void {
    this.isUsed = true;
    this.#lastSentMs = this.#clock.nowMs();
    this.#socket.send(text);
  }

  /** Runs once it is gone, and the service has counted it out. */
  whenGone(run: () => void): void {
    this.#socket.whenGone(run);
  }

  /** Nothing is heard of it any more; it is closed in peace, or by force a little later. */
  close(): void {
    this.user = undefined;
    this.state = 'closing';
    this.#socket.close(CLOSE_MS);
  }
}
