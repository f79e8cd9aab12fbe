/** Two ends of one real socket on loopback, WebSocket or TCP: what a bridge is given, and the peer that a test plays. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { WebSocket, WebSocketServer, type ClientOptions } from 'ws';
import { BRIDGE_SERVER_OPTIONS } from '../../src/bridge/socket-line.ts';
import type { VirtualClock } from '../../src/lib/clock.ts';

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

/** What any peer of a bridge has of its WebSocket. To be made before the bridge is given its end. */
export function webSocketPeer(sockets: Sockets, clock: VirtualClock) {
  const { socket, peer, frames } = sockets;
  const closed = once(peer, 'close').then(([code]) => ({ code: code as number }));
  const own = ['message', 'pong', 'close'] as const;
  const before = own.map((event) => socket.listenerCount(event));
  return {
    frames,
    closed,
    sendRaw: (frame: string | Buffer) => peer.send(frame),
    settle: () => sockets.settle(),
    stopReading: () => peer.pause(),
    readOn: () => peer.resume(),
    drop: () => peer.terminate(),
    leftovers: () => ({
      handlers: own.reduce((sum, event, i) => sum + socket.listenerCount(event) - (before[i] ?? 0), 0),
      timers: clock.pending,
      isSocketOpen: socket.readyState !== socket.CLOSED,
    }),
    cleanUp: () => sockets.close(),
  };
}

export interface TcpSockets {
  socket: Socket;
  peer: Socket;
  /** Everything that the peer got. */
  received(): Buffer;
  settle(): Promise<void>;
  close(): Promise<void>;
}

export async function openTcpSockets(): Promise<TcpSockets> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const peer = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const pieces: Buffer[] = [];
  peer.setNoDelay(true);
  peer.on('data', (piece) => pieces.push(piece));
  peer.on('error', () => undefined);
  const [[socket]] = await Promise.all([accepted, once(peer, 'connect')]);
  return {
    socket,
    peer,
    received: () => Buffer.concat(pieces),
    settle: () => arrived(socket, peer),
    async close() {
      peer.destroy();
      socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Until every byte that either has written was read by the other, and by what that made them write. */
async function arrived(one: Socket, other: Socket): Promise<void> {
  for (let quiet = 0; quiet < 2 && !one.destroyed && !other.destroyed; await turn()) {
    const isThere = one.bytesRead === other.bytesWritten && other.bytesRead === one.bytesWritten;
    quiet = isThere ? quiet + 1 : 0;
  }
}

/** The same of a stream. */
export function tcpPeer(sockets: TcpSockets, clock: VirtualClock) {
  const { socket, peer } = sockets;
  const own = ['data', 'end', 'close'] as const;
  const before = own.map((event) => socket.listenerCount(event));
  return {
    closed: once(peer, 'close').then(() => ({ code: undefined })),
    sendRaw: (piece: string | Buffer) => void peer.write(piece),
    settle: () => sockets.settle(),
    stopReading: () => peer.pause(),
    readOn: () => peer.resume(),
    drop: () => peer.resetAndDestroy(),
    leftovers: () => ({
      handlers: own.reduce((sum, event, i) => sum + socket.listenerCount(event) - (before[i] ?? 0), 0),
      timers: clock.pending,
      isSocketOpen: !socket.closed,
    }),
    cleanUp: () => sockets.close(),
  };
}
