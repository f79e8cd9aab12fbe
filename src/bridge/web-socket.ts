/** A WebSocket under a line. */
import { bufferOf, type OpenSocket, type SocketData } from '../lib/open-socket.ts';
import type { CloseReason, Transport, TransportListener } from './transport.ts';

const OPEN = 1;
const CLOSE_CODES: Readonly<Record<CloseReason, number>> = {
  done: 1000,
  'frame-invalid': 1007,
  refused: 1008,
  internal: 1011,
};
/** Closed without a frame that says why. */
const ABNORMAL = 1006;

export class WebSocketTransport implements Transport {
  readonly #socket: OpenSocket;
  #listener: TransportListener | undefined;

  constructor(socket: OpenSocket) {
    this.#socket = socket;
  }

  open(listener: TransportListener): void {
    const isHeard = this.#listener !== undefined;
    this.#listener = listener;
    if (!isHeard) this.#listen();
    if (this.#socket.readyState > OPEN) this.#onClose(ABNORMAL);
  }

  #listen(): void {
    this.#socket
      .on('message', this.#onMessage)
      .on('ping', this.#onPing)
      .on('pong', this.#onPong)
      .on('error', this.#onError)
      .on('close', this.#onClose);
  }

  get isOpen(): boolean {
    return this.#socket.readyState === OPEN;
  }

  get unsentBytes(): number {
    return this.#socket.bufferedAmount;
  }

  send(data: string | Uint8Array, done: (error?: Error | null) => void): void {
    this.#socket.send(data, done);
  }

  ping(): void {
    if (this.isOpen) this.#socket.ping();
  }

  pause(): void {
    this.#socket.pause();
  }

  close(reason: CloseReason, words?: string): void {
    this.#socket.close(CLOSE_CODES[reason], words);
  }

  destroy(): void {
    this.#socket.terminate();
  }

  readonly #onMessage = (data: SocketData, isBinary: boolean): void => {
    if (isBinary) this.#listener?.bytes(bufferOf(data));
    else this.#listener?.text(bufferOf(data));
  };

  /** ws answers it. */
  readonly #onPing = (data: Buffer): void => {
    this.#listener?.pinged(data.length);
  };

  readonly #onPong = (data: Buffer): void => {
    this.#listener?.ponged(data.length);
  };

  /** ws closes by itself afterwards. */
  readonly #onError = (error: Error): void => {
    this.#listener?.failed(error);
  };

  readonly #onClose = (code: number): void => {
    this.#socket
      .off('message', this.#onMessage)
      .off('ping', this.#onPing)
      .off('pong', this.#onPong)
      .off('close', this.#onClose); // the error listener stays: an error that nobody hears would end the process
    this.#listener?.closed(isOrderly(code), String(code));
  };
}

/** The peer closed as one does who is done: normally, going away, or without a code. */
function isOrderly(code: number): boolean {
  return code === 1000 || code === 1001 || code === 1005;
}
