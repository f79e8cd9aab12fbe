/** Two ends of one real WebSocket on loopback: what a bridge is given, and the peer that a test plays. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer, type ClientOptions } from 'ws';
import { BRIDGE_SERVER_OPTIONS } from '../../../../src/bridge/socket-line.ts';

export interface Sockets {
  /** Ours. */
  socket: WebSocket;
  /** The peer's. */
  peer: WebSocket;
  /** Text frames that the peer got. */
  frames: string[];
  /** Everything that either side has sent has arrived at the other and was handled. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

export async function openSockets(options: ClientOptions = {}): Promise<Sockets> {
  const server = new WebSocketServer({ ...BRIDGE_SERVER_OPTIONS, host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[WebSocket]>;
  const peer = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, options);
  const frames: string[] = [];
  peer.on('message', (data: Buffer) => frames.push(data.toString()));
  peer.on('error', () => undefined);
  const [[socket]] = await Promise.all([accepted, once(peer, 'open')]);
  return {
    socket,
    peer,
    frames,
    async settle() {
      await echo(peer);
      await echo(socket);
    },
    async close() {
      peer.terminate();
      socket.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A pong comes back behind everything that was sent before the ping, and behind what the other side answered to it. */
async function echo(socket: WebSocket): Promise<void> {
  if (socket.readyState !== WebSocket.OPEN) return;
  const mark = Math.random().toString();
  await new Promise<void>((resolve) => {
    const done = (): void => {
      socket.off('pong', onPong).off('close', done);
      resolve();
    };
    const onPong = (data: Buffer): void => {
      if (data.toString() === mark) done();
    };
    socket.on('pong', onPong).on('close', done);
    socket.ping(mark);
  });
}
