/** What lies under a telephone's line: messages of text and bytes to the worker and back, and their end. */
import type { Socket } from 'node:net';
import { bufferOf, type OpenSocket, type SocketData } from '../../lib/open-socket.ts';

/** A message: a text where it is a text, else bytes. Where a line is one stream of bytes: the next of them. */
export type PhoneData = string | Uint8Array;

export interface LinkListener {
  message(data: Buffer, isBinary: boolean): void;
  /** Gone, whoever closed it; comes once. `words`: what the worker said of it. */
  closed(code: number, words: string): void;
}

export interface PhoneLink {
  /** What is sent can still arrive. */
  readonly isOpen: boolean;
  /** Sent, and not yet taken by the network. */
  readonly unsentBytes: number;
  /** Begins to tell. Nothing that comes before is lost, where this is called in the tick in which the link opened. */
  open(listener: LinkListener): void;
  send(data: PhoneData): void;
  /** Reads no more until `resume`. */
  pause(): void;
  resume(): void;
  /** Ends it as a carrier does that is done. */
  close(): void;
  /** Ends it now, without a word. */
  destroy(): void;
}

/** Over a WebSocket. */
export class WebPhoneLink implements PhoneLink {
  readonly #socket: OpenSocket;

  constructor(socket: OpenSocket) {
    this.#socket = socket;
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  get unsentBytes(): number {
    return this.#socket.bufferedAmount;
  }

  open(listener: LinkListener): void {
    const onMessage = (data: SocketData, isBinary: boolean): void => listener.message(bufferOf(data), isBinary);
    this.#socket.on('message', onMessage).once('close', (code, reason) => {
      this.#socket.off('message', onMessage);
      listener.closed(code, reason.toString());
    });
  }

  send(data: PhoneData): void {
    this.#socket.send(data);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.close(1000);
  }

  destroy(): void {
    this.#socket.terminate();
  }
}

/** Over TCP: one stream of bytes, which knows no codes. */
export class TcpPhoneLink implements PhoneLink {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
  }

  get isOpen(): boolean {
    return this.#socket.writable;
  }

  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  /** Ended by the worker it is over as if it had been closed with 1000; broken, with 1006. */
  open(listener: LinkListener): void {
    let code = 1006;
    this.#socket.on('data', (data: Buffer) => listener.message(data, false));
    this.#socket.once('end', () => (code = 1000));
    this.#socket.once('close', () => listener.closed(code, ''));
  }

  send(data: PhoneData): void {
    this.#socket.write(data);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.resetAndDestroy();
  }
}
