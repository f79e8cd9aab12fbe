/** How a call reaches its worker. One interface, so that another way than a WebSocket can stand in its place. */
import { SUBPROTOCOL } from './wire.ts';

export interface TransportListener {
  opened(): void;
  text(text: string): void;
  bytes(bytes: ArrayBuffer): void;
  /** Gone, or never there; comes once. */
  closed(code: number): void;
}

export interface Transport {
  send(data: string | ArrayBuffer): void;
  /** `isDone`: for good; else whoever closes will be back on another. */
  close(isDone: boolean): void;
}

/** `credential`: `token.…`, or `resume.…`. */
export type OpenTransport = (url: string, credential: string, listener: TransportListener) => Transport;

/** A close code of our own: the worker keeps the line. */
const WILL_BE_BACK = 4000;

export const openWebSocket: OpenTransport = (url, credential, listener) => {
  const socket = new WebSocket(url, [SUBPROTOCOL, credential]);
  socket.binaryType = 'arraybuffer';
  socket.onopen = () => listener.opened();
  socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) =>
    typeof data === 'string' ? listener.text(data) : listener.bytes(data);
  socket.onclose = ({ code }) => listener.closed(code);
  return {
    send(data) {
      if (socket.readyState === WebSocket.OPEN) socket.send(data);
    },
    close(isDone) {
      socket.onopen = socket.onmessage = null;
      socket.close(isDone ? 1000 : WILL_BE_BACK);
    },
  };
};
