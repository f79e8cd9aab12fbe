/**
 * The server of HTTP, as it meets strangers: whoever sends slowly, or nothing, is let go, every header is kept, and a
 * connection has one request at a time.
 */
import { createServer, IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import type { Connections } from './connections.ts';
import type { PassedRequest } from './group.ts';
import type { Bindings } from './routes.ts';

/** Times in milliseconds. A probe of HTTP/1.1 that names no host is answered all the same. */
const LIMITS = {
  maxHeaderSize: 16_384,
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
  requireHostHeader: false,
} as const;
/** Of addresses that routes never look at, for whoever names no host. */
const NOBODYS_HOST = 'localhost';

export interface HttpServerOptions {
  routes: Hono<{ Bindings: Bindings }>;
  connections: Connections;
  /** It listens nowhere: another server hands it what comes. Then nothing of the whole process is changed. */
  isGuest?: boolean;
  upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

export function createHttpServer({ routes, connections, isGuest = false, upgrade }: HttpServerOptions): Server {
  const answer = getRequestListener(routes.fetch, { hostname: NOBODYS_HOST, overrideGlobalObjects: !isGuest });
  const server = createServer(LIMITS, (request, response) => {
    // nobody who means well sends the next before the answer; a thousand of them lie in one piece, and all come at once
    if (!connections.ask(request.socket, response)) return void request.socket.destroy();
    void answer(request, response);
  });
  server.maxHeadersCount = 0; // all of them come, since one that was lost in silence may say whose they are
  server.on('connection', (socket: Socket) => {
    connections.arrive(socket);
    socket.once('close', () => connections.keep(socket));
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (connections.isAsking(request.socket)) return void socket.destroy();
    upgrade(request, socket, head);
  });
  return server;
}

/** An upgrade that another process has read. */
export function requestOf(socket: Socket, request: PassedRequest): IncomingMessage {
  return Object.assign(new IncomingMessage(socket), { method: 'GET', httpVersion: '1.1', ...request });
}
