/**
 * A WebSocket that is open, as the package `ws` makes it: what Parley uses of one. Whatever the package shows of itself
 * names this and not `ws`, whose types a program that uses Parley need not have.
 */

/** What a message holds: one buffer, or its pieces. */
export type SocketData = Buffer | ArrayBuffer | Buffer[];

/** A `WebSocket` of `ws`, of either side. */
export interface OpenSocket {
  /** What `readyState` is while it is open. */
  readonly OPEN: number;
  /** 0 connecting, 1 open, 2 closing, 3 closed. */
  readonly readyState: number;
  /** Bytes that were sent, and that the network has not taken yet. */
  readonly bufferedAmount: number;
  /** Text when it is a text, else bytes. `done` is called when the network has taken it, or never will. */
  send(data: string | Uint8Array, done?: (error?: Error | null) => void): void;
  ping(): void;
  /** Reads no more until `resume`. */
  pause(): void;
  resume(): void;
  /** Says goodbye with a close code of RFC 6455, and waits for the other side's. */
  close(code?: number, reason?: string): void;
  /** Ends it now. */
  terminate(): void;
  on(event: 'message', listener: (data: SocketData, isBinary: boolean) => void): this;
  on(event: 'ping' | 'pong', listener: (data: Buffer) => void): this;
  on(event: 'error', listener: (error: Error) => void): this;
  on(event: 'close', listener: (code: number, reason: Buffer) => void): this;
  once(event: 'close', listener: (code: number, reason: Buffer) => void): this;
  off(event: 'message', listener: (data: SocketData, isBinary: boolean) => void): this;
  off(event: 'ping' | 'pong', listener: (data: Buffer) => void): this;
  off(event: 'error', listener: (error: Error) => void): this;
  off(event: 'close', listener: (code: number, reason: Buffer) => void): this;
}

/** A message in one piece. */
export function bufferOf(data: SocketData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}
