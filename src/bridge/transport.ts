/**
 * What lies under a line: messages of text and bytes, or one stream of bytes, there and back, and their end. A line does
 * not care which; how each network spells it is in `web-socket.ts` and `tcp-socket.ts`.
 */

/** Why we close, for a peer that can be told. */
export type CloseReason = 'done' | 'frame-invalid' | 'refused' | 'internal';

export interface TransportListener {
  /** A whole message that the peer calls text. */
  text(data: Buffer): void;
  /** A whole message that the peer calls binary. */
  bytes(data: Buffer): void;
  /** The next bytes of a stream, cut as the network likes. */
  piece(data: Buffer): void;
  /** The peer has asked whether we are there, with so many bytes; the transport has answered. */
  pinged(bytes: number): void;
  /** The peer is there: it has answered a ping, or says so unasked, with so many bytes. */
  ponged(bytes: number): void;
  /** Told as it comes; `closed` follows. */
  failed(error: Error): void;
  /** The peer has said that it will send no more, and waits for us to do the same. Not told by every network. */
  ended(): void;
  /** Gone, whoever closed it; comes once. `isOrderly`: the peer ended it as one does who is done. `how` is for people. */
  closed(isOrderly: boolean, how: string): void;
}

export interface Transport {
  /** Begins to tell; or goes on to tell another. A transport that is gone already says so before this returns. */
  open(listener: TransportListener): void;
  /** What is sent can still arrive. */
  readonly isOpen: boolean;
  /** Sent by us, and not yet taken by the network. */
  readonly unsentBytes: number;
  /** One message, or the next bytes of the stream, in one piece. `done` is called when the network has taken it, or never will. */
  send(data: string | Uint8Array, done: (error?: Error | null) => void): void;
  /** Asks whether the peer is there. Nothing, where that cannot be asked: then only a peer that sends is known to be. */
  ping(): void;
  /** Reads no more of what the peer sends. */
  pause(): void;
  /** Ends it in an orderly way: what was sent goes out, and the peer is awaited. `words`: why, for a peer that can be told. */
  close(reason: CloseReason, words?: string): void;
  /** Ends it now. */
  destroy(): void;
}
