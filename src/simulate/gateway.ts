/**
 * One address for several stand-ins, as the real services have one: what comes is handed on by its path, byte for byte,
 * and what breaks behind it breaks before it.
 */
import { Agent, createServer, request as send, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { openPort } from '../lib/open-port.ts';

export interface Route {
  /** Of the path, such as `/waves/v1/tts`. The first route that fits is taken; an empty one fits everything. */
  prefix: string;
  /** The address behind it, such as `http://127.0.0.1:1234/waves/v1`; its path is left out. */
  url: string;
}

export interface Gateway {
  readonly host: string;
  readonly port: number;
  /** Ends every connection and frees the port. */
  close(): Promise<void>;
}

/** @throws {VoiceError} `file-unreadable` when the port cannot be opened. */
export async function startGateway({ host, port, chosenBy, routes }: GatewayOptions): Promise<Gateway> {
  const agent = new Agent({ keepAlive: true });
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true, keepAliveTimeout: 75_000 }, (request, response) =>
    forward(request, response, { agent, target: targetOf(request, routes) }),
  );
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).once('close', () => sockets.delete(socket));
  });
  server.on('upgrade', (request, socket, head) =>
    forwardUpgrade(request, socket as Socket, head, targetOf(request, routes)),
  );
  const opened = await openPort(server, { host, port, chosenBy, backlog: 2_048 });
  return {
    host,
    port: opened,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      agent.destroy();
      await closed;
    },
  };
}

export interface GatewayOptions {
  host: string;
  /** 0 picks a free one. */
  port: number;
  /** How whoever starts it chooses another. Default: `port`. */
  chosenBy?: string;
  routes: readonly Route[];
}

/** Undefined when no route fits. */
function targetOf({ url = '/' }: IncomingMessage, routes: readonly Route[]): URL | undefined {
  const route = routes.find(({ prefix }) => url.startsWith(prefix));
  return route && new URL(route.url);
}

function forward(
  request: IncomingMessage,
  response: ServerResponse,
  { agent, target }: { agent: Agent; target: URL | undefined },
): void {
  if (!target) {
    request.resume();
    return void response.writeHead(404, { 'Content-Type': 'application/json' }).end('{"error":"Not found"}');
  }
  const { method, url, rawHeaders } = request;
  const reset = () => void request.socket.resetAndDestroy();
  const onward = send({ agent, host: target.hostname, port: target.port, method, path: url, headers: rawHeaders });
  onward.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
    response.flushHeaders();
    answer.on('error', reset);
    answer.pipe(response);
  });
  onward.on('error', reset);
  response.on('close', () => onward.destroy());
  request.on('error', () => onward.destroy());
  request.pipe(onward);
}

function forwardUpgrade(request: IncomingMessage, socket: Socket, head: Buffer, target: URL | undefined): void {
  if (!target) return void socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  const { method, url, rawHeaders } = request;
  const onward = connect({ host: target.hostname, port: Number(target.port), noDelay: true });
  const headers = rawHeaders.map((text, index) => (index % 2 === 0 ? `${text}: ` : `${text}\r\n`)).join('');
  onward.write(`${method} ${url} HTTP/1.1\r\n${headers}\r\n`);
  onward.write(head);
  onward.pipe(socket).pipe(onward);
  onward.on('error', () => socket.resetAndDestroy()).once('close', () => socket.destroy());
  socket.once('close', () => onward.destroy());
}
