/** A plain TCP socket under a line: one stream of bytes, in which the protocol finds its own frames. */
import type { Socket } from 'node:net';
import type { Transport, TransportListener } from './transport.ts';

export class TcpTransport implements Transport {
  readonly #socket: Socket;
  #listener: TransportListener | undefined;
  /** The peer has said that it will send no more. */
  #hasPeerEnded = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true); // a frame must not wait for the next one
  }

  open(listener: TransportListener): void {
    this.#listener = listener;
    this.#socket.on('data', this.#onData).on('end', this.#onEnd).on('error', this.#onError).on('close', this.#onClose);
    if (this.#socket.destroyed) this.#onClose();
  }

  get isOpen(): boolean {
    return this.#socket.writable;
  }

  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  send(data: string | Uint8Array, done: (error?: Error | null) => void): void {
    this.#socket.write(data, done);
  }

  /** A stream knows no pings. */
  ping(): void {}

  pause(): void {
    this.#socket.pause();
  }

  close(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  readonly #onData = (piece: Buffer): void => {
    this.#listener?.piece(piece);
  };

  readonly #onEnd = (): void => {
    this.#hasPeerEnded = true;
    this.#listener?.ended();
  };

  /** Node destroys the socket by itself afterwards. */
  readonly #onError = (error: Error): void => {
    this.#listener?.failed(error);
  };

  readonly #onClose = (): void => {
    this.#socket.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onClose);
    const how = this.#hasPeerEnded ? 'ended by the peer' : 'without an end';
    this.#listener?.closed(this.#hasPeerEnded, how);
  };
}
